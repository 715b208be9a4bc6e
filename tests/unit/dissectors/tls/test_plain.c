/* What TLS carries, where the secrets are known: read as HTTP, and never past what the keys
 * open. Real suites of both versions are in pcaps/decrypted-*. */
#include "tests/support/message.h"
#include "tests/support/tls_sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define REQUEST "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01\r\n\r\n"
#define REPLY   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

enum { ALERT = 21, HANDSHAKE = 22, DATA = 23 };

struct connection {
	struct trial t;
	struct sealer side[2];
};

static int open_connection(void **state)
{
	struct connection *c = calloc(1, sizeof(*c));

	sealed_trial_open(&c->t, c->side);
	*state = c;
	return 0;
}

static int close_connection(void **state)
{
	struct connection *c = *state;

	trial_end(&c->t);
	assert_int_equal(c->t.bench.blocks.used, 0);
	sealed_trial_close(&c->t);
	free(c);
	return 0;
}

static void send(struct connection *c, enum side side, uint8_t type, const char *text, size_t len)
{
	trial_send(&c->t, side,
	           sealed(&c->side[side], type, (struct bytes){(const uint8_t *)text, len}, 0));
}

static void data(struct connection *c, enum side side, const char *text)
{
	send(c, side, DATA, text, strlen(text));
}

/* The rest of the handshake; the client shows a certificate or none. */
static void shake_hands(struct connection *c, bool certificate)
{
	static const char shown[] = "\x0b\0\0\x09\0\0\0\x05\0\0\0\0\0";
	static const char none[] = "\x0b\0\0\x04\0\0\0\0";

	send(c, SERVER, HANDSHAKE, "\x14\0\0\4done", 8);
	send(c, CLIENT, HANDSHAKE, certificate ? shown : none,
	     certificate ? sizeof(shown) - 1 : sizeof(none) - 1);
	send(c, CLIENT, HANDSHAKE, "\x14\0\0\4done", 8);
	sealer_begin(&c->side[CLIENT], SECRET_CLIENT_TRAFFIC);
	sealer_begin(&c->side[SERVER], SECRET_SERVER_TRAFFIC);
}

static const struct event *only_http(struct connection *c)
{
	assert_int_equal(trial_http_count(&c->t), 1);
	return trial_http(&c->t, 0);
}

static void http_inside_is_read(void **state)
{
	struct connection *c = *state;
	const struct event *ev;

	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	data(c, SERVER, REPLY);
	ev = only_http(c);
	assert_string_equal(text_of(ev, FIELD_URL_ORIGINAL), "/SMS_MP/.sms_aut?MPLIST");
	assert_int_equal(event_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_DECRYPTED), 1);
	assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_RECORDS_REFUSED), 0);
}

static void messages_may_lie_in_many_records_and_segments(void **state)
{
	struct connection *c = *state;

	shake_hands(c, false);
	for (const char *at = REQUEST; *at; at++)
		send(c, CLIENT, DATA, at, 1);
	for (const char *at = REPLY; *at; at++) {
		struct bytes record =
		        sealed(&c->side[SERVER], DATA, (struct bytes){(const uint8_t *)at, 1}, 100);

		trial_send_in_pieces(&c->t, SERVER, record, 7);
	}
	assert_int_equal(event_integer(only_http(c), FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
}

static void a_certificate_of_the_client_is_authentication(void **state)
{
	struct connection *c = *state;

	shake_hands(c, true);
	data(c, CLIENT, REQUEST);
	data(c, SERVER, REPLY);
	assert_string_equal(text_of(only_http(c), FIELD_CONFIGMGR_AUTH_STATE), "authenticated");
	assert_string_equal(text_of(only_http(c), FIELD_CONFIGMGR_AUTH_SCHEME), "certificate");
}

static void keys_may_be_updated(void **state)
{
	struct connection *c = *state;

	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	send(c, SERVER, HANDSHAKE, "\x18\0\0\1\0", 5);
	sealer_update(&c->side[SERVER]);
	data(c, SERVER, REPLY);
	assert_int_equal(event_integer(only_http(c), FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
}

static void rejected_early_data_is_passed_over(void **state)
{
	struct connection *c = *state;
	struct sealer early;

	sealer_begin(&early, SECRET_MASTER);
	for (int i = 0; i < 3; i++)
		trial_send(&c->t, CLIENT, sealed(&early, DATA, BYTES("GET / HTTP/1.1\r\n\r\n"), 0));
	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	data(c, SERVER, REPLY);
	assert_string_equal(text_of(only_http(c), FIELD_URL_ORIGINAL), "/SMS_MP/.sms_aut?MPLIST");
	assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_RECORDS_REFUSED), 3);
}

static void a_record_that_the_keys_do_not_open_ends_the_reading(void **state)
{
	struct connection *c = *state;

	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	c->side[SERVER].sequence++;
	data(c, SERVER, REPLY);
	data(c, SERVER, REPLY);
	trial_end(&c->t);
	assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_RECORDS_REFUSED), 1);
	assert_true(is_degraded(only_http(c)));
	assert_false(event_has(only_http(c), FIELD_HTTP_RESPONSE_STATUS_CODE));
}

static void what_is_no_http_is_left_alone(void **state)
{
	static const char *const first[] = {"\0\0\1 binary, and more of it",
	                                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct connection *c;

		open_connection((void **)&c);
		shake_hands(c, false);
		send(c, CLIENT, DATA, first[i], 20);
		data(c, SERVER, REPLY);
		assert_int_equal(trial_http_count(&c->t), 0);
		assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_NOT_HTTP), 1);
		close_connection((void **)&c);
	}
}

static void an_alert_ends_the_stream_inside(void **state)
{
	struct connection *c = *state;

	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	data(c, SERVER, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
	assert_int_equal(trial_http_count(&c->t), 0);
	send(c, SERVER, ALERT, "\1\0", 2);
	assert_int_equal(event_integer(only_http(c), FIELD_HTTP_RESPONSE_BODY_BYTES, 0), 13);
}

static void records_without_content_are_refused(void **state)
{
	struct connection *c = *state;

	shake_hands(c, false);
	data(c, CLIENT, REQUEST);
	send(c, CLIENT, 0, "", 0);
	data(c, CLIENT, REQUEST);
	trial_end(&c->t);
	assert_int_equal(trial_http_count(&c->t), 1);
	assert_int_equal(counter_read(&c->t.counters, COUNTER_TLS_RECORDS_REFUSED), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_connection, close_connection)
	        TEST(http_inside_is_read),
	        TEST(messages_may_lie_in_many_records_and_segments),
	        TEST(a_certificate_of_the_client_is_authentication),
	        TEST(keys_may_be_updated),
	        TEST(rejected_early_data_is_passed_over),
	        TEST(a_record_that_the_keys_do_not_open_ends_the_reading),
	        cmocka_unit_test(what_is_no_http_is_left_alone),
	        TEST(an_alert_ends_the_stream_inside),
	        TEST(records_without_content_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
