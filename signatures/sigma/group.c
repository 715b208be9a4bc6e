/* Groups in fixed memory. One thread owns them. */
#include "signatures/sigma/group.h"

#include <stdlib.h>

#define NONE GROUP_NONE

/* Of the memory for groups: records with their place in the table, against blocks. */
#define RECORD_SHARE_NUMERATOR   9
#define RECORD_SHARE_DENOMINATOR 16
#define TABLE_BYTES              16 /* slots of a table that is at least half full, worst case */
#define RECORDS_MIN              64u
#define RECORDS_MAX              (64u << 20)

bool groups_open(struct groups *s, uint32_t lists, size_t bytes)
{
	size_t share = bytes / RECORD_SHARE_DENOMINATOR * RECORD_SHARE_NUMERATOR;
	size_t records = share / (sizeof(struct group) + TABLE_BYTES);
	size_t blocks = (bytes - share) / sizeof(struct group_block);

	*s = (struct groups){.free_group = NONE, .free_block = NONE, .lists = lists};
	records = records < RECORDS_MIN   ? RECORDS_MIN
	          : records > RECORDS_MAX ? RECORDS_MAX
	                                  : records;
	blocks = blocks < RECORDS_MIN ? RECORDS_MIN : blocks > RECORDS_MAX ? RECORDS_MAX : blocks;
	s->group_room = (uint32_t)records;
	s->block_room = (uint32_t)blocks;
	/* Lists are written at once, groups and blocks perhaps never: those lie apart, in huge
	 * pages, each of which takes a while to clear. */
	s->list = malloc((lists + (size_t)1) * sizeof(struct group_list));
	if (!arena_open(&s->memory, records * sizeof(struct group) +
	                                    blocks * sizeof(struct group_block) + 64)) {
		groups_close(s);
		return false;
	}
	s->group = arena_alloc(&s->memory, records * sizeof(struct group));
	s->block = arena_alloc(&s->memory, blocks * sizeof(struct group_block));
	if (!s->group || !s->block || !s->list || !table_open(&s->table, s->group_room)) {
		groups_close(s);
		return false;
	}
	for (uint32_t i = 0; i < lists; i++)
		s->list[i] = (struct group_list){
		        .newest = NONE, .oldest = NONE, .guaranteed = s->group_room / (2 * lists)};
	return true;
}

void groups_close(struct groups *s)
{
	free(s->list);
	arena_close(&s->memory);
	table_close(&s->table);
	*s = (struct groups){0};
}

static uint32_t number_of_group(const struct groups *s, const struct group *g)
{
	return (uint32_t)(g - s->group);
}

static uint32_t block_take(struct groups *s)
{
	uint32_t b = s->free_block;

	if (b != NONE)
		s->free_block = s->block[b].next;
	else if (s->fresh_block < s->block_room)
		b = s->fresh_block++;
	else
		return NONE;
	s->blocks_used++;
	s->block[b].next = s->block[b].previous = NONE;
	s->block[b].start = s->block[b].end = 0;
	return b;
}

static void block_give(struct groups *s, uint32_t b)
{
	s->block[b].next = s->free_block;
	s->free_block = b;
	s->blocks_used--;
}

static void blocks_give(struct groups *s, uint32_t first)
{
	for (uint32_t b = first, next; b != NONE; b = next) {
		next = s->block[b].next;
		block_give(s, b);
	}
}

static void unlink_group(struct groups *s, struct group *g)
{
	struct group_list *list = &s->list[g->owner];

	*(g->newer == NONE ? &list->newest : &s->group[g->newer].older) = g->older;
	*(g->older == NONE ? &list->oldest : &s->group[g->older].newer) = g->newer;
}

static void link_newest(struct groups *s, struct group *g)
{
	struct group_list *list = &s->list[g->owner];

	g->newer = NONE;
	g->older = list->newest;
	*(list->newest == NONE ? &list->oldest : &s->group[list->newest].newer) =
	        number_of_group(s, g);
	list->newest = number_of_group(s, g);
}

void group_touch(struct groups *s, struct group *g)
{
	if (g->newer == NONE)
		return;
	unlink_group(s, g);
	link_newest(s, g);
}

