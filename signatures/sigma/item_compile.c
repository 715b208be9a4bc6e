/* From an entry of a rule to tests: which comparison a value means on a field of a certain type,
 * and which values can never match there. No state. */
#include "signatures/sigma/encode.h"
#include "signatures/sigma/item.h"

#define REGEXES_MAX 4096

/* The tests that one value, or all values of an OR list, become. */
struct tests {
	struct reading *r;
	const struct item *it;
	enum field_type type; /* of the field */
	const struct pattern **pattern;
	size_t patterns;
	int64_t *integer;
	size_t integers;
	struct network *network;
	size_t networks;
	struct node *any; /* the others, and in the end all of them */
};

static bool is_number_type(enum field_type type)
{
	return type == TYPE_INTEGER || type == TYPE_INTEGERS;
}

static bool is_text_type(enum field_type type)
{
	return type == TYPE_TEXT || type == TYPE_TEXTS;
}

static bool is_address_type(enum field_type type)
{
	return type == TYPE_ADDRESS || type == TYPE_ADDRESSES;
}

static struct test *test_new(struct tests *t, enum test_kind kind)
{
	struct test *test = memory_alloc(t->r->memory, sizeof(*test));

	test->kind = kind;
	test->field = t->it->field;
	return test;
}

static void tests_add(struct tests *t, const struct test *test)
{
	node_add(t->r->memory, t->any, node_test(t->r->memory, test));
}

static void never(struct tests *t, const struct operand *v, const char *why)
{
	reading_remark(t->r, v->node, "this can never match: %s", why);
}

static void never_of_type(struct tests *t, const struct operand *v)
{
	reading_remark(t->r, v->node,
	               "this can never match: the field is of type %s, the value is %s",
	               field_type_name(t->type), yaml_what(v->node));
}

static void pattern_add(struct tests *t, struct symbols s)
{
	struct memory *m = t->r->memory;

	t->pattern = memory_room(m, t->pattern, t->patterns, sizeof(const struct pattern *));
	t->pattern[t->patterns++] = pattern_make(m, s, t->it->flags & ITEM_CASED);
}

static void integer_add(struct tests *t, int64_t value)
{
	t->integer = memory_room(t->r->memory, t->integer, t->integers, sizeof(*t->integer));
	t->integer[t->integers++] = value;
}

static void network_add(struct tests *t, struct network n)
{
	t->network = memory_room(t->r->memory, t->network, t->networks, sizeof(n));
	t->network[t->networks++] = n;
}

static bool pattern_is_sane(struct tests *t, const struct operand *v, struct symbols s)
{
	unsigned runs = 0;

	for (size_t i = 0; i < s.count; i++)
		runs += s.at[i] == SYMBOL_ANY;
	if (s.count > PATTERN_MAX)
		reading_blame(t->r, v->node, "the value is longer than %d bytes", PATTERN_MAX);
	else if (runs > PATTERN_RUNS_MAX)
		reading_blame(t->r, v->node, "more than %d wildcards '*' in one value",
		              PATTERN_RUNS_MAX);
	else
		return true;
	return false;
}

/* An equality test on an integer field: only the canonical digits can match. */
static void digits_add(struct tests *t, const struct operand *v, struct bytes text)
{
	char buffer[FACT_TEXT_MAX];
	struct number n;

	if (number_parse(text, &n) && !n.is_real && bytes_equal(number_print(n, buffer), text))
		integer_add(t, n.integer);
	else
		never(t, v, "the field is an integer, and the text is not how one is written");
}

static void address_add(struct tests *t, const struct operand *v, struct bytes text)
{
	char canonical[ADDRESS_TEXT_MAX], why[128];
	struct network n = {.prefix = 128};

	if (!address_parse(text, &n.base)) {
		never(t, v,
		      "the field is an address, and the text is none (for a network use "
		      "'cidr')");
	} else if (!bytes_equal_fold(bytes_of(address_print(n.base, canonical)), text)) {
		snprintf(why, sizeof(why), "the canonical form of this address is %s", canonical);
		never(t, v, why);
	} else {
		network_add(t, n);
	}
}

