/* The capture as the pipeline sees it: files merged into one run, or one live interface, with what
 * both count. One thread owns a capture; capture_progress() alone may be asked by others. */
#include "sensor/capture/capture.h"

#include "sensor/capture/live.h"
#include "sensor/capture/survey.h"

#include <stdlib.h>
#include <sys/resource.h>

/* Of each file, at first: small enough to stay in a second-level cache between the kernel's copy
 * and our look, large enough that the calls to the kernel cost nothing. Of 64 KiB to 2 MiB, 96 to
 * 256 were the fastest on a file of 1 GB, by a tenth. */
#define BUFFER_SIZE ((size_t)256 << 10)

/* What capture_count() has told already. */
struct told {
	uint64_t files, failed;
};

struct capture {
	struct live *live; /* NULL: files */
	struct merge merge;
	uint64_t total;
	struct told told;
	struct complaints problems;
	struct frame batch[CAPTURE_BATCH]; /* of an interface */
};

/* Half of the files that the system lets us open are for others. */
static size_t most_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / 2 >= LANES_MAX)
		return LANES_MAX;
	return limit.rlim_cur / 2 + 1;
}

struct capture *capture_open_files(const char *const *paths, size_t count,
                                   struct complaints *complaints)
{
	struct capture *c = calloc(1, sizeof(*c));
	unsigned errors = complaints->errors;

	if (!c) {
		complain(complaints, NULL, 0, 0, "out of memory");
		return NULL;
	}
	c->merge.open_most = most_open_files();
	c->merge.buffer_size = BUFFER_SIZE;
	c->merge.problems = &c->problems;
	c->total = survey(&c->merge, paths, count, complaints);
	if (complaints->errors == errors)
		return c;
	capture_close(c);
	return NULL;
}

struct capture *capture_open_live(const char *interface, struct capture_live_options options,
                                  struct complaints *complaints)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (!c) {
		complain(complaints, NULL, 0, 0, "out of memory");
		return NULL;
	}
	c->live = live_open(interface, options, complaints);
	if (c->live)
		return c;
	capture_close(c);
	return NULL;
}

enum capture_status capture_next(struct capture *c, const struct frame **batch, size_t *count)
{
	if (!c->live)
		return merge_next(&c->merge, batch, count);

	enum capture_status status = live_next(c->live, c->batch, count, &c->problems);

	plain_look(c->batch, *count);
	*batch = c->batch;
	return status;
}

void capture_count(struct capture *c, struct counters *counters)
{
	struct told now = {c->merge.files_read, c->merge.files_failed};

	if (c->live)
		live_count(c->live, counters);
	counter_add(counters, COUNTER_CAPTURE_FILES, now.files - c->told.files);
	counter_add(counters, COUNTER_CAPTURE_FILES_FAILED, now.failed - c->told.failed);
	c->told = now;
}

void capture_progress(const struct capture *c, uint64_t *done, uint64_t *total)
{
	*done = __atomic_load_n(&c->merge.bytes_read, __ATOMIC_RELAXED);
	*total = c->total;
}

const struct complaints *capture_problems(const struct capture *c)
{
	return &c->problems;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	if (c->live)
		live_close(c->live);
	merge_close(&c->merge);
	complaints_free(&c->problems);
	free(c);
}
