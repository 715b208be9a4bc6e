/* Large pieces of memory, reserved at start and handed out by the system as they are first touched.
 */
#ifndef CMTAP_CORE_MEMORY_H
#define CMTAP_CORE_MEMORY_H

#include <stddef.h>

/* Reserves `size` bytes that read as zero. NULL when the system refuses. */
void *memory_reserve(size_t size);
/* For what is used from its start on, and mostly not far: that part has small pages. To clear a
 * huge one takes as long as to get hundreds of small ones. */
void *memory_reserve_growing(size_t size);

/* Gives a reserved piece its pages now, instead of each one when it is first touched. */
void memory_prepare(void *at, size_t size);
/* Gives reserved bytes back; `at` may be NULL. */
void memory_release(void *at, size_t size);

#endif
