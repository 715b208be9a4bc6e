/* TLS: handshakes in records and pieces of any size, what shows of their outcome, hostile lengths.
 */
#include "tests/support/tls_bytes.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SUITE "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"

/* A conversation: the sides' bytes in their turns. */
struct turns {
	struct made part[12];
	enum side side[12];
	size_t count;
};

static void begin(struct trial *t)
{
	trial_open(t);
	t->server_port = 443;
	trial_handshake(t);
}

static struct made *turn(struct turns *c, enum side side)
{
	c->side[c->count] = side;
	c->part[c->count].len = 0;
	return &c->part[c->count++];
}

static void say_hello(struct turns *c)
{
	struct made hello = {0};

	made_client_hello(&hello, "MP01.corp.example", 0);
	made_record(turn(c, CLIENT), 22, made_view(&hello));
}

/* The client's flight: a certificate of so many bytes, or, when negative, no message at all. */
static void answer(struct turns *c, int certificate)
{
	struct made messages = {0};

	if (certificate >= 0)
		made_certificate(&messages, (size_t)certificate);
	made_message(&messages, 16, BYTES("key"));
	made_record(turn(c, CLIENT), 22, made_view(&messages));
	made_finish(turn(c, CLIENT));
	made_finish(turn(c, SERVER));
}

static void talk(struct turns *c)
{
	made_data(turn(c, CLIENT), 200);
	made_data(turn(c, SERVER), 400);
}

static void play(struct trial *t, const struct turns *c, size_t piece)
{
	begin(t);
	for (size_t i = 0; i < c->count; i++)
		trial_send_in_pieces(t, c->side[i], made_view(&c->part[i]), piece);
}

static const struct event *handshake(const struct trial *t)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == EVENT_TLS)
			return &t->event[i];
	return NULL;
}

static size_t count_of(const struct trial *t, enum event_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < t->events; i++)
		n += t->event[i].kind == kind;
	return n;
}

static struct turns *whole(struct turns *c, bool request, int certificate)
{
	c->count = 0;
	say_hello(c);
	made_flight(turn(c, SERVER), request);
	answer(c, certificate);
	talk(c);
	return c;
}

static void a_handshake_is_one_event_in_pieces_of_any_size(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 5, 7, 64, 500, 30000};
	struct turns c;

	(void)state;
	whole(&c, true, 700);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct trial t;

		play(&t, &c, sizes[i]);

		const struct event *ev = handshake(&t);

		assert_non_null(ev);
		assert_int_equal(t.events, 1);
		assert_string_equal(text_of(ev, FIELD_TLS_VERSION), "1.2");
		assert_string_equal(text_of(ev, FIELD_TLS_VERSION_PROTOCOL), "tls");
		assert_string_equal(text_of(ev, FIELD_TLS_CIPHER), SUITE);
		assert_string_equal(text_of(ev, FIELD_TLS_CLIENT_SERVER_NAME), "mp01.corp.example");
		assert_string_equal(text_of(ev, FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION),
		                    "presented");
		assert_string_equal(texts_of_event(ev, FIELD_TLS_CLIENT_SUPPORTED_CIPHERS),
		                    SUITE " TLS_RSA_WITH_3DES_EDE_CBC_SHA");
		assert_true(event_integer(ev, FIELD_TLS_ESTABLISHED, false));
		assert_false(event_integer(ev, FIELD_TLS_RESUMED, true));
		assert_int_equal(ev->attached[ATTACHED_SERVER_CERTIFICATES].len, 1003);
		assert_int_equal(ev->attached[ATTACHED_CLIENT_CERTIFICATES].len, 703);
		assert_false(is_degraded(ev));
		trial_close(&t);
		assert_int_equal(t.bench.blocks.used, 0);
	}
}

