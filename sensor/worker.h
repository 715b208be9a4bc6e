/* A worker: one thread that turns the packets of one capture into events.
 *
 * It owns everything it touches: decoder, flows, streams and dissectors' state. Nothing here locks
 * or allocates once it runs. Events leave by a ring to the detector. */
#ifndef CMTAP_SENSOR_WORKER_H
#define CMTAP_SENSOR_WORKER_H

#include "core/ring.h"
#include "sensor/capture/capture.h"
#include "sensor/config.h"
#include "sensor/site/site_file.h"
#include "signatures/sigma/sigma.h"

struct worker;

struct worker_options {
	const struct config *config;
	/* As they are now; they may be exchanged. */
	const struct sigma_set *_Atomic *signatures;
	const struct site_file *_Atomic *listed;
	bool every_event; /* hand over all events, not only those somebody could want */
	const struct tls_secrets
	        *secrets; /* of a key log file, or NULL; the worker does not own them */
	bool live;        /* when the ring is full drop, and let time pass without packets too */
};

/* A worker for a capture, which it does not own. NULL when memory ran out. */
struct worker *worker_open(struct capture *capture, struct worker_options options);
void worker_close(struct worker *w);

/* Works until the capture ends or worker_stop() was called, then ends all flows and closes the
 * ring. Runs in the worker's own thread. */
void worker_run(struct worker *w);

/* Asks the worker to finish what is in flight and end. Any thread, or a signal handler, may call
 * it. */
void worker_stop(struct worker *w);

/* The events on their way to the detector. */
struct ring *worker_ring(struct worker *w);

/* What the worker counted so far; any thread may read it. */
const struct counters *worker_counters(const struct worker *w);

#endif
