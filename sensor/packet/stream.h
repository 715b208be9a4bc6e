/* TCP streams: bytes of both sides in the order in which they were sent, and what is missing told.
 *
 * Segments that come in their turn go to the dissector as they lie in the packet. Others wait,
 * within caps, until the hole before them is filled or given up; so do segments that acknowledge
 * bytes of the other side which were not seen yet, so that a reply never comes before its request.
 * One worker owns all of it. */
#ifndef CMTAP_SENSOR_PACKET_STREAM_H
#define CMTAP_SENSOR_PACKET_STREAM_H

#include "sensor/packet/flow.h"
#include "sensor/packet/identify.h"

struct stream_limits {
	uint32_t streams;       /* flows that are dissected, or undecided, at the same time */
	uint32_t segments;      /* that wait, in all flows */
	uint32_t flow_segments; /* that wait, of one flow */
	uint32_t flow_bytes;    /* that wait, of one flow */
	uint32_t message_part;  /* bytes that a dissector may leave for later */
	/* How long to wait for bytes that their receiver acknowledged, so that only the capture can
	 * lack them: packets of the flow, and nanoseconds. */
	uint32_t acknowledged_packets;
	int64_t acknowledged_patience;
	int64_t hole_patience;    /* nanoseconds to wait for bytes that nobody acknowledged */
	uint32_t undecided_bytes; /* of a stream picked up in its middle, before giving up */
};

struct streams;

/* What became of a packet of a stream. */
enum stream_outcome {
	STREAM_DATA,      /* its bytes went to the dissector, or wait */
	STREAM_SKIPPED,   /* inside a body that nobody wants */
	STREAM_REPEATED,  /* all of it was seen before */
	STREAM_CONTROL,   /* no bytes */
	STREAM_OVER_CAP,  /* came out of order, and there was no room for it */
	STREAM_UNDECIDED, /* nobody knows yet what this is */
	STREAM_NOT_WANTED /* nobody wants the flow (any more) */
};

/* Memory for streams; `bench` lends blocks, scratch and counters. NULL when memory ran out. */
struct streams *streams_open(struct stream_limits limits, struct workbench *bench,
                             struct identifier *identifier);
void streams_close(struct streams *s);

/* Takes one TCP packet of a flow that is not yet of no interest. */
enum stream_outcome stream_packet(struct streams *s, struct flow *flow, enum side side,
                                  const struct packet *packet);

/* The flow is over: what waits is handed over with its holes, and the dissector ends. */
void stream_end(struct streams *s, struct flow *flow);

#endif
