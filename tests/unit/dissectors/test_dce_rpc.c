/* DCE/RPC (C706 chapter 12) over TCP: bindings, calls, both byte orders, pieces, losses and lies.
 */
#include "dissectors/dce_rpc.h"

#include "tests/support/rpc_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_call_states_interface_operation_and_result(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_client_says());
	trial_send(&t, SERVER, rpc_server_says(0));
	rpc_is_create_service(rpc_event(&t, EVENT_RPC, 0), 0);
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), ENDPOINT), "135");
	assert_string_equal(text_of(rpc_event(&t, EVENT_RPC, 0), FIELD_EVENT_OUTCOME), "success");
	assert_null(rpc_event(&t, EVENT_RPC, 1));
	assert_null(rpc_event(&t, EVENT_MALFORMED, 0));
	trial_close(&t);
}

static void both_byte_orders_say_the_same(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	rpc_big = true;
	trial_send(&t, CLIENT, rpc_client_says());
	trial_send(&t, SERVER, rpc_server_says(1073));
	rpc_is_create_service(rpc_event(&t, EVENT_RPC, 0), 1073);
	assert_string_equal(text_of(rpc_event(&t, EVENT_RPC, 0), FIELD_EVENT_OUTCOME), "failure");
	trial_close(&t);
}

static void pieces_of_any_size_make_the_same_calls(void **state)
{
	(void)state;
	for (size_t size = 1; size < 200; size += size < 20 ? 1 : 17) {
		struct trial t;

		rpc_begin(&t);
		trial_send_in_pieces(&t, CLIENT, rpc_client_says(), size);
		trial_send_in_pieces(&t, SERVER, rpc_server_says(0), size);
		rpc_is_create_service(rpc_event(&t, EVENT_RPC, 0), 0);
		trial_close(&t);
	}
}

static void a_fault_is_no_success(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_client_says());
	trial_send(
	        &t, SERVER,
	        joined(rpc_plain(ACK, 1, rpc_ack_body("0")),
	               rpc_plain(FAULT, 2, joined(rpc_number(0, 8), rpc_number(0x1c010003, 4)))));
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, OUTCOME), "fault");
	assert_int_equal(NUMBER(ev, STATUS), 0x1c010003);
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), "failure");
	trial_close(&t);
}

static void an_interface_that_is_not_offered_is_refused(void **state)
{
	struct trial t;
	const struct event *ev;
	struct bytes two = joined(rpc_context(0, EFSRPC, 1), rpc_context(1, SVCCTL, 2));

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(2, two)));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("20")));
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, OUTCOME), "refused");
	assert_string_equal(RPC(ev, INTERFACE), "efsrpc");
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_OPNUM));
	assert_null(rpc_event(&t, EVENT_RPC, 1));
	trial_close(&t);
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, EFSRPC, 1))));
	trial_send(&t, SERVER, rpc_plain(NAK, 1, joined(rpc_number(1, 2), le(0, 3))));
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), OUTCOME), "refused");
	trial_close(&t);
}

/* Windows offers an interface once for each transfer syntax, and a server takes one of them. */
static void another_transfer_syntax_is_no_refusal(void **state)
{
	struct trial t;
	struct bytes two = joined(rpc_context(0, SVCCTL, 2), rpc_context(1, SVCCTL, 2));

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(2, two)));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("02")));
	assert_null(rpc_event(&t, EVENT_RPC, 0));
	trial_close(&t);
}

static void an_altered_context_is_another_interface(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("0")));
	trial_send(&t, CLIENT, rpc_plain(ALTER, 2, rpc_bind_body(1, rpc_context(7, EFSRPC, 1))));
	trial_send(&t, SERVER, rpc_plain(ALTER + 1, 2, rpc_ack_body("0")));
	trial_send(
	        &t, CLIENT,
	        rpc_plain(REQUEST, 3, rpc_call_body(7, 0, rpc_text("\\\\192.0.2.66\\share\\x"))));
	trial_send(&t, SERVER, rpc_plain(RESPONSE, 3, rpc_reply_body(rpc_number(53, 4))));
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), INTERFACE), "efsrpc");
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), OPERATION), "EfsRpcOpenFileRaw");
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), PATH_HOST), "192.0.2.66");
	trial_close(&t);
}

