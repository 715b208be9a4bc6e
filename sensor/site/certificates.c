/* The memory of certificates: found by the SHA-256 of what was sent, read and judged once. */
#include "sensor/site/certificates.h"

#include "core/hash.h"
#include "core/table.h"
#include "sensor/site/certificate_private.h"

#include <openssl/sha.h>
#include <stdlib.h>

/* Of a list only so many are looked at: a real chain has two to four. */
#define CHAIN_MOST 8

struct certificates {
	struct certificate *at;
	struct table table;
	uint32_t count, cap, hand;
	struct certificate *latest; /* given out last: it is still in use */
	const struct trust *trust;
	struct counters *counters;
};

struct certificates *certificates_open(uint32_t count, struct counters *counters)
{
	struct certificates *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->cap = count;
	c->counters = counters;
	c->at = calloc(count, sizeof(*c->at));
	if (c->at && table_open(&c->table, count))
		return c;
	certificates_close(c);
	return NULL;
}

void certificates_close(struct certificates *c)
{
	if (!c)
		return;
	table_close(&c->table);
	free(c->at);
	free(c);
}

static uint64_t hash_of(const uint8_t key[32])
{
	return hash_bytes((struct bytes){key, 32});
}

void certificates_trust(struct certificates *c, const struct trust *trust)
{
	for (uint32_t i = 0; i < c->count; i++)
		table_remove(&c->table, hash_of(c->at[i].key), i);
	c->count = c->hand = 0;
	c->latest = NULL;
	c->trust = trust;
}

/* A fresh place, or that of the longest unseen of a few. */
static struct certificate *place(struct certificates *c)
{
	struct certificate *oldest = NULL;

	if (c->count < c->cap)
		return &c->at[c->count++];
	for (int i = 0; i < 16; i++) {
		struct certificate *one = &c->at[c->hand];

		c->hand = c->hand + 1 == c->cap ? 0 : c->hand + 1;
		if (one != c->latest && (!oldest || one->last_seen < oldest->last_seen))
			oldest = one;
	}
	table_remove(&c->table, hash_of(oldest->key), (uint32_t)(oldest - c->at));
	count(c->counters, COUNTER_CERTIFICATES_EVICTED);
	return oldest;
}

static X509 *parse(struct bytes der)
{
	const unsigned char *at = der.at;

	return der.len && der.len <= INT32_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
}

/* Reads all of a list; the first certificate is the one that counts. */
static void look_at(const struct certificates *c, struct certificate *record, struct reader list)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	struct bytes der = reader_take(&list, reader_u24be(&list));
	X509 *first = parse(der);

	SHA256(der.at, der.len, record->hash);
	certificate_describe(record, first);
	for (int i = 1; others && i < CHAIN_MOST && reader_left(&list); i++) {
		X509 *other = parse(reader_take(&list, reader_u24be(&list)));

		if (other && !sk_X509_push(others, other))
			X509_free(other);
	}
	if (first && others)
		certificate_judge(record, first, others, c->trust);
	sk_X509_pop_free(others, X509_free);
	X509_free(first);
}

const struct certificate *certificates_find(struct certificates *c, struct bytes list, int64_t now)
{
	uint8_t key[32];
	uint32_t at = TABLE_NONE, found;
	struct reader r = reader_over(list);
	struct reader check = r;

	reader_take(&check, reader_u24be(&check));
	if (!list.len || !reader_ok(&check))
		return NULL;
	SHA256(list.at, list.len, key);
	while ((found = table_next(&c->table, hash_of(key), &at)) != TABLE_NONE)
		if (!memcmp(c->at[found].key, key, sizeof(key))) {
			c->at[found].last_seen = now;
			return c->latest = &c->at[found];
		}

	struct certificate *record = place(c);

	*record = (struct certificate){.last_seen = now};
	memcpy(record->key, key, sizeof(key));
	look_at(c, record, r);
	table_add(&c->table, hash_of(key), (uint32_t)(record - c->at));
	count(c->counters, COUNTER_CERTIFICATES);
	return c->latest = record;
}

/* `*.corp.example` fits one label more, and nothing else. */
static bool fits(struct bytes pattern, struct bytes name)
{
	if (pattern.len < 3 || pattern.at[0] != '*' || pattern.at[1] != '.')
		return bytes_equal_fold(pattern, name);

	ptrdiff_t dot = bytes_find(name, BYTES("."));

	return dot > 0 && bytes_equal_fold(bytes_slice(pattern, 1, pattern.len),
	                                   bytes_slice(name, (size_t)dot, name.len));
}

bool certificate_has_name(const struct certificate *certificate, struct bytes name)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < certificate->name_count; i++)
		if (fits(certificate->name[i], name))
			return true;
	/* Common names count only where there are no alternative ones. */
	for (size_t i = 0; !certificate->has_dns_names && i < certificate->common_names.count; i++)
		if (fits(certificate->common_names.at[i], name))
			return true;
	return false;
}
