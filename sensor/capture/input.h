/* The bytes of one capture file, in order: of a file, a pipe or standard input, unpacked when they
 * are gzip'ed, in one reused buffer.
 *
 * The bytes at hand are a window into the buffer. A format reads them through a `struct reader`,
 * says how far it came, and asks for more; asking moves what is left to the front, so that views
 * into the window end then. The buffer grows only for a record that does not fit, up to INPUT_MOST.
 * The thread that owns the capture owns its inputs; `bytes_read` alone is read by others. */
#ifndef CMTAP_SENSOR_CAPTURE_INPUT_H
#define CMTAP_SENSOR_CAPTURE_INPUT_H

#include "core/reader.h"

/* No record needs a larger window than this. */
#define INPUT_MOST (2U << 20)

/* How long a pipe may be silent before we say that we wait, in milliseconds. */
#define INPUT_PATIENCE 100

#define INPUT_PROBLEM_MAX 160

enum input_status {
	INPUT_READY,   /* what was asked for is in the window */
	INPUT_WAITING, /* not yet: a pipe is silent, or a signal came */
	INPUT_END,     /* there are no more bytes than those in the window */
	INPUT_FAILED,  /* `problem` says why */
};

struct ahead;
struct unpacker;

struct input {
	int fd;                 /* -1: the bytes are in `memory` */
	bool close_fd, is_pipe; /* a pipe may let us wait, and is read only once */
	bool ended, failed;
	struct bytes memory;
	uint8_t *buffer;           /* our own */
	const uint8_t *window;     /* `buffer`, or a buffer of `ahead` */
	size_t size;               /* of our own buffer */
	size_t start, end;         /* the bytes at hand, in the window */
	uint64_t offset;           /* in the unpacked file, of the window's first byte */
	uint64_t file_size;        /* 0 where unknown */
	uint64_t *bytes_read;      /* adds up what was read before unpacking; may be NULL */
	struct unpacker *unpacker; /* of a gzip'ed file */
	struct ahead *ahead;       /* of a large file: then the window is in its buffers */
	bool ahead_tried;
	char problem[INPUT_PROBLEM_MAX];
};

/* Opens a file, or standard input for "-", with a buffer of at least `size` bytes at first, and
 * finds out whether it is packed, for which it waits when it is a pipe. On false `problem` says
 * what is wrong; input_close() is due in both cases. */
bool input_open(struct input *in, const char *path, size_t size, uint64_t *bytes_read);

/* The same over bytes in memory, for tests. */
bool input_open_memory(struct input *in, struct bytes memory, size_t size);

void input_close(struct input *in);

/* The bytes at hand. */
static inline struct reader input_reader(const struct input *in)
{
	return reader_over((struct bytes){in->window + in->start, in->end - in->start});
}

/* Consumes what `r`, made by input_reader(), has read. */
static inline void input_advance(struct input *in, const struct reader *r)
{
	size_t start = in->end - reader_left(r);

	in->offset += start - in->start;
	in->start = start;
}

/* Makes the window at least `need` bytes long. Ends all views into it. */
enum input_status input_more(struct input *in, size_t need);

/* The same, but waits as long as it takes; a signal makes it fail. */
enum input_status input_wait(struct input *in, size_t need);

#endif
