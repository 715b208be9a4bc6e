/* Verifiers of DCE/RPC: who logs on, and what can be read of calls that are signed or sealed. */
#include "dissectors/dce_rpc.h"

#include "tests/support/rpc_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct bytes proof(void)
{
	return ntlm_authenticate((struct ntlm_proof){.domain = "CORP",
	                                             .user = "SITE01$",
	                                             .workstation = "SITE01",
	                                             .nt = ntlm_response_2(repeated(5, 16), NONE)});
}

static void say_logon(struct trial *t, uint8_t level)
{
	struct bytes pairs = joined(av_text(1, "DP01"), le(0, 4));

	trial_send(t, CLIENT,
	           rpc_fragment(BIND, WHOLE, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2)),
	                        ntlm_negotiate(1), 10, level));
	trial_send(t, SERVER,
	           rpc_fragment(ACK, WHOLE, 1, rpc_ack_body("0"),
	                        ntlm_challenge(1, repeated(7, 8), pairs), 10, level));
	trial_send(t, CLIENT, rpc_fragment(AUTH3, WHOLE, 1, rpc_number(0, 4), proof(), 10, level));
	trial_send(t, CLIENT,
	           rpc_fragment(REQUEST, WHOLE, 2, rpc_call_body(0, 15, rpc_text("secret")),
	                        repeated(0, 16), 10, level));
}

static void verifiers_log_on(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	rpc_begin(&t);
	say_logon(&t, 5);
	assert_null(rpc_event(&t, EVENT_AUTHENTICATION, 0));
	trial_send(&t, SERVER,
	           rpc_fragment(RESPONSE, WHOLE, 2, rpc_reply_body(rpc_number(0, 4)),
	                        repeated(0, 16), 10, 5));
	ev = rpc_event(&t, EVENT_AUTHENTICATION, 0);
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "SITE01$");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_CARRIER), "dce_rpc");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_TARGET_NAME), "DP01");
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), "success");
	assert_string_equal(RPC(ev, INTERFACE), "svcctl");
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "SITE01$");
	assert_string_equal(RPC(ev, AUTH_LEVEL), "integrity");
	assert_string_equal(RPC(ev, AUTH_TYPE), "ntlm");
	assert_string_equal(RPC(ev, ARGUMENT), "secret");
	assert_int_equal(NUMBER(ev, STATUS), 0);
	assert_null(rpc_event(&t, EVENT_AUTHENTICATION, 1));
	trial_close(&t);
}

static void nothing_is_read_out_of_what_is_encrypted(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	rpc_begin(&t);
	say_logon(&t, 6);
	trial_send(&t, SERVER,
	           rpc_fragment(RESPONSE, WHOLE, 2, rpc_reply_body(rpc_number(0, 4)),
	                        repeated(0, 16), 10, 6));
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, AUTH_LEVEL), "privacy");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY), "rpc");
	assert_string_equal(RPC(ev, OPERATION), "ROpenSCManagerW");
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_ARGUMENT));
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_STATUS));
	trial_close(&t);
}

static void what_gets_no_answer_is_told_when_it_is_seen(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	t.server_port = 135;
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	trial_send(&t, CLIENT, rpc_fragment(AUTH3, WHOLE, 1, rpc_number(0, 4), proof(), 10, 5));
	assert_string_equal(text_of(rpc_event(&t, EVENT_AUTHENTICATION, 0), FIELD_USER_NAME),
	                    "SITE01$");
	trial_send(&t, CLIENT, rpc_plain(REQUEST, 2, rpc_call_body(0, 15, rpc_text("name"))));
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), OUTCOME), "unanswered");
	trial_end(&t);
	assert_null(rpc_event(&t, EVENT_AUTHENTICATION, 1));
	assert_null(rpc_event(&t, EVENT_RPC, 1));
	trial_close(&t);
}

/* A fault may come before the server looked at the proof, or after. */
static void a_fault_says_nothing_of_the_logon_but_one(void **state)
{
	static const struct {
		uint32_t status;
		const char *outcome;
	} cases[] = {{5, ""}, {0x1c010003, ""}, {0x1c01000b, "failure"}, {0x721, "failure"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct trial t;

		rpc_begin(&t);
		say_logon(&t, 5);
		trial_send(&t, SERVER,
		           rpc_plain(FAULT, 2,
		                     joined(rpc_number(0, 8), rpc_number(cases[i].status, 4))));
		trial_end(&t);
		assert_string_equal(
		        text_of(rpc_event(&t, EVENT_AUTHENTICATION, 0), FIELD_EVENT_OUTCOME),
		        cases[i].outcome);
		trial_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(verifiers_log_on),
	        cmocka_unit_test(nothing_is_read_out_of_what_is_encrypted),
	        cmocka_unit_test(what_gets_no_answer_is_told_when_it_is_seen),
	        cmocka_unit_test(a_fault_says_nothing_of_the_logon_but_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
