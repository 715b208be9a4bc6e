/* Connection-oriented DCE/RPC, over TCP (dce_rpc_tcp.c) and inside SMB named pipes.
 *
 * An SMB dissector keeps a struct dce_rpc with each pipe that is open, and shows it the bytes that
 * are written to the pipe (CLIENT) and read from it (SERVER), in order: the data of WRITE and READ,
 * both buffers of FSCTL_PIPE_TRANSCEIVE, both of SMB1's TransactNmPipe. Fragments may be cut
 * anywhere between calls; what is not whole waits in chains of blocks.
 *
 * A struct of zeros is a pipe on which nothing was said. dce_rpc_end() gives its blocks back. The
 * worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_H
#define CMTAP_DISSECTORS_DCE_RPC_H

#include "dissectors/auth/logon.h"

#define DCE_RPC_CONTEXTS 16 /* presentation contexts of one connection that are remembered */
#define DCE_RPC_CALLS    8  /* calls that wait for their reply; beyond it the oldest is told */

/* What carries the bytes: told anew with every call. */
struct dce_rpc_carrier {
	struct bytes pipe; /* name of the pipe, without \pipe\; empty over TCP */
	/* Adds what the carrier knows (account, share) to an event; may be NULL. */
	void (*facts)(const void *context, struct event *ev);
	const void *context;
};

struct dce_rpc_context {
	uint16_t id;
	uint8_t uuid[16]; /* as on the wire, first three parts little endian */
	uint16_t major, minor;
	int16_t known; /* its place in the table of interfaces, or -1 */
	bool used, refused;
};

struct dce_rpc_call {
	uint32_t id;
	uint16_t opnum;
	uint8_t context; /* place in the table of contexts, or DCE_RPC_CONTEXTS */
	uint8_t level;   /* authentication level of its verifier */
	bool over_cap;   /* its arguments were longer than what is kept */
	int64_t time;
	struct chain arguments; /* the beginning of them, of calls whose arguments are read */
};

struct dce_rpc {
	struct chain waiting[2]; /* a fragment that is not whole, of pipes */
	uint64_t skip[2];        /* bytes of a large fragment that nobody needs */
	bool stopped[2];         /* nothing more can be read of this side */
	bool lost;               /* bytes were missed: calls may be unknown */
	uint8_t call_count, context_count;
	uint8_t type, level; /* of the last verifier */
	struct dce_rpc_context context[DCE_RPC_CONTEXTS];
	struct dce_rpc_call call[DCE_RPC_CALLS];
	struct logon logon; /* by the verifiers of bind, bind_ack and auth3 */
};

void dce_rpc_data(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                  enum side from, struct bytes data);

/* Bytes of that side will never be seen. */
void dce_rpc_gap(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                 enum side from);

/* The pipe was closed, or its connection is over: calls without reply are told. */
void dce_rpc_end(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier);

#endif
