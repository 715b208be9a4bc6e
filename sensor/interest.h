/* Which events could matter: to a rule, or to the site model. The rest is dropped before it costs
 * more.
 *
 * The worker asks and owns it. What it says depends only on the events it was asked of, in their
 * order: never on how far the detector is. */
#ifndef CMTAP_SENSOR_INTEREST_H
#define CMTAP_SENSOR_INTEREST_H

#include "sensor/site/site_reach.h"
#include "signatures/sigma/sigma.h"

#include <stdatomic.h>

struct interest {
	/* As they are now; both may be exchanged, and be NULL. */
	const struct sigma_set *_Atomic *signatures;
	const struct site_file *_Atomic *listed;
	bool every_event;
	struct site_reach reach;
	struct field_set flow; /* what the packet path adds to any event */
	struct field_set rest; /* of that, what it adds when it was asked */
	struct field_set lists;
	size_t largest; /* longer records are cut */
};

/* For a site model of so many servers, and records of at most so many bytes. False when memory ran
 * out.
 */
bool interest_open(struct interest *in, uint32_t servers, size_t largest,
                   struct counters *counters);
void interest_close(struct interest *in);

/* Whether any event of this kind with these fields, and those of its flow, could matter. */
bool interest_in_fields(const struct interest *in, enum event_kind kind,
                        const struct field_set *present);

/* Whether an event that has its endpoints could matter, when of the fields that are not there only
 * those in `to_come` may come. What teaches the site model of a handshake or a share must be there.
 */
bool interest_in_part(const struct interest *in, const struct event *ev,
                      const struct field_set *to_come);

/* Whether this event, which has all but what flow_event_rest() adds, could matter. One that may
 * teach the site model is remembered: it must be handed over. */
bool interest_in_event(struct interest *in, const struct event *ev);

#endif
