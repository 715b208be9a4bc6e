/* The hash table against a plain list, over a million random steps. */
#include "core/table.h"

#include "core/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define RECORDS 1000

/* A generator of its own, so that a failure can be repeated. */
static uint64_t state_of_chance = 88172645463325252u;

static uint64_t chance(void)
{
	state_of_chance ^= state_of_chance << 13;
	state_of_chance ^= state_of_chance >> 7;
	state_of_chance ^= state_of_chance << 17;
	return state_of_chance;
}

static bool finds(const struct table *t, uint64_t hash, uint32_t record)
{
	uint32_t at = TABLE_NONE, found, steps = 0;

	while ((found = table_next(t, hash, &at)) != TABLE_NONE) {
		assert_true(steps++ <= t->limit);
		if (found == record)
			return true;
	}
	return false;
}

/* `hashes` different hashes for all records: the fewer, the longer the runs. */
static void compare_with_a_list(uint32_t hashes, uint64_t spread, unsigned rounds)
{
	static uint64_t hash[RECORDS];
	static bool present[RECORDS];
	struct table t;
	uint32_t used = 0;

	assert_true(table_open(&t, RECORDS));
	for (uint32_t r = 0; r < RECORDS; r++) {
		hash[r] = (uint64_t)(r % hashes) * spread << 32;
		present[r] = false;
	}
	for (unsigned i = 0; i < rounds; i++) {
		uint32_t r = (uint32_t)(chance() % RECORDS);

		if (present[r]) {
			assert_true(table_remove(&t, hash[r], r));
			used--;
		} else {
			assert_false(table_remove(&t, hash[r], r));
			assert_true(table_add(&t, hash[r], r));
			used++;
		}
		present[r] = !present[r];
		assert_int_equal(t.used, used);
		assert_int_equal(finds(&t, hash[r], r), present[r]);
		r = (uint32_t)(chance() % RECORDS);
		assert_int_equal(finds(&t, hash[r], r), present[r]);
	}
	for (uint32_t r = 0; r < RECORDS; r++)
		assert_int_equal(finds(&t, hash[r], r), present[r]);
	table_close(&t);
}

static void a_million_random_steps_say_what_a_list_says(void **state)
{
	(void)state;
	/* Every record a hash of its own, all over the table. */
	compare_with_a_list(RECORDS, 2654435761u, 600000);
	/* Homes side by side: one long run, and everything that moves moves through it. */
	compare_with_a_list(RECORDS, 1, 200000);
	/* Few homes, at the end of the table, so that runs wrap around. */
	compare_with_a_list(100, UINT64_C(0xfffffff0), 150000);
	/* All records share three hashes. */
	compare_with_a_list(3, UINT64_C(0x7fffffff), 50000);
}

static void records_of_one_hash_are_all_walked(void **state)
{
	struct table t;
	uint32_t at = TABLE_NONE, sum = 0, n = 0, found;

	(void)state;
	assert_true(table_open(&t, 16));
	for (uint32_t r = 0; r < 10; r++)
		assert_true(table_add(&t, UINT64_C(0xffffffff) << 32, r));
	table_add(&t, 5, 99);
	while ((found = table_next(&t, UINT64_C(0xffffffff) << 32, &at)) != TABLE_NONE) {
		sum += found;
		n++;
	}
	assert_int_equal(n, 10);
	assert_int_equal(sum, 45);
	table_close(&t);
}

static void a_full_table_refuses_and_still_ends_every_search(void **state)
{
	struct table t;
	uint32_t added = 0;

	(void)state;
	assert_true(table_open(&t, 1000));
	while (table_add(&t, chance(), added))
		added++;
	assert_true(added >= 1000);
	assert_int_equal(added, t.limit);
	/* Nothing that is not there is found, and the search ends. */
	for (uint32_t i = 0; i < 1000; i++)
		assert_false(finds(&t, chance(), added + 1));
	table_clear(&t);
	assert_int_equal(t.used, 0);
	assert_true(table_add(&t, 1, 1));
	table_close(&t);
}

static void there_is_room_for_all_that_was_asked(void **state)
{
	(void)state;
	for (uint32_t records = 1; records < 3000; records += 37) {
		struct table t;

		assert_true(table_open(&t, records));
		for (uint32_t r = 0; r < records; r++)
			assert_true(table_add(&t, chance(), r));
		table_close(&t);
	}
}

static void the_largest_record_number_can_be_kept(void **state)
{
	struct table t;
	uint32_t at = TABLE_NONE;

	(void)state;
	assert_true(table_open(&t, 1));
	assert_true(table_add(&t, 0, UINT32_MAX - 1));
	assert_int_equal(table_next(&t, 0, &at), UINT32_MAX - 1);
	table_close(&t);
}

static void keys_hash_alike_in_one_process_and_unlike_each_other(void **state)
{
	uint64_t a = hash_bytes(BYTES("GUID:1")), words[5] = {1, 2, 3, 4, 5};
	uint64_t five = hash_five(words);

	(void)state;
	assert_true(a == hash_bytes(BYTES("GUID:1")));
	assert_true(a != hash_bytes(BYTES("GUID:2")));
	assert_true(hash_bytes(BYTES("")) == hash_bytes((struct bytes){0}));
	assert_true(five == hash_five(words));
	for (int i = 0; i < 5; i++) {
		words[i]++;
		assert_true(five != hash_five(words));
		words[i]--;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_million_random_steps_say_what_a_list_says),
	        cmocka_unit_test(records_of_one_hash_are_all_walked),
	        cmocka_unit_test(a_full_table_refuses_and_still_ends_every_search),
	        cmocka_unit_test(there_is_room_for_all_that_was_asked),
	        cmocka_unit_test(the_largest_record_number_can_be_kept),
	        cmocka_unit_test(keys_hash_alike_in_one_process_and_unlike_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