struct group *group_oldest(struct groups *s, uint32_t list)
{
	uint32_t g = s->list[list].oldest;

	return g == NONE ? NULL : &s->group[g];
}

struct group *group_find(struct groups *s, uint64_t hash)
{
	uint32_t at = TABLE_NONE, g;

	while ((g = table_next(&s->table, hash, &at)) != TABLE_NONE)
		if (s->group[g].hash == hash)
			return &s->group[g];
	return NULL;
}

void group_remove(struct groups *s, struct group *g)
{
	uint32_t number = number_of_group(s, g);

	group_clear(s, g);
	blocks_give(s, g->keys);
	table_remove(&s->table, g->hash, number);
	unlink_group(s, g);
	s->list[g->owner].count--;
	g->newer = s->free_group;
	s->free_group = number;
	s->used--;
}

/* The list that gives up a group for `list`: itself when it has its share, else one that has more.
 */
static uint32_t list_to_shrink(const struct groups *s, uint32_t list)
{
	uint32_t worst = list;
	int64_t most = -1;

	if (s->list[list].count > s->list[list].guaranteed)
		return list;
	for (uint32_t i = 0; i < s->lists; i++) {
		int64_t above = (int64_t)s->list[i].count - s->list[i].guaranteed;

		if (s->list[i].count && above > most) {
			most = above;
			worst = i;
		}
	}
	return worst;
}

struct group *group_add(struct groups *s, uint32_t list, uint64_t hash)
{
	uint32_t number = s->free_group;

	if (number == NONE && s->fresh_group == s->group_room) {
		struct group *victim = group_oldest(s, list_to_shrink(s, list));

		s->on_evict(s->context, victim);
		group_remove(s, victim);
		number = s->free_group;
	}
	if (number == NONE)
		number = s->fresh_group++;
	else
		s->free_group = s->group[number].newer;

	struct group *g = &s->group[number];

	*g = (struct group){.hash = hash, .owner = list, .head = NONE, .tail = NONE, .keys = NONE};
	table_add(&s->table, hash, number);
	link_newest(s, g);
	s->list[list].count++;
	s->used++;
	return g;
}

/* Moves the entries out of the record into a first block. */
static bool spill(struct groups *s, struct group *g)
{
	uint32_t b = block_take(s);

	if (b == NONE)
		return false;
	memcpy(s->block[b].entry, g->entry, g->entries * sizeof(*g->entry));
	s->block[b].end = (uint8_t)g->entries;
	g->head = g->tail = b;
	return true;
}

bool group_append(struct groups *s, struct group *g, struct group_entry e)
{
	struct group_block *tail;

	if (g->head == NONE && g->entries < GROUP_ENTRIES) {
		g->entry[g->entries++] = e;
		return true;
	}
	if (g->head == NONE && !spill(s, g))
		return false;
	tail = &s->block[g->tail];
	if (tail->end == BLOCK_ENTRIES) {
		uint32_t b = block_take(s);

		if (b == NONE)
			return false;
		tail->next = b;
		s->block[b].previous = g->tail;
		g->tail = b;
		tail = &s->block[b];
	}
	tail->entry[tail->end++] = e;
	g->entries++;
	return true;
}

void group_pop_first(struct groups *s, struct group *g)
{
	struct group_block *head;
	uint32_t b = g->head;

	g->entries--;
	if (b == NONE) {
		memmove(g->entry, g->entry + 1, g->entries * sizeof(*g->entry));
		return;
	}
	head = &s->block[b];
	if (++head->start < head->end)
		return;
	g->head = head->next;
	if (g->head == NONE)
		g->tail = NONE;
	else
		s->block[g->head].previous = NONE;
	block_give(s, b);
}

void group_pop_last(struct groups *s, struct group *g)
{
	struct group_block *tail;
	uint32_t b = g->tail;

	g->entries--;
	if (b == NONE)
		return;
	tail = &s->block[b];
	if (tail->start < --tail->end)
		return;
	g->tail = tail->previous;
	if (g->tail == NONE)
		g->head = NONE;
	else
		s->block[g->tail].next = NONE;
	block_give(s, b);
}

