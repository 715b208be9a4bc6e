/* Reading ahead: a thread of its own reads a large file into one buffer while another is looked at.
 *
 * The kernel's copy out of its page cache is a third of the work of reading a capture; on a second
 * processor it costs the worker nothing. The thread only reads bytes: records, packets and all that
 * follows stay with the owner of the capture. */
#ifndef CMTAP_SENSOR_CAPTURE_AHEAD_H
#define CMTAP_SENSOR_CAPTURE_AHEAD_H

#include "core/bytes.h"

struct ahead;

/* Starts reading `fd` from where it stands, in pieces of `size` bytes, each with room for `room`
 * bytes before it. What is read is added to *bytes_read (may be NULL). NULL when there is no
 * memory, no thread, or when too many others read ahead already. */
struct ahead *ahead_open(int fd, size_t size, size_t room, uint64_t *bytes_read);

enum ahead_status {
	AHEAD_READY,
	AHEAD_WAITING, /* nothing yet; ask again */
	AHEAD_END,     /* the file has ended: there is nothing but what was left */
	AHEAD_FAILED,  /* reading failed; *problem is the errno */
};

/* The next piece, with a copy of what is `left` of the one before in front of it. With AHEAD_READY
 * the piece before is given back, and views into it end; in all other cases nothing changes. */
enum ahead_status ahead_next(struct ahead *a, struct bytes left, struct bytes *window,
                             int *problem);

void ahead_close(struct ahead *a);

#endif