/* `\*` at the end of a path: nearly always meant as a wildcard. */
static void remark_star(struct tests *t, const struct operand *v, struct symbols s)
{
	struct bytes written = v->node->text;

	if (s.count > 1 && s.at[s.count - 1] == '*' && written.len > 2 &&
	    written.at[written.len - 2] == '\\')
		reading_remark(
		        t->r, v->node,
		        "'\\*' at the end is a literal star: for a backslash and a wildcard write "
		        "'\\\\*'");
}

static void text_add(struct tests *t, const struct operand *v, struct symbols s)
{
	struct bytes text;
	bool is_plain = symbols_to_text(t->r->memory, s, &text);

	if (!pattern_is_sane(t, v, s))
		return;
	if (t->it->field == FIELD_ANY) {
		symbols_open_start(t->r->memory, &s);
		symbols_open_end(t->r->memory, &s);
		pattern_add(t, s);
		return;
	}
	if (t->type == TYPE_BOOLEAN)
		never(t, v, "the field is true or false, which is written without quotes");
	else if (is_plain && is_number_type(t->type))
		digits_add(t, v, text);
	else if (is_plain && is_address_type(t->type) && !(t->it->flags & ITEM_CASED))
		address_add(t, v, text);
	else
		pattern_add(t, s);
	if (is_text_type(t->type))
		remark_star(t, v, s);
}

static void number_add(struct tests *t, const struct operand *v)
{
	char buffer[FACT_TEXT_MAX];
	struct memory *m = t->r->memory;
	bool is_keyword = t->it->field == FIELD_ANY;

	if (!v->number.is_real && (is_keyword || is_number_type(t->type)))
		integer_add(t, v->number.integer);
	if (is_keyword || is_text_type(t->type))
		pattern_add(t, symbols_literal(m, number_print(v->number, buffer)));
	else if (v->number.is_real || !is_number_type(t->type))
		never_of_type(t, v);
}

static void compare_add(struct tests *t, const struct operand *v)
{
	struct test *test = test_new(t, t->it->part ? TEST_TIME : TEST_COMPARE);

	test->comparison = t->it->comparison;
	test->part = t->it->part;
	test->number = v->number;
	if (t->it->part ? t->type == TYPE_TIME : is_number_type(t->type) || is_text_type(t->type))
		tests_add(t, test);
	else
		never(t, v, t->it->part ? "the field is no time" : "the field is no number");
}

static void boolean_add(struct tests *t, const struct operand *v)
{
	struct test *test = test_new(t, TEST_BOOLEAN);

	test->boolean = v->boolean;
	if (t->it->field == FIELD_ANY)
		reading_blame(t->r, v->node, "a keyword must be text or a number, not %s: quote it",
		              yaml_what(v->node));
	else if (t->type == TYPE_BOOLEAN)
		tests_add(t, test);
	else
		never_of_type(t, v);
}

static void null_add(struct tests *t, const struct operand *v)
{
	if (t->it->field == FIELD_ANY)
		reading_blame(t->r, v->node, "a keyword must be text or a number, not null");
	else
		tests_add(t, test_new(t, TEST_NULL));
}

/* The expression that the set has already, or a new one. */
static const struct regex *regex_find(struct reading *r, const struct operand *v,
                                      struct bytes source)
{
	char error[256];

	for (const struct regex *have = *r->regexes; have; have = have->next)
		if (have->flags == v->flags && bytes_equal(have->source, source))
			return have;
	if (*r->regex_count >= REGEXES_MAX) {
		reading_blame(r, v->node, "too many regular expressions: the cap is %d",
		              REGEXES_MAX);
		return NULL;
	}

	struct regex *made = regex_make(r->memory, source, v->flags, error, sizeof(error));

	if (!made) {
		reading_blame(r, v->node, "%s", error);
		return NULL;
	}
	++*r->regex_count;
	made->next = *r->regexes;
	*r->regexes = made;
	return made;
}

