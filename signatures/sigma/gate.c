/* Compiling the gate, and asking it. No state but the gate itself. */
#include "signatures/sigma/gate.h"

#include "signatures/sigma/fold.h"

#include <stdlib.h>

/* Larger conditions are not looked into: such a rule counts as held where its field is there. */
#define NODES_MAX 1000
/* Longer texts and lists are not compared. */
#define TEXT_MAX  512
#define LIST_MAX  16

#define NO_FIELD UINT32_MAX

/* How often a field is there or may come, on no particular scale: what one protocol alone states is
 * rarer than what every event has, and what ConfigMgr says, or the site model of its servers, is
 * rarer still. */
static uint32_t field_cost(enum field f)
{
	if (f == FIELD_ANY)
		return NO_FIELD;
	switch (field_info[f].setter) {
	case SETTER_SITE:
	case SETTER_BASELINE:
		return 2;
	case SETTER_SENSOR:
		return 1000;
	case SETTER_CONFIGMGR:
		return 1;
	case SETTER_HTTP:
	case SETTER_AUTHENTICATION:
	case SETTER_RPC:
	case SETTER_SMB:
	case SETTER_TLS:
	case SETTER_IPSEC:
	case SETTER_SQL:
	case SETTER_DNS:
		break;
	}
	return 30;
}

/* What it costs to file the condition under fields of which one must be there. */
static uint32_t cost_of(const struct node *n, bool negated)
{
	bool all = (n->kind == NODE_ALL) != negated;
	uint32_t cost = all ? NO_FIELD : 0;

	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant != negated ? NO_FIELD : 0;
	case NODE_TEST:
		return negated || n->test->kind == TEST_NULL ? NO_FIELD
		                                             : field_cost(n->test->field);
	case NODE_NOT:
		return cost_of(n->child[0], !negated);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	for (size_t i = 0; i < n->count; i++) {
		uint32_t one = cost_of(n->child[i], negated);

		if (all)
			cost = one < cost ? one : cost;
		else if (one == NO_FIELD || __builtin_add_overflow(cost, one, &cost))
			return NO_FIELD;
	}
	return cost;
}

static void collect(const struct node *n, bool negated, struct field_set *fields)
{
	bool all = (n->kind == NODE_ALL) != negated;
	const struct node *best = NULL;
	uint32_t least = NO_FIELD;

	if (n->kind == NODE_CONSTANT)
		return;
	if (n->kind == NODE_NOT) {
		collect(n->child[0], !negated, fields);
		return;
	}
	if (n->kind == NODE_TEST) {
		field_set_add(fields, n->test->field);
		return;
	}
	for (size_t i = 0; i < n->count; i++) {
		uint32_t one = all ? cost_of(n->child[i], negated) : 0;

		if (!all)
			collect(n->child[i], negated, fields);
		else if (one < least) {
			least = one;
			best = n->child[i];
		}
	}
	if (best)
		collect(best, negated, fields);
}

/* When a part of a condition is to be asked: first what the site model states, which hardly any
 * event has, and texts last. */
enum turn { TURN_SITE, TURN_VALUE, TURN_TEXT, TURNS };

static enum turn turn_of_test(const struct test *t, bool negated)
{
	bool by_site = t->field != FIELD_ANY && (field_info[t->field].setter == SETTER_SITE ||
	                                         field_info[t->field].setter == SETTER_BASELINE);

	/* What is not there fails at once, unless that is what is asked for. */
	if (by_site && !negated && t->kind != TEST_NULL)
		return TURN_SITE;
	return t->kind == TEST_TEXT ? TURN_TEXT : TURN_VALUE;
}

/* Of parts that must all hold, the one that is asked first decides; of others, the one that is
 * asked last. */
static enum turn turn_of(const struct node *n, bool negated)
{
	bool all = (n->kind == NODE_ALL) != negated;
	enum turn turn = all ? TURN_TEXT : TURN_SITE;

