/* Searching the index of a field. No state but the stamps that are passed in. */
#include "signatures/sigma/index_window.h"

struct search_text {
	const struct index *x;
	struct bytes original, folded;
	uint32_t *seen, stamp;
	index_on_find *on_find;
	void *context;
};

/* The text of an entry was found: once for each value is enough. */
static void found(const struct search_text *s, uint32_t number)
{
	const struct entry *e = &s->x->entry[number];
	uint32_t *seen = &s->seen[s->x->first_number + number];

	if (*seen == s->stamp)
		return;
	*seen = s->stamp;
	if (e->verify && !pattern_matches(e->verify, e->verify->cased ? s->original : s->folded))
		return;
	s->on_find(s->context, e->posting, e->postings);
}

static void search_equal(const struct search_text *s)
{
	const struct index *x = s->x;
	uint32_t i;

	if (!x->equal)
		return;
	i = (uint32_t)hash_bytes(s->folded) & x->equal_mask;
	for (; x->equal[i]; i = (i + 1) & x->equal_mask)
		if (bytes_equal(x->entry[x->equal[i] - 1].text, s->folded))
			found(s, x->equal[i] - 1);
}

enum where { ANYWHERE, AT_START, AT_END };

/* Looks at one place of the value, where `window` lies. */
static void look_up(const struct search_text *s, const struct windows *w, uint32_t window,
                    size_t at, enum where where)
{
	const struct window_slot *slot = windows_find(w, window);

	for (uint32_t i = 0; slot && i < slot->count; i++) {
		const struct window_candidate *c = &w->candidate[slot->first + i];
		const struct bytes text = s->x->entry[c->entry].text;
		size_t start = at - c->offset;

		if (c->offset > at || text.len > s->folded.len - start)
			continue;
		if ((where == AT_START && start) ||
		    (where == AT_END && start + text.len != s->folded.len))
			continue;
		if (!memcmp(s->folded.at + start, text.at, text.len))
			found(s, c->entry);
	}
}

static void search_inside(const struct search_text *s, const struct windows *w)
{
	const uint8_t *at = s->folded.at;

	if (s->folded.len < w->size)
		return;
	for (size_t i = 0; i <= s->folded.len - w->size; i++) {
		uint32_t window = window_load(at + i, w->size);

		if (windows_may_hold(w, window))
			look_up(s, w, window, i, ANYWHERE);
	}
}

static void search_end(const struct search_text *s, const struct windows *w, bool is_end)
{
	size_t len = s->folded.len;

	for (uint32_t left = w->distances; left; left &= left - 1) {
		uint32_t distance = (uint32_t)__builtin_ctz(left), window;
		size_t at = is_end ? len - distance - w->size : distance;

		if (distance + w->size > len)
			return;
		window = window_at_distance(window_load(s->folded.at + at, w->size), distance);
		if (windows_may_hold(w, window))
			look_up(s, w, window, at, is_end ? AT_END : AT_START);
	}
}

void index_search_text(const struct index *x, struct bytes original, struct bytes folded,
                       uint32_t *seen, uint32_t stamp, index_on_find *on_find, void *context)
{
	struct search_text s = {x, original, folded, seen, stamp, on_find, context};

	search_equal(&s);
	for (unsigned i = 0; i < WINDOW_SIZES; i++) {
		search_end(&s, &x->windows[PLACE_START][i], false);
		search_end(&s, &x->windows[PLACE_END][i], true);
	}
	for (unsigned i = 0; i < WINDOW_SIZES; i++)
		if (x->windows[PLACE_INSIDE][i].entries)
			search_inside(&s, &x->windows[PLACE_INSIDE][i]);
	for (size_t i = 0; i < x->always_count; i++)
		found(&s, x->always[i]);
}

void index_search_integer(const struct index *x, int64_t value, index_on_find *on_find,
                          void *context)
{
	uint32_t i;

	if (!x->has_integers)
		return;
	i = (uint32_t)integer_hash(value) & x->integer_mask;
	for (; x->integer[i].postings; i = (i + 1) & x->integer_mask)
		if (x->integer[i].value == value)
			on_find(context, x->integer[i].posting, x->integer[i].postings);
}
