/* TDS: what both sides settle on, what a login says, what is lost, what is broken. */
#include "dissectors/tds/tds.h"
#include "tests/support/tds_bytes.h"
#include "tests/support/trial.h"
#include "tests/unit/sensor/packet/allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void send_message(struct trial *t, enum side side, struct tds_made m)
{
	trial_send(t, side, tds_made_view(&m));
}

static void begin(struct trial *t)
{
	trial_open(t);
	t->server_port = 1433;
	trial_handshake(t);
}

static const struct event *event_of(const struct trial *t, enum event_kind kind)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == kind)
			return &t->event[i];
	return NULL;
}

static const struct event *sql(const struct trial *t)
{
	return event_of(t, EVENT_SQL);
}

static const char *settled(const struct trial *t)
{
	return sql(t) ? text_of(sql(t), FIELD_CONFIGMGR_SQL_ENCRYPTION_SETTLED) : "no event";
}

static void wrapped_tls(struct trial *t, enum side side)
{
	static const uint8_t record[] = {0x16, 3, 3, 0, 4, 0, 0, 0, 0};

	send_message(
	        t, side,
	        tds_framed(TDS_PRELOGIN, (struct bytes){record, sizeof(record)}, TDS_MADE_MOST));
}

static void bare_tls(struct trial *t, enum side side)
{
	static const uint8_t record[] = {0x17, 3, 3, 0, 5, 9, 9, 9, 9, 9};

	trial_send(t, side, (struct bytes){record, sizeof(record)});
}

static void both_values_decide_what_is_settled(void **state)
{
	static const struct {
		uint8_t client, server;
		const char *settled;
	} table[] = {
	        {0, 0, "login-only"},    {0, 1, "all"},     {0, 2, "none"},
	        {0, 3, "all"},           {1, 0, "all"},     {1, 1, "all"},
	        {1, 2, "refused"},       {1, 3, "all"},     {2, 0, "none"},
	        {2, 1, "refused"},       {2, 2, "none"},    {2, 3, "refused"},
	        {3, 1, "all"},           {3, 2, "refused"}, {3, 3, "all"},
	        {0x80, 0, "login-only"}, {0x81, 1, "all"},  {0x83, 2, "refused"},
	        {0x09, 0, ""},           {0, 0x77, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct trial t;

		begin(&t);
		send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, table[i].client));
		send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, table[i].server));
		trial_end(&t);
		assert_string_equal(settled(&t), table[i].settled);
		trial_close(&t);
	}
}

static void a_login_in_clear_states_who_wants_what(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_NOT_SUPPORTED));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_NOT_SUPPORTED));
	send_message(&t, CLIENT, tds_login("CM_PS1"));
	assert_null(sql(&t));
	send_message(&t, SERVER, tds_welcome("CM_PS1"));
	assert_string_equal(settled(&t), "none");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_VERSION_SERVER), "15.0.2000");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_VERSION_TDS), "7.4");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_INSTANCE), "PS1");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_HOST), "MP01");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_APPLICATION),
	                    "SMS_MP_CONTROL_MANAGER");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_SERVER_NAME), "sql01");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_LIBRARY), "ODBC");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_DATABASE), "CM_PS1");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SITE_CODE), "PS1");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_AUTHENTICATION), "sql");
	assert_string_equal(text_of(sql(&t), FIELD_USER_NAME), "smsapp");
	assert_string_equal(text_of(sql(&t), FIELD_EVENT_OUTCOME), "success");
	trial_close(&t);
}

static void a_password_is_in_no_event(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_login("CM_PS1"));
	send_message(&t, SERVER, tds_refusal());
	FOR_EACH_PRESENT (f, &sql(&t)->present)
		if (field_info[f].type == TYPE_TEXT)
			assert_null(strstr(text_of(sql(&t), f), "secret"));
	assert_string_equal(text_of(sql(&t), FIELD_EVENT_OUTCOME), "failure");
	assert_int_equal(event_integer(sql(&t), FIELD_CONFIGMGR_SQL_ERROR, 0), 18456);
	trial_close(&t);
}

static void a_login_without_prelogin_has_nothing_protected(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_login("SMS_PS1"));
	send_message(&t, SERVER, tds_welcome("SMS_PS1"));
	assert_string_equal(settled(&t), "none");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SITE_CODE), "PS1");
	trial_close(&t);
}

static void where_only_the_login_is_protected_the_answer_tells_the_database(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_OFF));
	wrapped_tls(&t, CLIENT);
	wrapped_tls(&t, SERVER);
	bare_tls(&t, CLIENT);
	assert_null(sql(&t));
	send_message(&t, SERVER, tds_welcome("CM_ABC"));
	assert_string_equal(settled(&t), "login-only");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_DATABASE), "CM_ABC");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SERVER_ROLE), "site-database");
	assert_false(event_has(sql(&t), FIELD_CONFIGMGR_SQL_AUTHENTICATION));
	trial_close(&t);
}

