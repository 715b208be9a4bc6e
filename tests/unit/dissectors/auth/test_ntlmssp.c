/* NTLMSSP messages (MS-NLMP sections 2.2.1 and 4.2): whole, old, cut and hostile. */
#include "dissectors/auth/ntlmssp.h"

#include "tests/support/guard.h"
#include "tests/support/message.h"
#include "tests/support/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define UNICODE NTLMSSP_NEGOTIATE_UNICODE

static struct bytes pairs(void)
{
	struct bytes p = joined(av_text(2, "CORP"), av_text(1, "DP01"));

	p = joined(p, joined(av_text(4, "corp.example"), av_text(3, "dp01.corp.example")));
	return joined(p, av_pair(7, le(1, 8)));
}

static struct bytes response(void)
{
	struct bytes p = joined(pairs(), joined(av_pair(6, le(2, 4)), av_text(9, "cifs/dp01")));

	return ntlm_response_2(repeated(0xab, 16), joined(p, av_pair(10, repeated(1, 16))));
}

static struct bytes whole(void)
{
	return ntlm_authenticate((struct ntlm_proof){
	        .domain = "CORP",
	        .user = "svc_naa",
	        .workstation = "WS0042",
	        .lm = repeated(0, 24),
	        .nt = response(),
	        .flags = NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY,
	});
}

static void is_text(struct bytes utf16, const char *text)
{
	assert_true(bytes_equal(utf16, utf16le(bytes_of(text))));
}

static void a_response_of_version_2_tells_the_account_and_the_service(void **state)
{
	struct ntlmssp n = ntlmssp_read(guarded(whole()));

	(void)state;
	assert_int_equal(n.type, NTLMSSP_AUTHENTICATE);
	assert_true(n.unicode && n.has_flags && n.version_2);
	is_text(n.domain, "CORP");
	is_text(n.user, "svc_naa");
	is_text(n.workstation, "WS0042");
	assert_true(bytes_equal(n.proof, repeated(0xab, 16)));
	assert_int_equal(n.pairs.flags, 2);
	assert_true(n.pairs.bound);
	is_text(n.pairs.target, "cifs/dp01");
	is_text(n.pairs.computer, "DP01");
}

static void a_challenge_tells_its_sender(void **state)
{
	struct bytes m = ntlm_challenge(UNICODE | 0x00800000, BYTES("\1\2\3\4\5\6\7\x08"),
	                                joined(pairs(), le(0, 4)));
	struct ntlmssp n = ntlmssp_read(guarded(m));

	(void)state;
	assert_int_equal(n.type, NTLMSSP_CHALLENGE);
	assert_true(bytes_equal(n.challenge, BYTES("\1\2\3\4\5\6\7\x08")));
	is_text(n.domain, "CORP");
	is_text(n.pairs.computer, "DP01");
	is_text(n.pairs.domain, "CORP");
	is_text(n.pairs.dns_computer, "dp01.corp.example");
	is_text(n.pairs.dns_domain, "corp.example");
}

/* Windows NT sent no target information; its payload begins where that would stand. */
static void an_old_challenge_has_no_target_information(void **state)
{
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(2, 4));
	struct ntlmssp n;

	(void)state;
	m = joined(m, joined(joined(le(8, 2), le(8, 2)), le(32, 4)));
	m = joined(m, joined(le(UNICODE, 4), repeated(7, 8)));
	n = ntlmssp_read(guarded(joined(m, utf16le(BYTES("CORP")))));
	assert_int_equal(n.type, NTLMSSP_CHALLENGE);
	assert_int_equal(n.challenge.len, 8);
	assert_int_equal(n.pairs.computer.len, 0);
	n = ntlmssp_read(guarded(m));
	assert_int_equal(n.type, NTLMSSP_NONE); /* its target name lies beyond its end */
}

/* Without session key and flags, as Windows 95 and NT send it: the payload begins at 52. */
static void an_old_proof_has_no_flags(void **state)
{
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(3, 4)), nt = repeated(9, 24);
	struct ntlmssp n;

	(void)state;
	m = joined(m, joined(joined(le(0, 4), le(52, 4)),
	                     joined(joined(le(24, 2), le(24, 2)), le(52, 4))));
	for (int i = 0; i < 3; i++)
		m = joined(m, joined(le(0, 4), le(52, 4)));
	assert_int_equal(m.len, 52);
	n = ntlmssp_read(guarded(joined(m, nt)));
	assert_int_equal(n.type, NTLMSSP_AUTHENTICATE);
	assert_false(n.has_flags);
	assert_false(n.version_2);
	assert_true(bytes_equal(n.proof, nt));
}

