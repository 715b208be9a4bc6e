/* The site model: who serves what for which site, as listed by the operator or learned from events.
 *
 * It adds what it knows to an event before that is matched, then learns from the event. It never
 * alerts. Where the operator lists servers of a role, the list decides; where nobody is listed,
 * what several clients were told first does; where nothing is known, no fact is stated. The
 * detector thread owns it. */
#ifndef CMTAP_SENSOR_SITE_SITE_MODEL_H
#define CMTAP_SENSOR_SITE_SITE_MODEL_H

#include "core/counter.h"
#include "core/event.h"
#include "sensor/site/site_file.h"

struct site_model;

struct site_limits {
	uint32_t servers, clients, certificates;
	uint32_t pairs;  /* of site systems */
	uint32_t logons; /* by challenge and by response, each one */
};

/* A model of at most so many of each. `listed` may be NULL and must outlive the model.
 * NULL when memory ran out. */
struct site_model *site_model_open(const struct site_file *listed, struct site_limits limits,
                                   struct counters *counters);
void site_model_close(struct site_model *m);

/* Uses another site file from now on; what was learned stays. */
void site_model_relist(struct site_model *m, const struct site_file *listed);

/* Adds facts to the event (in `scratch`, where they are texts), then learns from it. */
void site_model_enrich(struct site_model *m, struct event *ev, struct arena *scratch);

/* Whether the model could learn from an event with these fields. Any thread may ask. */
bool site_model_wants(enum event_kind kind, const struct field_set *present);

/* Prints the site file that the events suggest. */
void site_model_print(const struct site_model *m, FILE *to);

/* Prints sites and servers in a few lines, for a person. */
void site_model_summary(const struct site_model *m, FILE *to);

#endif
