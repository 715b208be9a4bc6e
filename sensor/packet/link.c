/* Link layers: Ethernet, 802.3 with LLC and SNAP, Linux cooked captures, BSD loopback, raw IP.
 * Fields with their lengths in bytes:
 *
 *     Ethernet      destination 6 | source 6 | type 2                  IEEE 802.3, type >= 0x600
 *     802.3         destination 6 | source 6 | length 2 | LLC
 *     LLC with SNAP AA AA 03 | OUI 3, zero | type 2                    RFC 1042
 *     Linux SLL     kind 2 | hardware 2 | address length 2 | address 8 | type 2
 *     Linux SLL2    type 2 | zero 2 | interface 4 | hardware 2 | kind 1
 *                   address length 1 | address 8
 *     BSD loopback  address family 4, in the byte order of the capturing machine (NULL) or of
 *                   the network (LOOP)
 *
 * The last three are those of https://www.tcpdump.org/linktypes.html. Stateless. */
#include "sensor/packet/walk.h"

#define ETHERNET_HEADER   14
#define ETHERNET_ADDRESS  6
#define LINUX_SLL_HEADER  16
#define LINUX_SLL2_HEADER 20

/* Smaller values of the type field are lengths (IEEE 802.3, 3.2.6). */
#define ETHERTYPE_MIN 0x600

/* What Linux puts for a type when the frame has a length instead. */
#define ETH_P_802_2 4

static const struct {
	uint16_t type;
	uint8_t layer;
} type_layer[] = {
        {0x0800, LAYER_IPV4},  {0x86dd, LAYER_IPV6}, {0x8100, LAYER_VLAN}, /* IEEE 802.1Q */
        {0x88a8, LAYER_VLAN},                                              /* IEEE 802.1ad */
        {0x9100, LAYER_VLAN},                                              /* QinQ before 802.1ad */
        {0x8847, LAYER_MPLS},                                              /* unicast, RFC 3032 */
        {0x8848, LAYER_MPLS},                                              /* multicast, RFC 5332 */
        {0x8864, LAYER_PPPOE},                                             /* session, RFC 2516 */
};

enum layer layer_of_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(type_layer) / sizeof(*type_layer); i++)
		if (type_layer[i].type == type)
			return type_layer[i].layer;
	return LAYER_NOT_IP;
}

enum layer layer_of_type_or_length(uint16_t type)
{
	return type < ETHERTYPE_MIN ? LAYER_LLC : layer_of_type(type);
}

enum layer walk_ethernet(struct walk *w)
{
	struct bytes header = reader_take(&w->r, ETHERNET_HEADER);

	if (header.len != ETHERNET_HEADER)
		return walk_short(w, COUNTER_MALFORMED_LINK);

	struct reader h = reader_over(header);
	struct bytes destination = reader_take(&h, ETHERNET_ADDRESS);
	struct bytes source = reader_take(&h, ETHERNET_ADDRESS);
	uint16_t type = reader_u16be(&h);

	if (!w->packet->source_mac.len) {
		w->packet->destination_mac = destination;
		w->packet->source_mac = source;
	}
	/* The length of an 802.3 frame ends it before the padding. */
	if (type < ETHERTYPE_MIN && type < walk_promised(w))
		walk_limit(w, type);
	return layer_of_type_or_length(type);
}

enum layer walk_llc(struct walk *w)
{
	/* DSAP and SSAP of SNAP, unnumbered information, and the OUI of EtherTypes */
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03, 0, 0, 0};
	struct bytes header = reader_take(&w->r, sizeof(snap));

	if (header.len != sizeof(snap))
		return w->missing ? walk_end(w, COUNTER_TRUNCATED_CAPTURE) : LAYER_NOT_IP;
	if (memcmp(header.at, snap, sizeof(snap)) != 0)
		return LAYER_NOT_IP;

	uint16_t type = reader_u16be(&w->r);

	return reader_ok(&w->r) ? layer_of_type(type) : walk_short(w, COUNTER_MALFORMED_LINK);
}

enum layer walk_linux_sll(struct walk *w)
{
	struct bytes header = reader_take(&w->r, LINUX_SLL_HEADER);

	if (header.len != LINUX_SLL_HEADER)
		return walk_short(w, COUNTER_MALFORMED_LINK);

	struct reader h = reader_over(header);

	reader_skip(&h, 14);

	uint16_t type = reader_u16be(&h);

	return type == ETH_P_802_2 ? LAYER_LLC : layer_of_type(type);
}

enum layer walk_linux_sll2(struct walk *w)
{
	struct bytes header = reader_take(&w->r, LINUX_SLL2_HEADER);

	if (header.len != LINUX_SLL2_HEADER)
		return walk_short(w, COUNTER_MALFORMED_LINK);

	struct reader h = reader_over(header);
	uint16_t type = reader_u16be(&h);

	return type == ETH_P_802_2 ? LAYER_LLC : layer_of_type(type);
}

/* AF_INET is 2 everywhere; AF_INET6 is another number on each system. */
static const struct {
	uint8_t family;
	uint8_t layer;
} family_layer[] = {
        {2, LAYER_IPV4},  {10, LAYER_IPV6}, /* Linux */
        {23, LAYER_IPV6},                   /* Windows */
        {24, LAYER_IPV6},                   /* NetBSD, OpenBSD */
        {28, LAYER_IPV6},                   /* FreeBSD */
        {30, LAYER_IPV6},                   /* macOS */
};

enum layer walk_loopback(struct walk *w)
{
	uint32_t family = reader_u32be(&w->r);

	if (!reader_ok(&w->r))
		return walk_short(w, COUNTER_MALFORMED_LINK);
	/* Families are small numbers: one with bits in its upper half is in the other byte order.
	 */
	if (family >> 16)
		family = __builtin_bswap32(family);
	for (size_t i = 0; i < sizeof(family_layer) / sizeof(*family_layer); i++)
		if (family_layer[i].family == family)
			return family_layer[i].layer;
	return LAYER_NOT_IP;
}

enum layer walk_raw_ip(struct walk *w)
{
	struct reader ahead = w->r;
	uint8_t version = reader_u8(&ahead) >> 4;

	if (!reader_ok(&ahead))
		return walk_short(w, COUNTER_MALFORMED_IP);
	if (version != 4 && version != 6)
		return walk_malformed(w, COUNTER_MALFORMED_IP);
	return version == 4 ? LAYER_IPV4 : LAYER_IPV6;
}
