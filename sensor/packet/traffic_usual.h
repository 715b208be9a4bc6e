/* What is usual for a server, by the hour of the day (UTC): how much of each measure a window of
 * ten seconds holds on average.
 *
 * A window in which the server got nothing counts as one of nothing, but only where the capture
 * saw packets at all: a sensor that was off knows nothing. One worker owns it. */
#ifndef CMTAP_SENSOR_PACKET_TRAFFIC_USUAL_H
#define CMTAP_SENSOR_PACKET_TRAFFIC_USUAL_H

#include "core/bytes.h"

#define USUAL_HOURS 24

/* What is compared with its usual amount. */
enum traffic_measure {
	MEASURE_COMPLETED,
	MEASURE_REQUESTS,
	MEASURE_MESSAGES,
	MEASURE_REGISTRATIONS,
	MEASURE_STATUS,
	MEASURE_KIBIBYTES,
	MEASURE_PACKETS,
	TRAFFIC_MEASURES
};

/* Of one hour of the day. */
struct usual {
	float amount[TRAFFIC_MEASURES];
	uint32_t windows; /* that were learned from */
	uint32_t folded;  /* how many of the clock's windows these reach */
};

/* How many windows of each hour the capture has seen from beginning to end. */
struct usual_clock {
	uint32_t ended[USUAL_HOURS];
};

/* A server that nothing is known of: windows before now say nothing about it. */
void usual_begin(struct usual hours[USUAL_HOURS], const struct usual_clock *clock);

/* Learns a window of this hour that has ended. */
void usual_learn(struct usual *hour, const uint32_t amount[TRAFFIC_MEASURES]);

/* Learns the windows of this hour in which the server got nothing, up to now. */
void usual_catch_up(struct usual *hour, uint32_t ended);

/* What is usual in an hour: of that hour where it was learned, else the most of all that were.
 * False while none was. */
bool usual_amount(const struct usual hours[USUAL_HOURS], unsigned hour,
                  enum traffic_measure measure, float *amount);

#endif
