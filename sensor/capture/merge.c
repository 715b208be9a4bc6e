/* Merging of files by packet time: a heap of open files, each with a queue of its next frames.
 *
 * A file is opened when the merge comes to the time of its first packet, so that a folder of
 * captures made one after the other needs one open file at a time. The frames of a queue are views
 * into the buffer of their file and end when the queue is filled anew; that happens only at the
 * start of a batch. An empty queue has the least key there is, so that it comes to the top of the
 * heap and is filled before any other file goes on. */
#include "sensor/capture/merge.h"

#include <stdio.h>
#include <stdlib.h>

enum source_opened lane_open(struct lane **lane, const struct file *file, size_t size,
                             uint64_t *bytes_read, char *problem, size_t problem_size)
{
	struct lane *l = calloc(1, sizeof(*l));

	*lane = NULL;
	if (!l) {
		snprintf(problem, problem_size, "out of memory");
		return SOURCE_UNREADABLE;
	}

	enum source_opened opened = source_open(&l->source, file->path, size, bytes_read);

	if (opened == SOURCE_OPEN) {
		l->key = KEY_UNKNOWN;
		l->order = file->order;
		l->path = file->path;
		*lane = l;
		return opened;
	}
	snprintf(problem, problem_size, "%s", l->source.problem);
	lane_close(l);
	return opened;
}

void lane_close(struct lane *lane)
{
	ahead_close(lane->ahead);
	source_close(&lane->source);
	free(lane);
}

enum capture_status lane_next(struct lane *lane, const struct frame **frames, size_t *count)
{
	if (lane->ahead)
		return ahead_next(lane->ahead, frames, count);

	enum capture_status status = source_batch(&lane->source, lane->own, count);

	plain_look(lane->own, *count);
	*frames = lane->own;
	return status;
}

static bool before(const struct lane *a, const struct lane *b)
{
	return a->key != b->key ? a->key < b->key : a->order < b->order;
}

/* Puts the lane at `i` where it belongs below. */
static void sift_down(struct merge *m, size_t i)
{
	struct lane *lane = m->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < m->open && before(m->heap[child + 1], m->heap[child]))
			child++;
		if (child >= m->open || !before(m->heap[child], lane))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = lane;
}

void merge_add(struct merge *m, struct lane *lane)
{
	size_t i = m->open++;

	lane->ahead = ahead_open(&lane->source);
	for (; i && before(lane, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
		m->heap[i] = m->heap[(i - 1) / 2];
	m->heap[i] = lane;
	m->files_read++;
}

/* Ends the lane on top. */
static void finish_top(struct merge *m)
{
	struct lane *lane = m->heap[0];

	if (lane->source.problem[0]) {
		m->files_failed++;
		complain(m->problems, file_label(lane->path), 0, 0, "%s", lane->source.problem);
	}
	lane_close(lane);
	m->heap[0] = m->heap[--m->open];
	if (m->open)
		sift_down(m, 0);
}

/* Whether the next file begins before the frame on top of the heap, or nothing else is left. */
static bool next_file_is_due(struct merge *m)
{
	if (m->upcoming == m->upcoming_end)
		return false;

	const struct file *next = &m->files.at[m->upcoming];

	if (m->open && next->first_time > m->heap[0]->key)
		return false;
	if (m->open < m->open_most)
		return true;
	if (!m->crowded)
		complain_mildly(m->problems, file_label(next->path), 0, 0,
		                "more than %zu files overlap in time; its packets come late",
		                m->open_most);
	m->crowded = true;
	return false;
}

static void open_next_file(struct merge *m)
{
	const struct file *file = &m->files.at[m->upcoming++];
	char problem[sizeof(((struct source *)0)->problem)];
	struct lane *lane;

	lane_open(&lane, file, m->buffer_size, &m->bytes_read, problem, sizeof(problem));
	if (lane) {
		merge_add(m, lane);
		return;
	}
	m->files_failed++;
	complain(m->problems, file_label(file->path), 0, 0, "%s", problem);
}

/* Fills the empty queue of the lane on top, or takes the lane away. */
static enum capture_status refill_top(struct merge *m)
{
	struct lane *lane = m->heap[0];
	enum capture_status status = lane_next(lane, &lane->queue, &lane->count);

	lane->at = 0;
	if (status == CAPTURE_END) {
		finish_top(m);
	} else if (status == CAPTURE_PACKETS) {
		lane->key = lane->queue[0].time;
		sift_down(m, 0);
	}
	return status;
}

static struct frame take_from_top(struct merge *m)
{
	struct lane *lane = m->heap[0];
	struct frame frame = lane->queue[lane->at++];

	lane->key = lane->at < lane->count ? lane->queue[lane->at].time : KEY_UNKNOWN;
	sift_down(m, 0);
	return frame;
}

/* The last file needs no queue. */
static enum capture_status next_of_last(struct merge *m, const struct frame **frames, size_t *count)
{
	enum capture_status status = lane_next(m->heap[0], frames, count);

	if (status == CAPTURE_END)
		finish_top(m);
	return status;
}

enum capture_status merge_next(struct merge *m, const struct frame **frames, size_t *count)
{
	*frames = m->batch;
	*count = 0;
	while (*count < CAPTURE_BATCH) {
		while (next_file_is_due(m))
			open_next_file(m);
		if (!m->open)
			return *count ? CAPTURE_PACKETS : CAPTURE_END;

		struct lane *top = m->heap[0];

		if (top->at < top->count) {
			m->batch[(*count)++] = take_from_top(m);
			continue;
		}
		if (*count)
			return CAPTURE_PACKETS;
		if (m->open == 1 && m->upcoming == m->upcoming_end)
			return next_of_last(m, frames, count);
		if (refill_top(m) == CAPTURE_IDLE)
			return CAPTURE_IDLE;
	}
	return CAPTURE_PACKETS;
}

void merge_close(struct merge *m)
{
	for (size_t i = 0; i < m->open; i++)
		lane_close(m->heap[i]);
	files_free(&m->files);
	m->open = 0;
}
