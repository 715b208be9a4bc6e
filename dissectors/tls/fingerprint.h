/* Fingerprints of TLS programs by their hellos. */
#ifndef CMTAP_DISSECTORS_TLS_FINGERPRINT_H
#define CMTAP_DISSECTORS_TLS_FINGERPRINT_H

#include "dissectors/digest.h"
#include "dissectors/tls/hello.h"

/* JA3 of a ClientHello, JA3S of a ServerHello: MD5 in hexadecimal, in the arena. Empty when there
 * is no room, or no MD5 on this machine. */
struct bytes tls_ja3(const struct tls_hello *hello, struct arena *arena);
struct bytes tls_ja3s(const struct tls_hello *hello, struct arena *arena);

/* JA4 of a ClientHello over TCP. */
struct bytes tls_ja4(const struct tls_hello *hello, struct arena *arena);

#endif
