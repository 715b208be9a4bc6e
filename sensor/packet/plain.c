/* The short way for the frame that nearly all frames are.
 *
 *    Ethernet 14 | IPv4 20, no options, no fragment  | TCP or UDP, to its end
 *                | IPv6 40, no extension headers     |
 *
 * A frame of just this form, captured whole, is read here at once; every other one takes the walk
 * of decode.c, and so does one that is wrong in any way. Both say the same of the same frame, which
 * the tests hold them to. Stateless, so that any thread may look. */
#include "sensor/packet/plain.h"

#include "core/checksum.h"
#include "sensor/capture/capture.h"
#include "sensor/packet/plain_flow.h"
#include "sensor/packet/walk.h"

#include <arpa/inet.h>

#define ETHERNET_HEADER 14
#define IPV4_HEADER     20
#define IPV6_HEADER     40
#define TCP_HEADER      20
#define UDP_HEADER      8

#define ETHERTYPE_IPV4     0x0800
#define ETHERTYPE_IPV6     0x86dd
#define VERSION_4_LENGTH_5 0x45
/* More fragments, and the fragment offset. */
#define FRAGMENT_BITS      0x3fff

/* Ports behind which tunnels are looked for. */
static inline bool is_tunnel_port(uint16_t port)
{
	return port == UDP_PORT_VXLAN || port == UDP_PORT_VXLAN_LINUX || port == UDP_PORT_GENEVE;
}

/* The header of TCP in front of `segment` bytes; its length, or 0 when it is wrong. */
static inline size_t look_tcp(struct reader r, size_t segment, struct plain *p)
{
	struct reader h = reader_inside(&r, TCP_HEADER);
	size_t header;

	if (!reader_ok(&h))
		return 0;
	p->source_port = reader_u16be(&h);
	p->destination_port = reader_u16be(&h);
	p->tcp_sequence = reader_u32be(&h);
	p->tcp_acknowledgment = reader_u32be(&h);
	header = (reader_u8(&h) >> 4) * 4u;
	p->tcp_flags = reader_u8(&h);
	p->summed = true;
	return header < TCP_HEADER || header > segment ? 0 : header;
}

static inline size_t look_udp(struct reader r, size_t segment, struct plain *p)
{
	struct reader h = reader_inside(&r, UDP_HEADER);
	uint16_t length, checksum;

	if (!reader_ok(&h))
		return 0;
	p->source_port = reader_u16be(&h);
	p->destination_port = reader_u16be(&h);
	p->tcp_sequence = p->tcp_acknowledgment = 0;
	p->tcp_flags = 0;
	length = reader_u16be(&h);
	checksum = reader_u16be(&h);
	/* Only IPv4 may leave it out (RFC 768; RFC 8200, 8.1). */
	p->summed = checksum || p->ipv6;
	if (length != segment || segment < UDP_HEADER || is_tunnel_port(p->destination_port))
		return 0;
	return UDP_HEADER;
}

/* Reads the IP header; how many bytes it says are behind it, or SIZE_MAX when it is not plain. The
 * checksum is the sum of the words that are read anyway. */
static inline size_t look_ipv4(struct reader *r, struct plain *p)
{
	struct reader ip = reader_inside(r, IPV4_HEADER);

	if (!reader_ok(&ip))
		return SIZE_MAX;

	uint32_t version_and_total = reader_u32be(&ip), id_and_fragment = reader_u32be(&ip);
	uint32_t protocol_and_sum = reader_u32be(&ip);
	uint32_t source = reader_u32be(&ip), destination = reader_u32be(&ip);
	uint64_t sum = (uint64_t)version_and_total + id_and_fragment + protocol_and_sum + source +
	               destination;
	size_t total = version_and_total & 0xffff;

	if (version_and_total >> 24 != VERSION_4_LENGTH_5 || id_and_fragment & FRAGMENT_BITS ||
	    total < IPV4_HEADER)
		return SIZE_MAX;
	p->protocol = (uint8_t)(protocol_and_sum >> 16);
	p->source = htonl(source);
	p->destination = htonl(destination);
	p->bad_checksum = !checksum_fits(sum);
	return total - IPV4_HEADER;
}

