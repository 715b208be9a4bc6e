/* Policy bodies: in which form they cross the wire (protocol reference, sections 3.7 and 9.5). What
 * secrets they hold is in test_secret.c. */
#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID     "{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10}"
#define TARGET "/SMS_MP/.sms_pol?" ID ".5_00"

#define PLAIN                                                                                      \
	"<?xml version=\"1.0\"?>\r\n<Policy PolicyID=\"" ID "\" PolicyVersion=\"5.00\" "           \
	"PolicyType=\"Machine\" PolicySource=\"SMS:C01\" SchemaVersion=\"1.00\"><PolicyRule "      \
	"PolicyRuleID=\"{1}\"><PolicyAction PolicyActionType=\"WMI-XML\"><instance "               \
	"class=\"CCM_ClientAgentConfig\"><property name=\"SiteSettingsKey\" type=\"19\"><value>1"  \
	"</value></property></instance></PolicyAction></PolicyRule></Policy>"

#define REFUSAL "<HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY></BODY></HTML>"

/* The first bytes of section 9.5's body. */
static const struct bytes cms = BYTES_INIT("\x30\x82\x06\xc3\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
                                           "\x07\x03\xa0\x82\x06\xb4\x30\x82\x06\xb0\x02\x01\x00"
                                           "\x31\x82\x01\x47\x30\x82\x01\x43");

static const struct event *fetch(struct trial *t, struct bytes body)
{
	return talk(t, (struct exchange){.target = TARGET, .reply = body});
}

static void the_url_names_the_policy_and_its_version(void **state)
{
	static const struct {
		const char *query, *id, *version, *hash;
	} cases[] = {
	        {ID ".5_00", ID, "5_00", "-"},
	        {"C0120003-C0100009-6F6BCC28.1_00", "C0120003-C0100009-6F6BCC28", "1_00", "-"},
	        {"ScopeId_1B2C/Application_3D4E/AC.SHA256:"
	         "9374B7761DC44A5565A6E0AA8E233A8A8B10AFB55C064411467F7354166B3DF8",
	         "ScopeId_1B2C/Application_3D4E/AC", "-",
	         "SHA256:9374B7761DC44A5565A6E0AA8E233A8A8B10AFB55C064411467F7354166B3DF8"},
	        {"x.sha256:aa", "x", "-", "sha256:aa"},
	        /* python-requests encodes the braces (section 8.1). */
	        {"%7B5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10%7D.5_00", ID, "5_00", "-"},
	        {"nothing", "nothing", "-", "-"},
	        {"a.b.3", "a.b", "3", "-"},
	        {"a.", "a", "-", "-"},
	        {".5_00", "-", "5_00", "-"},
	        {"", "-", "-", "-"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes target = made("/SMS_MP/.sms_pol?%s", cases[i].query);
		const struct event *ev = talk_get(*state, (const char *)target.at, REFUSAL);

		assert_field(ev, CONFIGMGR_POLICY_ID, cases[i].id);
		assert_field(ev, CONFIGMGR_POLICY_VERSION, cases[i].version);
		assert_field(ev, CONFIGMGR_POLICY_HASH, cases[i].hash);
		assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "policy_body");
	}
}

static void a_plain_body_is_clear_in_every_encoding(void **state)
{
	struct bytes forms[] = {joined(BYTES("\xff\xfe"), utf16le(BYTES(PLAIN))),
	                        utf16le(BYTES(PLAIN)),
	                        joined(BYTES("\xfe\xff"), utf16be(BYTES(PLAIN))), BYTES(PLAIN),
	                        joined(BYTES("\xef\xbb\xbf"), BYTES(PLAIN))};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct event *ev = fetch(*state, forms[i]);

		assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
		assert_field(ev, CONFIGMGR_POLICY_SECRET, "false");
		assert_field(ev, CONFIGMGR_POLICY_SECRET_KIND, "-");
		assert_field(ev, CONFIGMGR_POLICY_SECRET_CIPHER, "-");
		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	}
}

static void a_whole_body_has_the_digest_of_its_bytes(void **state)
{
	/* By sha256sum of the 26 letters; a body that is no policy has one too. */
	assert_field(fetch(*state, BYTES("abcdefghijklmnopqrstuvwxyz")), FILE_HASH_SHA256,
	             "71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73");
	assert_field(fetch(*state, (struct bytes){0}), FILE_HASH_SHA256, "-");
}

static void an_enveloped_body_is_no_clear_one(void **state)
{
	struct bytes bodies[] = {
	        joined(cms, repeated(0x5a, 1700)),
	        /* Indefinite length (BER), and lengths of one to four bytes. */
	        BYTES("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80"),
	        BYTES("\x30\x20\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x13"),
	        BYTES("\x30\x81\x90\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x81"),
	        BYTES("\x30\x83\x01\x00\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"),
	        BYTES("\x30\x84\x00\x01\x00\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0"),
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		const struct event *ev = fetch(*state, bodies[i]);

		assert_field(ev, CONFIGMGR_POLICY_BODY, "enveloped");
		assert_field(ev, CONFIGMGR_POLICY_SECRET, "-");
		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	}
}

