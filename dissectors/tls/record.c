/* Opening one record of TLS 1.2 or 1.3, with keys that are known.
 *
 *    TLS 1.3            AEAD( bytes | type | zeros )                  (RFC 8446 section 5.2)
 *    TLS 1.2, GCM       explicit nonce 8 | AEAD( bytes )              (RFC 5288 section 3)
 *    TLS 1.2, CCM       explicit nonce 8 | AEAD( bytes )              (RFC 6655 section 3)
 *    TLS 1.2, ChaCha20  AEAD( bytes )                                 (RFC 7905 section 2)
 *    TLS 1.2, CBC       IV | CBC( bytes | MAC | padding )             (RFC 5246 section 6.2.3.2)
 *                       IV | CBC( bytes | padding ) | MAC             (RFC 7366 section 3)
 */
#include "dissectors/tls/plain.h"

#define NONCE_EXPLICIT 8

/* What MACs and AEAD of TLS 1.2 cover besides the bytes: sequence number 8, type, version 2, length
 * 2. */
#define PSEUDO_HEAD 13

static void put_sequence(uint8_t to[8], uint64_t sequence)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(sequence >> (56 - 8 * i));
}

static void pseudo_head(uint8_t to[PSEUDO_HEAD], uint64_t sequence, const uint8_t head[5],
                        size_t length)
{
	put_sequence(to, sequence);
	memcpy(to + 8, head, 3);
	to[11] = (uint8_t)(length >> 8);
	to[12] = (uint8_t)length;
}

/* The IV with the sequence number over its end. */
static void mixed_nonce(uint8_t nonce[TLS_NONCE], const struct tls_keys *keys)
{
	uint8_t sequence[8];

	memcpy(nonce, keys->iv, TLS_NONCE);
	put_sequence(sequence, keys->sequence);
	for (int i = 0; i < 8; i++)
		nonce[TLS_NONCE - 8 + i] ^= sequence[i];
}

static bool open_13(struct tls_crypto *c, const struct tls_plain *p, const struct tls_keys *keys,
                    const uint8_t head[5], struct bytes body, uint8_t *to,
                    struct tls_opened *opened)
{
	uint8_t nonce[TLS_NONCE];
	size_t n = body.len;

	mixed_nonce(nonce, keys);
	if (!tls_open_aead(c, p->suite.cipher, keys->key, nonce, (struct bytes){head, 5}, body, to))
		return false;
	n -= tls_cipher_tag(p->suite.cipher);
	while (n && !to[n - 1])
		n--;
	if (!n)
		return false;
	*opened = (struct tls_opened){to[n - 1], {to, n - 1}};
	return true;
}

static bool open_aead(struct tls_crypto *c, const struct tls_plain *p, const struct tls_keys *keys,
                      const uint8_t head[5], struct bytes body, uint8_t *to,
                      struct tls_opened *opened)
{
	uint8_t nonce[TLS_NONCE], covered[PSEUDO_HEAD];
	size_t explicit = tls_cipher_sends_nonce(p->suite.cipher) ? NONCE_EXPLICIT : 0;
	size_t tag = tls_cipher_tag(p->suite.cipher);
	struct bytes sealed = bytes_slice(body, explicit, body.len);

	if (sealed.len < tag)
		return false;
	if (explicit) {
		memcpy(nonce, keys->iv, TLS_NONCE - NONCE_EXPLICIT);
		memcpy(nonce + TLS_NONCE - NONCE_EXPLICIT, body.at, NONCE_EXPLICIT);
	} else {
		mixed_nonce(nonce, keys);
	}
	pseudo_head(covered, keys->sequence, head, sealed.len - tag);
	*opened = (struct tls_opened){head[0], {to, sealed.len - tag}};
	return tls_open_aead(c, p->suite.cipher, keys->key, nonce,
	                     (struct bytes){covered, sizeof(covered)}, sealed, to);
}

static bool mac_fits(const struct tls_plain *p, const struct tls_keys *keys, const uint8_t head[5],
                     struct bytes covered, struct bytes mac)
{
	uint8_t front[PSEUDO_HEAD], right[TLS_MAC_MAX];
	size_t size = tls_hash_size(p->suite.mac);
	struct bytes parts[2] = {{front, sizeof(front)}, covered};

	pseudo_head(front, keys->sequence, head, covered.len);
	return mac.len == size &&
	       tls_hmac(p->suite.mac, (struct bytes){keys->mac, size}, parts, 2, right) &&
	       !memcmp(mac.at, right, size);
}

/* What is left without padding; each of its bytes, and the last one, says how many precede it. */
static bool without_padding(struct bytes *bytes)
{
	size_t padding = bytes->len ? bytes->at[bytes->len - 1] : 0;

	if (padding + 1 > bytes->len)
		return false;
	for (size_t i = 0; i <= padding; i++)
		if (bytes->at[bytes->len - 1 - i] != padding)
			return false;
	bytes->len -= padding + 1;
	return true;
}

static bool open_cbc(struct tls_crypto *c, const struct tls_plain *p, const struct tls_keys *keys,
                     const uint8_t head[5], struct bytes body, uint8_t *to,
                     struct tls_opened *opened)
{
	size_t mac = tls_hash_size(p->suite.mac), iv = tls_cipher_block(p->suite.cipher);
	struct bytes closed = body, vector, plain;

	if (body.len < iv + mac)
		return false;
	if (p->separate_mac) {
		closed = bytes_slice(body, 0, body.len - mac);
		if (!mac_fits(p, keys, head, closed, bytes_slice(body, closed.len, mac)))
			return false;
	}
	vector = bytes_slice(closed, 0, iv);
	plain = (struct bytes){to, closed.len - iv};
	if (!tls_open_cbc(c, p->suite.cipher, keys->key, vector.at,
	                  bytes_slice(closed, iv, closed.len), to) ||
	    !without_padding(&plain))
		return false;
	if (!p->separate_mac) {
		if (plain.len < mac)
			return false;
		plain.len -= mac;
		if (!mac_fits(p, keys, head, plain,
		              bytes_slice((struct bytes){to, plain.len + mac}, plain.len, mac)))
			return false;
	}
	*opened = (struct tls_opened){head[0], plain};
	return true;
}

bool tls_open_record(struct dissection *d, struct tls_plain *p, enum side from,
                     const uint8_t head[5], struct bytes body, struct tls_opened *opened)
{
	struct tls_crypto *c = d->bench->crypto;
	struct tls_keys *keys = &p->keys[from];
	uint8_t *to = arena_alloc(&d->bench->scratch, body.len + 1);
	bool ok;

	if (!to)
		return false;
	if (p->version == TLS_1_3)
		ok = open_13(c, p, keys, head, body, to, opened);
	else if (tls_cipher_is_cbc(p->suite.cipher))
		ok = open_cbc(c, p, keys, head, body, to, opened);
	else
		ok = open_aead(c, p, keys, head, body, to, opened);
	if (ok)
		keys->sequence++;
	return ok;
}
