/* Tests of what bounds the reassembly of IP fragments: time, datagrams, parts, blocks, scratch. */
#include "tests/unit/sensor/packet/fragments.h"

#include "tests/unit/sensor/packet/allocations.h"

static int setup(void **state)
{
	(void)state;
	lab = lab_open(LAB_LIMITS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(lab);
	return 0;
}

/* A decoder whose pool has this many blocks. */
static void lab_with_blocks(uint32_t blocks, unsigned fragments)
{
	struct decode_limits limits = LAB_LIMITS;

	limits.fragments = fragments;
	decoder_close(lab->decoder);
	blocks_close(&lab->blocks);
	assert_true(blocks_open(&lab->blocks, blocks));
	lab->decoder = decoder_open(limits, &lab->blocks, &lab->scratch, &lab->counters);
	assert_non_null(lab->decoder);
}

static void a_datagram_that_waits_too_long_is_given_up_in_packet_time(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 7, 0, 1600);
	lab->time += 30 * SECOND;
	decoder_expire(lab->decoder, lab->time);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 0);
	lab->time += 1;
	decoder_expire(lab->decoder, lab->time);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 1);
	assert_int_equal(lab->blocks.used, 0);
	expect_waiting(false, 7, 1600, 2400);
	/* without being told, the next fragment finds it expired */
	lab->time += 31 * SECOND;
	expect_waiting(false, 7, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 2);
	/* time that steps far back ends waiting as well */
	lab->time -= 500 * SECOND;
	expect_waiting(false, 7, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 3);
	expect_whole(false, 7, 0, 1600);
	lab->time = INT64_MIN;
	expect_waiting(false, 7, 0, 1600);
	decoder_expire(lab->decoder, INT64_MAX);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 4);
}

static void a_datagram_that_is_not_the_oldest_expires_as_well(void **state)
{
	(void)state;
	segment_make(false, 3980);
	lab->time += 20 * SECOND;
	expect_waiting(false, 1, 0, 1600);
	lab->time -= 20 * SECOND;
	expect_waiting(false, 2, 0, 1600);
	lab->time += 31 * SECOND;
	expect_waiting(false, 2, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EXPIRED), 1);
	expect_whole(false, 1, 1600, 2400);
	expect_whole(false, 2, 0, 1600);
}

static void the_oldest_datagram_goes_when_there_are_too_many(void **state)
{
	(void)state;
	segment_make(false, 3980);
	for (uint32_t id = 0; id < 8; id++)
		expect_waiting(false, id, 0, 1600);
	expect_waiting(false, 3, 1600, 800);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 0);
	expect_waiting(false, 8, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 1);
	/* 0 was the oldest: its place goes to what comes now, which costs 1 its own */
	expect_waiting(false, 0, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 2);
	for (uint32_t id = 2; id <= 8; id++)
		expect_whole(false, id, 1600, 2400);
	expect_whole(false, 0, 0, 1600);
}

static unsigned faults;

static void count_fault(void *context, enum packet_fault fault, struct address source,
                        struct address destination)
{
	(void)context;
	(void)source;
	(void)destination;
	assert_int_equal(fault, FAULT_FRAGMENT);
	faults++;
}

static void watch_faults(void)
{
	faults = 0;
	decoder_report(lab->decoder, (struct fault_report){.tell = count_fault});
}

static void what_never_became_whole_is_told_when_it_expires(void **state)
{
	(void)state;
	watch_faults();
	segment_make(false, 3980);
	expect_waiting(false, 7, 0, 1600);
	decoder_expire(lab->decoder, lab->time + 31 * SECOND);
	assert_int_equal(faults, 1);
}

static void a_pool_without_room_makes_nobody_guilty(void **state)
{
	(void)state;
	lab_with_blocks(32, 100);
	watch_faults();
	segment_make(false, 3980);
	for (uint32_t id = 0; id < 20; id++)
		expect_waiting(false, id, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 12);
	assert_int_equal(faults, 0);
}

