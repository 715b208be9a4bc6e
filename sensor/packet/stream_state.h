/* The inside of streams, shared by the three files that keep them.
 *
 * stream.c takes packets, stream_order.c puts segments in their order, stream_feed.c shows bytes
 * and holes to dissectors, datagram.c shows them what comes without any order. The worker that owns
 * the streams owns all of this. */
#ifndef CMTAP_SENSOR_PACKET_STREAM_STATE_H
#define CMTAP_SENSOR_PACKET_STREAM_STATE_H

#include "sensor/packet/segment.h"
#include "sensor/packet/stream.h"

struct stream_side {
	uint32_t next;         /* sequence number of the next byte to deliver */
	uint32_t acknowledged; /* of the other side's bytes, the highest this side told */
	uint32_t fin_at;       /* where this side's bytes end, once `fin` */
	bool known, acknowledges, fin, closed;
	uint64_t offset;   /* bytes delivered or given up */
	uint64_t starts;   /* where segments began in the first bytes of `left`, a bit each */
	struct chain left; /* delivered, but not consumed by the dissector */
	struct waiting waiting;
};

struct stream {
	struct stream_side side[2];
	struct flow *flow;
	const struct dissector *dissector; /* NULL while undecided */
	struct flow_facts facts;
	struct dissection dissection;
	bool ended, lost, swapped;
	uint32_t asked; /* place at the identifier */
	uint32_t vain;  /* bytes that no probe knew */
	uint32_t blocked_packets;
	int64_t blocked_since; /* 0: nothing waits */
	uint32_t next_free;    /* + 1 */
	_Alignas(16) uint8_t state[];
};

struct streams {
	struct stream_limits limits;
	struct workbench *bench;
	struct identifier *identifier;
	struct segments segments;
	uint8_t *memory;
	size_t stride;
	uint32_t fresh, free, hand;
};

/* stream.c */

/* A place for a flow that has none; NULL when there is no room. */
struct stream *stream_begin(struct streams *s, struct flow *flow);
/* The place that a flow has. */
struct stream *stream_of(const struct streams *s, const struct flow *flow);
/* The dissector has said its last word, or never will say one: the flow becomes a tombstone. */
void stream_finish(struct streams *s, struct stream *st);

/* stream_feed.c */

/* From now on a dissector reads the flow. */
void stream_attach(struct streams *s, struct stream *st, const struct dissector *dissector);

/* Gives bytes that are next in order to the dissector, or to the probes until there is one. */
void stream_feed(struct streams *s, struct stream *st, enum side side, struct bytes in);
/* Tells the dissector that `lost` bytes of a side will never be seen. */
void stream_give_up(struct streams *s, struct stream *st, enum side side, uint64_t lost);
/* Passes over bytes that were captured, and not kept because the dissector wanted to skip them. */
void stream_pass(struct streams *s, struct stream *st, enum side side, uint64_t length);
/* Brings the facts that dissectors see of the flow up to date. */
void stream_refresh_facts(struct stream *st);

/* stream_order.c */

/* Hands over a segment that begins at or before what is next of its side. */
void stream_deliver(struct streams *s, struct stream *st, enum side side,
                    const struct segment *segment, struct bytes bytes);
/* All that a segment acknowledges has been delivered, or will never be seen. */
bool stream_cause_seen(const struct stream *st, enum side side, const struct segment *segment);
/* Delivers all that can be delivered; with `final` everything, whatever is missing. */
void stream_drain(struct streams *s, struct stream *st, bool final);

#endif
