/* Sliding windows of seconds, one record for each target and each pair.
 *
 *    record    | second 0 | 1 | ... | 9 |      a ring; `second` says which one is the newest
 *
 * Targets and pairs stand in books of their own, so that sources nobody knows cannot push out what
 * was learned of a server. A full book gives up the longest silent of a few records, but none that
 * was counted in the current second; what then finds no place is not counted, and a counter says
 * so. */
#include "sensor/packet/traffic.h"

#include "core/hash.h"
#include "core/memory.h"
#include "core/table.h"

#include <stdlib.h>

#define EVICTION_CANDIDATES 8
#define TARGET_SHARE        8 /* one of so many records is a target's, the others are pairs' */
#define HOURS               24
/* What is usual is known after so many windows of an hour of the day. It moves by an eighth of the
 * difference with each further one, and a window counts as at most twice what is usual: a flood
 * that lasts must not soon look usual. */
#define USUAL_AFTER         30
#define USUAL_WEIGHT        8
#define USUAL_AT_MOST       2
/* Usual values are kept in parts of one. */
#define PARTS               16

struct second {
	uint64_t bytes;
	uint32_t count[TRAFFIC_FACTS];
};

struct key {
	struct address source, target; /* all zero: any source */
};

/* What a window of one hour of the day is like, in PARTS. */
struct usual {
	uint64_t completed, requests, bytes;
	uint32_t windows;
};

struct record {
	struct key key;
	uint64_t hash;
	int64_t second;       /* the newest of the ring */
	int64_t window_start; /* of the window that is being learned */
	struct second ring[TRAFFIC_WINDOW];
	int64_t answered; /* the last second in which it was seen to answer; 0: never */
	uint32_t top;     /* of a target: what the most active source attempted in the window */
	bool touched;     /* in the current second */
};

/* Records of one kind. */
struct book {
	struct table table;
	struct record *record;
	uint32_t *touched; /* places of those counted in the current second, in order */
	uint32_t touched_count, cap, fresh, hand;
};

struct traffic {
	struct traffic_limits limits;
	struct counters *counters;
	struct event *event;
	traffic_tell *tell;
	void *context;
	struct book targets, pairs;
	struct usual *usual; /* HOURS for each target */
	int64_t second;      /* of packet time; 0 until the first */
};

static bool book_open(struct book *b, uint32_t cap)
{
	b->cap = cap;
	b->record = memory_reserve(cap * sizeof(*b->record));
	b->touched = memory_reserve(cap * sizeof(*b->touched));
	return b->record && b->touched && table_open(&b->table, cap);
}

static void book_close(struct book *b)
{
	memory_release(b->record, b->cap * sizeof(*b->record));
	memory_release(b->touched, b->cap * sizeof(*b->touched));
	table_close(&b->table);
}

struct traffic *traffic_open(struct traffic_limits limits, struct counters *counters,
                             struct event *ev, traffic_tell *tell, void *context)
{
	struct traffic *t = calloc(1, sizeof(*t));
	uint32_t targets = limits.addresses / TARGET_SHARE + 1;

	if (!t)
		return NULL;
	t->limits = limits;
	t->counters = counters;
	t->event = ev;
	t->tell = tell;
	t->context = context;
	t->usual = memory_reserve((size_t)targets * HOURS * sizeof(*t->usual));
	if (t->usual && book_open(&t->targets, targets) &&
	    book_open(&t->pairs, limits.addresses - targets + 1))
		return t;
	traffic_close(t);
	return NULL;
}

void traffic_close(struct traffic *t)
{
	if (!t)
		return;
	memory_release(t->usual, (size_t)t->targets.cap * HOURS * sizeof(*t->usual));
	book_close(&t->targets);
	book_close(&t->pairs);
	free(t);
}

static bool is_target(const struct record *r)
{
	return address_is_zero(r->key.source);
}

static struct usual *usual_of(const struct traffic *t, const struct record *r)
{
	return &t->usual[(size_t)(r - t->targets.record) * HOURS];
}

static struct usual *usual_now(const struct traffic *t, const struct record *r)
{
	return &usual_of(t, r)[(uint64_t)(r->second / 3600) % HOURS];
}

static uint64_t key_hash(const struct key *key)
{
	return hash_bytes((struct bytes){(const uint8_t *)key, sizeof(*key)});
}

static struct record *book_find(struct book *b, const struct key *key, uint64_t hash)
{
	uint32_t at = TABLE_NONE, place;

	while ((place = table_next(&b->table, hash, &at)) != TABLE_NONE)
		if (!memcmp(&b->record[place].key, key, sizeof(*key)))
			return &b->record[place];
	return NULL;
}

/* The place of the longest silent of a few; NULL when all of them were counted just now. */
static struct record *book_evict(struct book *b)
{
	struct record *oldest = NULL;

	for (int i = 0; i < EVICTION_CANDIDATES; i++) {
		struct record *r = &b->record[b->hand];

		b->hand = b->hand + 1 == b->cap ? 0 : b->hand + 1;
		if (!r->touched && (!oldest || r->second < oldest->second))
			oldest = r;
	}
	if (oldest)
		table_remove(&b->table, oldest->hash, (uint32_t)(oldest - b->record));
	return oldest;
}

