/* Running correlations: which windows an event touches, in which order, and what they fire.
 *
 * Correlations are numbered so that those which are counted come before those that count them; one
 * pass over the touched ones in that order settles chains. One thread owns a correlator. */
#include "signatures/sigma/window.h"

#include <stdlib.h>

#define DEFAULT_BYTES  (64u << 20)
/* Old groups that are cleared away for each new one. */
#define CLEAR_AT_ONCE  2
#define GROUP_TEXT_MAX 512

static void mark(struct correlator *c, const struct rule *rule)
{
	uint32_t end = c->subscribed[rule->number + 1];

	for (uint32_t i = c->subscribed[rule->number]; i < end; i++) {
		const struct subscription *s = &c->subscription[i];

		c->window[s->window].pending |= 1u << s->member;
		c->pending[s->window / 64] |= UINT64_C(1) << (s->window % 64);
		c->any_pending = true;
	}
}

/* Picks some of the events that a window knows the times of, spread over all of them. */
static void take_samples(struct correlator *c, const struct window *w, struct group *g,
                         struct sigma_hit *hit)
{
	const struct correlation *what = w->correlation;
	bool is_sequence = what->type == CORRELATION_TEMPORAL_ORDERED;
	uint32_t count = is_sequence && g->entries > what->members ? what->members : g->entries;
	uint32_t wanted = count < SIGMA_SAMPLES_MAX ? count : SIGMA_SAMPLES_MAX, taken = 0, i = 0;
	struct group_at at;

	for (struct group_entry *e = group_first(&c->groups, g, &at); e && taken < wanted;
	     e = group_next(&c->groups, g, &at), i++) {
		/* The first, the last, and others at equal steps between them. */
		uint64_t next = wanted > 1 ? (uint64_t)taken * (count - 1) / (wanted - 1) : 0;

		if (i < next)
			continue;
		taken++;
		if (e->time >= hit->first && e->time <= hit->last && (e->value || !g->is_sketch))
			hit->sample[hit->samples++] = e->time;
	}
	for (unsigned a = 1; a < hit->samples; a++)
		for (unsigned b = a; b && hit->sample[b - 1] > hit->sample[b]; b--) {
			int64_t time = hit->sample[b];

			hit->sample[b] = hit->sample[b - 1];
			hit->sample[b - 1] = time;
		}
}

static void raise_hit(struct correlator *c, struct window *w, struct group *g,
                      const struct firing *firing)
{
	const struct rule *rule = w->rule;
	char group[GROUP_TEXT_MAX];
	struct sigma_hit hit = {
	        .rule = &rule->about,
	        .event = firing->event,
	        .tested = &rule->tested,
	        .count = firing->count,
	        .first = firing->first,
	        .last = g->newest,
	        .approximate = g->is_approximate,
	};

	if (!rule->about.silent && !rule->about.disabled) {
		take_samples(c, w, g, &hit);
		hit.group = bytes_of(keys_print(firing->keys, group, sizeof(group)));
		if (rule_is_suppressed(rule, firing->event))
			c->suppressed++;
		else
			c->on_hit(c->context, &hit);
	}
	mark(c, rule);
	if (w->hits == KEYS_COMBINATIONS_MAX)
		return;

	struct window_hit *kept = &w->hit[w->hits++];

	kept->time = g->newest;
	kept->event = firing->event;
	kept->keys = *firing->keys;
	if (firing->event == &c->made) /* whose texts the next such event overwrites */
		keys_unpack(keys_pack(firing->keys, kept->packed, sizeof(kept->packed)),
		            &kept->keys);
}

void window_fire(struct correlator *c, struct window *w, struct group *g,
                 const struct firing *firing)
{
	if (g->has_fired && g->newest - g->fired <= w->correlation->span)
		return;
	g->has_fired = true;
	g->fired = g->newest;
	raise_hit(c, w, g, firing);
	g->count = 0;
}

static void judge(struct correlator *c, struct window *w, struct group *g)
{
	struct firing firing = {.keys = &c->made_keys, .event = &c->made, .first = g->first};

	if (window_judge(c, g, &firing.count)) {
		window_make_event(c, w, g);
		raise_hit(c, w, g, &firing);
	}
	group_remove(&c->groups, g);
}