/* Who is sent more than there are places for is flooded; whoever else has to go is not told of. */
static void only_what_fills_all_places_for_its_own_target_is_told(void **state)
{
	(void)state;
	watch_faults();
	segment_make(true, 3980);
	for (uint32_t id = 0; id < 8; id++)
		expect_waiting(true, id, 0, 1600);
	segment_make(false, 3980);
	for (uint32_t id = 0; id < 8; id++)
		expect_waiting(false, id, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 8);
	assert_int_equal(faults, 0);
	for (uint32_t id = 8; id < 11; id++)
		expect_waiting(false, id, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 11);
	assert_int_equal(faults, 3);
}

static void more_fragments_than_one_datagram_may_have_are_over_the_cap(void **state)
{
	(void)state;
	segment_make(false, 3980);
	for (size_t i = 0; i < FRAGMENTS_PER_DATAGRAM; i++)
		expect_waiting(false, 7, 16 * i, 8);
	decode_part(false, 7, 16 * FRAGMENTS_PER_DATAGRAM, 8);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 1);
	assert_int_equal(lab->blocks.used, 0);
}

static void fragments_take_a_quarter_of_the_pool_at_most(void **state)
{
	(void)state;
	lab_with_blocks(32, 100);
	segment_make(false, 3980);
	for (uint32_t id = 0; id < 20; id++) {
		expect_waiting(false, id, 0, 1600);
		assert_true(lab->blocks.used <= 8);
	}
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 12);
	/* one datagram that needs more than that by itself */
	segment_make(false, 30000);
	for (size_t i = 0; i < 8; i++)
		decode_part(false, 100, 2048 * i, 2048);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 0);
	decode_part(false, 100, 2048 * 8, 2048);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 1);
	assert_int_equal(lab->blocks.used, 0);
}

static void a_pool_that_others_have_emptied_is_over_the_cap(void **state)
{
	struct chain others = {0};

	(void)state;
	lab_with_blocks(32, 100);
	segment_make(false, 3980);
	expect_waiting(false, 1, 0, 1600);
	assert_true(chain_append(&lab->blocks, &others, (struct bytes){segment, 31 * BLOCK_SIZE}));
	/* the older datagram makes room for the newer */
	expect_waiting(false, 2, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_EVICTED), 1);
	decode_part(false, 2, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 1);
	chain_free(&lab->blocks, &others);
	assert_int_equal(lab->blocks.used, 0);
}

static void no_room_for_datagrams_or_for_joining_is_over_the_cap(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 1, 0, 1600);
	assert_non_null(arena_alloc(&lab->scratch, (1 << 20) - 100));
	decode_part(false, 1, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 1);
	assert_int_equal(lab->blocks.used, 0);

	/* room for the datagram, and none to gather a part of several blocks */
	arena_reset(&lab->scratch);
	expect_waiting(false, 1, 0, 1600);
	assert_non_null(arena_alloc(&lab->scratch, (1 << 20) - 5000));
	decode_part(false, 1, 1600, 2400);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 2);
	assert_int_equal(lab->blocks.used, 0);

	lab_with_blocks(32, 0);
	decode_part(false, 1, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_OVER_CAP_FRAGMENTS), 3);
}

static void nothing_is_allocated_while_fragments_are_joined(void **state)
{
	unsigned before;

	(void)state;
	segment_make(false, 4000);
	before = allocations;
	expect_waiting(false, 7, 2000, 2020);
	expect_whole(false, 7, 0, 2000);
	assert_int_equal(allocations, before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_datagram_that_waits_too_long_is_given_up_in_packet_time),
	        TEST(a_datagram_that_is_not_the_oldest_expires_as_well),
	        TEST(the_oldest_datagram_goes_when_there_are_too_many),
	        TEST(what_never_became_whole_is_told_when_it_expires),
	        TEST(a_pool_without_room_makes_nobody_guilty),
	        TEST(only_what_fills_all_places_for_its_own_target_is_told),
	        TEST(more_fragments_than_one_datagram_may_have_are_over_the_cap),
	        TEST(fragments_take_a_quarter_of_the_pool_at_most),
	        TEST(a_pool_that_others_have_emptied_is_over_the_cap),
	        TEST(no_room_for_datagrams_or_for_joining_is_over_the_cap),
	        TEST(nothing_is_allocated_while_fragments_are_joined),
	};

	allocations_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
