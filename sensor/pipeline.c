/* capture -> worker -> ring -> detector -> outputs
 *
 * The worker thread takes packets from the capture and puts events on its ring; the detector thread
 * takes them off, judges them and writes documents. The main thread only waits: for the end, and
 * for signals, all of which are blocked in the other two. */
#include "sensor/pipeline.h"

#include "core/log.h"
#include "sensor/detector.h"
#include "sensor/summary.h"
#include "sensor/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PROGRESS_INTERVAL (250 * MILLISECOND)

/* What a reload exchanges. */
struct knowledge {
	struct signatures signatures;
	struct site_file *listed;
};

struct pipeline {
	struct pipeline_options options;
	struct capture *capture;
	struct knowledge now, before; /* `before` is kept: a worker may still look at it */
	const struct sigma_set *_Atomic signatures;
	const struct site_file *_Atomic listed;
	struct worker *worker;
	struct detector *detector;
	pthread_t main_thread;
	int64_t started;
	bool stopping;
	bool reload_waits; /* for the one before, which the detector has not taken yet */
};

static void knowledge_free(struct knowledge *k)
{
	signatures_free(&k->signatures);
	site_file_free(k->listed);
	*k = (struct knowledge){0};
}

static bool knowledge_load(const struct pipeline_options *options, struct knowledge *k,
                           struct complaints *complaints)
{
	unsigned errors;

	*k = (struct knowledge){0};
	signatures_load(&options->signatures, &k->signatures, complaints);
	errors = complaints->errors;
	if (options->site_path)
		k->listed = site_file_read(options->site_path, complaints);
	if (complaints->errors == errors && signatures_are_usable(&k->signatures))
		return true;
	knowledge_free(k);
	return false;
}

struct pipeline *pipeline_open(struct capture *capture, struct pipeline_options options,
                               struct complaints *complaints)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->options = options;
	p->capture = capture;
	p->started = wall_clock();
	if (!knowledge_load(&p->options, &p->now, complaints)) {
		pipeline_close(p);
		return NULL;
	}
	p->signatures = p->now.signatures.set;
	p->listed = p->now.listed;

	struct worker_options worker = {
	        .config = &p->options.config,
	        .signatures = &p->signatures,
	        .listed = &p->listed,
	        .every_event = options.every_event || options.watcher,
	        .live = options.live,
	        .secrets = options.secrets,
	};
	struct detector_options detector = {
	        .config = &p->options.config,
	        .listed = p->now.listed,
	        .watcher = options.watcher,
	        .every_event = options.every_event,
	        .live = options.live,
	};

	p->worker = worker_open(capture, worker);
	if (p->worker)
		p->detector =
		        detector_open(worker_ring(p->worker), p->now.signatures.set, detector);
	if (p->detector)
		return p;
	complain(complaints, NULL, 0, 0, "out of memory: lower limits.memory in the config");
	pipeline_close(p);
	return NULL;
}

void pipeline_close(struct pipeline *p)
{
	if (!p)
		return;
	detector_close(p->detector);
	worker_close(p->worker);
	knowledge_free(&p->now);
	knowledge_free(&p->before);
	free(p);
}

void pipeline_set_sinks(struct pipeline *p, struct sink **sinks, size_t count)
{
	detector_set_sinks(p->detector, sinks, count);
}

unsigned pipeline_left_out(const struct pipeline *p)
{
	return p->now.signatures.left_out;
}

const struct site_model *pipeline_site_model(const struct pipeline *p)
{
	return detector_site_model(p->detector);
}

static void *worker_main(void *context)
{
	struct pipeline *p = context;

	pthread_setname_np(pthread_self(), "cmtap-worker");
	worker_run(p->worker);
	return NULL;
}

static void *detector_main(void *context)
{
	struct pipeline *p = context;

	pthread_setname_np(pthread_self(), "cmtap-detector");
	detector_run(p->detector);
	/* The main thread waits for signals; the end comes as one. */
	pthread_kill(p->main_thread, SIGUSR2);
	return NULL;
}

static void sum_counters(const struct pipeline *p, struct counters *sum)
{
	*sum = (struct counters){0};
	counters_sum(sum, worker_counters(p->worker));
	counters_sum(sum, detector_counters(p->detector));
}

