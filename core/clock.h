/* Time as the project keeps it: nanoseconds since 1970 UTC, taken from packets, never from the
 * wall. */
#ifndef CMTAP_CORE_CLOCK_H
#define CMTAP_CORE_CLOCK_H

#include "core/bytes.h"

#define MICROSECOND INT64_C(1000)
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND      (1000 * MILLISECOND)
#define MINUTE      (60 * SECOND)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)

#define TIME_TEXT_MAX 40

/* A clock that follows packet times. Captures hold packets slightly out of order (several queues,
 * several files), so the clock stands still for small steps back and follows large ones. */
struct packet_clock {
	int64_t now;
	uint64_t stepped_back; /* packets that were older than the clock */
};

/* How far back a packet may lie without the clock following it. */
#define CLOCK_TOLERANCE (2 * SECOND)

static inline void clock_follow(struct packet_clock *c, int64_t packet_time)
{
	if (packet_time >= c->now) {
		c->now = packet_time;
		return;
	}
	c->stepped_back++;
	if (c->now - packet_time > CLOCK_TOLERANCE)
		c->now = packet_time;
}

/* ISO 8601 in UTC with microseconds, or nanoseconds where the time has them:
 * 2026-03-01T09:14:22.481317Z. Returns `text`. */
const char *time_print(int64_t time, char text[TIME_TEXT_MAX]);

/* The wall clock, for logs and progress alone. */
int64_t wall_clock(void);

#endif
