/* Counts what a test allocates: the packet path must not. Works under ASan and TSan, which all unit
 * tests are built with one of; elsewhere it counts nothing. */
#ifndef CMTAP_TESTS_UNIT_SENSOR_PACKET_ALLOCATIONS_H
#define CMTAP_TESTS_UNIT_SENSOR_PACKET_ALLOCATIONS_H

#include <stddef.h>

static volatile unsigned allocations;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ALLOCATIONS_SEEN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ALLOCATIONS_SEEN
#endif

#ifdef ALLOCATIONS_SEEN
/* As in sanitizer/allocator_interface.h, which Debian's gcc comes without. */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *));

static inline void allocation_seen(const volatile void *at, size_t size)
{
	(void)at;
	(void)size;
	allocations++;
}

static inline void release_seen(const volatile void *at)
{
	(void)at;
}

static inline void allocations_watch(void)
{
	__sanitizer_install_malloc_and_free_hooks(allocation_seen, release_seen);
}
#else
static inline void allocations_watch(void)
{
}
#endif

#endif
