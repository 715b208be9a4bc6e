/* An open-addressing hash table of numbers: it finds which record of its owner has a key.
 *
 * The table holds no keys and no records, only for each record its number and 32 bits of the key's
 * hash (from hash_bytes(), so nobody outside can choose collisions). The owner compares keys. Slots
 * are probed one after the other; removal closes the hole, so there are no tombstones and a look-up
 * never gets slower with age. The size is fixed at start: at most 7/8 of the slots are taken.
 * One thread owns a table. */
#ifndef CMTAP_CORE_TABLE_H
#define CMTAP_CORE_TABLE_H

#include "core/bytes.h"

#define TABLE_NONE UINT32_MAX

struct table {
	uint64_t *slot; /* hash bits << 32 | record + 1; 0 is free */
	uint32_t mask, used, limit;
	bool prepared; /* its pages are there */
};

/* Makes room for `records` records. False when the system refuses. */
bool table_open(struct table *t, uint32_t records);
void table_close(struct table *t);

/* Adds a record. False when the table is full; adding a record twice is the owner's mistake. */
bool table_add(struct table *t, uint64_t hash, uint32_t record);

/* Removes a record that was added with this hash; false when it is not there. */
bool table_remove(struct table *t, uint64_t hash, uint32_t record);

/* Forgets all records. */
void table_clear(struct table *t);

static inline void table_prefetch(const struct table *t, uint64_t hash)
{
	__builtin_prefetch(&t->slot[(uint32_t)(hash >> 32) & t->mask]);
}

/* Walks the records whose hash fits: start with *at = TABLE_NONE, ends with TABLE_NONE. */
static inline uint32_t table_next(const struct table *t, uint64_t hash, uint32_t *at)
{
	uint32_t tag = (uint32_t)(hash >> 32);
	uint32_t i = *at == TABLE_NONE ? tag & t->mask : (*at + 1) & t->mask;

	for (; t->slot[i]; i = (i + 1) & t->mask) {
		if ((uint32_t)(t->slot[i] >> 32) == tag) {
			*at = i;
			return (uint32_t)t->slot[i] - 1;
		}
	}
	return TABLE_NONE;
}

#endif
