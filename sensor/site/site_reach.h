/* What the site model can have learned so far, as the worker sees it: more than it has learned,
 * never less.
 *
 * The model belongs to the detector's thread, which may be behind. So the worker remembers of which
 * addresses and names it has handed over events that can teach the model; from what is not there,
 * and not in the site file either, the model states nothing. One thread owns it. */
#ifndef CMTAP_SENSOR_SITE_SITE_REACH_H
#define CMTAP_SENSOR_SITE_SITE_REACH_H

#include "core/counter.h"
#include "core/event.h"
#include "sensor/site/site_file.h"

#define SITE_REACH_FILTER 4096 /* bits */

struct site_reach {
	uint64_t *slot; /* hashes of addresses and names; 0 is free */
	/* By the first bits of a hash: is there any such? Unlike the slots it stays in the cache.
	 */
	uint64_t filter[SITE_REACH_FILTER / 64];
	uint32_t mask, used, most;
	struct counters *counters;
	struct field_set any; /* fields that the model states of some event; of them: */
	struct field_set of_list, of_pair, of_site_system;
};

/* Room for `most` addresses and names; when there are more, everything is in reach. False when
 * memory ran out. */
bool site_reach_open(struct site_reach *r, uint32_t most, struct counters *counters);
void site_reach_close(struct site_reach *r);

/* Of an event that has its endpoints: adds to `open`, the fields that the packet path may still
 * add, what the model may state of it. `listed` is the site file, or NULL. */
void site_reach_fields(const struct site_reach *r, const struct site_file *listed,
                       const struct event *ev, struct field_set *open);

/* Whether the model may learn from the event. */
bool site_reach_teaches(const struct site_reach *r, const struct site_file *listed,
                        const struct event *ev);

/* The event is handed over. */
void site_reach_learn(struct site_reach *r, const struct event *ev);

#endif
