/* Tunnels: GRE, and what mirrors and overlays send in it or in UDP. Fields with their lengths in
 * bits:
 *
 *     GRE         C 1 | R 1 | K 1 | S 1 | zero 9 | version 3 | protocol 16        RFC 2784
 *                 C: checksum 16, zero 16 | K: key 32 | S: sequence number 32     RFC 2890
 *     ERSPAN I    Ethernet follows GRE at once                draft-foschiano-erspan-03
 *     ERSPAN II   version 4, 1 | VLAN 12 | class 3 | tagging 2 | truncated 1 | session 10
 *                 zero 12 | index 20
 *     ERSPAN III  version 4, 2 | VLAN 12 | class 3 | state 2 | truncated 1 | session 10
 *                 timestamp 32
 *                 group tag 16 | P 1 | frame type 5 | hardware 6 | direction 1
 *                 granularity 2 | O 1 | O: platform specific 64
 *     VXLAN       flags 8 | zero 24 | network id 24 | zero 8                      RFC 7348
 *     GENEVE      version 2 | length of options 6 | O 1 | C 1 | zero 6            RFC 8926
 *                 protocol 16 | network id 24 | zero 8 | options
 *                 an option: class 16 | type 8 | zero 3 | length 5 | data
 *
 * Stateless. */
#include "sensor/packet/walk.h"

#define GRE_CHECKSUM 0x8000
#define GRE_KEY      0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_KNOWN    (GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE)

#define TRANSPARENT_ETHERNET_BRIDGING 0x6558 /* RFC 1701 */

#define GRE_ERSPAN     0x88be /* types I and II */
#define GRE_ERSPAN_III 0x22eb

#define ERSPAN_II_HEADER        8
#define ERSPAN_III_HEADER       12
#define ERSPAN_III_PLATFORM     8
#define ERSPAN_II_VERSION       1
#define ERSPAN_III_VERSION      2
#define ERSPAN_TRUNCATED        0x0400
#define ERSPAN_FRAME_TYPE(word) ((word) >> 10 & 0x1f)
#define ERSPAN_FRAME_ETHERNET   0
#define ERSPAN_FRAME_IP         2
#define ERSPAN_O                0x1

#define VXLAN_HEADER     8
#define VXLAN_I          0x08 /* the network id is valid: always */
#define VXLAN_G          0x80 /* group policy, draft-smith-vxlan-group-policy */
#define VXLAN_GROUP_BITS 0x48 /* what may be set in the second byte then */

#define GENEVE_HEADER  8
#define GENEVE_VERSION 0xc0
#define GENEVE_LENGTH  0x3f

#define ETHERNET_HEADER 14

/* GRE and GENEVE name Ethernet by a type of its own. */
static enum layer layer_of_payload(uint16_t type)
{
	return type == TRANSPARENT_ETHERNET_BRIDGING ? LAYER_ETHERNET : layer_of_type(type);
}

static enum layer walk_erspan_ii(struct walk *w)
{
	uint16_t version = reader_u16be(&w->r), session = reader_u16be(&w->r);

	reader_skip(&w->r, ERSPAN_II_HEADER - 4);
	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_TUNNEL);
	if (version >> 12 != ERSPAN_II_VERSION)
		return walk_malformed(w, COUNTER_MALFORMED_TUNNEL);
	w->sliced |= (session & ERSPAN_TRUNCATED) != 0;
	return LAYER_ETHERNET;
}

static enum layer walk_erspan_iii(struct walk *w)
{
	uint16_t version = reader_u16be(&w->r), session = reader_u16be(&w->r);

	reader_skip(&w->r, ERSPAN_III_HEADER - 6);

	uint16_t frame = reader_u16be(&w->r);

	if (frame & ERSPAN_O)
		reader_skip(&w->r, ERSPAN_III_PLATFORM);
	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_TUNNEL);
	if (version >> 12 != ERSPAN_III_VERSION)
		return walk_malformed(w, COUNTER_MALFORMED_TUNNEL);
	w->sliced |= (session & ERSPAN_TRUNCATED) != 0;
	switch (ERSPAN_FRAME_TYPE(frame)) {
	case ERSPAN_FRAME_ETHERNET:
		return LAYER_ETHERNET;
	case ERSPAN_FRAME_IP:
		return LAYER_RAW_IP;
	default:
		return LAYER_NOT_IP;
	}
}

