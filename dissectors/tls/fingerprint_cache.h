/* Fingerprints that were made before: most hellos are those of a few programs.
 *
 * What a fingerprint is made of is kept whole and compared byte for byte, so one out of the cache
 * is the one that would have been made. A worker owns its cache. */
#ifndef CMTAP_DISSECTORS_TLS_FINGERPRINT_CACHE_H
#define CMTAP_DISSECTORS_TLS_FINGERPRINT_CACHE_H

#include "dissectors/tls/fingerprint.h"

/* NULL when there is no memory. */
struct tls_fingerprints *tls_fingerprints_open(void);
void tls_fingerprints_close(struct tls_fingerprints *cache);

struct tls_client_fingerprints {
	struct bytes ja3, ja4;
};

/* As tls_ja3(), tls_ja4() and tls_ja3s() make them, in the arena. Without a cache (NULL) they are
 * made each time. */
struct tls_client_fingerprints tls_client_fingerprints(struct tls_fingerprints *cache,
                                                       const struct tls_hello *hello,
                                                       struct arena *arena);
struct bytes tls_server_fingerprint(struct tls_fingerprints *cache, const struct tls_hello *hello,
                                    struct arena *arena);

#endif
