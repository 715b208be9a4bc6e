/* Bytes that end where readable memory ends: whoever reads one byte more crashes. */
#ifndef CMTAP_TESTS_SUPPORT_GUARD_H
#define CMTAP_TESTS_SUPPORT_GUARD_H

#include "core/bytes.h"

/* A copy of `b`, at most 1 MiB, right before a page that nobody may touch. Valid until the next
 * call. */
struct bytes guarded(struct bytes b);

#endif