static inline size_t look_ipv6(struct reader *r, struct plain *p)
{
	struct reader ip = reader_inside(r, IPV6_HEADER);

	if (!reader_ok(&ip))
		return SIZE_MAX;

	uint32_t version = reader_u32be(&ip) >> 28;
	size_t length = reader_u16be(&ip);

	p->protocol = reader_u8(&ip);
	return version != 6 ? SIZE_MAX : length;
}

/* Each field is written where it stays: a struct put together elsewhere and then moved would be
 * read back in other pieces than it was written in, for which processors must wait. */
static inline void look(struct frame *frame)
{
	struct reader r = reader_over(frame->data);
	struct reader ethernet = reader_inside(&r, ETHERNET_HEADER);
	struct plain *p = &frame->plain;
	size_t segment = SIZE_MAX, header = 0;

	if (!reader_ok(&ethernet))
		return;
	reader_skip(&ethernet, 12);

	uint16_t type = reader_u16be(&ethernet);

	p->bad_checksum = false;
	p->ipv6 = type == ETHERTYPE_IPV6;
	if (type == ETHERTYPE_IPV4)
		segment = look_ipv4(&r, p);
	else if (p->ipv6)
		segment = look_ipv6(&r, p);
	if (segment > reader_left(&r))
		return;
	if (p->protocol == IP_PROTOCOL_TCP)
		header = look_tcp(r, segment, p);
	else if (p->protocol == IP_PROTOCOL_UDP)
		header = look_udp(r, segment, p);
	if (!header)
		return;
	p->turned = plain_is_turned(frame->data, p);
	p->hash = plain_hash_of(plain_words(frame->data, p));
	p->payload_length = (uint16_t)(segment - header);
	p->payload_at = (uint8_t)(frame->data.len - reader_left(&r) + header);
}

void plain_look(struct frame *frames, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct frame *f = &frames[i];

		f->plain.payload_at = 0;
		if (f->link_type == LINKTYPE_ETHERNET && f->wire_length <= f->data.len)
			look(f);
	}
}

static struct address unmapped(uint32_t raw)
{
	uint8_t at[4];

	memcpy(at, &raw, sizeof(at));
	return address_from((struct bytes){at, sizeof(at)});
}

void plain_packet(const struct frame *frame, struct packet *packet)
{
	const struct plain *p = &frame->plain;
	size_t ip = p->ipv6 ? IPV6_HEADER : IPV4_HEADER;
	size_t segment_at = ETHERNET_HEADER + ip;
	size_t end = (size_t)p->payload_at + p->payload_length;
	struct reader ethernet = reader_over(frame->data);

	packet->time = frame->time;
	packet->wire_length = frame->wire_length;
	packet->source =
	        p->ipv6 ? address_from(plain_ipv6_address(frame->data, 0)) : unmapped(p->source);
	packet->destination = p->ipv6 ? address_from(plain_ipv6_address(frame->data, 1))
	                              : unmapped(p->destination);
	packet->source_port = p->source_port;
	packet->destination_port = p->destination_port;
	packet->protocol = p->protocol;
	packet->tcp_flags = p->tcp_flags;
	packet->tcp_sequence = p->tcp_sequence;
	packet->tcp_acknowledgment = p->tcp_acknowledgment;
	packet->payload = bytes_slice(frame->data, p->payload_at, p->payload_length);
	packet->payload_length = p->payload_length;
	packet->segment = p->summed ? bytes_slice(frame->data, segment_at, end - segment_at)
	                            : (struct bytes){0};
	packet->bad_checksum = false;
	packet->vlan_count = packet->tunnel_count = 0;
	memset(packet->vlan, 0, sizeof(packet->vlan));
	memset(packet->tunnel, 0, sizeof(packet->tunnel));
	packet->destination_mac = reader_take(&ethernet, 6);
	packet->source_mac = reader_take(&ethernet, 6);
}
