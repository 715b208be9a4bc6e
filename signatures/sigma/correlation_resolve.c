/* Finding what correlations refer to: rules, aliases, fields. One thread loads a set. */
#include "core/field.h"
#include "signatures/sigma/correlation.h"
#include "signatures/sigma/rule_load.h"

/* Correlations of correlations of ... */
#define CHAIN_MAX 16

static void member_find(struct loader *l, struct reading *r, struct correlation *c,
                        struct member *m)
{
	char buffer[HINT_MAX];

	m->rule = rule_find(l, m->reference);
	if (!m->rule) {
		reading_blame(r, m->place, "there is no rule '%.100s'%s", m->reference,
		              reading_hint(buffer, rule_nearest(l, m->reference)));
		return;
	}
	for (const struct member *other = c->member; other < m; other++)
		if (other->rule == m->rule && strcmp(other->reference, m->reference) != 0)
			reading_blame(r, m->place, "'%.100s' and '%.100s' are the same rule",
			              other->reference, m->reference);
	m->rule->is_referenced = true;
}

/* What members that are found must be, when all that they refer to is known. */
static void member_check(struct reading *r, const struct member *m)
{
	const char *status = m->rule->about.status;

	if (m->rule->bad)
		reading_blame(r, m->place, "rule '%.100s' was left out for its own mistakes",
		              m->reference);
	else if (status && !strcmp(status, "unsupported"))
		reading_blame(r, m->place, "rule '%.100s' is never used: its status is unsupported",
		              m->reference);
}

/* The member that an entry of an alias means, or NULL. */
static const struct member *member_called(const struct loader *l, const struct correlation *c,
                                          const char *reference)
{
	for (unsigned i = 0; i < c->members; i++)
		if (!strcmp(c->member[i].reference, reference) ||
		    (c->member[i].rule && c->member[i].rule == rule_find(l, reference)))
			return &c->member[i];
	return NULL;
}

static void alias_check(struct loader *l, struct reading *r, const struct correlation *c,
                        const struct yaml_node *key, const struct yaml_node *alias)
{
	if (alias->kind != YAML_MAPPING) {
		reading_blame(r, alias,
		              "alias '%.100s' must say which field of which rule it is: {rule: "
		              "field}",
		              yaml_text(key));
		return;
	}
	for (size_t i = 0; i < alias->count; i++) {
		if (!yaml_text(alias->item[i]))
			reading_blame(r, alias->item[i], "expected the name of a field, not %s",
			              yaml_what(alias->item[i]));
		if (!member_called(l, c, yaml_text(alias->key[i])))
			reading_blame(r, alias->key[i],
			              "'%.100s' is none of the rules of this correlation",
			              yaml_text(alias->key[i]));
	}
	for (unsigned i = 0; i < c->members; i++) {
		bool covered = false;

		for (size_t k = 0; k < alias->count; k++)
			covered |= member_called(l, c, yaml_text(alias->key[k])) == &c->member[i];
		if (!covered)
			reading_blame(r, key,
			              "alias '%.100s' does not say what it is in rule '%.100s'",
			              yaml_text(key), c->member[i].reference);
	}
}

static void aliases_check(struct loader *l, struct reading *r, const struct correlation *c)
{
	if (!c->aliases)
		return;
	if (c->aliases->kind != YAML_MAPPING || c->aliases->count > CORRELATION_KEYS_MAX) {
		reading_blame(r, c->aliases, "'aliases' must be a mapping of at most %d names",
		              CORRELATION_KEYS_MAX);
		return;
	}
	for (size_t i = 0; i < c->aliases->count; i++)
		alias_check(l, r, c, c->aliases->key[i], c->aliases->item[i]);
}

/* What a name means in events of one member, and where that is written. */
static struct bytes name_in(const struct loader *l, const struct correlation *c,
                            const struct member *m, const char *name,
                            const struct yaml_node **place)
{
	const struct yaml_node *alias = yaml_get(c->aliases, name);

	for (size_t i = 0; alias && i < alias->count; i++)
		if (member_called(l, c, yaml_text(alias->key[i])) == m) {
			*place = alias->item[i];
			return alias->item[i]->text;
		}
	return bytes_of(name);
}

static bool source_find(struct loader *l, struct reading *r, const struct correlation *c,
                        const struct member *m, const char *name, const struct yaml_node *place,
                        struct source *source)
{
	struct bytes text = name_in(l, c, m, name, &place);
	const struct correlation *inner = m->rule->correlation;

