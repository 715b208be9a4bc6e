/* The bounded reader: the only way in which the project looks at bytes from the wire.
 *
 * Reading past the end yields zeros and empty views and sets `short_read`, which stays set: read a
 * whole message, then ask once. Nothing else in the project does arithmetic on captured bytes. */
#ifndef CMTAP_CORE_READER_H
#define CMTAP_CORE_READER_H

#include "core/bytes.h"

struct reader {
	const uint8_t *at, *end;
	bool short_read;
};

/* Even a view of nothing gets an address, so that moving by no bytes is defined. */
static inline struct reader reader_over(struct bytes b)
{
	const uint8_t *at = b.at ? b.at : (const uint8_t *)"";

	return (struct reader){at, at + b.len, false};
}

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

static inline bool reader_ok(const struct reader *r)
{
	return !r->short_read;
}

/* The next `n` bytes, consumed; an empty view and a short read when there are fewer. */
static inline struct bytes reader_take(struct reader *r, size_t n)
{
	struct bytes b = {r->at, n};

	if (__builtin_expect(n > reader_left(r), 0)) {
		r->short_read = true;
		r->at = r->end;
		return (struct bytes){r->end, 0};
	}
	r->at += n;
	return b;
}

static inline void reader_skip(struct reader *r, size_t n)
{
	reader_take(r, n);
}

/* All that is left, not consumed. */
static inline struct bytes reader_rest(const struct reader *r)
{
	return (struct bytes){r->at, reader_left(r)};
}

/* The next `n` bytes or as many as there are, not consumed; never a short read. */
static inline struct bytes reader_peek(const struct reader *r, size_t n)
{
	return (struct bytes){r->at, n < reader_left(r) ? n : reader_left(r)};
}

static inline uint8_t reader_u8(struct reader *r)
{
	struct bytes b = reader_take(r, 1);

	return b.len ? b.at[0] : 0;
}

static inline uint16_t reader_u16be(struct reader *r)
{
	struct bytes b = reader_take(r, 2);

	return b.len ? (uint16_t)(b.at[0] << 8 | b.at[1]) : 0;
}

static inline uint16_t reader_u16le(struct reader *r)
{
	struct bytes b = reader_take(r, 2);

	return b.len ? (uint16_t)(b.at[1] << 8 | b.at[0]) : 0;
}

static inline uint32_t reader_u24be(struct reader *r)
{
	struct bytes b = reader_take(r, 3);

	return b.len ? (uint32_t)b.at[0] << 16 | (uint32_t)b.at[1] << 8 | b.at[2] : 0;
}

static inline uint32_t reader_u32be(struct reader *r)
{
	struct bytes b = reader_take(r, 4);

	return b.len ? (uint32_t)b.at[0] << 24 | (uint32_t)b.at[1] << 16 | (uint32_t)b.at[2] << 8 |
	                       b.at[3]
	             : 0;
}

static inline uint32_t reader_u32le(struct reader *r)
{
	struct bytes b = reader_take(r, 4);

	return b.len ? (uint32_t)b.at[3] << 24 | (uint32_t)b.at[2] << 16 | (uint32_t)b.at[1] << 8 |
	                       b.at[0]
	             : 0;
}

static inline uint64_t reader_u64be(struct reader *r)
{
	uint64_t high = reader_u32be(r);

	return high << 32 | reader_u32be(r);
}

static inline uint64_t reader_u64le(struct reader *r)
{
	uint64_t low = reader_u32le(r);

	return (uint64_t)reader_u32le(r) << 32 | low;
}

/* The bytes up to `delimiter`, which is consumed but not returned; a short read when it is not
 * there. */
static inline struct bytes reader_until(struct reader *r, uint8_t delimiter)
{
	const uint8_t *stop = reader_left(r) ? memchr(r->at, delimiter, reader_left(r)) : NULL;
	struct bytes b = reader_take(r, stop ? (size_t)(stop - r->at) : reader_left(r) + 1);

	if (reader_ok(r))
		r->at++;
	return b;
}

/* A reader over the next `n` bytes alone, consumed from `r`: what is inside a length-prefixed part
 * cannot run over into what follows it. */
static inline struct reader reader_inside(struct reader *r, size_t n)
{
	struct reader inner = reader_over(reader_take(r, n));

	inner.short_read = r->short_read;
	return inner;
}

#endif
