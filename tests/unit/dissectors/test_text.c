/* Encodings of text: told apart, and turned into UTF-8. */
#include "dissectors/xml.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct arena arena;

static int open_it(void **state)
{
	(void)state;
	return !arena_open(&arena, 1 << 20);
}

static int close_it(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static void assert_becomes(struct bytes raw, enum text_encoding encoding, const char *expected)
{
	struct bytes text = utf16_to_utf8(guarded(raw), encoding, &arena);

	assert_int_equal(text.len, strlen(expected));
	if (text.len)
		assert_memory_equal(text.at, expected, text.len);
}

static void marks_and_zero_bytes_tell_the_encoding(void **state)
{
	static const struct {
		struct bytes raw;
		enum text_encoding encoding;
		size_t mark;
	} cases[] = {
	        {BYTES_INIT("\xff\xfe<\0"), TEXT_UTF16LE, 2},
	        {BYTES_INIT("\xfe\xff\0<"), TEXT_UTF16BE, 2},
	        {BYTES_INIT("\xef\xbb\xbf<a/>"), TEXT_8BIT, 3},
	        {BYTES_INIT("<\0M\0"), TEXT_UTF16LE, 0},
	        {BYTES_INIT("\0<\0M"), TEXT_UTF16BE, 0},
	        {BYTES_INIT("<a/>"), TEXT_8BIT, 0},
	        {BYTES_INIT("<"), TEXT_8BIT, 0},
	        {BYTES_INIT(""), TEXT_8BIT, 0},
	        {BYTES_INIT("\0\0"), TEXT_8BIT, 0},
	        {BYTES_INIT("\xff"), TEXT_8BIT, 0},
	        {BYTES_INIT("\xef\xbb"), TEXT_8BIT, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes text;

		assert_int_equal(text_encoding(guarded(cases[i].raw), &text), cases[i].encoding);
		assert_int_equal(text.len, cases[i].raw.len - cases[i].mark);
	}
}

static void characters_of_every_length_are_converted(void **state)
{
	/* One, two, three and four bytes of UTF-8 (RFC 3629 section 3), and the ends of each. */
	const char *text = "A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
	                   "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";

	(void)state;
	assert_becomes(utf16le(bytes_of(text)), TEXT_UTF16LE, text);
	assert_becomes(utf16be(bytes_of(text)), TEXT_UTF16BE, text);
}

static void the_quick_way_for_ascii_says_the_same(void **state)
{
	(void)state;
	/* A letter that is not ASCII at each place of a run. */
	for (size_t at = 0; at < 40; at++) {
		for (size_t len = at; len < 40; len++) {
			struct bytes text = joined(joined(repeated('a', at), BYTES("\xc3\xa4")),
			                           repeated('z', len - at));

			assert_becomes(utf16le(text), TEXT_UTF16LE, (const char *)text.at);
			assert_becomes(utf16be(text), TEXT_UTF16BE, (const char *)text.at);
			arena_reset(&arena);
		}
	}
}

static void surrogates_without_a_partner_are_replaced(void **state)
{
	(void)state;
	assert_becomes(BYTES("\x3d\xd8"), TEXT_UTF16LE, "\xef\xbf\xbd");
	assert_becomes(BYTES("\x3d\xd8"
	                     "a\0"),
	               TEXT_UTF16LE,
	               "\xef\xbf\xbd"
	               "a");
	assert_becomes(BYTES("\x00\xde"
	                     "a\0"),
	               TEXT_UTF16LE,
	               "\xef\xbf\xbd"
	               "a");
	/* Two first halves, then a whole pair. */
	assert_becomes(BYTES("\x3d\xd8\x3d\xd8\x00\xde"), TEXT_UTF16LE,
	               "\xef\xbf\xbd\xf0\x9f\x98\x80");
	assert_becomes(BYTES("\xd8\x3d\x00"
	                     "a"),
	               TEXT_UTF16BE,
	               "\xef\xbf\xbd"
	               "a");
}

static void half_a_unit_at_the_end_is_left_out(void **state)
{
	(void)state;
	assert_becomes(BYTES("a\0b"), TEXT_UTF16LE, "a");
	assert_becomes(BYTES("\0a\0"), TEXT_UTF16BE, "a");
	assert_becomes(BYTES("a"), TEXT_UTF16LE, "");
	assert_becomes(BYTES(""), TEXT_UTF16LE, "");
}

static void nuls_are_characters(void **state)
{
	struct bytes text;

	(void)state;
	text = utf16_to_utf8(BYTES("a\0\0\0b\0"), TEXT_UTF16LE, &arena);
	assert_true(bytes_equal(text, BYTES("a\0b")));
}

static void text_that_does_not_fit_is_empty(void **state)
{
	(void)state;
	assert_int_equal(utf16_to_utf8(utf16le(repeated('a', 1 << 20)), TEXT_UTF16LE, &arena).len,
	                 0);
	assert_int_equal(arena.refused, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(marks_and_zero_bytes_tell_the_encoding),
	        TEST(characters_of_every_length_are_converted),
	        TEST(the_quick_way_for_ascii_says_the_same),
	        TEST(surrogates_without_a_partner_are_replaced),
	        TEST(half_a_unit_at_the_end_is_left_out),
	        TEST(nuls_are_characters),
	        TEST(text_that_does_not_fit_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
