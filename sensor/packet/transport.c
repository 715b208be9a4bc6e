/* TCP and UDP headers.
 *
 *     TCP   source port 16 | destination port 16                             RFC 9293, bits
 *           sequence number 32
 *           acknowledgment number 32
 *           data offset 4 | reserved 4 | flags 8 | window 16
 *           checksum 16 | urgent pointer 16 | options
 *     UDP   source port 16 | destination port 16 | length 16 | checksum 16   RFC 768
 *
 * Stateless. */
#include "core/checksum.h"
#include "sensor/packet/walk.h"

#define TCP_HEADER 20
#define UDP_HEADER 8

static void verify(struct decoder *d, struct packet *p, uint8_t protocol, struct bytes segment)
{
	if (checksum_fits_transport(p->source, p->destination, protocol, segment))
		return;
	p->bad_checksum = true;
	count(d->counters, COUNTER_DECODE_BAD_CHECKSUM);
}

void decode_verify(struct decoder *d, struct packet *packet)
{
	if (packet->segment.len && d->limits.verify_checksums)
		verify(d, packet, packet->protocol, packet->segment);
}

/* What was not captured whole cannot be judged, and behind a routing header the destination that
 * was summed is not the one in the IP header. */
static struct bytes verifiable(const struct walk *w, struct bytes segment)
{
	return w->missing || w->rerouted ? (struct bytes){0} : segment;
}

enum layer walk_tcp(struct walk *w)
{
	struct packet *p = w->packet;
	struct bytes segment = reader_rest(&w->r);
	struct bytes fixed = reader_take(&w->r, TCP_HEADER);

	if (fixed.len != TCP_HEADER)
		return walk_short(w, COUNTER_MALFORMED_TRANSPORT);

	struct reader h = reader_over(fixed);

	p->source_port = reader_u16be(&h);
	p->destination_port = reader_u16be(&h);
	p->tcp_sequence = reader_u32be(&h);
	p->tcp_acknowledgment = reader_u32be(&h);

	size_t header = (reader_u8(&h) >> 4) * 4u;

	p->tcp_flags = reader_u8(&h);
	if (header < TCP_HEADER || header - TCP_HEADER > walk_promised(w))
		return walk_malformed(w, COUNTER_MALFORMED_TRANSPORT);
	p->segment = verifiable(w, segment);
	/* Options that were cut off by the snap length cost nothing but themselves. */
	p->payload_length = (uint32_t)(walk_promised(w) - (header - TCP_HEADER));
	reader_skip(&w->r, header - TCP_HEADER);
	p->payload = reader_rest(&w->r);
	return LAYER_PACKET;
}

enum layer walk_udp(struct walk *w)
{
	struct packet *p = w->packet;
	struct bytes segment = reader_rest(&w->r);
	size_t promised = walk_promised(w);
	struct bytes fixed = reader_take(&w->r, UDP_HEADER);

	if (fixed.len != UDP_HEADER)
		return walk_short(w, COUNTER_MALFORMED_TRANSPORT);

	struct reader h = reader_over(fixed);
	uint16_t source_port = reader_u16be(&h), destination_port = reader_u16be(&h);
	size_t length = reader_u16be(&h);
	uint16_t checksum = reader_u16be(&h);

	if (length < UDP_HEADER || length > promised)
		return walk_malformed(w, COUNTER_MALFORMED_TRANSPORT);
	walk_limit(w, length - UDP_HEADER);

	struct bytes payload = reader_rest(&w->r);
	uint32_t payload_length = (uint32_t)walk_promised(w);
	enum layer next = walk_udp_tunnel(w, destination_port);

	segment = verifiable(w, bytes_slice(segment, 0, length));
	/* IPv4 may leave the checksum out, and tunnels may over IPv6 too (RFC 6935). */
	if (!checksum && !(w->ipv6 && next == LAYER_PACKET))
		segment = (struct bytes){0};
	if (next != LAYER_PACKET) {
		if (segment.len && w->decoder->limits.verify_checksums)
			verify(w->decoder, p, IP_PROTOCOL_UDP, segment);
		return next;
	}
	p->segment = segment;
	p->source_port = source_port;
	p->destination_port = destination_port;
	p->payload = payload;
	p->payload_length = payload_length;
	return LAYER_PACKET;
}