/* RFC 5246 section 6.2.1: messages may be spread over records, even byte by byte. */
static void messages_are_joined_over_records(void **state)
{
	struct made hello = {0}, flight = {0};
	struct turns c = {0};
	struct trial t;

	(void)state;
	made_client_hello(&hello, "mp01.corp.example", 0);
	for (size_t i = 0; i < hello.len; i++)
		made_record(c.count ? &c.part[0] : turn(&c, CLIENT), 22,
		            bytes_slice(made_view(&hello), i, 1));
	made_server_hello(&flight, 0x0303, 0x0005, 0);
	made_certificate(&flight, 3000);
	made_message(&flight, 14, (struct bytes){0});
	turn(&c, SERVER);
	for (size_t i = 0; i < flight.len; i += 100)
		made_record(&c.part[1], 22, bytes_slice(made_view(&flight), i, 100));
	answer(&c, -1);
	talk(&c);
	play(&t, &c, 1400);
	assert_int_equal(t.events, 1);
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CIPHER), "TLS_RSA_WITH_RC4_128_SHA");
	assert_string_equal(texts_of_event(handshake(&t), FIELD_CONFIGMGR_TLS_WEAKNESS), "rc4");
	assert_int_equal(handshake(&t)->attached[ATTACHED_SERVER_CERTIFICATES].len, 3003);
	trial_close(&t);
	assert_int_equal(t.bench.blocks.used, 0);
}

static void an_empty_list_of_certificates_is_told(void **state)
{
	struct turns c;
	struct trial t;

	(void)state;
	play(&t, whole(&c, true, 0), 1400);
	assert_string_equal(text_of(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION),
	                    "empty");
	trial_close(&t);
}

static void no_request_is_told_once_the_first_request_is_answered(void **state)
{
	struct turns c;
	struct trial t;

	(void)state;
	play(&t, whole(&c, false, -1), 1400);
	assert_string_equal(text_of(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION),
	                    "not-requested");
	trial_close(&t);
	c.count--; /* the server's answer */
	play(&t, &c, 1400);
	trial_end(&t);
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION));
	assert_true(event_integer(handshake(&t), FIELD_TLS_ESTABLISHED, false));
	trial_close(&t);
}

/* IIS asks for a certificate when it knows the path: inside, where nobody sees it. */
static void a_renegotiation_before_the_answer_leaves_it_open(void **state)
{
	uint8_t ciphered[60] = {0};
	struct turns c = {0};
	struct trial t;

	(void)state;
	say_hello(&c);
	made_flight(turn(&c, SERVER), false);
	answer(&c, -1);
	made_data(turn(&c, CLIENT), 200);
	made_record(turn(&c, SERVER), 22, (struct bytes){ciphered, sizeof(ciphered)});
	made_record(turn(&c, CLIENT), 22, (struct bytes){ciphered, sizeof(ciphered)});
	made_data(turn(&c, SERVER), 400);
	play(&t, &c, 1400);
	assert_true(event_integer(handshake(&t), FIELD_CONFIGMGR_TLS_RENEGOTIATED, false));
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION));
	trial_close(&t);
}

static void a_resumed_session_says_nothing_of_certificates(void **state)
{
	struct made hello = {0}, reply = {0};
	struct turns c = {0};
	struct trial t;

	(void)state;
	made_client_hello(&hello, "mp01", 32);
	made_record(turn(&c, CLIENT), 22, made_view(&hello));
	made_server_hello(&reply, 0x0303, 0xc030, 32);
	made_record(turn(&c, SERVER), 22, made_view(&reply));
	made_finish(turn(&c, SERVER));
	made_finish(turn(&c, CLIENT));
	talk(&c);
	play(&t, &c, 1400);
	assert_true(event_integer(handshake(&t), FIELD_TLS_RESUMED, false));
	assert_string_equal(text_of(handshake(&t), FIELD_CONFIGMGR_TLS_RESUMPTION), "session-id");
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION));
	trial_close(&t);
}