static struct record *book_make(struct traffic *t, struct book *b, const struct key *key,
                                uint64_t hash)
{
	bool full = b->fresh == b->cap;
	struct record *r = full ? book_evict(b) : &b->record[b->fresh++];

	if (full)
		count(t->counters, r ? COUNTER_TRAFFIC_EVICTED : COUNTER_TRAFFIC_NOT_COUNTED);
	if (!r)
		return NULL;
	*r = (struct record){
	        .key = *key,
	        .hash = hash,
	        .second = t->second,
	        .window_start = t->second,
	};
	if (b == &t->targets)
		memset(usual_of(t, r), 0, HOURS * sizeof(struct usual));
	table_add(&b->table, hash, (uint32_t)(r - b->record));
	return r;
}

static struct second sum_window(const struct record *r)
{
	struct second sum = {0};

	for (int s = 0; s < TRAFFIC_WINDOW; s++) {
		sum.bytes += r->ring[s].bytes;
		for (int f = 0; f < TRAFFIC_FACTS; f++)
			sum.count[f] += r->ring[s].count[f];
	}
	return sum;
}

/* Moves a usual value toward that of a new window. */
static void follow(uint64_t *usual, uint64_t seen, uint32_t windows)
{
	int64_t weight = windows < USUAL_WEIGHT ? (int64_t)windows + 1 : USUAL_WEIGHT;
	int64_t value = (int64_t)(seen * PARTS), was = (int64_t)*usual;

	if (windows >= USUAL_AFTER && value > was * USUAL_AT_MOST)
		value = was * USUAL_AT_MOST + PARTS;
	*usual = (uint64_t)(was + (value - was) / weight);
}

/* Learns from the window of a target that has passed, if one has. */
static void learn(struct traffic *t, struct record *r)
{
	struct usual *usual = usual_now(t, r);
	struct second sum;

	if (t->second - r->window_start < TRAFFIC_WINDOW)
		return;
	r->window_start = t->second;
	sum = sum_window(r);
	follow(&usual->completed, sum.count[TRAFFIC_COMPLETED], usual->windows);
	follow(&usual->requests, sum.count[TRAFFIC_REQUESTS], usual->windows);
	follow(&usual->bytes, sum.bytes, usual->windows);
	usual->windows++;
}

/* The current second of a record, after clearing what fell out of its window. */
static struct second *record_now(struct traffic *t, struct record *r)
{
	/* Packet time went back by far: another capture begins. */
	if (r->second - t->second > TRAFFIC_WINDOW) {
		memset(r->ring, 0, sizeof(r->ring));
		r->second = r->window_start = t->second;
	}
	if (t->second > r->second) {
		if (is_target(r))
			learn(t, r);
		for (int64_t s = r->second + 1; s <= t->second && s <= r->second + TRAFFIC_WINDOW;
		     s++)
			r->ring[s % TRAFFIC_WINDOW] = (struct second){0};
		r->second = t->second;
	}
	return &r->ring[r->second % TRAFFIC_WINDOW];
}

static struct second *book_second(struct traffic *t, struct book *b, struct key key)
{
	uint64_t hash = key_hash(&key);
	struct record *r = book_find(b, &key, hash);

	if (!r)
		r = book_make(t, b, &key, hash);
	if (!r)
		return NULL;
	if (!r->touched) {
		r->touched = true;
		b->touched[b->touched_count++] = (uint32_t)(r - b->record);
	}
	return record_now(t, r);
}

void traffic_count(struct traffic *t, enum traffic_fact fact, struct address source,
                   struct address target, uint32_t n)
{
	struct second *all = book_second(t, &t->targets, (struct key){.target = target});
	struct second *pair = book_second(t, &t->pairs, (struct key){source, target});

	if (all)
		all->count[fact] += n;
	if (pair)
		pair->count[fact] += n;
}

void traffic_bytes(struct traffic *t, struct address source, struct address target, uint64_t n)
{
	struct second *all = book_second(t, &t->targets, (struct key){.target = target});
	struct second *pair = book_second(t, &t->pairs, (struct key){source, target});

	if (all)
		all->bytes += n;
	if (pair)
		pair->bytes += n;
}

static struct record *target_find(struct traffic *t, struct address target)
{
	struct key key = {.target = target};

	return book_find(&t->targets, &key, key_hash(&key));
}

void traffic_answered(struct traffic *t, struct address target)
{
	struct record *r = target_find(t, target);

	if (r)
		r->answered = t->second;
}

/* What was completed may have been attempted in an earlier second. */
static uint32_t unfinished(const struct second *s)
{
	uint32_t attempted = s->count[TRAFFIC_ATTEMPTED], done = s->count[TRAFFIC_COMPLETED];

	return attempted > done ? attempted - done : 0;
}

static int64_t percent(uint32_t part, uint32_t whole)
{
	return whole ? (int64_t)part * 100 / whole : 0;
}