	if (!inner) {
		r->kinds = m->rule->kinds;
		source->field = field_find(r, place, text);
		return source->field != FIELD_COUNT;
	}
	for (unsigned i = 0; i < inner->keys; i++)
		if (bytes_equal(text, bytes_of(inner->key[i]))) {
			*source = (struct source){.is_key = true, .key = i};
			return true;
		}
	reading_blame(r, place,
	              "a hit of correlation '%.100s' carries only what it groups by, not '%.*s'",
	              m->reference, (int)(text.len < 100 ? text.len : 100), (const char *)text.at);
	return false;
}

static void sources_find(struct loader *l, struct reading *r, struct correlation *c)
{
	const struct yaml_node *field = yaml_get(yaml_get(c->place, "condition"), "field");

	for (unsigned i = 0; i < c->members; i++) {
		struct member *m = &c->member[i];

		for (unsigned k = 0; k < c->keys; k++)
			if (!source_find(l, r, c, m, c->key[k], c->group_by, &m->key[k]))
				return;
		for (unsigned k = 0; k < c->values; k++) {
			if (!source_find(l, r, c, m, c->value[k], field, &m->value[k]))
				return;
			if (c->type == CORRELATION_VALUE_COUNT || m->value[k].is_key)
				continue;

			enum field_type type = field_info[m->value[k].field].type;

			if (type != TYPE_INTEGER && type != TYPE_INTEGERS && type != TYPE_TEXT &&
			    type != TYPE_TEXTS)
				reading_blame(r, field, "'%.100s' is no number", c->value[k]);
		}
	}
}

static bool is_ready(const struct correlation *c)
{
	for (unsigned i = 0; i < c->members; i++)
		if (c->member[i].rule && c->member[i].rule->correlation &&
		    !c->member[i].rule->correlation->is_resolved)
			return false;
	return true;
}

/* All that the correlation refers to is resolved: so can it be. */
static void resolve(struct loader *l, struct rule *rule, uint32_t *number)
{
	struct reading r = reading_again(l, rule);
	struct correlation *c = rule->correlation;

	c->is_resolved = true;
	for (unsigned i = 0; i < c->members; i++)
		if (c->member[i].rule)
			member_check(&r, &c->member[i]);
	if (!rule->bad && !r.errors)
		aliases_check(l, &r, c);
	if (!rule->bad && !r.errors)
		sources_find(l, &r, c);
	if (*number == CORRELATIONS_MAX)
		reading_blame(&r, c->place, "more than %d correlations", CORRELATIONS_MAX);
	rule->bad |= r.errors > 0;
	if (rule->bad)
		return;
	c->number = (*number)++;
	for (unsigned i = 0; i < c->members; i++)
		rule->kinds |= c->member[i].rule->kinds;
}

static void members_find(struct loader *l, struct rule *rule)
{
	struct reading r = reading_again(l, rule);
	struct correlation *c = rule->correlation;

	for (unsigned i = 0; i < c->members; i++)
		member_find(l, &r, c, &c->member[i]);
	rule->bad |= r.errors > 0;
}

/* A rule that is counted raises alerts of its own only where a correlation asks for it; also when
 * the correlation itself is wrong: what was meant to be counted is no alert. */
static void silence_members(struct loader *l)
{
	for (size_t i = 0; i < l->rules; i++)
		l->rule[i]->about.silent = l->rule[i]->is_referenced;
	for (size_t i = 0; i < l->rules; i++) {
		const struct correlation *c = l->rule[i]->correlation;

		for (unsigned k = 0; c && l->rule[i]->generate && k < c->members; k++)
			if (c->member[k].rule)
				c->member[k].rule->about.silent = false;
	}
}

void correlations_resolve(struct loader *l)
{
	uint32_t number = 0;

	for (size_t i = 0; i < l->rules; i++)
		if (l->rule[i]->correlation)
			members_find(l, l->rule[i]);
	for (unsigned pass = 0; pass < CHAIN_MAX; pass++)
		for (size_t i = 0; i < l->rules; i++) {
			struct correlation *c = l->rule[i]->correlation;

			if (c && !c->is_resolved && is_ready(c))
				resolve(l, l->rule[i], &number);
		}
	for (size_t i = 0; i < l->rules; i++) {
		struct reading r = reading_again(l, l->rule[i]);
		struct correlation *c = l->rule[i]->correlation;

		if (!c || c->is_resolved)
			continue;
		reading_blame(&r, c->place,
		              "it refers to itself, directly or through others, or through more "
		              "than %d of "
		              "them",
		              CHAIN_MAX);
		l->rule[i]->bad = true;
	}
	silence_members(l);
}
