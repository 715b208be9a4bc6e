#include "tests/support/rpc_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

bool rpc_big;

struct bytes rpc_number(uint64_t value, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(value >> 8 * (rpc_big ? len - 1 - i : i));
	return joined((struct bytes){b, len}, NONE);
}

struct bytes rpc_fragment(uint8_t type, uint8_t flags, uint32_t call, struct bytes body,
                          struct bytes token, uint8_t auth_type, uint8_t level)
{
	struct bytes tail = NONE, head;
	uint8_t start[8] = {5, 0, type, flags, rpc_big ? 0x00 : 0x10};

	if (token.len) {
		tail = joined(joined(le(auth_type, 1), le(level, 1)), le(0, 6));
		tail = joined(tail, token);
	}
	head = joined((struct bytes){start, 8}, rpc_number(16 + body.len + tail.len, 2));
	head = joined(head, joined(rpc_number(token.len, 2), rpc_number(call, 4)));
	return joined(head, joined(body, tail));
}

struct bytes rpc_plain(uint8_t type, uint32_t call, struct bytes body)
{
	return rpc_fragment(type, WHOLE, call, body, NONE, 0, 0);
}

struct bytes rpc_uuid(const char *text)
{
	struct bytes b = NONE;
	const char *at = text;
	static const size_t parts[] = {4, 2, 2, 2, 6};

	for (int part = 0; part < 5; part++, at++) {
		uint64_t value = 0;

		for (size_t i = 0; i < 2 * parts[part]; i++)
			value = value << 4 | (uint64_t)hex_digit((uint8_t)*at++);
		if (part < 3) {
			b = joined(b, rpc_number(value, parts[part]));
			continue;
		}
		for (size_t i = parts[part]; i--;)
			b = joined(b, le(value >> 8 * i & 0xff, 1));
	}
	return b;
}

struct bytes rpc_context(uint16_t id, const char *interface, uint16_t version)
{
	struct bytes b = joined(rpc_number(id, 2), joined(le(1, 1), le(0, 1)));

	b = joined(b,
	           joined(rpc_uuid(interface), joined(rpc_number(version, 2), rpc_number(0, 2))));
	return joined(b, joined(rpc_uuid(NDR), rpc_number(2, 4)));
}

struct bytes rpc_bind_body(unsigned count, struct bytes contexts)
{
	struct bytes head =
	        joined(rpc_number(4280, 2), joined(rpc_number(4280, 2), rpc_number(0, 4)));

	return joined(joined(head, joined(le(count, 1), le(0, 3))), contexts);
}

struct bytes rpc_ack_body(const char *results)
{
	struct bytes b =
	        joined(rpc_number(4280, 2), joined(rpc_number(4280, 2), rpc_number(77, 4)));

	b = joined(b, joined(rpc_number(14, 2), BYTES("\\PIPE\\svcctl\0\0")));
	while (b.len % 4)
		b = joined(b, le(0, 1));
	b = joined(b, joined(le(strlen(results), 1), le(0, 3)));
	for (; *results; results++) {
		b = joined(b, joined(rpc_number((uint64_t)(*results - '0'), 2), rpc_number(0, 2)));
		b = joined(b, joined(rpc_uuid(NDR), rpc_number(2, 4)));
	}
	return b;
}

struct bytes rpc_call_body(uint16_t id, uint16_t opnum, struct bytes stub)
{
	return joined(
	        joined(rpc_number(stub.len, 4), joined(rpc_number(id, 2), rpc_number(opnum, 2))),
	        stub);
}

struct bytes rpc_reply_body(struct bytes stub)
{
	return joined(joined(rpc_number(stub.len, 4), rpc_number(0, 4)), stub);
}

struct bytes rpc_text(const char *text)
{
	struct bytes utf16 = rpc_big ? utf16be(joined(bytes_of(text), le(0, 1)))
	                             : utf16le(joined(bytes_of(text), le(0, 1)));
	struct bytes b = joined(rpc_number(utf16.len / 2, 4), rpc_number(0, 4));

	return joined(b, joined(rpc_number(utf16.len / 2, 4), utf16));
}

void rpc_begin(struct trial *t)
{
	rpc_big = false;
	trial_open(t);
	t->server_port = 135;
	trial_handshake(t);
}

const struct event *rpc_event(const struct trial *t, enum event_kind kind, size_t index)
{
	for (size_t i = 0; i < t->events; i++)
		if (t->event[i].kind == kind && !index--)
			return &t->event[i];
	return NULL;
}

struct bytes rpc_client_says(void)
{
	struct bytes handle = joined(rpc_number(0, 4), repeated(0x77, 16));
	struct bytes stub = joined(handle, joined(rpc_text("ccmsetup"), rpc_number(0, 4)));

	return joined(rpc_plain(BIND, 1, rpc_bind_body(1, rpc_context(0, SVCCTL, 2))),
	              rpc_plain(REQUEST, 2, rpc_call_body(0, 12, stub)));
}

struct bytes rpc_server_says(uint32_t status)
{
	return joined(rpc_plain(ACK, 1, rpc_ack_body("0")),
	              rpc_plain(RESPONSE, 2,
	                        rpc_reply_body(joined(repeated(0x55, 24), rpc_number(status, 4)))));
}

void rpc_is_create_service(const struct event *ev, int status)
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
