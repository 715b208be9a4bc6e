/* Text patterns: reading, changing and matching them. No state. */
#include "signatures/sigma/pattern.h"

#include "signatures/sigma/fold.h"

void symbols_add(struct memory *m, struct symbols *s, uint16_t symbol)
{
	s->at = memory_room(m, s->at, s->count, sizeof(*s->at));
	s->at[s->count++] = symbol;
}

static bool is_special(uint8_t c)
{
	return c == '*' || c == '?' || c == '\\';
}

struct symbols symbols_parse(struct memory *m, struct bytes text)
{
	struct symbols s = {memory_alloc(m, (text.len + 1) * sizeof(*s.at)), 0};

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c == '\\' && i + 1 < text.len && is_special(text.at[i + 1]))
			s.at[s.count++] = text.at[++i];
		else
			s.at[s.count++] = c == '*' ? SYMBOL_ANY : c == '?' ? SYMBOL_ONE : c;
	}
	return s;
}

struct symbols symbols_literal(struct memory *m, struct bytes text)
{
	struct symbols s = {memory_alloc(m, (text.len + 1) * sizeof(*s.at)), text.len};

	for (size_t i = 0; i < text.len; i++)
		s.at[i] = text.at[i];
	return s;
}

void symbols_open_start(struct memory *m, struct symbols *s)
{
	struct symbols opened = {memory_alloc(m, (s->count + 1) * sizeof(*s->at)), s->count + 1};

	if (s->count && s->at[0] == SYMBOL_ANY)
		return;
	opened.at[0] = SYMBOL_ANY;
	if (s->count)
		memcpy(opened.at + 1, s->at, s->count * sizeof(*s->at));
	*s = opened;
}

void symbols_open_end(struct memory *m, struct symbols *s)
{
	struct symbols opened = {memory_alloc(m, (s->count + 1) * sizeof(*s->at)), s->count + 1};

	if (s->count && s->at[s->count - 1] == SYMBOL_ANY)
		return;
	if (s->count)
		memcpy(opened.at, s->at, s->count * sizeof(*s->at));
	opened.at[s->count] = SYMBOL_ANY;
	*s = opened;
}

bool symbols_to_text(struct memory *m, struct symbols s, struct bytes *text)
{
	uint8_t *bytes = memory_alloc(m, s.count + 1);

	for (size_t i = 0; i < s.count; i++) {
		if (s.at[i] > 0xff)
			return false;
		bytes[i] = (uint8_t)s.at[i];
	}
	*text = (struct bytes){bytes, s.count};
	return true;
}

static bool is_word(uint16_t symbol)
{
	return (symbol >= '0' && symbol <= '9') || (symbol >= 'A' && symbol <= 'Z') ||
	       (symbol >= 'a' && symbol <= 'z') || symbol == '_' ||
	       (symbol >= 0x80 && symbol <= 0xff);
}

void symbols_windash(struct symbols s)
{
	for (size_t i = 0; i + 1 < s.count; i++)
		if ((s.at[i] == '-' || s.at[i] == '/') && is_word(s.at[i + 1]) &&
		    !(i && is_word(s.at[i - 1])))
			s.at[i] = SYMBOL_DASH;
}

/* The symbols with their text folded. */
static struct symbols symbols_fold(struct memory *m, struct symbols s)
{
	struct symbols folded = {memory_alloc(m, FOLD_ROOM(s.count) * sizeof(*s.at)), 0};
	uint8_t *run = memory_alloc(m, s.count + 1), *to = memory_alloc(m, FOLD_ROOM(s.count));

	for (size_t i = 0, len; i < s.count; i += len + (len == 0)) {
		for (len = 0; i + len < s.count && s.at[i + len] <= 0xff; len++)
			run[len] = (uint8_t)s.at[i + len];

		struct bytes text = fold((struct bytes){run, len}, to);

		for (size_t k = 0; k < text.len; k++)
			folded.at[folded.count++] = text.at[k];
		if (!len)
			folded.at[folded.count++] = s.at[i];
	}
	return folded;
}

static enum pattern_shape shape_of(const struct element *e, size_t count)
{
	if (!e || count == 0 || (count == 1 && e[0].kind == ELEMENT_TEXT))
		return PATTERN_EQUAL;
	if (count == 1 && e[0].kind == ELEMENT_ANY)
		return PATTERN_ANYTHING;
	if (count == 2 && e[0].kind == ELEMENT_TEXT && e[1].kind == ELEMENT_ANY)
		return PATTERN_PREFIX;
	if (count == 2 && e[0].kind == ELEMENT_ANY && e[1].kind == ELEMENT_TEXT)
		return PATTERN_SUFFIX;
	if (count == 3 && e[0].kind == ELEMENT_ANY && e[1].kind == ELEMENT_TEXT &&
	    e[2].kind == ELEMENT_ANY)
		return PATTERN_CONTAINS;
	return PATTERN_GENERAL;
}

