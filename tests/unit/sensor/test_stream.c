/* Streams: order, holes, overlaps, who is client, what ends them. Seen through the HTTP dissector.
 */
#include "core/clock.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char request[] = "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01\r\n\r\n";
static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<MPList/>";

static struct bytes part(const char *text, size_t from, size_t len)
{
	return bytes_slice(bytes_of(text), from, len);
}

static void expect_one_whole_transaction(struct trial *t)
{
	const struct event *ev;

	trial_end(t);
	assert_int_equal(trial_http_count(t), 1);
	ev = trial_http(t, 0);
	assert_string_equal(text_of(ev, FIELD_URL_ORIGINAL), "/SMS_MP/.sms_aut?MPLIST");
	assert_int_equal(event_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME), "answered");
}

static void bytes_in_order_make_one_transaction(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	expect_one_whole_transaction(&t);
	assert_false(is_degraded(trial_http(&t, 0)));
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	trial_close(&t);
}

static void every_split_in_two_segments_says_the_same(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < sizeof(request) - 1; cut++) {
		struct trial t;

		trial_open(&t);
		trial_handshake(&t);
		trial_send(&t, CLIENT, part(request, 0, cut));
		trial_send(&t, CLIENT, part(request, cut, sizeof(request)));
		trial_text(&t, SERVER, reply);
		expect_one_whole_transaction(&t);
		assert_false(is_degraded(trial_http(&t, 0)));
		trial_close(&t);
	}
}

static void single_bytes_say_the_same(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_send_in_pieces(&t, CLIENT, bytes_of(request), 1);
	trial_send_in_pieces(&t, SERVER, bytes_of(reply), 1);
	expect_one_whole_transaction(&t);
	assert_false(is_degraded(trial_http(&t, 0)));
	trial_close(&t);
}

static void segments_in_reverse_order_are_put_right(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	for (size_t at = sizeof(request) - 1; at > 0;) {
		size_t n = at < 7 ? at : 7;

		at -= n;
		trial_segment(&t, CLIENT, (uint32_t)at, part(request, at, n), 0);
	}
	t.sent[CLIENT] = sizeof(request) - 1;
	trial_text(&t, SERVER, reply);
	expect_one_whole_transaction(&t);
	assert_false(is_degraded(trial_http(&t, 0)));
	assert_true(counter_read(&t.counters, COUNTER_STREAM_REORDERED) > 0);
	trial_close(&t);
}

static void a_reply_captured_before_its_request_waits_for_it(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	/* The server acknowledges the request that the capture shows later. */
	trial_segment(&t, CLIENT, 0, part("", 0, 0), TCP_ACK);
	t.sent[CLIENT] = sizeof(request) - 1;
	trial_text(&t, SERVER, reply);
	assert_int_equal(trial_http_count(&t), 0);
	t.sent[SERVER] = 0;
	trial_segment(&t, CLIENT, 0, bytes_of(request), 0);
	expect_one_whole_transaction(&t);
	assert_false(is_degraded(trial_http(&t, 0)));
	trial_close(&t);
}

static void sequence_numbers_may_wrap(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	t.first[CLIENT] = UINT32_MAX - 10;
	t.first[SERVER] = UINT32_MAX - 3;
	trial_handshake(&t);
	trial_segment(&t, CLIENT, 20, part(request, 20, 100), 0);
	trial_segment(&t, CLIENT, 0, part(request, 0, 20), 0);
	t.sent[CLIENT] = sizeof(request) - 1;
	trial_send_in_pieces(&t, SERVER, bytes_of(reply), 3);
	expect_one_whole_transaction(&t);
	trial_close(&t);
}

static void repeated_bytes_change_nothing(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	assert_int_equal(trial_segment(&t, CLIENT, 0, bytes_of(request), 0), STREAM_REPEATED);
	assert_int_equal(trial_segment(&t, CLIENT, 3, part(request, 3, 10), 0), STREAM_REPEATED);
	trial_text(&t, SERVER, reply);
	expect_one_whole_transaction(&t);
	trial_close(&t);
}

static void what_came_first_stays_when_others_overlap_it(void **state)
{
	struct trial t;
	const char *evil = "GET /evil/path/of/same/length HTTP/1.1\r\nHost: mp01\r\n\r\n";

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	/* The middle is waiting already when a segment with other bytes covers it. */
	trial_segment(&t, CLIENT, 4, part(request, 4, 20), 0);
	trial_segment(&t, CLIENT, 0, part(evil, 0, 24), 0);
	trial_segment(&t, CLIENT, 24, part(request, 24, 100), 0);
	t.sent[CLIENT] = sizeof(request) - 1;
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 1);
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_URL_ORIGINAL),
	                    "/SMS_MP/.sms_aut?MPLIST");
	assert_true(counter_read(&t.counters, COUNTER_STREAM_OVERLAPS) > 0);
	trial_close(&t);
}

