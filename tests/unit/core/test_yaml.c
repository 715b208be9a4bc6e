/* YAML trees: types as PyYAML resolves them, places, and every cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/yaml.h"

#include <math.h>
#include <stdlib.h>

static struct complaints complaints;
static struct yaml_document *doc;

static int forget(void **state)
{
	(void)state;
	yaml_document_free(doc);
	doc = NULL;
	complaints_free(&complaints);
	return 0;
}

static struct yaml_node *read_text(const char *text)
{
	forget(NULL);
	doc = yaml_read_text("t.yml", bytes_of(text), &complaints);
	return doc ? doc->root : NULL;
}

static void assert_complains(const char *text, const char *expected)
{
	read_text(text);
	assert_null(doc);
	assert_non_null(complaints.first);
	assert_string_equal(complaints.first->text, expected);
}

static void a_mapping_keeps_keys_values_and_places(void **state)
{
	(void)state;
	struct yaml_node *root = read_text("a: x\nb:\n  - 1\n  - 'two'\n");

	assert_int_equal(root->kind, YAML_MAPPING);
	assert_int_equal(root->count, 2);
	assert_string_equal(yaml_text(yaml_get(root, "a")), "x");

	struct yaml_node *list = yaml_get(root, "b");

	assert_int_equal(list->kind, YAML_SEQUENCE);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->item[0]->integer, 1);
	assert_int_equal(list->item[1]->type, YAML_TEXT);
	assert_int_equal(list->item[1]->line, 4);
	assert_int_equal(list->item[1]->column, 5);
	assert_int_equal(root->key[1]->line, 2);
	assert_null(yaml_get(root, "c"));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_text(list));
	assert_null(yaml_text(NULL));
}

struct resolved {
	const char *text;
	enum yaml_type type;
	double real;
};

static void plain_scalars_have_the_types_that_pyyaml_gives_them(void **state)
{
	(void)state;
	static const struct resolved expected[] = {
	        {"yes", YAML_BOOLEAN, 1},
	        {"Off", YAML_BOOLEAN, 0},
	        {"oN", YAML_TEXT, 0},
	        {"y", YAML_TEXT, 0},
	        {"~", YAML_NULL, 0},
	        {"Null", YAML_NULL, 0},
	        {"nULL", YAML_TEXT, 0},
	        {"0", YAML_INTEGER, 0},
	        {"-0", YAML_INTEGER, 0},
	        {"0x17", YAML_INTEGER, 23},
	        {"-0xfF", YAML_INTEGER, -255},
	        {"0b1_01", YAML_INTEGER, 5},
	        {"017", YAML_INTEGER, 15},
	        {"08", YAML_TEXT, 0},
	        {"0o17", YAML_TEXT, 0},
	        {"1_000", YAML_INTEGER, 1000},
	        {"1:30", YAML_INTEGER, 90},
	        {"1:75", YAML_TEXT, 0},
	        {"190:20:30", YAML_INTEGER, 685230},
	        {"-1:30", YAML_INTEGER, -90},
	        {"1.5", YAML_FLOAT, 1.5},
	        {"1.", YAML_FLOAT, 1},
	        {".5", YAML_FLOAT, 0.5},
	        {"-.5", YAML_TEXT, 0},
	        {"6.8523015e+5", YAML_FLOAT, 685230.15},
	        {"1.5e3", YAML_TEXT, 0},
	        {"8E00", YAML_TEXT, 0},
	        {"1:30.5", YAML_FLOAT, 90.5},
	        {"-.INF", YAML_FLOAT, -HUGE_VAL},
	        {"2024-01-01", YAML_DATE, 0},
	        {"2024-1-1", YAML_TEXT, 0},
	        {"2001-12-14t21:59:43.10-05:00", YAML_DATE, 0},
	        {"2001-12-14 21:59:43.10 -5", YAML_DATE, 0},
	        {"2001-12-15 2:59:43Z", YAML_DATE, 0},
	        {"2001-12-15 2:59", YAML_TEXT, 0},
	        {"9223372036854775807", YAML_INTEGER, 9223372036854775807.0},
	        {"1.2.3", YAML_TEXT, 0},
	        {"-", YAML_TEXT, 0},
	        {"+", YAML_TEXT, 0},
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		char text[64];

		snprintf(text, sizeof(text), "k: %s\n", expected[i].text);

		struct yaml_node *n = yaml_get(read_text(text), "k");

		if (!strcmp(expected[i].text, "-")) { /* an empty list item */
			assert_int_equal(n ? n->kind : YAML_SEQUENCE, YAML_SEQUENCE);
			continue;
		}
		assert_non_null(n);
		assert_string_equal(yaml_text(n), expected[i].text);
		if (n->type != expected[i].type)
			fail_msg("%s is %s", expected[i].text, yaml_what(n));
		if (n->type == YAML_BOOLEAN)
			assert_int_equal(n->integer, expected[i].real != 0);
		else if (n->type == YAML_INTEGER || n->type == YAML_FLOAT)
			assert_true(n->real == expected[i].real);
	}
	assert_true(isnan(yaml_get(read_text("k: .NaN"), "k")->real));
}