static bool worth_telling(const struct traffic_limits *least, const struct second *sum)
{
	return sum->count[TRAFFIC_ATTEMPTED] >= least->connections ||
	       sum->count[TRAFFIC_COMPLETED] >= least->connections ||
	       sum->count[TRAFFIC_REQUESTS] >= least->requests ||
	       sum->count[TRAFFIC_FRAGMENTS] >= least->faults ||
	       sum->count[TRAFFIC_MALFORMED] >= least->faults || sum->bytes >= least->bytes;
}

/* How many times the usual; one at least counts as usual. */
static int64_t ratio(uint64_t seen, uint64_t usual)
{
	return (int64_t)(seen * PARTS / (usual > PARTS ? usual : PARTS));
}

static void set_ratios(const struct traffic *t, const struct record *r, const struct second *sum)
{
	const struct usual *usual = usual_now(t, r);

	if (usual->windows < USUAL_AFTER)
		return;
	event_set_integer(t->event, FIELD_CONFIGMGR_TRAFFIC_COMPLETED_RATIO,
	                  ratio(sum->count[TRAFFIC_COMPLETED], usual->completed));
	event_set_integer(t->event, FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO,
	                  ratio(sum->count[TRAFFIC_REQUESTS], usual->requests));
	event_set_integer(t->event, FIELD_CONFIGMGR_TRAFFIC_BYTES_RATIO,
	                  ratio(sum->bytes, usual->bytes));
}

static void set_counts(struct event *ev, const struct second *last, const struct second *sum)
{
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED, last->count[TRAFFIC_ATTEMPTED]);
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_COMPLETED, last->count[TRAFFIC_COMPLETED]);
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_UNFINISHED, unfinished(last));
	if (sum->count[TRAFFIC_ATTEMPTED])
		event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT,
		                  percent(unfinished(sum), sum->count[TRAFFIC_ATTEMPTED]));
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_REQUESTS, last->count[TRAFFIC_REQUESTS]);
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_BYTES, (int64_t)last->bytes);
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_FRAGMENTS, last->count[TRAFFIC_FRAGMENTS]);
	event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_MALFORMED, last->count[TRAFFIC_MALFORMED]);
}

/* Who sent it: one address, or anyone. */
static void set_source(struct event *ev, const struct record *r, char text[ADDRESS_TEXT_MAX])
{
	if (is_target(r)) {
		event_set_name(ev, FIELD_CONFIGMGR_TRAFFIC_SOURCE, "anyone");
		return;
	}
	event_set_name(ev, FIELD_CONFIGMGR_TRAFFIC_SOURCE, address_print(r->key.source, text));
	event_set_address(ev, FIELD_SOURCE_IP, r->key.source);
	event_set_address(ev, FIELD_CLIENT_IP, r->key.source);
}

static void tell(struct traffic *t, const struct record *r)
{
	struct second sum = sum_window(r);
	struct event *ev = t->event;
	char text[ADDRESS_TEXT_MAX];

	if (!worth_telling(&t->limits, &sum))
		return;

	const struct record *target = is_target(r) ? r : target_find(t, r->key.target);

	event_begin(ev, EVENT_TRAFFIC, (t->second + 1) * SECOND);
	set_source(ev, r, text);
	event_set_address(ev, FIELD_DESTINATION_IP, r->key.target);
	event_set_address(ev, FIELD_SERVER_IP, r->key.target);
	set_counts(ev, &r->ring[r->second % TRAFFIC_WINDOW], &sum);
	if (target)
		event_set_boolean(ev, FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED,
		                  target->answered &&
		                          t->second - target->answered < TRAFFIC_WINDOW);
	if (is_target(r)) {
		event_set_integer(ev, FIELD_CONFIGMGR_TRAFFIC_TOP_PERCENT,
		                  percent(r->top, sum.count[TRAFFIC_ATTEMPTED]));
		set_ratios(t, r, &sum);
	}
	t->tell(t->context, ev);
}

/* Finds for each target how much the most active of its sources attempted. */
static void find_top_sources(struct traffic *t)
{
	for (uint32_t i = 0; i < t->targets.touched_count; i++)
		t->targets.record[t->targets.touched[i]].top = 0;
	for (uint32_t i = 0; i < t->pairs.touched_count; i++) {
		const struct record *pair = &t->pairs.record[t->pairs.touched[i]];
		uint32_t attempted = sum_window(pair).count[TRAFFIC_ATTEMPTED];
		struct record *target = attempted >= t->limits.connections
		                                ? target_find(t, pair->key.target)
		                                : NULL;

		if (target && attempted > target->top)
			target->top = attempted;
	}
}

static void end_second(struct traffic *t, struct book *b)
{
	uint32_t n = b->touched_count;

	b->touched_count = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct record *r = &b->record[b->touched[i]];

		r->touched = false;
		tell(t, r);
	}
}

void traffic_advance(struct traffic *t, int64_t now)
{
	int64_t second = now / SECOND;

	if (second == t->second)
		return;
	traffic_end(t);
	t->second = second;
}

void traffic_end(struct traffic *t)
{
	find_top_sources(t);
	end_second(t, &t->targets);
	end_second(t, &t->pairs);
}
