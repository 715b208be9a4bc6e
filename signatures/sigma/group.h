/* Groups of correlations in fixed memory: records, their entries in chains of blocks, and who was
 * touched last.
 *
 * A group is known by a keyed 64-bit hash of its correlation and key values. Its entries are pairs
 * of a time and a value: two inside the record, more in blocks. When records or blocks run out, the
 * oldest groups go first; a correlation always keeps its guaranteed share. One thread owns them. */
#ifndef CMTAP_SIGNATURES_SIGMA_GROUP_H
#define CMTAP_SIGNATURES_SIGMA_GROUP_H

#include "core/arena.h"
#include "core/table.h"

#define GROUP_NONE     UINT32_MAX
#define BLOCK_ENTRIES  7
#define GROUP_ENTRIES  2 /* inside the record */
#define GROUP_KEYS_MAX 240

struct group_entry {
	int64_t time;
	int64_t value; /* weight, hash of a value, start of a sequence: as the type of correlation
	                * has it */
};

struct group_block {
	uint32_t next, previous;
	uint8_t start, end; /* entries in use: from, to */
	struct group_entry entry[BLOCK_ENTRIES];
};

struct group {
	uint64_t hash;
	uint64_t steady;       /* what a sketch knows it by */
	uint32_t newer, older; /* in the list of its correlation */
	uint32_t owner;        /* the list */
	uint32_t stamp;        /* the last event that was counted */
	int64_t newest;        /* time of its newest event */
	int64_t first;         /* of a timed window: its start; else of the events since it fired */
	int64_t fired;         /* time of its last hit */
	int64_t sum;           /* of what was counted */
	uint32_t count;        /* of events since it fired, or in a timed window */
	uint32_t entries;
	uint32_t head, tail; /* blocks, when entries are more than fit inside */
	uint32_t keys;       /* blocks that hold the key values, of a timed window */
	bool has_fired, is_approximate, is_sketch;
	struct group_entry entry[GROUP_ENTRIES];
};

/* The groups of one correlation, by last touch. */
struct group_list {
	uint32_t newest, oldest;
	uint32_t count, guaranteed;
	uint64_t evicted; /* groups that were given up while they still counted */
};

struct groups {
	struct arena memory;
	struct group *group;
	struct group_block *block;
	uint32_t group_room, block_room;
	uint32_t fresh_group, fresh_block; /* never used yet from here on */
	uint32_t free_group, free_block;   /* heads of those given back */
	uint32_t used, blocks_used;
	struct table table;
	struct group_list *list;
	uint32_t lists;
	void (*on_evict)(void *context, struct group *g);
	void *context;
};

/* Reserves `bytes` for the groups of `lists` correlations. */
bool groups_open(struct groups *s, uint32_t lists, size_t bytes);
void groups_close(struct groups *s);

struct group *group_find(struct groups *s, uint64_t hash);
/* A new group, the newest of its list; gives up the oldest of it, or of a list above its share,
 * when there is no room. `on_evict` sees what is given up. Never NULL. */
struct group *group_add(struct groups *s, uint32_t list, uint64_t hash);
void group_touch(struct groups *s, struct group *g);
void group_remove(struct groups *s, struct group *g);
struct group *group_oldest(struct groups *s, uint32_t list);

/* Adds copies of all groups of a list of `from`, in the order of their last touch. What finds no
 * room is given up as ever, the oldest first. */
void groups_copy(struct groups *to, uint32_t list, struct groups *from, uint32_t from_list);

/* Adds an entry behind the others; false when no block is free. */
bool group_append(struct groups *s, struct group *g, struct group_entry e);
/* Drops the first entry, the last entry, or all. */
void group_pop_first(struct groups *s, struct group *g);
void group_pop_last(struct groups *s, struct group *g);
void group_clear(struct groups *s, struct group *g);

/* A place among the entries. */
struct group_at {
	uint32_t block; /* GROUP_NONE: inside the record */
	uint32_t index;
};

struct group_entry *group_first(struct groups *s, struct group *g, struct group_at *at);
struct group_entry *group_last(struct groups *s, struct group *g, struct group_at *at);
/* The next or previous entry, or NULL. */
struct group_entry *group_next(struct groups *s, struct group *g, struct group_at *at);
struct group_entry *group_previous(struct groups *s, struct group *g, struct group_at *at);

/* Keeps up to GROUP_KEYS_MAX bytes with a group; false when no block is free. */
bool group_keep_keys(struct groups *s, struct group *g, struct bytes keys);
struct bytes group_keys(const struct groups *s, const struct group *g, uint8_t to[GROUP_KEYS_MAX]);

#endif
