/* The ring between two threads: order, wrapping, the end of the room. */
#include "core/ring.h"

#include "core/hash.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct ring ring;

static int open_small(void **state)
{
	(void)state;
	return !ring_open(&ring, 1);
}

static int close_it(void **state)
{
	(void)state;
	ring_close(&ring);
	return 0;
}

static bool put(size_t size, uint8_t with)
{
	uint8_t *record = ring_reserve(&ring, size);

	if (!record)
		return false;
	assert_int_equal((uintptr_t)record % 16, 0);
	memset(record, with, size);
	ring_commit(&ring);
	return true;
}

static void assert_next(size_t size, uint8_t with)
{
	size_t got = 0;
	const uint8_t *record = ring_peek(&ring, &got);

	assert_non_null(record);
	assert_int_equal(got, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(record[i], with);
	ring_release(&ring);
}

static void records_come_out_in_the_order_they_went_in(void **state)
{
	size_t size;

	(void)state;
	assert_null(ring_peek(&ring, &size));
	for (uint8_t i = 1; i < 100; i++)
		assert_true(put(i * 3u, i));
	for (uint8_t i = 1; i < 100; i++)
		assert_next(i * 3u, i);
	assert_null(ring_peek(&ring, &size));
}

static void a_reserved_record_is_not_seen_before_it_is_handed_over(void **state)
{
	size_t size;

	(void)state;
	assert_non_null(ring_reserve(&ring, 100));
	assert_null(ring_peek(&ring, &size));
	/* Reserving anew takes the place of what was not handed over. */
	assert_true(put(10, 7));
	assert_next(10, 7);
	assert_null(ring_peek(&ring, &size));
}

static void looking_twice_shows_the_same_record(void **state)
{
	size_t size;
	void *first;

	(void)state;
	put(10, 1);
	put(20, 2);
	first = ring_peek(&ring, &size);
	assert_ptr_equal(ring_peek(&ring, &size), first);
	assert_next(10, 1);
	assert_next(20, 2);
}

static void a_consumer_that_keeps_up_finds_all_records_near_the_base(void **state)
{
	const uint8_t *highest = ring.base;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		size_t size;
		const uint8_t *record;

		assert_true(put(100, (uint8_t)i));
		record = ring_peek(&ring, &size);
		highest = record > highest ? record : highest;
		assert_next(100, (uint8_t)i);
	}
	assert_true(highest < ring.base + ring.size / 64);
}

static void a_full_ring_refuses_until_something_is_released(void **state)
{
	size_t n = 0;

	(void)state;
	while (put(1000, (uint8_t)n))
		n++;
	assert_true(n >= ring.size / 1100);
	assert_next(1000, 0);
	assert_true(put(1000, (uint8_t)n));
	assert_false(put(1000, 0));
	for (size_t i = 1; i <= n; i++)
		assert_next(1000, (uint8_t)i);
}

static void the_largest_record_fits_wherever_the_ring_stands(void **state)
{
	size_t largest = ring_largest(&ring);

	(void)state;
	assert_null(ring_reserve(&ring, largest + 1));
	/* The place where the next record begins moves by an odd step around the whole ring. */
	for (int i = 0; i < 5000; i++) {
		assert_true(put(16 * (size_t)(i % 23) + 1, 3));
		assert_next(16 * (size_t)(i % 23) + 1, 3);
		assert_true(put(largest, (uint8_t)i));
		assert_next(largest, (uint8_t)i);
	}
}

static void a_record_may_become_smaller_before_it_is_handed_over(void **state)
{
	size_t largest = ring_largest(&ring), size;

	(void)state;
	/* Also where it begins anew at the base of the ring, behind records that wait. */
	for (int i = 0; i < 5000; i++) {
		uint8_t *record = ring_reserve(&ring, largest);

		assert_non_null(record);
		memset(record, i, largest);
		ring_shrink(&ring, (size_t)(i % 99) + 1);
		ring_commit(&ring);
		assert_true(put(16 * (size_t)(i % 23) + 1, 3));
		assert_ptr_equal(ring_peek(&ring, &size), record);
		assert_next((size_t)(i % 99) + 1, (uint8_t)i);
		assert_next(16 * (size_t)(i % 23) + 1, 3);
	}
}

static void a_record_is_never_split_at_the_end_of_the_ring(void **state)
{
	size_t in = 0, out = 0;

	(void)state;
	/* Fill and drain with sizes that do not divide the ring, for many rounds. */
	while (out < 20000) {
		while (put(1 + in % 777, (uint8_t)in))
			in++;
		for (int i = 0; i < 5 && out < in; i++, out++)
			assert_next(1 + out % 777, (uint8_t)out);
	}
	for (; out < in; out++)
		assert_next(1 + out % 777, (uint8_t)out);
}

static void a_ring_has_finished_when_it_is_closed_and_empty(void **state)
{
	(void)state;
	assert_false(ring_finished(&ring));
	put(10, 1);
	ring_finish(&ring);
	assert_false(ring_finished(&ring));
	assert_next(10, 1);
	assert_true(ring_finished(&ring));
}

#define RECORDS 1000000u

/* Lengths and contents that both threads can work out. */
static size_t size_of(uint32_t i)
{
	uint32_t mixed = i * 2654435761u;

	return 8 + (mixed >> 20) % (mixed % 64 ? 120 : 4000);
}

static uint8_t *fill(uint8_t *record, uint32_t i, size_t size)
{
	uint32_t x = i * 2246822519u + 1;

	memcpy(record, &i, 4);
	for (size_t at = 4; at < size; at++)
		record[at] = (uint8_t)(x = x * 1664525u + 1013904223u);
	return record;
}

static void *produce(void *unused)
{
	(void)unused;
	for (uint32_t i = 0; i < RECORDS;) {
		size_t size = size_of(i);
		uint8_t *record = ring_reserve(&ring, size);

		if (!record) {
			sched_yield();
			continue;
		}
		fill(record, i++, size);
		ring_commit(&ring);
	}
	ring_finish(&ring);
	return NULL;
}

static void a_million_records_cross_between_two_threads_unharmed(void **state)
{
	static uint8_t expected[4096];
	pthread_t producer;
	uint32_t seen = 0, wrong = 0;

	(void)state;
	assert_int_equal(pthread_create(&producer, NULL, produce, NULL), 0);
	while (!ring_finished(&ring)) {
		size_t size = 0;
		const uint8_t *record = ring_peek(&ring, &size);

		if (!record) {
			sched_yield();
			continue;
		}
		wrong += size != size_of(seen) ||
		         memcmp(record, fill(expected, seen, size_of(seen)), size) != 0;
		seen++;
		ring_release(&ring);
	}
	assert_int_equal(pthread_join(producer, NULL), 0);
	assert_int_equal(seen, RECORDS);
	assert_int_equal(wrong, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_small, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(records_come_out_in_the_order_they_went_in),
	        TEST(a_reserved_record_is_not_seen_before_it_is_handed_over),
	        TEST(looking_twice_shows_the_same_record),
	        TEST(a_consumer_that_keeps_up_finds_all_records_near_the_base),
	        TEST(a_full_ring_refuses_until_something_is_released),
	        TEST(the_largest_record_fits_wherever_the_ring_stands),
	        TEST(a_record_may_become_smaller_before_it_is_handed_over),
	        TEST(a_record_is_never_split_at_the_end_of_the_ring),
	        TEST(a_ring_has_finished_when_it_is_closed_and_empty),
	        TEST(a_million_records_cross_between_two_threads_unharmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
