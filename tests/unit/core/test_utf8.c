/* UTF-8: what is written is read back, and what RFC 3629 forbids is refused. */
#include "core/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void code_points_come_back(void **state)
{
	static const struct {
		uint32_t code_point;
		const char *text;
	} cases[] = {
	        {0x41, "A"},
	        {0x7f, "\x7f"},
	        {0x80, "\xc2\x80"},
	        {0x7ff, "\xdf\xbf"},
	        {0x800, "\xe0\xa0\x80"},
	        {0x20ac, "\xe2\x82\xac"},
	        {0xffff, "\xef\xbf\xbf"},
	        {0x10000, "\xf0\x90\x80\x80"},
	        {0x10ffff, "\xf4\x8f\xbf\xbf"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t to[UTF8_MOST];
		uint32_t back;
		size_t len = utf8_put(cases[i].code_point, to);

		assert_int_equal(len, strlen(cases[i].text));
		assert_memory_equal(to, cases[i].text, len);
		assert_int_equal(utf8_get((struct bytes){to, len}, 0, &back), len);
		assert_int_equal(back, cases[i].code_point);
	}
}

static void what_is_forbidden_is_refused(void **state)
{
	/* RFC 3629, section 3 and section 10: overlong, surrogates, too high, cut short, no lead.
	 */
	static const char *const cases[] = {
	        "\xc0\x80",
	        "\xc1\xbf",
	        "\xe0\x9f\xbf",
	        "\xf0\x8f\xbf\xbf",
	        "\xed\xa0\x80",
	        "\xed\xbf\xbf",
	        "\xf4\x90\x80\x80",
	        "\xf5\x80\x80\x80",
	        "\xe2\x82",
	        "\x80",
	        "\xff",
	        "\xc3(",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t c;

		assert_int_equal(utf8_get(bytes_of(cases[i]), 0, &c), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(code_points_come_back),
	        cmocka_unit_test(what_is_forbidden_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
