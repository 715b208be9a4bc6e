/* Connection-oriented DCE/RPC, over TCP (dce_rpc_tcp.c) and inside SMB named pipes (pipe.c).
 *
 * A struct dce_rpc of zeros is a connection, or an open pipe, on which nothing was said. The worker
 * that owns the flow owns it. dce_rpc_end() gives its blocks back. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_H
#define CMTAP_DISSECTORS_DCE_RPC_H

#include "dissectors/auth/logon.h"

#define DCE_RPC_CONTEXTS 16 /* presentation contexts of a connection that are remembered */
#define DCE_RPC_CALLS    8  /* calls that wait for their reply */

/* What carries the bytes: told anew with every call. */
struct dce_rpc_carrier {
	struct bytes pipe; /* name of the pipe, without \PIPE\; empty over TCP */
	/* Adds what the carrier knows (account, ...) to an event; may be NULL. */
	void (*facts)(const void *context, struct event *ev);
	const void *context;
};

/* A presentation context: an interface that was bound under a number. */
struct dce_rpc_context {
	uint16_t id;
	uint16_t major, minor;
	uint8_t uuid[16]; /* its first three parts little endian, whatever the sender's order */
	int16_t known;    /* enum rpc_interface, or RPC_INTERFACE_UNKNOWN */
	bool accepted;
};

struct dce_rpc_call {
	uint32_t id;
	uint32_t place; /* on its connection, from 1; 0: its request was not seen */
	uint16_t opnum;
	uint8_t context;       /* place in the table of contexts, or DCE_RPC_CONTEXTS: not known */
	uint8_t type, level;   /* of its verifier, as on the wire; level 0xff: not known */
	struct chain argument; /* text among its arguments; of ept_map the UUID that it asks for */
	int64_t time;
};

struct dce_rpc {
	struct chain waiting[2]; /* of pipes: a fragment that is not whole */
	uint64_t skip[2];        /* of pipes: bytes of a fragment that nobody needs */
	bool stopped[2];         /* of pipes: nothing more can be read of this side */
	uint32_t needed[2];      /* of pipes: bytes without which `waiting` is not looked at */
	uint8_t call_count, context_count;
	uint8_t offered_count, offered[DCE_RPC_CONTEXTS]; /* by the last bind, in its order */
	uint8_t type, level; /* of the last verifier that a bind carried */
	bool clear;          /* a call was not sealed: everyone on the way can read it */
	uint32_t calls;
	struct dce_rpc_context context[DCE_RPC_CONTEXTS];
	struct dce_rpc_call call[DCE_RPC_CALLS]; /* the oldest first */
	struct logon logon; /* by the verifiers of bind, its answer and auth3 */
};

/* Whether these could be the first bytes of a fragment. */
enum likeness dce_rpc_likeness(struct bytes first);

/* Reads one fragment at the beginning of `in`. OK: `used` bytes are done, and the next `skip` bytes
 * belong to it too and are not needed. MORE: `used` is how many bytes are needed. */
enum verdict dce_rpc_fragment(struct dissection *d, struct dce_rpc *rpc,
                              const struct dce_rpc_carrier *carrier, enum side from,
                              struct bytes in, size_t *used, uint64_t *skip);

/* The same for the bytes of a pipe, cut anywhere: what is not whole waits in a chain of blocks. */
void dce_rpc_data(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                  enum side from, struct bytes data);

/* Bytes of a pipe will never be seen: where the next fragment of that side begins is not known. */
void dce_rpc_gap(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                 enum side from);

/* The pipe or connection is over: calls without reply are told. */
void dce_rpc_end(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier);

#endif
