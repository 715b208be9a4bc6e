/* Compiling a set: from the trees of rules to predicates, indexes and plans. Once at start. */
#include "core/hash.h"
#include "signatures/sigma/correlation.h"
#include "signatures/sigma/set.h"

/* Field sets that are compared for each event; beyond, only what they have in common. */
#define PLAN_NEEDS_MAX 128

struct compiler {
	struct sigma_set *set;
	struct complaints *complaints;
	struct bytes *identity; /* of each predicate */
	uint32_t *slot;         /* predicates by identity, + 1 */
	size_t slots;
	uint32_t *last_user; /* of each predicate: the last rule that asks it, + 1 */
	struct index_draft *draft[FIELD_COUNT];
};

struct identity {
	uint8_t *at;
	size_t len;
};

static void put(struct identity *id, const void *at, size_t len)
{
	if (len)
		memcpy(id->at + id->len, at, len);
	id->len += len;
}

static void put_number(struct identity *id, int64_t n)
{
	put(id, &n, sizeof(n));
}

/* All that makes a test what it is, as bytes. */
static struct bytes identity_of(struct memory *m, const struct test *t)
{
	size_t size = 128 + t->count * sizeof(struct network);
	struct identity id = {0};

	for (size_t i = 0; i < t->count && t->kind == TEST_TEXT; i++)
		size += 16 + t->pattern[i]->symbols.count * sizeof(uint16_t);
	id.at = memory_alloc(m, size);
	put_number(&id, t->kind);
	put_number(&id, t->field);
	put_number(&id, t->boolean);
	put_number(&id, t->comparison);
	put_number(&id, t->part);
	put_number(&id, t->number.is_real);
	put_number(&id, t->number.integer);
	put(&id, &t->number.real, sizeof(t->number.real));
	put_number(&id, t->other);
	put_number(&id, t->shape);
	put(&id, &t->regex, sizeof(const struct regex *));
	for (size_t i = 0; i < t->count; i++) {
		if (t->kind == TEST_TEXT) {
			put_number(&id, t->pattern[i]->cased);
			put_number(&id, (int64_t)t->pattern[i]->symbols.count);
			put(&id, t->pattern[i]->symbols.at,
			    t->pattern[i]->symbols.count * sizeof(uint16_t));
		} else if (t->kind == TEST_INTEGER) {
			put_number(&id, t->integer[i]);
		} else {
			put(&id, t->network[i].base.at, sizeof(t->network[i].base.at));
			put(&id, &t->network[i].prefix, 1);
		}
	}
	return (struct bytes){id.at, id.len};
}

static void slots_grow(struct compiler *c)
{
	c->slots = c->slots ? c->slots * 2 : 1024;
	c->slot = memory_alloc(&c->set->memory, c->slots * sizeof(*c->slot));
	for (size_t i = 0; i < c->set->predicates; i++) {
		size_t at = hash_bytes(c->identity[i]) & (c->slots - 1);

		while (c->slot[at])
			at = (at + 1) & (c->slots - 1);
		c->slot[at] = (uint32_t)i + 1;
	}
}

static uint32_t predicate_intern(struct compiler *c, const struct test *t)
{
	struct sigma_set *set = c->set;
	struct memory *m = &set->memory;
	struct bytes id = identity_of(m, t);

	if (set->predicates * 2 >= c->slots)
		slots_grow(c);

	size_t at = hash_bytes(id) & (c->slots - 1);

	for (; c->slot[at]; at = (at + 1) & (c->slots - 1))
		if (bytes_equal(c->identity[c->slot[at] - 1], id))
			return c->slot[at] - 1;
	set->predicate = memory_room(m, set->predicate, set->predicates, sizeof(*set->predicate));
	c->identity = memory_room(m, c->identity, set->predicates, sizeof(*c->identity));
	c->last_user = memory_room(m, c->last_user, set->predicates, sizeof(*c->last_user));
	c->identity[set->predicates] = id;
	c->last_user[set->predicates] = 0;
	set->predicate[set->predicates] = (struct predicate){.test = t};
	c->slot[at] = (uint32_t)++set->predicates;
	return (uint32_t)set->predicates - 1;
}

