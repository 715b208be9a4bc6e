/* The decoder: the table of layers, and the loop that walks a frame from one to the next.
 *
 *     link layer -> tags, labels -> IP -> extensions, fragments -> TCP, UDP
 *                        ^          ^                |
 *                        +----------+--- tunnels <---+
 *
 * The thread that calls decode() owns the decoder and all that it holds. */
#include "sensor/packet/decode.h"

#include "sensor/capture/capture.h"
#include "sensor/packet/walk.h"

#include <stdlib.h>

static enum layer (*const step[LAYER_COUNT])(struct walk *) = {
        [LAYER_ETHERNET] = walk_ethernet,
        [LAYER_LINUX_SLL] = walk_linux_sll,
        [LAYER_LINUX_SLL2] = walk_linux_sll2,
        [LAYER_LOOPBACK] = walk_loopback,
        [LAYER_RAW_IP] = walk_raw_ip,
        [LAYER_LLC] = walk_llc,
        [LAYER_VLAN] = walk_vlan,
        [LAYER_MPLS] = walk_mpls,
        [LAYER_PPPOE] = walk_pppoe,
        [LAYER_IPV4] = walk_ipv4,
        [LAYER_IPV6] = walk_ipv6,
        [LAYER_IPV4_INSIDE] = walk_ipv4_inside,
        [LAYER_IPV6_INSIDE] = walk_ipv6_inside,
        [LAYER_HOP_BY_HOP] = walk_hop_by_hop,
        [LAYER_DESTINATION_OPTIONS] = walk_destination_options,
        [LAYER_ROUTING] = walk_routing,
        [LAYER_FRAGMENT] = walk_fragment,
        [LAYER_GRE] = walk_gre,
        [LAYER_TCP] = walk_tcp,
        [LAYER_UDP] = walk_udp,
};

/* LINKTYPE_ numbers of pcap files. 12 and 14 are what some systems wrote for raw IP. */
static const struct {
	uint16_t link_type;
	uint8_t layer;
} link_layer[] = {
        {1, LAYER_ETHERNET},     /* LINKTYPE_ETHERNET */
        {113, LAYER_LINUX_SLL},  /* LINKTYPE_LINUX_SLL */
        {276, LAYER_LINUX_SLL2}, /* LINKTYPE_LINUX_SLL2 */
        {101, LAYER_RAW_IP},     /* LINKTYPE_RAW */
        {12, LAYER_RAW_IP},      /* DLT_RAW */
        {14, LAYER_RAW_IP},      /* DLT_RAW of OpenBSD */
        {228, LAYER_RAW_IP},     /* LINKTYPE_IPV4 */
        {229, LAYER_RAW_IP},     /* LINKTYPE_IPV6 */
        {0, LAYER_LOOPBACK},     /* LINKTYPE_NULL */
        {108, LAYER_LOOPBACK},   /* LINKTYPE_LOOP */
};

static enum layer layer_of_link(uint16_t link_type)
{
	for (size_t i = 0; i < sizeof(link_layer) / sizeof(*link_layer); i++)
		if (link_layer[i].link_type == link_type)
			return link_layer[i].layer;
	return LAYER_NONE;
}

static const char *const tunnel_names[] = {
        [TUNNEL_MPLS] = "mpls",     [TUNNEL_PPPOE] = "pppoe", [TUNNEL_GRE] = "gre",
        [TUNNEL_ERSPAN] = "erspan", [TUNNEL_VXLAN] = "vxlan", [TUNNEL_GENEVE] = "geneve",
        [TUNNEL_IPIP] = "ipip",     [TUNNEL_AH] = "ah",       [TUNNEL_ESP] = "esp",
        [TUNNEL_WESP] = "wesp",
};

const char *tunnel_name(enum tunnel tunnel)
{
	return tunnel_names[tunnel];
}

struct decoder *decoder_open(struct decode_limits limits, struct blocks *blocks,
                             struct arena *scratch, struct counters *counters)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->limits = limits;
	d->counters = counters;
	d->defragmenter = defragmenter_open(limits.fragments, limits.fragment_timeout, blocks,
	                                    scratch, counters);
	if (!d->defragmenter) {
		free(d);
		return NULL;
	}
	return d;
}

