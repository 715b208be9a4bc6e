/* Windows of correlations: what was counted so far, by group, in packet time. One thread owns a
 * correlator; its memory is fixed when it is opened. */
#ifndef CMTAP_SIGNATURES_SIGMA_CORRELATOR_H
#define CMTAP_SIGNATURES_SIGMA_CORRELATOR_H

#include "signatures/sigma/set.h"

struct correlator;

/* Leaves NULL in `*c` when the set has no correlations. False when memory ran out. */
bool correlator_open(struct correlator **c, const struct sigma_set *set,
                     struct sigma_limits limits);
void correlator_close(struct correlator *c);

/* Takes over what another correlator, of another set, counted for correlations that are the same
 * in both. `c` must not have counted anything yet. */
void correlator_inherit(struct correlator *c, struct correlator *before);

/* An event begins: windows that ended before it are judged. */
void correlator_begin(struct correlator *c, const struct event *ev, sigma_on_hit *on_hit,
                      void *context);
/* A detection rule holds for the event. */
void correlator_take(struct correlator *c, const struct rule *rule);
/* All rules were asked: counts what was taken. */
void correlator_end(struct correlator *c);

/* Judges the windows that ended before `now` without an event. */
void correlator_advance(struct correlator *c, int64_t now, sigma_on_hit *on_hit, void *context);

/* Tells of every event that counts. */
void correlator_watch(struct correlator *c, sigma_on_progress *on_progress, void *context);

void correlator_counts(const struct correlator *c, struct sigma_counts *counts);

#endif
