/* Conditions as steps: each asks one predicate and names the next step for yes and for no, so that
 * a condition ends as soon as its outcome is certain. Written from the end to the start. */
#include "signatures/sigma/set.h"

/* How dear a test is: what the index answers comes before what must be computed, regular
 * expressions and keywords come last. */
static unsigned test_rank(const struct test *t)
{
	if (t->field == FIELD_ANY)
		return 3;
	if (t->kind == TEST_REGEX)
		return 2;
	return t->kind == TEST_FIELD || t->kind == TEST_TIME;
}

static unsigned node_rank(struct node *n)
{
	unsigned rank = n->kind == NODE_TEST ? test_rank(n->test) : 0;

	if (n->rank)
		return n->rank - 1u;
	for (size_t i = 0; i < n->count; i++) {
		unsigned below = node_rank(n->child[i]);

		rank = below > rank ? below : rank;
	}
	n->rank = (uint8_t)(rank + 1);
	return rank;
}

static uint32_t write_node(struct sigma_set *set, struct node *n, uint32_t yes, uint32_t no);

static uint32_t write_test(struct sigma_set *set, const struct node *n, uint32_t yes, uint32_t no)
{
	set->step = memory_room(&set->memory, set->step, set->steps, sizeof(*set->step));
	set->step[set->steps] = (struct step){n->predicate, yes, no};
	return (uint32_t)set->steps++;
}

/* The children from the last to the first, the dearest last of all. */
static uint32_t write_group(struct sigma_set *set, struct node *n, uint32_t yes, uint32_t no)
{
	bool all = n->kind == NODE_ALL;
	uint32_t next = all ? yes : no;

	for (unsigned rank = node_rank(n) + 1; rank--;)
		for (size_t i = n->count; i--;)
			if (node_rank(n->child[i]) == rank)
				next = all ? write_node(set, n->child[i], next, no)
				           : write_node(set, n->child[i], yes, next);
	return next;
}

static uint32_t write_node(struct sigma_set *set, struct node *n, uint32_t yes, uint32_t no)
{
	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant ? yes : no;
	case NODE_TEST:
		return write_test(set, n, yes, no);
	case NODE_NOT:
		return write_node(set, n->child[0], no, yes);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	return write_group(set, n, yes, no);
}

void condition_compile(struct sigma_set *set, struct rule *rule)
{
	rule->start = write_node(set, rule->condition, STEP_HOLDS, STEP_FAILS);
}
