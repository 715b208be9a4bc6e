/* HTTP: who has authenticated, the connection or one request alone. */
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void begin(struct trial *t)
{
	trial_open(t);
	trial_handshake(t);
}

#define TYPE1 "NTLM TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw=="

/* An NTLM AUTHENTICATE message for CORP\svc_naa from WS0042, in base64. */
static void type3(char *to, size_t size, const char *user)
{
	uint8_t m[256] = "NTLMSSP";
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *texts[] = {"CORP", user, "WS0042"};
	size_t at = 88, n = 0;

	m[8] = 3;
	for (int i = 0; i < 3; i++) {
		size_t len = strlen(texts[i]) * 2;

		m[28 + 8 * i] = m[30 + 8 * i] = (uint8_t)len;
		m[32 + 8 * i] = (uint8_t)at;
		for (size_t c = 0; c < len / 2; c++)
			m[at + 2 * c] = (uint8_t)texts[i][c];
		at += len;
	}
	m[60] = 1;
	while (at % 3)
		at++;
	assert_true(at / 3 * 4 + 1 < size);
	for (size_t i = 0; i < at; i += 3) {
		uint32_t v = (uint32_t)m[i] << 16 | (uint32_t)m[i + 1] << 8 | m[i + 2];

		for (int s = 18; s >= 0; s -= 6)
			to[n++] = digits[v >> s & 63];
	}
	to[n] = 0;
}

static void ntlm(struct trial *t, const char *user, const char *last_status)
{
	char token[512], text[1024];

	trial_text(t, CLIENT,
	           "GET /SMS_DP_SMSPKG$/P/a HTTP/1.1\r\nAuthorization: " TYPE1 "\r\n\r\n");
	trial_text(t, SERVER,
	           "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM TlRMTVNTUAACAAAA\r\n"
	           "Content-Length: 0\r\n\r\n");
	type3(token, sizeof(token), user);
	snprintf(text, sizeof(text),
	         "GET /SMS_DP_SMSPKG$/P/a HTTP/1.1\r\nAuthorization: NTLM %s\r\n\r\n", token);
	trial_text(t, CLIENT, text);
	snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", last_status);
	trial_text(t, SERVER, text);
	trial_text(t, CLIENT, "GET /SMS_DP_SMSPKG$/P/b HTTP/1.1\r\n\r\n");
	trial_text(t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(trial_http_count(t), 3);
}

static void ntlm_authenticates_the_connection(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	ntlm(&t, "svc_naa", "200 OK");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	for (size_t i = 1; i < 3; i++) {
		const struct event *ev = trial_http(&t, i);

		assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_STATE), "authenticated");
		assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_SCHEME), "ntlm");
		assert_string_equal(text_of(ev, FIELD_USER_NAME), "svc_naa");
		assert_string_equal(text_of(ev, FIELD_USER_DOMAIN), "CORP");
		assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_WORKSTATION), "WS0042");
	}
	trial_close(&t);
}

static void a_refused_or_empty_logon_stays_anonymous(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	ntlm(&t, "svc_naa", "401 No");
	assert_string_equal(text_of(trial_http(&t, 2), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	trial_close(&t);
	begin(&t);
	ntlm(&t, "", "200 OK");
	assert_string_equal(text_of(trial_http(&t, 2), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	trial_close(&t);
}

static void a_negotiate_message_that_the_server_ignores_is_no_logon(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_text(&t, CLIENT,
	           "GET /SMS_DP_SMSPKG$/P/a HTTP/1.1\r\nAuthorization: " TYPE1 "\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	trial_close(&t);
}

static void passwords_never_become_facts(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	/* CORP\joe:Secret-Word */
	trial_text(&t, CLIENT,
	           "GET /SMS_DP_SMSPKG$/P/a HTTP/1.1\r\n"
	           "Authorization: Basic Q09SUFxqb2U6U2VjcmV0LVdvcmQ=\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_USER_NAME), "joe");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_USER_DOMAIN), "CORP");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_STATE),
	                    "authenticated");
	FOR_EACH_PRESENT (f, &trial_http(&t, 0)->present)
		if (field_info[f].type == TYPE_TEXT)
			assert_null(strstr(text_of(trial_http(&t, 0), f), "Secret"));
	trial_close(&t);
}

static void signed_headers_authenticate_their_request_alone(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_text(&t, CLIENT,
	           "GET /SMS_DP_SMSPKG$/P/a HTTP/1.1\r\nCCMClientID: GUID:x\r\n"
	           "CCMClientIDSignature: 00\r\n\r\nGET /SMS_DP_SMSPKG$/P/b HTTP/1.1\r\n\r\n");
	trial_text(&t, SERVER,
	           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_STATE),
	                    "authenticated");
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_SCHEME), "token");
	assert_string_equal(text_of(trial_http(&t, 1), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ntlm_authenticates_the_connection),
	        cmocka_unit_test(a_refused_or_empty_logon_stays_anonymous),
	        cmocka_unit_test(a_negotiate_message_that_the_server_ignores_is_no_logon),
	        cmocka_unit_test(passwords_never_become_facts),
	        cmocka_unit_test(signed_headers_authenticate_their_request_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
