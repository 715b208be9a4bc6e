/* What stands between the link layer and IP: VLAN tags, MPLS label stacks, PPPoE sessions. Fields
 * with their lengths in bits:
 *
 *     VLAN    priority 3 | drop eligible 1 | VLAN id 12 | type 16      IEEE 802.1Q
 *     MPLS    label 20 | traffic class 3 | bottom of stack 1 | TTL 8   RFC 3032
 *             control word: zero 4 | zero 12 | sequence 16             RFC 4448
 *     PPPoE   version 4 | type 4 | code 8 | session 16 | length 16     RFC 2516
 *             PPP: protocol 16, or 8 when compressed                   RFC 1661
 *
 * Stateless. */
#include "sensor/packet/walk.h"

#define VLAN_ID_MASK 0xfff

#define MPLS_BOTTOM_OF_STACK 0x100
#define MPLS_CONTROL_WORD    4

/* The first four bits behind an MPLS label stack (RFC 4928, RFC 5586). */
#define NIBBLE_CONTROL_WORD 0
#define NIBBLE_ACH          1 /* associated channel: management, not traffic */

#define PPPOE_VERSION_AND_TYPE 0x11
#define PPPOE_SESSION_DATA     0
#define PPP_IPV4               0x0021
#define PPP_IPV6               0x0057

enum layer walk_vlan(struct walk *w)
{
	uint16_t id = reader_u16be(&w->r) & VLAN_ID_MASK;
	uint16_t type = reader_u16be(&w->r);

	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_LINK);
	if (!walk_deeper(w))
		return walk_too_deep(w);
	/* Id 0 is a priority tag, which names no VLAN. */
	if (id && w->packet->vlan_count < PACKET_VLANS)
		w->packet->vlan[w->packet->vlan_count++] = id;
	return layer_of_type_or_length(type);
}

/* Whether an Ethernet header that we could read stands behind `skip` bytes. */
static bool ethernet_follows(const struct walk *w, size_t skip)
{
	struct reader ahead = w->r;

	reader_skip(&ahead, skip + 12);

	uint16_t type = reader_u16be(&ahead);

	return reader_ok(&ahead) && layer_of_type(type) != LAYER_NOT_IP;
}

/* Whether an IPv4 or IPv6 header follows whose length fits into the frame. */
static bool ip_follows(const struct walk *w)
{
	struct reader ahead = w->r;
	uint8_t first = reader_u8(&ahead);

	reader_skip(&ahead, 1);

	uint16_t ipv4_length = reader_u16be(&ahead), ipv6_length = reader_u16be(&ahead);

	if (!reader_ok(&ahead))
		return false;
	if (first >> 4 == 4)
		return (first & 0xf) >= 5 && ipv4_length >= 20 && ipv4_length <= walk_promised(w);
	return ipv6_length + (size_t)40 <= walk_promised(w);
}

/* A label stack does not say what it carries. The first four bits tell IP from a pseudowire with a
 * control word (RFC 4928), but a pseudowire without one begins with a MAC address of any value:
 * then the field where Ethernet has its type decides. */
static enum layer mpls_payload(struct walk *w)
{
	struct reader ahead = w->r;
	uint8_t nibble = reader_u8(&ahead) >> 4;

	if (!reader_ok(&ahead))
		return walk_short(w, COUNTER_MALFORMED_LINK);
	if (nibble == 4 || nibble == 6) {
		if (!ip_follows(w) && ethernet_follows(w, 0))
			return LAYER_ETHERNET;
		return nibble == 4 ? LAYER_IPV4 : LAYER_IPV6;
	}
	if (nibble == NIBBLE_CONTROL_WORD && ethernet_follows(w, MPLS_CONTROL_WORD)) {
		reader_skip(&w->r, MPLS_CONTROL_WORD);
		return LAYER_ETHERNET;
	}
	if (nibble == NIBBLE_ACH && !ethernet_follows(w, 0))
		return LAYER_NOT_IP;
	return LAYER_ETHERNET;
}

enum layer walk_mpls(struct walk *w)
{
	uint32_t entry;

	if (!walk_tunnel(w, TUNNEL_MPLS))
		return walk_too_deep(w);
	for (;;) {
		entry = reader_u32be(&w->r);
		if (!reader_ok(&w->r))
			return walk_short(w, COUNTER_MALFORMED_LINK);
		if (entry & MPLS_BOTTOM_OF_STACK)
			return mpls_payload(w);
		if (!walk_deeper(w))
			return walk_too_deep(w);
	}
}

/* PPP sends a protocol below 0x100 in one byte where both sides agreed to (RFC 1661, 6.5): the
 * first byte of a whole one is even. */
static uint16_t ppp_protocol(struct reader *r)
{
	uint8_t first = reader_u8(r);

	return first & 1 ? first : (uint16_t)(first << 8 | reader_u8(r));
}

enum layer walk_pppoe(struct walk *w)
{
	uint8_t version = reader_u8(&w->r), code = reader_u8(&w->r);

	reader_skip(&w->r, 2);

	uint16_t length = reader_u16be(&w->r);

	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_LINK);
	if (version != PPPOE_VERSION_AND_TYPE || walk_overlong(w, length))
		return walk_malformed(w, COUNTER_MALFORMED_LINK);
	if (code != PPPOE_SESSION_DATA)
		return LAYER_NOT_IP;
	if (!walk_tunnel(w, TUNNEL_PPPOE))
		return walk_too_deep(w);
	walk_limit(w, length);

	uint16_t protocol = ppp_protocol(&w->r);

	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_LINK);
	if (protocol == PPP_IPV4)
		return LAYER_IPV4;
	return protocol == PPP_IPV6 ? LAYER_IPV6 : LAYER_NOT_IP;
}
