/* DCE/RPC (C706 chapter 12): bindings, calls, verifiers, both byte orders, pieces, losses and lies,
 * over TCP and through the interface of pipes. */
#include "dissectors/dce_rpc.h"

#include "dissectors/dce_rpc_argument.h"
#include "dissectors/dce_rpc_interface.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"
#include "tests/support/token.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NONE     ((struct bytes){0})
#define REQUEST  0
#define RESPONSE 2
#define FAULT    3
#define BIND     11
#define ACK      12
#define NAK      13
#define ALTER    14
#define AUTH3    16
#define WHOLE    3 /* first and last fragment */

static bool big; /* byte order of what is made */

static struct bytes number(uint64_t value, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(value >> 8 * (big ? len - 1 - i : i));
	return joined((struct bytes){b, len}, NONE);
}

/* A fragment; `auth` is type and level, then the token. */
static struct bytes fragment(uint8_t type, uint8_t flags, uint32_t call, struct bytes body,
                             struct bytes token, uint8_t auth_type, uint8_t level)
{
	struct bytes tail = NONE, head;
	uint8_t start[8] = {5, 0, type, flags, big ? 0x00 : 0x10};

	if (token.len) {
		tail = joined(joined(le(auth_type, 1), le(level, 1)), le(0, 6));
		tail = joined(tail, token);
	}
	head = joined((struct bytes){start, 8}, number(16 + body.len + tail.len, 2));
	head = joined(head, joined(number(token.len, 2), number(call, 4)));
	return joined(head, joined(body, tail));
}

static struct bytes plain(uint8_t type, uint32_t call, struct bytes body)
{
	return fragment(type, WHOLE, call, body, NONE, 0, 0);
}

/* A UUID in the order of the sender. */
static struct bytes uuid(const char *text)
{
	struct bytes b = NONE;
	const char *at = text;
	static const size_t parts[] = {4, 2, 2, 2, 6};

	for (int part = 0; part < 5; part++, at++) {
		uint64_t value = 0;

		for (size_t i = 0; i < 2 * parts[part]; i++)
			value = value << 4 | (uint64_t)hex_digit((uint8_t)*at++);
		if (part < 3) {
			b = joined(b, number(value, parts[part]));
			continue;
		}
		for (size_t i = parts[part]; i--;)
			b = joined(b, le(value >> 8 * i & 0xff, 1));
	}
	return b;
}

#define SVCCTL   "367abb81-9844-35f1-ad32-98f038001003"
#define EFSRPC   "c681d488-d850-11d0-8c52-00c04fd90f7e"
#define EPMAPPER "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
#define NDR      "8a885d04-1ceb-11c9-9fe8-08002b104860"

static struct bytes context(uint16_t id, const char *interface, uint16_t version)
{
	struct bytes b = joined(number(id, 2), joined(le(1, 1), le(0, 1)));

	b = joined(b, joined(uuid(interface), joined(number(version, 2), number(0, 2))));
	return joined(b, joined(uuid(NDR), number(2, 4)));
}

static struct bytes bind_body(unsigned count, struct bytes contexts)
{
	struct bytes head = joined(number(4280, 2), joined(number(4280, 2), number(0, 4)));

	return joined(joined(head, joined(le(count, 1), le(0, 3))), contexts);
}

/* Results, one a digit: 0 accepted, 2 refused. */
static struct bytes ack_body(const char *results)
{
	struct bytes b = joined(number(4280, 2), joined(number(4280, 2), number(77, 4)));

	b = joined(b, joined(number(14, 2), BYTES("\\PIPE\\svcctl\0\0")));
	while (b.len % 4)
		b = joined(b, le(0, 1));
	b = joined(b, joined(le(strlen(results), 1), le(0, 3)));
	for (; *results; results++) {
		b = joined(b, joined(number((uint64_t)(*results - '0'), 2), number(0, 2)));
		b = joined(b, joined(uuid(NDR), number(2, 4)));
	}
	return b;
}

