/* Places for records: cut from blocks, linked when free, linked in lists when used. */
#include "dissectors/smb/records.h"

/* A record's number is that of its block and its place in it. */
#define PLACE_BITS 5
#define PLACES     (1u << PLACE_BITS)

void *record_at(const struct blocks *pool, size_t size, uint32_t number)
{
	return block_at(pool, number >> PLACE_BITS) + (number & (PLACES - 1)) * size;
}

void *record_find(const struct blocks *pool, size_t size, struct record_reference reference)
{
	struct record *record;

	if (!reference.number)
		return NULL;
	record = record_at(pool, size, reference.number);
	return record->serial == reference.serial ? record : NULL;
}

static bool more_places(struct blocks *pool, struct records *records, size_t size)
{
	uint32_t block = block_take(pool, records->blocks);
	uint32_t places = (uint32_t)(BLOCK_SIZE / size);

	if (!block)
		return false;
	records->blocks = block;
	for (uint32_t i = places < PLACES ? places : PLACES; i > 0; i--) {
		uint32_t number = block << PLACE_BITS | (i - 1);
		struct record *record = record_at(pool, size, number);

		record->next = records->free;
		records->free = number;
	}
	return true;
}

void *record_take(struct blocks *pool, struct records *records, size_t size,
                  struct record_list *list, uint32_t *serial)
{
	struct record *record, *last;
	uint32_t number;

	if (!records->free && !more_places(pool, records, size))
		return NULL;
	number = records->free;
	record = record_at(pool, size, number);
	records->free = record->next;
	memset(record, 0, size);
	/* 0 means free. */
	*serial += *serial == UINT32_MAX ? 2 : 1;
	*record = (struct record){.number = number, .serial = *serial, .previous = list->last};
	last = list->last ? record_at(pool, size, list->last) : NULL;
	if (last)
		last->next = number;
	else
		list->first = number;
	list->last = number;
	list->count++;
	return record;
}

void record_give(struct blocks *pool, struct records *records, size_t size,
                 struct record_list *list, struct record *record)
{
	struct record *next = record->next ? record_at(pool, size, record->next) : NULL;
	struct record *previous = record->previous ? record_at(pool, size, record->previous) : NULL;

	if (next)
		next->previous = record->previous;
	else
		list->last = record->previous;
	if (previous)
		previous->next = record->next;
	else
		list->first = record->next;
	list->count--;
	record->serial = 0;
	record->next = records->free;
	records->free = record->number;
}

void records_free(struct blocks *pool, struct records *records)
{
	block_give(pool, records->blocks);
	*records = (struct records){0};
}
