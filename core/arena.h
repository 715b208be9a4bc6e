/* An arena: memory for many small things that all end at the same moment.
 *
 * The arena is one block of fixed size, reserved at start and touched only as far as it is used. An
 * allocation that does not fit gives NULL and is remembered in `refused`, so that its owner can
 * count it; nothing ever grows. One thread owns an arena. */
#ifndef CMTAP_CORE_ARENA_H
#define CMTAP_CORE_ARENA_H

#include "core/bytes.h"

struct arena {
	uint8_t *base;
	size_t size, used;
	uint64_t refused; /* allocations that did not fit since the arena was made */
};

/* Reserves `size` bytes of address space. False when the system refuses. */
bool arena_open(struct arena *a, size_t size);
void arena_close(struct arena *a);

/* `n` bytes aligned for any type, not zeroed, or NULL when the arena is full. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy of `b` in the arena; an empty view when it does not fit (and `refused` counts it). */
struct bytes arena_copy(struct arena *a, struct bytes b);

/* Formatted text in the arena, without a closing NUL in the view; empty when it does not fit. */
struct bytes arena_print(struct arena *a, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static inline void arena_reset(struct arena *a)
{
	a->used = 0;
}

/* What is allocated after a mark can be given back by returning to it. */
static inline size_t arena_mark(const struct arena *a)
{
	return a->used;
}

static inline void arena_return(struct arena *a, size_t mark)
{
	a->used = mark;
}

#endif
