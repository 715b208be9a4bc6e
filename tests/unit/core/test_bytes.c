/* Views of bytes: comparing, searching, cutting, numbers. */
#include "tests/support/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_bytes(struct bytes b, const char *text)
{
	assert_int_equal(b.len, strlen(text));
	if (b.len)
		assert_memory_equal(b.at, text, b.len);
}

static void only_ascii_letters_lose_their_case(void **state)
{
	(void)state;
	assert_true(bytes_equal_fold(BYTES("SMS_MP/.sms_AUT"), BYTES("sms_mp/.SMS_aut")));
	assert_false(bytes_equal_fold(BYTES("sms_mp"), BYTES("sms_mp$")));
	/* @ and ` , [ and { differ in the same bit as A and a. */
	assert_false(bytes_equal_fold(BYTES("@["), BYTES("`{")));
	/* A-umlaut in Latin-1, large and small. */
	assert_false(bytes_equal_fold(BYTES("\xc4"), BYTES("\xe4")));
	assert_int_equal(ascii_lower('Z'), 'z');
	assert_int_equal(ascii_lower(0xc0), 0xc0);
}

/* Whatever the place of a byte among those that are compared together. */
static void every_pair_of_bytes_is_compared_alike_everywhere(void **state)
{
	uint8_t a[19], b[19];

	(void)state;
	memset(a, 'x', sizeof(a));
	memset(b, 'X', sizeof(b));
	for (size_t len = 1; len <= sizeof(a); len++)
		for (unsigned x = 0; x < 256; x++)
			for (unsigned y = 0; y < 256; y++) {
				size_t at = (x + y) % len;

				a[at] = (uint8_t)x;
				b[at] = (uint8_t)y;
				assert_int_equal(bytes_equal_fold((struct bytes){a, len},
				                                  (struct bytes){b, len}),
				                 ascii_lower(a[at]) == ascii_lower(b[at]));
				a[at] = 'x';
				b[at] = 'X';
			}
}

static void empty_views_are_equal_wherever_they_point(void **state)
{
	struct bytes none = {0};

	(void)state;
	assert_true(bytes_equal(none, BYTES("")));
	assert_true(bytes_equal_fold(BYTES(""), none));
	assert_true(bytes_equal(bytes_of(NULL), bytes_of("")));
	assert_false(bytes_equal(none, BYTES("a")));
}

static void equality_sees_bytes_behind_a_nul(void **state)
{
	(void)state;
	assert_false(bytes_equal(BYTES("a\0b"), BYTES("a\0c")));
	assert_true(bytes_equal(BYTES("a\0b"), BYTES("a\0b")));
}

static void starts_and_ends_are_found_in_any_case(void **state)
{
	(void)state;
	assert_true(bytes_starts_with_fold(BYTES("Content-Type"), BYTES("content-")));
	assert_false(bytes_starts_with_fold(BYTES("con"), BYTES("content-")));
	assert_true(bytes_starts_with_fold(BYTES("x"), BYTES("")));
	assert_true(bytes_ends_with_fold(BYTES("index.HTML"), BYTES(".html")));
	assert_false(bytes_ends_with_fold(BYTES("html"), BYTES(".html")));
	assert_true(bytes_ends_with_fold(BYTES(""), BYTES("")));
}

static void the_first_needle_is_found(void **state)
{
	struct bytes none = {0};

	(void)state;
	assert_int_equal(bytes_find(BYTES("abcabc"), BYTES("c")), 2);
	assert_int_equal(bytes_find(BYTES("aab"), BYTES("ab")), 1);
	assert_int_equal(bytes_find(BYTES("abc"), BYTES("abcd")), -1);
	assert_int_equal(bytes_find(BYTES("abc"), BYTES("C")), -1);
	assert_int_equal(bytes_find(BYTES("a\0b"), BYTES("\0b")), 1);
	assert_int_equal(bytes_find(BYTES("abc"), none), 0);
	assert_int_equal(bytes_find(none, BYTES("a")), -1);
	assert_int_equal(bytes_find_fold(BYTES("<TITLE>ERROR"), BYTES("error")), 7);
	assert_int_equal(bytes_find_fold(BYTES("aAb"), BYTES("AB")), 1);
	assert_int_equal(bytes_find_fold(none, BYTES("a")), -1);
	assert_int_equal(bytes_find_fold(none, none), 0);
}

