/* The word that a regular expression cannot match without.
 *
 * Reads the top level of the expression alone: groups and classes are stepped over, a quantifier
 * takes the character before it away, and whatever could change the meaning of what follows (an
 * alternative, options, verbs, quoting, escapes by number) means that there is no key. Too short a
 * key costs time; a wrong one would lose matches, so every doubt ends here. */
#include "signatures/sigma/fold.h"
#include "signatures/sigma/regex.h"

#define KEY_LEAST 2

struct walk {
	struct bytes source;
	size_t at;
	bool doubt;
	uint8_t run[REGEX_SOURCE_MAX];
	size_t run_len;
	struct bytes best; /* in the memory of the set */
	struct memory *memory;
};

static uint8_t peek(const struct walk *w, size_t ahead)
{
	return w->at + ahead < w->source.len ? w->source.at[w->at + ahead] : 0;
}

static void run_end(struct walk *w)
{
	if (w->run_len > w->best.len)
		w->best = memory_copy(w->memory, (struct bytes){w->run, w->run_len});
	w->run_len = 0;
}

/* Behind a class, which starts at `[`. */
static void class_skip(struct walk *w)
{
	w->at++;
	if (peek(w, 0) == '^')
		w->at++;
	if (peek(w, 0) == ']')
		w->at++;
	while (w->at < w->source.len && peek(w, 0) != ']') {
		if (peek(w, 0) == '[' || (peek(w, 0) == '\\' && peek(w, 1) == 'Q'))
			w->doubt = true; /* [:alpha:] and the like: rare, not worth reading */
		w->at += peek(w, 0) == '\\' ? 2 : 1;
	}
	w->at++;
}

/* Behind a group, which starts at `(`. */
static void group_skip(struct walk *w)
{
	unsigned depth = 0;
	uint8_t kind = peek(w, 1) == '?' ? peek(w, 2) : ':';

	if (peek(w, 1) == '*' || !strchr(":=!<>P'|", kind))
		w->doubt = true;
	do {
		uint8_t c = peek(w, 0);

		if (c == '[') {
			class_skip(w);
			continue;
		}
		if (c == '(' && (peek(w, 1) == '*' || (peek(w, 1) == '?' && peek(w, 2) == '#')))
			w->doubt = true;
		if (c == '\\' && peek(w, 1) == 'Q')
			w->doubt = true;
		depth += c == '(';
		depth -= c == ')';
		w->at += c == '\\' ? 2 : 1;
	} while (depth && w->at < w->source.len && !w->doubt);
}

static bool is_letter_or_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static void escape_step(struct walk *w)
{
	uint8_t c = peek(w, 1);

	if (!is_letter_or_digit(c) && c < 0x80) {
		w->run[w->run_len++] = c;
	} else {
		if (!c || !strchr("dDwWsSbBAzZnrtfvhHR", c))
			w->doubt = true;
		run_end(w);
	}
	w->at += 2;
}

/* A quantifier that may allow none: the character before it may be missing. Braces that are none
 * are a doubt. */
static void drop_last(struct walk *w)
{
	if (w->run_len)
		w->run_len--;
	run_end(w);
	if (peek(w, 0) == '{') {
		do
			w->at++;
		while ((peek(w, 0) >= '0' && peek(w, 0) <= '9') || peek(w, 0) == ',');
		w->doubt |= peek(w, 0) != '}';
	}
	w->at++;
}

static void step(struct walk *w)
{
	uint8_t c = peek(w, 0);

	switch (c) {
	case '\\':
		escape_step(w);
		break;
	case '[':
		run_end(w);
		class_skip(w);
		break;
	case '(':
		run_end(w);
		if (peek(w, 1) == '?' && peek(w, 2) == 'i' && peek(w, 3) == ')')
			w->at += 4; /* keys are folded: letter case changes nothing */
		else
			group_skip(w);
		break;
	case '*':
	case '?':
	case '{':
		drop_last(w);
		break;
	case '|':
	case ')':
		w->doubt = true;
		break;
	case '+':
	case '.':
	case '^':
	case '$':
		run_end(w);
		w->at++;
		break;
	default:
		if (c < 0x80)
			w->run[w->run_len++] = c;
		else
			run_end(w);
		w->at++;
	}
}

struct bytes regex_key(struct memory *m, struct bytes source)
{
	struct walk w = {.source = source, .memory = m};

	while (w.at < w.source.len && !w.doubt)
		step(&w);
	run_end(&w);
	if (w.doubt || w.best.len < KEY_LEAST)
		return (struct bytes){0};
	return fold(w.best, memory_alloc(m, FOLD_ROOM(w.best.len)));
}
