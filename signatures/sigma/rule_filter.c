/* Filters: conditions that sites add to rules which are not theirs.
 *
 * As the reference tool does, a filter's condition is added to the rule's with `and`, exactly as it
 * is written: to leave events out it says `not`. One thread loads a set. */
#include "signatures/sigma/rule_load.h"

static bool is_filter_key(struct bytes name)
{
	return bytes_equal(name, BYTES("condition")) || bytes_equal(name, BYTES("rules"));
}

static bool has_not(const struct node *n)
{
	if (n->kind == NODE_NOT)
		return true;
	for (size_t i = 0; i < n->count && !n->is_search; i++)
		if (has_not(n->child[i]))
			return true;
	return false;
}

static void rules_check(struct reading *r, const struct yaml_node *filter)
{
	const struct yaml_node *rules = yaml_get(filter, "rules");

	if (!rules) {
		reading_blame(r, filter, "there is no 'rules': a list of ids or names, or any");
		return;
	}
	for (size_t i = 0; i < rules->count && rules->kind == YAML_SEQUENCE; i++)
		if (rules->item[i]->kind != YAML_SCALAR)
			reading_blame(r, rules->item[i], "'rules' must be ids or names");
	if (rules->kind == YAML_MAPPING || (rules->kind == YAML_SEQUENCE && !rules->count))
		reading_blame(r, rules, "'rules' must be a list of ids or names, or any");
}

void filter_read(struct loader *l, struct reading *r, const struct yaml_node *document)
{
	const struct yaml_node *n = yaml_get(document, "filter");
	const struct yaml_node *condition = yaml_get(n, "condition");
	struct filter *f = memory_alloc(r->memory, sizeof(*f));

	f->rule.place = document;
	rule_read_about(r, document, &f->rule);
	f->rule.kinds = r->kinds = logsource_read(r, document);
	if (n->kind == YAML_MAPPING)
		rules_check(r, n);
	if (condition && condition->kind != YAML_SCALAR)
		reading_blame(r, condition, "the condition of a filter must be one text");
	f->rule.condition = detection_read(r, n, &f->rule.searches, is_filter_key, "filter");
	f->rules = yaml_get(n, "rules");
	if (f->rule.condition && !has_not(f->rule.condition))
		reading_remark(
		        r, condition,
		        "the condition holds no 'not': the rules will match only what it selects");
	if (r->errors || f->rule.about.disabled)
		return;
	l->filter = memory_room(r->memory, l->filter, l->filters, sizeof(struct filter *));
	l->filter[l->filters++] = f;
}

static void searches_append(struct memory *m, struct searches *to, const struct searches *more)
{
	for (size_t i = 0; i < more->count; i++) {
		to->at = memory_room(m, to->at, to->count, sizeof(*to->at));
		to->at[to->count++] = more->at[i];
	}
}

static void filter_one(struct loader *l, const struct filter *f, struct rule *rule)
{
	struct memory *m = &l->set->memory;
	struct node *both = node_group(m, NODE_ALL);
	struct reading r = reading_again(l, rule);

	node_add(m, both, rule->condition);
	node_add(m, both, f->rule.condition);
	rule->condition = both;
	searches_append(m, &rule->searches, &f->rule.searches);
	rule->identity = identity_mix(rule->identity, f->rule.place);
	rule->bad = !condition_fits(l, &r, rule);
}

static bool is_filtered_by(const struct filter *f, const struct rule *rule)
{
	return !rule->bad && !rule->correlation && !(rule->kinds & ~f->rule.kinds);
}

static void filter_named(struct loader *l, const struct filter *f, const struct yaml_node *at)
{
	struct reading r = reading_again(l, &f->rule);
	struct rule *rule = rule_find(l, yaml_text(at));
	char buffer[HINT_MAX];

	if (!rule)
		reading_blame(&r, at, "there is no rule '%.100s'%s", yaml_text(at),
		              reading_hint(buffer, rule_nearest(l, yaml_text(at))));
	else if (rule->correlation)
		reading_blame(&r, at,
		              "rule '%.100s' is a correlation: filter the rules that it counts",
		              yaml_text(at));
	else if (!rule->bad && !is_filtered_by(f, rule))
		reading_remark(
		        &r, at,
		        "rule '%.100s' has another log source: the filter leaves it as it is",
		        yaml_text(at));
	else if (!rule->bad)
		filter_one(l, f, rule);
}

static bool is_any(const struct yaml_node *rules)
{
	const struct yaml_node *one =
	        rules->kind == YAML_SEQUENCE && rules->count == 1 ? rules->item[0] : rules;

	return one->kind == YAML_SCALAR && bytes_equal(one->text, BYTES("any"));
}

static void filter_apply(struct loader *l, const struct filter *f)
{
	if (is_any(f->rules)) {
		for (size_t i = 0; i < l->rules; i++)
			if (is_filtered_by(f, l->rule[i]))
				filter_one(l, f, l->rule[i]);
		return;
	}
	if (f->rules->kind == YAML_SCALAR)
		filter_named(l, f, f->rules);
	for (size_t i = 0; i < f->rules->count && f->rules->kind == YAML_SEQUENCE; i++)
		filter_named(l, f, f->rules->item[i]);
}

void filters_apply(struct loader *l)
{
	for (size_t i = 0; i < l->filters; i++)
		filter_apply(l, l->filter[i]);
}
