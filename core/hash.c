/* The keyed hash: XXH3 with 192 random bytes as its secret, drawn from the kernel before main(). */
#include "core/hash.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_secret[HASH_SECRET_WORDS];

_Static_assert(sizeof(hash_secret) == XXH3_SECRET_DEFAULT_SIZE, "the secret XXH3 wants");

__attribute__((constructor)) static void hash_draw_secret(void)
{
	struct timespec now;

	if (getrandom(hash_secret, sizeof(hash_secret), GRND_NONBLOCK) ==
	    (ssize_t)sizeof(hash_secret))
		return;
	/* An early-boot kernel without entropy: the clock and the stack's place are better than
	 * nothing. */
	clock_gettime(CLOCK_REALTIME, &now);
	XXH3_generateSecret(hash_secret, sizeof(hash_secret), &now, sizeof(now));
}

uint64_t hash_bytes(struct bytes key)
{
	return XXH3_64bits_withSecret(key.at, key.len, hash_secret, sizeof(hash_secret));
}