static void number_tests(struct compiler *c, struct node *n, struct rule *rule)
{
	for (size_t i = 0; i < n->count; i++)
		number_tests(c, n->child[i], rule);
	if (n->kind != NODE_TEST)
		return;
	n->predicate = predicate_intern(c, n->test);
	if (n->test->field != FIELD_ANY)
		field_set_add(&rule->tested, n->test->field);
	if (n->test->kind == TEST_FIELD)
		field_set_add(&rule->tested, n->test->other);
	if (c->last_user[n->predicate] == rule->number + 1)
		return;
	c->last_user[n->predicate] = rule->number + 1;
	c->set->predicate[n->predicate].users++;
}

static void remark_on(struct compiler *c, const struct rule *rule, const char *what)
{
	complain_mildly(c->complaints, rule->about.file, rule->about.line, 1, "rule \"%.120s\": %s",
	                rule->about.title, what);
}

static bool takes_part(const struct rule *rule)
{
	return !rule->correlation && (!rule->about.disabled || rule->is_referenced);
}

static void conditions_compile(struct compiler *c)
{
	for (size_t i = 0; i < c->set->rules; i++) {
		struct rule *rule = c->set->rule[i];

		if (!takes_part(rule))
			continue;
		for (size_t k = 0; k < rule->searches.count; k++)
			if (rule->searches.at[k].used)
				number_tests(c, rule->searches.at[k].tree, rule);
		condition_compile(c->set, rule);
		if (condition_is_false(rule->condition))
			remark_on(c, rule, "it can never match");
	}
}

static struct index_draft *draft_of(struct compiler *c, enum field f)
{
	if (!c->draft[f]) {
		c->draft[f] = memory_alloc(&c->set->memory, sizeof(struct index_draft));
		c->draft[f]->memory = &c->set->memory;
	}
	return c->draft[f];
}

static void indexes_build(struct compiler *c)
{
	struct sigma_set *set = c->set;

	for (size_t i = 0; i < set->predicates; i++) {
		struct predicate *p = &set->predicate[i];
		const struct test *t = p->test;

		if (t->field == FIELD_ANY)
			continue;
		p->is_indexed = t->kind == TEST_TEXT || t->kind == TEST_INTEGER;
		p->has_key = t->kind == TEST_REGEX && t->regex->key.len;
		for (size_t k = 0; k < t->count && t->kind == TEST_TEXT; k++)
			draft_add_pattern(draft_of(c, t->field), t->pattern[k], (uint32_t)i);
		for (size_t k = 0; k < t->count && t->kind == TEST_INTEGER; k++)
			draft_add_integer(draft_of(c, t->field), t->integer[k], (uint32_t)i);
		if (p->has_key)
			draft_add_key(draft_of(c, t->field), t->regex->key, (uint32_t)i);
	}
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (!c->draft[f])
			continue;
		set->index[f] = index_build(c->draft[f]);
		set->index[f]->first_number = set->entries;
		set->entries += (uint32_t)set->index[f]->entries;
	}
}

