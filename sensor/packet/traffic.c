/* Counting, and telling of the seconds that have ended. */
#include "sensor/packet/traffic.h"

#include "sensor/packet/traffic_book.h"

#include "core/memory.h"

#include <stdlib.h>

#define TARGET_SHARE 8 /* one of so many records is a target's, the others are pairs' */
/* A server that answered in this time is seen from both sides. */
#define ANSWER_LASTS 60

struct traffic {
	struct traffic_limits limits;
	uint32_t floor[TRAFFIC_FACTS]; /* what a window must hold to be told of */
	struct event *event;
	traffic_tell *tell;
	void *context;
	struct traffic_book targets, pairs;
	struct traffic_target *target; /* beside the records of targets */
	struct usual_clock clock;
	int64_t second; /* of packet time; 0 until the first */
	/* Whether a packet was seen: before, there is nothing to tell. */
	bool begun;
};

/* What is compared with the usual. */
static const struct {
	enum traffic_fact fact;
	enum field ratio, usual;
	uint32_t unit;
} measures[TRAFFIC_MEASURES] = {
        [MEASURE_COMPLETED] = {TRAFFIC_COMPLETED, FIELD_CONFIGMGR_TRAFFIC_COMPLETED_RATIO,
                               FIELD_CONFIGMGR_TRAFFIC_COMPLETED_USUAL, 1},
        [MEASURE_REQUESTS] = {TRAFFIC_REQUESTS, FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO,
                              FIELD_CONFIGMGR_TRAFFIC_REQUESTS_USUAL, 1},
        [MEASURE_MESSAGES] = {TRAFFIC_MESSAGES, FIELD_CONFIGMGR_TRAFFIC_MESSAGES_RATIO,
                              FIELD_CONFIGMGR_TRAFFIC_MESSAGES_USUAL, 1},
        [MEASURE_REGISTRATIONS] = {TRAFFIC_REGISTRATIONS,
                                   FIELD_CONFIGMGR_TRAFFIC_REGISTRATIONS_RATIO,
                                   FIELD_CONFIGMGR_TRAFFIC_REGISTRATIONS_USUAL, 1},
        [MEASURE_STATUS] = {TRAFFIC_STATUS, FIELD_CONFIGMGR_TRAFFIC_STATUS_RATIO,
                            FIELD_CONFIGMGR_TRAFFIC_STATUS_USUAL, 1},
        [MEASURE_KIBIBYTES] = {TRAFFIC_KIBIBYTES, FIELD_CONFIGMGR_TRAFFIC_BYTES_RATIO,
                               FIELD_CONFIGMGR_TRAFFIC_BYTES_USUAL, 1024},
        [MEASURE_PACKETS] = {TRAFFIC_PACKETS, FIELD_CONFIGMGR_TRAFFIC_PACKETS_RATIO,
                             FIELD_CONFIGMGR_TRAFFIC_PACKETS_USUAL, 1},
};

/* How a count is told: its field, that of the share of the most active source, and the unit. */
static const struct {
	enum field field, top;
	uint32_t unit;
} shown[TRAFFIC_FACTS] = {
        [TRAFFIC_ATTEMPTED] = {FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED,
                               FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED_TOP, 1},
        [TRAFFIC_COMPLETED] = {FIELD_CONFIGMGR_TRAFFIC_COMPLETED, FIELD_COUNT, 1},
        [TRAFFIC_REFUSED] = {FIELD_CONFIGMGR_TRAFFIC_REFUSED, FIELD_COUNT, 1},
        [TRAFFIC_REQUESTS] = {FIELD_CONFIGMGR_TRAFFIC_REQUESTS,
                              FIELD_CONFIGMGR_TRAFFIC_REQUESTS_TOP, 1},
        [TRAFFIC_MESSAGES] = {FIELD_CONFIGMGR_TRAFFIC_MESSAGES,
                              FIELD_CONFIGMGR_TRAFFIC_MESSAGES_TOP, 1},
        [TRAFFIC_REGISTRATIONS] = {FIELD_CONFIGMGR_TRAFFIC_REGISTRATIONS,
                                   FIELD_CONFIGMGR_TRAFFIC_REGISTRATIONS_TOP, 1},
        [TRAFFIC_STATUS] = {FIELD_CONFIGMGR_TRAFFIC_STATUS, FIELD_CONFIGMGR_TRAFFIC_STATUS_TOP, 1},
        [TRAFFIC_KIBIBYTES] = {FIELD_CONFIGMGR_TRAFFIC_BYTES, FIELD_CONFIGMGR_TRAFFIC_BYTES_TOP,
                               1024},
        [TRAFFIC_PACKETS] = {FIELD_CONFIGMGR_TRAFFIC_PACKETS, FIELD_CONFIGMGR_TRAFFIC_PACKETS_TOP,
                             1},
        [TRAFFIC_FRAGMENTS] = {FIELD_CONFIGMGR_TRAFFIC_FRAGMENTS,
                               FIELD_CONFIGMGR_TRAFFIC_FRAGMENTS_TOP, 1},
        [TRAFFIC_MALFORMED] = {FIELD_CONFIGMGR_TRAFFIC_MALFORMED,
                               FIELD_CONFIGMGR_TRAFFIC_MALFORMED_TOP, 1},
        [TRAFFIC_IKE_BEGUN] = {FIELD_CONFIGMGR_TRAFFIC_IKE_BEGUN, FIELD_CONFIGMGR_TRAFFIC_IKE_TOP,
                               1},
        [TRAFFIC_IKE_CONTINUED] = {FIELD_CONFIGMGR_TRAFFIC_IKE_CONTINUED, FIELD_COUNT, 1},
};

