/* Logons token by token: NTLM and Kerberos, raw and inside SPNEGO, and what is told of them. */
#include "dissectors/auth/logon.h"

#include "dissectors/digest.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"
#include "tests/support/token.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NONE          ((struct bytes){0})
#define FLAGS         0x00088201u
#define STATED(ev, f) text_of(ev, FIELD_CONFIGMGR_AUTH_##f)

/* A workbench and a logon, without a connection. */
struct desk {
	struct trial trial;
	struct dissection d;
	struct logon logon;
};

static void begin(struct desk *desk)
{
	static struct flow_facts flow;

	memset(desk, 0, sizeof(*desk));
	trial_open(&desk->trial);
	desk->d = (struct dissection){.bench = &desk->trial.bench, .flow = &flow};
}

static void end(struct desk *desk)
{
	trial_close(&desk->trial);
}

static void say(struct desk *desk, enum side from, struct bytes token)
{
	logon_token(&desk->d, &desk->logon, from, guarded(token));
}

/* What the logon states now. */
static const struct event *facts(struct desk *desk)
{
	struct event *ev = dissection_event(&desk->d, EVENT_AUTHENTICATION);

	logon_facts(&desk->logon, ev);
	return ev;
}

static struct bytes challenge(uint8_t byte)
{
	struct bytes pairs = joined(av_text(2, "CORP"), av_text(1, "DP01"));

	pairs = joined(pairs, joined(av_text(3, "dp01.corp.example"), le(0, 4)));
	return ntlm_challenge(FLAGS, repeated(byte, 8), pairs);
}

static struct bytes proof_2(const char *user, const char *service)
{
	struct bytes pairs = joined(av_pair(6, le(2, 4)), av_text(9, service));

	return ntlm_authenticate((struct ntlm_proof){.domain = "CORP",
	                                             .user = user,
	                                             .workstation = "WS0042",
	                                             .lm = repeated(0, 24),
	                                             .nt = ntlm_response_2(repeated(5, 16), pairs),
	                                             .flags = FLAGS});
}

static void three_messages_make_a_logon(void **state)
{
	struct desk desk;
	const struct event *ev;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, ntlm_negotiate(FLAGS));
	assert_int_equal(desk.logon.step, LOGON_BEGUN);
	say(&desk, SERVER, challenge(7));
	assert_int_equal(desk.logon.step, LOGON_CHALLENGED);
	say(&desk, CLIENT, proof_2("svc_naa", "HTTP/dp01.corp.example"));
	assert_int_equal(desk.logon.step, LOGON_PROVED);
	ev = facts(&desk);
	assert_string_equal(STATED(ev, SCHEME), "ntlm");
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "svc_naa");
	assert_string_equal(text_of(ev, FIELD_USER_DOMAIN), "CORP");
	assert_string_equal(STATED(ev, WORKSTATION), "WS0042");
	assert_string_equal(STATED(ev, SERVICE), "HTTP/dp01.corp.example");
	assert_string_equal(STATED(ev, SERVICE_HOST), "dp01.corp.example");
	assert_string_equal(STATED(ev, TARGET_NAME), "DP01");
	assert_string_equal(STATED(ev, TARGET_DNS_NAME), "dp01.corp.example");
	assert_string_equal(STATED(ev, TARGET_DOMAIN), "CORP");
	assert_string_equal(STATED(ev, NTLM_VERSION), "v2");
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_AUTH_NTLM_MIC, -1), 1);
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_AUTH_NTLM_BINDINGS, -1), 0);
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_AUTH_COMPUTER, -1), 0);
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_ANONYMOUS));
	end(&desk);
}

