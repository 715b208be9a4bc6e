/* What `|modifier` does to an item and its values: one table. The order in a rule counts: each
 * works on what the one before it made. No state. */
#include "signatures/sigma/encode.h"
#include "signatures/sigma/item.h"

enum {
	ON_TEXT = 1 << OPERAND_TEXT,
	ON_NUMBER = 1 << OPERAND_INTEGER | 1 << OPERAND_REAL,
	ON_INTEGER = 1 << OPERAND_INTEGER,
	ON_BOOLEAN = 1 << OPERAND_BOOLEAN,
	ON_REGEX = 1 << OPERAND_REGEX,
	ON_FIELD = 1 << OPERAND_FIELD,
	ON_ANY = ~0,
};

enum {
	COMES_FIRST = 1, /* no modifier before it */
	AFTER_REGEX = 2,
	NEEDS_FIELD = 4, /* means nothing for a keyword */
};

struct modifier;

/* Changes one value. NULL, or what is wrong; empty when that has been said. */
typedef const char *operand_change(struct reading *r, const struct modifier *m, struct operand *v);

struct modifier {
	const char *name;
	int accepts; /* kinds of values */
	int rules;
	operand_change *change;
	enum item_flag flag;
	enum comparison comparison;
	enum time_part part;
	enum pattern_shape shape;
	unsigned regex_flag;
	enum encoding encoding;
};

static const char *open_ends(struct reading *r, const struct modifier *m, struct operand *v)
{
	for (size_t i = 0; i < v->alternatives; i++) {
		if (m->shape != PATTERN_PREFIX)
			symbols_open_start(r->memory, &v->alternative[i]);
		if (m->shape != PATTERN_SUFFIX)
			symbols_open_end(r->memory, &v->alternative[i]);
	}
	return NULL;
}

static const char *to_regex(struct reading *r, const struct modifier *m, struct operand *v)
{
	(void)m;
	v->kind = OPERAND_REGEX;
	v->expression = memory_alloc(r->memory, sizeof(*v->expression));
	v->expression[0] = v->node->text;
	v->expressions = 1;
	return NULL;
}

static const char *to_network(struct reading *r, const struct modifier *m, struct operand *v)
{
	struct bytes text;

	(void)m;
	if (!symbols_to_text(r->memory, v->alternative[0], &text))
		return "a network has no wildcards: write it as 192.0.2.0/24";
	v->kind = OPERAND_NETWORK;
	return network_parse(text, &v->network);
}

static const char *to_field(struct reading *r, const struct modifier *m, struct operand *v)
{
	struct bytes name;

	(void)m;
	if (!symbols_to_text(r->memory, v->alternative[0], &name))
		return "a field reference is the name of one field, without wildcards";
	v->kind = OPERAND_FIELD;
	v->other = field_find(r, v->node, name);
	return NULL;
}

static const char *vary_dashes(struct reading *r, const struct modifier *m, struct operand *v)
{
	(void)r;
	(void)m;
	for (size_t i = 0; i < v->alternatives; i++)
		symbols_windash(v->alternative[i]);
	return NULL;
}

static const char *encode(struct reading *r, const struct modifier *m, struct operand *v)
{
	return encode_operand(r->memory, v, m->encoding);
}

static const char *expand(struct reading *r, const struct modifier *m, struct operand *v)
{
	(void)m;
	return placeholders_expand(r, v);
}

static const struct modifier modifiers[] = {
        {"contains", ON_TEXT | ON_REGEX | ON_FIELD, 0, open_ends, .shape = PATTERN_CONTAINS},
        {"startswith", ON_TEXT | ON_REGEX | ON_FIELD, 0, open_ends, .shape = PATTERN_PREFIX,
         .regex_flag = REGEX_AT_START},
        {"endswith", ON_TEXT | ON_REGEX | ON_FIELD, 0, open_ends, .shape = PATTERN_SUFFIX,
         .regex_flag = REGEX_AT_END},
        {"all", ON_ANY, 0, NULL, .flag = ITEM_ALL},
        {"neq", ON_ANY, 0, NULL, .flag = ITEM_NEQ},
        {"exists", ON_BOOLEAN, COMES_FIRST | NEEDS_FIELD, NULL, .flag = ITEM_EXISTS},
        {"cased", ON_TEXT, 0, NULL, .flag = ITEM_CASED},
        {"re", ON_TEXT, COMES_FIRST, to_regex, .flag = ITEM_REGEX},
        {"i", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_CASELESS},
        {"ignorecase", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_CASELESS},
        {"m", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_MULTILINE},
        {"multiline", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_MULTILINE},
        {"s", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_DOTALL},
        {"dotall", ON_REGEX, AFTER_REGEX, NULL, .regex_flag = REGEX_DOTALL},
        {"base64", ON_TEXT, 0, encode, .encoding = ENCODE_BASE64},
        {"base64offset", ON_TEXT, 0, encode, .encoding = ENCODE_BASE64_OFFSET},
        {"wide", ON_TEXT, 0, encode, .encoding = ENCODE_UTF16LE},
        {"utf16le", ON_TEXT, 0, encode, .encoding = ENCODE_UTF16LE},
        {"utf16be", ON_TEXT, 0, encode, .encoding = ENCODE_UTF16BE},
        {"utf16", ON_TEXT, 0, encode, .encoding = ENCODE_UTF16},
        {"windash", ON_TEXT, 0, .change = vary_dashes},
        {"cidr", ON_TEXT, COMES_FIRST | NEEDS_FIELD, .change = to_network},
        {"lt", ON_NUMBER, NEEDS_FIELD, NULL, .comparison = COMPARE_LESS},
        {"lte", ON_NUMBER, NEEDS_FIELD, NULL, .comparison = COMPARE_LESS_EQUAL},
        {"gt", ON_NUMBER, NEEDS_FIELD, NULL, .comparison = COMPARE_GREATER},
        {"gte", ON_NUMBER, NEEDS_FIELD, NULL, .comparison = COMPARE_GREATER_EQUAL},
        {"minute", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_MINUTE},
        {"hour", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_HOUR},
        {"day", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_DAY},
        {"week", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_WEEK},
        {"month", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_MONTH},
        {"year", ON_INTEGER, NEEDS_FIELD, NULL, .part = PART_YEAR},
        {"expand", ON_TEXT | ON_REGEX, 0, .change = expand},
        {"fieldref", ON_TEXT, COMES_FIRST | NEEDS_FIELD, .change = to_field},
};