static struct bytes call_body(uint16_t id, uint16_t opnum, struct bytes stub)
{
	return joined(joined(number(stub.len, 4), joined(number(id, 2), number(opnum, 2))), stub);
}

static struct bytes reply_body(struct bytes stub)
{
	return joined(joined(number(stub.len, 4), number(0, 4)), stub);
}

static struct bytes ndr_text(const char *text)
{
	struct bytes utf16 = big ? utf16be(joined(bytes_of(text), le(0, 1)))
	                         : utf16le(joined(bytes_of(text), le(0, 1)));
	struct bytes b = joined(number(utf16.len / 2, 4), number(0, 4));

	return joined(b, joined(number(utf16.len / 2, 4), utf16));
}

static void begin(struct trial *t)
{
	big = false;
	trial_open(t);
	t->server_port = 135;
	trial_handshake(t);
}

static const struct event *of_kind(const struct trial *t, enum event_kind kind, size_t index)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == kind && !index--)
			return &t->event[i];
	return NULL;
}

#define RPC(ev, f)    text_of(ev, FIELD_CONFIGMGR_RPC_##f)
#define NUMBER(ev, f) event_integer(ev, FIELD_CONFIGMGR_RPC_##f, -1)

/* A bind to svcctl, RCreateServiceW, and its answer. */
static struct bytes client_says(void)
{
	struct bytes handle = joined(number(0, 4), repeated(0x77, 16));
	struct bytes stub = joined(handle, joined(ndr_text("ccmsetup"), number(0, 4)));

	return joined(plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))),
	              plain(REQUEST, 2, call_body(0, 12, stub)));
}

static struct bytes server_says(uint32_t status)
{
	return joined(
	        plain(ACK, 1, ack_body("0")),
	        plain(RESPONSE, 2, reply_body(joined(repeated(0x55, 24), number(status, 4)))));
}

static void is_create_service(const struct event *ev, int status)
{
	assert_non_null(ev);
	assert_string_equal(RPC(ev, INTERFACE), "svcctl");
	assert_string_equal(RPC(ev, INTERFACE_ID), SVCCTL);
	assert_string_equal(RPC(ev, INTERFACE_VERSION), "2.0");
	assert_string_equal(RPC(ev, OPERATION), "RCreateServiceW");
	assert_int_equal(NUMBER(ev, OPNUM), 12);
	assert_string_equal(RPC(ev, ARGUMENT), "ccmsetup");
	assert_string_equal(RPC(ev, AUTH_LEVEL), "none");
	assert_string_equal(RPC(ev, OUTCOME), "answered");
	assert_int_equal(NUMBER(ev, STATUS), status);
}

static void a_call_states_interface_operation_and_result(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, client_says());
	trial_send(&t, SERVER, server_says(0));
	is_create_service(of_kind(&t, EVENT_RPC, 0), 0);
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), ENDPOINT), "135");
	assert_string_equal(text_of(of_kind(&t, EVENT_RPC, 0), FIELD_EVENT_OUTCOME), "success");
	assert_null(of_kind(&t, EVENT_RPC, 1));
	assert_null(of_kind(&t, EVENT_MALFORMED, 0));
	trial_close(&t);
}

static void both_byte_orders_say_the_same(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	big = true;
	trial_send(&t, CLIENT, client_says());
	trial_send(&t, SERVER, server_says(1073));
	is_create_service(of_kind(&t, EVENT_RPC, 0), 1073);
	assert_string_equal(text_of(of_kind(&t, EVENT_RPC, 0), FIELD_EVENT_OUTCOME), "failure");
	trial_close(&t);
}

static void pieces_of_any_size_make_the_same_calls(void **state)
{
	(void)state;
	for (size_t size = 1; size < 200; size += size < 20 ? 1 : 17) {
		struct trial t;

		begin(&t);
		trial_send_in_pieces(&t, CLIENT, client_says(), size);
		trial_send_in_pieces(&t, SERVER, server_says(0), size);
		is_create_service(of_kind(&t, EVENT_RPC, 0), 0);
		trial_close(&t);
	}
}

