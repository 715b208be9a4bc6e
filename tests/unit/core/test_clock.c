/* Packet time: how it prints and how it moves. */
#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void times_print_as_utc_with_microseconds(void **state)
{
	/* Checked with date -u -d @... */
	static const struct {
		int64_t time;
		const char *text;
	} cases[] = {
	        {0, "1970-01-01T00:00:00.000000Z"},
	        {1772356462 * SECOND + 481317 * MICROSECOND, "2026-03-01T09:14:22.481317Z"},
	        {951782400 * SECOND, "2000-02-29T00:00:00.000000Z"},
	        {SECOND - MICROSECOND, "1970-01-01T00:00:00.999999Z"},
	        {-MICROSECOND, "1969-12-31T23:59:59.999999Z"},
	        {-SECOND, "1969-12-31T23:59:59.000000Z"},
	        {4102444800 * SECOND, "2100-01-01T00:00:00.000000Z"},
	};
	char text[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(time_print(cases[i].time, text), cases[i].text);
}

static void nanoseconds_are_never_cut(void **state)
{
	char text[TIME_TEXT_MAX];

	(void)state;
	assert_string_equal(time_print(1, text), "1970-01-01T00:00:00.000000001Z");
	assert_string_equal(time_print(1772356462 * SECOND + 481317001, text),
	                    "2026-03-01T09:14:22.481317001Z");
	assert_string_equal(time_print(-1, text), "1969-12-31T23:59:59.999999999Z");
}

static void every_time_that_fits_prints(void **state)
{
	char text[TIME_TEXT_MAX];

	(void)state;
	assert_string_equal(time_print(INT64_MAX, text), "2262-04-11T23:47:16.854775807Z");
	assert_string_equal(time_print(INT64_MIN, text), "1677-09-21T00:12:43.145224192Z");
}

static void the_clock_stands_still_for_small_steps_back(void **state)
{
	struct packet_clock c = {0};

	(void)state;
	clock_follow(&c, 100 * SECOND);
	clock_follow(&c, 101 * SECOND);
	clock_follow(&c, 100 * SECOND);
	assert_int_equal(c.now, 101 * SECOND);
	assert_int_equal(c.stepped_back, 1);
	clock_follow(&c, 99 * SECOND);
	assert_int_equal(c.now, 101 * SECOND);
	clock_follow(&c, 101 * SECOND);
	assert_int_equal(c.stepped_back, 2);
}

static void the_clock_follows_large_steps_both_ways(void **state)
{
	struct packet_clock c = {0};

	(void)state;
	clock_follow(&c, 1000 * SECOND);
	clock_follow(&c, 1000 * SECOND - CLOCK_TOLERANCE - 1);
	assert_int_equal(c.now, 1000 * SECOND - CLOCK_TOLERANCE - 1);
	assert_int_equal(c.stepped_back, 1);
	clock_follow(&c, 1000 * DAY);
	assert_int_equal(c.now, 1000 * DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(times_print_as_utc_with_microseconds),
	        cmocka_unit_test(nanoseconds_are_never_cut),
	        cmocka_unit_test(every_time_that_fits_prints),
	        cmocka_unit_test(the_clock_stands_still_for_small_steps_back),
	        cmocka_unit_test(the_clock_follows_large_steps_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
