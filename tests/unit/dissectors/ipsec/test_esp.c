/* ESP, AH and WESP flows: what becomes known of them, when it is told, and what is read inside. */
#include "core/clock.h"
#include "tests/support/ipsec_bytes.h"
#include "tests/support/message.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define THERE 0xc1000001u
#define BACK  0xc2000002u

static int open_trial(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	trial_open(t);
	t->protocol = IP_PROTOCOL_ESP;
	*state = t;
	return 0;
}

static int close_trial(void **state)
{
	struct trial *t = *state;

	trial_end(t);
	assert_int_equal(t->bench.blocks.used, 0);
	trial_close(t);
	free(t);
	return 0;
}

static void send_null(struct trial *t, enum side from, uint32_t sequence, const char *payload)
{
	uint8_t flags = sequence > 1 ? 0x18 : from == CLIENT ? 0x02 : 0x12;

	trial_datagram(t, from,
	               esp_null(from == CLIENT ? THERE : BACK, sequence, 6,
	                        tcp_segment(from, 1000 * from + sequence, flags, payload), 0, 16));
}

static void what_waited_is_read_in_the_order_it_was_sent(void **state)
{
	struct trial *t = *state;
	int64_t began = t->now;

	send_null(t, CLIENT, 1, "");
	send_null(t, SERVER, 1, "");
	assert_int_equal(t->bench.wrapped_count, 0);
	assert_int_equal(t->events, 0);
	send_null(t, CLIENT, 2, "GET");
	/* The second of the client's decided; the server's was believed because of it. */
	assert_int_equal(t->bench.wrapped_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(t->bench.wrapped[i].protocol, 6);
		assert_int_equal(t->bench.wrapped[i].wrapping, WRAPPED_IN_ESP);
		assert_int_equal(t->bench.wrapped[i].from, i == 1 ? SERVER : CLIENT);
		assert_int_equal(t->bench.wrapped[i].time, began + i * MILLISECOND);
	}
	assert_true(bytes_equal(t->bench.wrapped[1].bytes, tcp_segment(SERVER, 1001, 0x12, "")));
	send_null(t, SERVER, 2, "200");
	assert_int_equal(t->bench.wrapped_count, 1);
	assert_int_equal(t->bench.blocks.used, 0);
	assert_int_equal(counter_read(&t->counters, COUNTER_IPSEC_NULL), 2);
	assert_int_equal(counter_read(&t->counters, COUNTER_IPSEC_UNWRAPPED), 4);
}

