/* Binds of LDAP: who logs on how, what the server answers, what is lost, wrapped or broken. */
#include "dissectors/ldap/ldap.h"
#include "tests/support/rpc_bytes.h"
#include "tests/support/token.h"
#include "tests/support/trial.h"
#include "tests/unit/sensor/packet/allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define AUTH(ev, field) text_of(ev, FIELD_CONFIGMGR_AUTH_##field)
#define STARTTLS        "1.3.6.1.4.1.1466.20037"

extern const struct dissector ldap_tcp;

static void begin(struct trial *t)
{
	trial_open(t);
	t->server_port = 389;
	trial_handshake(t);
}

static const struct event *logon(const struct trial *t, size_t index)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == EVENT_AUTHENTICATION && !index--)
			return &t->event[i];
	return NULL;
}

static bool is_malformed(const struct trial *t)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == EVENT_MALFORMED)
			return true;
	return false;
}

static struct bytes message(uint8_t id, uint8_t operation, struct bytes content)
{
	return der(0x30, joined(der(2, le(id, 1)), der(operation, content)));
}

static struct bytes bind_request(uint8_t id, const char *name, struct bytes choice)
{
	return message(id, LDAP_BIND_REQUEST,
	               joined(joined(der(2, le(3, 1)), der(4, bytes_of(name))), choice));
}

static struct bytes simple(uint8_t id, const char *name, const char *password)
{
	return bind_request(id, name, der(0x80, bytes_of(password)));
}

static struct bytes sasl(uint8_t id, const char *mechanism, struct bytes token)
{
	return bind_request(id, "", der(0xa3, joined(der(4, bytes_of(mechanism)), der(4, token))));
}

/* A response; a token stands in the matched name of Sicily, or among SASL's credentials. */
static struct bytes response(uint8_t id, uint8_t code, struct bytes matched, struct bytes token)
{
	struct bytes result = joined(der(10, le(code, 1)), joined(der(4, matched), der(4, NONE)));

	return message(id, LDAP_BIND_RESPONSE,
	               token.len ? joined(result, der(0x87, token)) : result);
}

static struct bytes challenge(void)
{
	return ntlm_challenge(1, repeated(7, 8), joined(av_text(1, "DC01"), le(0, 4)));
}

static struct bytes proof(void)
{
	return ntlm_authenticate((struct ntlm_proof){.domain = "CORP",
	                                             .user = "SITE01$",
	                                             .workstation = "SITE01",
	                                             .nt = ntlm_response_2(repeated(5, 16), NONE)});
}

static void simple_binds_tell_who_and_never_the_password(void **state)
{
	static const struct {
		const char *name, *password;
		uint8_t code;
		const char *user, *domain, *outcome;
		bool anonymous;
	} table[] = {
	        {"CN=svc,DC=corp", "hunter2", 0, "CN=svc,DC=corp", "", "success", false},
	        {"CORP\\svc", "hunter2", 49, "svc", "CORP", "failure", false},
	        {"CN=a\\,b,DC=corp", "hunter2", 53, "CN=a\\,b,DC=corp", "", "failure", false},
	        {"svc@corp.example", "hunter2", 51, "svc@corp.example", "", "", false},
	        {"", "", 0, "", "", "success", true},
	        {"CN=svc,DC=corp", "", 0, "", "", "success", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct trial t;
		const struct event *ev;

		begin(&t);
		trial_send(&t, CLIENT, simple(1, table[i].name, table[i].password));
		assert_null(logon(&t, 0));
		trial_send(&t, SERVER, response(1, table[i].code, NONE, NONE));
		ev = logon(&t, 0);
		assert_string_equal(AUTH(ev, CARRIER), "ldap");
		assert_string_equal(AUTH(ev, SCHEME), "simple");
		assert_string_equal(text_of(ev, FIELD_USER_NAME), table[i].user);
		assert_string_equal(text_of(ev, FIELD_USER_DOMAIN), table[i].domain);
		assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), table[i].outcome);
		assert_int_equal(event_has(ev, FIELD_CONFIGMGR_AUTH_ANONYMOUS), table[i].anonymous);
		for (size_t f = 0; f < FIELD_COUNT; f++)
			if (event_has(ev, (enum field)f) && field_info[f].type == TYPE_TEXT)
				assert_null(strstr(text_of(ev, (enum field)f), "hunter2"));
		trial_end(&t);
		assert_null(logon(&t, 1));
		trial_close(&t);
	}
}

