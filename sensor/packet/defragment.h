/* Putting IP datagrams together from their fragments, for both families.
 *
 * One thread, that of the decoder, owns a defragmenter. */
#ifndef CMTAP_SENSOR_PACKET_DEFRAGMENT_H
#define CMTAP_SENSOR_PACKET_DEFRAGMENT_H

#include "core/address.h"
#include "core/blocks.h"
#include "core/counter.h"
#include "sensor/packet/decode.h"

#define DATAGRAM_MAX           65535
#define FRAGMENTS_PER_DATAGRAM 128 /* 65,535 bytes at an MTU of 576 are 119 */

/* What fragments of one datagram have in common. Compared and hashed as bytes: fill it by name, so
 * that what is not named is zero. VLANs keep apart networks that use the same addresses, and the
 * copies of a datagram that a mirror saw on both sides of a router. */
struct fragment_key {
	struct address source, destination;
	uint32_t id;
	uint16_t vlan[2];
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* 0 for IPv6, where the fragments need not agree on it (RFC 8200, 4.5) */
	uint8_t zero[2];
};

struct fragment {
	struct fragment_key key;
	uint32_t offset; /* in bytes */
	bool more;       /* this is not the last one */
	uint8_t protocol;
	struct bytes data;
	int64_t time;
};

/* A datagram put together: its bytes lie in the scratch arena. */
struct datagram_view {
	struct bytes data;
	uint8_t protocol; /* what its first fragment says */
};

struct defragmenter;

/* Room for `datagrams` that wait at most `timeout` nanoseconds, with their bytes in at most a
 * quarter of `blocks`. NULL when memory ran out. */
struct defragmenter *defragmenter_open(unsigned datagrams, int64_t timeout, struct blocks *blocks,
                                       struct arena *scratch, struct counters *counters);
void defragmenter_close(struct defragmenter *d);

/* Tells of fragments that contradict others, and of datagrams that never became whole; not of those
 * that were given up for want of room, unless their own target's newer ones took it. */
void defragmenter_report(struct defragmenter *d, struct fault_report report);

/* Takes a fragment. COUNTER_FRAGMENTS_COMPLETED, with `whole` filled, when nothing is missing any
 * more; otherwise the outcome counter of this packet, which the caller counts. */
enum counter defragment(struct defragmenter *d, const struct fragment *fragment,
                        struct datagram_view *whole);

/* Gives up datagrams that have waited too long at `now`. */
void defragmenter_expire(struct defragmenter *d, int64_t now);

#endif
