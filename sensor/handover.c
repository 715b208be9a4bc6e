/* Putting records on the ring; when it is full, waiting or dropping. */
#include "sensor/handover.h"

#include <sched.h>
#include <time.h>

/* What nearly every event fits into, packed. */
#define USUAL_RECORD (2 * (size_t)EVENT_ROOM_LEAST)

bool handover_open(struct handover *h, size_t bytes, bool may_drop, struct counters *counters)
{
	h->may_drop = may_drop;
	h->last = INT64_MIN;
	h->counters = counters;
	return ring_open(&h->ring, bytes);
}

void handover_close(struct handover *h)
{
	ring_close(&h->ring);
}

/* Room for a record, or NULL. */
static void *room(struct handover *h, size_t bytes)
{
	static const struct timespec pause = {.tv_nsec = 50 * 1000};
	void *record = ring_reserve(&h->ring, bytes);

	for (unsigned tries = 0; !record && !h->may_drop && bytes <= ring_largest(&h->ring);
	     tries++) {
		if (tries < 64)
			sched_yield();
		else
			nanosleep(&pause, NULL);
		record = ring_reserve(&h->ring, bytes);
	}
	return record;
}

static void commit(struct handover *h, const struct event *ev)
{
	ring_commit(&h->ring);
	h->last = ev->time;
	count(h->counters, COUNTER_EVENTS_EMITTED);
}

/* Packs an event into the ring at once. False when it needs more room than is there or than events
 * usually do. */
static bool pack_usual(struct handover *h, const struct event *ev)
{
	void *record = ring_reserve(&h->ring, USUAL_RECORD);
	size_t size = record ? event_pack_into(ev, record, USUAL_RECORD) : 0;

	if (!size)
		return false;
	ring_shrink(&h->ring, size);
	commit(h, ev);
	return true;
}

void handover_event(struct handover *h, struct event *ev)
{
	struct event_size size;
	void *record;

	if (pack_usual(h, ev))
		return;
	size = event_fit(ev, ring_largest(&h->ring));
	record = room(h, size.bytes);
	if (!record) {
		count(h->counters, COUNTER_EVENTS_DROPPED);
		return;
	}
	event_pack(ev, &size, record);
	commit(h, ev);
}

void handover_moment(struct handover *h, int64_t time)
{
	int64_t *record = time != h->last ? room(h, MOMENT_BYTES) : NULL;

	if (!record)
		return;
	h->last = *record = time;
	ring_commit(&h->ring);
}