void group_clear(struct groups *s, struct group *g)
{
	blocks_give(s, g->head);
	g->head = g->tail = NONE;
	g->entries = 0;
	g->sum = 0;
}

static struct group_entry *entry_at(struct groups *s, struct group *g, const struct group_at *at)
{
	return at->block == NONE ? &g->entry[at->index] : &s->block[at->block].entry[at->index];
}

struct group_entry *group_first(struct groups *s, struct group *g, struct group_at *at)
{
	*at = (struct group_at){g->head, g->head == NONE ? 0 : s->block[g->head].start};
	return g->entries ? entry_at(s, g, at) : NULL;
}

struct group_entry *group_last(struct groups *s, struct group *g, struct group_at *at)
{
	if (!g->entries)
		return NULL;
	*at = (struct group_at){g->tail,
	                        (g->tail == NONE ? g->entries : s->block[g->tail].end) - 1};
	return entry_at(s, g, at);
}

struct group_entry *group_next(struct groups *s, struct group *g, struct group_at *at)
{
	uint32_t end = at->block == NONE ? g->entries : s->block[at->block].end;

	if (++at->index < end)
		return entry_at(s, g, at);
	if (at->block == NONE || s->block[at->block].next == NONE)
		return NULL;
	at->block = s->block[at->block].next;
	at->index = s->block[at->block].start;
	return entry_at(s, g, at);
}

struct group_entry *group_previous(struct groups *s, struct group *g, struct group_at *at)
{
	uint32_t start = at->block == NONE ? 0 : s->block[at->block].start;

	if (at->index > start) {
		at->index--;
		return entry_at(s, g, at);
	}
	if (at->block == NONE || s->block[at->block].previous == NONE)
		return NULL;
	at->block = s->block[at->block].previous;
	at->index = s->block[at->block].end - 1u;
	return entry_at(s, g, at);
}

bool group_keep_keys(struct groups *s, struct group *g, struct bytes keys)
{
	const size_t room = sizeof(s->block->entry);

	for (size_t at = 0; at < keys.len; at += room) {
		uint32_t b = block_take(s);
		struct bytes part = bytes_slice(keys, at, room);

		if (b == NONE)
			return false;
		memcpy(s->block[b].entry, part.at, part.len);
		s->block[b].end = (uint8_t)part.len;
		s->block[b].next = g->keys;
		g->keys = b;
	}
	return true;
}

static void group_copy(struct groups *to, uint32_t list, struct groups *from, struct group *g)
{
	uint8_t room[GROUP_KEYS_MAX];
	struct group *copy = group_add(to, list, g->hash);
	struct group_at at;

	copy->steady = g->steady;
	copy->stamp = g->stamp;
	copy->newest = g->newest;
	copy->first = g->first;
	copy->fired = g->fired;
	copy->sum = g->sum;
	copy->count = g->count;
	copy->has_fired = g->has_fired;
	copy->is_approximate = g->is_approximate;
	copy->is_sketch = g->is_sketch;
	if (g->keys != NONE)
		group_keep_keys(to, copy, group_keys(from, g, room));
	for (struct group_entry *e = group_first(from, g, &at); e; e = group_next(from, g, &at))
		if (!group_append(to, copy, *e)) {
			group_remove(to, copy);
			return;
		}
}

void groups_copy(struct groups *to, uint32_t list, struct groups *from, uint32_t from_list)
{
	for (uint32_t g = from->list[from_list].oldest; g != NONE; g = from->group[g].newer)
		group_copy(to, list, from, &from->group[g]);
}

struct bytes group_keys(const struct groups *s, const struct group *g, uint8_t to[GROUP_KEYS_MAX])
{
	size_t len = 0;

	/* The last part comes first in the chain. */
	for (uint32_t b = g->keys; b != NONE; b = s->block[b].next) {
		size_t n = s->block[b].end;

		if (len + n > GROUP_KEYS_MAX)
			break;
		memmove(to + n, to, len);
		memcpy(to, s->block[b].entry, n);
		len += n;
	}
	return (struct bytes){to, len};
}