/* Groups that no longer count anything make room. */
static void clear_old(struct correlator *c, const struct window *w)
{
	struct group *oldest;

	for (int i = 0; i < CLEAR_AT_ONCE && !w->correlation->is_timed; i++) {
		oldest = group_oldest(&c->groups, w->correlation->number);
		if (!oldest ||
		    oldest->newest >= c->clock.now - w->correlation->span - CLOCK_TOLERANCE)
			return;
		group_remove(&c->groups, oldest);
	}
}

static void on_evict(void *context, struct group *g)
{
	struct correlator *c = context;
	struct window *w = &c->window[g->owner];

	if (g->newest < c->clock.now - w->correlation->span)
		return;
	c->groups.list[g->owner].evicted++;
	w->has_evicted = true;
	if (w->sketch && g->sum > 0)
		sketch_add(w->sketch, g->steady,
		           g->sum < UINT32_MAX ? (uint32_t)g->sum : UINT32_MAX, c->clock.now,
		           w->correlation->span);
}

/* What is remembered of a group that was given up: under a time in the middle of the span. */
static void recall(struct correlator *c, struct window *w, struct group *g, int64_t time)
{
	uint32_t weight;

	if (!w->sketch || !w->has_evicted)
		return;
	weight = sketch_take(w->sketch, g->steady, c->clock.now, w->correlation->span);
	if (!weight)
		return;
	g->is_approximate = true;
	g->sum = weight;
	group_append(&c->groups, g, (struct group_entry){time - w->correlation->span / 2, weight});
}

static struct group *group_start(struct correlator *c, struct window *w, const struct occurrence *o,
                                 uint64_t hash)
{
	uint8_t packed[GROUP_KEYS_MAX];
	struct group *g;

	clear_old(c, w);
	g = group_add(&c->groups, w->correlation->number, hash);
	g->newest = g->first = o->time;
	g->steady = w->sketch ? keys_steady_hash(o->keys) : 0;
	if (w->correlation->is_timed)
		group_keep_keys(&c->groups, g, keys_pack(o->keys, packed, sizeof(packed)));
	else
		recall(c, w, g, o->time);
	return g;
}

/* The group of an occurrence; NULL when the event is too old to count in it. */
static struct group *group_for(struct correlator *c, struct window *w, const struct occurrence *o)
{
	uint64_t hash = keys_hash(o->keys, w->rule->identity);
	struct group *g = group_find(&c->groups, hash);
	int64_t time = o->time, span = w->correlation->span;

	if (g && g->newest > c->clock.now + span) { /* the clock was set back since */
		group_remove(&c->groups, g);
		g = NULL;
	}
	if (g && w->correlation->is_timed && time - g->first > span) {
		judge(c, w, g);
		g = NULL;
	}
	if (!g)
		return group_start(c, w, o, hash);
	if (time < g->newest - span) {
		c->late++;
		return NULL;
	}
	if (time > g->newest)
		g->newest = time;
	if (!w->correlation->is_timed)
		group_touch(&c->groups, g);
	return g;
}

/* How much of what is wanted the group has by now. */
static uint64_t reached_by(struct correlator *c, const struct window *w, struct group *g)
{
	const struct correlation *what = w->correlation;
	struct group_at at;
	uint64_t reached = 0;
	unsigned i = 0;

	if (what->type == CORRELATION_EVENT_COUNT)
		return what->is_timed ? g->count : (uint64_t)g->sum;
	if (what->type == CORRELATION_VALUE_SUM || what->type == CORRELATION_VALUE_AVG)
		return g->sum > 0 ? (uint64_t)g->sum : 0;
	if (what->type == CORRELATION_VALUE_COUNT)
		return window_values_add(c, w, g, 0, 0, g->newest - what->span);
	for (struct group_entry *e = group_first(&c->groups, g, &at); e && i < what->members;
	     e = group_next(&c->groups, g, &at), i++)
		reached += e->time != INT64_MIN && e->time >= g->newest - what->span;
	return reached;
}

static void tell_progress(struct correlator *c, const struct window *w, struct group *g,
                          const struct occurrence *o)
{
	const struct correlation *what = w->correlation;
	char text[1024];
	struct sigma_progress progress = {
	        .rule = &w->rule->about,
	        .group = keys_print(o->keys, text, sizeof(text)),
	        .time = o->time,
	        .reached = reached_by(c, w, g),
	};

	if (what->type == CORRELATION_TEMPORAL_ORDERED || !what->bounds)
		progress.wanted = what->members;
	else if (what->bounds == 1 && !what->is_timed)
		progress.wanted = correlation_enough(what);
	c->on_progress(c->progress_context, &progress);
}