static void a_fault_is_no_success(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, client_says());
	trial_send(&t, SERVER,
	           joined(plain(ACK, 1, ack_body("0")),
	                  plain(FAULT, 2, joined(number(0, 8), number(0x1c010003, 4)))));
	ev = of_kind(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, OUTCOME), "fault");
	assert_int_equal(NUMBER(ev, STATUS), 0x1c010003);
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), "failure");
	trial_close(&t);
}

static void an_interface_that_is_not_offered_is_refused(void **state)
{
	struct trial t;
	const struct event *ev;
	struct bytes two = joined(context(0, EFSRPC, 1), context(1, SVCCTL, 2));

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(2, two)));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("20")));
	ev = of_kind(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, OUTCOME), "refused");
	assert_string_equal(RPC(ev, INTERFACE), "efsrpc");
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_OPNUM));
	assert_null(of_kind(&t, EVENT_RPC, 1));
	trial_close(&t);
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, EFSRPC, 1))));
	trial_send(&t, SERVER, plain(NAK, 1, joined(number(1, 2), le(0, 3))));
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), OUTCOME), "refused");
	trial_close(&t);
}

/* Windows offers an interface once for each transfer syntax, and a server takes one of them. */
static void another_transfer_syntax_is_no_refusal(void **state)
{
	struct trial t;
	struct bytes two = joined(context(0, SVCCTL, 2), context(1, SVCCTL, 2));

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(2, two)));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("02")));
	assert_null(of_kind(&t, EVENT_RPC, 0));
	trial_close(&t);
}

static void an_altered_context_is_another_interface(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("0")));
	trial_send(&t, CLIENT, plain(ALTER, 2, bind_body(1, context(7, EFSRPC, 1))));
	trial_send(&t, SERVER, plain(ALTER + 1, 2, ack_body("0")));
	trial_send(&t, CLIENT,
	           plain(REQUEST, 3, call_body(7, 0, ndr_text("\\\\192.0.2.66\\share\\x"))));
	trial_send(&t, SERVER, plain(RESPONSE, 3, reply_body(number(53, 4))));
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), INTERFACE), "efsrpc");
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), OPERATION), "EfsRpcOpenFileRaw");
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), PATH_HOST), "192.0.2.66");
	trial_close(&t);
}

static void replies_find_their_calls_in_any_order(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("0")));
	for (uint32_t call = 10; call < 13; call++)
		trial_send(&t, CLIENT,
		           plain(REQUEST, call, call_body(0, (uint16_t)call, number(0, 4))));
	for (uint32_t call = 12; call >= 10; call--)
		trial_send(&t, SERVER, plain(RESPONSE, call, reply_body(number(call, 4))));
	for (size_t i = 0; i < 3; i++) {
		const struct event *ev = of_kind(&t, EVENT_RPC, i);

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
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))));
	for (uint32_t call = 0; call < DCE_RPC_CALLS + 3; call++)
		trial_send(&t, CLIENT, plain(REQUEST, call, call_body(0, 15, ndr_text("name"))));
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 2), OUTCOME), "unanswered");
	assert_null(of_kind(&t, EVENT_RPC, 3));
	trial_end(&t);
	assert_non_null(of_kind(&t, EVENT_RPC, DCE_RPC_CALLS + 2));
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

