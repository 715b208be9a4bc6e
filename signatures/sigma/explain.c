/* Explaining to a rule author which parts of a rule hold for an event. Asks every part, whatever
 * the outcome of the others. */
#include "signatures/sigma/detector.h"

struct explanation {
	struct sigma_detector *d;
	const struct event *event;
	sigma_on_reason *on_reason;
	void *context;
};

/* What every test below says; nothing is told. */
static bool holds(const struct explanation *x, const struct node *n)
{
	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant;
	case NODE_TEST:
		return test_holds(n->test, x->event, &x->d->scratch);
	case NODE_NOT:
		return !holds(x, n->child[0]);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	for (size_t i = 0; i < n->count; i++)
		if (holds(x, n->child[i]) != (n->kind == NODE_ALL))
			return n->kind == NODE_ANY;
	return n->kind == NODE_ALL;
}

/* The field that an entry asks for, behind whatever it is wrapped in. */
static enum field field_below(const struct node *n)
{
	while (n->count)
		n = n->child[0];
	return n->kind == NODE_TEST ? n->test->field : FIELD_ANY;
}

static void tell(const struct explanation *x, const struct node *n, unsigned depth)
{
	static const char *const how[] = {
	        [NODE_ALL] = "all of", [NODE_ANY] = "any of", [NODE_NOT] = "not",
	        [NODE_TEST] = "",      [NODE_CONSTANT] = "",
	};
	bool is_entry = n->label && !n->is_search;
	enum field f = is_entry ? field_below(n) : FIELD_ANY;
	struct sigma_reason reason = {
	        .depth = depth,
	        .what = n->label,
	        .how = is_entry || n->is_search ? "" : how[n->kind],
	        .line = n->line,
	        .held = holds(x, n),
	        .is_absent = f != FIELD_ANY && !event_has(x->event, f),
	};

	/* The group around the entries of a search says nothing that its name does not. */
	const struct node *inside = n->is_search && n->count == 1 && !n->child[0]->label &&
	                                            n->child[0]->kind == NODE_ALL
	                                    ? n->child[0]
	                                    : n;

	x->on_reason(x->context, &reason);
	for (size_t i = 0; i < inside->count && !is_entry; i++)
		tell(x, inside->child[i], depth + 1);
}

bool sigma_explain(struct sigma_detector *d, const struct sigma_rule *rule, const struct event *ev,
                   sigma_on_reason *on_reason, void *context)
{
	const struct rule *r = (const struct rule *)rule;
	struct explanation x = {d, ev, on_reason, context};
	struct sigma_reason fits = {.what = "logsource", .how = "", .line = rule->line};

	fits.held = r->kinds >> ev->kind & 1;
	on_reason(context, &fits);
	if (!r->condition)
		return false;
	tell(&x, r->condition, 0);
	return fits.held && holds(&x, r->condition);
}