#define MODIFIER_COUNT (sizeof(modifiers) / sizeof(*modifiers))

static const struct modifier *modifier_find(struct reading *r, const struct item *it,
                                            struct bytes name)
{
	const char *names[MODIFIER_COUNT];
	char text[64], buffer[HINT_MAX];

	for (size_t i = 0; i < MODIFIER_COUNT; i++) {
		names[i] = modifiers[i].name;
		if (bytes_equal(name, bytes_of(names[i])))
			return &modifiers[i];
	}
	snprintf(text, sizeof(text), "%.*s", (int)(name.len < 60 ? name.len : 60),
	         (const char *)name.at);
	reading_blame(r, it->place, "there is no modifier '%s'%s", text,
	              reading_hint(buffer, reading_nearest(r, text, names, MODIFIER_COUNT)));
	return NULL;
}

static bool operand_accepted(struct reading *r, const struct modifier *m, const struct operand *v)
{
	bool wants_text = m->accepts & ON_TEXT;

	if (m->accepts & 1 << v->kind)
		return true;
	if (m->rules & AFTER_REGEX)
		reading_blame(r, v->node,
		              "'%s' is an option of regular expressions and follows 're'", m->name);
	else if (v->kind == OPERAND_REGEX || v->kind == OPERAND_NETWORK || v->kind == OPERAND_FIELD)
		reading_blame(r, v->node, "'%s' cannot follow the modifiers before it", m->name);
	else
		reading_blame(r, v->node, "'%s' takes %s, not %s%s", m->name,
		              wants_text                 ? "text"
		              : m->accepts & ON_BOOLEAN  ? "true or false"
		              : m->accepts == ON_INTEGER ? "an integer"
		                                         : "a number",
		              yaml_what(v->node),
		              wants_text                ? ": put it in quotes"
		              : v->kind == OPERAND_TEXT ? ": drop the quotes"
		                                        : "");
	return false;
}

static bool order_is_right(struct reading *r, const struct item *it, const struct modifier *m)
{
	unsigned errors = r->errors;

	if (m->rules & COMES_FIRST && it->modifiers)
		reading_blame(r, it->place, "'%s' must be the first modifier", m->name);
	if (m->rules & NEEDS_FIELD && it->field == FIELD_ANY)
		reading_blame(r, it->place, "'%s' needs a field before it", m->name);
	if (it->flags & ITEM_EXISTS && m->flag != ITEM_NEQ)
		reading_blame(r, it->place, "'exists' takes no other modifier");
	if (m->comparison != COMPARE_EQUAL && it->comparison != COMPARE_EQUAL)
		reading_blame(r, it->place,
		              "one comparison is enough: for a range use two entries");
	if (m->part != PART_NONE && it->part != PART_NONE)
		reading_blame(r, it->place, "one part of a time is enough");
	if (m->flag == ITEM_ALL && it->count < 2)
		reading_remark(r, it->place, "'all' on a single value changes nothing");
	return r->errors == errors;
}

bool modifier_apply(struct reading *r, struct item *it, struct bytes name)
{
	const struct modifier *m = modifier_find(r, it, name);
	unsigned errors = r->errors;

	if (!m || !order_is_right(r, it, m))
		return false;
	for (size_t i = 0; i < it->count; i++) {
		struct operand *v = &it->value[i];

		if (!operand_accepted(r, m, v))
			continue;
		v->flags |= m->regex_flag;

		const char *wrong = m->change ? m->change(r, m, v) : NULL;

		if (wrong && *wrong)
			reading_blame(r, v->node, "%s", wrong);
	}
	it->modifiers++;
	it->flags |= m->flag;
	if (m->comparison != COMPARE_EQUAL)
		it->comparison = m->comparison;
	if (m->part != PART_NONE)
		it->part = m->part;
	if (m->shape != PATTERN_EQUAL)
		it->shape = m->shape;
	return r->errors == errors;
}