typedef void window_take(struct correlator *c, struct group *g, const struct occurrence *o);

static void occur(struct correlator *c, struct window *w, unsigned member,
                  const struct window_hit *hit)
{
	static window_take *const take[CORRELATION_TYPE_COUNT] = {
	        [CORRELATION_EVENT_COUNT] = window_count,
	        [CORRELATION_VALUE_COUNT] = window_count_values,
	        [CORRELATION_TEMPORAL] = window_together,
	        [CORRELATION_TEMPORAL_ORDERED] = window_in_order,
	        [CORRELATION_VALUE_SUM] = window_count,
	        [CORRELATION_VALUE_AVG] = window_gather,
	};
	const struct correlation *what = w->correlation;
	const struct member *m = &what->member[member];
	struct keys keys[KEYS_COMBINATIONS_MAX], values[KEYS_COMBINATIONS_MAX];
	const struct keys *inner = hit ? &hit->keys : NULL;
	struct occurrence o = {.window = w,
	                       .member = member,
	                       .event = hit ? hit->event : c->event,
	                       .time = hit ? hit->time : c->event->time,
	                       .values = values,
	                       .is_chained = hit != NULL};
	unsigned groups = keys_find(m->key, what->keys, c->event, inner, keys);

	if (what->values)
		o.combinations = keys_find(m->value, what->values, c->event, inner, values);
	if (!groups || (what->values && !o.combinations)) {
		c->ungrouped++;
		return;
	}
	for (unsigned i = 0; i < groups; i++) {
		struct group *g;

		o.keys = &keys[i];
		g = group_for(c, w, &o);
		if (!g)
			continue;
		(what->is_timed ? window_gather : take[what->type])(c, g, &o);
		if (c->on_progress)
			tell_progress(c, w, g, &o);
	}
}

/* The members that matched, the last ones first: an event is one step of a sequence, not two. */
static void settle(struct correlator *c, struct window *w)
{
	uint32_t pending = w->pending;

	w->pending = 0;
	w->hits = 0;
	while (pending) {
		unsigned member = 31u - (unsigned)__builtin_clz(pending);
		const struct correlation *inner = w->correlation->member[member].rule->correlation;

		pending &= ~(1u << member);
		if (!inner)
			occur(c, w, member, NULL);
		for (unsigned i = 0; inner && i < c->window[inner->number].hits; i++)
			occur(c, w, member, &c->window[inner->number].hit[i]);
	}
}

static void settle_all(struct correlator *c)
{
	for (size_t word = 0; word < (c->windows + 63) / 64 && c->any_pending; word++)
		while (c->pending[word]) {
			unsigned bit = (unsigned)__builtin_ctzll(c->pending[word]);

			c->pending[word] &= c->pending[word] - 1;
			settle(c, &c->window[word * 64 + bit]);
		}
	c->any_pending = false;
}

/* The oldest window that is over, or that lies in the future because the clock was set back. */
static struct group *next_ended(struct correlator *c, uint32_t number)
{
	int64_t span = c->window[number].correlation->span;
	struct group *g = group_oldest(&c->groups, number);

	while (g && g->first > c->clock.now + span) {
		group_remove(&c->groups, g);
		g = group_oldest(&c->groups, number);
	}
	/* Late packets are waited for. */
	return g && g->first + span < c->clock.now - CLOCK_TOLERANCE ? g : NULL;
}

static void judge_ended(struct correlator *c)
{
	for (uint32_t i = 0; i < c->timed_windows; i++) {
		struct window *w = &c->window[c->timed[i]];
		struct group *g;

		while ((g = next_ended(c, c->timed[i]))) {
			w->hits = 0;
			judge(c, w, g);
			settle_all(c);
		}
	}
}

void correlator_begin(struct correlator *c, const struct event *ev, sigma_on_hit *on_hit,
                      void *context)
{
	correlator_advance(c, ev->time, on_hit, context);
	c->event = ev;
	c->stamp++;
}

void correlator_take(struct correlator *c, const struct rule *rule)
{
	if (rule->is_referenced)
		mark(c, rule);
}

void correlator_end(struct correlator *c)
{
	if (c->any_pending)
		settle_all(c);
}

void correlator_advance(struct correlator *c, int64_t now, sigma_on_hit *on_hit, void *context)
{
	c->on_hit = on_hit;
	c->context = context;
	clock_follow(&c->clock, now);
	judge_ended(c);
}

