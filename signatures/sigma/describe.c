/* What rules look at and count, for whoever shows them. No state. */
#include "core/clock.h"
#include "signatures/sigma/correlation.h"

static const struct rule *inside(const struct sigma_rule *rule)
{
	return (const struct rule *)rule;
}

const struct field_set *sigma_rule_fields(const struct sigma_rule *rule)
{
	return &inside(rule)->tested;
}

uint64_t sigma_rule_kinds(const struct sigma_rule *rule)
{
	return inside(rule)->kinds;
}

size_t sigma_rule_counts(const struct sigma_rule *rule, const struct sigma_rule **to, size_t most)
{
	const struct correlation *c = inside(rule)->correlation;
	size_t count = c ? c->members : 0;

	for (size_t i = 0; i < count && i < most; i++)
		to[i] = &c->member[i].rule->about;
	return count;
}

/* Adds words; what finds no room is cut. */
static void add(char *text, size_t size, const char *word, const char *between)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s", len ? between : "", word);
}

static void add_names(char *text, size_t size, const char *const *name, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		add(text, size, name[i], i ? ", " : " ");
}

const char *sigma_rule_counting(const struct sigma_rule *rule, char *text, size_t size)
{
	static const struct {
		int64_t length;
		char letter;
	} units[] = {{DAY, 'd'}, {HOUR, 'h'}, {MINUTE, 'm'}, {SECOND, 's'}};
	const struct correlation *c = inside(rule)->correlation;
	char word[64];
	size_t unit = 0;

	*text = 0;
	if (!c)
		return text;
	add(text, size, correlation_type_name[c->type], "");
	if (c->values) {
		add(text, size, "of", " ");
		add_names(text, size, c->value, c->values);
	}
	for (unsigned i = 0; i < c->bounds; i++) {
		snprintf(word, sizeof(word), "%s %lld", comparison_name[c->bound[i].how],
		         (long long)c->bound[i].value);
		add(text, size, word, i ? " and " : " ");
	}
	while (c->span % units[unit].length)
		unit++;
	snprintf(word, sizeof(word), "within %lld%c", (long long)(c->span / units[unit].length),
	         units[unit].letter);
	add(text, size, word, " ");
	if (c->keys) {
		add(text, size, "by", " ");
		add_names(text, size, c->key, c->keys);
	}
	return text;
}
