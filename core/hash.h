/* Hashing of keys that an attacker may choose: XXH3 under a secret made anew in each process. */
#ifndef CMTAP_CORE_HASH_H
#define CMTAP_CORE_HASH_H

#include "core/bytes.h"

/* The hash of a key. The same in every thread of one process, different in the next process, so it
 * must never decide what a document says or in which order documents come. */
uint64_t hash_bytes(struct bytes key);

/* The process's secret. */
#define HASH_SECRET_WORDS 24
extern uint64_t hash_secret[HASH_SECRET_WORDS];

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of a key of five words: XXH3's step for short keys (each pair of words under its own
 * pair of secret ones, multiplied and folded), for keys that are in registers already. It is made
 * for every packet. */
static inline uint64_t hash_five(const uint64_t word[5])
{
	uint64_t sum = hash_fold(word[0] ^ hash_secret[0], word[1] ^ hash_secret[1]) +
	               hash_fold(word[2] ^ hash_secret[2], word[3] ^ hash_secret[3]);

	return hash_fold(sum ^ hash_secret[4], word[4] ^ hash_secret[5]);
}

#endif
