/* Bytes of a file by read() into one reused buffer: no page faults as with mmap, no copy per
 * packet, and the same for pipes. The owner of the capture owns an input. */
#include "sensor/capture/input.h"

#include "sensor/capture/ahead.h"
#include "sensor/capture/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel fills the buffer from a page boundary on, and what is left of a record lies in front
 * of that: on AMD processors a copy from a page to 1 to 31 bytes behind a page boundary (where
 * malloc puts large blocks) takes five times as long. Measured: 390 ms for a GB instead of 75. */
#define PAGE 4096

/* Smaller files are not worth a thread. */
#define AHEAD_FROM (8u << 20)

static void fail(struct input *in, const char *what)
{
	in->failed = true;
	snprintf(in->problem, sizeof(in->problem), "%s", what);
}

static enum input_status read_memory(struct input *in, uint8_t *to, size_t room, size_t *got)
{
	struct reader r = reader_over(in->memory);
	struct bytes some = reader_take(&r, room < in->memory.len ? room : in->memory.len);

	if (some.len)
		memcpy(to, some.at, some.len);
	in->memory = reader_rest(&r);
	*got = some.len;
	return some.len ? INPUT_READY : INPUT_END;
}

/* One read() of bytes as they lie in the file. */
static enum input_status read_raw(struct input *in, uint8_t *to, size_t room, size_t *got)
{
	struct pollfd poll_for = {.fd = in->fd, .events = POLLIN};

	*got = 0;
	if (in->fd < 0)
		return read_memory(in, to, room, got);
	if (in->is_pipe && poll(&poll_for, 1, INPUT_PATIENCE) <= 0)
		return INPUT_WAITING;

	ssize_t n = read(in->fd, to, room);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return INPUT_WAITING;
	if (n < 0) {
		fail(in, strerror(errno));
		return INPUT_FAILED;
	}
	*got = (size_t)n;
	if (in->bytes_read)
		__atomic_fetch_add(in->bytes_read, (uint64_t)n, __ATOMIC_RELAXED);
	return n ? INPUT_READY : INPUT_END;
}

/* Where the next read goes when `left` bytes remain before it. Small buffers are for tests. */
static size_t read_place(size_t left, size_t size)
{
	return size < 4 * PAGE ? left : (left + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Moves the window so that it can be `need` bytes long, and grows the buffer when a record is
 * larger than it. */
static bool make_room(struct input *in, size_t need)
{
	size_t left = in->end - in->start, size = in->size;

	if (need > INPUT_MOST)
		return false;
	while (size < read_place(left, size) - left + need)
		size *= 2;

	size_t place = read_place(left, size);
	uint8_t *buffer = in->buffer;

	if (size != in->size)
		buffer = aligned_alloc(PAGE, (size + PAGE - 1) & ~(size_t)(PAGE - 1));
	if (!buffer)
		return false;
	memmove(buffer + place - left, in->buffer + in->start, left);
	if (buffer != in->buffer)
		free(in->buffer);
	in->buffer = buffer;
	in->window = buffer;
	in->size = size;
	in->start = place - left;
	in->end = place;
	return true;
}

/* From the second buffer on a large file is read ahead of us. */
static bool reads_ahead(struct input *in)
{
	if (in->ahead || in->ahead_tried)
		return in->ahead;
	if (in->fd < 0 || in->is_pipe || in->unpacker || in->file_size < AHEAD_FROM || !in->offset)
		return false;
	in->ahead_tried = true;
	in->ahead = ahead_open(in->fd, in->size, INPUT_MOST, in->bytes_read);
	return in->ahead;
}

static enum input_status more_from_ahead(struct input *in, size_t need)
{
	while (in->end - in->start < need) {
		struct reader left = input_reader(in);
		struct bytes window;
		int problem;

		switch (ahead_next(in->ahead, reader_rest(&left), &window, &problem)) {
		case AHEAD_WAITING:
			return INPUT_WAITING;
		case AHEAD_END:
			in->ended = true;
			return INPUT_END;
		case AHEAD_FAILED:
			fail(in, strerror(problem));
			return INPUT_FAILED;
		case AHEAD_READY:
			in->window = window.at;
			in->start = 0;
			in->end = window.len;
			break;
		}
	}
	return INPUT_READY;
}

enum input_status input_more(struct input *in, size_t need)
{
	if (in->end - in->start >= need)
		return INPUT_READY;
	if (need <= INPUT_MOST && !in->failed && reads_ahead(in))
		return more_from_ahead(in, need);
	if (!make_room(in, need)) {
		fail(in, "no memory for a record of this size");
		return INPUT_FAILED;
	}
	while (in->end - in->start < need) {
		size_t got = 0;
		enum input_status status = INPUT_END;

		if (in->failed)
			return INPUT_FAILED;
		if (!in->ended && in->unpacker)
			status = unpack(in->unpacker, in, read_raw, in->buffer + in->end,
			                in->size - in->end, &got);
		else if (!in->ended)
			status = read_raw(in, in->buffer + in->end, in->size - in->end, &got);
		in->end += got;
		in->ended = status == INPUT_END;
		in->failed = status == INPUT_FAILED;
		if (status != INPUT_READY)
			return status;
	}
	return INPUT_READY;
}

enum input_status input_wait(struct input *in, size_t need)
{
	for (;;) {
		errno = 0;

		enum input_status status = input_more(in, need);

		if (status != INPUT_WAITING)
			return status;
		if (errno == EINTR) {
			fail(in, "interrupted");
			return INPUT_FAILED;
		}
	}
}

/* Looks at the first bytes; a gzip'ed file starts over behind an unpacker. */
static bool start(struct input *in, size_t size)
{
	in->size = size > 2 ? size : 2;
	in->buffer = aligned_alloc(PAGE, (in->size + PAGE - 1) & ~(size_t)(PAGE - 1));
	if (!in->buffer) {
		fail(in, "out of memory");
		return false;
	}
	in->window = in->buffer;
	if (input_wait(in, 2) == INPUT_FAILED)
		return false;

	struct reader r = input_reader(in);
	struct bytes all = reader_rest(&r);

	if (reader_u16be(&r) != 0x1f8b)
		return true;
	in->unpacker = unpacker_new(all, in->size);
	if (!in->unpacker) {
		fail(in, "out of memory");
		return false;
	}
	in->start = in->end = 0;
	in->ended = false;
	return true;
}

bool input_open(struct input *in, const char *path, size_t size, uint64_t *bytes_read)
{
	struct stat about;

	*in = (struct input){.fd = STDIN_FILENO, .bytes_read = bytes_read};
	if (strcmp(path, "-") != 0) {
		in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		in->close_fd = in->fd >= 0;
	}
	if (in->fd < 0 || fstat(in->fd, &about)) {
		fail(in, strerror(errno));
		return false;
	}
	if (S_ISDIR(about.st_mode)) {
		fail(in, strerror(EISDIR));
		return false;
	}
	in->is_pipe = !S_ISREG(about.st_mode);
	in->file_size = in->is_pipe ? 0 : (uint64_t)about.st_size;
	if (!in->is_pipe)
		posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return start(in, size);
}

bool input_open_memory(struct input *in, struct bytes memory, size_t size)
{
	*in = (struct input){.fd = -1, .memory = memory, .file_size = memory.len};
	return start(in, size);
}

void input_close(struct input *in)
{
	ahead_close(in->ahead);
	if (in->close_fd)
		close(in->fd);
	unpacker_free(in->unpacker);
	free(in->buffer);
	*in = (struct input){.fd = -1};
}
