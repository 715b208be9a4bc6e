/* Key values: finding, hashing and keeping them. No state. */
#include "signatures/sigma/keys.h"

#include "core/clock.h"
#include "core/hash.h"
#include "signatures/sigma/fact.h"
#include "signatures/sigma/sketch.h"

static struct key element_of(const struct event *ev, enum field f, size_t i)
{
	const union value *v = &ev->value[f];

	switch (field_info[f].type) {
	case TYPE_TEXTS:
		return (struct key){TYPE_TEXT, {.text = v->texts.at[i]}};
	case TYPE_INTEGERS:
		return (struct key){TYPE_INTEGER, {.integer = v->integers.at[i]}};
	case TYPE_ADDRESSES:
		return (struct key){TYPE_ADDRESS, {.address = v->addresses.at[i]}};
	case TYPE_TEXT:
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_TIME:
		break;
	}
	return (struct key){field_info[f].type, *v};
}

/* Multiplies the combinations so far with the elements of one more field. */
static unsigned combine(struct keys *to, unsigned combinations, const struct event *ev,
                        enum field f)
{
	size_t elements = fact_count(ev, f);
	unsigned made = combinations;

	for (size_t e = 1; e < elements && made < KEYS_COMBINATIONS_MAX; e++)
		for (unsigned c = 0; c < combinations && made < KEYS_COMBINATIONS_MAX; c++) {
			to[made] = to[c];
			to[made].at[to[made].count++] = element_of(ev, f, e);
			made++;
		}
	for (unsigned c = 0; c < combinations && elements; c++)
		to[c].at[to[c].count++] = element_of(ev, f, 0);
	return elements ? made : 0;
}

unsigned keys_find(const struct source *source, unsigned count, const struct event *ev,
                   const struct keys *inner, struct keys to[KEYS_COMBINATIONS_MAX])
{
	unsigned combinations = 1;

	to[0].count = 0;
	for (unsigned i = 0; i < count && combinations; i++) {
		if (!source[i].is_key) {
			combinations = combine(to, combinations, ev, source[i].field);
			continue;
		}
		for (unsigned c = 0; c < combinations; c++)
			to[c].at[to[c].count++] = inner->at[source[i].key];
	}
	return combinations;
}

static struct bytes bytes_of_key(const struct key *k)
{
	if (k->type == TYPE_TEXT)
		return k->value.text;
	if (k->type == TYPE_ADDRESS)
		return (struct bytes){k->value.address.at, sizeof(k->value.address.at)};
	return (struct bytes){(const uint8_t *)&k->value.integer, sizeof(k->value.integer)};
}

uint64_t keys_hash(const struct keys *k, uint64_t seed)
{
	uint64_t part[CORRELATION_KEYS_MAX * 2 + 1] = {seed};

	for (unsigned i = 0; i < k->count; i++) {
		part[1 + 2 * i] = k->at[i].type;
		part[2 + 2 * i] = hash_bytes(bytes_of_key(&k->at[i]));
	}
	return hash_bytes(
	        (struct bytes){(const uint8_t *)part, (1 + 2 * (size_t)k->count) * sizeof(*part)});
}

uint64_t keys_steady_hash(const struct keys *k)
{
	uint64_t part[CORRELATION_KEYS_MAX * 2], hash;

	for (unsigned i = 0; i < k->count; i++) {
		part[2 * i] = k->at[i].type;
		part[2 * i + 1] = steady_hash(bytes_of_key(&k->at[i]));
	}
	hash = steady_hash((struct bytes){(const uint8_t *)part, 2 * sizeof(*part) * k->count});
	return hash ? hash : 1;
}

struct bytes keys_pack(const struct keys *k, uint8_t *to, size_t room)
{
	size_t len = 0;

	for (unsigned i = 0; i < k->count; i++) {
		struct bytes b = bytes_of_key(&k->at[i]);
		size_t left = room - len - 2 * (size_t)(k->count - i);
		size_t n = b.len < left ? b.len : left;

		n = n < UINT8_MAX ? n : UINT8_MAX;
		to[len++] = (uint8_t)k->at[i].type;
		to[len++] = (uint8_t)n;
		if (n)
			memcpy(to + len, b.at, n);
		len += n;
	}
	return (struct bytes){to, len};
}

void keys_unpack(struct bytes packed, struct keys *k)
{
	k->count = 0;
	for (size_t at = 0; at + 2 <= packed.len && k->count < CORRELATION_KEYS_MAX;) {
		struct key *key = &k->at[k->count++];
		struct bytes b = bytes_slice(packed, at + 2, packed.at[at + 1]);

		*key = (struct key){.type = (enum field_type)packed.at[at]};
		if (key->type == TYPE_TEXT)
			key->value.text = b;
		else if (key->type == TYPE_ADDRESS)
			memcpy(key->value.address.at, b.at, b.len < 16 ? b.len : 16);
		else
			memcpy(&key->value.integer, b.at, b.len < 8 ? b.len : 8);
		at += 2 + b.len;
	}
}

const char *keys_print(const struct keys *k, char *to, size_t room)
{
	char text[ADDRESS_TEXT_MAX > TIME_TEXT_MAX ? ADDRESS_TEXT_MAX : TIME_TEXT_MAX];
	size_t len = 0;

	*to = 0;
	for (unsigned i = 0; i < k->count && len < room; i++) {
		const struct key *key = &k->at[i];
		const char *between = i ? ", " : "";

		if (key->type == TYPE_TEXT)
			len += (size_t)snprintf(to + len, room - len, "%s%.*s", between,
			                        (int)key->value.text.len,
			                        (const char *)key->value.text.at);
		else if (key->type == TYPE_ADDRESS)
			len += (size_t)snprintf(to + len, room - len, "%s%s", between,
			                        address_print(key->value.address, text));
		else if (key->type == TYPE_TIME)
			len += (size_t)snprintf(to + len, room - len, "%s%s", between,
			                        time_print(key->value.integer, text));
		else if (key->type == TYPE_BOOLEAN)
			len += (size_t)snprintf(to + len, room - len, "%s%s", between,
			                        key->value.integer ? "true" : "false");
		else
			len += (size_t)snprintf(to + len, room - len, "%s%lld", between,
			                        (long long)key->value.integer);
	}
	return to;
}