static void quoted_and_tagged_scalars_are_text(void **state)
{
	(void)state;
	static const char *const texts[] = {"k: '1'", "k: \"yes\"", "k: !!str 1", "k: |-\n  1",
	                                    "k: ! 1"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(yaml_get(read_text(texts[i]), "k")->type, YAML_TEXT);
	assert_int_equal(yaml_get(read_text("k: !!int '7'"), "k")->integer, 7);
}

static void a_text_may_hold_nul(void **state)
{
	(void)state;
	struct yaml_node *n = yaml_get(read_text("k: \"a\\0b\""), "k");

	assert_int_equal(n->text.len, 3);
	assert_memory_equal(n->text.at, "a\0b", 4);
}

static void documents_of_a_file_are_chained(void **state)
{
	(void)state;
	read_text("a: 1\n---\nb: 2\n---\n");
	assert_non_null(doc->next);
	assert_int_equal(yaml_get(doc->next->root, "b")->integer, 2);
	assert_null(doc->next->next->root);
	assert_null(doc->next->next->next);
	assert_string_equal(doc->next->file, "t.yml");
}

static void aliases_stand_for_their_anchor(void **state)
{
	(void)state;
	struct yaml_node *root = read_text("a: &x [1, 2]\nb: *x\n");

	assert_ptr_equal(yaml_get(root, "a"), yaml_get(root, "b"));
}

static void mistakes_are_told_with_their_place(void **state)
{
	(void)state;
	assert_complains("a: 1\n'a': 2\n", "t.yml:2:1: duplicate key 'a'");
	assert_complains("{1: x, 0x1: y}", "t.yml:1:8: duplicate key '0x1'");
	assert_complains("? [a]\n: 1\n",
	                 "t.yml:1:3: a key must be a word or a text, not a mapping or a list");
	assert_complains("a: *x\n", "t.yml:1:4: an alias to an anchor that was not set before");
	assert_complains("a: &x [*x]\n", "t.yml:1:8: an alias inside of what it stands for");
	assert_complains("a: &x {b: 1}\nc:\n  <<: *x\n",
	                 "t.yml:3:3: merge keys are not supported: write the keys out");
	assert_complains("a: !!set {x}\n", "t.yml:1:4: a tag that is unknown or does not fit its "
	                                   "value: 'tag:yaml.org,2002:set'");
	assert_complains("a: !!int x\n", "t.yml:1:4: a tag that is unknown or does not fit its "
	                                 "value: 'int'");
	assert_complains("a: 9223372036854775808\n",
	                 "t.yml:1:4: the number does not fit into 64 bits; quote it if it is text");
	assert_complains("a: 0x_\n", "t.yml:1:4: a number without digits; quote it if it is text");
	assert_complains("a: =\n",
	                 "t.yml:1:4: an unquoted = has a meaning of its own in YAML 1.1; quote it");
	assert_complains("# nothing\n", "t.yml: holds nothing");
	assert_complains("---\n---\n", "t.yml: holds nothing");
	assert_complains("a: [1\n", "t.yml:2:1: not valid YAML: did not find expected ',' or ']', "
	                            "while parsing a flow sequence");
	assert_complains("a: 1\nb: \xff\n",
	                 "t.yml:2:4: not valid YAML: invalid leading UTF-8 octet");
}

static void a_document_with_a_mistake_leaves_the_others(void **state)
{
	(void)state;
	struct yaml_node *root = read_text("a: 1\na: 2\nc: =\n---\nb: 3\n");

	assert_int_equal(yaml_get(root, "b")->integer, 3);
	assert_int_equal(complaints.errors, 2);
}

static char *repeated(const char *what, size_t times, const char *end)
{
	size_t len = strlen(what);
	char *text = malloc(len * times + strlen(end) + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, what, len);
	memcpy(text + len * times, end, strlen(end) + 1);
	return text;
}

static void assert_capped(char *text, const char *expected)
{
	read_text(text);
	free(text);
	assert_null(doc);
	assert_non_null(strstr(complaints.first->text, expected));
}

static void depth_size_nodes_and_anchors_are_capped(void **state)
{
	(void)state;
	assert_capped(repeated("[", 70, ""), "nested too deeply");
	assert_capped(repeated("[", 2000000, ""), "nested too deeply");
	assert_capped(repeated("- a\n", 600000, ""), "too many nodes");
	assert_capped(repeated("---\n", 600000, ""), "too many nodes");
	assert_capped(repeated("- a a\n", 900000, ""), "too large: the cap is 4 MiB");

	char *anchors = malloc(40000), *at = anchors;

	for (int i = 0; i < 1100; i++)
		at += snprintf(at, 40, "- &a%d x\n", i);
	assert_capped(anchors, "too many anchors");
}

static void an_alias_bomb_is_refused(void **state)
{
	(void)state;
	char text[2048] = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n", *at = text + strlen(text);

	for (int i = 1; i < 10; i++)
		at += snprintf(at, 160, "- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
		               i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	read_text(text);
	assert_null(doc);
	assert_non_null(strstr(complaints.first->text, "too many nodes"));

	at = text + snprintf(text, 16, "- &a0 [x]\n");
	for (int i = 1; i < 70; i++)
		at += snprintf(at, 32, "- &a%d [*a%d]\n", i, i - 1);
	read_text(text);
	assert_null(doc);
	assert_non_null(strstr(complaints.first->text, "nested too deeply"));
}

static void a_missing_file_is_a_complaint(void **state)
{
	(void)state;
	forget(NULL);
	assert_null(yaml_read_file("/nowhere/x.yml", &complaints));
	assert_string_equal(complaints.first->text,
	                    "/nowhere/x.yml: cannot be read: No such file or directory");
	forget(NULL);
	assert_null(yaml_read_file("/", &complaints));
	assert_string_equal(complaints.first->text, "/: cannot be read: Is a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(a_mapping_keeps_keys_values_and_places, forget),
	        cmocka_unit_test_teardown(plain_scalars_have_the_types_that_pyyaml_gives_them,
	                                  forget),
	        cmocka_unit_test_teardown(quoted_and_tagged_scalars_are_text, forget),
	        cmocka_unit_test_teardown(a_text_may_hold_nul, forget),
	        cmocka_unit_test_teardown(documents_of_a_file_are_chained, forget),
	        cmocka_unit_test_teardown(aliases_stand_for_their_anchor, forget),
	        cmocka_unit_test_teardown(mistakes_are_told_with_their_place, forget),
	        cmocka_unit_test_teardown(a_document_with_a_mistake_leaves_the_others, forget),
	        cmocka_unit_test_teardown(depth_size_nodes_and_anchors_are_capped, forget),
	        cmocka_unit_test_teardown(an_alias_bomb_is_refused, forget),
	        cmocka_unit_test_teardown(a_missing_file_is_a_complaint, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
