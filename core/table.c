/* The slots of a hash table: linear probing, and removal that moves later entries back. */
#include "core/table.h"

#include "core/memory.h"

/* Keys are looked for before they are added. A page that is read first is the system's page of
 * zeros; when it is written later, every processor that runs a thread of ours is interrupted to
 * forget that. So tables up to this size get all their pages when they are first used. */
#define PREPARED_MOST (8u << 20)

static size_t table_bytes(const struct table *t)
{
	return ((size_t)t->mask + 1) * sizeof(*t->slot);
}

bool table_open(struct table *t, uint32_t records)
{
	uint64_t slots = 16;

	while (slots - slots / 8 < records)
		slots *= 2;
	*t = (struct table){.mask = (uint32_t)(slots - 1), .limit = (uint32_t)(slots - slots / 8)};
	t->slot = memory_reserve(table_bytes(t));
	if (!t->slot)
		*t = (struct table){0};
	return t->slot;
}

void table_close(struct table *t)
{
	if (t->slot)
		memory_release(t->slot, table_bytes(t));
	*t = (struct table){0};
}

void table_clear(struct table *t)
{
	memset(t->slot, 0, table_bytes(t));
	t->used = 0;
}

bool table_add(struct table *t, uint64_t hash, uint32_t record)
{
	uint32_t tag = (uint32_t)(hash >> 32), i = tag & t->mask;

	if (t->used >= t->limit)
		return false;
	if (!t->prepared && table_bytes(t) <= PREPARED_MOST)
		memory_prepare(t->slot, table_bytes(t));
	t->prepared = true;
	while (t->slot[i])
		i = (i + 1) & t->mask;
	t->slot[i] = (uint64_t)tag << 32 | (record + 1);
	t->used++;
	return true;
}

/* An entry at `from` may move to the hole unless its home lies behind the hole (cyclically). */
static bool may_fill(uint32_t home, uint32_t hole, uint32_t from, uint32_t mask)
{
	return ((from - home) & mask) >= ((from - hole) & mask);
}

bool table_remove(struct table *t, uint64_t hash, uint32_t record)
{
	uint32_t tag = (uint32_t)(hash >> 32), i = tag & t->mask;
	uint64_t entry = (uint64_t)tag << 32 | (record + 1);

	while (t->slot[i] && t->slot[i] != entry)
		i = (i + 1) & t->mask;
	if (!t->slot[i])
		return false;
	for (uint32_t j = (i + 1) & t->mask; t->slot[j]; j = (j + 1) & t->mask) {
		if (may_fill((uint32_t)(t->slot[j] >> 32) & t->mask, i, j, t->mask)) {
			t->slot[i] = t->slot[j];
			i = j;
		}
	}
	t->slot[i] = 0;
	t->used--;
	return true;
}
