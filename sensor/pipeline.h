/* The pipeline: capture, worker, detector and outputs, wired together for one run. */
#ifndef CMTAP_SENSOR_PIPELINE_H
#define CMTAP_SENSOR_PIPELINE_H

#include "sensor/capture/capture.h"
#include "sensor/config.h"
#include "sensor/detector.h"
#include "sensor/signature_set.h"

struct pipeline_options {
	struct config config;
	struct signature_sources signatures;
	const char *site_path;             /* NULL: learn */
	const struct tls_secrets *secrets; /* of a key log file; NULL: none */
	struct event_watcher *watcher;     /* sees every event; NULL: nobody does */
	bool every_event, live, quiet;
};

struct pipeline;

/* Loads signatures and site file, and makes ready. Whatever is wrong in them is a complaint; then,
 * and when memory ran out, the result is NULL; but mistakes in rule files that were found in
 * folders cost these rules only. The capture stays the caller's. */
struct pipeline *pipeline_open(struct capture *capture, struct pipeline_options options,
                               struct complaints *complaints);

/* Where documents go; the sinks stay the caller's. Call it before running. */
void pipeline_set_sinks(struct pipeline *p, struct sink **sinks, size_t count);

/* Runs until the capture ends or a signal asks to stop; shows progress and a summary on standard
 * error. False when something failed while running. */
bool pipeline_run(struct pipeline *p);

/* Mistakes in rule files, for which rules were left out. */
unsigned pipeline_left_out(const struct pipeline *p);

/* What was learned. */
const struct site_model *pipeline_site_model(const struct pipeline *p);

void pipeline_close(struct pipeline *p);

#endif