static void full_tls_is_told_once_both_sides_use_it(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_ON));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_ON));
	wrapped_tls(&t, CLIENT);
	wrapped_tls(&t, SERVER);
	bare_tls(&t, CLIENT);
	assert_null(sql(&t));
	bare_tls(&t, SERVER);
	assert_string_equal(settled(&t), "all");
	assert_false(is_degraded(sql(&t)));
	trial_close(&t);
}

static void tls_that_breaks_its_format_does_not_end_the_reading(void **state)
{
	static const uint8_t record[] = {0x16, 3, 3, 0, 4, 1, 0, 0, 0};
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_OFF));
	send_message(
	        &t, CLIENT,
	        tds_framed(TDS_PRELOGIN, (struct bytes){record, sizeof(record)}, TDS_MADE_MOST));
	wrapped_tls(&t, SERVER);
	bare_tls(&t, CLIENT);
	send_message(&t, SERVER, tds_welcome("CM_PS1"));
	assert_non_null(event_of(&t, EVENT_MALFORMED));
	assert_string_equal(settled(&t), "login-only");
	trial_close(&t);
}

static void windows_authentication_is_told_as_a_logon_too(void **state)
{
	static const uint8_t negotiate[] = "NTLMSSP\0\1\0\0\0\2\2\0\0";
	struct tds_made body = tds_login_body("", "CM_PS1", (struct bytes){negotiate, 16});
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_framed(TDS_LOGIN7, tds_made_view(&body), TDS_MADE_MOST));
	send_message(&t, SERVER, tds_welcome("CM_PS1"));
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_AUTHENTICATION), "windows");
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_AUTH_SCHEME), "ntlm");
	trial_close(&t);
}

static void pieces_of_any_size_and_packets_of_any_size_say_the_same(void **state)
{
	struct tds_made body = tds_login_body("smsapp", "CM_PS1", (struct bytes){0});

	(void)state;
	for (size_t size = 1; size <= 97; size += 4) {
		struct tds_made whole = tds_prelogin(TDS_PRELOGIN, ENCRYPT_NOT_SUPPORTED);
		struct tds_made parts = tds_framed(TDS_LOGIN7, tds_made_view(&body), size + 90);
		struct tds_made answer = tds_prelogin(TDS_RESPONSE, ENCRYPT_OFF),
		                done = tds_welcome("CM_PS1");
		struct trial t;

		begin(&t);
		trial_send_in_pieces(&t, CLIENT, tds_made_view(&whole), size);
		trial_send_in_pieces(&t, SERVER, tds_made_view(&answer), size);
		trial_send_in_pieces(&t, CLIENT, tds_made_view(&parts), size);
		trial_send_in_pieces(&t, SERVER, tds_made_view(&done), size);
		assert_string_equal(settled(&t), "none");
		assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_APPLICATION),
		                    "SMS_MP_CONTROL_MANAGER");
		assert_string_equal(text_of(sql(&t), FIELD_EVENT_OUTCOME), "success");
		trial_close(&t);
	}
}

static void a_batch_of_an_older_connection_is_readable(void **state)
{
	static const uint8_t batch[] = {22, 0, 0, 0, 18, 0, 0, 0, 2,   0, 0,   0, 0,   0,
	                                0,  0, 0, 0, 1,  0, 0, 0, 'S', 0, 'E', 0, 'L', 0};
	struct trial t;

	(void)state;
	trial_open(&t);
	t.server_port = 1433;
	send_message(
	        &t, CLIENT,
	        tds_framed(TDS_SQL_BATCH, (struct bytes){batch, sizeof(batch)}, TDS_MADE_MOST));
	assert_non_null(sql(&t));
	assert_string_equal(text_of(sql(&t), FIELD_CONFIGMGR_SQL_REQUEST), "batch");
	assert_false(event_has(sql(&t), FIELD_CONFIGMGR_SQL_ENCRYPTION_SETTLED));
	assert_true(is_degraded(sql(&t)));
	trial_close(&t);
}

static void nothing_is_guessed_behind_a_loss(void **state)
{
	struct tds_made answer = tds_prelogin(TDS_RESPONSE, ENCRYPT_OFF);
	struct trial t;

	(void)state;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF));
	/* The server's answer is lost; something behind it is not. */
	trial_segment(&t, SERVER, (uint32_t)answer.len, BYTES("\4\1\0\x0c\0\0\1\0\xfd\0\0\0"), 0);
	trial_end(&t);
	assert_non_null(sql(&t));
	assert_string_equal(settled(&t), "");
	assert_true(is_degraded(sql(&t)));
	trial_close(&t);
}

/* A login with one byte of its head changed. */
static void broken_login(size_t at, uint8_t to, bool breaks)
{
	struct tds_made m = tds_login("CM_PS1");
	struct trial t;

	m.at[TDS_HEADER + at] = to;
	begin(&t);
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_NOT_SUPPORTED));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_NOT_SUPPORTED));
	send_message(&t, CLIENT, m);
	trial_end(&t);
	assert_int_equal(event_of(&t, EVENT_MALFORMED) != NULL, breaks);
	assert_non_null(sql(&t));
	trial_close(&t);
}

