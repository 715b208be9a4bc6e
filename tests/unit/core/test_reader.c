/* The bounded reader, over bytes that end where readable memory ends. */
#include "core/reader.h"
#include "tests/support/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t octets[16] = {0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88,
                                   0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x10};

static struct reader over(size_t len)
{
	return reader_over(guarded((struct bytes){octets, len}));
}

static void numbers_are_read_in_both_byte_orders(void **state)
{
	struct reader r;

	(void)state;
	r = over(1);
	assert_int_equal(reader_u8(&r), 0x01);
	r = over(2);
	assert_int_equal(reader_u16be(&r), 0x0182);
	r = over(2);
	assert_int_equal(reader_u16le(&r), 0x8201);
	r = over(3);
	assert_int_equal(reader_u24be(&r), 0x018203);
	r = over(4);
	assert_int_equal(reader_u32be(&r), 0x01820384);
	r = over(4);
	assert_int_equal(reader_u32le(&r), 0x84038201);
	r = over(8);
	assert_true(reader_u64be(&r) == UINT64_C(0x0182038405860788));
	assert_true(reader_ok(&r));
	assert_int_equal(reader_left(&r), 0);
	r = over(8);
	assert_true(reader_u64le(&r) == UINT64_C(0x8807860584038201));
	assert_true(reader_ok(&r));
}

static void a_number_cut_short_is_zero_and_takes_all(void **state)
{
	(void)state;
	for (size_t len = 0; len < 8; len++) {
		struct reader r = over(len);

		if (len < 1)
			assert_int_equal(reader_u8(&r), 0);
		r = over(len);
		if (len < 2)
			assert_int_equal(reader_u16be(&r), 0);
		r = over(len);
		if (len < 2)
			assert_int_equal(reader_u16le(&r), 0);
		r = over(len);
		if (len < 3)
			assert_int_equal(reader_u24be(&r), 0);
		r = over(len);
		if (len < 4)
			assert_int_equal(reader_u32le(&r), 0);
		r = over(len);
		reader_u64be(&r);
		assert_false(reader_ok(&r));
		assert_int_equal(reader_left(&r), 0);
		r = over(len);
		reader_u64le(&r);
		assert_false(reader_ok(&r));
	}
}

static void a_short_read_stays_told(void **state)
{
	struct reader r = over(4);

	(void)state;
	reader_take(&r, 5);
	assert_false(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 0);
	reader_skip(&r, 0);
	assert_int_equal(reader_rest(&r).len, 0);
	assert_false(reader_ok(&r));
}

static void taking_gives_exactly_what_was_asked_or_nothing(void **state)
{
	struct reader r = over(6);
	struct bytes b = reader_take(&r, 4);

	(void)state;
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.at, octets, 4);
	assert_int_equal(reader_left(&r), 2);
	b = reader_take(&r, 3);
	assert_int_equal(b.len, 0);
	assert_false(reader_ok(&r));
	r = over(6);
	assert_int_equal(reader_take(&r, 0).len, 0);
	assert_int_equal(reader_take(&r, 6).len, 6);
	assert_true(reader_ok(&r));
}

static void huge_lengths_do_not_wrap_around(void **state)
{
	struct reader r = over(6);

	(void)state;
	assert_int_equal(reader_take(&r, SIZE_MAX).len, 0);
	assert_false(reader_ok(&r));
	r = over(6);
	reader_skip(&r, SIZE_MAX - 2);
	assert_false(reader_ok(&r));
	r = over(6);
	assert_int_equal(reader_peek(&r, SIZE_MAX).len, 6);
	assert_true(reader_ok(&r));
}

static void looking_ahead_consumes_nothing(void **state)
{
	struct reader r = over(5);

	(void)state;
	assert_int_equal(reader_peek(&r, 3).len, 3);
	assert_int_equal(reader_peek(&r, 9).len, 5);
	assert_int_equal(reader_rest(&r).len, 5);
	assert_int_equal(reader_left(&r), 5);
	assert_true(reader_ok(&r));
}

static void a_delimiter_is_consumed_and_not_returned(void **state)
{
	struct reader r = reader_over(guarded(BYTES("a:bc::")));
	struct bytes b = reader_until(&r, ':');

	(void)state;
	assert_true(bytes_equal(b, BYTES("a")));
	assert_true(bytes_equal(reader_until(&r, ':'), BYTES("bc")));
	assert_int_equal(reader_until(&r, ':').len, 0);
	assert_true(reader_ok(&r));
	assert_int_equal(reader_left(&r), 0);
	reader_until(&r, ':');
	assert_false(reader_ok(&r));
}

static void a_missing_delimiter_is_a_short_read(void **state)
{
	struct reader r = reader_over(guarded(BYTES("abc")));
	struct reader nothing = reader_over((struct bytes){0});

	(void)state;
	assert_int_equal(reader_until(&r, ':').len, 0);
	assert_false(reader_ok(&r));
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reader_until(&nothing, ':').len, 0);
	assert_false(reader_ok(&nothing));
}

static void an_inner_reader_cannot_leave_its_part(void **state)
{
	struct reader r = over(8);
	struct reader inner = reader_inside(&r, 3);

	(void)state;
	assert_int_equal(reader_u16be(&inner), 0x0182);
	assert_int_equal(reader_u16be(&inner), 0);
	assert_false(reader_ok(&inner));
	/* The outer one goes on behind the part. */
	assert_true(reader_ok(&r));
	assert_int_equal(reader_u8(&r), 0x84);
}

static void an_inner_reader_that_does_not_fit_is_short_in_both(void **state)
{
	struct reader r = over(2);
	struct reader inner = reader_inside(&r, 3), later;

	(void)state;
	assert_false(reader_ok(&inner));
	assert_false(reader_ok(&r));
	/* What is read inside of something cut short is cut short. */
	later = reader_inside(&r, 0);
	assert_false(reader_ok(&later));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_are_read_in_both_byte_orders),
	        cmocka_unit_test(a_number_cut_short_is_zero_and_takes_all),
	        cmocka_unit_test(a_short_read_stays_told),
	        cmocka_unit_test(taking_gives_exactly_what_was_asked_or_nothing),
	        cmocka_unit_test(huge_lengths_do_not_wrap_around),
	        cmocka_unit_test(looking_ahead_consumes_nothing),
	        cmocka_unit_test(a_delimiter_is_consumed_and_not_returned),
	        cmocka_unit_test(a_missing_delimiter_is_a_short_read),
	        cmocka_unit_test(an_inner_reader_cannot_leave_its_part),
	        cmocka_unit_test(an_inner_reader_that_does_not_fit_is_short_in_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
