/* Witnesses and needs: what must be there for a rule to hold at all.
 *
 * A witness set of a rule is a set of predicates of which at least one holds whenever the rule
 * does. A field set that a rule needs is the same thought in terms of fields that are set. Both
 * walk the condition with negations pushed down to the tests: of parts that must all hold, the best
 * is enough; of parts of which one must hold, all count. */
#include "signatures/sigma/set.h"

#define NO_WITNESS UINT64_MAX

struct chosen {
	struct sigma_set *set;
	uint32_t *at;
	size_t count;
};

/* How often a test is likely to hold, on no particular scale: long texts are rarer than short ones,
 * and what many rules ask tells less than what one asks. */
static uint64_t test_cost(const struct predicate *p)
{
	const struct test *t = p->test;
	uint64_t cost = 0;

	switch (t->kind) {
	case TEST_PRESENT:
		cost = 8000;
		break;
	case TEST_BOOLEAN:
		cost = 3000;
		break;
	case TEST_COMPARE:
	case TEST_TIME:
	case TEST_FIELD:
		cost = 4000;
		break;
	case TEST_NETWORK:
		cost = 500 * t->count;
		break;
	case TEST_INTEGER:
		cost = 300 * t->count;
		break;
	case TEST_REGEX:
		cost = t->regex->key.len ? 4000 / (t->regex->key.len + 1) : 6000;
		break;
	case TEST_TEXT:
		for (size_t i = 0; i < t->count; i++)
			cost += 2000 / (t->pattern[i]->key.len + 1) + 1;
		break;
	case TEST_NULL:
		return NO_WITNESS;
	}
	return t->field == FIELD_ANY ? NO_WITNESS : cost * p->users;
}

static uint64_t cost_of(const struct sigma_set *set, const struct node *n, bool negated)
{
	bool all = (n->kind == NODE_ALL) != negated;
	uint64_t cost = all ? NO_WITNESS : 0;

	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant != negated ? NO_WITNESS : 0;
	case NODE_TEST:
		return negated ? NO_WITNESS : test_cost(&set->predicate[n->predicate]);
	case NODE_NOT:
		return cost_of(set, n->child[0], !negated);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	for (size_t i = 0; i < n->count; i++) {
		uint64_t one = cost_of(set, n->child[i], negated);

		if (all)
			cost = one < cost ? one : cost;
		else if (one == NO_WITNESS || __builtin_add_overflow(cost, one, &cost))
			return NO_WITNESS;
	}
	return cost;
}

static void collect(struct chosen *c, const struct node *n, bool negated)
{
	bool all = (n->kind == NODE_ALL) != negated;
	const struct node *best = NULL;
	uint64_t least = NO_WITNESS;

	if (n->kind == NODE_CONSTANT)
		return;
	if (n->kind == NODE_NOT) {
		collect(c, n->child[0], !negated);
		return;
	}
	if (n->kind == NODE_TEST) {
		c->at = memory_room(&c->set->memory, c->at, c->count, sizeof(*c->at));
		c->at[c->count++] = n->predicate;
		return;
	}
	for (size_t i = 0; i < n->count; i++) {
		uint64_t one = all ? cost_of(c->set, n->child[i], negated) : 0;

		if (!all)
			collect(c, n->child[i], negated);
		else if (one < least) {
			least = one;
			best = n->child[i];
		}
	}
	if (best)
		collect(c, best, negated);
}

bool witness_choose(struct sigma_set *set, const struct rule *rule, uint32_t **witness,
                    size_t *count)
{
	struct chosen c = {.set = set};

	if (cost_of(set, rule->condition, false) == NO_WITNESS)
		return false;
	collect(&c, rule->condition, false);
	*witness = c.at;
	*count = c.count;
	return true;
}

/* Whether `n` has that outcome whatever the event. */
static bool is_certain(const struct node *n, bool outcome)
{
	if (n->kind == NODE_CONSTANT)
		return n->constant == outcome;
	if (n->kind == NODE_NOT)
		return is_certain(n->child[0], !outcome);
	if (n->kind == NODE_TEST)
		return false;

	bool every = (n->kind == NODE_ALL) == outcome; /* children must all have it */

	for (size_t i = 0; i < n->count; i++)
		if (is_certain(n->child[i], outcome) != every)
			return !every;
	return every;
}

bool condition_is_false(const struct node *n)
{
	return is_certain(n, false);
}

void needs_add(struct field_set *at, size_t *count, size_t max, const struct field_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (field_set_includes(set, &at[i]))
			return;
	for (size_t i = 0; i < *count; i++)
		if (!field_set_includes(&at[i], set))
			at[kept++] = at[i];
	*count = kept + 1;
	if (kept < max) {
		at[kept] = *set;
		return;
	}
	/* Too many to tell apart: what they have in common is needed in any case. */
	for (size_t i = 1; i <= kept; i++)
		for (size_t w = 0; w < FIELD_WORDS; w++)
			at[0].word[w] &= i < kept ? at[i].word[w] : set->word[w];
	*count = 1;
}

static void add(struct needs *needs, const struct field_set *set)
{
	needs_add(needs->set, &needs->count, NEEDS_MAX, set);
}

static void needs_join(struct needs *all, const struct needs *more)
{
	struct needs joined = {.count = 0};

	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < more->count; k++) {
			struct field_set both = all->set[i];

			for (size_t w = 0; w < FIELD_WORDS; w++)
				both.word[w] |= more->set[k].word[w];
			add(&joined, &both);
		}
	*all = joined;
}

/* What the detector states is not there yet when needs are looked at: it is not needed, or, where
 * it states no such thing of events of this kind, false says that nothing can help. */
static bool need_field(struct field_set *set, enum field f, enum event_kind kind)
{
	if (f == FIELD_ANY)
		return true;
	if (field_info[f].setter >= SETTER_SITE)
		return field_is_of(f, UINT64_C(1) << kind);
	field_set_add(set, f);
	return true;
}

static void needs_walk(const struct node *n, enum event_kind kind, bool negated,
                       struct needs *needs)
{
	bool all = (n->kind == NODE_ALL) != negated;
	struct field_set set = {{0}};

	needs->count = 0;
	switch (n->kind) {
	case NODE_CONSTANT:
		if (n->constant != negated)
			add(needs, &set);
		return;
	case NODE_TEST:
		if (!negated && n->test->kind != TEST_NULL &&
		    !need_field(&set, n->test->field, kind))
			return;
		if (!negated && n->test->kind == TEST_FIELD &&
		    !need_field(&set, n->test->other, kind))
			return;
		add(needs, &set);
		return;
	case NODE_NOT:
		needs_walk(n->child[0], kind, !negated, needs);
		return;
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	if (all)
		add(needs, &set);
	for (size_t i = 0; i < n->count; i++) {
		struct needs one;

		needs_walk(n->child[i], kind, negated, &one);
		if (all)
			needs_join(needs, &one);
		for (size_t k = 0; k < one.count && !all; k++)
			add(needs, &one.set[k]);
	}
}

void needs_of(const struct node *condition, enum event_kind kind, struct needs *needs)
{
	needs_walk(condition, kind, false, needs);
}