static void searching_never_reads_behind_the_end(void **state)
{
	struct bytes text = guarded(BYTES("xxxxNEEDL"));

	(void)state;
	assert_int_equal(bytes_find(text, BYTES("NEEDLE")), -1);
	assert_int_equal(bytes_find_fold(text, BYTES("needle")), -1);
	assert_false(bytes_starts_with_fold(text, BYTES("xxxxneedle")));
	assert_int_equal(bytes_find_fold(guarded(BYTES("needle")), BYTES("NEEDLE")), 0);
}

static void a_slice_never_leaves_its_text(void **state)
{
	struct bytes text = BYTES("abcdef");

	(void)state;
	assert_bytes(bytes_slice(text, 2, 3), "cde");
	assert_bytes(bytes_slice(text, 4, 100), "ef");
	assert_bytes(bytes_slice(text, 6, 1), "");
	assert_bytes(bytes_slice(text, SIZE_MAX, SIZE_MAX), "");
	assert_bytes(bytes_slice(text, 1, SIZE_MAX), "bcdef");
	assert_bytes(bytes_slice((struct bytes){0}, 0, 5), "");
}

static void trimming_takes_blanks_from_both_ends_alone(void **state)
{
	(void)state;
	assert_bytes(bytes_trim(BYTES(" \t\r\na b\n ")), "a b");
	assert_bytes(bytes_trim(BYTES(" \n")), "");
	assert_bytes(bytes_trim((struct bytes){0}), "");
	/* A form feed and a NUL are no blanks. */
	assert_bytes(bytes_trim(BYTES("\fa")), "\fa");
	assert_int_equal(bytes_trim(BYTES("a\0")).len, 2);
}

static void unsigned_numbers_are_digits_and_nothing_else(void **state)
{
	static const char *const wrong[] = {"",
	                                    "-1",
	                                    "+1",
	                                    " 1",
	                                    "1 ",
	                                    "0x1",
	                                    "1e3",
	                                    "18446744073709551616",
	                                    "1.0",
	                                    "١",
	                                    "99999999999999999999"};
	uint64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(bytes_to_u64(bytes_of(wrong[i]), &value));
	assert_int_equal(value, 7);
	assert_true(bytes_to_u64(BYTES("18446744073709551615"), &value));
	assert_true(value == UINT64_MAX);
	assert_true(bytes_to_u64(BYTES("000000000000000000000000012"), &value));
	assert_int_equal(value, 12);
}

static void signed_numbers_reach_from_end_to_end(void **state)
{
	static const char *const wrong[] = {
	        "", "-", "--1", "+1", "9223372036854775808", "-9223372036854775809"};
	int64_t value = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(bytes_to_i64(bytes_of(wrong[i]), &value));
	assert_int_equal(value, 7);
	assert_true(bytes_to_i64(BYTES("9223372036854775807"), &value));
	assert_true(value == INT64_MAX);
	assert_true(bytes_to_i64(BYTES("-9223372036854775808"), &value));
	assert_true(value == INT64_MIN);
	assert_true(bytes_to_i64(BYTES("-0"), &value));
	assert_int_equal(value, 0);
}

static void hexadecimal_digits_have_values(void **state)
{
	static const char digits[] = "0123456789abcdef", large[] = "0123456789ABCDEF";
	int known = 0;

	(void)state;
	for (int i = 0; i < 16; i++) {
		assert_int_equal(hex_digit((uint8_t)digits[i]), i);
		assert_int_equal(hex_digit((uint8_t)large[i]), i);
	}
	for (int c = 0; c < 256; c++)
		known += hex_digit((uint8_t)c) >= 0;
	assert_int_equal(known, 22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(only_ascii_letters_lose_their_case),
	        cmocka_unit_test(every_pair_of_bytes_is_compared_alike_everywhere),
	        cmocka_unit_test(empty_views_are_equal_wherever_they_point),
	        cmocka_unit_test(equality_sees_bytes_behind_a_nul),
	        cmocka_unit_test(starts_and_ends_are_found_in_any_case),
	        cmocka_unit_test(the_first_needle_is_found),
	        cmocka_unit_test(searching_never_reads_behind_the_end),
	        cmocka_unit_test(a_slice_never_leaves_its_text),
	        cmocka_unit_test(trimming_takes_blanks_from_both_ends_alone),
	        cmocka_unit_test(unsigned_numbers_are_digits_and_nothing_else),
	        cmocka_unit_test(signed_numbers_reach_from_end_to_end),
	        cmocka_unit_test(hexadecimal_digits_have_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