static enum layer walk_erspan(struct walk *w, uint16_t flags, uint16_t protocol)
{
	if (!walk_tunnel(w, TUNNEL_ERSPAN))
		return walk_too_deep(w);
	if (protocol == GRE_ERSPAN_III)
		return walk_erspan_iii(w);
	/* Type I is told from type II by its GRE header alone. */
	return flags & GRE_SEQUENCE ? walk_erspan_ii(w) : LAYER_ETHERNET;
}

enum layer walk_gre(struct walk *w)
{
	uint16_t flags = reader_u16be(&w->r), protocol = reader_u16be(&w->r);

	/* Other versions (PPTP), source routes and bits that must be zero: not ours to read. */
	if (reader_ok(&w->r) && flags & ~GRE_KNOWN)
		return LAYER_OTHER;
	if (flags & GRE_CHECKSUM)
		reader_skip(&w->r, 4);
	if (flags & GRE_KEY)
		reader_skip(&w->r, 4);
	if (flags & GRE_SEQUENCE)
		reader_skip(&w->r, 4);
	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_TUNNEL);
	if (protocol == GRE_ERSPAN || protocol == GRE_ERSPAN_III)
		return walk_erspan(w, flags, protocol);

	enum layer next = layer_of_payload(protocol);

	if (next == LAYER_NOT_IP)
		return LAYER_OTHER;
	return walk_tunnel(w, TUNNEL_GRE) ? next : walk_too_deep(w);
}

/* Bits that must be zero tell VXLAN from what else may use its ports; with a group policy they
 * carry one. */
static enum layer vxlan_read(struct reader *r)
{
	uint8_t flags = reader_u8(r), second = reader_u8(r);
	uint16_t group = reader_u16be(r);

	reader_skip(r, 3);

	uint8_t zero = reader_u8(r);
	bool plain = flags == VXLAN_I && !second && !group;
	bool grouped = flags == (VXLAN_I | VXLAN_G) && !(second & ~VXLAN_GROUP_BITS);

	if ((!plain && !grouped) || zero || reader_left(r) < ETHERNET_HEADER)
		return LAYER_PACKET;
	return LAYER_ETHERNET;
}

static bool geneve_options_fit(struct reader options)
{
	while (reader_left(&options)) {
		reader_skip(&options, 3);
		reader_skip(&options, (reader_u8(&options) & 0x1f) * 4u);
	}
	return reader_ok(&options);
}

static enum layer geneve_read(struct reader *r)
{
	uint8_t version = reader_u8(r);

	reader_skip(r, 1);

	uint16_t protocol = reader_u16be(r);

	reader_skip(r, 3);

	uint8_t zero = reader_u8(r);
	struct reader options = reader_inside(r, (version & GENEVE_LENGTH) * 4u);
	enum layer next = layer_of_payload(protocol);

	if (version & GENEVE_VERSION || zero || next == LAYER_NOT_IP)
		return LAYER_PACKET;
	return reader_ok(r) && geneve_options_fit(options) ? next : LAYER_PACKET;
}

static const struct {
	uint16_t port;
	uint8_t tunnel;
	enum layer (*read)(struct reader *);
} udp_tunnel[] = {
        {UDP_PORT_VXLAN, TUNNEL_VXLAN, vxlan_read},
        {UDP_PORT_VXLAN_LINUX, TUNNEL_VXLAN, vxlan_read},
        {UDP_PORT_GENEVE, TUNNEL_GENEVE, geneve_read},
};

enum layer walk_udp_tunnel(struct walk *w, uint16_t port)
{
	for (size_t i = 0; i < sizeof(udp_tunnel) / sizeof(*udp_tunnel); i++) {
		struct reader ahead = w->r;
		enum layer next;

		if (udp_tunnel[i].port != port)
			continue;
		next = udp_tunnel[i].read(&ahead);
		if (next == LAYER_PACKET)
			return LAYER_PACKET;
		if (!walk_tunnel(w, udp_tunnel[i].tunnel))
			return walk_too_deep(w);
		w->r = ahead;
		return next;
	}
	return LAYER_PACKET;
}
