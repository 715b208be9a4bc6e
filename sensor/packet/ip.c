/* IPv4, IPv6 and the headers between IP and the transport. Fields with their lengths in bits:
 *
 *     IPv4      version 4 | header length 4 | service 8 | total length 16         RFC 791
 *               identification 16 | flags 3 | fragment offset 13
 *               time to live 8 | protocol 8 | header checksum 16
 *               source 32 | destination 32 | options
 *     IPv6      version 4 | traffic class 8 | flow label 20                       RFC 8200
 *               payload length 16 | next header 8 | hop limit 8
 *               source 128 | destination 128
 *     options   next header 8 | bytes / 8 - 1, 8 | options
 *     routing   next header 8 | bytes / 8 - 1, 8 | type 8 | segments left 8 | data
 *     fragment  next header 8 | zero 8 | offset 13 | zero 2 | more 1 | identification 32
 *
 * Stateless but for fragments, which the decoder's defragmenter keeps. */
#include "core/checksum.h"
#include "sensor/packet/walk.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK    0x1fff
#define IPV6_MORE_FRAGMENTS 0x1
#define IPV6_OFFSET_MASK    0xfff8

#define IPV6_OPTION_PAD1  0
#define IPV6_OPTION_JUMBO 0xc2

/* IANA protocol numbers. What is not here is LAYER_OTHER. */
static const uint8_t protocol_layer[2][256] = {
        /* in IPv4 */
        {
                [4] = LAYER_IPV4_INSIDE,
                [IP_PROTOCOL_TCP] = LAYER_TCP,
                [IP_PROTOCOL_UDP] = LAYER_UDP,
                [41] = LAYER_IPV6_INSIDE,
                [47] = LAYER_GRE,
        },
        /* in IPv6 */
        {
                [0] = LAYER_HOP_BY_HOP,
                [4] = LAYER_IPV4_INSIDE,
                [IP_PROTOCOL_TCP] = LAYER_TCP,
                [IP_PROTOCOL_UDP] = LAYER_UDP,
                [41] = LAYER_IPV6_INSIDE,
                [43] = LAYER_ROUTING,
                [44] = LAYER_FRAGMENT,
                [47] = LAYER_GRE,
                [60] = LAYER_DESTINATION_OPTIONS,
        },
};

enum layer walk_protocol(struct walk *w, uint8_t protocol)
{
	w->packet->protocol = protocol;
	w->packet->payload = reader_rest(&w->r);
	w->packet->payload_length = (uint32_t)walk_promised(w);
	return protocol_layer[w->ipv6][protocol];
}

/* Hands a fragment over, and goes on with the whole datagram when it was the last one missing. */
static enum layer walk_defragment(struct walk *w, struct fragment *fragment)
{
	struct datagram_view whole;

	/* Half a fragment cannot make a whole datagram. */
	if (w->missing)
		return walk_end(w, COUNTER_TRUNCATED_CAPTURE);
	fragment->key.source = w->packet->source;
	fragment->key.destination = w->packet->destination;
	memcpy(fragment->key.vlan, w->packet->vlan, sizeof(fragment->key.vlan));
	fragment->data = reader_rest(&w->r);
	fragment->time = w->packet->time;

	enum counter outcome = defragment(w->decoder->defragmenter, fragment, &whole);

	if (outcome != COUNTER_FRAGMENTS_COMPLETED)
		return walk_end(w, outcome);
	w->r = reader_over(whole.data);
	return walk_protocol(w, whole.protocol);
}

__attribute__((noinline)) static enum layer walk_ipv4_fragment(struct walk *w, uint16_t id,
                                                               uint16_t flags, uint8_t protocol)
{
	struct fragment fragment = {
	        .key = {.id = id, .protocol = protocol, .version = 4},
	        .offset = (flags & IPV4_OFFSET_MASK) * 8u,
	        .more = flags & IPV4_MORE_FRAGMENTS,
	        .protocol = protocol,
	};

	return walk_defragment(w, &fragment);
}

__attribute__((noinline)) static void verify_ipv4_header(struct walk *w, struct bytes header)
{
	if (checksum_fits(checksum_add(0, header)))
		return;
	w->packet->bad_checksum = true;
	count(w->decoder->counters, COUNTER_DECODE_BAD_CHECKSUM);
}

enum layer walk_ipv4(struct walk *w)
{
	struct reader start = w->r;
	size_t promised = walk_promised(w);
	struct bytes fixed = reader_take(&w->r, IPV4_HEADER);

	if (fixed.len != IPV4_HEADER)
		return walk_short(w, COUNTER_MALFORMED_IP);

	struct reader h = reader_over(fixed);
	uint8_t version = reader_u8(&h);
	size_t header = (version & 0xf) * 4u;

	reader_skip(&h, 1);

	size_t total = reader_u16be(&h);
	uint16_t id = reader_u16be(&h), flags = reader_u16be(&h);

	reader_skip(&h, 1);

	uint8_t protocol = reader_u8(&h);

