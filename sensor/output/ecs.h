/* The ECS writer: events and alerts as one JSON object a line (Elastic Common Schema 9.4). */
#ifndef CMTAP_SENSOR_OUTPUT_ECS_H
#define CMTAP_SENSOR_OUTPUT_ECS_H

#include "sensor/output/throttle.h"

struct ecs;

/* A writer. `created` says whether documents tell when they were made: wanted in live captures,
 * left out where replaying a file must give the same documents. NULL when memory ran out. */
struct ecs *ecs_open(bool created);
void ecs_close(struct ecs *w);

/* Each returns the document, without a line end, valid until the next call; empty when memory ran
 * out. */
struct bytes ecs_alert(struct ecs *w, const struct sigma_hit *hit);
struct bytes ecs_event(struct ecs *w, const struct event *ev);
struct bytes ecs_repeated(struct ecs *w, const struct throttled *entry);

/* Before rules that alerts were of are freed. */
void ecs_forget_rules(struct ecs *w);

/* The value of a field as documents show it; NULL when the event does not have it. The caller frees
 * it. */
struct cJSON *ecs_value(const struct event *ev, enum field f);

/* The level an alert has after what decided it: one lower when that was learned, not listed. */
enum sigma_level alert_level(const struct sigma_hit *hit);

#endif