static void elements_make(struct memory *m, struct pattern *p)
{
	static const enum element_kind kinds[] = {ELEMENT_ANY, ELEMENT_ONE, ELEMENT_DASH};
	struct element *e = NULL;
	uint8_t *text = memory_alloc(m, p->symbols.count + 1);

	for (size_t i = 0; i < p->symbols.count; i++, text++) {
		uint16_t symbol = p->symbols.at[i];
		struct element *last = p->count ? &e[p->count - 1] : NULL;

		*text = (uint8_t)symbol;
		if (symbol == SYMBOL_ANY && last && last->kind == ELEMENT_ANY)
			continue;
		if (symbol <= 0xff && last && last->kind == ELEMENT_TEXT) {
			last->text.len++;
			continue;
		}
		e = memory_room(m, e, p->count, sizeof(*e));
		e[p->count++] = symbol > 0xff ? (struct element){kinds[symbol - SYMBOL_ANY], {0}}
		                              : (struct element){ELEMENT_TEXT, {text, 1}};
	}
	p->element = e;
}

struct pattern *pattern_make(struct memory *m, struct symbols s, bool cased)
{
	struct pattern *p = memory_alloc(m, sizeof(*p));

	p->cased = cased;
	p->symbols = cased ? s : symbols_fold(m, s);
	elements_make(m, p);
	p->shape = shape_of(p->element, p->count);
	for (size_t i = 0; i < p->count && p->element; i++)
		if (p->element[i].kind == ELEMENT_TEXT && p->element[i].text.len > p->key.len &&
		    (!cased || fold_is_whole(p->element[i].text)))
			p->key = p->element[i].text;
	if (cased)
		p->key = fold(p->key, memory_alloc(m, FOLD_ROOM(p->key.len)));
	return p;
}

/* How many bytes at `at` a single element takes, or -1. */
static ptrdiff_t element_takes(const struct element *e, struct bytes text, size_t at)
{
	static const struct bytes dashes[] = {
	        {(const uint8_t *)"-", 1},
	        {(const uint8_t *)"/", 1},
	        {(const uint8_t *)"\xe2\x80\x93", 3},
	        {(const uint8_t *)"\xe2\x80\x94", 3},
	        {(const uint8_t *)"\xe2\x80\x95", 3},
	};

	switch (e->kind) {
	case ELEMENT_TEXT:
		if (text.len - at >= e->text.len && !memcmp(text.at + at, e->text.at, e->text.len))
			return (ptrdiff_t)e->text.len;
		break;
	case ELEMENT_ONE:
		if (at < text.len)
			return (ptrdiff_t)fold_unit(text, at);
		break;
	case ELEMENT_DASH:
		for (size_t i = 0; i < sizeof(dashes) / sizeof(*dashes); i++)
			if (bytes_equal(bytes_slice(text, at, dashes[i].len), dashes[i]))
				return (ptrdiff_t)dashes[i].len;
		break;
	case ELEMENT_ANY:
		break;
	}
	return -1;
}

/* The next place at or after `at` where what follows a `*` can begin, or beyond the end. */
static size_t next_start(const struct element *after, struct bytes text, size_t at)
{
	struct bytes rest = bytes_slice(text, at, text.len);
	ptrdiff_t found = after->kind == ELEMENT_TEXT ? bytes_find(rest, after->text) : 0;

	return found < 0 ? text.len + 1 : at + (size_t)found;
}

/* Walks text and elements side by side; on a mismatch, the last `*` takes one character more. Runs
 * before the last need no second look: their shortest fit is as good as any other. */
static bool matches_general(const struct pattern *p, struct bytes text)
{
	size_t i = 0, at = 0, star = SIZE_MAX, mark = 0;

	for (;;) {
		if (i < p->count && p->element[i].kind == ELEMENT_ANY) {
			if (++i == p->count)
				return true;
			star = i;
			at = mark = next_start(&p->element[i], text, at);
			if (at > text.len)
				return false;
			continue;
		}
		if (i == p->count && at == text.len)
			return true;

		ptrdiff_t taken = i < p->count ? element_takes(&p->element[i], text, at) : -1;

		if (taken >= 0) {
			at += (size_t)taken;
			i++;
			continue;
		}
		if (star == SIZE_MAX || mark >= text.len)
			return false;
		at = mark = next_start(&p->element[star], text, mark + fold_unit(text, mark));
		i = star;
		if (at > text.len)
			return false;
	}
}

bool pattern_matches(const struct pattern *p, struct bytes text)
{
	const struct element *e = p->element;

	switch (p->shape) {
	case PATTERN_EQUAL:
		return p->count ? bytes_equal(text, e[0].text) : !text.len;
	case PATTERN_PREFIX:
		return bytes_equal(bytes_slice(text, 0, e[0].text.len), e[0].text);
	case PATTERN_SUFFIX:
		return text.len >= e[1].text.len &&
		       bytes_equal(bytes_slice(text, text.len - e[1].text.len, text.len),
		                   e[1].text);
	case PATTERN_CONTAINS:
		return bytes_find(text, e[1].text) >= 0;
	case PATTERN_ANYTHING:
		return true;
	case PATTERN_GENERAL:
		break;
	}
	return matches_general(p, text);
}
