/* Where documents go: standard output or a file. */
#ifndef CMTAP_SENSOR_OUTPUT_SINK_H
#define CMTAP_SENSOR_OUTPUT_SINK_H

#include "core/bytes.h"
#include "core/complaint.h"

struct sink;

/* `-` is standard output, anything else a path, to whose end is written. NULL with a complaint when
 * it cannot be opened. */
struct sink *sink_open(const char *target, struct complaints *complaints);

/* Takes one document without its line end. False when it could not be written: then, and at every
 * later failure, the document is lost; the reason is logged once. */
bool sink_write(struct sink *s, struct bytes document);

/* Hands over what is buffered. False when that failed. */
bool sink_flush(struct sink *s);

/* Opens a file anew, so that a rotated one is let go. */
void sink_reopen(struct sink *s);

void sink_close(struct sink *s);

#endif
