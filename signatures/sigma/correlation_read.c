/* Reading `correlation`. What it refers to is resolved when all rules are there. No state. */
#include "core/clock.h"
#include "signatures/sigma/correlation.h"
#include "signatures/sigma/rule_load.h"

#define SPAN_DAYS_MAX 366

const char *const correlation_type_name[CORRELATION_TYPE_COUNT] = {
        [CORRELATION_EVENT_COUNT] = "event_count",
        [CORRELATION_VALUE_COUNT] = "value_count",
        [CORRELATION_TEMPORAL] = "temporal",
        [CORRELATION_TEMPORAL_ORDERED] = "temporal_ordered",
        [CORRELATION_VALUE_SUM] = "value_sum",
        [CORRELATION_VALUE_AVG] = "value_avg",
};

const char *const comparison_name[] = {
        [COMPARE_EQUAL] = "eq",   [COMPARE_LESS] = "lt",           [COMPARE_LESS_EQUAL] = "lte",
        [COMPARE_GREATER] = "gt", [COMPARE_GREATER_EQUAL] = "gte", [COMPARE_NOT_EQUAL] = "neq",
};

#define OPERATOR_COUNT (sizeof(comparison_name) / sizeof(*comparison_name))

static bool counts_values(enum correlation_type type)
{
	return type == CORRELATION_VALUE_COUNT || type == CORRELATION_VALUE_SUM ||
	       type == CORRELATION_VALUE_AVG;
}

static bool is_temporal(enum correlation_type type)
{
	return type == CORRELATION_TEMPORAL || type == CORRELATION_TEMPORAL_ORDERED;
}

static void type_read(struct reading *r, const struct yaml_node *n, struct correlation *c)
{
	const char *type = reading_text(r, n, "type");
	char buffer[HINT_MAX];

	if (!type) {
		reading_blame(r, n, "there is no 'type'");
		return;
	}
	for (int i = 0; i < CORRELATION_TYPE_COUNT; i++)
		if (!strcmp(type, correlation_type_name[i])) {
			c->type = (enum correlation_type)i;
			return;
		}
	if (!strcmp(type, "value_percentile") || !strcmp(type, "value_median"))
		reading_blame(
		        r, yaml_get(n, "type"),
		        "'%s' is not supported: the standard does not say what its number means",
		        type);
	else
		reading_blame(r, yaml_get(n, "type"), "there is no type '%.60s'%s", type,
		              reading_hint(buffer, reading_nearest(r, type, correlation_type_name,
		                                                   CORRELATION_TYPE_COUNT)));
}

/* Reads a list of words, or a single one, of at most `max`. */
static unsigned words_read(struct reading *r, const struct yaml_node *n, const char *what,
                           const char **to, const struct yaml_node **place, unsigned max)
{
	size_t count = n->kind == YAML_SEQUENCE ? n->count : 1;
	unsigned words = 0;

	if (n->kind == YAML_MAPPING || !count || count > max) {
		reading_blame(r, n, "'%s' must be a list of 1 to %u names", what, max);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *one = n->kind == YAML_SEQUENCE ? n->item[i] : n;

		if (one->kind != YAML_SCALAR || !one->text.len || one->type == YAML_NULL) {
			reading_blame(r, one, "'%s' must be a list of names, not of %s", what,
			              yaml_what(one));
			continue;
		}
		for (unsigned k = 0; k < words; k++)
			if (!strcmp(to[k], yaml_text(one)))
				reading_blame(r, one, "'%.100s' is listed twice", to[k]);
		if (place)
			place[words] = one;
		to[words++] = memory_text(r->memory, yaml_text(one));
	}
	return words;
}

static void members_read(struct reading *r, const struct yaml_node *n, struct correlation *c)
{
	const struct yaml_node *rules = yaml_get(n, "rules");
	const struct yaml_node *place[CORRELATION_RULES_MAX];
	const char *reference[CORRELATION_RULES_MAX];

	if (!rules) {
		reading_blame(r, n, "there is no 'rules': the ids or names of what is counted");
		return;
	}
	c->members = words_read(r, rules, "rules", reference, place, CORRELATION_RULES_MAX);
	for (unsigned i = 0; i < c->members; i++)
		c->member[i] = (struct member){.place = place[i], .reference = reference[i]};
	if (is_temporal(c->type) && c->members == 1)
		reading_remark(r, rules, "one rule alone: what should it be together with?");
}

