/* A rule set while it is loaded: what the parts of loading share. */
#ifndef CMTAP_SIGNATURES_SIGMA_RULE_LOAD_H
#define CMTAP_SIGNATURES_SIGMA_RULE_LOAD_H

#include "signatures/sigma/set.h"

/* A rule by what others may call it: its id or its name. */
struct called {
	const char *text;
	struct rule *rule;
};

struct filter {
	struct rule rule; /* its title, searches, condition and kinds */
	const struct yaml_node *rules, *condition;
};

struct loader {
	struct sigma_set *set;
	struct complaints *complaints;
	const struct sigma_options *options;
	const char *const *paths;
	size_t path_count;
	struct bytes text;               /* in place of files, under the name paths[0] */
	struct yaml_document **document; /* the first of each file */
	size_t documents;
	struct rule **rule; /* all that were read, also bad ones */
	size_t rules;
	struct filter **filter;
	size_t filters;
	struct called *id, *name; /* sorted */
	size_t ids, names;
	size_t nodes; /* of all conditions */
	unsigned keyword_rules;
	bool unread; /* a file could not be read, or a document: its rules are not known */
};

/* Starts reading a rule of a file. */
struct reading reading_start(struct loader *l, const char *file);
/* The same for one that was read before, when more is found to be wrong with it. */
struct reading reading_again(struct loader *l, const struct rule *rule);

/* Reads all documents of all files into rules and filters. */
void load_files(struct loader *l);
/* Takes one document in. */
void load_document(struct loader *l, const char *file, const struct yaml_node *document);

/* Sorts ids and names, and complains of those that are used twice. */
void names_check(struct loader *l);
/* The rule of that id or name, also a bad one; NULL when there is none. */
struct rule *rule_find(const struct loader *l, const char *reference);
/* The nearest id or name, or NULL. */
const char *rule_nearest(const struct loader *l, const char *reference);

void filter_read(struct loader *l, struct reading *r, const struct yaml_node *document);
/* Adds the conditions of all filters to the rules that they are for. */
void filters_apply(struct loader *l);

/* Checks the size of a condition; false when it is too large, which has been said. */
bool condition_fits(struct loader *l, struct reading *r, struct rule *rule);

/* Reads the `correlation` of a rule: references stay words until all rules are there. */
void correlation_read(struct reading *r, const struct yaml_node *document, struct rule *rule);
/* Finds the rules that correlations refer to, and checks what hangs on them. */
void correlations_resolve(struct loader *l);

/* Gives every rule of the set its identity; identities of filters are mixed in before. */
void identities_find(struct loader *l);
uint64_t identity_mix(uint64_t identity, const struct yaml_node *document);

/* Applies the file of overrides, where the options name one. */
void overrides_apply(struct loader *l);

#endif