static void play_tls13(struct trial *t, size_t client_record)
{
	struct made hello = {0}, reply = {0};
	struct turns c = {0};

	made_client_hello(&hello, "mp01", 32);
	made_record(turn(&c, CLIENT), 22, made_view(&hello));
	made_server_hello(&reply, 0x0304, 0x1302, 32);
	made_record(turn(&c, SERVER), 22, made_view(&reply));
	made_record(&c.part[1], 20, BYTES("\1"));
	made_data(&c.part[1], 1500);
	made_record(turn(&c, CLIENT), 20, BYTES("\1"));
	made_data(&c.part[2], client_record);
	made_data(turn(&c, SERVER), 300);
	play(t, &c, 1400);
}

static void of_tls_13_what_is_ciphered_stays_unknown(void **state)
{
	struct trial t;

	(void)state;
	play_tls13(&t, 69);
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_VERSION), "1.3");
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CIPHER), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CURVE), "x25519");
	assert_true(event_integer(handshake(&t), FIELD_TLS_ESTABLISHED, false));
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION));
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CERTIFICATE_REQUESTED));
	trial_close(&t);
	play_tls13(&t, 19); /* an alert */
	trial_end(&t);
	assert_false(event_integer(handshake(&t), FIELD_TLS_ESTABLISHED, false));
	trial_close(&t);
}

static void an_alert_in_clear_ends_the_handshake(void **state)
{
	struct turns c = {0};
	struct trial t;

	(void)state;
	say_hello(&c);
	made_record(turn(&c, SERVER), 21, BYTES("\2\106"));
	play(&t, &c, 1);
	assert_string_equal(texts_of_event(handshake(&t), FIELD_CONFIGMGR_TLS_ALERT_SERVER),
	                    "protocol_version");
	assert_false(event_integer(handshake(&t), FIELD_TLS_ESTABLISHED, true));
	trial_close(&t);
}

static void the_hello_of_sslv2_is_read(void **state)
{
	static const char hello[] = "\x80\x1f\x01\x03\x01\x00\x06\x00\x00\x00\x10"
	                            "\x00\x00\x0a\x07\x00\xc0"
	                            "0123456789abcdef";
	struct turns c = {0};
	struct trial t;

	(void)state;
	made_add(turn(&c, CLIENT), BYTES(hello));
	made_flight(turn(&c, SERVER), false);
	for (size_t piece = 1; piece < 40; piece += 6) {
		play(&t, &c, piece);
		trial_end(&t);
		assert_true(event_integer(handshake(&t), FIELD_CONFIGMGR_TLS_SSLV2_HELLO, false));
		assert_string_equal(
		        texts_of_event(handshake(&t), FIELD_TLS_CLIENT_SUPPORTED_CIPHERS),
		        "TLS_RSA_WITH_3DES_EDE_CBC_SHA 0x0700c0");
		assert_string_equal(text_of(handshake(&t), FIELD_TLS_VERSION), "1.2");
		trial_close(&t);
	}
}

static void after_a_hole_only_what_was_seen_is_told(void **state)
{
	struct turns c;
	struct trial t;

	(void)state;
	whole(&c, false, -1);
	begin(&t);
	trial_send(&t, CLIENT, made_view(&c.part[0]));
	trial_send(&t, SERVER, bytes_slice(made_view(&c.part[1]), 0, 100));
	trial_segment(&t, SERVER, 300, BYTES("lost in the middle"), 0);
	trial_end(&t);
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CIPHER), SUITE);
	assert_true(is_degraded(handshake(&t)));
	assert_false(event_has(handshake(&t), FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION));
	assert_false(event_has(handshake(&t), FIELD_TLS_ESTABLISHED));
	assert_int_equal(handshake(&t)->attached[ATTACHED_SERVER_CERTIFICATES].len, 0);
	trial_close(&t);
}

static void a_server_alone_is_read_too(void **state)
{
	struct turns c = {0};
	struct trial t;

	(void)state;
	made_flight(turn(&c, SERVER), true);
	play(&t, &c, 1400);
	trial_end(&t);
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CIPHER), SUITE);
	assert_false(event_has(handshake(&t), FIELD_TLS_CLIENT_JA3));
	trial_close(&t);
}