static void both_directions_are_one_event_when_known_and_one_when_over(void **state)
{
	struct trial *t = *state;
	const struct event *found = &t->event[0], *ended = &t->event[1];

	for (uint32_t i = 1; i < 6; i++) {
		send_null(t, CLIENT, i, "ask");
		send_null(t, SERVER, i, "tell");
	}
	trial_end(t);
	assert_int_equal(t->events, 2);
	assert_int_equal(found->kind, EVENT_IPSEC);
	assert_string_equal(text_of(found, FIELD_CONFIGMGR_IPSEC_PROTOCOL), "esp");
	assert_string_equal(text_of(found, FIELD_CONFIGMGR_IPSEC_STATE), "found");
	assert_string_equal(text_of(found, FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "null");
	assert_string_equal(text_of(found, FIELD_CONFIGMGR_IPSEC_EVIDENCE), "content");
	assert_string_equal(text_of(found, FIELD_CONFIGMGR_IPSEC_INSIDE), "tcp");
	assert_int_equal(event_integer(found, FIELD_CONFIGMGR_IPSEC_INTEGRITY_BYTES, 0), 16);
	assert_string_equal(texts_of_event(found, FIELD_CONFIGMGR_IPSEC_SPI),
	                    "0xc1000001 0xc2000002");
	assert_string_equal(text_of(ended, FIELD_CONFIGMGR_IPSEC_STATE), "ended");
	assert_string_equal(text_of(ended, FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "null");
	assert_int_equal(event_integer(ended, FIELD_CONFIGMGR_IPSEC_PACKETS, 0), 10);
}

static void encrypted_packets_are_counted_and_not_read(void **state)
{
	struct trial *t = *state;

	for (uint32_t i = 1; i < 30; i++) {
		trial_datagram(t, CLIENT, esp_encrypted(THERE, i, 100));
		trial_datagram(t, SERVER, esp_encrypted(BACK, i, 200));
		assert_int_equal(t->bench.wrapped_count, 0);
	}
	assert_int_equal(t->bench.blocks.used, 0);
	trial_end(t);
	assert_int_equal(t->events, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(text_of(&t->event[i], FIELD_CONFIGMGR_IPSEC_ENCRYPTION),
		                    "encrypted");
	assert_int_equal(event_integer(&t->event[1], FIELD_CONFIGMGR_IPSEC_BYTES, 0), 29 * 316);
	assert_false(event_has(&t->event[1], FIELD_CONFIGMGR_IPSEC_INTEGRITY_BYTES));
}

static void too_few_packets_leave_it_unknown(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, esp_encrypted(THERE, 1, 100));
	trial_end(t);
	assert_int_equal(t->events, 1);
	assert_false(event_has(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION));
}

static void only_so_many_packets_wait(void **state)
{
	struct trial *t = *state;

	for (uint32_t i = 1; i < 10; i++) {
		trial_datagram(t, CLIENT, esp_encrypted(THERE, i, 100));
		trial_datagram(t, SERVER, esp_encrypted(BACK, i, 100));
	}
	assert_int_equal(counter_read(&t->counters, COUNTER_IPSEC_NOT_HELD), 2);
}

static void renewed_associations_are_told_anew(void **state)
{
	struct trial *t = *state;

	for (uint32_t spi = 0; spi < 3; spi++)
		for (uint32_t i = 1; i < 12; i++)
			trial_datagram(t, CLIENT, esp_encrypted(THERE + spi, i, 100));
	assert_int_equal(t->events, 3);
	assert_string_equal(texts_of_event(&t->event[2], FIELD_CONFIGMGR_IPSEC_SPI), "0xc1000003");
	assert_string_equal(text_of(&t->event[2], FIELD_CONFIGMGR_IPSEC_STATE), "found");
}

static void a_direction_that_turns_out_worse_is_told_again(void **state)
{
	struct trial *t = *state;

	for (uint32_t i = 1; i < 12; i++) {
		trial_datagram(t, CLIENT, esp_encrypted(THERE, i, 100));
		if (i == 1)
			send_null(t, SERVER, i, "x");
	}
	assert_int_equal(t->events, 1);
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "encrypted");
	for (uint32_t i = 2; i < 8; i++)
		send_null(t, SERVER, i, "x");
	assert_int_equal(t->events, 2);
	assert_string_equal(text_of(&t->event[1], FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "null");
}

static void random_spis_make_no_events(void **state)
{
	struct trial *t = *state;

	for (uint32_t i = 0; i < 1000; i++)
		trial_datagram(t, CLIENT, esp_encrypted(4096 + i, 1, 100));
	assert_int_equal(t->events, 0);
	assert_int_equal(counter_read(&t->counters, COUNTER_IPSEC_EVICTED), 996);
}

static void packets_that_were_not_captured_whole_are_counted_only(void **state)
{
	struct trial *t = *state;

	for (uint32_t i = 1; i < 12; i++)
		trial_datagram_cut(t, CLIENT, esp_encrypted(THERE, i, 100), 60);
	trial_end(t);
	assert_int_equal(t->events, 1);
	assert_int_equal(event_integer(&t->event[0], FIELD_CONFIGMGR_IPSEC_BYTES, 0), 11 * 108);
	assert_false(event_has(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION));
}

static void a_packet_shorter_than_its_header_is_malformed(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, esp_encrypted(THERE, 1, 100));
	trial_datagram(t, CLIENT, BYTES("\xc1\0\0\1abc"));
	assert_int_equal(t->event[0].kind, EVENT_MALFORMED);
	assert_int_equal(trial_datagram(t, CLIENT, esp_encrypted(THERE, 1, 100)), STREAM_DATA);
}

static void what_ah_carries_is_read_from_the_first_packet_on(void **state)
{
	struct trial *t = *state;
	struct bytes syn = tcp_segment(CLIENT, 1, 2, "");

	t->protocol = IP_PROTOCOL_AH;
	trial_datagram(t, CLIENT, ah_packet(THERE, 1, 6, syn, 12));
	assert_int_equal(t->bench.wrapped_count, 1);
	assert_int_equal(t->bench.wrapped[0].wrapping, WRAPPED_IN_AH);
	assert_true(bytes_equal(t->bench.wrapped[0].bytes, syn));
	assert_int_equal(t->events, 0);
	trial_datagram(t, SERVER, ah_packet(BACK, 1, 6, tcp_segment(SERVER, 1, 0x12, ""), 12));
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "none");
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_EVIDENCE), "header");
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_INSIDE), "tcp");
	assert_int_equal(event_integer(&t->event[0], FIELD_CONFIGMGR_IPSEC_INTEGRITY_BYTES, 0), 12);
	trial_datagram(t, SERVER, ah_packet(BACK, 2, 6, tcp_segment(SERVER, 1, 0x12, ""), 12));
	trial_datagram(t, CLIENT, ah_packet(THERE, 2, 6, syn, 12));
	assert_int_equal(t->events, 1);
}

