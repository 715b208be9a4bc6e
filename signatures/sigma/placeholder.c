/* Placeholders: %name% stands for a list that the configuration gives. No state. */
#include "signatures/sigma/encode.h"

/* A text whose placeholders before `from` were replaced already: values are not searched again. */
struct draft {
	struct symbols text;
	size_t from;
};

struct drafts {
	struct draft *at;
	size_t count;
};

/* The place of a %name%: of its first sign, and behind its second. */
struct cut {
	size_t start, end;
};

static void draft_add(struct memory *m, struct drafts *d, struct symbols text, size_t from)
{
	d->at = memory_room(m, d->at, d->count, sizeof(*d->at));
	d->at[d->count++] = (struct draft){text, from};
}

static bool is_escaped_sign(struct symbols s, size_t i)
{
	return s.at[i] == '\\' && i + 1 < s.count && s.at[i + 1] == '%';
}

static bool cut_find(const struct draft *d, struct cut *cut)
{
	struct symbols s = d->text;

	for (size_t i = d->from; i < s.count; i++) {
		size_t end = i + 1;

		if (is_escaped_sign(s, i)) {
			i++;
			continue;
		}
		if (s.at[i] != '%')
			continue;
		while (end < s.count && s.at[end] != '%')
			end++;
		*cut = (struct cut){i, end + 1};
		return end < s.count && end > i + 1;
	}
	return false;
}

static const struct sigma_placeholder *list_find(struct reading *r, const struct yaml_node *at,
                                                 struct symbols s, struct cut cut)
{
	const struct sigma_options *o = r->options;
	const char *near = NULL;
	char name[64], buffer[HINT_MAX];
	size_t len = 0;

	for (size_t i = cut.start + 1; i < cut.end - 1 && len < sizeof(name) - 1; i++) {
		uint8_t c = (uint8_t)s.at[i];

		memcpy(&name[len++], s.at[i] > 0xff ? "*" : (const char *)&c, 1);
	}
	name[len] = 0;
	for (size_t i = 0; i < o->placeholder_count; i++)
		if (!strcmp(o->placeholders[i].name, name))
			return &o->placeholders[i];
	for (size_t i = 0; i < o->placeholder_count && !near; i++)
		near = reading_nearest(r, name, &o->placeholders[i].name, 1);
	reading_blame(r, at, "no list is configured for the placeholder %%%s%%%s", name,
	              reading_hint(buffer, near));
	return NULL;
}

static void append(struct memory *m, struct symbols *to, struct symbols from, size_t start,
                   size_t end)
{
	for (size_t i = start; i < end; i++)
		symbols_add(m, to, from.at[i]);
}

/* A value of a list: a pattern like any other, or literal where a regular expression is around it.
 */
static struct symbols value_symbols(struct memory *m, const char *value, bool is_regex)
{
	struct symbols s = {0};

	if (!is_regex)
		return symbols_parse(m, bytes_of(value));
	for (const char *c = value; *c; c++) {
		if (strchr("\\^$.|?*+()[]{}-/#", *c))
			symbols_add(m, &s, '\\');
		symbols_add(m, &s, (uint8_t)*c);
	}
	return s;
}

/* Adds a draft for each value that the first placeholder stands for. */
static const char *list_insert(struct reading *r, const struct operand *v, struct drafts *work,
                               const struct draft *d, struct cut cut)
{
	const struct sigma_placeholder *list = list_find(r, v->node, d->text, cut);
	struct memory *m = r->memory;
	struct symbols text = d->text; /* the drafts may move while they grow */

	if (!list)
		return ""; /* which has been said */
	if (work->count + list->values.count > ALTERNATIVES_MAX)
		return "too many variants: the cap is 1,000";
	for (size_t i = 0; i < list->values.count; i++) {
		struct symbols s = {0};
		struct symbols value =
		        value_symbols(m, list->values.at[i], v->kind == OPERAND_REGEX);

		append(m, &s, text, 0, cut.start);
		append(m, &s, value, 0, value.count);
		append(m, &s, text, cut.end, text.count);
		draft_add(m, work, s, cut.start + value.count);
	}
	return NULL;
}

static struct symbols without_escapes(struct memory *m, struct symbols s)
{
	struct symbols out = {0};

	for (size_t i = 0; i < s.count; i++)
		if (!is_escaped_sign(s, i))
			symbols_add(m, &out, s.at[i]);
	return out;
}

const char *placeholders_expand(struct reading *r, struct operand *v)
{
	struct drafts work = {0}, done = {0};
	struct memory *m = r->memory;

	if (v->kind == OPERAND_REGEX)
		draft_add(m, &work, symbols_literal(m, v->expression[0]), 0);
	for (size_t i = 0; i < v->alternatives; i++)
		draft_add(m, &work, v->alternative[i], 0);
	for (size_t i = 0; i < work.count; i++) {
		struct cut cut;
		const char *wrong = NULL;

		if (cut_find(&work.at[i], &cut))
			wrong = list_insert(r, v, &work, &work.at[i], cut);
		else
			draft_add(m, &done, without_escapes(m, work.at[i].text), 0);
		if (wrong)
			return wrong;
	}
	v->alternatives = v->expressions = 0;
	v->alternative = memory_alloc(m, (done.count + 1) * sizeof(*v->alternative));
	v->expression = memory_alloc(m, (done.count + 1) * sizeof(*v->expression));
	for (size_t i = 0; i < done.count; i++)
		if (v->kind == OPERAND_REGEX)
			symbols_to_text(m, done.at[i].text, &v->expression[v->expressions++]);
		else
			v->alternative[v->alternatives++] = done.at[i].text;
	return NULL;
}
