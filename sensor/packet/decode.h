/* From a frame to the transport header of its innermost packet: link layer, tags, tunnels, IP,
 * fragments, TCP and UDP.
 *
 * Decoding states what the headers say and nothing else. A decoder holds what must be remembered
 * between packets (fragments); one thread owns it. */
#ifndef CMTAP_SENSOR_PACKET_DECODE_H
#define CMTAP_SENSOR_PACKET_DECODE_H

#include "core/address.h"
#include "core/blocks.h"
#include "core/counter.h"

#define PACKET_VLANS   2 /* the outermost two are kept */
#define PACKET_TUNNELS 8 /* the outermost eight */

enum tunnel {
	TUNNEL_MPLS,
	TUNNEL_PPPOE,
	TUNNEL_GRE,
	TUNNEL_ERSPAN,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_IPIP,
	TUNNEL_AH,
	TUNNEL_ESP, /* without encryption, or it would not be known what is inside */
	TUNNEL_WESP,
};

/* What IP carries that was found inside another packet. */
struct packet_inside {
	uint8_t protocol;
	enum tunnel tunnel;
	struct bytes bytes;
	uint32_t missing; /* bytes at its end that were not captured */
	bool backwards;   /* it went the other way than the packet that led to it */
	int64_t time;
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

#define IP_PROTOCOL_TCP  6
#define IP_PROTOCOL_UDP  17
#define IP_PROTOCOL_ESP  50
#define IP_PROTOCOL_AH   51
#define IP_PROTOCOL_WESP 141

struct packet {
	int64_t time;
	uint32_t wire_length; /* of the whole frame */
	struct address source, destination;
	uint16_t source_port, destination_port;
	uint8_t protocol; /* of the innermost IP header: IP_PROTOCOL_TCP, ... */
	uint8_t tcp_flags;
	uint32_t tcp_sequence, tcp_acknowledgment;
	/* What TCP or UDP carries, or for another transport all behind the IP headers: as far as
	 * captured, without link-layer padding. Views of the frame, or of the scratch arena where
	 * fragments were joined. */
	struct bytes payload;
	uint32_t payload_length; /* the length that the headers give it */
	struct bytes segment;    /* header and payload, where their checksum can be verified */
	bool bad_checksum;       /* IP, TCP or UDP; counted, and the packet is used */
	/* Of the outermost Ethernet header, 6 bytes each, views of the frame; empty: there is none.
	 */
	struct bytes source_mac, destination_mac;
	uint8_t vlan_count, tunnel_count; /* of those that are kept below */
	uint16_t vlan[PACKET_VLANS];      /* 12-bit ids, outermost first, without priority tags */
	uint8_t tunnel[PACKET_TUNNELS];   /* enum tunnel, outermost first */
};

struct decode_limits {
	unsigned tunnel_depth; /* encapsulations, tags, labels and extension headers in one frame */
	unsigned fragments;    /* datagrams waiting for fragments */
	int64_t fragment_timeout; /* nanoseconds a datagram may wait */
	bool verify_checksums;
};

/* Something broken that went from one address to another. */
enum packet_fault { FAULT_HEADER, FAULT_FRAGMENT };

struct fault_report {
	void (*tell)(void *context, enum packet_fault fault, struct address source,
	             struct address destination);
	void *context;
};

struct decoder;

/* A decoder that keeps fragments in `blocks` and joins them in `scratch` (a joined datagram lives
 * there until the owner resets it). NULL when memory ran out. */
struct decoder *decoder_open(struct decode_limits limits, struct blocks *blocks,
                             struct arena *scratch, struct counters *counters);
void decoder_close(struct decoder *d);

/* What became of a frame: DECODE_PACKET gives a TCP or UDP packet; DECODE_OTHER an IP packet of
 * another transport (addresses and `protocol` are filled, ports are 0); DECODE_NONE nothing, and
 * `packet` means nothing. In the last case, and only then, the decoder has counted the packet in
 * its outcome counter. */
enum decode_outcome { DECODE_PACKET, DECODE_OTHER, DECODE_NONE };

struct frame;
enum decode_outcome decode(struct decoder *d, const struct frame *frame, struct packet *packet);

/* The same for what is inside `outer`. What it counts in the ledger is not undone here. */
enum decode_outcome decode_inside(struct decoder *d, const struct packet *outer,
                                  const struct packet_inside *inside, struct packet *packet);

/* Tells of faults from now on, where the addresses are known. */
void decoder_report(struct decoder *d, struct fault_report report);

/* Verifies the checksum of a TCP or UDP packet, for whoever reads its bytes: most packets of a
 * capture nobody reads. A wrong one is counted and marked. */
void decode_verify(struct decoder *d, struct packet *packet);

/* Gives up datagrams that have waited too long at `now`; call it now and then. */
void decoder_expire(struct decoder *d, int64_t now);

const char *tunnel_name(enum tunnel tunnel);

#endif
