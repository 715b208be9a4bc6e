/* zlib in a fixed piece of memory: its allocator hands out of that piece and never gives back. */
#include "dissectors/inflate.h"

#include "core/reader.h"

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

/* RFC 1950 section 8.2, in blocks of 16 rows of 16 bytes: the sums of the columns, and the sums of
 * these after each row, fit 16 bits. zlib's own takes five times as long. */
#define ADLER_ROW   16
#define ADLER_BASE  65521
#define ADLER_BYTES 4

typedef uint8_t bytes_of_row __attribute__((vector_size(ADLER_ROW)));
typedef uint16_t sums __attribute__((vector_size(2 * ADLER_ROW)));

static uint32_t adler32_of(struct bytes b)
{
	uint32_t low = 1, high = 0;

	for (; b.len >= ADLER_ROW * ADLER_ROW; b = bytes_slice(b, ADLER_ROW * ADLER_ROW, b.len)) {
		sums column = {0}, after = {0};

		for (size_t row = 0; row < ADLER_ROW; row++) {
			bytes_of_row bytes;

			memcpy(&bytes, &b.at[row * ADLER_ROW], sizeof(bytes));
			column += __builtin_convertvector(bytes, sums);
			after += column;
		}
		high += ADLER_ROW * ADLER_ROW * low;
		for (uint32_t i = 0; i < ADLER_ROW; i++) {
			low += column[i];
			high += ADLER_ROW * after[i] - i * column[i];
		}
		low %= ADLER_BASE;
		high %= ADLER_BASE;
	}
	for (size_t i = 0; i < b.len; i++) {
		low += b.at[i];
		high += low;
	}
	return high % ADLER_BASE << 16 | low % ADLER_BASE;
}

/* A zlib header without a dictionary: what follows is raw deflate, and the checksum big-endian. */
static bool is_plain_zlib(struct bytes b)
{
	return looks_like_zlib(b) && !(b.at[1] & 0x20);
}

/* As zlib would: the end of the stream, an error, or that more is needed. */
static int check_adler(struct bytes sum, struct bytes text, size_t *taken)
{
	struct reader r = reader_over(sum);
	uint32_t expected = reader_u32be(&r);

	*taken += sum.len;
	if (!reader_ok(&r))
		return Z_BUF_ERROR;
	return expected == adler32_of(text) ? Z_STREAM_END : Z_DATA_ERROR;
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
	bool plain = form == INFLATE_ZLIB && is_plain_zlib(in);
	struct bytes data = plain ? bytes_slice(in, 2, in.len) : in;

	if (!to || !room || in.len > UINT32_MAX ||
	    inflateReset2(s, window_bits[plain ? INFLATE_RAW : form]) != Z_OK)
		return INFLATE_OVER_CAP;
	/* zlib never writes through next_in; its type lacks the const. */
	s->next_in = (Bytef *)(uintptr_t)data.at;
	s->avail_in = (uInt)data.len;
	s->next_out = to;
	s->avail_out = (uInt)room;

	int code = inflate(s, Z_FINISH);
	size_t taken = in.len - s->avail_in;

	arena_return(arena, start + s->total_out);
	*out = (struct bytes){to, s->total_out};
	if (plain && code == Z_STREAM_END)
		code = check_adler(bytes_slice(in, taken, ADLER_BYTES), *out, &taken);
	if (used)
		*used = taken;
	return outcome(code, s, room);
}
