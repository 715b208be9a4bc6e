/* Matching: from the fields of an event to the rules that it satisfies.
 *
 * The indexes of the fields that hold witnesses run first; what they find wakes rules. Only woken
 * rules ask on, and each predicate is asked at most once for an event. Nothing here allocates.
 * One thread owns a detector. */
#include "signatures/sigma/correlator.h"
#include "signatures/sigma/detector.h"
#include "signatures/sigma/fold.h"

#include <stdlib.h>

/* Epochs keep one bit free for the answer. */
#define EPOCH_MAX (UINT32_MAX >> 1)

static void wake(struct sigma_detector *d, const struct predicate *p)
{
	for (size_t i = 0; i < p->witness_count; i++)
		d->candidate[p->witness_of[i] / 64] |= UINT64_C(1) << (p->witness_of[i] % 64);
}

static void learn(struct sigma_detector *d, uint32_t predicate, bool answer)
{
	d->known[predicate] = d->epoch << 1 | answer;
}

static bool is_known(const struct sigma_detector *d, uint32_t predicate)
{
	return d->known[predicate] >> 1 == d->epoch;
}

static void on_find(void *context, const struct posting *posting, size_t count)
{
	struct sigma_detector *d = context;

	for (size_t i = 0; i < count; i++) {
		uint32_t p = posting[i].predicate;
		bool told = posting[i].is_key ? d->key[p] == d->epoch : is_known(d, p);

		if (told)
			continue;
		if (posting[i].is_key)
			d->key[p] = d->epoch;
		else
			learn(d, p, true);
		wake(d, &d->set->predicate[p]);
	}
}

static uint32_t next_stamp(struct sigma_detector *d)
{
	if (++d->stamp == 0) {
		memset(d->seen, 0, d->set->entries * sizeof(*d->seen));
		d->stamp = 1;
	}
	return d->stamp;
}

static void search_texts(struct sigma_detector *d, const struct index *x, enum field f)
{
	size_t count = fact_count(d->event, f);
	char buffer[FACT_TEXT_MAX];
	struct bytes text;

	for (size_t i = 0; i < count; i++)
		if (fact_text(d->event, f, i, buffer, &text))
			index_search_text(x, text, test_fold(text, d->scratch.folded), d->seen,
			                  next_stamp(d), on_find, d);
}

static void search_integers(struct sigma_detector *d, const struct index *x, enum field f)
{
	size_t count = fact_count(d->event, f);
	struct number n;

	for (size_t i = 0; i < count; i++)
		if (fact_number(d->event, f, i, &n))
			index_search_integer(x, n.integer, on_find, d);
}

/* Runs the index of a field, once for an event. */
static void search(struct sigma_detector *d, enum field f)
{
	const struct index *x = d->set->index[f];

	if (d->searched[f] == d->epoch)
		return;
	d->searched[f] = d->epoch;
	if (!event_has(d->event, f))
		return;
	if (x->has_texts)
		search_texts(d, x, f);
	if (x->has_integers)
		search_integers(d, x, f);
}

static bool ask(struct sigma_detector *d, uint32_t number)
{
	const struct predicate *p = &d->set->predicate[number];
	bool answer = false;

	if (is_known(d, number))
		return d->known[number] & 1;
	if (p->is_indexed || p->has_key) {
		search(d, p->test->field);
		answer = is_known(d, number);
	}
	if (!p->is_indexed && (!p->has_key || d->key[number] == d->epoch))
		answer = test_holds(p->test, d->event, &d->scratch);
	learn(d, number, answer);
	return answer;
}

bool detector_rule_holds(struct sigma_detector *d, const struct rule *rule)
{
	const struct step *step = d->set->step;
	uint32_t at = rule->start;

	while (at < STEP_FAILS)
		at = ask(d, step[at].predicate) ? step[at].yes : step[at].no;
	return at == STEP_HOLDS;
}

static void next_epoch(struct sigma_detector *d)
{
	if (d->epoch++ < EPOCH_MAX)
		return;
	memset(d->known, 0, d->set->predicates * sizeof(*d->known));
	memset(d->key, 0, d->set->predicates * sizeof(*d->key));
	memset(d->searched, 0, sizeof(d->searched));
	d->epoch = 1;
}

