/* Reading ahead: a thread of its own reads a large file, finds the frames in it and looks at their
 * headers, while the frames before them are worked on.
 *
 * The kernel's copy out of its page cache is a third of the work of reading a capture; on a second
 * processor it costs the worker nothing. There the bytes are in that processor's cache, too: what
 * the records and plain headers say is put down in one cache line a frame, so that the worker does
 * not need to fetch the bytes of frames that nobody wants. */
#ifndef CMTAP_SENSOR_CAPTURE_AHEAD_H
#define CMTAP_SENSOR_CAPTURE_AHEAD_H

#include "sensor/capture/source.h"

struct ahead;

/* Starts reading an open source ahead. Until ahead_close() the source belongs to the thread. NULL
 * when that is not worth it or not possible: the file is small or no file, its format's views do
 * not live long enough, there is no memory, no thread, or too many others read ahead already. */
struct ahead *ahead_open(struct source *source);

/* The next frames, at most CAPTURE_BATCH. They and their views live until the next call. At
 * CAPTURE_END the source says why, as after source_batch(). */
enum capture_status ahead_next(struct ahead *a, const struct frame **frames, size_t *count);

/* Ends the thread; the source is the caller's again, to be closed. */
void ahead_close(struct ahead *a);

#endif
