/* One live interface, by libpcap. The thread that owns the capture owns it. */
#ifndef CMTAP_SENSOR_CAPTURE_LIVE_H
#define CMTAP_SENSOR_CAPTURE_LIVE_H

#include "sensor/capture/capture.h"

struct live;

/* NULL with a complaint when the interface cannot be opened. */
struct live *live_open(const char *interface, struct capture_live_options options,
                       struct complaints *complaints);

/* Frames that have come, copied; waits up to about 100 ms for the first. CAPTURE_END, with a
 * problem noted, when the interface is gone. */
enum capture_status live_next(struct live *l, struct frame batch[CAPTURE_BATCH], size_t *count,
                              struct complaints *problems);

/* Adds the packets dropped since the last call. */
void live_count(struct live *l, struct counters *counters);

void live_close(struct live *l);

#endif
