/* Hashing of keys that an attacker may choose: XXH3 under a secret made anew in each process. */
#ifndef CMTAP_CORE_HASH_H
#define CMTAP_CORE_HASH_H

#include "core/bytes.h"

/* The hash of a key. The same in every thread of one process, different in the next process, so it
 * must never decide what a document says or in which order documents come. */
uint64_t hash_bytes(struct bytes key);

#endif