static void without_the_unicode_flag_names_are_bytes(void **state)
{
	struct ntlmssp n = ntlmssp_read(guarded(ntlm_authenticate((struct ntlm_proof){
	        .domain = "CORP", .user = "joe", .workstation = "WS1", .oem = true})));

	(void)state;
	assert_false(n.unicode);
	assert_true(bytes_equal(n.user, BYTES("joe")));
	assert_true(bytes_equal(n.domain, BYTES("CORP")));
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
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(ntlmssp_read(guarded(cases[i])).type, NTLMSSP_NONE);
	assert_int_equal(ntlmssp_read(guarded(BYTES("NTLMSSP\0\x01\0\0\0"))).type,
	                 NTLMSSP_NEGOTIATE);
}

/* A name cut short must not be taken for a whole one. */
static void a_message_cut_anywhere_is_none(void **state)
{
	struct bytes proof = whole(), challenge = ntlm_challenge(UNICODE, repeated(7, 8), pairs());

	(void)state;
	for (size_t len = 12; len < proof.len; len++)
		assert_int_equal(ntlmssp_read(guarded(bytes_slice(proof, 0, len))).type,
		                 NTLMSSP_NONE);
	for (size_t len = 12; len < challenge.len; len++)
		assert_int_equal(ntlmssp_read(guarded(bytes_slice(challenge, 0, len))).type,
		                 NTLMSSP_NONE);
}

static void fields_may_claim_anything(void **state)
{
	static const size_t lengths[] = {0, 1, 2, 13, 14, 88, 0xfffe, 0xffff};
	static const uint32_t offsets[] = {0,  12,         63,         64,         87,
	                                   88, 0x7fffffff, 0xfffffff0, 0xffffffff, 0x80000000};

	(void)state;
	for (size_t place = 12; place < 60; place += 8)
		for (size_t i = 0; i < 8 * 10; i++) {
			struct bytes m = whole(), length = le(lengths[i % 8], 2);
			uint8_t *at = (uint8_t *)(uintptr_t)m.at + place;
			struct ntlmssp n;

			memcpy(at, length.at, 2);
			memcpy(at + 4, le(offsets[i / 8], 4).at, 4);
			n = ntlmssp_read(guarded(m));
			if (lengths[i % 8] && offsets[i / 8] + (uint64_t)lengths[i % 8] > m.len)
				assert_int_equal(n.type, NTLMSSP_NONE);
		}
}

/* Fields over one another, over the head, with half a character at the end: all of them are inside.
 */
static void fields_may_overlap(void **state)
{
	struct bytes m = whole(), lie = joined(joined(le(15, 2), le(15, 2)), le(0, 4));
	struct ntlmssp n;

	(void)state;
	memcpy((uint8_t *)(uintptr_t)m.at + 28, lie.at, 8);
	memcpy((uint8_t *)(uintptr_t)m.at + 36, lie.at, 8);
	n = ntlmssp_read(guarded(m));
	assert_int_equal(n.type, NTLMSSP_AUTHENTICATE);
	assert_true(bytes_equal(n.user, n.domain));
	assert_int_equal(n.user.len, 15);
	assert_false(n.has_flags); /* the payload begins before they could stand */
}

static void pairs_that_run_over_their_end_are_refused(void **state)
{
	static const struct bytes broken[] = {
	        BYTES_INIT("\x01"),
	        BYTES_INIT("\x01\x00\x05"),
	        BYTES_INIT("\x01\x00\x05\x00"
	                   "abcd"),
	        BYTES_INIT("\x01\x00\xff\xff"
	                   "abcd"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct bytes m = ntlm_challenge(UNICODE, repeated(7, 8), broken[i]);

		assert_int_equal(ntlmssp_read(guarded(m)).type, NTLMSSP_NONE);
	}
}

/* 0xffff bytes of empty pairs are read once, and end. */
static void many_pairs_are_read_once(void **state)
{
	struct bytes many = repeated(0x20, 0xfffc);
	struct ntlmssp n;

	(void)state;
	for (size_t i = 0; i + 4 <= many.len; i += 4)
		memcpy((uint8_t *)(uintptr_t)many.at + i, "\x20\x00\x00\x00", 4);
	n = ntlmssp_read(guarded(ntlm_challenge(UNICODE, repeated(7, 8), many)));
	assert_int_equal(n.type, NTLMSSP_CHALLENGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_response_of_version_2_tells_the_account_and_the_service),
	        cmocka_unit_test(a_challenge_tells_its_sender),
	        cmocka_unit_test(an_old_challenge_has_no_target_information),
	        cmocka_unit_test(an_old_proof_has_no_flags),
	        cmocka_unit_test(without_the_unicode_flag_names_are_bytes),
	        cmocka_unit_test(what_is_no_ntlm_is_none),
	        cmocka_unit_test(a_message_cut_anywhere_is_none),
	        cmocka_unit_test(fields_may_claim_anything),
	        cmocka_unit_test(fields_may_overlap),
	        cmocka_unit_test(pairs_that_run_over_their_end_are_refused),
	        cmocka_unit_test(many_pairs_are_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
