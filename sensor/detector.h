/* The detector: one thread that judges events and writes documents.
 *
 * It owns the site model, the windows of correlations, the throttle and the outputs. It takes
 * events off the workers' rings in packet time, lets the site model add what it knows, matches the
 * signatures, and writes what is found. */
#ifndef CMTAP_SENSOR_DETECTOR_H
#define CMTAP_SENSOR_DETECTOR_H

#include "core/ring.h"
#include "sensor/config.h"
#include "sensor/output/sink.h"
#include "sensor/site/site_model.h"
#include "signatures/sigma/sigma.h"

struct detector;

/* Somebody who wants to see every event, with all that the site model knows of it. */
struct event_watcher {
	void (*see)(struct event_watcher *watcher, const struct event *ev);
};

struct detector_options {
	const struct config *config;
	const struct site_file *listed; /* may be NULL */
	struct event_watcher *watcher;  /* may be NULL */
	bool every_event;               /* write all events, not only alerts */
	bool live;
};

/* A detector for the events of one ring. NULL when memory ran out. */
struct detector *detector_open(struct ring *ring, const struct sigma_set *signatures,
                               struct detector_options options);
void detector_close(struct detector *d);

/* Where documents go; the sinks stay the caller's. Call it before running. */
void detector_set_sinks(struct detector *d, struct sink **sinks, size_t count);

/* Works until the ring has ended. Runs in the detector's own thread. */
void detector_run(struct detector *d);

/* Asks a running detector to go on with other signatures and another site file between two events.
 * Both must live until it was asked again or has ended. False when it has not yet done what it was
 * asked before; then nothing changes. Any thread may ask. */
bool detector_exchange(struct detector *d, const struct sigma_set *signatures,
                       const struct site_file *listed);

/* Asks a running detector to open its outputs anew. Any thread may ask. */
void detector_reopen(struct detector *d);

/* What the detector counted; any thread may read it. */
const struct counters *detector_counters(const struct detector *d);

/* After the run: a few lines for a person on sites, servers and alerts. */
void detector_summary(const struct detector *d, FILE *to);
const struct site_model *detector_site_model(const struct detector *d);

#endif
