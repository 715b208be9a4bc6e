/* The memory of alerts told: a table of entries in the order in which their windows began. */
#include "sensor/output/throttle.h"

#include "core/hash.h"
#include "core/table.h"

#include <stdlib.h>

struct entry {
	struct throttled told;
	uint64_t hash;
	uint32_t before, after; /* in order of `told.first`, + 1 */
};

struct throttle {
	struct entry *at;
	struct table table;
	uint32_t count, fresh, free, oldest, newest; /* all but count: entries + 1 */
	int64_t window, now;
	struct counters *counters;
	throttle_tell *tell;
	void *context;
};

struct throttle *throttle_open(uint32_t entries, int64_t window, struct counters *counters,
                               throttle_tell *tell, void *context)
{
	struct throttle *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->count = entries;
	t->window = window;
	t->counters = counters;
	t->tell = tell;
	t->context = context;
	t->at = calloc(entries, sizeof(*t->at));
	if (t->at && table_open(&t->table, entries))
		return t;
	throttle_close(t);
	return NULL;
}

void throttle_close(struct throttle *t)
{
	if (!t)
		return;
	table_close(&t->table);
	free(t->at);
	free(t);
}

/* Ends the oldest window: tells its repetitions and gives its place back. */
static void end_oldest(struct throttle *t)
{
	uint32_t place = t->oldest;
	struct entry *e = &t->at[place - 1];

	t->oldest = e->after;
	if (t->oldest)
		t->at[t->oldest - 1].before = 0;
	else
		t->newest = 0;
	table_remove(&t->table, e->hash, place - 1);
	e->told.now = t->now > e->told.last ? t->now : e->told.last;
	if (e->told.repeated)
		t->tell(t->context, &e->told);
	e->after = t->free;
	t->free = place;
}

static bool same(const struct throttled *a, const struct throttled *b)
{
	return a->rule == b->rule && a->has_client == b->has_client &&
	       a->has_server == b->has_server && address_equal(a->client, b->client) &&
	       address_equal(a->server, b->server);
}

static struct throttled key_of(const struct sigma_hit *hit)
{
	const struct event *ev = hit->event;
	struct throttled key = {.rule = hit->rule, .first = ev->time, .last = ev->time};

	key.has_client = event_has(ev, FIELD_CLIENT_IP);
	key.has_server = event_has(ev, FIELD_SERVER_IP);
	if (key.has_client)
		key.client = ev->value[FIELD_CLIENT_IP].address;
	if (key.has_server)
		key.server = ev->value[FIELD_SERVER_IP].address;
	return key;
}

static uint64_t hash_of(const struct throttled *key)
{
	struct {
		const void *rule;
		struct address client, server;
	} bytes = {key->rule, key->client, key->server};

	return hash_bytes((struct bytes){(const uint8_t *)&bytes, sizeof(bytes)});
}

static struct entry *find(struct throttle *t, const struct throttled *key, uint64_t hash)
{
	uint32_t at = TABLE_NONE, place;

	while ((place = table_next(&t->table, hash, &at)) != TABLE_NONE)
		if (same(&t->at[place].told, key))
			return &t->at[place];
	return NULL;
}

static void add(struct throttle *t, const struct throttled *key, uint64_t hash)
{
	if (!t->free && t->fresh == t->count) {
		count(t->counters, COUNTER_THROTTLE_EVICTED);
		end_oldest(t);
	}

	uint32_t place = t->free ? t->free : ++t->fresh;
	struct entry *e = &t->at[place - 1];

	if (t->free)
		t->free = e->after;
	*e = (struct entry){.told = *key, .hash = hash, .before = t->newest};
	if (t->newest)
		t->at[t->newest - 1].after = place;
	else
		t->oldest = place;
	t->newest = place;
	table_add(&t->table, hash, place - 1);
}

bool throttle_pass(struct throttle *t, const struct sigma_hit *hit)
{
	struct throttled key = key_of(hit);
	uint64_t hash = hash_of(&key);
	struct entry *e;

	if (!t->window)
		return true;
	throttle_advance(t, key.first);
	e = find(t, &key, hash);
	if (!e) {
		add(t, &key, hash);
		return true;
	}
	e->told.repeated++;
	e->told.last = key.first;
	count(t->counters, COUNTER_ALERTS_THROTTLED);
	return false;
}

void throttle_advance(struct throttle *t, int64_t now)
{
	t->now = now;
	while (t->oldest && now - t->at[t->oldest - 1].told.first > t->window)
		end_oldest(t);
}

void throttle_end(struct throttle *t)
{
	while (t->oldest)
		end_oldest(t);
}
