/* What changes while matching. One thread owns a detector; many may share its set. */
#ifndef CMTAP_SIGNATURES_SIGMA_DETECTOR_H
#define CMTAP_SIGNATURES_SIGMA_DETECTOR_H

#include "signatures/sigma/set.h"

struct correlator;

struct sigma_detector {
	const struct sigma_set *set;
	struct test_scratch scratch;
	/* Nothing is cleared between events: what carries another epoch is from before. */
	uint32_t epoch;  /* of the event */
	uint32_t stamp;  /* of the value that is searched */
	uint32_t *known; /* of each predicate: the epoch in which it was asked, shifted; lowest bit:
	                  * the answer */
	uint32_t *key;   /* of each predicate: the epoch in which its key was found */
	uint32_t *seen;  /* of each entry of an index: the stamp of the value where it was found */
	uint32_t searched[FIELD_COUNT]; /* the epoch in which the index of the field ran */
	uint64_t *candidate;            /* rules worth a look: a bit each */
	const struct event *event;
	uint64_t suppressed;           /* hits that an override kept back */
	struct correlator *correlator; /* NULL where the set has no correlations */
};

/* Whether the rule's condition holds for the event that the detector looks at. */
bool detector_rule_holds(struct sigma_detector *d, const struct rule *rule);

#endif
