/* What a person reads on standard error: progress, statistics, and the summary of a run. */
#ifndef CMTAP_SENSOR_SUMMARY_H
#define CMTAP_SENSOR_SUMMARY_H

#include "core/counter.h"

#include <stdint.h>
#include <stdio.h>

/* One line that overwrites itself: bytes, packets, rate, time left. Times in nanoseconds. */
void summary_progress(const struct counters *sum, uint64_t bytes_done, uint64_t bytes_total,
                      int64_t elapsed);

/* Every counter that is not zero, one a line. */
void summary_counters(const struct counters *sum, FILE *to);

/* What was read, what became of every packet, and what was lost or cut and why. */
void summary_run(const struct counters *sum, int64_t elapsed, FILE *to);

#endif
