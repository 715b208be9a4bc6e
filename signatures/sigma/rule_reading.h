/* A rule while it is read: whose words they are, and what is wrong with them. */
#ifndef CMTAP_SIGNATURES_SIGMA_RULE_READING_H
#define CMTAP_SIGNATURES_SIGMA_RULE_READING_H

#include "core/yaml.h"
#include "signatures/sigma/rule_memory.h"
#include "signatures/sigma/sigma.h"

struct regex;

struct reading {
	struct memory *memory; /* of the set */
	struct complaints *complaints;
	const struct sigma_options *options;
	struct regex **regexes; /* all that the set has made, the newest first */
	size_t *regex_count;
	const char *file;
	const char *title, *id;   /* of the rule, when known */
	const char *search;       /* the identifier being read, or NULL */
	const char *item;         /* the entry being read, or NULL */
	unsigned errors, remarks; /* in this rule */
	bool has_keywords;        /* the rule looks in every field */
	uint64_t kinds;           /* of events that the rule is about, a bit each; 0: not known */
};

/* Says what is wrong at a place of the file, with rule, identifier and entry before it. The rule
 * will be left out. */
void reading_blame(struct reading *r, const struct yaml_node *at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The same for what is odd but works. */
void reading_remark(struct reading *r, const struct yaml_node *at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The name that a word most likely meant, or NULL; after very many mistakes always NULL, for
 * looking takes time. */
const char *reading_nearest(const struct reading *r, const char *word, const char *const *names,
                            size_t count);
/* " (did you mean 'x'?)" for the nearest of some names, or "". Lives until the next call with the
 * same buffer. */
#define HINT_MAX 300
const char *reading_hint(char buffer[HINT_MAX], const char *near);

/* The field that rules call so: by the mapping of the options, then by its own name. FIELD_COUNT,
 * with a complaint, when there is none; a remark when no event of `kinds` has it. */
enum field field_find(struct reading *r, const struct yaml_node *at, struct bytes name);

/* The value of a key when it is a scalar of text; NULL when it is absent, or of another kind, which
 * is an error. Numbers and dates count as the text they are written as. */
const char *reading_text(struct reading *r, const struct yaml_node *mapping, const char *key);

#endif