static void is_the_ntlm_logon(const struct trial *t, const char *outcome)
{
	const struct event *ev = logon(t, 0);

	assert_non_null(ev);
	assert_string_equal(AUTH(ev, SCHEME), "ntlm");
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "SITE01$");
	assert_string_equal(text_of(ev, FIELD_USER_DOMAIN), "CORP");
	assert_string_equal(AUTH(ev, TARGET_NAME), "DC01");
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), outcome);
	assert_true(event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE));
	assert_true(event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE));
	assert_null(logon(t, 1));
	assert_false(is_malformed(t));
}

/* In pieces of every size: the bytes of each message are sent so many a segment. */
static void ntlm_logs_on_in_spnego(void **state)
{
	(void)state;
	for (size_t size = 1; size < 300; size += size < 20 ? 1 : 37) {
		struct trial t;

		begin(&t);
		trial_send_in_pieces(
		        &t, CLIENT,
		        sasl(1, "GSS-SPNEGO", spnego_init(OID_NTLM, NONE, ntlm_negotiate(1))),
		        size);
		trial_send_in_pieces(
		        &t, SERVER,
		        response(1, 14, NONE, spnego_response(1, OID_NTLM, challenge())), size);
		trial_send_in_pieces(&t, CLIENT,
		                     sasl(2, "GSS-SPNEGO", spnego_response(-1, NONE, proof())),
		                     size);
		assert_null(logon(&t, 0));
		trial_send_in_pieces(&t, SERVER,
		                     response(2, 0, NONE, spnego_response(0, NONE, NONE)), size);
		is_the_ntlm_logon(&t, "success");
		trial_close(&t);
	}
}

static void ntlm_logs_on_by_sicily(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, bind_request(1, "", der(0x89, NONE)));
	trial_send(&t, SERVER, response(1, 0, BYTES("NTLM"), NONE));
	trial_send(&t, CLIENT, bind_request(2, "NTLM", der(0x8a, ntlm_negotiate(1))));
	trial_send(&t, SERVER, response(2, 0, challenge(), NONE));
	trial_send(&t, CLIENT, bind_request(3, "", der(0x8b, proof())));
	assert_null(logon(&t, 0));
	trial_send(&t, SERVER, response(3, 49, NONE, NONE));
	is_the_ntlm_logon(&t, "failure");
	trial_close(&t);
}

static void a_ticket_is_told_once_the_security_layer_is_settled(void **state)
{
	static const uint8_t wrapped[] = {0, 0, 0, 5, 5, 4, 6, 255, 0};
	struct bytes layer = joined(BYTES("\x60\x0f\x06\x09"), joined(OID_KERBEROS, le(0x102, 4)));
	struct trial t;
	const struct event *ev;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT,
	           sasl(1, "GSSAPI", kerberos_request("CORP.EXAMPLE", "ldap", "dc01", 18)));
	trial_send(&t, SERVER, response(1, 14, NONE, NONE));
	trial_send(&t, CLIENT, sasl(2, "GSSAPI", NONE));
	trial_send(&t, SERVER, response(2, 14, NONE, layer));
	trial_send(&t, CLIENT, sasl(3, "GSSAPI", layer));
	assert_null(logon(&t, 0));
	trial_send(&t, SERVER, response(3, 0, NONE, NONE));
	ev = logon(&t, 0);
	assert_string_equal(AUTH(ev, SCHEME), "kerberos");
	assert_string_equal(AUTH(ev, SERVICE), "ldap/dc01");
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), "success");
	trial_send(&t, CLIENT, (struct bytes){wrapped, sizeof(wrapped)});
	trial_send(&t, CLIENT, simple(4, "cn=x", "y"));
	trial_end(&t);
	assert_null(logon(&t, 1));
	assert_false(is_malformed(&t));
	trial_close(&t);
}

