/* Windows that count events or sum up a field: the newest entries of a group, in the order of time.
 *
 * An entry is a time and a weight. When there are too many, or no memory for more, neighbours are
 * merged under the time of the older one: they leave the window too early rather than too late, so
 * the count is too low rather than too high. One thread owns a window. */
#include "signatures/sigma/window.h"

#include "signatures/sigma/fact.h"

/* Merges every two neighbours. */
static void roughen(struct correlator *c, struct group *g)
{
	struct groups *s = &c->groups;
	struct group_at read_at, write_at;
	struct group_entry *read = group_first(s, g, &read_at),
	                   *write = group_first(s, g, &write_at);
	uint32_t left = 0;

	while (read) {
		struct group_entry merged = *read, *second = group_next(s, g, &read_at);

		if (second)
			merged.value += second->value;
		read = second ? group_next(s, g, &read_at) : NULL;
		*write = merged;
		left++;
		write = group_next(s, g, &write_at);
	}
	while (g->entries > left)
		group_pop_last(s, g);
	g->is_approximate = true;
	c->roughened++;
}

/* Puts an entry where its time belongs: nearly always at the end. */
static void insert(struct correlator *c, struct group *g, struct group_entry e)
{
	struct groups *s = &c->groups;
	struct group_at at, before_at;
	struct group_entry *here = group_last(s, g, &at), *before;

	if (here && here->time == e.time) {
		here->value += e.value;
		return;
	}
	if (g->entries >= WINDOW_ENTRIES_MAX)
		roughen(c, g);
	if (!group_append(s, g, e)) {
		roughen(c, g);
		if (!group_append(s, g, e))
			return;
	}
	here = group_last(s, g, &at);
	before_at = at;
	while ((before = group_previous(s, g, &before_at)) && before->time > e.time) {
		*here = *before;
		*before = e;
		here = before;
	}
}

static void forget_before(struct correlator *c, struct group *g, int64_t limit)
{
	struct group_at at;
	struct group_entry *first;

	while ((first = group_first(&c->groups, g, &at)) && first->time < limit) {
		g->sum -= first->value;
		group_pop_first(&c->groups, g);
	}
}

/* Events beyond what is enough say nothing more. */
static void forget_spare(struct correlator *c, struct group *g, uint64_t enough)
{
	struct group_at at;
	struct group_entry *first;

	while ((first = group_first(&c->groups, g, &at)) &&
	       g->sum - first->value >= (int64_t)(enough ? enough : 1)) {
		g->sum -= first->value;
		group_pop_first(&c->groups, g);
	}
}

/* The sum of the values of an event, in numbers; false when none is a number. */
static bool weight_of(const struct occurrence *o, int64_t *weight)
{
	bool any = false;

	*weight = 0;
	for (unsigned i = 0; i < o->combinations; i++) {
		const struct key *k = &o->values[i].at[0];
		struct number n = number_of(k->value.integer);

		if (k->type == TYPE_TEXT && !number_parse(k->value.text, &n))
			continue;
		if (n.is_real)
			n.integer = n.real > 9e18    ? INT64_MAX
			            : n.real < -9e18 ? INT64_MIN
			                             : (int64_t)n.real;
		if (__builtin_add_overflow(*weight, n.integer, weight))
			*weight = n.integer > 0 ? INT64_MAX : INT64_MIN;
		any = true;
	}
	return any;
}

static void sum_add(struct group *g, int64_t weight)
{
	if (__builtin_add_overflow(g->sum, weight, &g->sum))
		g->sum = weight > 0 ? INT64_MAX : INT64_MIN;
}

static bool takes_sum(const struct correlation *c)
{
	return c->type == CORRELATION_VALUE_SUM || c->type == CORRELATION_VALUE_AVG;
}

/* An event counts once, however many rules or elements of a list bring it here. */
static bool is_counted(const struct correlator *c, struct group *g, const struct occurrence *o)
{
	if (g->stamp == c->stamp && !o->is_chained)
		return true;
	g->stamp = c->stamp;
	return false;
}

void window_count(struct correlator *c, struct group *g, const struct occurrence *o)
{
	const struct correlation *what = o->window->correlation;
	struct firing firing = {.keys = o->keys, .event = o->event};
	uint64_t enough = correlation_enough(what);
	int64_t weight = 1;
	struct group_at at;

	if (is_counted(c, g, o) || (takes_sum(what) && !weight_of(o, &weight)))
		return;
	insert(c, g, (struct group_entry){o->time, weight});
	sum_add(g, weight);
	if (g->count++ == 0)
		g->first = o->time;
	forget_before(c, g, g->newest - what->span);
	if (!takes_sum(what))
		forget_spare(c, g, enough);
	if (!g->entries || !correlation_is_met(what, number_of(g->sum)))
		return;
	firing.count = (uint64_t)g->sum;
	firing.first = group_first(&c->groups, g, &at)->time;
	if (!takes_sum(what) && g->count > firing.count && g->first >= g->newest - what->span) {
		firing.count = g->count;
		firing.first = g->first;
	}
	window_fire(c, o->window, g, &firing);
}

void window_gather(struct correlator *c, struct group *g, const struct occurrence *o)
{
	const struct correlation *what = o->window->correlation;
	int64_t weight = 0;

	if (what->type == CORRELATION_VALUE_COUNT) {
		for (unsigned i = 0; i < o->combinations; i++)
			window_values_add(c, o->window, g, keys_steady_hash(&o->values[i]), o->time,
			                  INT64_MIN);
		g->count++;
		return;
	}
	if (is_counted(c, g, o) || (takes_sum(what) && !weight_of(o, &weight)))
		return;
	sum_add(g, weight);
	g->count++;
}

bool window_judge(struct correlator *c, struct group *g, uint64_t *count)
{
	const struct correlation *what = c->window[g->owner].correlation;
	struct number measured = number_of(g->count);

	*count = g->count;
	if (what->type == CORRELATION_VALUE_COUNT) {
		*count = window_values_add(c, &c->window[g->owner], g, 0, 0, INT64_MIN);
		measured = number_of((int64_t)*count);
	} else if (what->type == CORRELATION_VALUE_SUM) {
		measured = number_of(g->sum);
	} else if (what->type == CORRELATION_VALUE_AVG) {
		measured = (struct number){.is_real = true,
		                           .real = g->count ? (double)g->sum / g->count : 0};
	}
	return correlation_is_met(what, measured);
}
