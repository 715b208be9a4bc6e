/* HMAC, the key derivations of TLS 1.2 and 1.3, AEAD and CBC, with contexts that are made once.
 *
 * A cipher context is initialised anew with a key and a nonce, never with a cipher: that would
 * allocate. So would each use of EVP's digests and HMAC; OpenSSL's own functions for SHA work on
 * the stack, and are deprecated in favour of those all the same. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "dissectors/tls/crypto.h"

#include "core/reader.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#define HASH_BLOCK_MAX 128
#define LABEL_MAX      64

static const struct {
	const char *name; /* OpenSSL's */
	const char *part; /* of the names of suites */
	enum mode { GCM, POLY1305, CCM, CBC } mode;
	uint8_t key;
	uint8_t tag;   /* of an AEAD cipher */
	uint8_t block; /* of a CBC one */
} ciphers[CIPHERS] = {
        [CIPHER_AES_128_GCM] = {"AES-128-GCM", "_AES_128_GCM_", GCM, 16, 16, 0},
        [CIPHER_AES_256_GCM] = {"AES-256-GCM", "_AES_256_GCM_", GCM, 32, 16, 0},
        [CIPHER_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", "_CHACHA20_POLY1305_", POLY1305, 32, 16,
                                      0},
        /* The parts of CCM end names as well: a later one in this list is the longer one. */
        [CIPHER_AES_128_CCM] = {"AES-128-CCM", "_AES_128_CCM", CCM, 16, 16, 0},
        [CIPHER_AES_256_CCM] = {"AES-256-CCM", "_AES_256_CCM", CCM, 32, 16, 0},
        [CIPHER_AES_128_CCM_8] = {"AES-128-CCM", "_AES_128_CCM_8", CCM, 16, 8, 0},
        [CIPHER_AES_256_CCM_8] = {"AES-256-CCM", "_AES_256_CCM_8", CCM, 32, 8, 0},
        [CIPHER_AES_128_CBC] = {"AES-128-CBC", "_AES_128_CBC_", CBC, 16, 0, 16},
        [CIPHER_AES_256_CBC] = {"AES-256-CBC", "_AES_256_CBC_", CBC, 32, 0, 16},
        [CIPHER_3DES_CBC] = {"DES-EDE3-CBC", "_3DES_EDE_CBC_", CBC, 24, 0, 8},
};

static const struct {
	uint8_t size, block;
} hashes[HASHES] = {
        [HASH_SHA1] = {SHA_DIGEST_LENGTH, SHA_CBLOCK},
        [HASH_SHA256] = {SHA256_DIGEST_LENGTH, SHA256_CBLOCK},
        [HASH_SHA384] = {SHA384_DIGEST_LENGTH, SHA512_CBLOCK},
};

struct tls_crypto {
	EVP_CIPHER *cipher[CIPHERS];
	EVP_CIPHER_CTX *open[CIPHERS];
};

static bool ends_with(struct bytes name, const char *end)
{
	return bytes_ends_with_fold(name, bytes_of(end));
}

struct tls_suite tls_suite_of(struct bytes name)
{
	struct tls_suite suite = {CIPHERS, HASH_SHA256, HASH_SHA1};

	for (unsigned i = 0; i < CIPHERS; i++)
		if (bytes_find(name, bytes_of(ciphers[i].part)) >= 0)
			suite.cipher = (enum tls_cipher)i;
	if (ends_with(name, "_SHA384"))
		suite.prf = suite.mac = HASH_SHA384;
	else if (ends_with(name, "_SHA256"))
		suite.mac = HASH_SHA256;
	return suite;
}

bool tls_cipher_is_cbc(enum tls_cipher cipher)
{
	return ciphers[cipher].mode == CBC;
}

bool tls_cipher_sends_nonce(enum tls_cipher cipher)
{
	return ciphers[cipher].mode == GCM || ciphers[cipher].mode == CCM;
}

size_t tls_cipher_key(enum tls_cipher cipher)
{
	return ciphers[cipher].key;
}

size_t tls_cipher_tag(enum tls_cipher cipher)
{
	return ciphers[cipher].tag;
}

size_t tls_cipher_block(enum tls_cipher cipher)
{
	return ciphers[cipher].block;
}

size_t tls_hash_size(enum tls_hash hash)
{
	return hashes[hash].size;
}

/* CCM wants the sizes of nonce and tag before a key: both are part of what it computes. */
static bool prepare(EVP_CIPHER_CTX *open, const EVP_CIPHER *cipher, unsigned i)
{
	static const uint8_t nothing[TLS_KEY_MAX];

	if (ciphers[i].mode == CCM)
		return EVP_EncryptInit_ex2(open, cipher, NULL, NULL, NULL) == 1 &&
		       EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_IVLEN, TLS_NONCE, NULL) == 1 &&
		       EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_TAG, ciphers[i].tag, NULL) == 1;
	return EVP_DecryptInit_ex2(open, cipher, nothing, nothing, NULL) == 1 &&
	       (ciphers[i].mode != CBC || EVP_CIPHER_CTX_set_padding(open, 0) == 1);
}

