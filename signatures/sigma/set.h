/* A rule set inside: rules, predicates, indexes, and for each kind of event what to do with it.
 *
 * Made once by the loader and the compiler, read-only from then on; threads share it. */
#ifndef CMTAP_SIGNATURES_SIGMA_SET_H
#define CMTAP_SIGNATURES_SIGMA_SET_H

#include "signatures/sigma/gate.h"
#include "signatures/sigma/index.h"
#include "signatures/sigma/rule.h"

/* A test that one or many rules ask. */
struct predicate {
	const struct test *test;
	bool is_indexed; /* the index of its field says when it holds */
	bool has_key;    /* a regular expression: only where the index has found its key */
	uint32_t users;  /* rules that ask it */
	/* The rules that are worth a look when it holds: each has no chance without one of its
	 * witnesses. */
	uint32_t *witness_of;
	size_t witness_count;
};

/* What to do with an event of one kind. */
struct plan {
	uint64_t *rules;         /* that apply to the kind: a bit each */
	uint64_t *always;        /* those without witness */
	struct field_set search; /* fields whose index may find a witness */
	uint32_t *ask;           /* witnesses that no index finds */
	size_t asks;
	struct field_set *need; /* a rule can hold only where all fields of one of these are set */
	size_t needs;
	struct gate gate;
};

struct sigma_set {
	struct memory memory;
	struct regex *regexes; /* the newest first */
	size_t regex_count;
	struct rule **rule;
	size_t rules;
	size_t rule_words; /* 64-bit words of a set of rules */
	struct predicate *predicate;
	size_t predicates;
	struct step *step;
	size_t steps;
	struct index *index[FIELD_COUNT]; /* NULL where no rule asks */
	uint32_t entries;                 /* of all indexes */
	struct rule **correlation;        /* by number: what is counted before what counts it */
	uint32_t correlations;
	struct plan plan[EVENT_KIND_COUNT];
};

/* Numbers the predicates of all rules, compiles conditions, builds indexes and plans. What turns
 * out to be wrong becomes complaints; the rule is then marked bad and has no part in the plans. */
void set_compile(struct sigma_set *set, struct complaints *complaints);

static inline bool field_set_includes(const struct field_set *larger,
                                      const struct field_set *smaller)
{
	for (size_t i = 0; i < FIELD_WORDS; i++)
		if (smaller->word[i] & ~larger->word[i])
			return false;
	return true;
}

/* Compiles the condition of one rule. */
void condition_compile(struct sigma_set *set, struct rule *rule);

/* The predicates of which one must hold when the rule does. False when there are none: the rule
 * must always be looked at. */
bool witness_choose(struct sigma_set *set, const struct rule *rule, uint32_t **witness,
                    size_t *count);
/* Whether the condition of the rule is always false. */
bool condition_is_false(const struct node *n);

/* The least sets of packet-path fields of which one must be there for the rule to hold. */
#define NEEDS_MAX 16
struct needs {
	struct field_set set[NEEDS_MAX];
	size_t count;
};
/* Adds an alternative to `*count` others, of which there is room for `max`. Those that need more
 * than another one are left out. */
void needs_add(struct field_set *at, size_t *count, size_t max, const struct field_set *set);
/* Of an event of this kind: what needs a fact that the detector never states of it is no
 * alternative. */
void needs_of(const struct node *condition, enum event_kind kind, struct needs *needs);

#endif
