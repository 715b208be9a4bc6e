/* From secrets to the keys of one direction.
 *
 * TLS 1.2 (RFC 5246 section 6.3): one stretch of bytes, cut into
 *    MAC key of the client, of the server; key of the client, of the server; IV of both
 * TLS 1.3 (RFC 8446 section 7.3): each from the traffic secret of its direction. */
#include "dissectors/tls/plain.h"

#include <openssl/crypto.h>

#define STRETCH_MAX (2 * (TLS_MAC_MAX + TLS_KEY_MAX + TLS_IV_MAX))

/* Bytes of the IV that are part of the stretch: a part of the nonce, or all of it. CBC suites send
 * theirs with each record since TLS 1.1. */
static size_t fixed_iv(enum tls_cipher cipher)
{
	if (tls_cipher_is_cbc(cipher))
		return 0;
	return tls_cipher_sends_nonce(cipher) ? 4 : TLS_NONCE;
}

static void take(struct reader *r, enum side side, uint8_t *to, size_t size)
{
	struct bytes both = reader_take(r, 2 * size);
	struct bytes mine = bytes_slice(both, side == CLIENT ? 0 : size, size);

	if (mine.len)
		memcpy(to, mine.at, mine.len);
}

bool tls_keys_of_master(struct tls_plain *p, enum side side, struct bytes master)
{
	enum tls_cipher cipher = p->suite.cipher;
	size_t mac = tls_cipher_is_cbc(cipher) ? tls_hash_size(p->suite.mac) : 0;
	size_t key = tls_cipher_key(cipher), iv = fixed_iv(cipher);
	uint8_t stretch[STRETCH_MAX], seed[2 * TLS_RANDOM];
	struct reader r = reader_over((struct bytes){stretch, 2 * (mac + key + iv)});
	struct tls_keys *keys = &p->keys[side];

	memcpy(seed, p->random[SERVER], TLS_RANDOM);
	memcpy(seed + TLS_RANDOM, p->random[CLIENT], TLS_RANDOM);
	if (!tls_prf(p->suite.prf, master, "key expansion", (struct bytes){seed, sizeof(seed)},
	             stretch, 2 * (mac + key + iv)))
		return false;
	*keys = (struct tls_keys){.active = true};
	take(&r, side, keys->mac, mac);
	take(&r, side, keys->key, key);
	take(&r, side, keys->iv, iv);
	OPENSSL_cleanse(stretch, sizeof(stretch));
	return true;
}

static struct bytes secret_of(const struct tls_plain *p, const struct tls_keys *keys)
{
	return (struct bytes){keys->secret, tls_hash_size(p->suite.prf)};
}

bool tls_keys_of_secret(const struct tls_plain *p, struct tls_keys *keys)
{
	struct bytes secret = secret_of(p, keys);

	keys->sequence = 0;
	keys->active = tls_expand_label(p->suite.prf, secret, "key", keys->key,
	                                tls_cipher_key(p->suite.cipher)) &&
	               tls_expand_label(p->suite.prf, secret, "iv", keys->iv, TLS_NONCE);
	return keys->active;
}

bool tls_keys_update(const struct tls_plain *p, struct tls_keys *keys)
{
	return tls_expand_label(p->suite.prf, secret_of(p, keys), "traffic upd", keys->secret,
	                        tls_hash_size(p->suite.prf)) &&
	       tls_keys_of_secret(p, keys);
}
