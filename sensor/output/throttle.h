/* Throttling: of equal alerts the first is told whole, the others are counted.
 *
 * Equal means the same signature, client and server. When the window after the first is over, how
 * many came in it is told once, and the next one is told whole again. The detector thread owns it.
 */
#ifndef CMTAP_SENSOR_OUTPUT_THROTTLE_H
#define CMTAP_SENSOR_OUTPUT_THROTTLE_H

#include "core/address.h"
#include "core/counter.h"
#include "signatures/sigma/sigma.h"

/* Equal alerts of one window. */
struct throttled {
	const struct sigma_rule *rule;
	struct address client, server;
	bool has_client, has_server;
	int64_t first, last; /* packet times of the first and the last alert */
	int64_t now;         /* packet time when it is told, not before `last` */
	uint64_t repeated;   /* without the first */
};

typedef void throttle_tell(void *context, const struct throttled *entry);

struct throttle;

/* Remembers at most so many alerts; `tell` is called for every window that had repetitions. NULL
 * when memory ran out. */
struct throttle *throttle_open(uint32_t entries, int64_t window, struct counters *counters,
                               throttle_tell *tell, void *context);
void throttle_close(struct throttle *t);

/* True when this alert is to be told whole; false when it was only counted. */
bool throttle_pass(struct throttle *t, const struct sigma_hit *hit);

/* Ends the windows that are over at `now`. */
void throttle_advance(struct throttle *t, int64_t now);
/* Ends all windows. */
void throttle_end(struct throttle *t);

#endif
