/* Complaints: places, order, and the name a user may have meant. */
#include "core/complaint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct complaints list;

static int forget(void **state)
{
	(void)state;
	complaints_free(&list);
	return 0;
}

static void a_complaint_begins_with_its_place(void **state)
{
	(void)state;
	complain(&list, "site.yml", 3, 7, "unknown key '%s'", "rols");
	complain(&list, "site.yml", 3, 0, "no column");
	complain(&list, "site.yml", 0, 0, "no line");
	complain(&list, NULL, 3, 7, "no file");
	assert_string_equal(list.first->text, "site.yml:3:7: unknown key 'rols'");
	assert_string_equal(list.first->next->text, "site.yml:3:1: no column");
	assert_string_equal(list.first->next->next->text, "site.yml: no line");
	assert_string_equal(list.first->next->next->next->text, "no file");
	assert_int_equal(list.errors, 4);
	assert_int_equal(list.warnings, 0);
}

static void warnings_are_counted_apart_and_marked(void **state)
{
	(void)state;
	complain_mildly(&list, "a.yml", 1, 2, "odd");
	complain(&list, "a.yml", 2, 2, "wrong");
	assert_int_equal(list.errors, 1);
	assert_int_equal(list.warnings, 1);
	assert_string_equal(list.first->text, "a.yml:1:2: warning: odd");
	assert_true(list.first->warning);
	assert_false(list.first->next->warning);
}

static void all_are_printed_in_the_order_they_were_found(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	complain(&list, "a", 1, 1, "one");
	complain_mildly(&list, "b", 2, 2, "two");
	complain(&list, NULL, 0, 0, "three");
	complaints_print(&list, to);
	fclose(to);
	assert_string_equal(text, "a:1:1: one\nb:2:2: warning: two\nthree\n");
	free(text);
}

static void a_complaint_knows_which_part_is_the_file(void **state)
{
	(void)state;
	complain(&list, "a:b.yml", 1, 1, "one");
	complain(&list, NULL, 0, 0, "two");
	assert_int_equal(list.first->file, 7);
	assert_int_equal(list.first->next->file, 0);
}

static void lists_are_joined_in_order(void **state)
{
	struct complaints more = {0};

	(void)state;
	complaints_move(&list, &more);
	assert_null(list.first);
	complain(&more, "a", 1, 1, "one");
	complain_mildly(&more, "a", 1, 1, "two");
	complaints_move(&list, &more);
	complain(&list, "a", 1, 1, "three");
	assert_null(more.first);
	assert_int_equal(list.errors, 2);
	assert_int_equal(list.warnings, 1);
	assert_string_equal(list.first->next->next->text, "a:1:1: three");
}

static void a_freed_list_can_be_used_again(void **state)
{
	(void)state;
	complain(&list, "a", 1, 1, "one");
	complaints_free(&list);
	assert_null(list.first);
	assert_int_equal(list.errors, 0);
	complain(&list, "a", 1, 1, "two");
	assert_string_equal(list.first->text, "a:1:1: two");
}

static void a_complaint_without_end_is_cut(void **state)
{
	char *text = malloc(100001);

	(void)state;
	memset(text, 'x', 100000);
	text[100000] = 0;
	complain(&list, text, 1, 1, "%s", text);
	assert_true(strlen(list.first->text) < 4096);
	free(text);
}

static void the_nearest_name_is_what_a_finger_slipped_from(void **state)
{
	static const char *const names[] = {"management-point", "distribution-point", "site-server",
	                                    "roles", "ports"};
	static const char *const cases[][2] = {
	        {"managment-point", "management-point"},
	        {"Management-Point", "management-point"},
	        {"distributionpoint", "distribution-point"},
	        {"rols", "roles"},
	        {"role", "roles"},
	        {"prots", "ports"},
	        {"site_server", "site-server"},
	        {"roles", "roles"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(nearest_name(cases[i][0], names, 5), cases[i][1]);
}

static void far_names_are_not_offered(void **state)
{
	static const char *const names[] = {"roles", "ports"};
	char *text = malloc(5001);

	(void)state;
	assert_null(nearest_name("administrators", names, 2));
	assert_null(nearest_name("xyz", names, 2));
	assert_null(nearest_name("", names, 2));
	assert_null(nearest_name("roles", NULL, 0));
	memset(text, 'r', 5000);
	text[5000] = 0;
	assert_null(nearest_name(text, names, 2));
	free(text);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_complaint_begins_with_its_place),
	        TEST(warnings_are_counted_apart_and_marked),
	        TEST(all_are_printed_in_the_order_they_were_found),
	        TEST(a_complaint_knows_which_part_is_the_file),
	        TEST(lists_are_joined_in_order),
	        TEST(a_freed_list_can_be_used_again),
	        TEST(a_complaint_without_end_is_cut),
	        TEST(the_nearest_name_is_what_a_finger_slipped_from),
	        TEST(far_names_are_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
