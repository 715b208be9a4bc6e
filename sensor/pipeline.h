/* The pipeline: capture, worker, detector and outputs, wired together for one run. */
#ifndef CMTAP_SENSOR_PIPELINE_H
#define CMTAP_SENSOR_PIPELINE_H

#include "sensor/capture/capture.h"
#include "sensor/config.h"
#include "sensor/output/sink.h"
#include "sensor/site/site_model.h"
#include "signatures/sigma/sigma.h"

struct pipeline_options {
	struct config config;
	const char *const *signature_paths; /* none: no signatures at all */
	size_t signature_path_count;
	const char *site_path; /* NULL: learn */
	bool every_event, live, quiet;
};

struct pipeline;

/* Loads signatures and site file, and makes ready. Whatever is wrong in them is a complaint; then,
 * and when memory ran out, the result is NULL. The capture stays the caller's. */
struct pipeline *pipeline_open(struct capture *capture, struct pipeline_options options,
                               struct complaints *complaints);

/* Where documents go; the sinks stay the caller's. Call it before running. */
void pipeline_set_sinks(struct pipeline *p, struct sink **sinks, size_t count);

/* Runs until the capture ends or a signal asks to stop; shows progress and a summary on standard
 * error. False when something failed while running. */
bool pipeline_run(struct pipeline *p);

/* What was learned. */
const struct site_model *pipeline_site_model(const struct pipeline *p);

void pipeline_close(struct pipeline *p);

#endif
