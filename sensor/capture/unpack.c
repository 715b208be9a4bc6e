/* gzip as it lies in a file: members one after the other (RFC 1952), each a header, deflated bytes
 * and a checksum, unpacked by zlib as a stream.
 *
 *     +----+----+---------- ... ----------+-------+--------+----+----+-- ...
 *     | 1f | 8b | header, deflated bytes  | CRC32 | length | 1f | 8b |       next member
 *     +----+----+---------- ... ----------+-------+--------+----+----+-- ...
 *
 * Zeros behind the last member are padding. The owner of the input owns its unpacker. */
#include "sensor/capture/unpack.h"

#include <stdio.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define WINDOW_BITS_GZIP (15 + 16) /* the largest window, gzip headers only */

struct unpacker {
	z_stream z; /* next_in and avail_in are the packed bytes at hand */
	bool between_members, started;
	bool packed_ended;   /* the file has no more packed bytes */
	const char *failure; /* to be told once all that was unpacked is taken */
	uint64_t packed;     /* bytes taken from the file */
	size_t size;
	uint8_t buffer[];
};

struct unpacker *unpacker_new(struct bytes first, size_t size)
{
	struct unpacker *u = calloc(1, sizeof(*u) + size);

	if (!u || first.len > size || inflateInit2(&u->z, WINDOW_BITS_GZIP) != Z_OK) {
		free(u);
		return NULL;
	}
	memcpy(u->buffer, first.at, first.len);
	u->z.next_in = u->buffer;
	u->z.avail_in = (unsigned)first.len;
	u->packed = first.len;
	u->size = size;
	u->between_members = true;
	return u;
}

void unpacker_free(struct unpacker *u)
{
	if (u)
		inflateEnd(&u->z);
	free(u);
}

static enum input_status fail(struct unpacker *u, struct input *in, const char *what)
{
	snprintf(in->problem, sizeof(in->problem), "%s at packed byte %llu", what,
	         (unsigned long long)(u->packed - u->z.avail_in));
	return INPUT_FAILED;
}

/* Gets more packed bytes behind those at hand, of which there are at most a few. */
static enum input_status fetch(struct unpacker *u, struct input *in, unpack_source *source)
{
	size_t got = 0;

	memmove(u->buffer, u->z.next_in, u->z.avail_in);
	u->z.next_in = u->buffer;

	enum input_status status =
	        source(in, u->buffer + u->z.avail_in, u->size - u->z.avail_in, &got);

	u->packed_ended = status == INPUT_END;
	u->z.avail_in += (unsigned)got;
	u->packed += got;
	return status;
}

/* At the end of a member: READY when another one begins here, END when the file ends. */
static enum input_status next_member(struct unpacker *u, struct input *in, unpack_source *source)
{
	while (u->z.avail_in < 2 && !u->packed_ended) {
		enum input_status status = fetch(u, in, source);

		if (status == INPUT_WAITING || status == INPUT_FAILED)
			return status;
	}

	struct reader r = reader_over((struct bytes){u->z.next_in, u->z.avail_in});
	uint16_t magic = reader_u16be(&r);

	if (magic == 0x1f8b) {
		inflateReset(&u->z);
		u->between_members = false;
		u->started = true;
		return INPUT_READY;
	}
	if (!u->z.avail_in || (u->started && magic < 0x100))
		return INPUT_END;
	return fail(u, in, "the gzip data is followed by something else");
}

enum input_status unpack(struct unpacker *u, struct input *in, unpack_source *source, uint8_t *to,
                         size_t room, size_t *got)
{
	*got = 0;
	u->z.next_out = to;
	u->z.avail_out = (unsigned)room;
	while (u->z.avail_out == room) {
		enum input_status status = INPUT_READY;

		if (u->failure)
			return fail(u, in, u->failure);
		if (u->between_members)
			status = next_member(u, in, source);
		else if (!u->z.avail_in && !u->packed_ended)
			status = fetch(u, in, source);
		if (status == INPUT_END && u->between_members)
			return INPUT_END;
		if (status == INPUT_WAITING || status == INPUT_FAILED)
			return status;

		int result = inflate(&u->z, Z_NO_FLUSH);

		if (result == Z_STREAM_END)
			u->between_members = true;
		else if (result == Z_BUF_ERROR && u->packed_ended)
			u->failure = "cut off in the middle of the gzip data";
		else if (result != Z_OK && result != Z_BUF_ERROR)
			u->failure = "damaged gzip data";
	}
	*got = room - u->z.avail_out;
	return INPUT_READY;
}
