/* HMAC and key derivation against published vectors; what suites' names say. */
#include "dissectors/digest.h"
#include "dissectors/tls/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <stdlib.h>

static struct arena arena;
static unsigned allocations;

static void *counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return malloc(size);
}

static void *counted_realloc(void *at, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	allocations++;
	return realloc(at, size);
}

static void plain_free(void *at, const char *file, int line)
{
	(void)file;
	(void)line;
	free(at);
}

static struct bytes hex(const char *digits)
{
	return hex_decode(bytes_of(digits), &arena);
}

static int open_crypto(void **state)
{
	*state = tls_crypto_open();
	return *state && arena_open(&arena, 1 << 16) ? 0 : 1;
}

static int close_crypto(void **state)
{
	tls_crypto_close(*state);
	arena_close(&arena);
	return 0;
}

/* RFC 4231 section 4.3. */
static void hmac_gives_the_published_value(void **state)
{
	struct bytes parts[2] = {BYTES("what do ya want "), BYTES("for nothing?")};
	uint8_t mac[TLS_MAC_MAX];

	(void)state;
	assert_true(tls_hmac(HASH_SHA256, BYTES("Jefe"), parts, 2, mac));
	assert_memory_equal(
	        mac, hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").at,
	        32);
	assert_true(tls_hmac(HASH_SHA384, BYTES("Jefe"), parts, 2, mac));
	assert_memory_equal(mac,
	                    hex("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
	                        "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")
	                            .at,
	                    48);
}

/* RFC 8448 section 3: the server's handshake traffic secret, its key and IV. */
static void expand_label_gives_the_published_keys(void **state)
{
	struct bytes secret =
	        hex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
	uint8_t key[16], iv[12];

	(void)state;
	assert_true(tls_expand_label(HASH_SHA256, secret, "key", key, sizeof(key)));
	assert_memory_equal(key, hex("3fce516009c21727d0f2e4e86ee403bc").at, sizeof(key));
	assert_true(tls_expand_label(HASH_SHA256, secret, "iv", iv, sizeof(iv)));
	assert_memory_equal(iv, hex("5d313eb2671276ee13000b30").at, sizeof(iv));
}

/* The vector that IETF's TLS list published for P_SHA256, of which all implementations test. */
static void the_prf_gives_the_published_stretch(void **state)
{
	uint8_t stretch[100];

	(void)state;
	assert_true(tls_prf(HASH_SHA256, hex("9bbe436ba940f017b17652849a71db35"), "test label",
	                    hex("a0ba9f936cda311827a6f796ffd5198c"), stretch, sizeof(stretch)));
	assert_memory_equal(stretch,
	                    hex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
	                        "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
	                        "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
	                        "87347b66")
	                            .at,
	                    sizeof(stretch));
}

