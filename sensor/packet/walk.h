/* The walk through one frame, layer by layer: what the files of the layers share.
 *
 *     link.c         Ethernet, 802.3, Linux cooked, loopback, raw IP
 *     tag.c          VLAN tags, MPLS labels, PPPoE sessions
 *     ip.c           IPv4, IPv6 and its extension headers
 *     tunnel.c       GRE, ERSPAN, VXLAN, GENEVE
 *     transport.c    TCP, UDP
 *     decode.c       the loop that walks
 *
 * A step reads one header through the reader, cuts the reader to what that header contains, and
 * names the layer that follows. Every circle of layers passes walk_deeper(), so a walk ends. A walk
 * lives on the stack of the thread that owns the decoder. */
#ifndef CMTAP_SENSOR_PACKET_WALK_H
#define CMTAP_SENSOR_PACKET_WALK_H

#include "core/reader.h"
#include "sensor/packet/decode.h"
#include "sensor/packet/defragment.h"

enum layer {
	/* where a walk ends */
	LAYER_OTHER = 0, /* IP that carries another transport */
	LAYER_PACKET,    /* TCP or UDP, read */
	LAYER_NONE,      /* nothing, and counted already */
	LAYER_NOT_IP,    /* a frame without IP */
	/* where it goes on */
	LAYER_ETHERNET,
	LAYER_LINUX_SLL,
	LAYER_LINUX_SLL2,
	LAYER_LOOPBACK,
	LAYER_RAW_IP,
	LAYER_LLC,
	LAYER_VLAN,
	LAYER_MPLS,
	LAYER_PPPOE,
	LAYER_IPV4,
	LAYER_IPV6,
	LAYER_IPV4_INSIDE, /* IP directly inside IP */
	LAYER_IPV6_INSIDE,
	LAYER_HOP_BY_HOP,
	LAYER_DESTINATION_OPTIONS,
	LAYER_ROUTING,
	LAYER_FRAGMENT,
	LAYER_GRE,
	LAYER_TCP,
	LAYER_UDP,
	LAYER_COUNT
};

#define LAYER_FIRST_STEP LAYER_ETHERNET

struct decoder {
	struct decode_limits limits;
	struct counters *counters;
	struct defragmenter *defragmenter;
	struct fault_report report;
};

struct walk {
	struct decoder *decoder;
	struct packet *packet;
	struct reader r; /* what was captured of the innermost layer so far */
	size_t missing;  /* bytes of that layer which were on the wire and not captured */
	unsigned depth;  /* encapsulations, tags, labels and extension headers still allowed */
	bool sliced;     /* a mirror says that it cut the frame: lengths may point past its end */
	bool ipv6;       /* the innermost IP header */
	bool rerouted;   /* a routing header hides the destination that checksums were made with */
	bool extended;   /* extension headers were seen since the IPv6 header */
};

/* The length of the innermost layer on the wire. */
static inline size_t walk_promised(const struct walk *w)
{
	return reader_left(&w->r) + w->missing;
}

/* Whether a header claims more bytes than the frame had, without a mirror that excuses it. */
static inline bool walk_overlong(const struct walk *w, size_t claimed)
{
	return claimed > walk_promised(w) && !w->sliced;
}

/* Cuts the walk to the next `promised` bytes, of which fewer may have been captured. */
static inline void walk_limit(struct walk *w, size_t promised)
{
	w->r = reader_over(reader_peek(&w->r, promised));
	w->missing = promised - reader_left(&w->r);
}

/* Ends the walk with its outcome. */
static inline enum layer walk_end(struct walk *w, enum counter outcome)
{
	count(w->decoder->counters, outcome);
	return LAYER_NONE;
}

/* Ends the walk at something impossible, and tells whom it was for where that is known. */
enum layer walk_malformed(struct walk *w, enum counter malformed);

/* Ends the walk at a header that runs past the end: the capture's fault where bytes are missing,
 * the packet's own where none are. */
static inline enum layer walk_short(struct walk *w, enum counter malformed)
{
	return w->missing || w->sliced ? walk_end(w, COUNTER_TRUNCATED_CAPTURE)
	                               : walk_malformed(w, malformed);
}

/* Takes one more encapsulation, tag, label or extension header; false when that is one too many. */
static inline bool walk_deeper(struct walk *w)
{
	if (!w->depth)
		return false;
	w->depth--;
	return true;
}

static inline enum layer walk_too_deep(struct walk *w)
{
	return walk_end(w, COUNTER_OVER_CAP_DEPTH);
}

/* Takes one more encapsulation and notes which; false when that is one too many. */
static inline bool walk_tunnel(struct walk *w, enum tunnel tunnel)
{
	if (!walk_deeper(w))
		return false;
	if (w->packet->tunnel_count < PACKET_TUNNELS)
		w->packet->tunnel[w->packet->tunnel_count++] = (uint8_t)tunnel;
	return true;
}

/* What IP carries under a protocol number: its layer, LAYER_OTHER for those we do not read. */
enum layer walk_protocol(struct walk *w, uint8_t protocol);

/* The layer that an EtherType names, LAYER_NOT_IP for those we do not read. */
enum layer layer_of_type(uint16_t type);

/* The layer behind a field that is an EtherType, or the length of an 802.3 frame. */
enum layer layer_of_type_or_length(uint16_t type);

#define LINKTYPE_ETHERNET 1

/* UDP destination ports behind which tunnels are looked for. */
#define UDP_PORT_VXLAN       4789
#define UDP_PORT_VXLAN_LINUX 8472 /* Linux, before the port was assigned */
#define UDP_PORT_GENEVE      6081

enum layer walk_ethernet(struct walk *w);
enum layer walk_linux_sll(struct walk *w);
enum layer walk_linux_sll2(struct walk *w);
enum layer walk_loopback(struct walk *w);
enum layer walk_raw_ip(struct walk *w);
enum layer walk_llc(struct walk *w);
enum layer walk_vlan(struct walk *w);
enum layer walk_mpls(struct walk *w);
enum layer walk_pppoe(struct walk *w);
enum layer walk_ipv4(struct walk *w);
enum layer walk_ipv6(struct walk *w);
enum layer walk_ipv4_inside(struct walk *w);
enum layer walk_ipv6_inside(struct walk *w);
enum layer walk_hop_by_hop(struct walk *w);
enum layer walk_destination_options(struct walk *w);
enum layer walk_routing(struct walk *w);
enum layer walk_fragment(struct walk *w);
enum layer walk_gre(struct walk *w);
enum layer walk_tcp(struct walk *w);
enum layer walk_udp(struct walk *w);

/* What follows the UDP header of a packet to `port`, when that is a tunnel: its layer, with the
 * tunnel header consumed. LAYER_PACKET, with nothing consumed, when it is ordinary UDP. */
enum layer walk_udp_tunnel(struct walk *w, uint16_t port);

#endif