static void a_text_outside_of_its_login_is_malformed(void **state)
{
	(void)state;
	broken_login(37, 0xff, true);  /* where the host lies */
	broken_login(43, 0x10, true);  /* how long the user is */
	broken_login(69, 0x7f, true);  /* where the database lies */
	broken_login(79, 0xff, false); /* where a token of no bytes lies */
	broken_login(81, 0xff, true);
	broken_login(2, 1, true); /* how long the login is */
}

static void options_outside_of_their_prelogin_are_malformed(void **state)
{
	static const struct {
		uint8_t at, to;
	} changes[] = {{7, 99}, {6, 1}, {9, 200}, {15, 9}, {14, 100}};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct tds_made m = tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF);
		struct trial t;

		m.at[TDS_HEADER + changes[i].at] = changes[i].to;
		begin(&t);
		send_message(&t, CLIENT, m);
		trial_end(&t);
		assert_non_null(event_of(&t, EVENT_MALFORMED));
		trial_close(&t);
	}
}

static void packets_that_nobody_may_send_are_malformed(void **state)
{
	static const char *const packets[] = {
	        "\4\1\0\x0c\0\0\1\0aaaa", /* a response of the client */
	        "\x12\1\0\4\0\0\1\0",     /* shorter than its header */
	        "\x7f\1\0\x0c\0\0\1\0aaaa", "\x16\4\3\0\5"};
	static const size_t lengths[] = {12, 8, 12, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(*packets); i++) {
		struct trial t;

		begin(&t);
		send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF));
		trial_send(&t, CLIENT, (struct bytes){(const uint8_t *)packets[i], lengths[i]});
		assert_non_null(event_of(&t, EVENT_MALFORMED));
		assert_non_null(sql(&t));
		trial_close(&t);
	}
}

static void tokens_cut_off_decide_nothing(void **state)
{
	struct tds_made done = tds_welcome("CM_PS1");

	(void)state;
	for (size_t cut = 1; cut < 40; cut++) {
		struct bytes content = {done.at + TDS_HEADER, cut};
		struct trial t;

		begin(&t);
		send_message(&t, CLIENT, tds_login("CM_PS1"));
		send_message(&t, SERVER, tds_framed(TDS_RESPONSE, content, TDS_MADE_MOST));
		trial_end(&t);
		assert_non_null(sql(&t));
		assert_int_equal(event_has(sql(&t), FIELD_EVENT_OUTCOME), cut >= 31);
		trial_close(&t);
	}
}

static void reading_allocates_nothing(void **state)
{
	static const uint8_t negotiate[] = "NTLMSSP\0\1\0\0\0\2\2\0\0";
	struct tds_made body = tds_login_body("", "CM_PS1", (struct bytes){negotiate, 16});
	unsigned before;
	struct trial t;

	(void)state;
	begin(&t);
	before = allocations;
	send_message(&t, CLIENT, tds_prelogin(TDS_PRELOGIN, ENCRYPT_OFF));
	send_message(&t, SERVER, tds_prelogin(TDS_RESPONSE, ENCRYPT_OFF));
	wrapped_tls(&t, CLIENT);
	wrapped_tls(&t, SERVER);
	bare_tls(&t, CLIENT);
	send_message(&t, CLIENT, tds_framed(TDS_LOGIN7, tds_made_view(&body), 100));
	assert_int_equal(allocations, before);
	trial_close(&t);
}

static void other_protocols_are_none_of_it(void **state)
{
	static const char *const others[] = {"GET / HTTP/1.1\r\n\r\n", "\x10\x20MQTT....",
	                                     "\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12\x34\x56",
	                                     "\3\1\0\x0b\6\xe0\1\1\1\1\1\1\1\1\1\1\1\1"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct trial t;

		begin(&t);
		trial_text(&t, CLIENT, others[i]);
		trial_end(&t);
		assert_null(sql(&t));
		trial_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(both_values_decide_what_is_settled),
	        cmocka_unit_test(a_login_in_clear_states_who_wants_what),
	        cmocka_unit_test(a_password_is_in_no_event),
	        cmocka_unit_test(a_login_without_prelogin_has_nothing_protected),
	        cmocka_unit_test(where_only_the_login_is_protected_the_answer_tells_the_database),
	        cmocka_unit_test(full_tls_is_told_once_both_sides_use_it),
	        cmocka_unit_test(tls_that_breaks_its_format_does_not_end_the_reading),
	        cmocka_unit_test(windows_authentication_is_told_as_a_logon_too),
	        cmocka_unit_test(pieces_of_any_size_and_packets_of_any_size_say_the_same),
	        cmocka_unit_test(a_batch_of_an_older_connection_is_readable),
	        cmocka_unit_test(nothing_is_guessed_behind_a_loss),
	        cmocka_unit_test(a_text_outside_of_its_login_is_malformed),
	        cmocka_unit_test(options_outside_of_their_prelogin_are_malformed),
	        cmocka_unit_test(packets_that_nobody_may_send_are_malformed),
	        cmocka_unit_test(tokens_cut_off_decide_nothing),
	        cmocka_unit_test(reading_allocates_nothing),
	        cmocka_unit_test(other_protocols_are_none_of_it),
	};

	allocations_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
