/* Who gets how much: connections, requests, ConfigMgr messages, bytes, packets and broken ones by
 * target, and by source and target, in fixed memory and cheap enough to be always on.
 *
 * Counts are kept in seconds of packet time over a window of ten. When a second ends, every target
 * that got something in it, and more than a little in its window, is told of once: what it got in
 * that second, and shares and ratios of the window. So is every source of such a target: sources
 * are counted from when their target has got more than a little, so in quiet times a count costs
 * one look-up. Rules add the seconds up as they like.
 *
 * A new fact needs a line in `enum traffic_fact` and one in the table of traffic_event.c; to be
 * compared with what is usual, one in `enum traffic_measure` and in the table of traffic.c.
 * docs/floods.md says how. One worker owns it. */
#ifndef CMTAP_SENSOR_PACKET_TRAFFIC_H
#define CMTAP_SENSOR_PACKET_TRAFFIC_H

#include "core/clock.h"
#include "core/counter.h"
#include "core/event.h"

#define TRAFFIC_WINDOW 10 /* seconds */

enum traffic_fact {
	TRAFFIC_ATTEMPTED,     /* TCP connections opened, finished or not */
	TRAFFIC_COMPLETED,     /* handshakes completed */
	TRAFFIC_REFUSED,       /* connections that the server reset instead */
	TRAFFIC_REQUESTS,      /* HTTP requests that were read */
	TRAFFIC_MESSAGES,      /* of a client to its management point, but for the next two */
	TRAFFIC_REGISTRATIONS, /* of clients */
	TRAFFIC_STATUS,        /* state and status messages */
	TRAFFIC_KIBIBYTES,
	TRAFFIC_PACKETS,
	TRAFFIC_FRAGMENTS,     /* that overlap, or whose datagram never became whole */
	TRAFFIC_MALFORMED,     /* packets with impossible headers */
	TRAFFIC_IKE_BEGUN,     /* first exchanges of IKE, answered or not */
	TRAFFIC_IKE_CONTINUED, /* of which the initiator went on after the answer */
	TRAFFIC_FACTS
};

struct traffic_limits {
	uint32_t addresses; /* targets, and pairs of source and target, remembered together */
	/* What a window must hold to be told of. */
	uint32_t connections, requests, messages, faults, ike, kibibytes, packets;
};

struct traffic;

/* Takes the event of a second that has ended; its values live only during the call. */
typedef void traffic_tell(void *context, struct event *ev);

/* NULL when memory ran out. `ev` is lent for building events. */
struct traffic *traffic_open(struct traffic_limits limits, struct counters *counters,
                             struct event *ev, traffic_tell *tell, void *context);
void traffic_close(struct traffic *t);

/* Something went from `source` to `target`, `n` times. */
void traffic_count(struct traffic *t, enum traffic_fact fact, const struct address *source,
                   const struct address *target, uint32_t n);

/* What an event of a dissector counts as, if anything. */
void traffic_count_event(struct traffic *t, const struct event *ev);
/* Whether it counts, as far as its facts go. */
bool traffic_event_counts(const struct event *ev);

/* A server was seen to answer. */
void traffic_answered(struct traffic *t, const struct address *target);

/* Packet time goes on: tells of the second that has ended, if one has. Call it before what happened
 * at `now` is counted. */
void traffic_advance(struct traffic *t, int64_t now);

/* The capture has ended: tells of the last second. */
void traffic_end(struct traffic *t);

#endif
