/* Reserving address space. Large pieces ask for huge pages: they are walked at random, and a miss
 * in the processor's page table cache costs more than the memory access itself, most of all in a
 * virtual machine. */
#include "core/memory.h"

#include <sys/mman.h>

#define HUGE_FROM  (4u << 20)
#define SMALL_PART (2u << 20)

void *memory_reserve(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	if (size >= HUGE_FROM)
		madvise(at, size, MADV_HUGEPAGE);
	return at;
}

void *memory_reserve_growing(size_t size)
{
	void *at = memory_reserve(size);

	if (at && size >= HUGE_FROM)
		madvise(at, SMALL_PART, MADV_NOHUGEPAGE);
	return at;
}

void memory_prepare(void *at, size_t size)
{
	/* Systems before Linux 5.14 do not know it: pages come one by one then. */
	madvise(at, size, MADV_POPULATE_WRITE);
}

void memory_release(void *at, size_t size)
{
	if (at)
		munmap(at, size);
}
