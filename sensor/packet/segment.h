/* Segments that wait for their turn, of one side of a stream. */
#ifndef CMTAP_SENSOR_PACKET_SEGMENT_H
#define CMTAP_SENSOR_PACKET_SEGMENT_H

#include "core/blocks.h"
#include "core/counter.h"

/* Sequence numbers wrap: a comes before b when the way from a to b is the shorter one. */
static inline int32_t sequence_distance(uint32_t from, uint32_t to)
{
	return (int32_t)(to - from);
}

struct segment {
	uint32_t sequence, length;
	uint32_t captured; /* bytes of it that are there; less than `length` when cut by the capture
	                    */
	uint32_t acknowledgment; /* what its sender had received */
	bool acknowledges;
	struct chain bytes; /* empty when nobody needs to see them */
	int64_t time;
	uint32_t next; /* + 1 */
};

struct segments {
	struct segment *at;
	uint32_t count, fresh, free;
	struct blocks *blocks;
	struct arena *scratch;
	struct counters *counters;
};

/* A list of waiting segments in sequence order, without overlaps. All zero is empty. */
struct waiting {
	uint32_t first; /* + 1 */
	uint32_t count, bytes;
	bool conflict; /* bytes came twice with different content */
};

bool segments_open(struct segments *s, uint32_t count);
void segments_close(struct segments *s);

/* Adds a segment; bytes that are waiting already stay as they came first. False when there is no
 * room (then parts of it may have been added). `keep` says whether its bytes are needed. */
bool waiting_add(struct segments *s, struct waiting *w, const struct segment *segment,
                 struct bytes bytes, bool keep);

/* The first waiting segment, or NULL. */
struct segment *waiting_first(const struct segments *s, const struct waiting *w);
/* Removes the first segment and gives its blocks back. */
void waiting_drop_first(struct segments *s, struct waiting *w);
void waiting_clear(struct segments *s, struct waiting *w);

#endif
