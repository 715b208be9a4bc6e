/* A view of bytes that somebody else owns, and the few comparisons the project needs on views.
 *
 * Nothing here allocates. Case folding is ASCII only: it is meant for protocol words (header names,
 * paths, host names), not for prose. */
#ifndef CMTAP_CORE_BYTES_H
#define CMTAP_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

/* A view of a string literal, without its closing NUL. */
#define BYTES(literal) ((struct bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

/* The same for static initializers. */
#define BYTES_INIT(literal)                                                                        \
	{                                                                                          \
		(const uint8_t *)(literal), sizeof(literal) - 1                                    \
	}

/* A view of a C string that outlives the view. NULL gives an empty view. */
static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

/* Equal but for the case of ASCII letters. */
bool bytes_equal_fold(struct bytes a, struct bytes b);
bool bytes_starts_with_fold(struct bytes text, struct bytes start);
bool bytes_ends_with_fold(struct bytes text, struct bytes end);

/* The place of the first `needle` in `text`, or -1. An empty needle is found at 0. */
ptrdiff_t bytes_find(struct bytes text, struct bytes needle);
ptrdiff_t bytes_find_fold(struct bytes text, struct bytes needle);

/* The `len` bytes of `text` from `from` on, shorter or empty where the text ends before. */
static inline struct bytes bytes_slice(struct bytes text, size_t from, size_t len)
{
	if (from >= text.len)
		return (struct bytes){text.at, 0};
	if (len > text.len - from)
		len = text.len - from;
	return (struct bytes){text.at + from, len};
}

/* Brings the first bytes, at most `most` of them, nearer, for who reads them soon. */
static inline void bytes_prefetch(struct bytes b, size_t most)
{
	size_t n = b.len < most ? b.len : most;

	for (size_t line = 0; line < n; line += 64)
		__builtin_prefetch(b.at + line);
}

/* Without leading and trailing blanks, tabs, carriage returns and line feeds. */
struct bytes bytes_trim(struct bytes text);

/* The value of a text that is nothing but decimal digits and fits; false for anything else. */
bool bytes_to_u64(struct bytes text, uint64_t *value);
bool bytes_to_i64(struct bytes text, int64_t *value);

/* The value of one hexadecimal digit, or -1. */
int hex_digit(uint8_t c);

#endif
