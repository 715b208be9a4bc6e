/* Books of sliding windows. */
#include "sensor/packet/traffic_book.h"

#include "core/hash.h"
#include "core/memory.h"

#define EVICTION_CANDIDATES 8
/* A record is a known server's when so many windows were learned, and it was heard of in this time:
 * then it is given up last. */
#define KNOWN_AFTER         30
#define KNOWN_FOR           (INT64_C(7) * 24 * 3600)

bool traffic_book_open(struct traffic_book *b, uint32_t cap, struct counters *counters)
{
	b->cap = cap;
	b->counters = counters;
	b->record = memory_reserve(cap * sizeof(*b->record));
	b->touched = memory_reserve(cap * sizeof(*b->touched));
	return b->record && b->touched && table_open(&b->table, cap);
}

void traffic_book_close(struct traffic_book *b)
{
	memory_release(b->record, b->cap * sizeof(*b->record));
	memory_release(b->touched, b->cap * sizeof(*b->touched));
	table_close(&b->table);
}

static uint64_t key_hash(const struct traffic_key *key)
{
	const uint64_t word[5] = {
	        address_half(&key->source, 0),
	        address_half(&key->source, 1),
	        address_half(&key->target, 0),
	        address_half(&key->target, 1),
	};

	return hash_five(word);
}

static struct traffic_record *find(struct traffic_book *b, const struct traffic_key *key,
                                   uint64_t hash)
{
	uint32_t at = TABLE_NONE, place;

	while ((place = table_next(&b->table, hash, &at)) != TABLE_NONE)
		if (!memcmp(&b->record[place].key, key, sizeof(*key)))
			return &b->record[place];
	return NULL;
}

struct traffic_record *traffic_book_find(struct traffic_book *b, const struct traffic_key *key)
{
	return find(b, key, key_hash(key));
}

static bool is_known(const struct traffic_record *r, int64_t second)
{
	return r->known >= KNOWN_AFTER && second - r->second < KNOWN_FOR;
}

/* Which of two records is the smaller loss. */
static bool rather(const struct traffic_record *a, const struct traffic_record *b, int64_t second)
{
	bool a_known = is_known(a, second), b_known = is_known(b, second);

	return a_known != b_known ? b_known : a->second < b->second;
}

/* Makes room; NULL when all candidates were counted just now. */
static struct traffic_record *evict(struct traffic_book *b, int64_t second)
{
	struct traffic_record *worst = NULL;

	for (int i = 0; i < EVICTION_CANDIDATES; i++) {
		struct traffic_record *r = &b->record[b->hand];

		b->hand = b->hand + 1 == b->cap ? 0 : b->hand + 1;
		if (!r->touched && (!worst || rather(r, worst, second)))
			worst = r;
	}
	count(b->counters, worst ? COUNTER_TRAFFIC_EVICTED : COUNTER_TRAFFIC_NOT_COUNTED);
	if (worst)
		table_remove(&b->table, worst->hash, traffic_book_place(b, worst));
	return worst;
}

static struct traffic_record *make(struct traffic_book *b, const struct traffic_key *key,
                                   uint64_t hash, int64_t second)
{
	struct traffic_record *r = b->fresh == b->cap ? evict(b, second) : &b->record[b->fresh++];

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->key = *key;
	r->hash = hash;
	r->second = second;
	table_add(&b->table, hash, traffic_book_place(b, r));
	return r;
}

static void forget(struct traffic_record *r)
{
	memset(&r->sum, 0, sizeof(r->sum));
	memset(r->ring, 0, sizeof(r->ring));
}

/* Clears what falls out of the window. */
static void move_on(struct traffic_record *r, int64_t second)
{
	/* After a long silence; or packet time went back by far: another capture begins. */
	if (second - r->second >= TRAFFIC_WINDOW || r->second - second >= TRAFFIC_WINDOW) {
		forget(r);
		r->second = second;
	}
	while (r->second < second) {
		struct traffic_second *oldest;

		r->second++;
		oldest = traffic_record_now(r);
		for (int f = 0; f < TRAFFIC_FACTS; f++)
			r->sum.count[f] -= oldest->count[f];
		memset(oldest, 0, sizeof(*oldest));
	}
}

struct traffic_record *traffic_book_take(struct traffic_book *b, const struct traffic_key *key,
                                         int64_t second, bool *made)
{
	uint64_t hash = key_hash(key);
	struct traffic_record *r = find(b, key, hash);

	*made = !r;
	if (!r)
		r = make(b, key, hash, second);
	if (!r)
		return NULL;
	if (!r->touched) {
		r->touched = true;
		b->touched[b->touched_count++] = traffic_book_place(b, r);
		move_on(r, second);
	}
	return r;
}
