/* A moving average that starts as a plain one, and that a flood cannot lift quickly. */
#include "sensor/packet/traffic_usual.h"

/* What is usual is known after so many windows of an hour of the day: five minutes. */
#define USUAL_AFTER   30
/* A window moves the average by a 64th of the difference, so that it reaches about ten minutes
 * back and, over the days, mixes those of the same hour. */
#define USUAL_WEIGHT  64
/* A window counts as at most twice what is usual: a flood must last a quarter of an hour before it
 * looks four times as usual as it is. One at least is usual. */
#define USUAL_AT_MOST 2.0F
/* Averages below are nothing. */
#define USUAL_LEAST   0.001F

void usual_begin(struct usual hours[USUAL_HOURS], const struct usual_clock *clock)
{
	for (unsigned i = 0; i < USUAL_HOURS; i++)
		hours[i] = (struct usual){.folded = clock->ended[i]};
}

static void follow(struct usual *hour, enum traffic_measure m, float seen)
{
	float weight = hour->windows < USUAL_WEIGHT ? (float)hour->windows + 1 : USUAL_WEIGHT;
	float was = hour->amount[m], most = (was > 1 ? was : 1) * USUAL_AT_MOST;

	if (hour->windows >= USUAL_AFTER && seen > most)
		seen = most;
	hour->amount[m] = was + (seen - was) / weight;
	if (hour->amount[m] < USUAL_LEAST)
		hour->amount[m] = 0;
}

void usual_learn(struct usual *hour, const uint32_t amount[TRAFFIC_MEASURES])
{
	for (int m = 0; m < TRAFFIC_MEASURES; m++)
		follow(hour, (enum traffic_measure)m, (float)amount[m]);
	hour->windows++;
	hour->folded++;
}

static bool is_nothing(const struct usual *hour)
{
	for (int m = 0; m < TRAFFIC_MEASURES; m++)
		if (hour->amount[m] > 0)
			return false;
	return true;
}

void usual_catch_up(struct usual *hour, uint32_t ended)
{
	static const uint32_t nothing[TRAFFIC_MEASURES] = {0};

	/* After some hundred windows of nothing the averages are nothing. */
	while (hour->folded < ended && !is_nothing(hour))
		usual_learn(hour, nothing);
	if (hour->folded < ended)
		hour->windows += ended - hour->folded;
	hour->folded = ended;
}

bool usual_amount(const struct usual hours[USUAL_HOURS], unsigned hour,
                  enum traffic_measure measure, float *amount)
{
	bool known = hours[hour].windows >= USUAL_AFTER;

	*amount = known ? hours[hour].amount[measure] : 0;
	for (unsigned i = 0; i < USUAL_HOURS && hours[hour].windows < USUAL_AFTER; i++) {
		if (hours[i].windows < USUAL_AFTER)
			continue;
		known = true;
		if (hours[i].amount[measure] > *amount)
			*amount = hours[i].amount[measure];
	}
	return known;
}
