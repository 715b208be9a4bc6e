/* Closing TLS 1.3 records (RFC 8446 section 5.2) by OpenSSL. */
#include "tests/support/tls_sealed.h"

#include "tests/support/tls_bytes.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* The random number of made_client_hello(). */
static struct bytes client_random(void)
{
	static struct made hello;

	hello.len = 0;
	made_client_hello(&hello, "mp01", 0);
	return (struct bytes){hello.at + 6, TLS_RANDOM};
}

struct tls_secrets *sealed_secrets(void)
{
	struct tls_secrets *s = tls_secrets_open(16);
	uint8_t secret[32];

	if (!s)
		abort();
	for (unsigned kind = SECRET_CLIENT_HANDSHAKE; kind < SECRETS; kind++) {
		memset(secret, (int)kind, sizeof(secret));
		tls_secrets_add(s, (enum tls_secret)kind, client_random(),
		                (struct bytes){secret, sizeof(secret)});
	}
	return s;
}

static void derive(struct sealer *s)
{
	struct bytes secret = {s->secret, sizeof(s->secret)};

	s->sequence = 0;
	if (!tls_expand_label(HASH_SHA256, secret, "key", s->key, sizeof(s->key)) ||
	    !tls_expand_label(HASH_SHA256, secret, "iv", s->iv, sizeof(s->iv)))
		abort();
}

void sealer_begin(struct sealer *s, enum tls_secret kind)
{
	memset(s->secret, (int)kind, sizeof(s->secret));
	derive(s);
}

void sealer_update(struct sealer *s)
{
	uint8_t next[32];

	if (!tls_expand_label(HASH_SHA256, (struct bytes){s->secret, 32}, "traffic upd", next,
	                      sizeof(next)))
		abort();
	memcpy(s->secret, next, sizeof(next));
	derive(s);
}

struct bytes sealed(struct sealer *s, uint8_t type, struct bytes content, size_t zeros)
{
	static uint8_t plain[1 << 15], record[(1 << 15) + 64];
	size_t size = content.len + 1 + zeros, whole = size + TLS_TAG_MAX;
	uint8_t nonce[TLS_NONCE];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;

	if (size > sizeof(plain))
		abort();
	memset(plain, 0, size);
	if (content.len)
		memcpy(plain, content.at, content.len);
	plain[content.len] = type;
	memcpy(record, "\x17\x03\x03", 3);
	record[3] = (uint8_t)(whole >> 8);
	record[4] = (uint8_t)whole;
	memcpy(nonce, s->iv, sizeof(nonce));
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= (uint8_t)(s->sequence >> (56 - 8 * i));
	s->sequence++;
	if (!c || EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, s->key, nonce) != 1 ||
	    EVP_EncryptUpdate(c, NULL, &n, record, 5) != 1 ||
	    EVP_EncryptUpdate(c, record + 5, &n, plain, (int)size) != 1 ||
	    EVP_EncryptFinal_ex(c, record + 5 + size, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TLS_TAG_MAX, record + 5 + size) != 1)
		abort();
	EVP_CIPHER_CTX_free(c);
	return (struct bytes){record, whole + 5};
}

void sealed_trial_open(struct trial *t, struct sealer side[2])
{
	struct made hello = {0}, record = {0};

	trial_open(t);
	t->server_port = 443;
	t->bench.secrets = sealed_secrets();
	t->bench.crypto = tls_crypto_open();
	trial_handshake(t);
	made_client_hello(&hello, "mp01", 0);
	made_record(&record, 22, made_view(&hello));
	trial_send(t, CLIENT, made_view(&record));
	hello.len = record.len = 0;
	made_server_hello(&hello, 0x0304, 0x1301, 0);
	made_record(&record, 22, made_view(&hello));
	trial_send(t, SERVER, made_view(&record));
	sealer_begin(&side[CLIENT], SECRET_CLIENT_HANDSHAKE);
	sealer_begin(&side[SERVER], SECRET_SERVER_HANDSHAKE);
}

void sealed_trial_close(struct trial *t)
{
	trial_close(t);
	tls_crypto_close(t->bench.crypto);
	tls_secrets_close((struct tls_secrets *)(uintptr_t)t->bench.secrets);
}
