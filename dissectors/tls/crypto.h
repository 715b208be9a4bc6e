/* The cryptography that opens TLS records whose secrets are known: by OpenSSL, without allocating.
 *
 * Everything is fetched and made beforehand; one thread owns it. */
#ifndef CMTAP_DISSECTORS_TLS_CRYPTO_H
#define CMTAP_DISSECTORS_TLS_CRYPTO_H

#include "core/bytes.h"

#define TLS_KEY_MAX 32
#define TLS_IV_MAX  16
#define TLS_TAG_MAX 16
#define TLS_MAC_MAX 48
#define TLS_NONCE   12

enum tls_cipher {
	CIPHER_AES_128_GCM,
	CIPHER_AES_256_GCM,
	CIPHER_CHACHA20_POLY1305,
	CIPHER_AES_128_CCM,
	CIPHER_AES_256_CCM,
	CIPHER_AES_128_CCM_8,
	CIPHER_AES_256_CCM_8,
	CIPHER_AES_128_CBC,
	CIPHER_AES_256_CBC,
	CIPHER_3DES_CBC,
	CIPHERS,
};

enum tls_hash { HASH_SHA1, HASH_SHA256, HASH_SHA384, HASHES };

/* What the name of a suite says about how its records are closed. */
struct tls_suite {
	enum tls_cipher cipher; /* CIPHERS: one that is not opened */
	enum tls_hash prf, mac; /* of key derivation; of records, where the cipher is a CBC one */
};

struct tls_suite tls_suite_of(struct bytes name);

bool tls_cipher_is_cbc(enum tls_cipher cipher);
bool tls_cipher_sends_nonce(enum tls_cipher cipher); /* TLS 1.2: 8 bytes of it, with each record */
size_t tls_cipher_key(enum tls_cipher cipher);       /* bytes of its key */
size_t tls_cipher_tag(enum tls_cipher cipher);       /* of the tag of an AEAD one */
size_t tls_cipher_block(enum tls_cipher cipher); /* of a block, and of the vector, of a CBC one */
size_t tls_hash_size(enum tls_hash hash);

struct tls_crypto;

/* NULL when memory ran out, or this machine's OpenSSL lacks an algorithm. */
struct tls_crypto *tls_crypto_open(void);
void tls_crypto_close(struct tls_crypto *c);

/* HMAC (RFC 2104) over the parts, tls_hash_size() bytes. False when OpenSSL refuses. */
bool tls_hmac(enum tls_hash hash, struct bytes key, const struct bytes *parts, size_t count,
              uint8_t *mac);

/* The PRF of TLS 1.2 (RFC 5246 section 5): fills `to` with `size` bytes. */
bool tls_prf(enum tls_hash hash, struct bytes secret, const char *label, struct bytes seed,
             uint8_t *to, size_t size);

/* HKDF-Expand-Label with an empty context (RFC 8446 section 7.1), at most one hash long. */
bool tls_expand_label(enum tls_hash hash, struct bytes secret, const char *label, uint8_t *to,
                      size_t size);

/* Opens what an AEAD cipher closed: `sealed` ends with its tag; `to` gets the rest in clear. False
 * when it was not closed with this key. */
bool tls_open_aead(struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                   const uint8_t nonce[TLS_NONCE], struct bytes associated, struct bytes sealed,
                   uint8_t *to);

/* Decrypts whole blocks, padding included. */
bool tls_open_cbc(struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                  const uint8_t *vector, struct bytes blocks, uint8_t *to);

#endif
