/* SHA-256, hexadecimal and base64 against published vectors. */
#include "dissectors/digest.h"
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

static void assert_text(struct bytes b, const char *expected)
{
	assert_int_equal(b.len, strlen(expected));
	if (b.len)
		assert_memory_equal(b.at, expected, b.len);
}

static void digests_are_those_of_fips_180(void **state)
{
	(void)state;
	assert_text(sha256_hex(BYTES("abc"), &arena),
	            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_text(sha256_hex((struct bytes){0}, &arena),
	            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_text(sha256_hex(BYTES("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	                       &arena),
	            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_text(sha256_hex(repeated('a', 1000000), &arena),
	            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void a_digest_that_does_not_fit_is_empty(void **state)
{
	(void)state;
	arena_alloc(&arena, (1 << 20) - 32);
	assert_int_equal(sha256_hex(BYTES("abc"), &arena).len, 0);
}

static void hexadecimal_text_becomes_bytes(void **state)
{
	static const struct {
		const char *text;
		struct bytes bytes;
	} cases[] = {
	        {"308202D0", BYTES_INIT("\x30\x82\x02\xd0")},
	        {"308202d0", BYTES_INIT("\x30\x82\x02\xd0")},
	        {" 30 82\r\n\t02\nd0 ", BYTES_INIT("\x30\x82\x02\xd0")},
	        {"3 0", BYTES_INIT("\x30")},
	        {"30823", BYTES_INIT("\x30\x82")},
	        {"3082xx02", BYTES_INIT("\x30\x82")},
	        {"0x3082", BYTES_INIT("")},
	        {"", BYTES_INIT("")},
	        {"zz", BYTES_INIT("")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(bytes_equal(hex_decode(guarded(bytes_of(cases[i].text)), &arena),
		                        cases[i].bytes));
	/* A NUL ends the text like anything else that is no digit. */
	assert_int_equal(hex_decode(BYTES("30\00082"), &arena).len, 1);
}

static void all_bytes_survive_hexadecimal(void **state)
{
	uint8_t all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	assert_true(bytes_equal(hex_decode(hexed((struct bytes){all, 256}), &arena),
	                        (struct bytes){all, 256}));
}

static void base64_is_that_of_rfc_4648(void **state)
{
	/* Section 10. */
	static const char *const cases[][2] = {
	        {"Zg==", "f"},        {"Zm8=", "fo"},        {"Zm9v", "foo"},
	        {"Zm9vYg==", "foob"}, {"Zm9vYmE=", "fooba"}, {"Zm9vYmFy", "foobar"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_text(base64_decode(guarded(bytes_of(cases[i][0])), &arena), cases[i][1]);
}

static void what_is_no_base64_is_empty(void **state)
{
	static const char *const wrong[] = {
	        "", "Z", "Zm9", "Zm9vY", "Zm9*", "Zm_v", "\xff\xff\xff\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(base64_decode(guarded(bytes_of(wrong[i])), &arena).len, 0);
}

static void odd_padding_never_gives_more_than_there_is(void **state)
{
	static const char *const odd[] = {"====", "Z===", "Zm=v", "=m9v", "Zg==Zg=="};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		assert_true(base64_decode(guarded(bytes_of(odd[i])), &arena).len <=
		            strlen(odd[i]) / 4 * 3);
}

static void percent_encoding_is_undone_once(void **state)
{
	/* RFC 3986 section 2.1. */
	static const char *const cases[][2] = {
	        {"/sms_dp_smspkg%24/x", "/sms_dp_smspkg$/x"},
	        {"%7Ba%7d", "{a}"},
	        {"%2525", "%25"},
	        {"100%", "100%"},
	        {"%4", "%4"},
	        {"%zz%41", "%zzA"},
	        {"plain", "plain"},
	        {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_text(percent_decode(guarded(bytes_of(cases[i][0])), &arena), cases[i][1]);
	assert_true(bytes_equal(percent_decode(BYTES("a%00b"), &arena), BYTES("a\0b")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(digests_are_those_of_fips_180),
	        TEST(a_digest_that_does_not_fit_is_empty),
	        TEST(hexadecimal_text_becomes_bytes),
	        TEST(all_bytes_survive_hexadecimal),
	        TEST(base64_is_that_of_rfc_4648),
	        TEST(what_is_no_base64_is_empty),
	        TEST(percent_encoding_is_undone_once),
	        TEST(odd_padding_never_gives_more_than_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