/* New rules and site file, all or nothing. Asked for while the detector has not taken those before,
 * it is done a little later. */
static void reload(struct pipeline *p)
{
	struct complaints complaints = {0};
	struct knowledge fresh;
	bool ok = knowledge_load(&p->options, &fresh, &complaints) && !complaints.errors;
	unsigned errors = complaints.errors;

	p->reload_waits = false;
	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	if (!ok) {
		log_line(LOG_ERROR,
		         "reload: %u errors; the old signatures and site file stay in use", errors);
		knowledge_free(&fresh);
		return;
	}
	if (!detector_exchange(p->detector, fresh.signatures.set, fresh.listed)) {
		p->reload_waits = true;
		knowledge_free(&fresh);
		return;
	}
	atomic_store_explicit(&p->signatures, fresh.signatures.set, memory_order_release);
	atomic_store_explicit(&p->listed, fresh.listed, memory_order_release);
	knowledge_free(&p->before);
	p->before = p->now;
	p->now = fresh;
}

/* The first time ends the run, the second time the program. */
static void stop(struct pipeline *p, int sig)
{
	sigset_t only;

	if (!p->stopping) {
		p->stopping = true;
		worker_stop(p->worker);
		return;
	}
	log_line(LOG_ERROR, "stopped at once; documents on their way are lost");
	signal(sig, SIG_DFL);
	sigemptyset(&only);
	sigaddset(&only, sig);
	pthread_sigmask(SIG_UNBLOCK, &only, NULL);
	raise(sig);
}

static void show_progress(const struct pipeline *p, bool *shown)
{
	struct counters sum;
	uint64_t done, total;

	if (p->options.quiet || p->options.live || !isatty(STDERR_FILENO))
		return;
	sum_counters(p, &sum);
	capture_progress(p->capture, &done, &total);
	summary_progress(&sum, done, total, wall_clock() - p->started);
	*shown = true;
}

/* Waits for the end and serves signals meanwhile. */
static void wait_for_end(struct pipeline *p, const sigset_t *signals)
{
	static const struct timespec interval = {.tv_nsec = PROGRESS_INTERVAL};
	bool shown = false;

	for (;;) {
		struct counters sum;

		int sig = sigtimedwait(signals, NULL, &interval);

		switch (sig) {
		case SIGUSR2:
			if (shown)
				fprintf(stderr, "\r\033[K");
			return;
		case SIGINT:
		case SIGTERM:
			stop(p, sig);
			break;
		case SIGHUP:
			detector_reopen(p->detector);
			reload(p);
			break;
		case SIGUSR1:
			sum_counters(p, &sum);
			summary_counters(&sum, stderr);
			break;
		default:
			if (p->reload_waits)
				reload(p);
			show_progress(p, &shown);
			break;
		}
	}
}

bool pipeline_run(struct pipeline *p)
{
	pthread_t worker, detector;
	sigset_t signals;
	struct counters sum;
	const struct complaints *problems;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	p->main_thread = pthread_self();
	if (pthread_create(&detector, NULL, detector_main, p) != 0) {
		log_line(LOG_ERROR, "no thread: %s", strerror(errno));
		return false;
	}
	if (pthread_create(&worker, NULL, worker_main, p) != 0) {
		log_line(LOG_ERROR, "no thread: %s", strerror(errno));
		ring_finish(worker_ring(p->worker));
		pthread_join(detector, NULL);
		return false;
	}
	wait_for_end(p, &signals);
	pthread_join(worker, NULL);
	pthread_join(detector, NULL);
	sum_counters(p, &sum);
	problems = capture_problems(p->capture);
	if (problems->errors || !p->options.quiet)
		complaints_print(problems, stderr);
	if (!p->options.quiet) {
		summary_run(&sum, wall_clock() - p->started, stderr);
		detector_summary(p->detector, stderr);
	}
	if (log_get_level() >= LOG_INFO)
		summary_counters(&sum, stderr);
	return !problems->errors && !counter_read(&sum, COUNTER_DOCUMENTS_LOST);
}