static void replies_find_their_calls_in_any_order(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("0")));
	for (uint32_t call = 10; call < 13; call++)
		trial_send(&t, CLIENT,
		           rpc_plain(REQUEST, call,
		                     rpc_call_body(0, (uint16_t)call, rpc_number(0, 4))));
	for (uint32_t call = 12; call >= 10; call--)
		trial_send(&t, SERVER,
		           rpc_plain(RESPONSE, call, rpc_reply_body(rpc_number(call, 4))));
	for (size_t i = 0; i < 3; i++) {
		const struct event *ev = rpc_event(&t, EVENT_RPC, i);

		assert_int_equal(NUMBER(ev, OPNUM), 12 - (int)i);
		assert_int_equal(NUMBER(ev, STATUS), 12 - (int)i);
		assert_int_equal(NUMBER(ev, CALL), 3 - (int)i);
	}
	trial_close(&t);
}

static void calls_beyond_the_cap_are_told_unanswered(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	for (uint32_t call = 0; call < DCE_RPC_CALLS + 3; call++)
		trial_send(&t, CLIENT,
		           rpc_plain(REQUEST, call, rpc_call_body(0, 15, rpc_text("name"))));
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 2), OUTCOME), "unanswered");
	assert_null(rpc_event(&t, EVENT_RPC, 3));
	trial_end(&t);
	assert_non_null(rpc_event(&t, EVENT_RPC, DCE_RPC_CALLS + 2));
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

static void only_the_first_fragment_of_a_call_counts(void **state)
{
	struct trial t;
	struct bytes text = rpc_text("\\\\rogue01\\x");

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, EFSRPC, 1))));
	trial_send(&t, CLIENT, rpc_fragment(REQUEST, 1, 2, rpc_call_body(0, 4, text), NONE, 0, 0));
	trial_send(&t, CLIENT,
	           rpc_fragment(REQUEST, 0, 2, rpc_call_body(0, 4, repeated(1, 4000)), NONE, 0, 0));
	trial_send(
	        &t, CLIENT,
	        rpc_fragment(REQUEST, 2, 2, rpc_call_body(0, 4, repeated(1, 60000)), NONE, 0, 0));
	trial_send(&t, SERVER,
	           rpc_fragment(RESPONSE, 1, 2, rpc_reply_body(repeated(2, 30000)), NONE, 0, 0));
	trial_send(&t, SERVER,
	           rpc_fragment(RESPONSE, 2, 2, rpc_reply_body(rpc_number(0, 4)), NONE, 0, 0));
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), PATH_HOST), "rogue01");
	assert_false(event_has(rpc_event(&t, EVENT_RPC, 0), FIELD_CONFIGMGR_RPC_STATUS));
	assert_null(rpc_event(&t, EVENT_RPC, 1));
	trial_close(&t);
}

static struct bytes tower(const char *interface, uint16_t port)
{
	struct bytes b = joined(le(5, 2), joined(le(19, 2), le(0x0d, 1)));

	b = joined(joined(b, joined(rpc_uuid(interface), le(2, 2))), joined(le(2, 2), le(0, 2)));
	b = joined(joined(b, joined(le(19, 2), le(0x0d, 1))), joined(rpc_uuid(NDR), le(2, 2)));
	b = joined(b, joined(joined(le(2, 2), le(0, 2)), joined(le(1, 2), le(0x0b, 1))));
	b = joined(b, joined(joined(le(2, 2), le(0, 2)), joined(le(1, 2), le(0x07, 1))));
	b = joined(b, joined(le(2, 2), joined(le(port >> 8, 1), le(port & 0xff, 1))));
	return joined(b, joined(joined(le(1, 2), le(0x09, 1)), joined(le(4, 2), le(0, 4))));
}

static void the_endpoint_mapper_names_interface_and_port(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, EPMAPPER, 3))));
	trial_send(&t, CLIENT,
	           rpc_plain(REQUEST, 2,
	                     rpc_call_body(0, 3, joined(repeated(0, 12), tower(SVCCTL, 0)))));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("0")));
	trial_send(&t, SERVER,
	           rpc_plain(RESPONSE, 2,
	                     rpc_reply_body(joined(joined(repeated(0, 40), tower(SVCCTL, 49667)),
	                                           rpc_number(0, 4)))));
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, OPERATION), "ept_map");
	assert_string_equal(RPC(ev, ARGUMENT), SVCCTL);
	assert_string_equal(RPC(ev, MAPPED_INTERFACE), "svcctl");
	assert_int_equal(NUMBER(ev, MAPPED_PORT), 49667);
	trial_close(&t);
}

