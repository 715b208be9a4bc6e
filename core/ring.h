/* A ring of records between exactly one producer thread and one consumer thread, without locks.
 *
 * Records are whole and contiguous, up to `ring_largest()` bytes. The producer reserves, fills and
 * commits; the consumer peeks and releases. Memory is reserved at start and touched as it is used.
 */
#ifndef CMTAP_CORE_RING_H
#define CMTAP_CORE_RING_H

#include "core/bytes.h"

#include <stdatomic.h>

struct ring {
	uint8_t *base;
	size_t size;                      /* a power of two */
	_Alignas(64) _Atomic size_t head; /* written by the producer: bytes ever committed */
	size_t head_pending;              /* the producer's own: where the reserved record ends */
	size_t reserved;                  /* the producer's own: where it begins */
	_Alignas(64) _Atomic size_t tail; /* written by the consumer: bytes ever released */
	_Alignas(64) _Atomic uint32_t closed; /* the producer has finished */
};

/* Reserves a ring of at least `size` bytes. False when the system refuses. */
bool ring_open(struct ring *r, size_t size);
void ring_close(struct ring *r);

/* The largest record the ring takes. */
static inline size_t ring_largest(const struct ring *r)
{
	return r->size / 4;
}

/* Producer: room for a record of `size` bytes, aligned to 16, or NULL when the ring is full now. */
void *ring_reserve(struct ring *r, size_t size);
/* Producer: makes the reserved record smaller, before it is committed. */
void ring_shrink(struct ring *r, size_t size);
/* Producer: hands the reserved record over. */
void ring_commit(struct ring *r);
/* Producer: says that nothing more will come. */
void ring_finish(struct ring *r);

/* Consumer: the oldest record (writable until released), or NULL when there is none now. */
void *ring_peek(struct ring *r, size_t *size);
/* Consumer: gives the record of the last peek back. */
void ring_release(struct ring *r);
/* Consumer: sleeps so many nanoseconds, or until the producer has finished. New records do not end
 * it: nobody pays for waking the consumer while there is much to do. */
void ring_rest(struct ring *r, long nanoseconds);
/* Consumer: nothing is left and nothing more will come. */
bool ring_finished(struct ring *r);

#endif
