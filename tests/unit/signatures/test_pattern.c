/* Patterns: escaping, wildcards, folding, and how they are matched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signatures/sigma/fold.h"
#include "signatures/sigma/pattern.h"

static struct memory memory;

static int forget(void **state)
{
	(void)state;
	memory_free(&memory);
	return 0;
}

/* A text of symbols: `%` is any run, `_` one character, `~` a dash; bytes are themselves. */
static const char *shown(struct symbols s)
{
	static char text[128];
	size_t i;

	for (i = 0; i < s.count; i++)
		text[i] = s.at[i] == SYMBOL_ANY    ? '%'
		          : s.at[i] == SYMBOL_ONE  ? '_'
		          : s.at[i] == SYMBOL_DASH ? '~'
		                                   : (char)s.at[i];
	text[i] = 0;
	return text;
}

static void backslashes_escape_only_what_is_special(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"a*b?c", "a%b_c"},
	        {"\\a", "\\a"},
	        {"a\\", "a\\"},
	        {"\\\\", "\\"},
	        {"\\*\\?", "*?"},
	        {"\\\\*", "\\%"},
	        {"\\\\\\*", "\\*"},
	        {"\\\\\\", "\\\\"},
	        {"\\\\\\\\", "\\\\"},
	        {"C:\\dir\\*", "C:\\dir*"},
	        {"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(shown(symbols_parse(&memory, bytes_of(cases[i][0]))),
		                    cases[i][1]);
}

static void ends_are_opened_once(void **state)
{
	(void)state;
	struct symbols s = symbols_parse(&memory, BYTES("a\\"));

	symbols_open_end(&memory, &s);
	symbols_open_end(&memory, &s);
	symbols_open_start(&memory, &s);
	symbols_open_start(&memory, &s);
	assert_string_equal(shown(s), "%a\\%");
	s = (struct symbols){0};
	symbols_open_start(&memory, &s);
	symbols_open_end(&memory, &s);
	assert_string_equal(shown(s), "%");
}

static void dashes_that_start_words_vary(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"-a", "~a"},           {" /a -b", " ~a ~b"}, {"a-b", "a-b"},
	        {"--a", "-~a"},         {"- a", "- a"},       {"a*-b", "a%~b"},
	        {"-no-crl", "~no-crl"}, {"-", "-"},           {"-*", "-%"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct symbols s = symbols_parse(&memory, bytes_of(cases[i][0]));

		symbols_windash(s);
		assert_string_equal(shown(s), cases[i][1]);
	}
}

static bool matches(const char *pattern, const char *text, bool cased)
{
	struct pattern *p = pattern_make(&memory, symbols_parse(&memory, bytes_of(pattern)), cased);
	struct bytes b = bytes_of(text);

	return pattern_matches(p, cased ? b : fold(b, memory_alloc(&memory, FOLD_ROOM(b.len))));
}

static void wildcards_match_runs_and_single_characters(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
	        {"abc", "ABC", true},
	        {"abc", "abcd", false},
	        {"*", "", true},
	        {"?", "", false},
	        {"?", "\xc3\xa4", true}, /* one code point of two bytes */
	        {"?", "\xc3", true},     /* half of one: a byte */
	        {"??", "\xc3\xa4", false},
	        {"*?", "\xc3\xa4", true},
	        {"a*b*c", "aXbXbXc", true},
	        {"a*b*c", "aXbXbX", false},
	        {"*aab", "aaaab", true},
	        {"*a?b*", "xxaab", true},
	        {"*ab", "abab", true},
	        {"ab*ab", "ab", false},
	        {"ab*ab", "abab", true},
	        {"?*?", "a", false},
	        {"?*?", "ab", true},
	        {"**a**", "xay", true},
	        {"*?a", "a", false},
	        {"a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (matches(cases[i].pattern, cases[i].text, false) != cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].text);
	assert_false(matches("abc", "Abc", true));
	assert_true(matches("*b?", "Abc", true));
}

static const char *folded(const char *text)
{
	struct bytes b = bytes_of(text);

	b = fold(b, memory_alloc(&memory, FOLD_ROOM(b.len)));
	return (const char *)memory_copy(&memory, b).at;
}

static void folding_is_unicode_where_the_bytes_are_utf8(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"AbZ@[`z", "abz@[`z"},
	        {"\xc3\x84", "\xc3\xa4"},     /* A with diaeresis */
	        {"\xe1\xba\x9e", "\xc3\x9f"}, /* capital sharp s: shorter when folded */
	        {"\xc8\xba", "\xe2\xb1\xa5"}, /* A with stroke: longer when folded */
	        {"\xe2\x84\xaa", "k"},        /* Kelvin sign */
	        {"\xcf\x82", "\xcf\x83"},     /* final sigma */
	        {"\xc3", "\xc3"},             /* cut short */
	        {"\xc0\x81"
	         "A",
	         "\xc0\x81"
	         "a"}, /* overlong */
	        {"\xed\xa0\x80"
	         "A",
	         "\xed\xa0\x80"
	         "a"},                                    /* a surrogate */
	        {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8"}, /* Deseret */
	        {"\xff\xfe"
	         "C",
	         "\xff\xfe"
	         "c"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(folded(cases[i][0]), cases[i][1]);
}

static void what_grows_when_folded_has_room(void **state)
{
	(void)state;
	uint8_t text[3000], to[FOLD_ROOM(sizeof(text))];

	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "\xc8\xba", 2);
	assert_int_equal(fold((struct bytes){text, sizeof(text)}, to).len, 4500);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, forget)
	const struct CMUnitTest tests[] = {
	        TEST(backslashes_escape_only_what_is_special),
	        TEST(ends_are_opened_once),
	        TEST(dashes_that_start_words_vary),
	        TEST(wildcards_match_runs_and_single_characters),
	        TEST(folding_is_unicode_where_the_bytes_are_utf8),
	        TEST(what_grows_when_folded_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
