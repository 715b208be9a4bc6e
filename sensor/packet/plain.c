/* The short way for the packet that nearly all packets are.
 *
 *    Ethernet 14 | IPv4 20, no options, no fragment | TCP or UDP, to its end
 *
 * A frame of just this form, captured whole, is read here at once; every other one takes the walk
 * of decode.c, and so does one that is wrong in any way. Both say the same of the same frame, which
 * the tests hold them to. Stateless. */
#include "core/checksum.h"
#include "sensor/packet/walk.h"

#define ETHERNET_HEADER 14
#define IPV4_HEADER     20
#define TCP_HEADER      20
#define UDP_HEADER      8

#define ETHERTYPE_IPV4     0x0800
#define VERSION_4_LENGTH_5 0x45
/* More fragments, and the fragment offset. */
#define FRAGMENT_BITS      0x3fff

/* Ports behind which tunnels are looked for. */
static bool is_tunnel_port(uint16_t port)
{
	return port == UDP_PORT_VXLAN || port == UDP_PORT_VXLAN_LINUX || port == UDP_PORT_GENEVE;
}

static bool read_tcp(struct bytes segment, struct packet *p)
{
	struct reader r = reader_over(segment);
	struct reader h = reader_inside(&r, TCP_HEADER);
	size_t header;

	p->source_port = reader_u16be(&h);
	p->destination_port = reader_u16be(&h);
	p->tcp_sequence = reader_u32be(&h);
	p->tcp_acknowledgment = reader_u32be(&h);
	header = (reader_u8(&h) >> 4) * 4u;
	p->tcp_flags = reader_u8(&h);
	if (!reader_ok(&h) || header < TCP_HEADER || header > segment.len)
		return false;
	reader_skip(&r, header - TCP_HEADER);
	p->payload = reader_rest(&r);
	p->segment = segment;
	return true;
}

static bool read_udp(struct bytes segment, struct packet *p)
{
	struct reader r = reader_over(segment);
	struct reader h = reader_inside(&r, UDP_HEADER);

	p->source_port = reader_u16be(&h);
	p->destination_port = reader_u16be(&h);
	p->tcp_sequence = p->tcp_acknowledgment = 0;
	p->tcp_flags = 0;

	uint16_t length = reader_u16be(&h), checksum = reader_u16be(&h);

	if (!reader_ok(&h) || length != segment.len || is_tunnel_port(p->destination_port))
		return false;
	p->payload = reader_rest(&r);
	p->segment = checksum ? segment : (struct bytes){0};
	return true;
}

bool decode_plain(struct decoder *d, struct bytes frame, struct packet *p)
{
	struct reader r = reader_over(frame);
	struct reader ethernet = reader_inside(&r, ETHERNET_HEADER);
	struct bytes ip_header = reader_peek(&r, IPV4_HEADER);
	struct reader ip = reader_inside(&r, IPV4_HEADER);
	struct bytes destination_mac = reader_take(&ethernet, 6);
	struct bytes source_mac = reader_take(&ethernet, 6);
	uint16_t type = reader_u16be(&ethernet);
	uint16_t version = reader_u16be(&ip), total = reader_u16be(&ip);
	uint32_t id_and_fragment = reader_u32be(&ip);
	uint16_t protocol = reader_u16be(&ip);

	reader_skip(&ip, 2);

	struct bytes addresses = reader_take(&ip, 8);

	if (!reader_ok(&ip) || type != ETHERTYPE_IPV4 || version >> 8 != VERSION_4_LENGTH_5 ||
	    id_and_fragment & FRAGMENT_BITS || total < IPV4_HEADER ||
	    (size_t)(total - IPV4_HEADER) > reader_left(&r))
		return false;

	struct bytes segment = reader_peek(&r, (size_t)(total - IPV4_HEADER));

	p->source = address_from(bytes_slice(addresses, 0, 4));
	p->destination = address_from(bytes_slice(addresses, 4, 4));
	p->protocol = (uint8_t)protocol;
	if (p->protocol == IP_PROTOCOL_TCP
	            ? !read_tcp(segment, p)
	            : p->protocol != IP_PROTOCOL_UDP || !read_udp(segment, p))
		return false;
	p->payload_length = (uint32_t)p->payload.len;
	p->vlan_count = p->tunnel_count = 0;
	memset(p->vlan, 0, sizeof(p->vlan));
	memset(p->tunnel, 0, sizeof(p->tunnel));
	p->has_mac = true;
	p->bad_checksum = false;
	memcpy(p->source_mac, source_mac.at, 6);
	memcpy(p->destination_mac, destination_mac.at, 6);
	if (d->limits.verify_checksums && !checksum_fits(checksum_add(0, ip_header))) {
		p->bad_checksum = true;
		count(d->counters, COUNTER_DECODE_BAD_CHECKSUM);
	}
	return true;
}