static void other_bytes_are_no_form_at_all(void **state)
{
	struct bytes bodies[] = {
	        /* signedData, 1.2.840.113549.1.7.2 */
	        BYTES("\x30\x82\x06\xc3\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82"),
	        BYTES("\x31\x82\x06\xc3\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x82"),
	        BYTES("\x30\x82"),
	        BYTES("just text"),
	        repeated(0, 100),
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_field(fetch(*state, bodies[i]), CONFIGMGR_POLICY_BODY, "-");
}

static void the_error_page_is_a_refusal_in_spite_of_its_status(void **state)
{
	static const char *const pages[] = {REFUSAL, REFUSAL "\r\n",
	                                    "<html><head><title>Error</title></head></html>"};

	assert_int_equal(strlen(REFUSAL), 59);
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		const struct event *ev = fetch(*state, bytes_of(pages[i]));

		assert_field(ev, HTTP_RESPONSE_STATUS_CODE, "200");
		assert_field(ev, CONFIGMGR_POLICY_BODY, "refused");
		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "refused");
		assert_field(ev, FILE_HASH_SHA256, "-");
	}
}

static void a_policy_that_speaks_of_errors_is_no_refusal(void **state)
{
	struct bytes body = joined(BYTES("<Policy><TITLE>ERROR</TITLE>"),
	                           joined(repeated(' ', 300), BYTES("</Policy>")));

	assert_field(fetch(*state, body), CONFIGMGR_POLICY_BODY, "clear");
}

static void no_body_is_no_form(void **state)
{
	static const struct exchange cases[] = {
	        {.target = TARGET, .method = "HEAD"},
	        {.target = TARGET},
	        {.target = TARGET, .status = 304},
	        {.target = TARGET, .status = 401, .reply = BYTES_INIT(PLAIN)},
	        {.target = TARGET, .status = 404, .reply = BYTES_INIT(PLAIN)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct event *ev = talk(*state, cases[i]);

		assert_field(ev, CONFIGMGR_POLICY_BODY, "-");
		assert_field(ev, CONFIGMGR_POLICY_SECRET, "-");
		assert_field(ev, CONFIGMGR_POLICY_ID, ID);
	}
}

static const struct event *fetch_range(struct trial *t, struct bytes body, size_t from, size_t to)
{
	struct bytes range = made("Content-Range: bytes %zu-%zu/%zu\r\n", from, to, body.len);

	return talk(t, (struct exchange){.target = TARGET,
	                                 .headers = "User-Agent: Microsoft BITS/7.8\r\n",
	                                 .status = 206,
	                                 .reply_headers = (const char *)range.at,
	                                 .reply = bytes_slice(body, from, to - from + 1)});
}

static void a_range_that_is_the_whole_body_is_read_like_it(void **state)
{
	struct bytes body = BYTES(PLAIN);
	const struct event *ev = fetch_range(*state, body, 0, body.len - 1);

	assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
	assert_field(ev, CONFIGMGR_POLICY_SECRET, "false");
	assert_true(event_has(ev, FIELD_FILE_HASH_SHA256));
}

/* What is in the other ranges, this one does not tell. */
static void a_first_range_tells_the_form_and_no_more(void **state)
{
	const struct event *ev = fetch_range(*state, BYTES(PLAIN), 0, 99);

	assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
	assert_field(ev, CONFIGMGR_POLICY_SECRET, "-");
	assert_field(ev, FILE_HASH_SHA256, "-");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void later_ranges_tell_nothing(void **state)
{
	const struct event *ev = fetch_range(*state, BYTES(PLAIN), 100, 199);

	assert_field(ev, CONFIGMGR_POLICY_BODY, "-");
	assert_field(ev, FILE_HASH_SHA256, "-");
	assert_field(ev, CONFIGMGR_HTTP_RANGE_FIRST, "100");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
}

static void an_encoded_body_is_decoded_first(void **state)
{
	const struct event *ev =
	        talk(*state, (struct exchange){.target = TARGET,
	                                       .reply_headers = "Content-Encoding: gzip\r\n",
	                                       .reply = zipped_as(BYTES(PLAIN), 31)});

	assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
	assert_field(ev, CONFIGMGR_POLICY_SECRET, "false");
}

static void an_encoded_body_beyond_the_cap_is_marked(void **state)
{
	struct bytes body = joined(BYTES(PLAIN), repeated(' ', 30 << 20));
	const struct event *ev =
	        talk(*state, (struct exchange){.target = TARGET,
	                                       .reply_headers = "Content-Encoding: gzip\r\n",
	                                       .reply = zipped_as(body, 31)});

	assert_true(is_degraded(ev));
	assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
	assert_field(ev, FILE_HASH_SHA256, "-");
}

static void a_body_cut_short_is_not_called_free_of_secrets(void **state)
{
	struct trial *t = *state;
	const struct event *ev;

	trial_text(t, CLIENT, "GET " TARGET " HTTP/1.1\r\n\r\n");
	trial_text(t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" PLAIN);
	trial_end(t);
	ev = trial_http(t, 0);
	assert_field(ev, CONFIGMGR_POLICY_BODY, "clear");
	assert_field(ev, CONFIGMGR_POLICY_SECRET, "-");
	assert_field(ev, FILE_HASH_SHA256, "-");
	assert_true(is_degraded(ev));
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TALK(the_url_names_the_policy_and_its_version),
	        TALK(a_plain_body_is_clear_in_every_encoding),
	        TALK(a_whole_body_has_the_digest_of_its_bytes),
	        TALK(an_enveloped_body_is_no_clear_one),
	        TALK(other_bytes_are_no_form_at_all),
	        TALK(the_error_page_is_a_refusal_in_spite_of_its_status),
	        TALK(a_policy_that_speaks_of_errors_is_no_refusal),
	        TALK(no_body_is_no_form),
	        TALK(a_range_that_is_the_whole_body_is_read_like_it),
	        TALK(a_first_range_tells_the_form_and_no_more),
	        TALK(later_ranges_tell_nothing),
	        TALK(an_encoded_body_is_decoded_first),
	        TALK(an_encoded_body_beyond_the_cap_is_marked),
	        TALK(a_body_cut_short_is_not_called_free_of_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
