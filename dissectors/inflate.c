/* zlib in a fixed piece of memory: its allocator hands out of that piece and never gives back. */
#include "dissectors/inflate.h"

#include <stdlib.h>
#include <zlib.h>

/* inflateInit2() with a 32 KiB window asks for about 40 KiB. */
#define WORKING_BYTES (64 * 1024)
#define SMALL_OUTPUT  (64 * 1024)

struct inflater {
	z_stream stream;
	size_t used;
	_Alignas(16) uint8_t memory[WORKING_BYTES];
};

static void *take(void *opaque, unsigned items, unsigned size)
{
	struct inflater *i = opaque;
	size_t n = ((size_t)items * size + 15) & ~(size_t)15;

	if (n > sizeof(i->memory) - i->used)
		return NULL;
	i->used += n;
	return i->memory + i->used - n;
}

static void give(void *opaque, void *address)
{
	(void)opaque;
	(void)address;
}

struct inflater *inflater_open(void)
{
	struct inflater *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->stream.zalloc = take;
	i->stream.zfree = give;
	i->stream.opaque = i;
	if (inflateInit2(&i->stream, 15) != Z_OK) {
		free(i);
		return NULL;
	}
	return i;
}

void inflater_close(struct inflater *i)
{
	free(i);
}

bool looks_like_zlib(struct bytes b)
{
	return b.len >= 2 && (b.at[0] & 0x0f) == Z_DEFLATED && b.at[0] >> 4 <= 7 &&
	       (b.at[0] << 8 | b.at[1]) % 31 == 0;
}

static enum inflate_result outcome(int code, const z_stream *s, size_t room)
{
	if (code == Z_STREAM_END)
		return INFLATED;
	if (code != Z_OK && code != Z_BUF_ERROR)
		return INFLATE_BROKEN;
	return s->total_out >= room ? INFLATE_OVER_CAP : INFLATE_CUT;
}

enum inflate_result inflate_bytes(struct inflater *i, enum inflate_form form, struct bytes in,
                                  struct inflate_caps caps, struct arena *arena, struct bytes *out,
                                  size_t *used)
{
	static const int window_bits[] = {
	        [INFLATE_ZLIB] = 15, [INFLATE_GZIP] = 15 + 16, [INFLATE_RAW] = -15};
	size_t start = (arena->used + 15) & ~(size_t)15;
	size_t left = start < arena->size ? arena->size - start : 0;
	size_t room = in.len < caps.bytes / caps.ratio ? in.len * caps.ratio : caps.bytes;

	if (room < SMALL_OUTPUT)
		room = SMALL_OUTPUT < caps.bytes ? SMALL_OUTPUT : caps.bytes;
	if (room > left)
		room = left;
	*out = (struct bytes){0};

	uint8_t *to = arena_alloc(arena, room);
	z_stream *s = &i->stream;

	if (!to || !room || in.len > UINT32_MAX || inflateReset2(s, window_bits[form]) != Z_OK)
		return INFLATE_OVER_CAP;
	/* zlib never writes through next_in; its type lacks the const. */
	s->next_in = (Bytef *)(uintptr_t)in.at;
	s->avail_in = (uInt)in.len;
	s->next_out = to;
	s->avail_out = (uInt)room;

	int code = inflate(s, Z_FINISH);

	arena_return(arena, start + s->total_out);
	*out = (struct bytes){to, s->total_out};
	if (used)
		*used = s->total_in;
	return outcome(code, s, room);
}
