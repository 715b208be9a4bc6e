/* Arenas over anonymous memory, which the system hands out page by page as it is first touched. */
#include "core/arena.h"

#include "core/memory.h"

#include <stdarg.h>
#include <stdio.h>

bool arena_open(struct arena *a, size_t size)
{
	void *base = memory_reserve_growing(size);

	*a = (struct arena){0};
	if (!base)
		return false;
	a->base = base;
	a->size = size;
	return true;
}

void arena_close(struct arena *a)
{
	memory_release(a->base, a->size);
	*a = (struct arena){0};
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t start = (a->used + 15) & ~(size_t)15;

	if (start > a->size || n > a->size - start) {
		a->refused++;
		return NULL;
	}
	a->used = start + n;
	return a->base + start;
}

struct bytes arena_copy(struct arena *a, struct bytes b)
{
	uint8_t *copy = b.len ? arena_alloc(a, b.len) : NULL;

	if (!copy)
		return (struct bytes){0};
	memcpy(copy, b.at, b.len);
	return (struct bytes){copy, b.len};
}

struct bytes arena_print(struct arena *a, const char *format, ...)
{
	size_t start = (a->used + 15) & ~(size_t)15;
	size_t room = start < a->size ? a->size - start : 0;
	va_list args;

	va_start(args, format);
	int len = vsnprintf(room ? (char *)a->base + start : NULL, room, format, args);
	va_end(args);

	/* What did not fit is refused, and not used. */
	uint8_t *text = len > 0 ? arena_alloc(a, (size_t)len + 1) : NULL;

	return (struct bytes){text, text ? (size_t)len : 0};
}
