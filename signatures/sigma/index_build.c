/* Building the index of a field, once at start. */
#include "signatures/sigma/index_window.h"

/* Bits of a filter for each window in it: few enough to stay in the first-level cache, enough that
 * a value of no interest passes nearly everywhere. */
#define FILTER_BITS_PER_WINDOW 64
#define FILTER_BITS_MIN        4096u
#define FILTER_BITS_MAX        (1u << 20)

static uint32_t power_above(size_t n)
{
	uint32_t power = 4;

	while (power < n)
		power *= 2;
	return power;
}

static uint64_t entry_hash(const struct entry *e)
{
	uint64_t hash = hash_bytes(e->text) + (uint64_t)e->where;

	if (e->verify)
		hash ^= hash_bytes((struct bytes){(const uint8_t *)e->verify->symbols.at,
		                                  e->verify->symbols.count * sizeof(uint16_t)}) +
		        e->verify->cased;
	return hash;
}

static bool entry_equal(const struct entry *a, const struct entry *b)
{
	if (a->where != b->where || !bytes_equal(a->text, b->text) || !a->verify != !b->verify)
		return false;
	return !a->verify || (a->verify->cased == b->verify->cased &&
	                      a->verify->symbols.count == b->verify->symbols.count &&
	                      !memcmp(a->verify->symbols.at, b->verify->symbols.at,
	                              a->verify->symbols.count * sizeof(uint16_t)));
}

static void slots_grow(struct index_draft *d)
{
	d->slots = d->slots ? d->slots * 2 : 64;
	d->slot = memory_alloc(d->memory, d->slots * sizeof(*d->slot));
	for (size_t i = 0; i < d->entries; i++) {
		size_t at = entry_hash(&d->entry[i]) & (d->slots - 1);

		while (d->slot[at])
			at = (at + 1) & (d->slots - 1);
		d->slot[at] = (uint32_t)i + 1;
	}
}

/* The entry of the draft that is the same, or a new one. */
static struct entry *entry_intern(struct index_draft *d, struct entry e)
{
	if (d->entries * 2 >= d->slots)
		slots_grow(d);

	size_t at = entry_hash(&e) & (d->slots - 1);

	for (; d->slot[at]; at = (at + 1) & (d->slots - 1))
		if (entry_equal(&d->entry[d->slot[at] - 1], &e))
			return &d->entry[d->slot[at] - 1];
	d->entry = memory_room(d->memory, d->entry, d->entries, sizeof(e));
	d->entry[d->entries++] = e;
	d->slot[at] = (uint32_t)d->entries;
	return &d->entry[d->entries - 1];
}

static void posting_add(struct memory *m, struct entry *e, struct posting p)
{
	/* A list may name a value twice, and its values come one after the other. */
	if (e->postings && e->posting[e->postings - 1].predicate == p.predicate)
		return;
	e->posting = memory_room(m, e->posting, e->postings, sizeof(p));
	e->posting[e->postings++] = p;
}

void draft_add_pattern(struct index_draft *d, const struct pattern *p, uint32_t predicate)
{
	struct entry e = {.where = p->shape, .text = p->key};

	if (p->shape == PATTERN_GENERAL)
		e.where = PATTERN_CONTAINS;
	if (!p->key.len && p->count)
		e.where = PATTERN_ANYTHING;
	if (p->shape == PATTERN_GENERAL || p->cased)
		e.verify = p;
	posting_add(d->memory, entry_intern(d, e), (struct posting){predicate, false});
}

void draft_add_key(struct index_draft *d, struct bytes key, uint32_t predicate)
{
	struct entry e = {.where = PATTERN_CONTAINS, .text = key};

	posting_add(d->memory, entry_intern(d, e), (struct posting){predicate, true});
}

void draft_add_integer(struct index_draft *d, int64_t value, uint32_t predicate)
{
	d->integer = memory_room(d->memory, d->integer, d->integers, sizeof(*d->integer));
	d->posting = memory_room(d->memory, d->posting, d->integers, sizeof(*d->posting));
	d->integer[d->integers] = value;
	d->posting[d->integers++] = (struct posting){predicate, false};
}

static void equal_build(struct memory *m, struct index *x)
{
	size_t count = 0;

	for (size_t i = 0; i < x->entries; i++)
		count += x->entry[i].where == PATTERN_EQUAL;
	if (!count)
		return;
	x->equal_mask = power_above(count * 2) - 1;
	x->equal = memory_alloc(m, ((size_t)x->equal_mask + 1) * sizeof(*x->equal));
	for (size_t i = 0; i < x->entries; i++) {
		uint32_t at = (uint32_t)hash_bytes(x->entry[i].text) & x->equal_mask;

		if (x->entry[i].where != PATTERN_EQUAL)
			continue;
		while (x->equal[at])
			at = (at + 1) & x->equal_mask;
		x->equal[at] = (uint32_t)i + 1;
	}
}

static void integers_build(struct memory *m, struct index *x, const struct index_draft *d)
{
	x->has_integers = d->integers;
	if (!d->integers)
		return;
	x->integer_mask = power_above(d->integers * 2) - 1;
	x->integer = memory_alloc(m, ((size_t)x->integer_mask + 1) * sizeof(*x->integer));
	for (size_t i = 0; i < d->integers; i++) {
		uint32_t at = (uint32_t)integer_hash(d->integer[i]) & x->integer_mask;

		while (x->integer[at].postings && x->integer[at].value != d->integer[i])
			at = (at + 1) & x->integer_mask;

		struct integer_slot *s = &x->integer[at];

		s->value = d->integer[i];
		s->posting = memory_room(m, s->posting, s->postings, sizeof(*s->posting));
		s->posting[s->postings++] = d->posting[i];
	}
}

