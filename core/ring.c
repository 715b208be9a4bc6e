/* The ring: each record carries its length in front; one that would wrap starts anew at the base,
 * and so does the next one when the consumer has taken everything: a consumer that keeps up then
 * finds each record where the processor's cache still has the one before. */
#include "core/ring.h"

#include "core/memory.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* In front of each record. `size` 0 tells the consumer to go on at the base of the ring. */
struct record {
	size_t size;   /* bytes of the record */
	size_t stride; /* bytes to the next one */
};

/* Starting anew is not worth its while before so large a part of the ring was used. */
#define SHORT_ROUND 256

bool ring_open(struct ring *r, size_t size)
{
	size_t pages = 65536;

	while (pages < size)
		pages *= 2;
	*r = (struct ring){.size = pages};
	r->base = memory_reserve_growing(pages);
	return r->base;
}

void ring_close(struct ring *r)
{
	memory_release(r->base, r->size);
	r->base = NULL;
}

static struct record *record_at(const struct ring *r, size_t position)
{
	return (struct record *)(r->base + (position & (r->size - 1)));
}

/* A record with what stands in front of it. */
static size_t stride_of(size_t size)
{
	return (sizeof(struct record) + size + 15) & ~(size_t)15;
}

void *ring_reserve(struct ring *r, size_t size)
{
	size_t stride = stride_of(size);
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
	size_t at = head & (r->size - 1), to_end = r->size - at;
	bool anew = head == tail && at >= r->size / SHORT_ROUND && at >= stride;
	size_t skip = stride > to_end || anew ? to_end : 0;

	if (size > ring_largest(r) || stride + skip > r->size - (head - tail))
		return NULL;
	if (skip)
		*record_at(r, head) = (struct record){.size = 0, .stride = skip};

	struct record *record = record_at(r, head + skip);

	*record = (struct record){.size = size, .stride = stride};
	r->reserved = head + skip;
	r->head_pending = head + skip + stride;
	return record + 1;
}

void ring_shrink(struct ring *r, size_t size)
{
	*record_at(r, r->reserved) = (struct record){.size = size, .stride = stride_of(size)};
	r->head_pending = r->reserved + stride_of(size);
}

void ring_commit(struct ring *r)
{
	atomic_store_explicit(&r->head, r->head_pending, memory_order_release);
}

void ring_finish(struct ring *r)
{
	atomic_store_explicit(&r->closed, 1, memory_order_release);
	syscall(SYS_futex, &r->closed, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void ring_rest(struct ring *r, long nanoseconds)
{
	struct timespec most = {nanoseconds / 1000000000, nanoseconds % 1000000000};

	syscall(SYS_futex, &r->closed, FUTEX_WAIT_PRIVATE, 0, &most, NULL, 0);
}

void *ring_peek(struct ring *r, size_t *size)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	while (tail != atomic_load_explicit(&r->head, memory_order_acquire)) {
		struct record *record = record_at(r, tail);

		if (record->size) {
			*size = record->size;
			return record + 1;
		}
		tail += record->stride;
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	return NULL;
}

void ring_release(struct ring *r)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store_explicit(&r->tail, tail + record_at(r, tail)->stride, memory_order_release);
}

bool ring_finished(struct ring *r)
{
	bool closed = atomic_load_explicit(&r->closed, memory_order_acquire);

	return closed && atomic_load_explicit(&r->tail, memory_order_relaxed) ==
	                         atomic_load_explicit(&r->head, memory_order_acquire);
}
