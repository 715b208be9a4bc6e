/* Elements of DER: lengths of all forms, what is missing, what claims too much. */
#include "dissectors/auth/der.h"

#include "tests/support/guard.h"
#include "tests/support/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void short_and_long_lengths_are_read(void **state)
{
	static const struct bytes same[] = {
	        BYTES_INIT("\x30\x03\x02\x01\x05"),
	        BYTES_INIT("\x30\x81\x03\x02\x01\x05"),
	        BYTES_INIT("\x30\x82\x00\x03\x02\x01\x05"),
	        BYTES_INIT("\x30\x84\x00\x00\x00\x03\x02\x01\x05"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct reader r = reader_over(guarded(same[i]));
		struct reader inner = der_inside(&r, DER_SEQUENCE);

		assert_int_equal(der_integer(&inner, DER_INTEGER), 5);
		assert_true(reader_ok(&r) && reader_ok(&inner));
		assert_int_equal(reader_left(&r), 0);
	}
}

static void what_is_no_element_is_a_short_read(void **state)
{
	static const struct bytes broken[] = {
	        BYTES_INIT(""),
	        BYTES_INIT("\x30"),
	        BYTES_INIT("\x30\x01"),
	        BYTES_INIT("\x30\x80\x00\x00"),
	        BYTES_INIT("\x30\x81"),
	        BYTES_INIT("\x30\x82\x01"),
	        BYTES_INIT("\x30\x84\xff\xff\xff\xff"),
	        BYTES_INIT("\x30\x85\x00\x00\x00\x00\x00"),
	        BYTES_INIT("\x30\xff"),
	        BYTES_INIT("\x31\x00"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct reader r = reader_over(guarded(broken[i]));
		struct reader inner = der_inside(&r, DER_SEQUENCE);

		assert_false(reader_ok(&r));
		assert_false(reader_ok(&inner));
		assert_int_equal(reader_left(&inner), 0);
	}
}

static void what_is_optional_may_be_missing(void **state)
{
	struct reader r = reader_over(guarded(BYTES("\xa2\x01\x07")));
	struct reader none = der_optional(&r, DER_CONTEXT(1));

	(void)state;
	assert_int_equal(reader_left(&none), 0);
	assert_true(reader_ok(&none) && reader_ok(&r));
	assert_int_equal(reader_left(&r), 3);
	none = der_optional(&r, DER_CONTEXT(2));
	assert_int_equal(reader_u8(&none), 7);
	none = der_optional(&r, DER_CONTEXT(2));
	assert_true(reader_ok(&none));
}

static void integers_have_a_sign_and_at_most_four_bytes(void **state)
{
	static const struct {
		struct bytes element;
		int32_t value;
		bool ok;
	} cases[] = {
	        {BYTES_INIT("\x02\x01\x17"), 23, true},
	        {BYTES_INIT("\x02\x02\x00\x80"), 128, true},
	        {BYTES_INIT("\x02\x01\xff"), -1, true},
	        {BYTES_INIT("\x02\x02\xff\x7b"), -133, true},
	        {BYTES_INIT("\x02\x04\x7f\xff\xff\xff"), INT32_MAX, true},
	        {BYTES_INIT("\x02\x04\x80\x00\x00\x00"), INT32_MIN, true},
	        {BYTES_INIT("\x02\x05\x00\x80\x00\x00\x00"), 0, false},
	        {BYTES_INIT("\x02\x00"), 0, false},
	        {BYTES_INIT("\x02\x02\x01"), 0, false},
	        {BYTES_INIT("\x0a\x01\x01"), 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reader r = reader_over(guarded(cases[i].element));

		assert_int_equal(der_integer(&r, DER_INTEGER), cases[i].value);
		assert_int_equal(reader_ok(&r), cases[i].ok);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(short_and_long_lengths_are_read),
	        cmocka_unit_test(what_is_no_element_is_a_short_read),
	        cmocka_unit_test(what_is_optional_may_be_missing),
	        cmocka_unit_test(integers_have_a_sign_and_at_most_four_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
