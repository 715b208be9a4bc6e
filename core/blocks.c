/* The block pool: a free list of block numbers beside one reserved piece of memory. */
#include "core/blocks.h"

#include "core/memory.h"

bool blocks_open(struct blocks *pool, uint32_t count)
{
	*pool = (struct blocks){.count = count};
	pool->base = memory_reserve((size_t)count * BLOCK_SIZE);
	pool->next = memory_reserve((size_t)count * sizeof(*pool->next));
	if (!pool->base || !pool->next) {
		blocks_close(pool);
		return false;
	}
	return true;
}

void blocks_close(struct blocks *pool)
{
	memory_release(pool->base, (size_t)pool->count * BLOCK_SIZE);
	memory_release(pool->next, (size_t)pool->count * sizeof(*pool->next));
	*pool = (struct blocks){0};
}

static uint32_t take(struct blocks *pool)
{
	uint32_t block = pool->free;

	if (block)
		pool->free = pool->next[block - 1];
	else
		block = ++pool->fresh;
	pool->next[block - 1] = 0;
	if (++pool->used > pool->peak)
		pool->peak = pool->used;
	return block;
}

uint32_t block_take(struct blocks *pool, uint32_t behind)
{
	uint32_t block;

	if (pool->used == pool->count) {
		pool->refused++;
		return 0;
	}
	block = take(pool);
	memset(block_at(pool, block), 0, BLOCK_SIZE);
	pool->next[block - 1] = behind;
	return block;
}

void block_give(struct blocks *pool, uint32_t block)
{
	while (block) {
		uint32_t behind = pool->next[block - 1];

		pool->next[block - 1] = pool->free;
		pool->free = block;
		pool->used--;
		block = behind;
	}
}

bool chain_append(struct blocks *pool, struct chain *chain, struct bytes b)
{
	uint32_t tail = chain->len % BLOCK_SIZE;
	size_t room = tail ? BLOCK_SIZE - tail : 0;
	size_t wanted = b.len > room ? (b.len - room + BLOCK_SIZE - 1) / BLOCK_SIZE : 0;

	if (wanted > pool->count - pool->used || b.len > UINT32_MAX - chain->len) {
		pool->refused++;
		return false;
	}
	while (b.len) {
		tail = chain->len % BLOCK_SIZE;
		if (!tail) {
			uint32_t block = take(pool);

			if (chain->last)
				pool->next[chain->last - 1] = block;
			else
				chain->first = block;
			chain->last = block;
		}

		struct bytes part = bytes_slice(b, 0, BLOCK_SIZE - tail);

		memcpy(block_at(pool, chain->last) + tail, part.at, part.len);
		chain->len += (uint32_t)part.len;
		b = bytes_slice(b, part.len, b.len);
	}
	return true;
}

void chain_free(struct blocks *pool, struct chain *chain)
{
	uint32_t n = (chain->len + BLOCK_SIZE - 1) / BLOCK_SIZE;

	if (chain->last) {
		pool->next[chain->last - 1] = pool->free;
		pool->free = chain->first;
		pool->used -= n;
	}
	*chain = (struct chain){0};
}

void *chain_piece(const struct blocks *pool, const struct chain *chain, struct arena *scratch)
{
	if (!chain->len)
		return NULL;
	if (chain->len <= BLOCK_SIZE)
		return block_at(pool, chain->first);

	uint8_t *copy = arena_alloc(scratch, chain->len);
	size_t done = 0;

	if (!copy)
		return NULL;
	for (uint32_t block = chain->first; block; block = pool->next[block - 1]) {
		size_t part = chain->len - done < BLOCK_SIZE ? chain->len - done : BLOCK_SIZE;

		memcpy(copy + done, block_at(pool, block), part);
		done += part;
	}
	return copy;
}

struct bytes chain_view(const struct blocks *pool, const struct chain *chain, struct arena *scratch)
{
	const uint8_t *at = chain_piece(pool, chain, scratch);

	return (struct bytes){at, at ? chain->len : 0};
}
