/* The little of a call's arguments that is read without knowing its interface definition. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_ARGUMENT_H
#define CMTAP_DISSECTORS_DCE_RPC_ARGUMENT_H

#include "core/arena.h"
#include "core/reader.h"

/* Numbers in the byte order of the sender. */
struct ndr {
	struct reader r;
	bool big; /* big endian */
};

static inline uint16_t ndr_u16(struct ndr *n)
{
	return n->big ? reader_u16be(&n->r) : reader_u16le(&n->r);
}

static inline uint32_t ndr_u32(struct ndr *n)
{
	return n->big ? reader_u32be(&n->r) : reader_u32le(&n->r);
}

static inline uint64_t ndr_u64(struct ndr *n)
{
	return n->big ? reader_u64be(&n->r) : reader_u64le(&n->r);
}

#define RPC_ARGUMENT_MAX 512 /* bytes of a stub in which texts are looked for */

/* The first UNC path among the texts at the beginning of a stub, or else the first text, as UTF-8
 * in the arena; empty when there is none. */
struct bytes rpc_argument(struct bytes stub, bool big, struct arena *arena);

/* The host of a UNC path, without port or `@SSL`; empty when it is no UNC path. */
struct bytes unc_host(struct bytes path);

/* What a protocol tower says (C706 appendix L): an interface, and where it can be reached. */
struct rpc_tower {
	bool known;
	uint8_t uuid[16];
	uint16_t port; /* of TCP; 0: another transport */
};

/* The first tower in the stub of ept_map or of its reply. */
struct rpc_tower rpc_tower_find(struct bytes stub);

#endif
