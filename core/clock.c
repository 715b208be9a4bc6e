/* Printing of packet times. */
#include "core/clock.h"

#include <time.h>

#define DAY_SECONDS 86400

/* `digits` digits of a number, with zeros in front. */
static char *put(char *to, uint32_t number, int digits)
{
	for (int i = digits; i--; number /= 10)
		to[i] = (char)('0' + number % 10);
	return to + digits;
}

/* Year, month and day of a day since 1970, in the calendar of today. Years begin with March here,
 * so that a leap day is the last one; 400 of them are 146097 days. */
static char *put_date(char *to, int64_t day)
{
	uint32_t since = (uint32_t)(day + 719468); /* since the first of March in year 0 */
	uint32_t era = since / 146097, of_era = since % 146097;
	uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint32_t month = (5 * of_year + 2) / 153; /* 0: March */

	to = put(to, era * 400 + year + (month >= 10), 4);
	*to++ = '-';
	to = put(to, month < 10 ? month + 3 : month - 9, 2);
	*to++ = '-';
	return put(to, of_year - (153 * month + 2) / 5 + 1, 2);
}

/* A time in nanoseconds lies in the years 1677 to 2262. */
const char *time_print(int64_t time, char text[TIME_TEXT_MAX])
{
	int64_t seconds = time / SECOND, fraction = time % SECOND, day;
	uint32_t of_day;
	char *to = text;

	if (fraction < 0) {
		fraction += SECOND;
		seconds--;
	}
	day = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
	of_day = (uint32_t)(seconds - day * DAY_SECONDS);
	to = put_date(to, day);
	*to++ = 'T';
	to = put(to, of_day / 3600, 2);
	*to++ = ':';
	to = put(to, of_day / 60 % 60, 2);
	*to++ = ':';
	to = put(to, of_day % 60, 2);
	*to++ = '.';
	to = fraction % MICROSECOND ? put(to, (uint32_t)fraction, 9)
	                            : put(to, (uint32_t)(fraction / MICROSECOND), 6);
	*to++ = 'Z';
	*to = 0;
	return text;
}

int64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}
