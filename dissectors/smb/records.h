/* Records of one connection that are changed in place: of one size, in blocks of the worker's pool,
 * in lists.
 *
 * A record is known by its number, and by the serial number of its use: a reference to one that was
 * given back finds nothing, even where its place was taken again. Blocks go back to the pool all
 * together, when the connection ends. The worker that owns the connection owns its records. */
#ifndef CMTAP_DISSECTORS_SMB_RECORDS_H
#define CMTAP_DISSECTORS_SMB_RECORDS_H

#include "core/blocks.h"

/* What every record begins with. */
struct record {
	uint32_t number, serial;
	uint32_t next, previous; /* in its list, 0 at the ends */
};

struct record_reference {
	uint32_t number, serial; /* all zero: none */
};

/* All records of one size. All zero: none yet. */
struct records {
	uint32_t blocks; /* the block taken last; it is linked to the others */
	uint32_t free;   /* the first record that is free, linked by `next` */
};

struct record_list {
	uint32_t first, last;
	uint32_t count;
};

/* A zeroed record of `size` bytes (between 64 and BLOCK_SIZE) at the end of `list`; NULL when the
 * pool is empty. `serial` counts the uses of all records of the connection. */
void *record_take(struct blocks *pool, struct records *records, size_t size,
                  struct record_list *list, uint32_t *serial);
/* Takes a record out of its list and frees its place. */
void record_give(struct blocks *pool, struct records *records, size_t size,
                 struct record_list *list, struct record *record);
/* Gives all blocks back. */
void records_free(struct blocks *pool, struct records *records);

/* The record of that number. */
void *record_at(const struct blocks *pool, size_t size, uint32_t number);
/* The record that is meant, or NULL when it was given back since. */
void *record_find(const struct blocks *pool, size_t size, struct record_reference reference);

static inline void *record_first(const struct blocks *pool, size_t size,
                                 const struct record_list *list)
{
	return list->first ? record_at(pool, size, list->first) : NULL;
}

/* The next of a list, or NULL. */
static inline void *record_next(const struct blocks *pool, size_t size, const struct record *record)
{
	return record->next ? record_at(pool, size, record->next) : NULL;
}

static inline struct record_reference record_reference(const struct record *record)
{
	return record ? (struct record_reference){record->number, record->serial}
	              : (struct record_reference){0};
}

#endif
