/* Digests and the encodings of bytes as text, by OpenSSL where it is cryptography. */
#ifndef CMTAP_DISSECTORS_DIGEST_H
#define CMTAP_DISSECTORS_DIGEST_H

#include "core/arena.h"

/* The SHA-256 of `data` as 64 lower-case hexadecimal digits in the arena; empty when that is full.
 */
struct bytes sha256_hex(struct bytes data, struct arena *arena);

/* The MD5 as 32 digits, where something is named by it. */
struct bytes md5_hex(struct bytes data, struct arena *arena);

/* The bytes that hexadecimal text stands for, in the arena. Blanks and line ends are passed over;
 * anything else that is no digit ends the text. */
struct bytes hex_decode(struct bytes text, struct arena *arena);

/* The bytes that base64 text stands for (RFC 4648 section 4), in the arena; empty when it is none.
 */
struct bytes base64_decode(struct bytes text, struct arena *arena);

/* A part of a URL without percent-encoding (RFC 3986 section 2.1), in the arena; the text itself
 * when there is none in it, or no room. What is no encoding stays as it is. */
struct bytes percent_decode(struct bytes text, struct arena *arena);

#endif
