/* Regular expressions of rules: PCRE2 with limits on everything.
 *
 * A search is unanchored, case-sensitive unless `i` is given, and sees at most REGEX_SUBJECT_MAX
 * bytes. Where a text must hold a certain word for the expression to match at all, that word is its
 * key: the index looks for keys, so that the expression itself runs on few texts. */
#ifndef CMTAP_SIGNATURES_SIGMA_REGEX_H
#define CMTAP_SIGNATURES_SIGMA_REGEX_H

#include "signatures/sigma/rule_memory.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define REGEX_SOURCE_MAX  4096
#define REGEX_SUBJECT_MAX 65536

enum {
	REGEX_CASELESS = 1,  /* i */
	REGEX_MULTILINE = 2, /* m */
	REGEX_DOTALL = 4,    /* s */
	REGEX_AT_START = 8,  /* startswith */
	REGEX_AT_END = 16,   /* endswith */
};

struct regex {
	struct regex *next; /* in the order of making: freed together */
	pcre2_code *code;
	struct bytes source;
	unsigned flags;
	struct bytes key; /* folded; empty when there is none */
};

/* What matching needs beside the expression; one thread owns it. */
struct regex_scratch {
	pcre2_match_data *match;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	uint64_t given_up; /* searches that ran into a limit and count as no match */
};

/* NULL with what is wrong in `error` (of `size` bytes), with the offset where PCRE2 tells one. */
struct regex *regex_make(struct memory *m, struct bytes source, unsigned flags, char *error,
                         size_t size);
void regex_free(struct regex *first);

bool regex_scratch_open(struct regex_scratch *s);
void regex_scratch_close(struct regex_scratch *s);
bool regex_found(const struct regex *r, struct bytes text, struct regex_scratch *s);

/* The longest word that every match of the expression holds; empty when none is certain. */
struct bytes regex_key(struct memory *m, struct bytes source);

#endif
