/* Text patterns of Sigma: `*`, `?`, backslash escapes, and what modifiers make of them.
 *
 * While modifiers work on it, a pattern is a string of symbols; then it becomes elements that
 * match. A pattern without `cased` holds folded text and is matched against folded text. */
#ifndef CMTAP_SIGNATURES_SIGMA_PATTERN_H
#define CMTAP_SIGNATURES_SIGMA_PATTERN_H

#include "signatures/sigma/rule_memory.h"

/* A byte, or one of these. */
enum {
	SYMBOL_ANY = 256, /* any run, also an empty one */
	SYMBOL_ONE,       /* one character */
	SYMBOL_DASH,      /* what `windash` holds for a dash: - / U+2013 U+2014 U+2015 */
};

struct symbols {
	uint16_t *at;
	size_t count;
};

/* More runs (`*`) than these in one pattern are an error. */
#define PATTERN_RUNS_MAX 16
/* Longer patterns are an error. */
#define PATTERN_MAX      4096

/* Reads a value as rules write it: only `*` and `?` are special, and only `\` escapes. */
struct symbols symbols_parse(struct memory *m, struct bytes text);
/* The same bytes, nothing special. */
struct symbols symbols_literal(struct memory *m, struct bytes text);

void symbols_add(struct memory *m, struct symbols *s, uint16_t symbol);
/* Puts a `*` before or behind it unless one is there. */
void symbols_open_start(struct memory *m, struct symbols *s);
void symbols_open_end(struct memory *m, struct symbols *s);
/* Bytes alone, no wildcards? Then `text` is set to them. */
bool symbols_to_text(struct memory *m, struct symbols s, struct bytes *text);
/* Lets each dash that starts a word (`-x`, `/x`) stand for all of its look-alikes. */
void symbols_windash(struct symbols s);

enum element_kind { ELEMENT_TEXT, ELEMENT_ANY, ELEMENT_ONE, ELEMENT_DASH };

struct element {
	enum element_kind kind;
	struct bytes text;
};

enum pattern_shape {
	PATTERN_EQUAL,
	PATTERN_PREFIX,
	PATTERN_SUFFIX,
	PATTERN_CONTAINS,
	PATTERN_ANYTHING, /* a lone `*` */
	PATTERN_GENERAL,
};

struct pattern {
	enum pattern_shape shape;
	bool cased;
	struct symbols symbols; /* its identity, together with `cased` */
	const struct element *element;
	size_t count;
	/* Its longest piece of text, folded: in every text that matches, when that is folded. Empty
	 * when there is none. */
	struct bytes key;
};

struct pattern *pattern_make(struct memory *m, struct symbols s, bool cased);

/* Whether the pattern fits all of `text`, which is folded unless the pattern is cased. */
bool pattern_matches(const struct pattern *p, struct bytes text);

#endif