static void spnego_around_it_makes_no_difference(void **state)
{
	struct desk raw, wrapped;

	(void)state;
	begin(&raw);
	say(&raw, CLIENT, ntlm_negotiate(FLAGS));
	say(&raw, SERVER, challenge(7));
	say(&raw, CLIENT, proof_2("svc_naa", "cifs/dp01"));
	begin(&wrapped);
	say(&wrapped, SERVER, spnego_init(OID_NTLM, NONE, NONE));
	assert_int_equal(wrapped.logon.mechanism, LOGON_NONE);
	say(&wrapped, CLIENT, spnego_init(OID_NTLM, NONE, ntlm_negotiate(FLAGS)));
	say(&wrapped, SERVER, spnego_response(1, OID_NTLM, challenge(7)));
	say(&wrapped, CLIENT, spnego_response(-1, NONE, proof_2("svc_naa", "cifs/dp01")));
	assert_memory_equal(&raw.logon, &wrapped.logon, sizeof(raw.logon));
	say(&wrapped, SERVER, spnego_response(0, NONE, NONE));
	assert_int_equal(wrapped.logon.outcome, LOGON_ACCEPTED);
	end(&raw);
	end(&wrapped);
}

static void fingerprints_tell_the_same_from_another_and_nothing_else(void **state)
{
	char first[64], second[64];
	struct desk desk;

	(void)state;
	for (int round = 0; round < 3; round++) {
		begin(&desk);
		say(&desk, CLIENT, ntlm_negotiate(FLAGS));
		say(&desk, SERVER, challenge(round == 2 ? 8 : 7));
		say(&desk, CLIENT, proof_2("svc_naa", "cifs/dp01"));
		strcpy(second, STATED(facts(&desk), NTLM_CHALLENGE));
		assert_int_equal(strlen(second), LOGON_FINGERPRINT);
		assert_null(strstr(second, "0707070707"));
		assert_int_equal(strlen(STATED(facts(&desk), NTLM_RESPONSE)), LOGON_FINGERPRINT);
		assert_string_not_equal(second, STATED(facts(&desk), NTLM_RESPONSE));
		if (round == 1)
			assert_string_equal(first, second);
		if (round == 2)
			assert_string_not_equal(first, second);
		strcpy(first, second);
		end(&desk);
	}
}

static void old_responses_are_told_apart(void **state)
{
	static const struct {
		const char *version;
		uint8_t nt, lm; /* lengths */
		bool client_challenge;
	} cases[] = {{"v1", 24, 24, false}, {"v1", 24, 0, false}, {"v1-session", 24, 24, true},
	             {"lm", 0, 24, false},  {"", 0, 0, false},    {"", 23, 23, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes lm = repeated(0x33, cases[i].lm);
		struct desk desk;

		if (cases[i].client_challenge)
			lm = joined(repeated(0x33, 8), repeated(0, 16));
		begin(&desk);
		say(&desk, CLIENT,
		    ntlm_authenticate((struct ntlm_proof){.domain = "",
		                                          .user = "joe",
		                                          .workstation = "",
		                                          .lm = lm,
		                                          .nt = repeated(0x44, cases[i].nt)}));
		assert_string_equal(STATED(facts(&desk), NTLM_VERSION), cases[i].version);
		end(&desk);
		begin(&desk);
		logon_responses(&desk.d, &desk.logon, repeated(7, 8), lm,
		                repeated(0x44, cases[i].nt), BYTES("joe"), NONE);
		assert_string_equal(STATED(facts(&desk), NTLM_VERSION), cases[i].version);
		assert_int_equal(desk.logon.step, LOGON_PROVED);
		end(&desk);
	}
}

static void without_account_it_is_anonymous(void **state)
{
	struct desk desk;
	const struct event *ev;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT,
	    ntlm_authenticate((struct ntlm_proof){
	            .domain = "", .user = "", .workstation = "", .lm = repeated(0, 1)}));
	ev = facts(&desk);
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_AUTH_ANONYMOUS, 0), 1);
	assert_false(event_has(ev, FIELD_USER_NAME));
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_VERSION));
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE));
	end(&desk);
}