static void only_the_first_fragment_of_a_call_counts(void **state)
{
	struct trial t;
	struct bytes text = ndr_text("\\\\rogue01\\x");

	(void)state;
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, EFSRPC, 1))));
	trial_send(&t, CLIENT, fragment(REQUEST, 1, 2, call_body(0, 4, text), NONE, 0, 0));
	trial_send(&t, CLIENT,
	           fragment(REQUEST, 0, 2, call_body(0, 4, repeated(1, 4000)), NONE, 0, 0));
	trial_send(&t, CLIENT,
	           fragment(REQUEST, 2, 2, call_body(0, 4, repeated(1, 60000)), NONE, 0, 0));
	trial_send(&t, SERVER,
	           fragment(RESPONSE, 1, 2, reply_body(repeated(2, 30000)), NONE, 0, 0));
	trial_send(&t, SERVER, fragment(RESPONSE, 2, 2, reply_body(number(0, 4)), NONE, 0, 0));
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), PATH_HOST), "rogue01");
	assert_false(event_has(of_kind(&t, EVENT_RPC, 0), FIELD_CONFIGMGR_RPC_STATUS));
	assert_null(of_kind(&t, EVENT_RPC, 1));
	trial_close(&t);
}

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
	           fragment(BIND, WHOLE, 1, bind_body(1, context(0, SVCCTL, 2)), ntlm_negotiate(1),
	                    10, level));
	trial_send(t, SERVER,
	           fragment(ACK, WHOLE, 1, ack_body("0"), ntlm_challenge(1, repeated(7, 8), pairs),
	                    10, level));
	trial_send(t, CLIENT, fragment(AUTH3, WHOLE, 1, number(0, 4), proof(), 10, level));
	trial_send(t, CLIENT,
	           fragment(REQUEST, WHOLE, 2, call_body(0, 15, ndr_text("secret")),
	                    repeated(0, 16), 10, level));
}

static void verifiers_log_on(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	begin(&t);
	say_logon(&t, 5);
	assert_null(of_kind(&t, EVENT_AUTHENTICATION, 0));
	trial_send(&t, SERVER,
	           fragment(RESPONSE, WHOLE, 2, reply_body(number(0, 4)), repeated(0, 16), 10, 5));
	ev = of_kind(&t, EVENT_AUTHENTICATION, 0);
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "SITE01$");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_CARRIER), "dce_rpc");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_TARGET_NAME), "DP01");
	assert_string_equal(text_of(ev, FIELD_EVENT_OUTCOME), "success");
	assert_string_equal(RPC(ev, INTERFACE), "svcctl");
	ev = of_kind(&t, EVENT_RPC, 0);
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "SITE01$");
	assert_string_equal(RPC(ev, AUTH_LEVEL), "integrity");
	assert_string_equal(RPC(ev, AUTH_TYPE), "ntlm");
	assert_string_equal(RPC(ev, ARGUMENT), "secret");
	assert_int_equal(NUMBER(ev, STATUS), 0);
	assert_null(of_kind(&t, EVENT_AUTHENTICATION, 1));
	trial_close(&t);
}

static void nothing_is_read_out_of_what_is_encrypted(void **state)
{
	struct trial t;
	const struct event *ev;

	(void)state;
	begin(&t);
	say_logon(&t, 6);
	trial_send(&t, SERVER,
	           fragment(RESPONSE, WHOLE, 2, reply_body(number(0, 4)), repeated(0, 16), 10, 6));
	ev = of_kind(&t, EVENT_RPC, 0);
	assert_string_equal(RPC(ev, AUTH_LEVEL), "privacy");
	assert_string_equal(RPC(ev, OPERATION), "ROpenSCManagerW");
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_ARGUMENT));
	assert_false(event_has(ev, FIELD_CONFIGMGR_RPC_STATUS));
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

		begin(&t);
		say_logon(&t, 5);
		trial_send(&t, SERVER,
		           plain(FAULT, 2, joined(number(0, 8), number(cases[i].status, 4))));
		trial_end(&t);
		assert_string_equal(
		        text_of(of_kind(&t, EVENT_AUTHENTICATION, 0), FIELD_EVENT_OUTCOME),
		        cases[i].outcome);
		trial_close(&t);
	}
}

static struct bytes tower(const char *interface, uint16_t port)
{
	struct bytes b = joined(le(5, 2), joined(le(19, 2), le(0x0d, 1)));

