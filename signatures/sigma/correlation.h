/* A correlation as its author wrote it: what it counts, by what, within which time. Read-only once
 * loaded. */
#ifndef CMTAP_SIGNATURES_SIGMA_CORRELATION_H
#define CMTAP_SIGNATURES_SIGMA_CORRELATION_H

#include "signatures/sigma/rule.h"

enum correlation_type {
	CORRELATION_EVENT_COUNT,
	CORRELATION_VALUE_COUNT,
	CORRELATION_TEMPORAL,
	CORRELATION_TEMPORAL_ORDERED,
	CORRELATION_VALUE_SUM,
	CORRELATION_VALUE_AVG,
	CORRELATION_TYPE_COUNT,
};

/* Rules that one correlation may name, fields that it groups by, values of a distinct tuple. */
#define CORRELATIONS_MAX       1000 /* in a set */
#define CORRELATION_RULES_MAX  16
#define CORRELATION_KEYS_MAX   8
#define CORRELATION_BOUNDS_MAX 6

struct bound {
	enum comparison how;
	int64_t value;
};

/* Where a value is found in an event that satisfied a rule: in a field; or, of a hit of another
 * correlation, among what that one groups by. */
struct source {
	bool is_key;
	enum field field;
	unsigned key;
};

/* A rule whose hits count. */
struct member {
	const struct yaml_node *place;
	const char *reference; /* as written */
	struct rule *rule;
	struct source key[CORRELATION_KEYS_MAX];
	struct source value[CORRELATION_KEYS_MAX];
};

struct correlation {
	enum correlation_type type;
	struct member member[CORRELATION_RULES_MAX];
	unsigned members;
	const char *key[CORRELATION_KEYS_MAX]; /* names of fields or aliases */
	unsigned keys;
	const char *value[CORRELATION_KEYS_MAX];
	unsigned values;
	int64_t span;
	struct bound bound[CORRELATION_BOUNDS_MAX];
	unsigned bounds;
	/* Judged when the span of a group ends, because events to come can still change it. */
	bool is_timed;
	uint32_t number; /* among the correlations, members before those that count them */
	/* reading */
	const struct yaml_node *place, *group_by, *aliases;
	bool is_resolved;
};

/* The words for a type and an operator, as rules write them. */
extern const char *const correlation_type_name[CORRELATION_TYPE_COUNT];
extern const char *const comparison_name[COMPARE_NOT_EQUAL + 1];

/* Whether a count or sum satisfies all bounds. */
bool correlation_is_met(const struct correlation *c, struct number measured);

/* How many events of a group (or distinct values) are enough to satisfy it, where more of them
 * never undo that. */
uint64_t correlation_enough(const struct correlation *c);

#endif
