/* The gate: may an event that is not complete yet satisfy any rule, by the values it has?
 *
 * Of each rule it holds the condition with negations pushed down to the tests. A test of a field
 * that may still be set or changed counts as held, in either sense, and so does one that is dear to
 * ask: the gate never says no to an event that a rule could match. A rule is filed under a few
 * fields without which it cannot hold, so that most are never looked at. Read-only once compiled;
 * threads share it. */
#ifndef CMTAP_SIGNATURES_SIGMA_GATE_H
#define CMTAP_SIGNATURES_SIGMA_GATE_H

#include "signatures/sigma/rule.h"

/* Asks one test and goes on where the answer says: to a step, or to one of the two ends. */
struct gate_step {
	const struct test *test;
	bool negated;
	uint32_t yes, no;
};

/* A rule, filed under a field. */
struct gate_rule {
	enum field field; /* FIELD_ANY: under none */
	uint32_t start;
};

struct gate {
	struct gate_step *step;
	size_t steps;
	struct gate_rule *rule; /* by field, those under none last */
	size_t rules;
	uint32_t *first; /* of each field, and of none: its first rule; then how many there are */
	struct field_set filed; /* fields that have rules under them */
};

/* Adds a rule; gate_close() when all are there. */
void gate_add(struct memory *m, struct gate *gate, const struct rule *rule);
void gate_close(struct memory *m, struct gate *gate);

/* Whether any rule may hold, when the fields in `open` may still be set or changed. */
bool gate_passes(const struct gate *gate, const struct event *ev, const struct field_set *open);

#endif
