/* One comparison of a rule: a field, a way to compare, and what to compare with.
 *
 * Equal tests of different rules are one predicate with one number, asked at most once per event.
 * A positive test is true when any element of the field satisfies it, and false when the field is
 * absent; negation is the business of the tree that holds the test. */
#ifndef CMTAP_SIGNATURES_SIGMA_TEST_H
#define CMTAP_SIGNATURES_SIGMA_TEST_H

#include "signatures/sigma/fact.h"
#include "signatures/sigma/pattern.h"
#include "signatures/sigma/regex.h"

enum test_kind {
	TEST_PRESENT, /* whatever its value */
	TEST_NULL,    /* absent, or an explicit null */
	TEST_TEXT,    /* one of the patterns fits */
	TEST_INTEGER, /* one of the integers */
	TEST_BOOLEAN,
	TEST_COMPARE, /* a number, less or greater */
	TEST_NETWORK, /* an address in one of the networks */
	TEST_REGEX,
	TEST_FIELD, /* like another field of the event */
	TEST_TIME,  /* part of a time */
};

enum comparison {
	COMPARE_EQUAL,
	COMPARE_LESS,
	COMPARE_LESS_EQUAL,
	COMPARE_GREATER,
	COMPARE_GREATER_EQUAL,
	COMPARE_NOT_EQUAL,
};

enum time_part {
	PART_NONE,
	PART_MINUTE,
	PART_HOUR,
	PART_DAY,
	PART_WEEK,
	PART_MONTH,
	PART_YEAR,
};

/* Of a keyword: any field, TEST_TEXT, TEST_INTEGER and TEST_REGEX alone. */
#define FIELD_ANY FIELD_COUNT

struct test {
	enum test_kind kind;
	enum field field;
	bool boolean;               /* of TEST_BOOLEAN */
	enum comparison comparison; /* of TEST_COMPARE and TEST_TIME */
	enum time_part part;        /* of TEST_TIME */
	struct number number;       /* of TEST_COMPARE and TEST_TIME */
	enum field other;           /* of TEST_FIELD */
	enum pattern_shape shape;   /* of TEST_FIELD: equal, prefix, suffix or contains */
	const struct regex *regex;
	size_t count; /* of patterns, integers or networks */
	const struct pattern *const *pattern;
	const int64_t *integer;
	const struct network *network;
};

/* What asking needs; one thread owns it. */
struct test_scratch {
	uint8_t *folded, *other; /* FOLD_ROOM(EVENT_TEXT_MAX) bytes each */
	struct regex_scratch regex;
};

bool test_scratch_open(struct test_scratch *s);
void test_scratch_close(struct test_scratch *s);

bool comparison_holds(enum comparison how, int order);

/* Asks the test of an event. */
bool test_holds(const struct test *t, const struct event *ev, struct test_scratch *s);

/* The text of an element, folded into `to`; texts longer than events may hold are cut. */
struct bytes test_fold(struct bytes text, uint8_t *to);

#endif
