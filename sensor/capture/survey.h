/* The look at every file before the first is read: what kind it is, and when it begins. The thread
 * that opens the capture does it. */
#ifndef CMTAP_SENSOR_CAPTURE_SURVEY_H
#define CMTAP_SENSOR_CAPTURE_SURVEY_H

#include "sensor/capture/merge.h"

/* Fills `m` with the files that `paths` mean. What is wrong with a path the user named is a
 * complaint; what is wrong inside of files is a problem. Returns the bytes of all files, or 0 when
 * that is unknown. */
uint64_t survey(struct merge *m, const char *const *paths, size_t count,
                struct complaints *complaints);

#endif