void correlator_watch(struct correlator *c, sigma_on_progress *on_progress, void *context)
{
	c->on_progress = on_progress;
	c->progress_context = context;
}

void correlator_counts(const struct correlator *c, struct sigma_counts *counts)
{
	counts->groups = c->groups.used;
	counts->ungrouped = c->ungrouped;
	counts->late = c->late;
	counts->suppressed += c->suppressed;
	counts->roughened = c->roughened;
	for (uint32_t i = 0; i < c->windows; i++)
		counts->evicted += c->groups.list[i].evicted;
}

/* First how many subscriptions each rule has, then where they end, then what they are. */
static void subscribe(struct correlator *c)
{
	uint32_t count = 0;

	for (uint32_t w = 0; w < c->windows; w++)
		for (unsigned m = 0; m < c->window[w].correlation->members; m++, count++)
			c->subscribed[c->window[w].correlation->member[m].rule->number]++;
	for (size_t i = 1; i <= c->set->rules; i++)
		c->subscribed[i] += c->subscribed[i - 1];
	c->subscription = calloc(count + (size_t)1, sizeof(*c->subscription));
	for (uint32_t w = c->windows; w-- && c->subscription;)
		for (unsigned m = 0; m < c->window[w].correlation->members; m++) {
			size_t rule = c->window[w].correlation->member[m].rule->number;

			c->subscription[--c->subscribed[rule]] = (struct subscription){w, m};
		}
}

/* Sketches are memory that nobody touches before groups must be given up; windows for which there
 * is no more of it go without. */
static bool windows_open(struct correlator *c, size_t sketches)
{
	if (!arena_open(&c->sketches, sketches))
		return false;
	for (uint32_t i = 0; i < c->windows; i++) {
		struct window *w = &c->window[i];

		w->rule = c->set->correlation[i];
		w->correlation = w->rule->correlation;
		if (w->correlation->is_timed)
			c->timed[c->timed_windows++] = i;
		if (w->correlation->type != CORRELATION_EVENT_COUNT || w->correlation->is_timed)
			continue;
		w->sketch = arena_alloc(&c->sketches, sizeof(*w->sketch));
	}
	return true;
}

bool correlator_open(struct correlator **to, const struct sigma_set *set,
                     struct sigma_limits limits)
{
	size_t bytes = limits.correlation_bytes ? limits.correlation_bytes : DEFAULT_BYTES;
	size_t wanted = set->correlations * (sizeof(struct sketch) + 16);
	size_t sketches = wanted < bytes / 2 ? wanted : bytes / 2;
	struct correlator *c;

	*to = NULL;
	if (!set->correlations)
		return true;
	c = *to = calloc(1, sizeof(*c));
	if (!c)
		return false;
	c->set = set;
	c->windows = set->correlations;
	c->window = calloc(c->windows, sizeof(*c->window));
	c->pending = calloc((c->windows + 63) / 64, sizeof(*c->pending));
	c->subscribed = calloc(set->rules + 1, sizeof(*c->subscribed));
	c->timed = calloc(c->windows, sizeof(*c->timed));
	if (!c->window || !c->pending || !c->subscribed || !c->timed ||
	    !windows_open(c, sketches) || !groups_open(&c->groups, c->windows, bytes - sketches))
		return false;
	subscribe(c);
	c->groups.on_evict = on_evict;
	c->groups.context = c;
	c->clock.now = INT64_MIN / 2;
	return c->subscription;
}

static struct window *same_window(struct correlator *c, const struct window *before)
{
	for (uint32_t i = 0; i < c->windows; i++)
		if (c->window[i].rule->identity == before->rule->identity)
			return &c->window[i];
	return NULL;
}

void correlator_inherit(struct correlator *c, struct correlator *before)
{
	c->clock = before->clock;
	c->stamp = before->stamp;
	for (uint32_t i = 0; i < before->windows; i++) {
		const struct window *old = &before->window[i];
		struct window *w = same_window(c, old);

		if (!w)
			continue;
		w->has_evicted = old->has_evicted;
		if (w->sketch && old->has_evicted)
			*w->sketch = *old->sketch;
		groups_copy(&c->groups, w->correlation->number, &before->groups,
		            old->correlation->number);
	}
}

void correlator_close(struct correlator *c)
{
	if (!c)
		return;
	arena_close(&c->sketches);
	groups_close(&c->groups);
	free(c->window);
	free(c->pending);
	free(c->timed);
	free(c->subscribed);
	free(c->subscription);
	free(c);
}