static void set_floors(uint32_t floor[TRAFFIC_FACTS], const struct traffic_limits *limits)
{
	floor[TRAFFIC_ATTEMPTED] = floor[TRAFFIC_COMPLETED] = limits->connections;
	floor[TRAFFIC_REFUSED] = limits->connections;
	floor[TRAFFIC_REQUESTS] = limits->requests;
	floor[TRAFFIC_MESSAGES] = floor[TRAFFIC_REGISTRATIONS] = limits->messages;
	floor[TRAFFIC_STATUS] = limits->messages;
	floor[TRAFFIC_KIBIBYTES] = limits->kibibytes;
	floor[TRAFFIC_PACKETS] = limits->packets;
	floor[TRAFFIC_IKE_BEGUN] = floor[TRAFFIC_IKE_CONTINUED] = limits->ike;
	floor[TRAFFIC_FRAGMENTS] = floor[TRAFFIC_MALFORMED] = limits->faults;
}

struct traffic *traffic_open(struct traffic_limits limits, struct counters *counters,
                             struct event *ev, traffic_tell *tell, void *context)
{
	struct traffic *t = calloc(1, sizeof(*t));
	uint32_t targets = limits.addresses / TARGET_SHARE + 1;

	if (!t)
		return NULL;
	t->limits = limits;
	t->event = ev;
	t->tell = tell;
	t->context = context;
	set_floors(t->floor, &limits);
	t->target = memory_reserve(targets * sizeof(*t->target));
	if (t->target && traffic_book_open(&t->targets, targets, counters) &&
	    traffic_book_open(&t->pairs, limits.addresses - targets + 1, counters))
		return t;
	traffic_close(t);
	return NULL;
}

void traffic_close(struct traffic *t)
{
	if (!t)
		return;
	memory_release(t->target, t->targets.cap * sizeof(*t->target));
	traffic_book_close(&t->targets);
	traffic_book_close(&t->pairs);
	free(t);
}

static unsigned hour_of(int64_t window)
{
	int64_t hour = window * TRAFFIC_WINDOW / 3600 % USUAL_HOURS;

	return (unsigned)(hour < 0 ? hour + USUAL_HOURS : hour);
}

static struct traffic_target *target_of(struct traffic *t, const struct traffic_record *r)
{
	return &t->target[traffic_book_place(&t->targets, r)];
}

/* Learns the window of a target that has ended, and begins another. */
static void next_window(struct traffic *t, struct traffic_record *r, struct traffic_target *of)
{
	int64_t window = t->second / TRAFFIC_WINDOW;
	unsigned hour = hour_of(window);

	usual_learn(&of->hours[hour_of(of->window)], of->learning);
	memset(of->learning, 0, sizeof(of->learning));
	usual_catch_up(&of->hours[hour], t->clock.ended[hour]);
	of->window = window;
	r->known += r->known < UINT8_MAX;
}

static struct traffic_record *take_target(struct traffic *t, const struct address *target)
{
	struct traffic_key key = {.target = *target};
	bool made;
	struct traffic_record *r = traffic_book_take(&t->targets, &key, t->second, &made);

	if (!r)
		return NULL;

	struct traffic_target *of = target_of(t, r);

	if (made) {
		memset(of, 0, sizeof(*of));
		of->window = t->second / TRAFFIC_WINDOW;
		usual_begin(of->hours, &t->clock);
	} else if (of->window != t->second / TRAFFIC_WINDOW) {
		next_window(t, r, of);
	}
	return r;
}