	b = joined(joined(b, joined(uuid(interface), le(2, 2))), joined(le(2, 2), le(0, 2)));
	b = joined(joined(b, joined(le(19, 2), le(0x0d, 1))), joined(uuid(NDR), le(2, 2)));
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
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, EPMAPPER, 3))));
	trial_send(&t, CLIENT,
	           plain(REQUEST, 2, call_body(0, 3, joined(repeated(0, 12), tower(SVCCTL, 0)))));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("0")));
	trial_send(&t, SERVER,
	           plain(RESPONSE, 2,
	                 reply_body(joined(joined(repeated(0, 40), tower(SVCCTL, 49667)),
	                                   number(0, 4)))));
	ev = of_kind(&t, EVENT_RPC, 0);
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
	begin(&t);
	trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))));
	trial_send(&t, SERVER, plain(ACK, 1, ack_body("0")));
	t.sent[CLIENT] += 100;
	trial_send(&t, SERVER, plain(RESPONSE, 2, reply_body(number(0, 4))));
	trial_send(&t, CLIENT, plain(REQUEST, 3, call_body(0, 15, ndr_text("after"))));
	trial_send(&t, SERVER, plain(RESPONSE, 3, reply_body(number(0, 4))));
	trial_end(&t);
	assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), ARGUMENT), "after");
	assert_null(of_kind(&t, EVENT_RPC, 1));
	assert_true(is_degraded(of_kind(&t, EVENT_RPC, 0)));
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

		begin(&t);
		trial_send(&t, CLIENT, plain(BIND, 1, bind_body(1, context(0, SVCCTL, 2))));
		trial_send(&t, CLIENT, broken[i]);
		trial_send(&t, CLIENT, broken[i]);
		assert_non_null(of_kind(&t, EVENT_MALFORMED, 0));
		assert_null(of_kind(&t, EVENT_MALFORMED, 1));
		trial_close(&t);
	}
}

/* The interface of pipes, with a workbench of its own. */
static void pipe_in_pieces(struct trial *t, struct dce_rpc *rpc, enum side from, struct bytes b,
                           size_t size)
{
	static struct flow_facts flow;
	struct dissection d = {.bench = &t->bench, .flow = &flow};
	const struct dce_rpc_carrier carrier = {.pipe = BYTES("svcctl")};

	for (size_t at = 0; at < b.len; at += size) {
		dce_rpc_data(&d, rpc, &carrier, from, guarded(bytes_slice(b, at, size)));
		arena_reset(&t->bench.scratch);
	}
}