static bool open_cipher(struct tls_crypto *c, unsigned i)
{
	c->cipher[i] = EVP_CIPHER_fetch(NULL, ciphers[i].name, NULL);
	c->open[i] = EVP_CIPHER_CTX_new();
	return c->cipher[i] && c->open[i] && prepare(c->open[i], c->cipher[i], i);
}

struct tls_crypto *tls_crypto_open(void)
{
	struct tls_crypto *c = calloc(1, sizeof(*c));
	bool ok = c;

	for (unsigned i = 0; ok && i < CIPHERS; i++)
		ok = open_cipher(c, i);
	if (ok)
		return c;
	tls_crypto_close(c);
	return NULL;
}

void tls_crypto_close(struct tls_crypto *c)
{
	if (!c)
		return;
	for (unsigned i = 0; i < CIPHERS; i++) {
		EVP_CIPHER_CTX_free(c->open[i]);
		EVP_CIPHER_free(c->cipher[i]);
	}
	free(c);
}

/* The context of whichever hash it is. */
union sum {
	SHA_CTX sha1;
	SHA256_CTX sha256;
	SHA512_CTX sha384;
};

static bool begin(enum tls_hash hash, union sum *sum)
{
	return hash == HASH_SHA1     ? SHA1_Init(&sum->sha1)
	       : hash == HASH_SHA256 ? SHA256_Init(&sum->sha256)
	                             : SHA384_Init(&sum->sha384);
}

static bool add(enum tls_hash hash, union sum *sum, struct bytes b)
{
	return hash == HASH_SHA1     ? SHA1_Update(&sum->sha1, b.at, b.len)
	       : hash == HASH_SHA256 ? SHA256_Update(&sum->sha256, b.at, b.len)
	                             : SHA384_Update(&sum->sha384, b.at, b.len);
}

static bool end(enum tls_hash hash, union sum *sum, uint8_t *to)
{
	return hash == HASH_SHA1     ? SHA1_Final(to, &sum->sha1)
	       : hash == HASH_SHA256 ? SHA256_Final(to, &sum->sha256)
	                             : SHA384_Final(to, &sum->sha384);
}

static bool digest(enum tls_hash hash, const struct bytes *parts, size_t count, uint8_t *to)
{
	union sum sum;
	bool ok = begin(hash, &sum);

	for (size_t i = 0; i < count; i++)
		ok = ok && add(hash, &sum, parts[i]);
	ok = ok && end(hash, &sum, to);
	OPENSSL_cleanse(&sum, sizeof(sum));
	return ok;
}

/* Keys are those of TLS, no longer than a hash, so never longer than its block. */
bool tls_hmac(enum tls_hash hash, struct bytes key, const struct bytes *parts, size_t count,
              uint8_t *mac)
{
	uint8_t inner[HASH_BLOCK_MAX] = {0}, outer[HASH_BLOCK_MAX] = {0};
	size_t block = hashes[hash].block;
	struct bytes all[8] = {{inner, block}};
	bool ok = count < sizeof(all) / sizeof(*all) && key.len <= block;

	for (size_t i = 0; ok && i < block; i++) {
		uint8_t byte = i < key.len ? key.at[i] : 0;

		inner[i] = byte ^ 0x36;
		outer[i] = byte ^ 0x5c;
	}
	for (size_t i = 0; ok && i < count; i++)
		all[i + 1] = parts[i];
	ok = ok && digest(hash, all, count + 1, mac);
	all[0] = (struct bytes){outer, block};
	all[1] = (struct bytes){mac, hashes[hash].size};
	ok = ok && digest(hash, all, 2, mac);
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(outer, sizeof(outer));
	return ok;
}

bool tls_prf(enum tls_hash hash, struct bytes secret, const char *label, struct bytes seed,
             uint8_t *to, size_t size)
{
	size_t each = hashes[hash].size, done = 0;
	uint8_t a[TLS_MAC_MAX], out[TLS_MAC_MAX];
	struct bytes parts[3] = {{0}, bytes_of(label), seed};
	bool ok = tls_hmac(hash, secret, parts + 1, 2, a);

	while (ok && done < size) {
		size_t n = size - done < each ? size - done : each;

		parts[0] = (struct bytes){a, each};
		ok = tls_hmac(hash, secret, parts, 3, out);
		memcpy(to + done, out, n);
		done += n;
		ok = ok && tls_hmac(hash, secret, parts, 1, a);
	}
	OPENSSL_cleanse(a, sizeof(a));
	OPENSSL_cleanse(out, sizeof(out));
	return ok;
}