static enum place place_of(enum pattern_shape where)
{
	return where == PATTERN_PREFIX     ? PLACE_START
	       : where == PATTERN_SUFFIX   ? PLACE_END
	       : where == PATTERN_CONTAINS ? PLACE_INSIDE
	                                   : PLACE_COUNT;
}

static unsigned size_class(size_t len)
{
	return len >= 4 ? 0 : len >= 2 ? 1 : 2;
}

/* The slot of a window, taken if it is new. */
static struct window_slot *slot_take(struct windows *w, uint32_t window)
{
	uint32_t i = window_hash(window) & w->slot_mask;

	while (w->slot[i].count && w->slot[i].window != window)
		i = (i + 1) & w->slot_mask;
	w->slot[i].window = window;
	return &w->slot[i];
}

/* The window of an entry that lies `offset` bytes behind its start. */
static uint32_t window_of(const struct windows *w, enum place place, struct bytes text,
                          uint32_t offset, uint32_t *distance)
{
	uint32_t window = window_load(text.at + offset, w->size);

	*distance = place == PLACE_START ? offset : (uint32_t)text.len - offset - w->size;
	return place == PLACE_INSIDE ? window : window_at_distance(window, *distance);
}

/* Which window of its text stands for an entry: the one that the fewest others have chosen so far,
 * and at an end rather one at a distance that is looked at anyway. */
static uint32_t offset_choose(const struct windows *w, enum place place, struct bytes text)
{
	uint32_t best = 0, least = UINT32_MAX, distance;
	uint32_t first = place == PLACE_END && text.len > WINDOW_DISTANCES
	                         ? (uint32_t)text.len - WINDOW_DISTANCES
	                         : 0;

	for (uint32_t i = first; i + w->size <= text.len && i < first + WINDOW_DISTANCES; i++) {
		const struct window_slot *s =
		        windows_find(w, window_of(w, place, text, i, &distance));
		uint32_t cost = s ? 4 * s->count : 0;

		if (place != PLACE_INSIDE && !(w->distances >> distance & 1))
			cost += 2;
		if (cost < least) {
			least = cost;
			best = i;
		}
	}
	return best;
}

static void filter_build(struct memory *m, struct windows *w)
{
	uint32_t bits = power_above((size_t)w->entries * FILTER_BITS_PER_WINDOW);

	bits = bits < FILTER_BITS_MIN   ? FILTER_BITS_MIN
	       : bits > FILTER_BITS_MAX ? FILTER_BITS_MAX
	                                : bits;
	w->filter_mask = bits - 1;
	w->filter = memory_alloc(m, bits / 8);
	for (uint32_t i = 0; i <= w->slot_mask; i++) {
		uint32_t bit = window_hash(w->slot[i].window) & w->filter_mask;

		if (w->slot[i].count)
			w->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
	}
}

/* Chooses windows, then lays the candidates of each side by side. */
static void windows_build(struct memory *m, struct index *x, enum place place, unsigned size)
{
	static const unsigned sizes[WINDOW_SIZES] = {4, 2, 1};
	struct windows *w = &x->windows[place][size];
	struct window_candidate *chosen = memory_alloc(m, x->entries * sizeof(*chosen));
	uint32_t next = 0, distance;

	w->size = sizes[size];
	for (size_t i = 0; i < x->entries; i++)
		w->entries += place_of(x->entry[i].where) == place &&
		              size_class(x->entry[i].text.len) == size;
	if (!w->entries)
		return;
	w->slot_mask = power_above((size_t)w->entries * 2) - 1;
	w->slot = memory_alloc(m, ((size_t)w->slot_mask + 1) * sizeof(*w->slot));
	w->candidate = memory_alloc(m, w->entries * sizeof(*w->candidate));
	for (size_t i = 0; i < x->entries; i++) {
		const struct entry *e = &x->entry[i];

		if (place_of(e->where) != place || size_class(e->text.len) != size)
			continue;
		chosen[i].offset = offset_choose(w, place, e->text);
		slot_take(w, window_of(w, place, e->text, chosen[i].offset, &distance))->count++;
		w->distances |= place == PLACE_INSIDE ? 0 : 1u << distance;
	}
	for (uint32_t i = 0; i <= w->slot_mask; i++) {
		w->slot[i].first = next;
		next += w->slot[i].count;
	}
	for (size_t i = 0; i < x->entries; i++) {
		const struct entry *e = &x->entry[i];

		if (place_of(e->where) != place || size_class(e->text.len) != size)
			continue;

		struct window_slot *s =
		        slot_take(w, window_of(w, place, e->text, chosen[i].offset, &distance));

		w->candidate[s->first++] = (struct window_candidate){(uint32_t)i, chosen[i].offset};
	}
	for (uint32_t i = 0; i <= w->slot_mask; i++)
		w->slot[i].first -= w->slot[i].count;
	filter_build(m, w);
}

struct index *index_build(struct index_draft *d)
{
	struct index *x = memory_alloc(d->memory, sizeof(*x));

	x->entry = d->entry;
	x->entries = d->entries;
	x->has_texts = d->entries;
	equal_build(d->memory, x);
	integers_build(d->memory, x, d);
	for (unsigned place = 0; place < PLACE_COUNT && d->entries; place++)
		for (unsigned size = 0; size < WINDOW_SIZES; size++)
			windows_build(d->memory, x, (enum place)place, size);
	for (size_t i = 0; i < d->entries; i++) {
		if (d->entry[i].where != PATTERN_ANYTHING)
			continue;
		x->always = memory_room(d->memory, x->always, x->always_count, sizeof(uint32_t));
		x->always[x->always_count++] = (uint32_t)i;
	}
	return x;
}
