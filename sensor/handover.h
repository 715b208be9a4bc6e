/* From the worker to the detector: events, packed, on a ring.
 *
 * Of an event that cannot matter only the packet time goes over: a record of MOMENT_BYTES, an
 * int64_t, by which the detector ends the windows that are over. The worker owns this end of the
 * ring. */
#ifndef CMTAP_SENSOR_HANDOVER_H
#define CMTAP_SENSOR_HANDOVER_H

#include "core/counter.h"
#include "core/event.h"
#include "core/ring.h"

#define MOMENT_BYTES sizeof(int64_t)

struct handover {
	struct ring ring;
	bool may_drop; /* when the ring is full; else the worker waits */
	int64_t last;  /* time of the last record */
	struct counters *counters;
};

/* A ring of at least so many bytes. False when the system refuses. */
bool handover_open(struct handover *h, size_t bytes, bool may_drop, struct counters *counters);
void handover_close(struct handover *h);

/* Cuts the event where its record would be too long, and puts it on the ring. */
void handover_event(struct handover *h, struct event *ev);

/* Tells that a time has come. */
void handover_moment(struct handover *h, int64_t time);

#endif
