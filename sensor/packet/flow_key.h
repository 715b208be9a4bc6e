/* The key of a flow: its endpoints in an order that does not depend on the direction, its protocol,
 * and the hash by which the flow table finds it. */
#ifndef CMTAP_SENSOR_PACKET_FLOW_KEY_H
#define CMTAP_SENSOR_PACKET_FLOW_KEY_H

#include "core/address.h"
#include "core/hash.h"
#include "core/table.h"

struct flow_key {
	struct address address[2];
	uint16_t port[2];
	uint8_t protocol;
	uint8_t zero[3]; /* the key is hashed and compared whole */
};

/* The 40 bytes of a key as five numbers, in this machine's byte order. */
struct flow_words {
	uint64_t at[5];
};

_Static_assert(sizeof(struct flow_key) == sizeof(struct flow_words), "a key is five words");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "ports lie in a word as flow_words_of() puts them");

static inline struct flow_words flow_key_words(const struct flow_key *key)
{
	struct flow_words w;

	memcpy(&w, key, sizeof(w));
	return w;
}

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
	struct flow_words x = flow_key_words(a), y = flow_key_words(b);
	uint64_t different = 0;

	for (int i = 0; i < 5; i++)
		different |= x.at[i] ^ y.at[i];
	return !different;
}

/* The key of a packet, its hash, and which of the key's endpoints sent it. */
struct flow_lookup {
	struct flow_key key;
	uint64_t hash;
	uint32_t place; /* where its flow probably lies, or TABLE_NONE */
	uint8_t sender;
};

/* One end of a packet, its address in two halves (address_half()). */
struct flow_end_point {
	uint64_t low, high;
	uint16_t port;
};

/* Whether the destination stands first in the key. Any order of the two will do, so the quickest.
 */
static inline bool flow_is_turned(struct flow_end_point source, struct flow_end_point destination)
{
	if (source.high != destination.high)
		return source.high > destination.high;
	if (source.low != destination.low)
		return source.low > destination.low;
	return source.port > destination.port;
}

/* One of two numbers, chosen without a jump: which end sends changes from packet to packet, so that
 * no processor guesses it. */
static inline uint64_t flow_choose(bool second, uint64_t a, uint64_t b)
{
	return a ^ ((a ^ b) & -(uint64_t)second);
}

static inline struct flow_words flow_words_of(struct flow_end_point source,
                                              struct flow_end_point destination, uint8_t protocol,
                                              bool turned)
{
	uint64_t first_port = flow_choose(turned, source.port, destination.port);
	uint64_t second_port = flow_choose(turned, destination.port, source.port);

	return (struct flow_words){{
	        flow_choose(turned, source.low, destination.low),
	        flow_choose(turned, source.high, destination.high),
	        flow_choose(turned, destination.low, source.low),
	        flow_choose(turned, destination.high, source.high),
	        (uint64_t)protocol << 32 | second_port << 16 | first_port,
	}};
}

#endif
