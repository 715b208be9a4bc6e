/* Printing of packet times. */
#include "core/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

const char *time_print(int64_t time, char text[TIME_TEXT_MAX])
{
	time_t seconds = (time_t)(time / SECOND);
	int64_t fraction = time % SECOND;
	struct tm tm;

	if (fraction < 0) {
		fraction += SECOND;
		seconds--;
	}
	gmtime_r(&seconds, &tm);

	size_t n = strftime(text, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);

	if (fraction % MICROSECOND)
		snprintf(text + n, TIME_TEXT_MAX - n, ".%09" PRId64 "Z", fraction);
	else
		snprintf(text + n, TIME_TEXT_MAX - n, ".%06" PRId64 "Z", fraction / MICROSECOND);
	return text;
}

int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}