static void pipes_may_cut_fragments_anywhere(void **state)
{
	(void)state;
	for (size_t size = 1; size < 300; size += 7) {
		struct dce_rpc rpc = {0};
		struct dissection d;
		struct trial t;

		begin(&t);
		d = (struct dissection){.bench = &t.bench};
		pipe_in_pieces(&t, &rpc, CLIENT, client_says(), size);
		pipe_in_pieces(&t, &rpc, SERVER, server_says(0), size);
		is_create_service(of_kind(&t, EVENT_RPC, 0), 0);
		assert_string_equal(RPC(of_kind(&t, EVENT_RPC, 0), ENDPOINT), "svcctl");
		dce_rpc_end(&d, &rpc, &(struct dce_rpc_carrier){0});
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

static void a_broken_pipe_is_told_once_and_left(void **state)
{
	struct dce_rpc rpc = {0};
	struct trial t;

	(void)state;
	begin(&t);
	for (int i = 0; i < 100; i++)
		pipe_in_pieces(&t, &rpc, CLIENT, BYTES("no fragment at all, but long enough"), 40);
	assert_int_equal(t.events, 1);
	assert_int_equal(t.event[0].kind, EVENT_MALFORMED);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

static void texts_are_found_among_other_arguments(void **state)
{
	struct arena arena;
	struct bytes handle = joined(le(0, 4), repeated(0xa7, 16));
	struct bytes wide = joined(le(6, 8), joined(le(0, 8), le(6, 8)));

	(void)state;
	big = false;
	assert_true(arena_open(&arena, 1 << 20));
	assert_true(
	        bytes_equal(rpc_argument(guarded(joined(handle, ndr_text("name"))), false, &arena),
	                    BYTES("name")));
	assert_true(bytes_equal(
	        rpc_argument(guarded(joined(ndr_text("names"), ndr_text("\\\\host\\x"))), false,
	                     &arena),
	        BYTES("\\\\host\\x")));
	wide = joined(le(0, 8), joined(wide, utf16le(BYTES("wide1\0"))));
	assert_true(bytes_equal(rpc_argument(guarded(wide), false, &arena), BYTES("wide1")));
	assert_int_equal(rpc_argument(guarded(repeated(0, 300)), false, &arena).len, 0);
	assert_int_equal(rpc_argument(guarded(repeated(0xff, 300)), false, &arena).len, 0);
	assert_int_equal(rpc_argument(guarded(handle), false, &arena).len, 0);
	arena_close(&arena);
}

static void hosts_of_paths_are_found(void **state)
{
	static const char *const cases[][2] = {
	        {"\\\\192.0.2.66\\share\\file", "192.0.2.66"},
	        {"\\\\rogue01", "rogue01"},
	        {"\\\\rogue01@80\\x", "rogue01"},
	        {"\\\\rogue01@SSL@443\\x", "rogue01"},
	        {"C:\\file", ""},
	        {"\\\\", ""},
	        {"", ""},
	        {"\\x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(bytes_equal(unc_host(bytes_of(cases[i][0])), bytes_of(cases[i][1])));
}

static void every_interface_is_found_by_its_uuid(void **state)
{
	uint8_t wire[16] = {0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35,
	                    0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03};
	char text[UUID_TEXT];

	(void)state;
	uuid_print(wire, text);
	assert_memory_equal(text, SVCCTL, UUID_TEXT);
	assert_int_equal(rpc_interface_by_uuid(text), RPC_SVCCTL);
	assert_string_equal(rpc_operation_name(RPC_SVCCTL, 12), "RCreateServiceW");
	assert_string_equal(rpc_operation_name(RPC_SPOOLSS, 65),
	                    "RpcRemoteFindFirstPrinterChangeNotificationEx");
	assert_string_equal(rpc_operation_name(RPC_NETDFS, 12), "NetrDfsAddStdRoot");
	assert_string_equal(rpc_operation_name(RPC_FSRVP, 8), "IsPathSupported");
	assert_string_equal(rpc_operation_name(RPC_WBEM_SERVICES, 24), "ExecMethod");
	assert_null(rpc_operation_name(RPC_SVCCTL, 9999));
	assert_null(rpc_operation_name(RPC_INTERFACE_UNKNOWN, 0));
	assert_null(rpc_interface_name(RPC_INTERFACE_UNKNOWN));
	assert_true(sizeof(struct dce_rpc) <= BLOCK_SIZE);
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
	        cmocka_unit_test(verifiers_log_on),
	        cmocka_unit_test(nothing_is_read_out_of_what_is_encrypted),
	        cmocka_unit_test(a_fault_says_nothing_of_the_logon_but_one),
	        cmocka_unit_test(the_endpoint_mapper_names_interface_and_port),
	        cmocka_unit_test(reading_goes_on_at_a_segment_behind_a_loss),
	        cmocka_unit_test(what_breaks_the_protocol_is_told_once),
	        cmocka_unit_test(pipes_may_cut_fragments_anywhere),
	        cmocka_unit_test(a_broken_pipe_is_told_once_and_left),
	        cmocka_unit_test(texts_are_found_among_other_arguments),
	        cmocka_unit_test(hosts_of_paths_are_found),
	        cmocka_unit_test(every_interface_is_found_by_its_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