static void add(struct traffic_record *r, enum traffic_fact fact, uint32_t n)
{
	r->sum.count[fact] += n;
	traffic_record_now(r)->count[fact] += n;
}

void traffic_count(struct traffic *t, enum traffic_fact fact, const struct address *source,
                   const struct address *target, uint32_t n)
{
	struct traffic_record *all = take_target(t, target), *pair;
	bool made;

	if (!all)
		return;
	add(all, fact, n);
	for (int m = 0; m < TRAFFIC_MEASURES; m++)
		if (measures[m].fact == fact)
			target_of(t, all)->learning[m] += n;
	if (all->sum.count[fact] < t->floor[fact])
		return;
	pair = traffic_book_take(&t->pairs, &(struct traffic_key){*source, *target}, t->second,
	                         &made);
	if (pair)
		add(pair, fact, n);
}

void traffic_answered(struct traffic *t, const struct address *target)
{
	struct traffic_record *r =
	        traffic_book_find(&t->targets, &(struct traffic_key){.target = *target});

	if (r)
		target_of(t, r)->answered = t->second;
}

/* What was completed may have been attempted in an earlier second. */
static uint32_t less(uint32_t attempted, uint32_t done)
{
	return attempted > done ? attempted - done : 0;
}

static uint32_t unfinished(const struct traffic_second *s)
{
	return less(s->count[TRAFFIC_ATTEMPTED],
	            s->count[TRAFFIC_COMPLETED] + s->count[TRAFFIC_REFUSED]);
}

static uint32_t half_open(const struct traffic_second *s)
{
	return less(s->count[TRAFFIC_IKE_BEGUN], s->count[TRAFFIC_IKE_CONTINUED]);
}

static int64_t percent(uint32_t part, uint32_t whole)
{
	return whole ? (int64_t)part * 100 / whole : 0;
}

static bool worth_telling(const struct traffic *t, const struct traffic_second *sum)
{
	for (int f = 0; f < TRAFFIC_FACTS; f++)
		if (sum->count[f] >= t->floor[f])
			return true;
	return false;
}

/* Only what the window has of, so that a reader finds what there was. */
static void set_counts(struct event *ev, const struct traffic_second *last,
                       const struct traffic_second *sum)
{
	for (int f = 0; f < TRAFFIC_FACTS; f++)
		if (sum->count[f])
			event_set_integer(ev, shown[f].field,
			                  (int64_t)last->count[f] * shown[f].unit);
	if (!sum->count[TRAFFIC_ATTEMPTED])
		return;
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_UNFINISHED, unfinished(last));
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT,
	                  percent(unfinished(sum), sum->count[TRAFFIC_ATTEMPTED]));
}

static void set_ike(struct event *ev, const struct traffic_second *last,
                    const struct traffic_second *sum)
{
	if (!sum->count[TRAFFIC_IKE_BEGUN])
		return;
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_IKE_HALF_OPEN, half_open(last));
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_IKE_HALF_OPEN_PERCENT,
	                  percent(half_open(sum), sum->count[TRAFFIC_IKE_BEGUN]));
}

static void set_ratios(struct traffic *t, const struct traffic_second *sum,
                       const struct traffic_target *of)
{
	for (int m = 0; m < TRAFFIC_MEASURES; m++) {
		uint32_t seen = sum->count[measures[m].fact];
		float usual;

		if (!seen ||
		    !usual_amount(of->hours, hour_of(of->window), (enum traffic_measure)m, &usual))
			continue;
		event_set_integer(t->event, measures[m].usual,
		                  (int64_t)((double)usual * measures[m].unit + 0.5));
		/* One at least counts as usual. */
		event_set_integer(t->event, measures[m].ratio,
		                  (int64_t)((float)seen / (usual > 1 ? usual : 1)));
	}
}

static void begin(struct traffic *t, const struct traffic_record *r,
                  const struct traffic_target *of)
{
	struct event *ev = t->event;

	event_begin(ev, EVENT_TRAFFIC, (t->second + 1) * SECOND);
	event_set_time(ev, FIELD_EVENT_START, t->second * SECOND);
	event_set_time(ev, FIELD_EVENT_END, (t->second + 1) * SECOND);
	event_set_address(ev, FIELD_DESTINATION_IP, r->key.target);
	event_set_address(ev, FIELD_SERVER_IP, r->key.target);
	set_counts(ev, &r->ring[(uint64_t)r->second % TRAFFIC_WINDOW], &r->sum);
	set_ike(ev, &r->ring[(uint64_t)r->second % TRAFFIC_WINDOW], &r->sum);
	event_set_boolean(ev, FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED,
	                  of->answered && t->second - of->answered < ANSWER_LASTS &&
	                          of->answered - t->second < TRAFFIC_WINDOW);
}

