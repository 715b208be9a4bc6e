/* Bytes of a file by read() into reused buffers: no page faults as with mmap, no copy per packet,
 * and the same for pipes. */
#include "sensor/capture/input.h"

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

static struct input_buffer *current(struct input *in)
{
	return &in->buffer[in->turn % in->buffers];
}

/* Makes a buffer at least `size` bytes long; what is in it is lost, unless it was large enough. */
static bool buffer_grow(struct input_buffer *b, size_t size)
{
	if (b->size >= size)
		return true;

	uint8_t *at = aligned_alloc(PAGE, (size + PAGE - 1) & ~(size_t)(PAGE - 1));

	if (!at)
		return false;
	free(b->bytes);
	b->bytes = at;
	b->size = size;
	return true;
}

/* Moves the window to the next buffer, with room for `need` bytes. */
static bool move_on(struct input *in, size_t need)
{
	struct input_buffer *from = current(in), *to;
	size_t left = in->end - in->start, size = from->size;
	struct reader r = input_reader(in);
	struct input_buffer grown = {0};

	while (size < read_place(left, size) - left + need)
		size *= 2;

	size_t place = read_place(left, size);

	if (in->buffers > 1 && !in->wait_turn(in->wait_context, in->turn + 1))
		return false;
	to = &in->buffer[(in->turn + 1) % in->buffers];
	/* What is left must not go with a buffer that is given up for a larger one. */
	if (to == from && size > from->size) {
		if (!buffer_grow(&grown, size))
			return false;
		to = &grown;
	}
	if (!buffer_grow(to, size))
		return false;
	memmove(to->bytes + place - left, reader_rest(&r).at, left);
	if (to == &grown) {
		free(from->bytes);
		*from = grown;
	}
	in->turn++;
	in->start = place - left;
	in->end = place;
	return true;
}

void input_go_round(struct input *in, bool (*wait)(void *context, uint64_t turn), void *context)
{
	in->turn = 0; /* the buffer at hand is the first of them */
	in->buffers = wait ? INPUT_BUFFERS : 1;
	in->wait_turn = wait;
	in->wait_context = context;
}

enum input_status input_more(struct input *in, size_t need)
{
	if (in->end - in->start >= need)
		return INPUT_READY;
	if (need > INPUT_MOST || !move_on(in, need)) {
		fail(in, "no memory for a record of this size");
		return INPUT_FAILED;
	}

	const struct input_buffer *b = current(in);

	while (in->end - in->start < need) {
		size_t got = 0;
		enum input_status status = INPUT_END;

		if (in->failed)
			return INPUT_FAILED;
		if (!in->ended && in->unpacker)
			status = unpack(in->unpacker, in, read_raw, b->bytes + in->end,
			                b->size - in->end, &got);
		else if (!in->ended)
			status = read_raw(in, b->bytes + in->end, b->size - in->end, &got);
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
	in->buffers = 1;
	if (!buffer_grow(&in->buffer[0], size > 2 ? size : 2)) {
		fail(in, "out of memory");
		return false;
	}
	if (input_wait(in, 2) == INPUT_FAILED)
		return false;

	struct reader r = input_reader(in);
	struct bytes all = reader_rest(&r);

	if (reader_u16be(&r) != 0x1f8b)
		return true;
	in->unpacker = unpacker_new(all, in->buffer[0].size);
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
	if (in->close_fd)
		close(in->fd);
	unpacker_free(in->unpacker);
	for (unsigned i = 0; i < INPUT_BUFFERS; i++)
		free(in->buffer[i].bytes);
	*in = (struct input){.fd = -1, .buffers = 1};
}