static void regex_add(struct tests *t, const struct operand *v)
{
	for (size_t i = 0; i < v->expressions; i++) {
		struct test *test = test_new(t, TEST_REGEX);

		test->regex = regex_find(t->r, v, v->expression[i]);
		if (!test->regex)
			return;
		if (t->it->field == FIELD_ANY || t->type != TYPE_BOOLEAN)
			tests_add(t, test);
		else
			never(t, v, "the field is true or false, not text");
	}
}

static void field_add(struct tests *t, const struct operand *v)
{
	struct test *test = test_new(t, TEST_FIELD);
	bool is_boolean = t->type == TYPE_BOOLEAN;

	test->other = v->other;
	test->shape = t->it->shape;
	if (is_boolean != (field_info[v->other].type == TYPE_BOOLEAN) ||
	    (is_boolean && test->shape != PATTERN_EQUAL))
		never(t, v, "one of the fields is true or false, the other is not");
	else
		tests_add(t, test);
}

static void operand_add(struct tests *t, const struct operand *v)
{
	if (t->it->comparison != COMPARE_EQUAL || t->it->part != PART_NONE) {
		compare_add(t, v);
		return;
	}
	switch (v->kind) {
	case OPERAND_TEXT:
		for (size_t i = 0; i < v->alternatives; i++)
			text_add(t, v, v->alternative[i]);
		break;
	case OPERAND_INTEGER:
	case OPERAND_REAL:
		number_add(t, v);
		break;
	case OPERAND_BOOLEAN:
		boolean_add(t, v);
		break;
	case OPERAND_NULL:
		null_add(t, v);
		break;
	case OPERAND_REGEX:
		regex_add(t, v);
		break;
	case OPERAND_NETWORK:
		if (is_text_type(t->type) || is_address_type(t->type))
			network_add(t, v->network);
		else
			never(t, v, "the field is no address");
		break;
	case OPERAND_FIELD:
		field_add(t, v);
		break;
	}
}

static struct node *tests_finish(struct tests *t)
{
	struct test *test;

	if (t->patterns) {
		test = test_new(t, TEST_TEXT);
		test->pattern = t->pattern;
		test->count = t->patterns;
		tests_add(t, test);
	}
	if (t->integers) {
		test = test_new(t, TEST_INTEGER);
		test->integer = t->integer;
		test->count = t->integers;
		tests_add(t, test);
	}
	if (t->networks) {
		test = test_new(t, TEST_NETWORK);
		test->network = t->network;
		test->count = t->networks;
		tests_add(t, test);
	}
	if (!t->any->count)
		return node_constant(t->r->memory, false);
	return t->any->count == 1 ? t->any->child[0] : t->any;
}

static struct node *operands_any(struct reading *r, const struct item *it, size_t first,
                                 size_t count)
{
	struct tests t = {.r = r, .it = it, .any = node_group(r->memory, NODE_ANY)};

	t.type = it->field == FIELD_ANY ? TYPE_TEXT : field_info[it->field].type;
	for (size_t i = first; i < first + count; i++)
		operand_add(&t, &it->value[i]);
	return tests_finish(&t);
}

static struct node *exists_test(struct reading *r, const struct item *it)
{
	struct test *test = memory_alloc(r->memory, sizeof(*test));
	struct node *n = node_test(r->memory, test);

	*test = (struct test){.kind = TEST_PRESENT, .field = it->field};
	if (it->count == 1)
		return it->value[0].boolean ? n : node_not(r->memory, n);
	reading_blame(r, it->place, "'exists' takes one value, true or false");
	return NULL;
}

struct node *item_compile(struct reading *r, const struct item *it)
{
	if (it->flags & ITEM_EXISTS)
		return exists_test(r, it);
	if (!(it->flags & ITEM_ALL))
		return operands_any(r, it, 0, it->count);

	struct node *all = node_group(r->memory, NODE_ALL);

	for (size_t i = 0; i < it->count; i++)
		node_add(r->memory, all, operands_any(r, it, i, 1));
	return all;
}