static void names_of_suites_say_how_records_are_closed(void **state)
{
	static const struct {
		const char *name;
		struct tls_suite suite;
	} cases[] = {
	        {"TLS_AES_128_GCM_SHA256", {CIPHER_AES_128_GCM, HASH_SHA256, HASH_SHA256}},
	        {"TLS_AES_256_GCM_SHA384", {CIPHER_AES_256_GCM, HASH_SHA384, HASH_SHA384}},
	        {"TLS_CHACHA20_POLY1305_SHA256",
	         {CIPHER_CHACHA20_POLY1305, HASH_SHA256, HASH_SHA256}},
	        {"TLS_RSA_WITH_AES_128_CBC_SHA", {CIPHER_AES_128_CBC, HASH_SHA256, HASH_SHA1}},
	        {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
	         {CIPHER_AES_256_CBC, HASH_SHA384, HASH_SHA384}},
	        {"TLS_RSA_WITH_3DES_EDE_CBC_SHA", {CIPHER_3DES_CBC, HASH_SHA256, HASH_SHA1}},
	        {"TLS_AES_128_CCM_SHA256", {CIPHER_AES_128_CCM, HASH_SHA256, HASH_SHA256}},
	        {"TLS_AES_128_CCM_8_SHA256", {CIPHER_AES_128_CCM_8, HASH_SHA256, HASH_SHA256}},
	        {"TLS_RSA_WITH_AES_256_CCM", {CIPHER_AES_256_CCM, HASH_SHA256, HASH_SHA1}},
	        {"TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
	         {CIPHER_AES_256_CCM_8, HASH_SHA256, HASH_SHA1}},
	        {"TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", {CIPHERS, HASH_SHA256, HASH_SHA256}},
	        {"TLS_RSA_WITH_RC4_128_SHA", {CIPHERS, HASH_SHA256, HASH_SHA1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tls_suite suite = tls_suite_of(bytes_of(cases[i].name));

		assert_int_equal(suite.cipher, cases[i].suite.cipher);
		assert_int_equal(suite.prf, cases[i].suite.prf);
		assert_int_equal(suite.mac, cases[i].suite.mac);
	}
}

/* What CCM closed: NIST SP 800-38C example 3, the first two of Wycheproof's aes_ccm_test; with keys
 * of 256 bits, what PyCryptodome 3.11 makes of the example. */
static void ccm_opens_what_was_published(void **state)
{
#define EXAMPLE                                                                                    \
	"101112131415161718191a1b", "000102030405060708090a0b0c0d0e0f10111213",                    \
	        "202122232425262728292a2b2c2d2e2f3031323334353637"
	static const struct {
		enum tls_cipher cipher;
		const char *key, *nonce, *associated, *clear, *sealed;
	} cases[] = {
	        {CIPHER_AES_128_CCM_8, "404142434445464748494a4b4c4d4e4f", EXAMPLE,
	         "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
	        {CIPHER_AES_128_CCM, "bedcfb5a011ebc84600fcb296c15af0d", "438a547a94ea88dce46c6c85",
	         "", "", "25d1a38495a7dea45bda049705627d10"},
	        {CIPHER_AES_128_CCM, "384ea416ac3c2f51a76e7d8226346d4e", "b30c084727ad1c592ac21d12",
	         "", "35", "d76be3fd13b7065afc19e3b8a3b96b39fb"},
	        {CIPHER_AES_256_CCM,
	         "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f", EXAMPLE,
	         "04f883aeb3bd0730eaf50bb6de4fa2212034e4e41b0e75e59bba3f3a107f3239bd63902923f8037"
	         "1"},
	        {CIPHER_AES_256_CCM_8,
	         "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f", EXAMPLE,
	         "04f883aeb3bd0730eaf50bb6de4fa2212034e4e41b0e75e52b48c8766f7e7649"},
	};
	uint8_t to[64], changed[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes clear = hex(cases[i].clear), sealed = hex(cases[i].sealed);
		struct bytes associated = hex(cases[i].associated);
		const uint8_t *key = hex(cases[i].key).at, *nonce = hex(cases[i].nonce).at;

		assert_int_equal(sealed.len, clear.len + tls_cipher_tag(cases[i].cipher));
		assert_true(
		        tls_open_aead(*state, cases[i].cipher, key, nonce, associated, sealed, to));
		assert_memory_equal(to, clear.at, clear.len);
		/* No bit of it may be another one; and a refusal spoils nothing for the next. */
		for (size_t at = 0; at < sealed.len; at++) {
			memcpy(changed, sealed.at, sealed.len);
			changed[at] ^= 1;
			assert_false(tls_open_aead(*state, cases[i].cipher, key, nonce, associated,
			                           (struct bytes){changed, sealed.len}, to));
		}
		assert_true(
		        tls_open_aead(*state, cases[i].cipher, key, nonce, associated, sealed, to));
	}
}

static void what_is_too_short_does_not_open(void **state)
{
	static const uint8_t zero[32];
	uint8_t to[32];

	for (unsigned i = 0; i < CIPHERS; i++)
		for (size_t n = 0; n <= 17 && !tls_cipher_is_cbc((enum tls_cipher)i); n++)
			assert_false(tls_open_aead(*state, (enum tls_cipher)i, zero, zero,
			                           (struct bytes){zero, 5}, (struct bytes){zero, n},
			                           to));
	for (size_t n = 0; n < 16; n++)
		assert_false(tls_open_cbc(*state, CIPHER_AES_128_CBC, zero, zero,
		                          (struct bytes){zero, n}, to));
}

static void nothing_allocates_once_it_is_open(void **state)
{
	static const uint8_t zero[64];
	struct bytes zeros = {zero, 48};
	uint8_t to[64];
	unsigned before = allocations;

	assert_true(before);
	for (unsigned i = 0; i < CIPHERS; i++) {
		enum tls_cipher cipher = (enum tls_cipher)i;

		if (tls_cipher_is_cbc(cipher))
			assert_true(tls_open_cbc(*state, cipher, zero, zero, zeros, to));
		else
			assert_false(tls_open_aead(*state, cipher, zero, zero, zeros, zeros, to));
	}
	assert_true(tls_open_aead(*state, CIPHER_AES_128_CCM,
	                          hex("bedcfb5a011ebc84600fcb296c15af0d").at,
	                          hex("438a547a94ea88dce46c6c85").at, BYTES(""),
	                          hex("25d1a38495a7dea45bda049705627d10"), to));
	assert_true(tls_prf(HASH_SHA384, zeros, "label", zeros, to, 40));
	assert_true(tls_expand_label(HASH_SHA256, zeros, "key", to, 16));
	assert_true(tls_hmac(HASH_SHA1, zeros, &zeros, 1, to));
	assert_int_equal(allocations, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_crypto, close_crypto)
	        TEST(hmac_gives_the_published_value),
	        TEST(expand_label_gives_the_published_keys),
	        TEST(the_prf_gives_the_published_stretch),
	        TEST(names_of_suites_say_how_records_are_closed),
	        TEST(ccm_opens_what_was_published),
	        TEST(what_is_too_short_does_not_open),
	        TEST(nothing_allocates_once_it_is_open),
	};

	CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
