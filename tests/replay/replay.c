/* Replays many captures, each as `cmtap read` would, in one process that reads the rules once.
 *
 * A job is a line on standard input: `alerts|events TAB SITE-FILE TAB KEY-LOG-FILE TAB CAPTURE`,
 * the first two files empty for none. Its documents go to standard output, followed by a line `end
 * STATUS` with the exit status that `cmtap read` has. Nothing else is shared between jobs, so a
 * capture gives what it gives alone. Usage: replay CONFIG SIGNATURES [OVERRIDES]. */
#include "sensor/detector.h"
#include "sensor/keylog.h"
#include "sensor/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A job that takes longer hangs; SIGALRM ends the process then. */
#define SECONDS_A_JOB 60

struct job {
	bool every_event;
	const char *site, *keylog, *capture;
};

static void *work(void *worker)
{
	worker_run(worker);
	return NULL;
}

static void *detect(void *detector)
{
	detector_run(detector);
	return NULL;
}

static bool run_threads(struct worker *w, struct detector *d)
{
	pthread_t working, detecting;

	if (pthread_create(&detecting, NULL, detect, d) != 0 ||
	    pthread_create(&working, NULL, work, w) != 0)
		abort();
	pthread_join(working, NULL);
	pthread_join(detecting, NULL);
	return !counter_read(detector_counters(d), COUNTER_DOCUMENTS_LOST);
}

static int replay(const struct job *job, const struct sigma_set *signatures,
                  const struct config *config, struct complaints *complaints)
{
	const struct sigma_set *_Atomic now = signatures;
	struct capture *capture = capture_open_files(&job->capture, 1, complaints);
	struct site_file *listed = job->site[0] ? site_file_read(job->site, complaints) : NULL;
	const struct site_file *_Atomic listed_now = listed;
	struct tls_secrets *secrets =
	        job->keylog[0] ? keylog_read(job->keylog, 100000, complaints) : NULL;
	struct sink *sink = sink_open("-", complaints);
	struct worker *w = NULL;
	struct detector *d = NULL;
	int status = 2;

	if (!complaints->errors)
		w = worker_open(capture, (struct worker_options){.config = config,
		                                                 .signatures = &now,
		                                                 .listed = &listed_now,
		                                                 .secrets = secrets,
		                                                 .every_event = job->every_event});
	if (w)
		d = detector_open(worker_ring(w), signatures,
		                  (struct detector_options){.config = config,
		                                            .listed = listed,
		                                            .every_event = job->every_event});
	if (d) {
		detector_set_sinks(d, &sink, 1);
		status = run_threads(w, d) && !capture_problems(capture)->errors ? 0 : 1;
	}
	detector_close(d);
	worker_close(w);
	sink_close(sink);
	site_file_free(listed);
	tls_secrets_close(secrets);
	capture_close(capture);
	return status;
}

/* Takes a line apart in place. */
static bool job_read(char *line, struct job *job)
{
	char *site = strchr(line, '\t'), *keylog = site ? strchr(site + 1, '\t') : NULL;
	char *capture = keylog ? strchr(keylog + 1, '\t') : NULL;

	line[strcspn(line, "\n")] = '\0';
	if (!capture)
		return false;
	*site++ = *keylog++ = *capture++ = '\0';
	*job = (struct job){!strcmp(line, "events"), site, keylog, capture};
	return true;
}

int main(int argc, char **argv)
{
	struct complaints complaints = {0};
	struct config config;
	struct sigma_set *signatures;
	char line[8192];

	if (argc < 3 || argc > 4)
		return 2;
	config_read(&config, argv[1], &complaints);
	signatures = sigma_load_with(&(struct sigma_options){.overrides = argv[3]},
	                             (const char *const *)argv + 2, 1, &complaints);
	complaints_print(&complaints, stderr);
	if (complaints.errors)
		return 2;
	complaints_free(&complaints);
	while (fgets(line, sizeof(line), stdin)) {
		struct complaints wrong = {0};
		struct job job;

		if (!job_read(line, &job))
			return 2;
		alarm(SECONDS_A_JOB);
		printf("end %d\n", replay(&job, signatures, &config, &wrong));
		fflush(stdout);
		complaints_print(&wrong, stderr);
		complaints_free(&wrong);
	}
	sigma_free(signatures);
	return 0;
}
