/* Memory of a rule set: chunks, cut into pieces one behind the other. One thread loads a set. */
#include "signatures/sigma/rule_memory.h"

#include <stdlib.h>

#define CHUNK_SIZE (64u << 10)

struct memory_chunk {
	struct memory_chunk *next;
	size_t left;
	uint8_t *at;
	max_align_t bytes[];
};

void *memory_alloc(struct memory *m, size_t n)
{
	size_t size = (n + 15) & ~(size_t)15;
	struct memory_chunk *c = m->chunks;

	if (!c || c->left < size) {
		size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;

		c = size < n ? NULL : calloc(1, sizeof(*c) + room);
		if (!c)
			longjmp(m->out, 1);
		c->left = room;
		c->at = (uint8_t *)c->bytes;
		if (m->chunks && room == size) { /* a piece of its own: the open chunk stays open */
			c->next = m->chunks->next;
			m->chunks->next = c;
		} else {
			c->next = m->chunks;
			m->chunks = c;
		}
	}

	void *at = c->at;

	c->at += size;
	c->left -= size;
	return at;
}

void *memory_room(struct memory *m, void *array, size_t count, size_t size)
{
	void *grown;

	if (count ? count < 4 || (count & (count - 1)) : array != NULL)
		return array;
	grown = memory_alloc(m, (count ? count * 2 : 4) * size);
	if (count)
		memcpy(grown, array, count * size);
	return grown;
}

struct bytes memory_copy(struct memory *m, struct bytes b)
{
	uint8_t *copy = memory_alloc(m, b.len + 1);

	if (b.len)
		memcpy(copy, b.at, b.len);
	return (struct bytes){copy, b.len};
}

const char *memory_text(struct memory *m, const char *text)
{
	return text ? (const char *)memory_copy(m, bytes_of(text)).at : NULL;
}

void memory_free(struct memory *m)
{
	for (struct memory_chunk *c = m->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	m->chunks = NULL;
}