void decoder_close(struct decoder *d)
{
	if (!d)
		return;
	defragmenter_close(d->defragmenter);
	free(d);
}

void decoder_report(struct decoder *d, struct fault_report report)
{
	d->report = report;
	defragmenter_report(d->defragmenter, report);
}

enum layer walk_malformed(struct walk *w, enum counter malformed)
{
	const struct fault_report *report = &w->decoder->report;

	if (report->tell && !address_is_zero(w->packet->destination))
		report->tell(report->context, FAULT_HEADER, w->packet->source,
		             w->packet->destination);
	return walk_end(w, malformed);
}

void decoder_expire(struct decoder *d, int64_t now)
{
	defragmenter_expire(d->defragmenter, now);
}

static enum decode_outcome decode_end(struct walk *w, enum layer layer)
{
	if (layer == LAYER_NOT_IP)
		count(w->decoder->counters, COUNTER_NO_INTEREST_NOT_IP);
	if (layer == LAYER_NOT_IP || layer == LAYER_NONE)
		return DECODE_NONE;
	if (w->packet->tunnel_count)
		count(w->decoder->counters, COUNTER_DECODE_TUNNELS);
	return layer == LAYER_PACKET ? DECODE_PACKET : DECODE_OTHER;
}

/* Copied, because compilers clear a struct of this size with a string instruction that takes longer
 * than the rest of the walk. */
static const struct packet blank;

/* The long way: layer by layer. */
static enum decode_outcome decode_layers(struct decoder *d, const struct frame *frame,
                                         struct packet *packet)
{
	size_t captured = frame->data.len;
	struct walk w = {
	        .decoder = d,
	        .packet = packet,
	        .missing = frame->wire_length > captured ? frame->wire_length - captured : 0,
	        .depth = d->limits.tunnel_depth,
	};
	enum layer layer = layer_of_link(frame->link_type);

	*packet = blank;
	packet->time = frame->time;
	packet->wire_length = frame->wire_length;
	if (layer == LAYER_NONE)
		return decode_end(&w, walk_end(&w, COUNTER_NO_INTEREST_LINK));
	if (!captured)
		return decode_end(&w, walk_short(&w, COUNTER_MALFORMED_LINK));
	w.r = reader_over(frame->data);
	while (layer >= LAYER_FIRST_STEP)
		layer = step[layer](&w);
	return decode_end(&w, layer);
}

enum decode_outcome decode(struct decoder *d, const struct frame *frame, struct packet *packet)
{
	if (!frame->plain.payload_at)
		return decode_layers(d, frame, packet);
	plain_packet(frame, packet);
	if (frame->plain.bad_checksum && d->limits.verify_checksums) {
		packet->bad_checksum = true;
		count(d->counters, COUNTER_DECODE_BAD_CHECKSUM);
	}
	return DECODE_PACKET;
}

static void turn_around(struct packet *p)
{
	struct packet was = *p;

	p->source = was.destination;
	p->destination = was.source;
	p->source_mac = was.destination_mac;
	p->destination_mac = was.source_mac;
}

enum decode_outcome decode_inside(struct decoder *d, const struct packet *outer,
                                  const struct packet_inside *inside, struct packet *packet)
{
	struct walk w = {
	        .decoder = d,
	        .packet = packet,
	        .r = reader_over(inside->bytes),
	        .missing = inside->missing,
	        .depth = d->limits.tunnel_depth,
	        .ipv6 = !address_is_v4(outer->source),
	        .extended = true,
	};
	enum layer layer;

	*packet = *outer;
	packet->time = inside->time;
	packet->wire_length = (uint32_t)walk_promised(&w);
	packet->source_port = packet->destination_port = 0;
	packet->tcp_flags = 0;
	packet->segment = (struct bytes){0};
	packet->bad_checksum = false;
	if (inside->backwards)
		turn_around(packet);
	/* Each wrapping counts, or a packet could lead round in circles. */
	if (packet->tunnel_count == PACKET_TUNNELS || !walk_tunnel(&w, inside->tunnel))
		return decode_end(&w, walk_too_deep(&w));
	layer = walk_protocol(&w, inside->protocol);
	while (layer >= LAYER_FIRST_STEP)
		layer = step[layer](&w);
	return decode_end(&w, layer);
}
