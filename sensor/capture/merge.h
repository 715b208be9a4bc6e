/* Several capture files as one run in packet-time order. The thread that owns the capture owns it;
 * `bytes_read` alone is read by others. */
#ifndef CMTAP_SENSOR_CAPTURE_MERGE_H
#define CMTAP_SENSOR_CAPTURE_MERGE_H

#include "sensor/capture/ahead.h"
#include "sensor/capture/files.h"

/* Files open at the same time, at most. */
#define LANES_MAX 128

/* Less than any time: the key of a lane whose next frame is not known yet. */
#define KEY_UNKNOWN INT64_MIN

/* A file being read, with the frames that come next. */
struct lane {
	struct source source;
	struct ahead *ahead; /* of a large file: then it owns the source */
	int64_t key;         /* the time of its next frame; KEY_UNKNOWN before that is known */
	size_t order;        /* decides between equal keys */
	const struct frame *queue;
	size_t at, count;
	char *path; /* the file list's */
	struct frame own[CAPTURE_BATCH];
};

struct merge {
	struct file_list files;       /* by the time of their first packet */
	size_t upcoming;              /* the next to be opened */
	size_t upcoming_end;          /* from here on they are not to be opened */
	struct lane *heap[LANES_MAX]; /* the lane with the least key first */
	size_t open, open_most;
	size_t buffer_size; /* of each file */
	bool crowded;       /* we said that too many files overlap */
	uint64_t files_read, files_failed;
	uint64_t bytes_read;
	struct complaints *problems;
	struct frame batch[CAPTURE_BATCH]; /* of several files */
};

/* Adds a file that is open already, and starts to read it ahead where that is worth it. */
void merge_add(struct merge *m, struct lane *lane);

/* Opens a file as a lane, with a buffer of `size` bytes. The lane is NULL unless SOURCE_OPEN, and
 * `problem` then says why. */
enum source_opened lane_open(struct lane **lane, const struct file *file, size_t size,
                             uint64_t *bytes_read, char *problem, size_t problem_size);
void lane_close(struct lane *lane);

/* The next frames of one file. */
enum capture_status lane_next(struct lane *lane, const struct frame **frames, size_t *count);

/* The next frames of all files. */
enum capture_status merge_next(struct merge *m, const struct frame **frames, size_t *count);

void merge_close(struct merge *m);

#endif