/* Of all sources together: who they are, and what would be usual. */
static void tell_target(struct traffic *t, const struct traffic_record *r,
                        const struct traffic_target *of)
{
	struct address top[TOP_SOURCES];

	begin(t, r, of);
	event_set_name(t->event, FIELD_CONFIGMGR_TRAFFIC_SOURCE, "anyone");
	for (uint32_t i = 0; i < of->tops; i++)
		top[i] = of->top[i].source;
	if (of->tops) {
		event_set_integer(t->event, FIELD_CONFIGMGR_TRAFFIC_SOURCES, of->sources);
		event_set_addresses(t->event, FIELD_CONFIGMGR_TRAFFIC_TOP_SOURCES, top, of->tops);
	}
	for (int f = 0; f < TRAFFIC_FACTS; f++)
		if (r->sum.count[f] && shown[f].top != FIELD_COUNT)
			event_set_integer(t->event, shown[f].top,
			                  percent(of->most.count[f], r->sum.count[f]));
	set_ratios(t, &r->sum, of);
	t->tell(t->context, t->event);
}

static void tell_pair(struct traffic *t, const struct traffic_record *r,
                      const struct traffic_target *of)
{
	char text[ADDRESS_TEXT_MAX];

	begin(t, r, of);
	event_set_name(t->event, FIELD_CONFIGMGR_TRAFFIC_SOURCE,
	               address_print(r->key.source, text));
	event_set_address(t->event, FIELD_SOURCE_IP, r->key.source);
	event_set_address(t->event, FIELD_CLIENT_IP, r->key.source);
	t->tell(t->context, t->event);
}

/* Everything that was counted in the window; bytes in steps of 64 KiB, packets in steps of 64. */
static uint64_t activity_of(const struct traffic_second *sum)
{
	uint64_t all = 0;

	for (int f = 0; f < TRAFFIC_FACTS; f++)
		all += f == TRAFFIC_KIBIBYTES || f == TRAFFIC_PACKETS ? sum->count[f] / 64
		                                                      : sum->count[f];
	return all;
}

/* Keeps the most active sources, the most active one first. */
static void add_source(struct traffic_target *of, const struct traffic_record *pair)
{
	uint64_t activity = activity_of(&pair->sum);
	uint32_t at = of->tops;

	of->sources++;
	for (int f = 0; f < TRAFFIC_FACTS; f++)
		if (pair->sum.count[f] > of->most.count[f])
			of->most.count[f] = pair->sum.count[f];
	if (at == TOP_SOURCES && activity <= of->top[--at].activity)
		return;
	for (; at && of->top[at - 1].activity < activity; at--)
		of->top[at] = of->top[at - 1];
	of->top[at].source = pair->key.source;
	of->top[at].activity = activity;
	of->tops += of->tops < TOP_SOURCES;
}

static void end_pairs(struct traffic *t)
{
	for (uint32_t i = 0; i < t->pairs.touched_count; i++) {
		struct traffic_record *pair = &t->pairs.record[t->pairs.touched[i]];
		struct traffic_key key = {.target = pair->key.target};
		struct traffic_record *target = traffic_book_find(&t->targets, &key);

		pair->touched = false;
		if (!target)
			continue;
		add_source(target_of(t, target), pair);
		if (worth_telling(t, &pair->sum))
			tell_pair(t, pair, target_of(t, target));
	}
	t->pairs.touched_count = 0;
}

static void end_targets(struct traffic *t)
{
	for (uint32_t i = 0; i < t->targets.touched_count; i++) {
		struct traffic_record *r = &t->targets.record[t->targets.touched[i]];
		struct traffic_target *of = target_of(t, r);

		r->touched = false;
		if (worth_telling(t, &r->sum))
			tell_target(t, r, of);
		of->sources = of->tops = 0;
		memset(&of->most, 0, sizeof(of->most));
	}
	t->targets.touched_count = 0;
}

void traffic_end(struct traffic *t)
{
	end_pairs(t);
	end_targets(t);
}

void traffic_advance(struct traffic *t, int64_t now)
{
	int64_t second = now / SECOND, window = t->second / TRAFFIC_WINDOW;

	if (second == t->second)
		return;
	traffic_end(t);
	if (t->begun && second / TRAFFIC_WINDOW != window)
		t->clock.ended[hour_of(window)]++;
	t->begun = true;
	t->second = second;
}
