/* Records of what addresses got in the last ten seconds, found by address or by pair of addresses.
 *
 *    record | newest second | ... | 9 before |      a ring, with its sum kept beside it
 *
 * Targets and pairs stand in books of their own, so that sources which nobody knows cannot push
 * out what is counted, or was learned, of a server. A full book gives up one of a few records:
 * never one that was counted in this second, one of which little was learned rather than a server
 * that is known, the longest silent of these. What finds no place is not counted, and a counter
 * says so. One worker owns a book. */
#ifndef CMTAP_SENSOR_PACKET_TRAFFIC_BOOK_H
#define CMTAP_SENSOR_PACKET_TRAFFIC_BOOK_H

#include "core/counter.h"
#include "core/table.h"
#include "sensor/packet/traffic.h"
#include "sensor/packet/traffic_usual.h"

#define TOP_SOURCES 5

struct traffic_key {
	struct address source, target; /* source all zero: any */
};

struct traffic_second {
	uint32_t count[TRAFFIC_FACTS];
};

struct traffic_record {
	struct traffic_key key;
	uint64_t hash;
	int64_t second;            /* the newest of the ring */
	bool touched;              /* in the current second */
	uint8_t known;             /* windows that were learned from, up to 255 */
	struct traffic_second sum; /* of the ring */
	struct traffic_second ring[TRAFFIC_WINDOW];
};

/* What only targets have. */
struct traffic_target {
	int64_t answered; /* the last second in which it was seen to answer; 0: never */
	int64_t window;   /* number of the one that `learning` holds */
	uint32_t learning[TRAFFIC_MEASURES];
	/* Of the current second, filled when it ends: */
	uint32_t sources, tops;
	struct traffic_second most; /* that one source got into the window */
	struct {
		struct address source;
		uint64_t activity;
	} top[TOP_SOURCES];
	struct usual hours[USUAL_HOURS];
};

struct traffic_book {
	struct table table;
	struct traffic_record *record;
	uint32_t *touched; /* places of those counted in the current second, in order */
	uint32_t touched_count, cap, fresh, hand;
	struct counters *counters;
};

bool traffic_book_open(struct traffic_book *b, uint32_t cap, struct counters *counters);
void traffic_book_close(struct traffic_book *b);

/* NULL when it is not there. */
struct traffic_record *traffic_book_find(struct traffic_book *b, const struct traffic_key *key);

/* The record of a key, ready for counting in this second; made when it is not there, and then
 * `made` is set. NULL when there is no place for it. */
struct traffic_record *traffic_book_take(struct traffic_book *b, const struct traffic_key *key,
                                         int64_t second, bool *made);

static inline uint32_t traffic_book_place(const struct traffic_book *b,
                                          const struct traffic_record *r)
{
	return (uint32_t)(r - b->record);
}

/* What the newest second of a record holds. */
static inline struct traffic_second *traffic_record_now(struct traffic_record *r)
{
	return &r->ring[(uint64_t)r->second % TRAFFIC_WINDOW];
}

#endif
