/* Counters: the table, the groups of the ledger, and sums over threads. */
#include "core/counter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void every_counter_has_a_name_and_a_meaning_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++) {
		assert_non_null(counter_info[i].name);
		assert_true(strlen(counter_info[i].name) > 2);
		assert_true(strlen(counter_info[i].meaning) > 5);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(counter_info[i].name, counter_info[j].name);
	}
}

static void names_are_lower_case_words_with_dots(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++)
		assert_int_equal(
		        strspn(counter_info[i].name, "abcdefghijklmnopqrstuvwxyz_.0123456789"),
		        strlen(counter_info[i].name));
}

static void only_packets_are_in_the_groups_of_the_ledger(void **state)
{
	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++)
		if (counter_info[i].group != GROUP_OTHER)
			assert_int_equal(strncmp(counter_info[i].name, "packets.", 8), 0);
	assert_int_equal(counter_info[COUNTER_PACKETS_SEEN].group, GROUP_OTHER);
}

static void a_group_is_the_sum_of_its_counters(void **state)
{
	struct counters c = {{0}};
	uint64_t all = 0;

	(void)state;
	for (int i = 0; i < COUNTER_COUNT; i++)
		counter_add(&c, (enum counter)i, 1);
	for (int group = GROUP_DISSECTED; group <= GROUP_OTHER; group++)
		all += counters_group(&c, (enum counter_group)group);
	assert_int_equal(all, COUNTER_COUNT);
	c = (struct counters){{0}};
	counter_add(&c, COUNTER_MALFORMED_IP, 3);
	count(&c, COUNTER_MALFORMED_TRANSPORT);
	count(&c, COUNTER_NO_INTEREST_FLOW);
	assert_int_equal(counters_group(&c, GROUP_MALFORMED), 4);
	assert_int_equal(counters_group(&c, GROUP_NO_INTEREST), 1);
	assert_int_equal(counters_group(&c, GROUP_OVER_CAP), 0);
}

static void counters_of_two_threads_add_up(void **state)
{
	struct counters sum = {{0}}, a = {{0}}, b = {{0}};

	(void)state;
	counter_add(&a, COUNTER_BYTES_SEEN, UINT64_C(1) << 40);
	count(&a, COUNTER_ALERTS);
	counter_add(&b, COUNTER_BYTES_SEEN, 5);
	counters_sum(&sum, &a);
	counters_sum(&sum, &b);
	assert_true(counter_read(&sum, COUNTER_BYTES_SEEN) == (UINT64_C(1) << 40) + 5);
	assert_int_equal(counter_read(&sum, COUNTER_ALERTS), 1);
	assert_int_equal(counter_read(&a, COUNTER_ALERTS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_counter_has_a_name_and_a_meaning_of_its_own),
	        cmocka_unit_test(names_are_lower_case_words_with_dots),
	        cmocka_unit_test(only_packets_are_in_the_groups_of_the_ledger),
	        cmocka_unit_test(a_group_is_the_sum_of_its_counters),
	        cmocka_unit_test(counters_of_two_threads_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