static void ah_around_esp_says_so(void **state)
{
	struct trial *t = *state;

	t->protocol = IP_PROTOCOL_AH;
	trial_datagram(t, CLIENT, ah_packet(THERE, 1, 50, esp_encrypted(BACK, 1, 100), 16));
	assert_int_equal(t->bench.wrapped[0].protocol, 50);
	trial_end(t);
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_INSIDE), "esp");
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_STATE), "found");
	assert_string_equal(text_of(&t->event[1], FIELD_CONFIGMGR_IPSEC_STATE), "ended");
}

static void one_direction_alone_is_told_after_a_while(void **state)
{
	struct trial *t = *state;

	t->protocol = IP_PROTOCOL_AH;
	for (uint32_t i = 1; i < 7; i++)
		trial_datagram(t, CLIENT, ah_packet(THERE, i, 1, icmp_echo(1), 12));
	assert_int_equal(t->events, 1);
	assert_int_equal(event_integer(&t->event[0], FIELD_CONFIGMGR_IPSEC_PACKETS, 0), 4);
}

static void an_ah_header_of_an_impossible_length_is_malformed(void **state)
{
	struct trial *t = *state;
	static const struct bytes broken[] = {
	        BYTES_INIT("\6\0\0\0\0\0\1\0\0\0\0\1abcd"),
	        BYTES_INIT("\6\xff\0\0\0\0\1\0\0\0\0\1abcd"),
	        BYTES_INIT("\6\1\0\0\0\0\1"),
	};

	t->protocol = IP_PROTOCOL_AH;
	for (size_t i = 0; i < 3; i++) {
		trial_datagram(t, CLIENT, broken[i]);
		assert_int_equal(t->events, i + 1);
		assert_int_equal(t->event[i].kind, EVENT_MALFORMED);
		assert_int_equal(t->bench.wrapped_count, 0);
	}
}

static void wesp_says_itself_that_it_is_readable(void **state)
{
	struct trial *t = *state;
	struct bytes syn = tcp_segment(CLIENT, 1, 2, "");

	t->protocol = IP_PROTOCOL_WESP;
	for (unsigned padded = 0; padded < 2; padded++) {
		trial_datagram(t, CLIENT,
		               wesp_packet_of(6, padded ? 0x10 : 0,
		                              esp_null(THERE, 1, 6, syn, 8, 16), 8, 16));
		assert_int_equal(t->bench.wrapped_count, 1);
		assert_int_equal(t->bench.wrapped[0].wrapping, WRAPPED_IN_WESP);
		assert_true(bytes_equal(t->bench.wrapped[0].bytes, syn));
	}
	assert_int_equal(t->events, 0);
	trial_end(t);
	assert_int_equal(t->events, 2);
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_PROTOCOL), "wesp");
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "null");
}

static void wesp_says_that_it_is_encrypted(void **state)
{
	struct trial *t = *state;

	t->protocol = IP_PROTOCOL_WESP;
	trial_datagram(t, CLIENT, wesp_packet_of(6, 0x20, esp_encrypted(THERE, 1, 100), 8, 16));
	assert_int_equal(t->bench.wrapped_count, 0);
	trial_end(t);
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IPSEC_ENCRYPTION), "encrypted");
}

static void wesp_whose_lengths_do_not_fit_is_malformed(void **state)
{
	struct trial *t = *state;
	struct bytes good =
	        wesp_packet_of(6, 0, esp_null(THERE, 1, 6, BYTES("12345678"), 0, 16), 0, 16);

	t->protocol = IP_PROTOCOL_WESP;
	for (size_t field = 0; field < 3; field++) {
		struct bytes bad = joined(good, (struct bytes){0});

		((uint8_t *)(uintptr_t)bad.at)[field] = 255;
		trial_datagram(t, CLIENT, bad);
		assert_int_equal(t->events, field + 1);
		assert_int_equal(t->event[field].kind, EVENT_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trial, close_trial)
	        TEST(what_waited_is_read_in_the_order_it_was_sent),
	        TEST(both_directions_are_one_event_when_known_and_one_when_over),
	        TEST(encrypted_packets_are_counted_and_not_read),
	        TEST(too_few_packets_leave_it_unknown),
	        TEST(only_so_many_packets_wait),
	        TEST(renewed_associations_are_told_anew),
	        TEST(a_direction_that_turns_out_worse_is_told_again),
	        TEST(random_spis_make_no_events),
	        TEST(packets_that_were_not_captured_whole_are_counted_only),
	        TEST(a_packet_shorter_than_its_header_is_malformed),
	        TEST(what_ah_carries_is_read_from_the_first_packet_on),
	        TEST(ah_around_esp_says_so),
	        TEST(one_direction_alone_is_told_after_a_while),
	        TEST(an_ah_header_of_an_impossible_length_is_malformed),
	        TEST(wesp_says_itself_that_it_is_readable),
	        TEST(wesp_says_that_it_is_encrypted),
	        TEST(wesp_whose_lengths_do_not_fit_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