static void answers_to_others_decide_nothing(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, simple(7, "cn=x", "y"));
	trial_send(&t, SERVER, response(6, 0, NONE, NONE));
	trial_end(&t);
	assert_string_equal(AUTH(logon(&t, 1), SCHEME), "simple");
	assert_false(event_has(logon(&t, 1), FIELD_EVENT_OUTCOME));
	assert_true(is_degraded(logon(&t, 1)));
	trial_close(&t);
}

static void an_answer_to_what_was_missed_tells_that_and_no_more(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, SERVER, response(1, 14, NONE, challenge()));
	assert_null(logon(&t, 0));
	trial_send(&t, SERVER, response(2, 0, NONE, NONE));
	assert_true(is_degraded(logon(&t, 0)));
	assert_string_equal(AUTH(logon(&t, 0), CARRIER), "ldap");
	assert_false(event_has(logon(&t, 0), FIELD_EVENT_OUTCOME));
	assert_false(event_has(logon(&t, 0), FIELD_CONFIGMGR_AUTH_SCHEME));
	trial_close(&t);
}

static void other_messages_are_passed_over(void **state)
{
	struct bytes search = message(2, 0x63, joined(der(4, NONE), repeated(1, 60000)));
	struct trial t;

	(void)state;
	begin(&t);
	trial_send_in_pieces(&t, CLIENT, search, 1400);
	trial_send(&t, SERVER, message(2, 0x65, joined(der(10, le(0, 1)), repeated(0, 4))));
	trial_send(&t, CLIENT, BYTES("\x30\x84\x00\x00\x00\x05\x02\x01\x03\x42\x00"));
	trial_send(&t, CLIENT, simple(4, "cn=x", "y"));
	trial_send(&t, SERVER, response(4, 0, NONE, NONE));
	assert_non_null(logon(&t, 0));
	assert_false(is_malformed(&t));
	trial_close(&t);
}

static void a_bind_beyond_the_limit_is_passed_over(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	t.bench.limits.ldap_message = 1024;
	trial_send_in_pieces(&t, CLIENT, sasl(1, "GSS-SPNEGO", repeated(1, 2000)), 1400);
	assert_int_equal(t.counters.value[COUNTER_LDAP_MESSAGE_OVER_CAP], 1);
	trial_send(&t, CLIENT, simple(2, "cn=x", "y"));
	trial_send(&t, SERVER, response(2, 0, NONE, NONE));
	assert_string_equal(AUTH(logon(&t, 0), SCHEME), "simple");
	trial_close(&t);
}

static void tls_begins_where_it_was_asked_for(void **state)
{
	static const uint8_t hello[] = {0x16, 3, 1, 0, 4, 1, 0, 0, 9};
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, message(1, LDAP_EXTENDED_REQUEST, der(0x80, BYTES(STARTTLS))));
	trial_send(&t, SERVER,
	           message(1, 0x78, joined(der(10, le(0, 1)), joined(der(4, NONE), der(4, NONE)))));
	trial_send(&t, CLIENT, (struct bytes){hello, sizeof(hello)});
	trial_send(&t, SERVER, (struct bytes){hello, sizeof(hello)});
	trial_end(&t);
	assert_null(logon(&t, 0));
	trial_close(&t);
}

static void after_a_loss_reading_goes_on_at_a_message(void **state)
{
	struct trial t;
	struct bytes bind = simple(5, "cn=x", "y");

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, simple(1, "cn=w", "y"));
	trial_send(&t, SERVER, response(1, 0, NONE, NONE));
	t.sent[CLIENT] += 500;
	trial_send(&t, CLIENT, BYTES("\xff\xff in the middle of a search"));
	trial_send(&t, CLIENT, bind);
	trial_wait(&t, INT64_C(100000000000));
	trial_send(&t, SERVER, response(5, 0, NONE, NONE));
	trial_end(&t);
	assert_string_equal(text_of(logon(&t, 0), FIELD_USER_NAME), "cn=w");
	assert_string_equal(text_of(logon(&t, 1), FIELD_USER_NAME), "cn=x");
	assert_false(is_malformed(&t));
	trial_close(&t);
}