static void a_message_beyond_the_cap_is_left_out(void **state)
{
	struct made messages = {0}, flight = {0};
	struct turns c = {0};
	struct trial t;

	(void)state;
	say_hello(&c);
	begin(&t);
	t.bench.limits.tls_handshake = 4096;
	made_server_hello(&messages, 0x0303, 0xc030, 0);
	made_certificate(&messages, 5000);
	made_message(&messages, 14, (struct bytes){0});
	made_record(&flight, 22, made_view(&messages));
	trial_send(&t, CLIENT, made_view(&c.part[0]));
	trial_send_in_pieces(&t, SERVER, made_view(&flight), 1000);
	trial_end(&t);
	assert_string_equal(text_of(handshake(&t), FIELD_TLS_CIPHER), SUITE);
	assert_int_equal(handshake(&t)->attached[ATTACHED_SERVER_CERTIFICATES].len, 0);
	assert_true(is_degraded(handshake(&t)));
	assert_int_equal(counter_read(&t.counters, COUNTER_TLS_OVER_CAP), 1);
	trial_close(&t);
	assert_int_equal(t.bench.blocks.used, 0);
}

/* Every byte of the hello made a large number, one at a time: nothing crashes, nothing is kept. */
static void impossible_lengths_are_told_and_cost_nothing(void **state)
{
	struct turns c = {0};

	(void)state;
	say_hello(&c);
	made_flight(turn(&c, SERVER), true);
	for (size_t which = 0; which < 2; which++)
		for (size_t at = 5; at < 300; at++) {
			struct turns broken = c;
			struct trial t;

			if (at >= broken.part[which].len)
				break;
			broken.part[which].at[at] = 0xff;
			play(&t, &broken, 97);
			trial_end(&t);
			assert_true(count_of(&t, EVENT_TLS) <= 1);
			assert_true(count_of(&t, EVENT_MALFORMED) <= 1);
			trial_close(&t);
			assert_int_equal(t.bench.blocks.used, 0);
		}
}

static void what_is_no_record_is_malformed(void **state)
{
	struct turns c = {0};
	struct trial t;

	(void)state;
	say_hello(&c);
	made_add(turn(&c, SERVER), BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"));
	play(&t, &c, 1400);
	assert_int_equal(count_of(&t, EVENT_MALFORMED), 1);
	assert_int_equal(count_of(&t, EVENT_TLS), 1);
	assert_false(event_has(handshake(&t), FIELD_TLS_VERSION));
	trial_close(&t);
}

static void other_protocols_are_left_alone(void **state)
{
	static const char *const others[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x02\x01\x00\x20",
	                                     "\x80\x20\x02\x03\x01\x00\x06",
	                                     "\x12\x01\x00\x2f\x00\x00\x01\x00"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct trial t;

		begin(&t);
		trial_text(&t, CLIENT, others[i]);
		trial_end(&t);
		assert_int_equal(count_of(&t, EVENT_TLS), 0);
		trial_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_handshake_is_one_event_in_pieces_of_any_size),
	        cmocka_unit_test(messages_are_joined_over_records),
	        cmocka_unit_test(an_empty_list_of_certificates_is_told),
	        cmocka_unit_test(no_request_is_told_once_the_first_request_is_answered),
	        cmocka_unit_test(a_renegotiation_before_the_answer_leaves_it_open),
	        cmocka_unit_test(a_resumed_session_says_nothing_of_certificates),
	        cmocka_unit_test(of_tls_13_what_is_ciphered_stays_unknown),
	        cmocka_unit_test(an_alert_in_clear_ends_the_handshake),
	        cmocka_unit_test(the_hello_of_sslv2_is_read),
	        cmocka_unit_test(after_a_hole_only_what_was_seen_is_told),
	        cmocka_unit_test(a_server_alone_is_read_too),
	        cmocka_unit_test(a_message_beyond_the_cap_is_left_out),
	        cmocka_unit_test(impossible_lengths_are_told_and_cost_nothing),
	        cmocka_unit_test(what_is_no_record_is_malformed),
	        cmocka_unit_test(other_protocols_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