static void reading_goes_on_at_a_segment_behind_a_loss(void **state)
{
	struct trial t;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("0")));
	t.sent[CLIENT] += 100;
	trial_send(&t, SERVER, rpc_plain(RESPONSE, 2, rpc_reply_body(rpc_number(0, 4))));
	trial_send(&t, CLIENT, rpc_plain(REQUEST, 3, rpc_call_body(0, 15, rpc_text("after"))));
	trial_send(&t, SERVER, rpc_plain(RESPONSE, 3, rpc_reply_body(rpc_number(0, 4))));
	trial_end(&t);
	assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 1), ARGUMENT), "after");
	assert_null(rpc_event(&t, EVENT_RPC, 2));
	assert_true(is_degraded(rpc_event(&t, EVENT_RPC, 1)));
	trial_close(&t);
}

static void a_reply_whose_call_was_lost_tells_the_interface(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	rpc_begin(&t);
	trial_send(&t, CLIENT, rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, rpc_plain(ACK, 1, rpc_ack_body("0")));
	t.sent[CLIENT] += 100;
	trial_send(&t, SERVER, rpc_plain(RESPONSE, 2, rpc_reply_body(rpc_number(0, 4))));
	trial_send(&t, CLIENT, rpc_plain(REQUEST, 3, rpc_call_body(0, 15, rpc_text("after"))));
	trial_end(&t);
	ev = rpc_event(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, INTERFACE), "svcctl");
	assert_string_equal(RPC(ev, OUTCOME), "answered");
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_OPNUM));
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_DEGRADED), "flow event");
	trial_close(&t);
}

static void what_breaks_the_protocol_is_told_once(void **state)
{
	static const struct bytes broken[] = {
	        BYTES_INIT("\x06\x00\x00\x03\x10\x00\x00\x00\x18\x00\x00\x00\x01\x00\x00\x00"),
	        BYTES_INIT("\x05\x00\x00\x03\x10\x00\x00\x00\x0f\x00\x00\x00\x01\x00\x00\x00"),
	        BYTES_INIT("\x05\x00\x00\x03\x10\x00\x00\x00\x18\x00\x10\x00\x01\x00\x00\x00"
	                   "\0\0\0\0\0\0\0\0"),
	        BYTES_INIT(
	                "\x05\x00\x00\x03\x10\x00\x00\x00\x14\x00\x00\x00\x01\x00\x00\x00\0\0\0\0"),
	        BYTES_INIT("\x05\x00\x0b\x03\x10\x00\x00\x00\x1c\x00\x00\x00\x01\x00\x00\x00"
	                   "\0\0\0\0\0\0\0\0\xff\0\0\0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		struct trial t;

		rpc_begin(&t);
		trial_send(&t, CLIENT,
		           rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))));
		trial_send(&t, CLIENT, broken[i]);
		trial_send(&t, CLIENT, broken[i]);
		assert_non_null(rpc_event(&t, EVENT_MALFORMED, 0));
		assert_null(rpc_event(&t, EVENT_MALFORMED, 1));
		trial_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_call_states_interface_operation_and_result),
	        cmocka_unit_test(both_byte_orders_say_the_same),
	        cmocka_unit_test(pieces_of_any_size_make_the_same_calls),
	        cmocka_unit_test(a_fault_is_no_success),
	        cmocka_unit_test(an_interface_that_is_not_offered_is_refused),
	        cmocka_unit_test(another_transfer_syntax_is_no_refusal),
	        cmocka_unit_test(an_altered_context_is_another_interface),
	        cmocka_unit_test(replies_find_their_calls_in_any_order),
	        cmocka_unit_test(calls_beyond_the_cap_are_told_unanswered),
	        cmocka_unit_test(only_the_first_fragment_of_a_call_counts),
	        cmocka_unit_test(the_endpoint_mapper_names_interface_and_port),
	        cmocka_unit_test(reading_goes_on_at_a_segment_behind_a_loss),
	        cmocka_unit_test(a_reply_whose_call_was_lost_tells_the_interface),
	        cmocka_unit_test(what_breaks_the_protocol_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
