/* Windows of rules that match together, in any order or in one. One thread owns a window.
 *
 * Together: an entry for each member, with the time when it last matched.
 *
 * In order: for each step an entry with the time when a sequence last reached it, and the newest
 * start of such a sequence; behind these, for each step but the first, an entry with the time when
 * its rule last matched at all: an event that comes late can so be the step before one that was
 * there first. */
#include "signatures/sigma/window.h"

#define NEVER INT64_MIN

/* Gives the group its entries; false when memory has run out. */
static bool entries_make(struct correlator *c, struct group *g, unsigned count)
{
	while (g->entries < count)
		if (!group_append(&c->groups, g, (struct group_entry){NEVER, NEVER})) {
			group_clear(&c->groups, g);
			c->roughened++;
			return false;
		}
	return true;
}

void window_together(struct correlator *c, struct group *g, const struct occurrence *o)
{
	const struct correlation *what = o->window->correlation;
	struct firing firing = {.keys = o->keys, .event = o->event, .first = g->newest};
	uint64_t enough = what->bounds ? correlation_enough(what) : what->members;
	struct group_at at;
	unsigned i = 0;

	if (!entries_make(c, g, what->members))
		return;
	for (struct group_entry *e = group_first(&c->groups, g, &at); e;
	     e = group_next(&c->groups, g, &at), i++) {
		if (i == o->member && o->time > e->time)
			e->time = o->time;
		if (e->time == NEVER || e->time < g->newest - what->span)
			continue;
		firing.count++;
		firing.first = e->time < firing.first ? e->time : firing.first;
	}
	if (firing.count >= enough)
		window_fire(c, o->window, g, &firing);
}

/* The steps of a group, side by side while one event is looked at. */
struct steps {
	struct group_entry *reached[CORRELATION_RULES_MAX]; /* time, and start of the sequence */
	struct group_entry *matched[CORRELATION_RULES_MAX]; /* not of the first */
	int64_t span;
};

static void steps_find(struct correlator *c, struct group *g, unsigned count, struct steps *s)
{
	struct group_at at;
	struct group_entry *e = group_first(&c->groups, g, &at);

	for (unsigned i = 0; i < count; i++, e = group_next(&c->groups, g, &at))
		s->reached[i] = e;
	for (unsigned i = 1; i < count; i++, e = group_next(&c->groups, g, &at))
		s->matched[i] = e;
}

/* Lets a sequence that reached the step before go on to this one at `time`; whether it is a newer
 * one than had come so far. */
static bool step_reach(struct steps *s, unsigned step, int64_t time)
{
	struct group_entry *here = s->reached[step];
	int64_t start = step ? s->reached[step - 1]->value : time;

	if (!here || start == NEVER || time - start > s->span || start <= here->value ||
	    (step && s->reached[step - 1]->time > time))
		return false;
	*here = (struct group_entry){time, start};
	return true;
}

void window_in_order(struct correlator *c, struct group *g, const struct occurrence *o)
{
	const struct correlation *what = o->window->correlation;
	struct firing firing = {.keys = o->keys, .event = o->event, .count = what->members};
	struct steps s = {.span = what->span};
	unsigned step = o->member, last = what->members - 1;
	int64_t time = o->time;

	if (!entries_make(c, g, 2 * what->members - 1))
		return;
	steps_find(c, g, what->members, &s);
	if (step && time > s.matched[step]->time)
		s.matched[step]->time = time;

	bool reached = step_reach(&s, step, time);

	while (reached && step < last) {
		int64_t later = s.matched[++step]->time;

		/* Of equal times the order of arrival counts, and this event came after that one.
		 */
		reached = later > s.reached[step - 1]->time && step_reach(&s, step, later);
	}
	if (!reached)
		return;
	firing.first = s.reached[last]->value;
	window_fire(c, o->window, g, &firing);
}