/* Wakes the rules of which a witness holds. */
static void find_candidates(struct sigma_detector *d, const struct plan *plan)
{
	for (size_t w = 0; w < FIELD_WORDS; w++) {
		uint64_t both = plan->search.word[w] & d->event->present.word[w];

		for (; both; both &= both - 1)
			search(d, (enum field)(w * 64 + (unsigned)__builtin_ctzll(both)));
	}
	for (size_t i = 0; i < plan->asks; i++) {
		const struct predicate *p = &d->set->predicate[plan->ask[i]];

		if (event_has(d->event, p->test->field) && ask(d, plan->ask[i]))
			wake(d, p);
	}
}

static void take_hit(struct sigma_detector *d, const struct rule *rule, sigma_on_hit *on_hit,
                     void *context)
{
	struct sigma_hit hit = {.rule = &rule->about, .event = d->event, .tested = &rule->tested};

	if (d->correlator)
		correlator_take(d->correlator, rule);
	if (rule->about.silent || rule->about.disabled)
		return;
	if (rule_is_suppressed(rule, d->event))
		d->suppressed++;
	else
		on_hit(context, &hit);
}

void sigma_detect(struct sigma_detector *d, const struct event *ev, sigma_on_hit *on_hit,
                  void *context)
{
	const struct plan *plan = &d->set->plan[ev->kind];

	next_epoch(d);
	d->event = ev;
	if (d->correlator)
		correlator_begin(d->correlator, ev, on_hit, context);
	find_candidates(d, plan);
	for (size_t w = 0; w < d->set->rule_words; w++) {
		uint64_t rules = (d->candidate[w] & plan->rules[w]) | plan->always[w];

		d->candidate[w] = 0;
		for (; rules; rules &= rules - 1) {
			const struct rule *rule =
			        d->set->rule[w * 64 + (unsigned)__builtin_ctzll(rules)];

			if (detector_rule_holds(d, rule))
				take_hit(d, rule, on_hit, context);
		}
	}
	if (d->correlator)
		correlator_end(d->correlator);
}

void sigma_advance(struct sigma_detector *d, int64_t now, sigma_on_hit *on_hit, void *context)
{
	if (d->correlator)
		correlator_advance(d->correlator, now, on_hit, context);
}

void sigma_watch(struct sigma_detector *d, sigma_on_progress *on_progress, void *context)
{
	if (d->correlator)
		correlator_watch(d->correlator, on_progress, context);
}

void sigma_detector_counts(const struct sigma_detector *d, struct sigma_counts *counts)
{
	*counts = (struct sigma_counts){.regex_given_up = d->scratch.regex.given_up,
	                                .suppressed = d->suppressed};
	if (d->correlator)
		correlator_counts(d->correlator, counts);
}

bool sigma_wants(const struct sigma_set *set, enum event_kind kind, const struct field_set *present)
{
	const struct plan *plan = &set->plan[kind];

	for (size_t i = 0; i < plan->needs; i++)
		if (field_set_includes(present, &plan->need[i]))
			return true;
	return false;
}

bool sigma_wants_event(const struct sigma_set *set, const struct event *ev,
                       const struct field_set *open)
{
	return gate_passes(&set->plan[ev->kind].gate, ev, open);
}

struct sigma_detector *sigma_detector_open(const struct sigma_set *set, struct sigma_limits limits)
{
	struct sigma_detector *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->set = set;
	d->known = calloc(set->predicates + 1, sizeof(*d->known));
	d->key = calloc(set->predicates + 1, sizeof(*d->key));
	d->seen = calloc(set->entries + (size_t)1, sizeof(*d->seen));
	d->candidate = calloc(set->rule_words + 1, sizeof(*d->candidate));
	if (d->known && d->key && d->seen && d->candidate && test_scratch_open(&d->scratch) &&
	    correlator_open(&d->correlator, set, limits))
		return d;
	sigma_detector_close(d);
	return NULL;
}

void sigma_detector_inherit(struct sigma_detector *d, struct sigma_detector *before)
{
	if (d->correlator && before->correlator)
		correlator_inherit(d->correlator, before->correlator);
}

void sigma_detector_close(struct sigma_detector *d)
{
	if (!d)
		return;
	correlator_close(d->correlator);
	test_scratch_close(&d->scratch);
	free(d->known);
	free(d->key);
	free(d->seen);
	free(d->candidate);
	free(d);
}
