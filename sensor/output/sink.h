/* Where documents go: standard output or a file. */
#ifndef CMTAP_SENSOR_OUTPUT_SINK_H
#define CMTAP_SENSOR_OUTPUT_SINK_H

#include "core/bytes.h"
#include "core/complaint.h"

struct sink;

/* What became of the documents that a sink was given and no longer holds. */
struct sink_tally {
	uint64_t written, lost;
};

/* `-` is standard output, anything else a path, to whose end is written. NULL with a complaint when
 * it cannot be opened. */
struct sink *sink_open(const char *target, struct complaints *complaints);

/* Takes one document without its line end. False when documents were lost; the reason is logged
 * once, until writing works again. */
bool sink_write(struct sink *s, struct bytes document);

/* Hands over what is held back. False when documents were lost. */
bool sink_flush(struct sink *s);

/* What became of documents since this was last asked. */
struct sink_tally sink_take_tally(struct sink *s);

/* Opens a file anew, so that a rotated one is let go. */
void sink_reopen(struct sink *s);

void sink_close(struct sink *s);

/* Closes a sink that was never used; a file that it made is taken away again. */
void sink_abandon(struct sink *s);

#endif