static void a_ticket_tells_service_realm_and_encryption(void **state)
{
	struct bytes request = kerberos_request("CORP.EXAMPLE", "cifs", "dp01.corp.example", 18);
	const struct bytes ways[] = {request, spnego_init(OID_KERBEROS, NONE, request),
	                             spnego_init(OID_KERBEROS, OID_NTLM, request)};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct desk desk;
		const struct event *ev;

		begin(&desk);
		say(&desk, CLIENT, ways[i]);
		ev = facts(&desk);
		assert_string_equal(STATED(ev, SCHEME), "kerberos");
		assert_string_equal(STATED(ev, SERVICE), "cifs/dp01.corp.example");
		assert_string_equal(STATED(ev, SERVICE_HOST), "dp01.corp.example");
		assert_string_equal(STATED(ev, KERBEROS_REALM), "CORP.EXAMPLE");
		assert_string_equal(STATED(ev, KERBEROS_ENCRYPTION), "aes256-cts-hmac-sha1-96");
		assert_false(event_has(ev, FIELD_USER_NAME));
		assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_ANONYMOUS));
		end(&desk);
	}
}

static void a_server_may_choose_ntlm_instead_of_kerberos(void **state)
{
	struct bytes request = kerberos_request("CORP.EXAMPLE", "cifs", "dp01", 23);
	struct desk desk;
	const struct event *ev;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, spnego_init(OID_KERBEROS, OID_NTLM, request));
	say(&desk, SERVER, spnego_response(1, OID_NTLM, NONE));
	say(&desk, CLIENT, spnego_response(-1, NONE, ntlm_negotiate(FLAGS)));
	say(&desk, SERVER, spnego_response(1, NONE, challenge(7)));
	say(&desk, CLIENT, spnego_response(-1, NONE, proof_2("joe", "")));
	ev = facts(&desk);
	assert_string_equal(STATED(ev, SCHEME), "ntlm");
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "joe");
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_SERVICE));
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_KERBEROS_REALM));
	end(&desk);
}

static void hosts_are_found_in_every_form_of_service(void **state)
{
	static const char *const cases[][2] = {
	        {"cifs/dp01.corp.example", "dp01.corp.example"},
	        {"HTTP/mp01:8080", "mp01"},
	        {"MSSQLSvc/db01.corp.example:1433", "db01.corp.example"},
	        {"cifs/2001:db8::30", "2001:db8::30"},
	        {"ldap/dc01.corp.example/corp.example", "dc01.corp.example"},
	        {"cifs/192.0.2.30", "192.0.2.30"},
	        {"krbtgt", ""},
	        {"", ""},
	        {"/", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct desk desk;

		begin(&desk);
		say(&desk, CLIENT, proof_2("joe", cases[i][0]));
		assert_string_equal(STATED(facts(&desk), SERVICE), cases[i][0]);
		assert_string_equal(STATED(facts(&desk), SERVICE_HOST), cases[i][1]);
		end(&desk);
	}
}

static void a_second_logon_begins_anew(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, ntlm_negotiate(FLAGS));
	say(&desk, SERVER, challenge(7));
	say(&desk, CLIENT, proof_2("joe", "cifs/dp01"));
	logon_answered(&desk.logon, false);
	say(&desk, CLIENT, ntlm_negotiate(FLAGS));
	assert_int_equal(desk.logon.outcome, LOGON_UNKNOWN);
	assert_false(event_has(facts(&desk), FIELD_USER_NAME));
	assert_false(event_has(facts(&desk), FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE));
	end(&desk);
}

static void names_longer_than_their_place_are_cut_and_marked(void **state)
{
	struct desk desk;
	char name[300];
	const struct event *ev;

	(void)state;
	/* Two bytes a character in UTF-8: an odd place must not cut one in the middle. */
	name[0] = 'a';
	for (size_t i = 1; i + 1 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xbc", 2);
	name[299] = 0;
	begin(&desk);
	say(&desk, CLIENT, proof_2(name, name));
	ev = facts(&desk);
	assert_int_equal(strlen(text_of(ev, FIELD_USER_NAME)), 61);
	assert_true(field_set_has(&ev->truncated, FIELD_USER_NAME));
	assert_true(field_set_has(&ev->truncated, FIELD_CONFIGMGR_AUTH_SERVICE));
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_COMPUTER));
	end(&desk);
}

