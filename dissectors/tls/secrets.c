/* The table of secrets: fixed places, found by kind and random number. */
#include "dissectors/tls/secrets.h"

#include "core/hash.h"
#include "core/table.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct secret {
	uint8_t key[1 + TLS_RANDOM]; /* its kind, then the random number */
	uint8_t length;
	uint8_t bytes[TLS_SECRET_MAX];
};

struct tls_secrets {
	struct table table;
	struct secret *secret;
	uint32_t count, most, left_out;
};

static const char *const labels[SECRETS] = {
        [SECRET_MASTER] = "CLIENT_RANDOM",
        [SECRET_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        [SECRET_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        [SECRET_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
        [SECRET_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};

enum tls_secret tls_secret_by_label(struct bytes label)
{
	unsigned kind = 0;

	while (kind < SECRETS && !bytes_equal(label, bytes_of(labels[kind])))
		kind++;
	return (enum tls_secret)kind;
}

struct tls_secrets *tls_secrets_open(uint32_t most)
{
	struct tls_secrets *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->most = most;
	s->secret = calloc(most, sizeof(*s->secret));
	if (s->secret && table_open(&s->table, most))
		return s;
	tls_secrets_close(s);
	return NULL;
}

void tls_secrets_close(struct tls_secrets *s)
{
	if (!s)
		return;
	if (s->secret)
		OPENSSL_cleanse(s->secret, s->count * sizeof(*s->secret));
	table_close(&s->table);
	free(s->secret);
	free(s);
}

static void make_key(uint8_t key[1 + TLS_RANDOM], enum tls_secret kind, struct bytes random)
{
	key[0] = (uint8_t)kind;
	memcpy(key + 1, random.at, TLS_RANDOM);
}

static const struct secret *find(const struct tls_secrets *s, const uint8_t key[1 + TLS_RANDOM])
{
	uint64_t hash = hash_bytes((struct bytes){key, 1 + TLS_RANDOM});
	uint32_t at = TABLE_NONE, place;

	while ((place = table_next(&s->table, hash, &at)) != TABLE_NONE)
		if (!memcmp(s->secret[place].key, key, 1 + TLS_RANDOM))
			return &s->secret[place];
	return NULL;
}

bool tls_secrets_add(struct tls_secrets *s, enum tls_secret kind, struct bytes random,
                     struct bytes secret)
{
	struct secret *to = &s->secret[s->count];
	uint8_t key[1 + TLS_RANDOM];

	make_key(key, kind, random);
	if (find(s, key))
		return true;
	if (s->count == s->most) {
		s->left_out++;
		return false;
	}
	memcpy(to->key, key, sizeof(key));
	memcpy(to->bytes, secret.at, secret.len);
	to->length = (uint8_t)secret.len;
	table_add(&s->table, hash_bytes((struct bytes){key, sizeof(key)}), s->count++);
	return true;
}

struct bytes tls_secrets_find(const struct tls_secrets *s, enum tls_secret kind,
                              struct bytes random)
{
	const struct secret *found;
	uint8_t key[1 + TLS_RANDOM];

	make_key(key, kind, random);
	found = find(s, key);
	return found ? (struct bytes){found->bytes, found->length} : (struct bytes){0};
}

uint32_t tls_secrets_count(const struct tls_secrets *s)
{
	return s->count;
}

uint32_t tls_secrets_left_out(const struct tls_secrets *s)
{
	return s->left_out;
}
