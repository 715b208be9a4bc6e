/* NTLMSSP messages (MS-NLMP sections 2.2.1 and 4.2): raw, inside SPNEGO, cut and hostile. */
#include "dissectors/ntlm.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define UNICODE 0x00000001
#define OEM     0x00000002

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

static struct bytes le(uint64_t value, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(value >> 8 * i);
	return joined((struct bytes){b, len}, (struct bytes){0});
}

static struct bytes field(size_t len, size_t offset)
{
	return joined(joined(le(len, 2), le(len, 2)), le(offset, 4));
}

/* AUTHENTICATE_MESSAGE (2.2.1.3) without MIC: 64 bytes, then domain, user and workstation. */
static struct bytes authenticate(struct bytes domain, struct bytes user, struct bytes workstation,
                                 uint32_t flags)
{
	size_t at = 64;
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(3, 4));

	m = joined(m, joined(field(0, 64), field(0, 64)));
	m = joined(m, field(domain.len, at));
	m = joined(m, field(user.len, at + domain.len));
	m = joined(m, field(workstation.len, at + domain.len + user.len));
	m = joined(m, joined(field(0, 64), le(flags, 4)));
	assert_int_equal(m.len, 64);
	return joined(joined(m, domain), joined(user, workstation));
}

static struct bytes naa(void)
{
	return authenticate(utf16le(BYTES("CORP")), utf16le(BYTES("svc_naa")),
	                    utf16le(BYTES("WS0042")), UNICODE);
}

static void the_account_is_read(void **state)
{
	struct ntlm n = ntlm_read(guarded(naa()), &arena);

	(void)state;
	assert_int_equal(n.type, NTLM_AUTHENTICATE);
	assert_true(bytes_equal(n.domain, BYTES("CORP")));
	assert_true(bytes_equal(n.user, BYTES("svc_naa")));
	assert_true(bytes_equal(n.workstation, BYTES("WS0042")));
}

static void names_in_other_letters_are_utf8(void **state)
{
	struct ntlm n =
	        ntlm_read(authenticate(utf16le(BYTES("M\xc3\x9cNCHEN")),
	                               utf16le(BYTES("j\xc3\xb6rg")), (struct bytes){0}, UNICODE),
	                  &arena);

	(void)state;
	assert_true(bytes_equal(n.domain, BYTES("M\xc3\x9cNCHEN")));
	assert_true(bytes_equal(n.user, BYTES("j\xc3\xb6rg")));
	assert_int_equal(n.workstation.len, 0);
}

static void without_the_unicode_flag_names_are_bytes(void **state)
{
	struct ntlm n =
	        ntlm_read(authenticate(BYTES("CORP"), BYTES("joe"), BYTES("WS1"), OEM), &arena);

	(void)state;
	assert_true(bytes_equal(n.user, BYTES("joe")));
	assert_true(bytes_equal(n.domain, BYTES("CORP")));
}

static void an_anonymous_logon_has_no_user(void **state)
{
	struct bytes none = {0};
	struct ntlm n = ntlm_read(authenticate(none, none, none, UNICODE), &arena);

	(void)state;
	assert_int_equal(n.type, NTLM_AUTHENTICATE);
	assert_int_equal(n.user.len, 0);
}

static void the_first_two_messages_have_no_names(void **state)
{
	struct ntlm n;

	(void)state;
	n = ntlm_read(joined(BYTES("NTLMSSP\0"), le(1, 4)), &arena);
	assert_int_equal(n.type, NTLM_NEGOTIATE);
	assert_int_equal(n.user.len, 0);
	n = ntlm_read(joined(BYTES("NTLMSSP\0"), le(2, 4)), &arena);
	assert_int_equal(n.type, NTLM_CHALLENGE);
}

static void a_message_inside_spnego_is_found(void **state)
{
	/* NegTokenResp with its responseToken (RFC 4178 section 4.2.2). */
	struct bytes token = joined(BYTES("\xa1\x81\x7f\x30\x7d\xa2\x7b\x04\x79"), naa());
	struct ntlm n = ntlm_read(guarded(token), &arena);

	(void)state;
	assert_int_equal(n.type, NTLM_AUTHENTICATE);
	assert_true(bytes_equal(n.user, BYTES("svc_naa")));
}

static void what_is_no_ntlm_is_none(void **state)
{
	static const struct bytes cases[] = {
	        BYTES_INIT(""),
	        BYTES_INIT("NTLMSSP"),
	        BYTES_INIT("NTLMSSP\0"),
	        BYTES_INIT("NTLMSSP\0\x03\0\0"),
	        BYTES_INIT("NTLMSSP\0\0\0\0\0"),
	        BYTES_INIT("NTLMSSP\0\x04\0\0\0"),
	        BYTES_INIT("NTLMSSP\0\xff\xff\xff\xff"),
	        BYTES_INIT("ntlmssp\0\x01\0\0\0"),
	        BYTES_INIT("\x60\x82\x01\x02\x06\x06\x2b\x06\x01\x05\x05\x02"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(ntlm_read(guarded(cases[i]), &arena).type, NTLM_NONE);
}

/* A name cut short must not be taken for a whole one. */
static void a_message_cut_anywhere_is_none(void **state)
{
	struct bytes whole = naa();

	(void)state;
	for (size_t len = 0; len < whole.len; len++) {
		struct ntlm n = ntlm_read(guarded(bytes_slice(whole, 0, len)), &arena);

		assert_int_equal(n.type, NTLM_NONE);
		assert_int_equal(n.user.len, 0);
	}
}

static void offsets_and_lengths_may_say_anything(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 14, 0xffff};
	static const size_t offsets[] = {0, 12, 63, 64, 78, 0x7fffffff, 0xfffffff0, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < 5 * 8; i++) {
		struct bytes whole = naa();
		struct bytes lie = field(lengths[i % 5], offsets[i / 5]);
		struct ntlm n;

		memcpy((uint8_t *)(uintptr_t)whole.at + 36, lie.at, 8);
		n = ntlm_read(guarded(whole), &arena);
		if (offsets[i / 5] + lengths[i % 5] > whole.len && lengths[i % 5])
			assert_int_equal(n.type, NTLM_NONE);
		arena_reset(&arena);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_account_is_read),
	        TEST(names_in_other_letters_are_utf8),
	        TEST(without_the_unicode_flag_names_are_bytes),
	        TEST(an_anonymous_logon_has_no_user),
	        TEST(the_first_two_messages_have_no_names),
	        TEST(a_message_inside_spnego_is_found),
	        TEST(what_is_no_ntlm_is_none),
	        TEST(a_message_cut_anywhere_is_none),
	        TEST(offsets_and_lengths_may_say_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