static void a_proof_is_told_once(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, ntlm_negotiate(FLAGS));
	logon_emit(&desk.d, &desk.logon, "smb", NULL, NULL);
	assert_int_equal(desk.trial.events, 0);
	say(&desk, SERVER, challenge(7));
	say(&desk, CLIENT, proof_2("SITE01$", "cifs/dp01"));
	logon_answered(&desk.logon, true);
	logon_emit(&desk.d, &desk.logon, "smb", NULL, NULL);
	logon_emit(&desk.d, &desk.logon, "smb", NULL, NULL);
	assert_int_equal(desk.trial.events, 1);
	assert_int_equal(desk.trial.event[0].kind, EVENT_AUTHENTICATION);
	assert_string_equal(text_of(&desk.trial.event[0], FIELD_EVENT_OUTCOME), "success");
	assert_string_equal(STATED(&desk.trial.event[0], CARRIER), "smb");
	assert_int_equal(event_integer(&desk.trial.event[0], FIELD_CONFIGMGR_AUTH_COMPUTER, 0), 1);
	end(&desk);
}

static void without_an_answer_the_outcome_is_absent(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, proof_2("joe", "cifs/dp01"));
	logon_emit(&desk.d, &desk.logon, "smb", NULL, NULL);
	assert_false(event_has(&desk.trial.event[0], FIELD_EVENT_OUTCOME));
	end(&desk);
}

static void a_loss_forgets_the_challenge_but_not_the_proof(void **state)
{
	struct desk desk;

	(void)state;
	begin(&desk);
	say(&desk, CLIENT, ntlm_negotiate(FLAGS));
	say(&desk, SERVER, challenge(7));
	logon_lost(&desk.logon);
	say(&desk, CLIENT, proof_2("joe", "cifs/dp01"));
	assert_false(event_has(facts(&desk), FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE));
	logon_lost(&desk.logon);
	assert_string_equal(text_of(facts(&desk), FIELD_USER_NAME), "joe");
	end(&desk);
}

/* Whatever a token is cut to, nothing of it is believed but whole messages. */
static void tokens_cut_anywhere_tell_nothing_wrong(void **state)
{
	struct bytes request = kerberos_request("CORP.EXAMPLE", "cifs", "dp01.corp.example", 18);
	const struct bytes tokens[] = {
	        spnego_init(OID_KERBEROS, OID_NTLM, request),
	        spnego_init(OID_NTLM, NONE, proof_2("joe", "cifs/dp01")),
	        spnego_response(0, OID_NTLM, proof_2("joe", "cifs/dp01")),
	        request,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		for (size_t len = 0; len < tokens[i].len; len++) {
			struct desk desk;

			begin(&desk);
			say(&desk, CLIENT, bytes_slice(tokens[i], 0, len));
			assert_int_not_equal(desk.logon.step, LOGON_PROVED);
			end(&desk);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(three_messages_make_a_logon),
	        cmocka_unit_test(spnego_around_it_makes_no_difference),
	        cmocka_unit_test(fingerprints_tell_the_same_from_another_and_nothing_else),
	        cmocka_unit_test(old_responses_are_told_apart),
	        cmocka_unit_test(without_account_it_is_anonymous),
	        cmocka_unit_test(a_ticket_tells_service_realm_and_encryption),
	        cmocka_unit_test(a_server_may_choose_ntlm_instead_of_kerberos),
	        cmocka_unit_test(hosts_are_found_in_every_form_of_service),
	        cmocka_unit_test(a_second_logon_begins_anew),
	        cmocka_unit_test(names_longer_than_their_place_are_cut_and_marked),
	        cmocka_unit_test(a_proof_is_told_once),
	        cmocka_unit_test(without_an_answer_the_outcome_is_absent),
	        cmocka_unit_test(a_loss_forgets_the_challenge_but_not_the_proof),
	        cmocka_unit_test(tokens_cut_anywhere_tell_nothing_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
