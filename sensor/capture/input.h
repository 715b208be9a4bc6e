/* The bytes of one capture file, in order: of a file, a pipe or standard input, unpacked when they
 * are gzip'ed, in one reused buffer, or in several that go round.
 *
 * The bytes at hand are a window into a buffer. A format reads them through a `struct reader`,
 * says how far it came, and asks for more; asking moves what is left to the front of the buffer
 * whose turn is next, so that views into the window end when that comes round again: at once, where
 * there is one buffer. A buffer grows only for a record that does not fit, up to INPUT_MOST. The
 * thread that reads a file owns its input; `bytes_read` alone is read by others. */
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

/* Buffers of one input, at most. */
#define INPUT_BUFFERS 16

struct input_buffer {
	uint8_t *bytes;
	size_t size;
};

struct unpacker;

struct input {
	int fd;                 /* -1: the bytes are in `memory` */
	bool close_fd, is_pipe; /* a pipe may let us wait, and is read only once */
	bool ended, failed;
	struct bytes memory;
	struct input_buffer buffer[INPUT_BUFFERS];
	unsigned buffers; /* that go round */
	uint64_t turn;    /* how many times another one was taken; tells which it is now */
	/* Waits until nobody looks at the buffer that the turn after the one before it had; false
	 * when there is to be no other turn. */
	bool (*wait_turn)(void *context, uint64_t turn);
	void *wait_context;
	size_t start, end;         /* the bytes at hand, in the buffer whose turn it is */
	uint64_t offset;           /* in the unpacked file, of the window's first byte */
	uint64_t file_size;        /* 0 where unknown */
	uint64_t *bytes_read;      /* adds up what was read before unpacking; may be NULL */
	struct unpacker *unpacker; /* of a gzip'ed file */
	char problem[INPUT_PROBLEM_MAX];
};

/* Opens a file, or standard input for "-", with a buffer of at least `size` bytes at first, and
 * finds out whether it is packed, for which it waits when it is a pipe. On false `problem` says
 * what is wrong; input_close() is due in both cases. */
bool input_open(struct input *in, const char *path, size_t size, uint64_t *bytes_read);

/* The same over bytes in memory, for tests. */
bool input_open_memory(struct input *in, struct bytes memory, size_t size);

void input_close(struct input *in);

/* From now on views live while other buffers have their turns; before a buffer is used again,
 * `wait` is called. Without `wait` there is one buffer again, if no turn was taken. */
void input_go_round(struct input *in, bool (*wait)(void *context, uint64_t turn), void *context);

/* The bytes at hand. */
static inline struct reader input_reader(const struct input *in)
{
	const struct input_buffer *b = &in->buffer[in->turn % in->buffers];

	return reader_over(bytes_slice((struct bytes){b->bytes, in->end}, in->start, in->end));
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
