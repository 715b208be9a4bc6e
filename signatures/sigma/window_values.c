/* Windows that count distinct values: a hash of each value with the time when it was last seen.
 *
 * When they are too many to keep they become a HyperLogLog whose registers know when their rank was
 * last seen, so that it slides as well; a rank that has gone leaves less than it hid, so the count
 * is too low rather than too high. One thread owns a window. */
#include "signatures/sigma/window.h"

/* Values kept beyond what is enough, so that a hit can tell more than that it was enough. */
static uint32_t values_room(const struct correlation *what)
{
	uint64_t room = 2 * correlation_enough(what) + 16;

	return room < WINDOW_VALUES_MAX && !what->is_timed ? (uint32_t)room : WINDOW_VALUES_MAX;
}

static struct group_entry *entry_number(struct groups *s, struct group *g, unsigned number)
{
	struct group_at at;
	struct group_entry *e = group_first(s, g, &at);

	while (e && number--)
		e = group_next(s, g, &at);
	return e;
}

static void register_add(struct group_entry *e, uint64_t hash, int64_t time, int64_t limit)
{
	int64_t rank = hyperloglog_rank(hash);

	if (!e || (e->value > rank && e->time >= limit))
		return;
	*e = (struct group_entry){e->value == rank && e->time > time ? e->time : time, rank};
}

/* Turns the entries of a group into registers. */
static void make_registers(struct correlator *c, struct group *g)
{
	struct group_entry registers[HYPERLOGLOG_REGISTERS] = {{0}};
	struct groups *s = &c->groups;
	struct group_at at;

	for (struct group_entry *e = group_first(s, g, &at); e; e = group_next(s, g, &at))
		register_add(&registers[hyperloglog_register((uint64_t)e->value)],
		             (uint64_t)e->value, e->time, INT64_MIN);
	while (g->entries > HYPERLOGLOG_REGISTERS)
		group_pop_last(s, g);

	struct group_entry *e = group_first(s, g, &at);

	for (unsigned i = 0; e && i < HYPERLOGLOG_REGISTERS; i++, e = group_next(s, g, &at))
		*e = registers[i];
	g->is_sketch = g->is_approximate = true;
	c->roughened++;
}

static uint64_t estimate(struct correlator *c, struct group *g, int64_t limit)
{
	uint8_t rank[HYPERLOGLOG_REGISTERS] = {0};
	struct group_at at;
	unsigned i = 0;

	for (struct group_entry *e = group_first(&c->groups, g, &at); e;
	     e = group_next(&c->groups, g, &at), i++)
		rank[i] = e->value && e->time >= limit ? (uint8_t)e->value : 0;
	return hyperloglog_estimate(rank);
}

/* Drops what is older than the limit; finds the value and the oldest of the others. */
static struct group_entry *value_find(struct correlator *c, struct group *g, uint64_t hash,
                                      int64_t limit, struct group_entry **oldest)
{
	struct groups *s = &c->groups;
	struct group_at at, last_at;
	struct group_entry *e = group_first(s, g, &at), *found = NULL;

	*oldest = NULL;
	while (e) {
		if (e->time < limit) {
			struct group_entry *last = group_last(s, g, &last_at);
			bool was_last = last == e;

			*e = *last;
			group_pop_last(s, g);
			if (was_last)
				break;
			continue;
		}
		if ((uint64_t)e->value == hash)
			found = e;
		if (!*oldest || e->time < (*oldest)->time)
			*oldest = e;
		e = group_next(s, g, &at);
	}
	return found;
}

uint64_t window_values_add(struct correlator *c, const struct window *w, struct group *g,
                           uint64_t hash, int64_t time, int64_t limit)
{
	struct group_entry *oldest, *found;
	bool is_question = !hash;

	if (!g->is_sketch) {
		found = value_find(c, g, hash, limit, &oldest);
		if (is_question)
			return g->entries;
		if (found) {
			found->time = time > found->time ? time : found->time;
			return g->entries;
		}
		if (g->entries >= WINDOW_VALUES_MAX) {
			make_registers(c, g);
		} else if (g->entries < values_room(w->correlation) &&
		           group_append(&c->groups, g, (struct group_entry){time, (int64_t)hash})) {
			return g->entries;
		} else if (oldest) { /* more than enough already, or no memory for more */
			g->is_approximate |= g->entries < values_room(w->correlation);
			*oldest = (struct group_entry){time, (int64_t)hash};
			return g->entries;
		}
	}
	if (!is_question)
		register_add(entry_number(&c->groups, g, hyperloglog_register(hash)), hash, time,
		             limit);
	return estimate(c, g, limit);
}

static int64_t first_time(struct correlator *c, struct group *g, int64_t limit)
{
	int64_t first = g->newest;
	struct group_at at;

	for (struct group_entry *e = group_first(&c->groups, g, &at); e;
	     e = group_next(&c->groups, g, &at))
		if (e->time >= limit && e->time < first && (e->value || !g->is_sketch))
			first = e->time;
	return first;
}

void window_count_values(struct correlator *c, struct group *g, const struct occurrence *o)
{
	const struct correlation *what = o->window->correlation;
	int64_t limit = g->newest - what->span;
	struct firing firing = {.keys = o->keys, .event = o->event};

	for (unsigned i = 0; i < o->combinations; i++)
		firing.count = window_values_add(c, o->window, g, keys_steady_hash(&o->values[i]),
		                                 o->time, limit);
	if (!o->combinations || !correlation_is_met(what, number_of((int64_t)firing.count)))
		return;
	firing.first = first_time(c, g, limit);
	window_fire(c, o->window, g, &firing);
}