/* `15m` and the like. */
static void span_read(struct reading *r, const struct yaml_node *n, struct correlation *c)
{
	static const struct {
		uint8_t unit;
		int64_t length;
	} units[] = {{'s', SECOND}, {'m', MINUTE}, {'h', HOUR}, {'d', DAY}};
	const struct yaml_node *at = yaml_get(n, "timespan");
	const char *text = yaml_text(at);
	uint64_t value;

	if (!at) {
		reading_blame(r, n, "there is no 'timespan'");
		return;
	}
	for (size_t i = 0; text && at->text.len && i < sizeof(units) / sizeof(*units); i++) {
		struct bytes digits = bytes_slice(at->text, 0, at->text.len - 1);

		if (at->text.at[at->text.len - 1] != units[i].unit || !bytes_to_u64(digits, &value))
			continue;
		if (value && value <= (uint64_t)(SPAN_DAYS_MAX * DAY / units[i].length)) {
			c->span = (int64_t)value * units[i].length;
			return;
		}
	}
	reading_blame(
	        r, at,
	        "'timespan' must be a whole number and s, m, h or d, such as 10m, and at most "
	        "%dd",
	        SPAN_DAYS_MAX);
}

static void bound_read(struct reading *r, const struct yaml_node *key, const struct yaml_node *n,
                       struct correlation *c)
{
	char buffer[HINT_MAX];
	size_t how = 0;

	while (how < OPERATOR_COUNT && strcmp(yaml_text(key), comparison_name[how]) != 0)
		how++;
	if (how == OPERATOR_COUNT) {
		reading_blame(
		        r, key, "there is no operator '%.60s'%s", yaml_text(key),
		        reading_hint(buffer, reading_nearest(r, yaml_text(key), comparison_name,
		                                             OPERATOR_COUNT)));
		return;
	}
	if (n->kind != YAML_SCALAR || n->type != YAML_INTEGER) {
		reading_blame(r, n, "'%s' takes an integer, not %s", comparison_name[how],
		              yaml_what(n));
		return;
	}
	if (n->integer < 0 && c->type != CORRELATION_VALUE_SUM && c->type != CORRELATION_VALUE_AVG)
		reading_blame(r, n, "a count is never negative");
	if (c->bounds < CORRELATION_BOUNDS_MAX)
		c->bound[c->bounds++] = (struct bound){(enum comparison)how, n->integer};
}

/* Whether further events can undo what the bounds demand. */
static bool must_wait(const struct correlation *c)
{
	if (c->type == CORRELATION_VALUE_AVG)
		return true;
	for (unsigned i = 0; i < c->bounds; i++)
		if (c->bound[i].how != COMPARE_GREATER && c->bound[i].how != COMPARE_GREATER_EQUAL)
			return true;
	return false;
}

/* The count that is met by one group and no event, or by no group at all. */
static void bounds_check(struct reading *r, const struct yaml_node *condition,
                         struct correlation *c)
{
	if (c->bounds > 1)
		reading_remark(
		        r, condition,
		        "more than one operator is not portable: chain two correlations instead");
	if (is_temporal(c->type)) {
		for (unsigned i = 0; i < c->bounds; i++)
			if (c->bound[i].how != COMPARE_GREATER_EQUAL || c->bound[i].value < 1 ||
			    c->bound[i].value > c->members ||
			    (c->type == CORRELATION_TEMPORAL_ORDERED &&
			     c->bound[i].value != c->members))
				reading_blame(
				        r, condition,
				        "the only condition here is gte and how many of the rules "
				        "must have matched (temporal_ordered: all)");
		return;
	}
	if (!c->bounds && condition->count == (c->values > 0))
		reading_blame(r, condition,
		              "there is no operator: expected gt, gte, lt, lte, eq or neq");
	c->is_timed = must_wait(c);
	if (!c->is_timed && c->bounds && c->type != CORRELATION_VALUE_SUM && !correlation_enough(c))
		reading_remark(r, condition, "every event satisfies this");
}

