/* Large pieces of memory, reserved at start and handed out by the system as they are first touched.
 */
#ifndef CMTAP_CORE_MEMORY_H
#define CMTAP_CORE_MEMORY_H

#include <stddef.h>

/* Reserves `size` bytes that read as zero. NULL when the system refuses. */
void *memory_reserve(size_t size);

/* Gives them back; `at` may be NULL. */
/* Gives a reserved piece its pages now, instead of each one when it is first touched. */
void memory_prepare(void *at, size_t size);
void memory_release(void *at, size_t size);

#endif
