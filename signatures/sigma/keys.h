/* Key values: what an event says in the fields that a correlation groups by or counts. */
#ifndef CMTAP_SIGNATURES_SIGMA_KEYS_H
#define CMTAP_SIGNATURES_SIGMA_KEYS_H

#include "core/event.h"
#include "signatures/sigma/correlation.h"

/* A field that is a list counts once for each element, at most so many times for an event. */
#define KEYS_COMBINATIONS_MAX 16

/* One scalar: TEXT, INTEGER, BOOLEAN, ADDRESS or TIME. Texts are views. */
struct key {
	enum field_type type;
	union value value;
};

struct keys {
	struct key at[CORRELATION_KEYS_MAX];
	unsigned count;
};

/* All combinations of the values that the sources have in an event; `inner` is what a hit of
 * another correlation groups by, or NULL. Returns how many; 0 when one of the sources has no value.
 */
unsigned keys_find(const struct source *source, unsigned count, const struct event *ev,
                   const struct keys *inner, struct keys to[KEYS_COMBINATIONS_MAX]);

/* The same values have the same hash, others (as far as 64 keyed bits go) another. */
uint64_t keys_hash(const struct keys *k, uint64_t seed);

/* The same in every process: see steady_hash(). Never 0. */
uint64_t keys_steady_hash(const struct keys *k);

/* For people: one behind the other, as far as there is room. Returns `to`. */
const char *keys_print(const struct keys *k, char *to, size_t room);

/* Writes them into at most `room` bytes; texts that do not fit are cut. */
struct bytes keys_pack(const struct keys *k, uint8_t *to, size_t room);
/* Reads them back, as views into `packed`. */
void keys_unpack(struct bytes packed, struct keys *k);

#endif