	reader_skip(&h, 2);
	w->packet->source = address_from(reader_take(&h, 4));
	w->packet->destination = address_from(reader_take(&h, 4));
	w->ipv6 = w->rerouted = false;

	/* A sender that leaves segmentation to its interface is seen with length 0. */
	if (!total)
		total = promised;
	if (version >> 4 != 4 || header < IPV4_HEADER || total < header ||
	    walk_overlong(w, total - IPV4_HEADER))
		return walk_malformed(w, COUNTER_MALFORMED_IP);
	reader_skip(&w->r, header - IPV4_HEADER);
	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_IP);
	if (w->decoder->limits.verify_checksums)
		verify_ipv4_header(w, reader_take(&start, header));
	walk_limit(w, total - header);
	if (flags & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK))
		return walk_ipv4_fragment(w, id, flags, protocol);
	return walk_protocol(w, protocol);
}

enum layer walk_ipv6(struct walk *w)
{
	struct bytes fixed = reader_take(&w->r, IPV6_HEADER);

	if (fixed.len != IPV6_HEADER)
		return walk_short(w, COUNTER_MALFORMED_IP);

	struct reader h = reader_over(fixed);
	uint32_t version = reader_u32be(&h) >> 28;
	size_t length = reader_u16be(&h);
	uint8_t next = reader_u8(&h);

	reader_skip(&h, 1);
	w->packet->source = address_from(reader_take(&h, 16));
	w->packet->destination = address_from(reader_take(&h, 16));
	w->ipv6 = true;
	w->rerouted = w->extended = false;
	if (version != 6 || walk_overlong(w, length))
		return walk_malformed(w, COUNTER_MALFORMED_IP);
	/* Length 0 is right only where nothing follows: jumbograms end as headers cut short. */
	walk_limit(w, length);
	return walk_protocol(w, next);
}

enum layer walk_ipv4_inside(struct walk *w)
{
	return walk_tunnel(w, TUNNEL_IPIP) ? LAYER_IPV4 : walk_too_deep(w);
}

enum layer walk_ipv6_inside(struct walk *w)
{
	return walk_tunnel(w, TUNNEL_IPIP) ? LAYER_IPV6 : walk_too_deep(w);
}

/* Reads an extension header of 8 bytes and `units` of 8 more, and leaves its data in `data`. */
static bool extension_read(struct walk *w, uint8_t *next, struct reader *data)
{
	*next = reader_u8(&w->r);

	size_t length = reader_u8(&w->r) * (size_t)8 + 6;

	*data = reader_over(reader_take(&w->r, length));
	w->extended = true;
	return reader_ok(&w->r);
}

/* Only routers on the way read these options; they must stand first (RFC 8200, 4.1). A jumbogram
 * has length 0 in its IPv6 header, so one that gets here is an error (RFC 2675, 3). */
static bool hop_by_hop_options_fit(struct reader *options)
{
	while (reader_left(options)) {
		uint8_t type = reader_u8(options);

		if (type == IPV6_OPTION_JUMBO)
			return false;
		if (type != IPV6_OPTION_PAD1)
			reader_skip(options, reader_u8(options));
	}
	return reader_ok(options);
}

enum layer walk_hop_by_hop(struct walk *w)
{
	struct reader options;
	bool first = !w->extended;
	uint8_t next;

	if (!walk_deeper(w))
		return walk_too_deep(w);
	if (!extension_read(w, &next, &options))
		return walk_short(w, COUNTER_MALFORMED_IP);
	if (!first || !hop_by_hop_options_fit(&options))
		return walk_malformed(w, COUNTER_MALFORMED_IP);
	return walk_protocol(w, next);
}

enum layer walk_destination_options(struct walk *w)
{
	struct reader options;
	uint8_t next;

	if (!walk_deeper(w))
		return walk_too_deep(w);
	if (!extension_read(w, &next, &options))
		return walk_short(w, COUNTER_MALFORMED_IP);
	return walk_protocol(w, next);
}

enum layer walk_routing(struct walk *w)
{
	struct reader route;
	uint8_t next;

	if (!walk_deeper(w))
		return walk_too_deep(w);
	if (!extension_read(w, &next, &route))
		return walk_short(w, COUNTER_MALFORMED_IP);
	reader_skip(&route, 1);
	if (reader_u8(&route)) /* segments left */
		w->rerouted = true;
	return walk_protocol(w, next);
}

enum layer walk_fragment(struct walk *w)
{
	uint8_t next = reader_u8(&w->r);

	reader_skip(&w->r, 1);

	uint16_t offset = reader_u16be(&w->r);
	struct fragment fragment = {
	        .key = {.id = reader_u32be(&w->r), .version = 6},
	        .offset = offset & IPV6_OFFSET_MASK,
	        .more = offset & IPV6_MORE_FRAGMENTS,
	        .protocol = next,
	};

	w->extended = true;
	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_IP);
	if (!walk_deeper(w))
		return walk_too_deep(w);
	/* A fragment that is a whole datagram never meets others (RFC 6946). */
	if (!fragment.offset && !fragment.more)
		return walk_protocol(w, next);
	return walk_defragment(w, &fragment);
}
