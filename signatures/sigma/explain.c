/* Explaining to a rule author which parts of a rule hold for an event, and which of them would have
 * to be otherwise for it to match. Asks every part, whatever the outcome of the others. */
#include "signatures/sigma/detector.h"

struct explanation {
	struct sigma_detector *d;
	const struct event *event; /* NULL: one without any fact */
	sigma_on_reason *on_reason;
	void *context;
};

/* A field with its values, which authors see as one. */
static bool is_entry(const struct node *n)
{
	return n->label && !n->is_search;
}

/* What every test below says; nothing is told. */
static bool holds(const struct explanation *x, const struct node *n)
{
	switch (n->kind) {
	case NODE_CONSTANT:
		return n->constant;
	case NODE_TEST:
		return x->event && test_holds(n->test, x->event, &x->d->scratch);
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

/* Whether all children must be as wanted, and not only one of them. */
static bool wants_all(const struct node *n, bool wanted)
{
	return (n->kind == NODE_ALL) == wanted;
}

/* The least number of entries that would have to be otherwise for the node to be as wanted. */
static uint32_t distance(const struct explanation *x, const struct node *n, bool wanted)
{
	uint32_t sum = 0, least = SIGMA_NEVER;

	if (is_entry(n) || n->kind == NODE_TEST)
		return holds(x, n) != wanted;
	if (n->kind == NODE_CONSTANT)
		return n->constant == wanted ? 0 : SIGMA_NEVER;
	if (n->kind == NODE_NOT)
		return distance(x, n->child[0], !wanted);
	for (size_t i = 0; i < n->count; i++) {
		uint32_t one = distance(x, n->child[i], wanted);

		if (__builtin_add_overflow(sum, one, &sum))
			sum = SIGMA_NEVER;
		least = one < least ? one : least;
	}
	return wants_all(n, wanted) ? sum : least;
}

/* The child that is nearest to being as wanted. */
static size_t nearest_child(const struct explanation *x, const struct node *n, bool wanted)
{
	uint32_t least = SIGMA_NEVER;
	size_t nearest = 0;

	for (size_t i = 0; i < n->count; i++) {
		uint32_t one = distance(x, n->child[i], wanted);

		if (one < least) {
			least = one;
			nearest = i;
		}
	}
	return nearest;
}

/* The field that an entry asks for, behind whatever it is wrapped in. */
static enum field field_below(const struct node *n)
{
	while (n->count)
		n = n->child[0];
	return n->kind == NODE_TEST ? n->test->field : FIELD_ANY;
}

/* Where in the tree the telling stands. */
struct standing {
	unsigned depth;
	bool wanted; /* how the node must be for the rule to match */
	bool counts; /* nothing above it makes up for it */
};

static void tell(const struct explanation *x, const struct node *n, struct standing s)
{
	static const char *const how[] = {
	        [NODE_ALL] = "all of", [NODE_ANY] = "any of", [NODE_NOT] = "not",
	        [NODE_TEST] = "",      [NODE_CONSTANT] = "",
	};
	bool held = holds(x, n);
	enum field f = is_entry(n) ? field_below(n) : FIELD_ANY;
	struct sigma_reason reason = {
	        .depth = s.depth,
	        .what = n->label,
	        .how = is_entry(n) || n->is_search ? "" : how[n->kind],
	        .line = n->line,
	        .held = held,
	        .is_absent = f != FIELD_ANY && !event_has(x->event, f),
	        .is_decisive = is_entry(n) && s.counts && held != s.wanted,
	        .field = f,
	};

	x->on_reason(x->context, &reason);
	if (is_entry(n))
		return;

	/* The group around the entries of a search says nothing that its name does not. */
	const struct node *inside = n->is_search && n->count == 1 && !n->child[0]->label &&
	                                            n->child[0]->kind == NODE_ALL
	                                    ? n->child[0]
	                                    : n;
	struct standing below = {s.depth + 1, s.wanted != (inside->kind == NODE_NOT), false};
	bool all = wants_all(inside, s.wanted) || inside->kind == NODE_NOT;
	size_t nearest = s.counts && !all ? nearest_child(x, inside, s.wanted) : 0;

	for (size_t i = 0; i < inside->count; i++) {
		below.counts = s.counts && held != s.wanted && (all || i == nearest);
		tell(x, inside->child[i], below);
	}
}

bool sigma_explain(struct sigma_detector *d, const struct sigma_rule *rule, const struct event *ev,
                   sigma_on_reason *on_reason, void *context)
{
	const struct rule *r = (const struct rule *)rule;
	struct explanation x = {d, ev, on_reason, context};
	struct sigma_reason fits = {
	        .what = "logsource", .how = "", .line = rule->line, .field = FIELD_COUNT};

	fits.held = r->kinds >> ev->kind & 1;
	fits.is_decisive = !fits.held;
	on_reason(context, &fits);
	if (!r->condition)
		return false;
	tell(&x, r->condition, (struct standing){0, true, true});
	return fits.held && holds(&x, r->condition);
}

struct sigma_distance sigma_distance(struct sigma_detector *d, const struct sigma_rule *rule,
                                     const struct event *ev)
{
	const struct rule *r = (const struct rule *)rule;
	struct explanation x = {.d = d}, of = {.d = d};
	struct sigma_distance result = {SIGMA_NEVER, SIGMA_NEVER};

	if (!r->condition || !(r->kinds >> ev->kind & 1))
		return result;
	x.event = ev;
	result.missing = distance(&x, r->condition, true);
	result.of = distance(&of, r->condition, true);
	return result;
}
