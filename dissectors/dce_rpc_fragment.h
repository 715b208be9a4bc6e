/* What the files that read DCE/RPC share: a fragment being read, and who reads which part of it.
 *
 * dce_rpc.c finds fragments and their verifiers, dce_rpc_bind.c reads which interfaces are bound,
 * dce_rpc_call.c reads calls and their replies. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_FRAGMENT_H
#define CMTAP_DISSECTORS_DCE_RPC_FRAGMENT_H

#include "dissectors/dce_rpc.h"
#include "dissectors/dce_rpc_argument.h"
#include "dissectors/dce_rpc_event.h"

/* Types of fragments. */
#define RPC_REQUEST        0
#define RPC_RESPONSE       2
#define RPC_FAULTED        3
#define RPC_BIND           11
#define RPC_BIND_ACK       12
#define RPC_BIND_NAK       13
#define RPC_ALTER_CONTEXT  14
#define RPC_ALTER_RESPONSE 15
#define RPC_AUTH3          16
#define RPC_ORPHANED       19

#define PFC_FIRST_FRAG  0x01
#define PFC_LAST_FRAG   0x02
#define PFC_MAYBE       0x40
#define PFC_OBJECT_UUID 0x80

#define RPC_HEAD     16
#define RPC_VERIFIER 8
/* A fragment being read. */
struct rpc_fragment {
	struct dissection *d;
	struct dce_rpc *rpc;
	const struct dce_rpc_carrier *carrier;
	struct bytes message; /* as far as it is wanted */
	bool whole;
	uint8_t type, flags;
	bool big;
	uint16_t length, auth;
	uint32_t call;
	uint8_t auth_type, level; /* of its verifier; 0 without one */
	uint8_t padding;
	struct bytes token;
};

/* What stands behind the head. */
static inline struct ndr rpc_body(const struct rpc_fragment *f)
{
	struct ndr n = {reader_over(f->message), f->big};

	reader_skip(&n.r, RPC_HEAD);
	return n;
}

/* The context that was bound under a number, or NULL. */
struct dce_rpc_context *rpc_context_by_id(struct dce_rpc *rpc, uint16_t id);

/* Each reads the body of a fragment; false when it ends inside its own head. */
bool rpc_read_bind(struct rpc_fragment *f);
bool rpc_read_results(struct rpc_fragment *f);
bool rpc_read_request(struct rpc_fragment *f);
bool rpc_read_reply(struct rpc_fragment *f);

/* What the last bind offered was not accepted. */
void rpc_tell_refused(struct rpc_fragment *f);
/* The server took the client's proof, or it did not: the logon is told, unless it was. */
void rpc_logon_decided(struct rpc_fragment *f, bool accepted);
/* All calls without reply are told. */
void rpc_calls_end(struct rpc_fragment *f);

#endif
