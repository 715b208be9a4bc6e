/* IP addresses of both families in one shape, and networks of them.
 *
 * An IPv4 address is kept as its v4-mapped IPv6 form (::ffff:a.b.c.d), so that one comparison and
 * one hash serve both. */
#ifndef CMTAP_CORE_ADDRESS_H
#define CMTAP_CORE_ADDRESS_H

#include "core/bytes.h"

struct address {
	uint8_t at[16];
};

struct network {
	struct address base;
	uint8_t prefix; /* bits of the 128; a v4 network /24 has 120 */
};

#define ADDRESS_TEXT_MAX 46

/* From 4 or 16 bytes in network order; all zero for any other length. The four bytes go in with two
 * whole words: a word that was written in parts is slow to read back. */
static inline struct address address_from(struct bytes b)
{
	struct address a = {{0}};

	if (b.len == 4) {
		uint8_t low[8] = {0, 0, 0xff, 0xff, b.at[0], b.at[1], b.at[2], b.at[3]};

		memcpy(a.at + 8, low, sizeof(low));
	} else if (b.len == 16) {
		memcpy(a.at, b.at, 16);
	}
	return a;
}

static inline bool address_equal(struct address a, struct address b)
{
	return !memcmp(a.at, b.at, sizeof(a.at));
}

/* One half of the address as a word in the machine's own order: for hashing and comparing only. */
static inline uint64_t address_half(const struct address *a, size_t which)
{
	uint64_t word;

	memcpy(&word, a->at + 8 * which, sizeof(word));
	return word;
}

bool address_is_v4(struct address a);
/* All zero: no address. */
bool address_is_zero(struct address a);
/* Multicast of either family, or the IPv4 limited broadcast. */
bool address_is_multicast(struct address a);

/* The canonical text (RFC 5952 for IPv6), NUL-terminated. Returns `text`. */
const char *address_print(struct address a, char text[ADDRESS_TEXT_MAX]);
/* False when `text` is no address. */
bool address_parse(struct bytes text, struct address *a);

/* `a.b.c.d/n`, `x::y/n`, or a bare address as a network of one. NULL, or what is wrong with it. */
const char *network_parse(struct bytes text, struct network *n);
/* `192.0.2.0/24`, or the address alone where the network is one address. Returns `text`. */
#define NETWORK_TEXT_MAX (ADDRESS_TEXT_MAX + 4)
const char *network_print(struct network n, char text[NETWORK_TEXT_MAX]);
bool network_contains(struct network n, struct address a);

#endif
