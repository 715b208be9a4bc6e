/* The index of one field: finds, in one pass over a value, which of all patterns and integers that
 * any rule compares the field with fit it.
 *
 * Equal texts are found by hash. All others are found by a window, one to four bytes of their text:
 * at the start of the value (prefixes), at its end (suffixes) or anywhere (the rest); a small
 * bitmap says for nearly all places that no window is there. So the cost hangs on the length of the
 * value, hardly on the number of rules. Read-only once built; threads share it. */
#ifndef CMTAP_SIGNATURES_SIGMA_INDEX_H
#define CMTAP_SIGNATURES_SIGMA_INDEX_H

#include "signatures/sigma/test.h"

/* What a find tells: a predicate holds; or (of a regular expression) its key is there. */
struct posting {
	uint32_t predicate;
	bool is_key;
};

/* A piece of text to find, and where. */
struct entry {
	enum pattern_shape where;     /* EQUAL, PREFIX, SUFFIX, CONTAINS, or ANYTHING: no text */
	struct bytes text;            /* folded */
	const struct pattern *verify; /* to be asked of the whole value then, or NULL */
	struct posting *posting;
	size_t postings;
};

/* The bytes of a window; of prefixes and suffixes, mixed with its distance. */
struct window_slot {
	uint32_t window;
	uint32_t count; /* of candidates; 0 is a free slot */
	uint32_t first;
};

/* An entry whose text holds the window `offset` bytes behind its start. */
struct window_candidate {
	uint32_t entry;
	uint32_t offset;
};

struct windows {
	unsigned size;      /* bytes of a window: 4, 2 or 1 */
	uint32_t entries;   /* 0: nothing to look for */
	uint32_t distances; /* of prefixes and suffixes: where windows lie, a bit each */
	uint64_t *filter;   /* a bit for each hash */
	uint32_t filter_mask;
	struct window_slot *slot;
	uint32_t slot_mask;
	struct window_candidate *candidate;
};

enum place { PLACE_START, PLACE_END, PLACE_INSIDE, PLACE_COUNT };

#define WINDOW_SIZES 3

struct integer_slot {
	int64_t value;
	struct posting *posting;
	size_t postings; /* 0 is a free slot */
};

struct index {
	bool has_texts, has_integers;
	struct entry *entry;
	size_t entries;
	uint32_t first_number; /* of its entries among those of all indexes */
	uint32_t *equal;       /* by hash: entries + 1 */
	uint32_t equal_mask;
	struct windows windows[PLACE_COUNT][WINDOW_SIZES];
	uint32_t *always; /* entries without text */
	size_t always_count;
	struct integer_slot *integer;
	uint32_t integer_mask;
};

/* While it is built: what the index of a field is to find. */
struct index_draft {
	struct memory *memory;
	struct entry *entry;
	size_t entries;
	uint32_t *slot; /* entries by identity, + 1 */
	size_t slots;
	int64_t *integer;
	struct posting *posting; /* of the integers, side by side */
	size_t integers;
};

void draft_add_pattern(struct index_draft *d, const struct pattern *p, uint32_t predicate);
void draft_add_key(struct index_draft *d, struct bytes key, uint32_t predicate);
void draft_add_integer(struct index_draft *d, int64_t value, uint32_t predicate);
struct index *index_build(struct index_draft *d);

/* What a search tells its caller. */
typedef void index_on_find(void *context, const struct posting *posting, size_t count);

/* Searches one value. `seen` has a number for each entry of all indexes, and `stamp` is one that no
 * value before this one had. */
void index_search_text(const struct index *x, struct bytes original, struct bytes folded,
                       uint32_t *seen, uint32_t stamp, index_on_find *on_find, void *context);
void index_search_integer(const struct index *x, int64_t value, index_on_find *on_find,
                          void *context);

#endif
