/* The cache of fingerprints: a place for each hash of what they are made of; the last one has it.
 *
 * A key is all of a hello that JA3, JA3S or JA4 reads, and nothing else: so random bytes, names of
 * servers and keys make no difference. Numbers of lists are written without those of RFC 8701, each
 * list behind how many it has. */
#include "dissectors/tls/fingerprint_cache.h"

#include "core/hash.h"

#include <stdlib.h>

#define PLACES  256 /* a power of two */
#define KEY_MAX 440 /* of longer hellos each fingerprint is made anew */

#define JA3_TEXT 32
#define JA4_TEXT 36

struct place {
	uint16_t key_len, ja3_len, ja4_len;
	uint8_t ja3[JA3_TEXT], ja4[JA4_TEXT];
	uint8_t key[KEY_MAX];
};

struct tls_fingerprints {
	struct place place[PLACES];
};

struct tls_fingerprints *tls_fingerprints_open(void)
{
	return calloc(1, sizeof(struct tls_fingerprints));
}

void tls_fingerprints_close(struct tls_fingerprints *cache)
{
	free(cache);
}

/* A key that grows; `full` when it is too long to be kept. */
struct key {
	uint8_t at[KEY_MAX];
	size_t len;
	bool full;
};

static void put(struct key *key, uint16_t number)
{
	if (key->len + sizeof(number) > KEY_MAX) {
		key->full = true;
		return;
	}
	memcpy(&key->at[key->len], &number, sizeof(number));
	key->len += sizeof(number);
}

/* How many numbers a list has is known behind it, and is written before it. */
static size_t list_begins(struct key *key)
{
	put(key, 0);
	return key->len;
}

static void list_ends(struct key *key, size_t begun)
{
	uint16_t len = (uint16_t)(key->len - begun);

	if (!key->full)
		memcpy(&key->at[begun - sizeof(len)], &len, sizeof(len));
}

static void put_list(struct key *key, struct bytes numbers)
{
	struct reader r = reader_over(numbers);
	size_t begun = list_begins(key);

	while (reader_left(&r) >= 2 && !key->full) {
		uint16_t number = reader_u16be(&r);

		if (!tls_is_grease(number))
			put(key, number);
	}
	list_ends(key, begun);
}

static void put_extensions(struct key *key, struct bytes extensions)
{
	struct reader r = reader_over(extensions);
	size_t begun = list_begins(key);
	struct bytes data;
	uint16_t type;

	while (!key->full && tls_next_extension(&r, &type, &data))
		if (!tls_is_grease(type))
			put(key, type);
	list_ends(key, begun);
}

static void put_bytes(struct key *key, struct bytes numbers)
{
	struct reader r = reader_over(numbers);
	size_t begun = list_begins(key);

	while (reader_left(&r) && !key->full)
		put(key, reader_u8(&r));
	list_ends(key, begun);
}

enum of { CLIENT_HELLO, SERVER_HELLO };

static void put_hello(struct key *key, enum of of, const struct tls_hello *h)
{
	struct reader protocol = reader_over(h->protocols);

	key->len = 0;
	key->full = false;
	put(key, (uint16_t)of);
	put(key, h->version);
	put_list(key, h->suites);
	put_extensions(key, h->extensions);
	if (of == SERVER_HELLO)
		return;
	put(key, h->has_server_name);
	put_list(key, h->groups);
	put_bytes(key, h->point_formats);
	put_list(key, h->signature_algorithms);
	put_list(key, h->versions);
	put_bytes(key, reader_take(&protocol, reader_u8(&protocol)));
}

static struct place *place_of(struct tls_fingerprints *cache, const struct key *key)
{
	return &cache->place[hash_bytes((struct bytes){key->at, key->len}) % PLACES];
}

static bool is_at(const struct place *place, const struct key *key)
{
	return place->key_len == key->len && !memcmp(place->key, key->at, key->len);
}

/* Only what is whole is kept: what is missing or longer may be so for want of memory. */
static void remember(struct place *place, const struct key *key, struct bytes ja3, struct bytes ja4)
{
	if (ja3.len != JA3_TEXT || ja4.len > JA4_TEXT)
		return;
	memcpy(place->ja3, ja3.at, ja3.len);
	if (ja4.len)
		memcpy(place->ja4, ja4.at, ja4.len);
	memcpy(place->key, key->at, key->len);
	place->ja3_len = (uint16_t)ja3.len;
	place->ja4_len = (uint16_t)ja4.len;
	place->key_len = (uint16_t)key->len;
}

struct tls_client_fingerprints tls_client_fingerprints(struct tls_fingerprints *cache,
                                                       const struct tls_hello *hello,
                                                       struct arena *arena)
{
	struct tls_client_fingerprints made;
	struct place *place = NULL;
	struct key key;

	if (cache && !hello->of_sslv2) {
		put_hello(&key, CLIENT_HELLO, hello);
		place = key.full ? NULL : place_of(cache, &key);
	}
	if (place && is_at(place, &key)) {
		made.ja3 = arena_copy(arena, (struct bytes){place->ja3, place->ja3_len});
		made.ja4 = arena_copy(arena, (struct bytes){place->ja4, place->ja4_len});
		return made;
	}
	made.ja3 = tls_ja3(hello, arena);
	made.ja4 = tls_ja4(hello, arena);
	if (place && made.ja4.len == JA4_TEXT)
		remember(place, &key, made.ja3, made.ja4);
	return made;
}

struct bytes tls_server_fingerprint(struct tls_fingerprints *cache, const struct tls_hello *hello,
                                    struct arena *arena)
{
	struct place *place = NULL;
	struct bytes made;
	struct key key;

	if (cache) {
		put_hello(&key, SERVER_HELLO, hello);
		place = key.full ? NULL : place_of(cache, &key);
	}
	if (place && is_at(place, &key))
		return arena_copy(arena, (struct bytes){place->ja3, place->ja3_len});
	made = tls_ja3s(hello, arena);
	if (place)
		remember(place, &key, made, (struct bytes){0});
	return made;
}