	switch (n->kind) {
	case NODE_CONSTANT:
		return TURN_SITE;
	case NODE_TEST:
		return turn_of_test(n->test, negated);
	case NODE_NOT:
		return turn_of(n->child[0], !negated);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	for (size_t i = 0; i < n->count; i++) {
		enum turn one = turn_of(n->child[i], negated);

		turn = all == (one < turn) ? one : turn;
	}
	return turn;
}

/* Writes the steps of a condition from its end to its start; returns the first one. */
static uint32_t write(struct memory *m, struct gate *gate, const struct node *n, bool negated,
                      uint32_t yes, uint32_t no)
{
	bool all = (n->kind == NODE_ALL) != negated;
	uint32_t next = all ? yes : no;

	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant != negated ? yes : no;
	case NODE_TEST:
		gate->step = memory_room(m, gate->step, gate->steps, sizeof(*gate->step));
		gate->step[gate->steps] = (struct gate_step){n->test, negated, yes, no};
		return (uint32_t)gate->steps++;
	case NODE_NOT:
		return write(m, gate, n->child[0], !negated, yes, no);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	for (int turn = TURNS; turn--;)
		for (size_t i = n->count; i--;)
			if (turn_of(n->child[i], negated) == (enum turn)turn)
				next = all ? write(m, gate, n->child[i], negated, next, no)
				           : write(m, gate, n->child[i], negated, yes, next);
	return next;
}

static void file_rule(struct memory *m, struct gate *gate, enum field field, uint32_t start)
{
	gate->rule = memory_room(m, gate->rule, gate->rules, sizeof(*gate->rule));
	gate->rule[gate->rules++] = (struct gate_rule){field, start};
}

void gate_add(struct memory *m, struct gate *gate, const struct rule *rule)
{
	struct field_set fields = {{0}};
	uint32_t start = STEP_HOLDS;

	if (rule->nodes <= NODES_MAX)
		start = write(m, gate, rule->condition, false, STEP_HOLDS, STEP_FAILS);
	if (cost_of(rule->condition, false) == NO_FIELD) {
		file_rule(m, gate, FIELD_ANY, start);
		return;
	}
	collect(rule->condition, false, &fields);
	FOR_EACH_PRESENT (f, &fields) {
		file_rule(m, gate, f, start);
		field_set_add(&gate->filed, f);
	}
}

static int by_field(const void *a, const void *b)
{
	unsigned x = ((const struct gate_rule *)a)->field, y = ((const struct gate_rule *)b)->field;

	return (x > y) - (x < y);
}

void gate_close(struct memory *m, struct gate *gate)
{
	size_t at = 0;

	gate->first = memory_alloc(m, (FIELD_ANY + 2) * sizeof(*gate->first));
	if (gate->rules)
		qsort(gate->rule, gate->rules, sizeof(*gate->rule), by_field);
	for (unsigned f = 0; f <= FIELD_ANY + 1u; f++) {
		while (at < gate->rules && gate->rule[at].field < f)
			at++;
		gate->first[f] = (uint32_t)at;
	}
}

static bool text_fits(const struct test *t, struct bytes text)
{
	uint8_t buffer[FOLD_ROOM(TEXT_MAX)];
	struct bytes folded = {0};

	for (size_t i = 0; i < t->count; i++) {
		const struct pattern *p = t->pattern[i];

		if (!p->cased && !folded.at)
			folded = fold(text, buffer);
		if (pattern_matches(p, p->cased ? text : folded))
			return true;
	}
	return false;
}

/* What a test of texts says; `*known` is false where it was not asked. */
static bool ask_texts(const struct test *t, const struct event *ev, bool *known)
{
	size_t count = fact_count(ev, t->field);
	char buffer[FACT_TEXT_MAX];
	struct bytes text;

	if (count > LIST_MAX) {
		*known = false;
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (!fact_text(ev, t->field, i, buffer, &text))
			continue;
		if (text.len > TEXT_MAX) {
			*known = false;
			return false;
		}
		if (text_fits(t, text))
			return true;
	}
	return false;
}

/* Whether the step may hold. */
static bool may_hold(const struct gate_step *step, const struct event *ev,
                     const struct field_set *open)
{
	const struct test *t = step->test;
	bool known = true, answer = false;

	if (t->field == FIELD_ANY || field_set_has(open, t->field))
		return true;
	if (!event_has(ev, t->field))
		return (t->kind == TEST_NULL) != step->negated;
	switch (t->kind) {
	case TEST_PRESENT:
	case TEST_NULL:
	case TEST_INTEGER:
	case TEST_BOOLEAN:
	case TEST_COMPARE:
	case TEST_NETWORK:
		answer = test_holds(t, ev, NULL);
		break;
	case TEST_TEXT:
		answer = ask_texts(t, ev, &known);
		break;
	case TEST_REGEX:
	case TEST_FIELD:
	case TEST_TIME:
		return true;
	}
	return !known || answer != step->negated;
}

static bool rule_may_hold(const struct gate *gate, uint32_t at, const struct event *ev,
                          const struct field_set *open)
{
	while (at < STEP_FAILS)
		at = may_hold(&gate->step[at], ev, open) ? gate->step[at].yes : gate->step[at].no;
	return at == STEP_HOLDS;
}

static bool any_may_hold(const struct gate *gate, unsigned field, const struct event *ev,
                         const struct field_set *open)
{
	for (uint32_t i = gate->first[field]; i < gate->first[field + 1]; i++)
		if (rule_may_hold(gate, gate->rule[i].start, ev, open))
			return true;
	return false;
}

bool gate_passes(const struct gate *gate, const struct event *ev, const struct field_set *open)
{
	for (size_t w = 0; w < FIELD_WORDS; w++) {
		uint64_t there = gate->filed.word[w] & (ev->present.word[w] | open->word[w]);

		for (; there; there &= there - 1)
			if (any_may_hold(gate,
			                 (unsigned)(w * 64) + (unsigned)__builtin_ctzll(there), ev,
			                 open))
				return true;
	}
	return any_may_hold(gate, FIELD_ANY, ev, open);
}