static void condition_of(struct reading *r, const struct yaml_node *n, struct correlation *c)
{
	const struct yaml_node *condition = yaml_get(n, "condition");

	if (!condition) {
		if (!is_temporal(c->type))
			reading_blame(r, n, "there is no 'condition'");
		return;
	}
	if (condition->kind != YAML_MAPPING) {
		reading_blame(r, condition,
		              "'condition' must be a mapping such as {gte: 10}, not %s%s",
		              yaml_what(condition),
		              is_temporal(c->type)
		                      ? "; conditions over rule names are not in the standard"
		                      : "");
		return;
	}
	for (size_t i = 0; i < condition->count; i++) {
		const struct yaml_node *key = condition->key[i];

		if (!bytes_equal(key->text, BYTES("field")))
			bound_read(r, key, condition->item[i], c);
		else if (counts_values(c->type))
			c->values = words_read(r, condition->item[i], "field", c->value, NULL,
			                       CORRELATION_KEYS_MAX);
		else
			reading_blame(r, key, "'field' means nothing for this type");
	}
	if (counts_values(c->type) && !yaml_get(condition, "field"))
		reading_blame(r, condition, "there is no 'field': of what?");
	if (c->values > 1 && c->type != CORRELATION_VALUE_COUNT)
		reading_blame(r, condition, "a sum or an average is of one field");
	bounds_check(r, condition, c);
}

static void generate_read(struct reading *r, const struct yaml_node *document,
                          const struct yaml_node *n, struct rule *rule)
{
	const struct yaml_node *inside = yaml_get(n, "generate");
	const struct yaml_node *outside = yaml_get(document, "generate");
	const struct yaml_node *at = inside ? inside : outside;

	if (!at)
		return;
	if (at->kind != YAML_SCALAR || at->type != YAML_BOOLEAN)
		reading_blame(r, at, "'generate' must be true or false");
	else
		rule->generate = at->integer;
	if (!inside)
		reading_remark(r, outside, "converters look for 'generate' inside 'correlation'");
}

static void check_keys(struct reading *r, const struct yaml_node *n)
{
	static const char *const keys[] = {"type",     "rules",     "aliases", "group-by",
	                                   "timespan", "condition", "generate"};
	char buffer[HINT_MAX];
	const size_t count = sizeof(keys) / sizeof(*keys);

	for (size_t i = 0; i < n->count; i++) {
		const char *key = yaml_text(n->key[i]);
		size_t k = 0;

		while (k < count && strcmp(key, keys[k]) != 0)
			k++;
		if (k == count)
			reading_blame(r, n->key[i], "there is no key '%.60s' in 'correlation'%s",
			              key,
			              reading_hint(buffer, reading_nearest(r, key, keys, count)));
	}
}

void correlation_read(struct reading *r, const struct yaml_node *document, struct rule *rule)
{
	const struct yaml_node *n = yaml_get(document, "correlation");
	struct correlation *c = memory_alloc(r->memory, sizeof(*c));

	rule->correlation = c;
	rule->about.is_correlation = true;
	if (n->kind != YAML_MAPPING) {
		reading_blame(r, n, "'correlation' must be a mapping, not %s", yaml_what(n));
		return;
	}
	if (yaml_get(document, "detection"))
		reading_blame(r, yaml_get(document, "detection"),
		              "a rule is a detection or a correlation, not both");
	c->place = n;
	c->group_by = yaml_get(n, "group-by");
	c->aliases = yaml_get(n, "aliases");
	check_keys(r, n);
	type_read(r, n, c);
	members_read(r, n, c);
	if (c->group_by)
		c->keys =
		        words_read(r, c->group_by, "group-by", c->key, NULL, CORRELATION_KEYS_MAX);
	else
		reading_remark(
		        r, n,
		        "without 'group-by' all events are one group, and converters refuse it");
	span_read(r, n, c);
	condition_of(r, n, c);
	generate_read(r, document, n, rule);
}

bool correlation_is_met(const struct correlation *c, struct number measured)
{
	for (unsigned i = 0; i < c->bounds; i++)
		if (!comparison_holds(c->bound[i].how,
		                      number_compare(measured, number_of(c->bound[i].value))))
			return false;
	return true;
}

uint64_t correlation_enough(const struct correlation *c)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < c->bounds; i++) {
		uint64_t value = (uint64_t)c->bound[i].value;

		value += c->bound[i].how == COMPARE_GREATER;
		most = value > most ? value : most;
	}
	return most;
}
