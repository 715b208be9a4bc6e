/* DCE/RPC as its parties say it (C706 chapter 12), in either byte order. Everything that is made
 * lives until the program ends. */
#ifndef CMTAP_TESTS_SUPPORT_RPC_BYTES_H
#define CMTAP_TESTS_SUPPORT_RPC_BYTES_H

#include "tests/support/message.h"
#include "tests/support/token.h"
#include "tests/support/trial.h"

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
#define SVCCTL   "367abb81-9844-35f1-ad32-98f038001003"
#define EFSRPC   "c681d488-d850-11d0-8c52-00c04fd90f7e"
#define EPMAPPER "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
#define NDR      "8a885d04-1ceb-11c9-9fe8-08002b104860"

extern bool rpc_big; /* byte order of what is made */

/* In the byte order of the sender. */
struct bytes rpc_number(uint64_t value, size_t len);
/* A fragment; `auth` is type and level, then the token. */
struct bytes rpc_fragment(uint8_t type, uint8_t flags, uint32_t call, struct bytes body,
                          struct bytes token, uint8_t auth_type, uint8_t level);
/* A whole fragment without verifier. */
struct bytes rpc_plain(uint8_t type, uint32_t call, struct bytes body);
/* A UUID in the order of the sender. */
struct bytes rpc_uuid(const char *text);
/* What a bind says of one interface. */
struct bytes rpc_context(uint16_t id, const char *interface, uint16_t version);
struct bytes rpc_bind_body(unsigned count, struct bytes contexts);
/* Results, one a digit: 0 accepted, 2 refused. */
struct bytes rpc_ack_body(const char *results);
/* Behind the head: of bind, request and response. */
struct bytes rpc_call_body(uint16_t id, uint16_t opnum, struct bytes stub);
struct bytes rpc_reply_body(struct bytes stub);
/* A text as NDR has it. */
struct bytes rpc_text(const char *text);

/* A connection to port 135, just opened. */
void rpc_begin(struct trial *t);
/* The event of a kind by its place among them, or NULL. */
const struct event *rpc_event(const struct trial *t, enum event_kind kind, size_t index);

/* A bind to svcctl and RCreateServiceW for a service `ccmsetup`; its answers. */
struct bytes rpc_client_says(void);
struct bytes rpc_server_says(uint32_t status);
/* Fails unless the event tells of that call. */
void rpc_is_create_service(const struct event *ev, int status);

#define RPC(ev, f)    text_of(ev, FIELD_CONFIGMGR_RPC_##f)
#define NUMBER(ev, f) event_integer(ev, FIELD_CONFIGMGR_RPC_##f, -1)

#endif
