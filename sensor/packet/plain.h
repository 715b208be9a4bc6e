/* What the headers of a plain frame say, in so few bytes that a frame with it fills one cache line.
 *
 * Nearly all frames are Ethernet, IP and TCP or UDP with nothing between or behind them. Who reads
 * a capture reads their headers too, while they are in that processor's cache; whoever works on the
 * packet later needs to touch the frame only when it wants its contents. */
#ifndef CMTAP_SENSOR_PACKET_PLAIN_H
#define CMTAP_SENSOR_PACKET_PLAIN_H

#include "core/bytes.h"

struct plain {
	/* IPv4 addresses as they lie in the header; those of IPv6 are where they were. */
	uint32_t source, destination;
	uint32_t tcp_sequence, tcp_acknowledgment;
	uint32_t hash; /* what a flow table needs of the hash of the flow's key */
	uint16_t source_port, destination_port;
	uint16_t payload_length;
	uint8_t payload_at; /* bytes before the payload; 0: the frame is not plain */
	uint8_t protocol;   /* IP_PROTOCOL_TCP or IP_PROTOCOL_UDP */
	uint8_t tcp_flags;
	bool ipv6;
	bool bad_checksum : 1; /* of the IPv4 header */
	bool summed : 1;       /* TCP or UDP has a checksum */
	bool turned;           /* the destination stands first in the key of the flow */
};

struct frame;
struct packet;

/* Reads the headers of those of `count` frames that are plain: captured whole, without tags,
 * tunnels, fragments, options of IPv4 or extension headers of IPv6, and right in every length.
 * Frames are told apart from others by `payload_at`. */
void plain_look(struct frame *frames, size_t count);

/* Fills a packet with what the headers of a plain frame say. */
void plain_packet(const struct frame *frame, struct packet *packet);

#endif