/* HkdfLabel: length(2), "tls13 " and the label <1>, context <1>; then the counter of HKDF. */
bool tls_expand_label(enum tls_hash hash, struct bytes secret, const char *label, uint8_t *to,
                      size_t size)
{
	uint8_t info[LABEL_MAX], out[TLS_MAC_MAX];
	size_t length = strlen(label);
	struct bytes part = {info, length + 11};
	bool ok;

	if (part.len > sizeof(info) || size > hashes[hash].size)
		return false;
	info[0] = 0;
	info[1] = (uint8_t)size;
	info[2] = (uint8_t)(length + 6);
	memcpy(info + 3, "tls13 ", 6);
	memcpy(info + 9, label, length);
	info[length + 9] = 0;
	info[length + 10] = 1;
	ok = tls_hmac(hash, secret, &part, 1, out);
	if (ok)
		memcpy(to, out, size);
	OPENSSL_cleanse(out, sizeof(out));
	return ok;
}

static bool open_at_end(EVP_CIPHER_CTX *open, const uint8_t *key, const uint8_t *nonce,
                        struct bytes associated, struct bytes closed, struct bytes tag, uint8_t *to)
{
	uint8_t expected[TLS_TAG_MAX];
	int n = 0;

	memcpy(expected, tag.at, tag.len);
	return EVP_DecryptInit_ex2(open, NULL, key, nonce, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_AEAD_SET_TAG, (int)tag.len, expected) == 1 &&
	       EVP_DecryptUpdate(open, NULL, &n, associated.at, (int)associated.len) == 1 &&
	       (!closed.len || EVP_DecryptUpdate(open, to, &n, closed.at, (int)closed.len) == 1) &&
	       EVP_DecryptFinal_ex(open, to + closed.len, &n) == 1;
}

/* CCM is told the length before all else. `to` may be where the bytes are. */
static bool pass_ccm(EVP_CIPHER_CTX *close, const uint8_t *key, const uint8_t *nonce,
                     struct bytes associated, struct bytes in, uint8_t *to)
{
	int n = 0;

	return EVP_EncryptInit_ex2(close, NULL, key, nonce, NULL) == 1 &&
	       EVP_EncryptUpdate(close, NULL, &n, NULL, (int)in.len) == 1 &&
	       EVP_EncryptUpdate(close, NULL, &n, associated.at, (int)associated.len) == 1 &&
	       EVP_EncryptUpdate(close, to, &n, in.at, (int)in.len) == 1;
}

/* When OpenSSL refuses to open with CCM it allocates the text of an error. So it only ever closes:
 * what is closed once more is open, since CCM adds a stream that only key and nonce decide; and
 * closing that again gives the tag which it should have. */
static bool open_ccm(EVP_CIPHER_CTX *close, const uint8_t *key, const uint8_t *nonce,
                     struct bytes associated, struct bytes closed, struct bytes tag, uint8_t *to)
{
	uint8_t right[TLS_TAG_MAX];

	return pass_ccm(close, key, nonce, associated, closed, to) &&
	       pass_ccm(close, key, nonce, associated, (struct bytes){to, closed.len}, to) &&
	       EVP_CIPHER_CTX_ctrl(close, EVP_CTRL_AEAD_GET_TAG, (int)tag.len, right) == 1 &&
	       !memcmp(tag.at, right, tag.len) &&
	       pass_ccm(close, key, nonce, associated, closed, to);
}

bool tls_open_aead(struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                   const uint8_t nonce[TLS_NONCE], struct bytes associated, struct bytes sealed,
                   uint8_t *to)
{
	struct reader r = reader_over(sealed);
	size_t size = ciphers[cipher].tag;
	struct bytes closed, tag;

	if (sealed.len < size)
		return false;
	closed = reader_take(&r, sealed.len - size);
	tag = reader_take(&r, size);
	return (ciphers[cipher].mode == CCM ? open_ccm : open_at_end)(c->open[cipher], key, nonce,
	                                                              associated, closed, tag, to);
}

bool tls_open_cbc(struct tls_crypto *c, enum tls_cipher cipher, const uint8_t *key,
                  const uint8_t *vector, struct bytes blocks, uint8_t *to)
{
	EVP_CIPHER_CTX *open = c->open[cipher];
	int n = 0;

	return blocks.len && blocks.len % ciphers[cipher].block == 0 &&
	       EVP_DecryptInit_ex2(open, NULL, key, vector, NULL) == 1 &&
	       EVP_DecryptUpdate(open, to, &n, blocks.at, (int)blocks.len) == 1 &&
	       (size_t)n == blocks.len;
}
