/* Regular expressions: the word that a match cannot do without, and the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signatures/sigma/regex.h"

#include <stdio.h>

static struct memory memory;

static int forget(void **state)
{
	(void)state;
	memory_free(&memory);
	return 0;
}

static void the_key_is_the_longest_certain_word(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"policy", "policy"},
	        {"POLicy", "policy"},
	        {"^/sms_mp/\\.sms_pol\\?$", "/sms_mp/.sms_pol?"},
	        {"ab+cdef", "cdef"},
	        {"abc*def", "def"},
	        {"abcd?ef", "abc"},
	        {"abcd{0,3}ef", "abc"},
	        {"abcd{2}", "abc"},
	        {"abc(def|ghi)jklm", "jklm"},
	        {"abc(?:d(e|f))?gh", "abc"},
	        {"ab[cd]efg", "efg"},
	        {"[]abc]def", "def"},
	        {"[^]abc]def", "def"},
	        {"ab.cde", "cde"},
	        {"\\d+-abc", "-abc"},
	        {"(?i)abc", "abc"},
	        {"(?=abc)def", "def"},
	        /* where a doubt is left, there is none */
	        {"abc|def", ""},
	        {"(?x)a b c", ""},
	        {"\\x41bcd", ""},
	        {"\\Qabc\\E", ""},
	        {"abc(*ACCEPT)def", ""},
	        {"(a)\\1bcd", ""},
	        {"a{,b|c}def", ""},
	        {"[[:alpha:]]abc", ""},
	        {"a", ""},
	        {"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes key = regex_key(&memory, bytes_of(cases[i][0]));

		if (!bytes_equal(key, bytes_of(cases[i][1])))
			fail_msg("%s: got '%.*s'", cases[i][0], (int)key.len, (const char *)key.at);
	}
}

static bool found(const char *source, unsigned flags, const char *text)
{
	struct regex_scratch scratch;
	char error[200];
	struct regex *r = regex_make(&memory, bytes_of(source), flags, error, sizeof(error));
	bool result;

	assert_non_null(r);
	assert_true(regex_scratch_open(&scratch));
	result = regex_found(r, bytes_of(text), &scratch);
	regex_scratch_close(&scratch);
	regex_free(r);
	return result;
}

static void startswith_and_endswith_anchor(void **state)
{
	(void)state;
	assert_true(found("b|c", 0, "abc"));
	assert_true(found("a|b", REGEX_AT_START, "bx"));
	assert_false(found("a|b", REGEX_AT_START, "xb"));
	assert_true(found("a|b", REGEX_AT_END, "xb"));
	assert_false(found("a|b", REGEX_AT_END, "bx"));
	assert_false(found("a|b", REGEX_AT_START | REGEX_AT_END, "ab"));
}

static void bytes_that_are_no_utf8_do_no_harm(void **state)
{
	(void)state;
	assert_true(found("abc", 0,
	                  "\xff\xc3"
	                  "abc"));
	assert_true(found("\xc3\xa4", REGEX_CASELESS, "\xc3\x84"));
	assert_false(found("^.$", 0, "\xff"));
}

static void a_search_that_explodes_is_given_up(void **state)
{
	(void)state;
	struct regex_scratch scratch;
	char error[200], text[2001];
	struct regex *r = regex_make(&memory, BYTES("(a+)+$"), 0, error, sizeof(error));

	memset(text, 'a', sizeof(text) - 2);
	text[sizeof(text) - 2] = 'b';
	text[sizeof(text) - 1] = 0;
	assert_true(regex_scratch_open(&scratch));
	assert_false(regex_found(r, bytes_of(text), &scratch));
	assert_int_equal(scratch.given_up, 1);
	regex_scratch_close(&scratch);
	regex_free(r);
}

static void mistakes_have_their_place(void **state)
{
	(void)state;
	static const struct {
		const char *source;
		unsigned flags;
		const char *error;
	} cases[] = {
	        {"a(", 0, "bad regular expression at character 2: missing closing parenthesis"},
	        {"ab)", REGEX_AT_START | REGEX_AT_END,
	         "bad regular expression at character 2: unmatched closing parenthesis"},
	        {"a)(b", REGEX_AT_END,
	         "bad regular expression at character 1: unmatched closing parenthesis"},
	        {"[b-a]", 0,
	         "bad regular expression at character 3: range out of order in character class"},
	};
	char error[200], large[REGEX_SOURCE_MAX + 2];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(regex_make(&memory, bytes_of(cases[i].source), cases[i].flags, error,
		                       sizeof(error)));
		assert_string_equal(error, cases[i].error);
	}
	memset(large, 'a', sizeof(large));
	assert_null(regex_make(&memory, (struct bytes){(uint8_t *)large, sizeof(large)}, 0, error,
	                       sizeof(error)));
	assert_string_equal(error, "the regular expression is longer than 4096 bytes");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, forget)
	const struct CMUnitTest tests[] = {
	        TEST(the_key_is_the_longest_certain_word), TEST(startswith_and_endswith_anchor),
	        TEST(bytes_that_are_no_utf8_do_no_harm),   TEST(a_search_that_explodes_is_given_up),
	        TEST(mistakes_have_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