static void bit_set(uint64_t *words, uint32_t bit)
{
	words[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Makes the predicate wake the rule in one kind of event. */
static void plan_witness(struct compiler *c, struct plan *plan, uint32_t predicate, bool *asked)
{
	const struct predicate *p = &c->set->predicate[predicate];

	if (p->is_indexed || p->has_key) {
		field_set_add(&plan->search, p->test->field);
		return;
	}
	if (asked[predicate])
		return;
	asked[predicate] = true;
	plan->ask = memory_room(&c->set->memory, plan->ask, plan->asks, sizeof(*plan->ask));
	plan->ask[plan->asks++] = predicate;
}

static void plan_rule(struct compiler *c, enum event_kind kind, const struct rule *rule,
                      const uint32_t *witness, size_t count, bool has_witness, bool *asked)
{
	struct plan *plan = &c->set->plan[kind];
	struct needs needs;

	bit_set(plan->rules, rule->number);
	if (!has_witness)
		bit_set(plan->always, rule->number);
	for (size_t i = 0; i < count; i++)
		plan_witness(c, plan, witness[i], asked);
	needs_of(rule->condition, kind, &needs);
	for (size_t i = 0; i < needs.count; i++)
		needs_add(plan->need, &plan->needs, PLAN_NEEDS_MAX, &needs.set[i]);
	gate_add(&c->set->memory, &plan->gate, rule);
}

static void witness_note(struct compiler *c, const struct rule *rule, const uint32_t *witness,
                         size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct predicate *p = &c->set->predicate[witness[i]];

		if (p->witness_count && p->witness_of[p->witness_count - 1] == rule->number)
			continue;
		p->witness_of = memory_room(&c->set->memory, p->witness_of, p->witness_count,
		                            sizeof(*p->witness_of));
		p->witness_of[p->witness_count++] = rule->number;
	}
}

static void plans_build(struct compiler *c)
{
	struct sigma_set *set = c->set;
	bool *asked[EVENT_KIND_COUNT];

	for (int k = 0; k < EVENT_KIND_COUNT; k++) {
		set->plan[k].need =
		        memory_alloc(&set->memory, PLAN_NEEDS_MAX * sizeof(struct field_set));
		set->plan[k].rules = memory_alloc(&set->memory, set->rule_words * 8 + 8);
		set->plan[k].always = memory_alloc(&set->memory, set->rule_words * 8 + 8);
		asked[k] = memory_alloc(&set->memory, set->predicates + 1);
	}
	for (size_t i = 0; i < set->rules; i++) {
		struct rule *rule = set->rule[i];
		uint32_t *witness = NULL;
		size_t count = 0;

		if (!takes_part(rule) || condition_is_false(rule->condition))
			continue;

		bool has_witness = witness_choose(set, rule, &witness, &count);

		if (!has_witness)
			remark_on(c, rule,
			          "it has no positive test of a field to start from, so it is "
			          "asked for every event");
		witness_note(c, rule, witness, count);
		for (int k = 0; k < EVENT_KIND_COUNT; k++)
			if (rule->kinds >> k & 1)
				plan_rule(c, (enum event_kind)k, rule, witness, count, has_witness,
				          asked[k]);
	}
	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		gate_close(&set->memory, &set->plan[k].gate);
}

static void look_at(struct rule *rule, const struct source *s)
{
	if (!s->is_key)
		field_set_add(&rule->tested, s->field);
}

/* A correlation looks at what its rules look at, and at what it groups by and counts. */
static void correlations_tested(struct sigma_set *set)
{
	for (uint32_t number = 0; number < set->correlations; number++) {
		struct rule *rule = set->correlation[number];
		const struct correlation *what = rule->correlation;

		for (unsigned i = 0; i < what->members; i++) {
			for (size_t w = 0; w < FIELD_WORDS; w++)
				rule->tested.word[w] |= what->member[i].rule->tested.word[w];
			for (unsigned k = 0; k < what->keys; k++)
				look_at(rule, &what->member[i].key[k]);
			for (unsigned k = 0; k < what->values; k++)
				look_at(rule, &what->member[i].value[k]);
		}
	}
}

void set_compile(struct sigma_set *set, struct complaints *complaints)
{
	struct compiler *c = memory_alloc(&set->memory, sizeof(*c));

	c->set = set;
	c->complaints = complaints;
	set->rule_words = (set->rules + 63) / 64;
	for (size_t i = 0; i < set->rules; i++)
		set->rule[i]->number = (uint32_t)i;
	conditions_compile(c);
	indexes_build(c);
	plans_build(c);
	correlations_tested(set);
}
