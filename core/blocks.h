/* A pool of equal blocks, and chains of blocks: where bytes wait that must outlive their packet.
 *
 * Out-of-order segments, half-read messages, bodies and unanswered requests all wait in chains from
 * one pool, so that one cap bounds them all and nothing fragments. The pool is reserved at start
 * and touched as far as it is used; when it is empty, appending fails and `refused` counts it.
 * One thread owns a pool. */
#ifndef CMTAP_CORE_BLOCKS_H
#define CMTAP_CORE_BLOCKS_H

#include "core/arena.h"

#define BLOCK_SIZE 2048

struct blocks {
	uint8_t *base;
	uint32_t *next;      /* the link of each block: its successor + 1, 0 at the end */
	uint32_t count;      /* blocks in the pool */
	uint32_t fresh;      /* blocks never used yet start here */
	uint32_t free;       /* head of the given-back blocks, + 1 */
	uint32_t used, peak; /* blocks in chains, now and at most */
	uint64_t refused;    /* appends that found the pool empty */
};

/* Bytes in blocks. All zero is an empty chain. */
struct chain {
	uint32_t first, last; /* blocks + 1 */
	uint32_t len;         /* bytes held */
};

/* Reserves `count` blocks. False when the system refuses. */
bool blocks_open(struct blocks *pool, uint32_t count);
void blocks_close(struct blocks *pool);

/* Appends a copy of `b`; false, with the chain unchanged, when the pool has not enough blocks. */
bool chain_append(struct blocks *pool, struct chain *chain, struct bytes b);

/* Gives all blocks back and leaves the chain empty. */
void chain_free(struct blocks *pool, struct chain *chain);

/* The bytes as one view: of the block itself where there is only one, else of a copy in `scratch`
 * (empty when that is full). Valid until the chain changes or the arena is reset. */
struct bytes chain_view(const struct blocks *pool, const struct chain *chain,
                        struct arena *scratch);

/* The same to be changed in place; NULL where the view is empty. What is changed stays so in the
 * chain where that has one block only. */
void *chain_piece(const struct blocks *pool, const struct chain *chain, struct arena *scratch);

/* A single block, zeroed, for records that are changed in place: its number, or 0 when the pool is
 * empty. `behind` is a block that the new one is linked to, or 0. */
uint32_t block_take(struct blocks *pool, uint32_t behind);
/* Gives back a block and all that it is linked to. */
void block_give(struct blocks *pool, uint32_t block);

static inline uint8_t *block_at(const struct blocks *pool, uint32_t block)
{
	return pool->base + (size_t)(block - 1) * BLOCK_SIZE;
}

#endif