static void bytes_lost_in_a_head_lose_only_that_transaction(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_send(&t, CLIENT, part(request, 0, 10));
	t.sent[CLIENT] = sizeof(request) - 1; /* the rest was never captured */
	trial_text(&t, SERVER, reply);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	for (size_t i = 0; i < trial_http_count(&t); i++)
		assert_true(is_degraded(trial_http(&t, i)));
	assert_int_equal(counter_read(&t.counters, COUNTER_STREAM_GAPS), 1);
	assert_int_equal(counter_read(&t.counters, COUNTER_STREAM_BYTES_LOST),
	                 sizeof(request) - 1 - 10);
	/* Whoever may have authenticated in what was lost is not called anonymous. */
	for (size_t i = 0; i < trial_http_count(&t); i++)
		assert_false(
		        event_text_is(trial_http(&t, i), FIELD_CONFIGMGR_AUTH_STATE, "anonymous"));
	trial_close(&t);
}

static void a_lost_reply_does_not_shift_the_next_ones(void **state)
{
	struct trial t;
	const struct event *last;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n");
	t.sent[SERVER] = sizeof(reply) - 1; /* never captured */
	trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPCERT HTTP/1.1\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 2);
	assert_false(event_has(trial_http(&t, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	last = trial_http(&t, 1);
	assert_string_equal(text_of(last, FIELD_URL_QUERY), "MPCERT");
	assert_int_equal(event_integer(last, FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 404);
	trial_close(&t);
}

static void a_stream_picked_up_in_its_middle_knows_its_sides(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	trial_open(&t);
	t.server_port = 50000; /* the ports say nothing: the client's is even the smaller one */
	trial_text(&t, SERVER, "the end of some body");
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 1);
	ev = trial_http(&t, 0);
	assert_int_equal(event_integer(ev, FIELD_SERVER_PORT, 0), 50000);
	assert_int_equal(event_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
	assert_true(is_degraded(ev));
	assert_false(event_has(ev, FIELD_CONFIGMGR_AUTH_STATE));
	trial_close(&t);
}

static void a_capture_of_the_client_alone_tells_requests(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	t.acknowledge = false;
	trial_segment(&t, CLIENT, UINT32_MAX, part("", 0, 0), TCP_SYN);
	t.acknowledge = true;
	trial_text(&t, CLIENT, request);
	t.sent[SERVER] +=
	        100; /* acknowledged by the client, but in the direction nobody captures */
	trial_text(&t, CLIENT, request);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 2);
	assert_false(event_has(trial_http(&t, 0), FIELD_HTTP_RESPONSE_STATUS_CODE));
	trial_close(&t);
}

static void a_reset_ends_the_stream_with_what_there_is(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_segment(&t, SERVER, 0, part("", 0, 0), TCP_RST);
	assert_int_equal(trial_http_count(&t), 1);
	assert_true(is_degraded(trial_http(&t, 0)));
	trial_close(&t);
}

static void a_close_ends_a_body_without_length(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, "HTTP/1.0 200 OK\r\n\r\n<MPList><MP Name=\"MP01\"/>");
	trial_text(&t, SERVER, "</MPList>");
	assert_int_equal(trial_http_count(&t), 0);
	trial_fin(&t, SERVER);
	expect_one_whole_transaction(&t);
	assert_string_equal(
	        texts_of_event(trial_http(&t, 0), FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS), "MP01");
	trial_close(&t);
}

static void a_lost_end_is_given_up_once_both_have_closed(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_send(&t, SERVER, part(reply, 0, sizeof(reply) - 6));
	t.sent[SERVER] = sizeof(reply) - 1;
	trial_fin(&t, CLIENT);
	assert_int_equal(trial_http_count(&t), 0);
	trial_fin(&t, SERVER);
	trial_segment(&t, CLIENT, sizeof(request), part("", 0, 0), TCP_ACK);
	/* Told before anything that comes later on other connections. */
	assert_int_equal(trial_http_count(&t), 1);
	assert_true(is_degraded(trial_http(&t, 0)));
	trial_close(&t);
}

static void a_new_connection_on_old_ports_is_another_flow(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	t.first[CLIENT] = 900000;
	t.first[SERVER] = 700000;
	t.sent[CLIENT] = t.sent[SERVER] = 0;
	trial_handshake(&t);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 2);
	assert_int_equal(event_integer(trial_http(&t, 1), FIELD_CONFIGMGR_HTTP_TRANSACTION, 0), 1);
	assert_int_equal(counter_read(&t.counters, COUNTER_FLOWS_CREATED), 2);
	trial_close(&t);
}

static void a_hole_that_the_receiver_has_too_is_waited_for(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	t.acknowledge = false;
	for (int i = 0; i < 100; i++)
		trial_segment(&t, CLIENT, 10, part(request, 10, 100), 0);
	trial_wait(&t, 5 * SECOND);
	trial_segment(&t, CLIENT, 0, part(request, 0, 10), 0);
	t.acknowledge = true;
	t.sent[CLIENT] = sizeof(request) - 1;
	trial_text(&t, SERVER, reply);
	expect_one_whole_transaction(&t);
	assert_int_equal(counter_read(&t.counters, COUNTER_STREAM_GAPS), 0);
	trial_close(&t);
}