static void what_breaks_the_format_is_malformed(void **state)
{
	const struct bytes broken[] = {
	        BYTES("\x30\x80\x02\x01\x02\x60\x00"),         /* a length that is not told */
	        BYTES("\x30\x85\x00\x00\x00\x00\x09"),         /* and one of five bytes */
	        BYTES("\x30\x08\x02\x05\x01\x01\x01\x01\x01"), /* so is the ID */
	        BYTES("\x30\x05\x02\x01\x02\x04\x00"),         /* no operation */
	        BYTES("\x30\x05\x02\x01\x02\x63\x01"),         /* longer than its message */
	        BYTES("GET / HTTP/1.1"),
	        bind_request(2, "x", NONE),
	        bind_request(2, "x", BYTES("\x80\x05y")),
	        bind_request(2, "x", der(0xa3, NONE)),
	        message(2, LDAP_EXTENDED_REQUEST, der(0x81, NONE)),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct trial t;

		begin(&t);
		trial_send(&t, CLIENT, simple(1, "cn=x", "y"));
		trial_send(&t, CLIENT, broken[i]);
		assert_true(is_malformed(&t));
		assert_non_null(logon(&t, 0));
		trial_close(&t);
	}
}

static void the_probe_takes_what_is_ldap_and_nothing_else(void **state)
{
	const struct {
		struct bytes first;
		enum side from;
		enum likeness likeness;
	} table[] = {
	        {simple(1, "cn=x", "y"), CLIENT, YES},
	        {simple(1, "cn=x", "y"), SERVER, NO},
	        {response(1, 0, NONE, NONE), SERVER, YES},
	        {response(1, 0, NONE, NONE), CLIENT, NO},
	        {BYTES("\x30\x84\x00\x00\x00\x05\x02\x01\x03\x42\x00"), CLIENT, NO},
	        {BYTES("\x30"), CLIENT, MAYBE},
	        {BYTES("\x30\x82\x01"), CLIENT, MAYBE},
	        {BYTES("\x30\x82\x01\x00\x30"), CLIENT, NO},                 /* a certificate */
	        {BYTES("\x30\x26\x02\x01\x00\x04\x06public"), CLIENT, NO},   /* SNMP */
	        {BYTES("\x30\x0c\x02\x01\x01\x60\x07\x04\x00"), CLIENT, NO}, /* no version */
	        {BYTES("\x30\x05\x02\x01\x01\x60\x07\x02\x01"), CLIENT, NO}, /* too long inside */
	        {BYTES("\x60\x0c\x02\x01\x01\x60\x07\x02\x01"), CLIENT, NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		assert_int_equal(ldap_tcp.probe(table[i].first, table[i].from), table[i].likeness);
}

static void reading_allocates_nothing(void **state)
{
	struct bytes asked = sasl(1, "NTLM", ntlm_negotiate(1)), proved = sasl(2, "NTLM", proof());
	struct bytes challenged = response(1, 14, NONE, challenge());
	struct bytes accepted = response(2, 0, NONE, NONE);
	unsigned before;
	struct trial t;

	(void)state;
	begin(&t);
	before = allocations;
	trial_send(&t, CLIENT, asked);
	trial_send(&t, SERVER, challenged);
	trial_send(&t, CLIENT, proved);
	assert_int_equal(allocations, before);
	trial_send(&t, SERVER, accepted);
	is_the_ntlm_logon(&t, "success");
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(simple_binds_tell_who_and_never_the_password),
	        cmocka_unit_test(ntlm_logs_on_in_spnego),
	        cmocka_unit_test(ntlm_logs_on_by_sicily),
	        cmocka_unit_test(a_ticket_is_told_once_the_security_layer_is_settled),
	        cmocka_unit_test(answers_to_others_decide_nothing),
	        cmocka_unit_test(an_answer_to_what_was_missed_tells_that_and_no_more),
	        cmocka_unit_test(other_messages_are_passed_over),
	        cmocka_unit_test(a_bind_beyond_the_limit_is_passed_over),
	        cmocka_unit_test(tls_begins_where_it_was_asked_for),
	        cmocka_unit_test(after_a_loss_reading_goes_on_at_a_message),
	        cmocka_unit_test(what_breaks_the_format_is_malformed),
	        cmocka_unit_test(the_probe_takes_what_is_ldap_and_nothing_else),
	        cmocka_unit_test(reading_allocates_nothing),
	};

	allocations_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