static void a_forged_segment_far_ahead_blinds_nobody(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_segment(&t, CLIENT, 1 << 30, part("forged", 0, 6), 0);
	trial_wait(&t, 60 * SECOND);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_true(trial_http_count(&t) >= 1);
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_URL_ORIGINAL),
	                    "/SMS_MP/.sms_aut?MPLIST");
	assert_int_equal(event_integer(trial_http(&t, 0), FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
	trial_close(&t);
}

static void segments_that_wait_are_bounded(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	for (uint32_t i = 0; i < 100000; i++)
		trial_segment(&t, CLIENT, 2 + 2 * i, part("x", 0, 1), 0);
	assert_true(t.outcomes[STREAM_OVER_CAP] > 90000);
	assert_true(t.bench.blocks.used <= 256);
	trial_close(&t);
	assert_int_equal(t.bench.blocks.used, 0);
}

static void a_skipped_body_needs_no_memory_even_out_of_order(void **state)
{
	static const uint8_t body[1000];
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, "GET /some/file HTTP/1.1\r\nHost: x\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
	for (uint32_t i = 0; i < 1000; i += 2) {
		uint32_t at = t.sent[SERVER] + i * 1000;

		trial_segment(&t, SERVER, at + 1000, (struct bytes){body, 1000}, 0);
		trial_segment(&t, SERVER, at, (struct bytes){body, 1000}, 0);
	}
	t.sent[SERVER] += 1000000;
	assert_int_equal(t.bench.blocks.used, 0);
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 2);
	assert_false(is_degraded(trial_http(&t, 1)));
	assert_true(t.outcomes[STREAM_SKIPPED] >= 900);
	/* What we had and did not want is no loss. */
	assert_int_equal(counter_read(&t.counters, COUNTER_STREAM_GAPS), 0);
	trial_close(&t);
}

static void loss_inside_a_skipped_body_degrades_nothing(void **state)
{
	static const uint8_t body[1000];
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_text(&t, CLIENT, "GET /some/file HTTP/1.1\r\nHost: x\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n");
	trial_send(&t, SERVER, (struct bytes){body, 1000});
	t.sent[SERVER] += 1000; /* lost by the capture */
	trial_send(&t, SERVER, (struct bytes){body, 1000});
	trial_text(&t, CLIENT, request);
	trial_text(&t, SERVER, reply);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 2);
	assert_string_equal(text_of(trial_http(&t, 1), FIELD_CONFIGMGR_AUTH_STATE), "anonymous");
	assert_int_equal(event_integer(trial_http(&t, 1), FIELD_HTTP_RESPONSE_STATUS_CODE, 0), 200);
	trial_close(&t);
}

static void protocols_of_others_become_tombstones(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	trial_handshake(&t);
	trial_send(&t, CLIENT, BYTES("SSH-2.0-OpenSSH_9.2\r\n"));
	assert_int_equal(trial_segment(&t, CLIENT, 21, BYTES("more"), 0), STREAM_NOT_WANTED);
	trial_close(&t);
	assert_int_equal(t.events, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bytes_in_order_make_one_transaction),
	        cmocka_unit_test(every_split_in_two_segments_says_the_same),
	        cmocka_unit_test(single_bytes_say_the_same),
	        cmocka_unit_test(segments_in_reverse_order_are_put_right),
	        cmocka_unit_test(a_reply_captured_before_its_request_waits_for_it),
	        cmocka_unit_test(sequence_numbers_may_wrap),
	        cmocka_unit_test(repeated_bytes_change_nothing),
	        cmocka_unit_test(what_came_first_stays_when_others_overlap_it),
	        cmocka_unit_test(bytes_lost_in_a_head_lose_only_that_transaction),
	        cmocka_unit_test(a_lost_reply_does_not_shift_the_next_ones),
	        cmocka_unit_test(a_stream_picked_up_in_its_middle_knows_its_sides),
	        cmocka_unit_test(a_capture_of_the_client_alone_tells_requests),
	        cmocka_unit_test(a_reset_ends_the_stream_with_what_there_is),
	        cmocka_unit_test(a_close_ends_a_body_without_length),
	        cmocka_unit_test(a_lost_end_is_given_up_once_both_have_closed),
	        cmocka_unit_test(a_new_connection_on_old_ports_is_another_flow),
	        cmocka_unit_test(a_hole_that_the_receiver_has_too_is_waited_for),
	        cmocka_unit_test(a_forged_segment_far_ahead_blinds_nobody),
	        cmocka_unit_test(segments_that_wait_are_bounded),
	        cmocka_unit_test(a_skipped_body_needs_no_memory_even_out_of_order),
	        cmocka_unit_test(loss_inside_a_skipped_body_degrades_nothing),
	        cmocka_unit_test(protocols_of_others_become_tombstones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
