/* Encodings of text on the wire: recognised, and turned into UTF-8. */
#include "dissectors/xml.h"

#include "core/reader.h"
#include "core/utf8.h"

enum text_encoding text_encoding(struct bytes raw, struct bytes *text)
{
	static const struct {
		uint8_t mark[3];
		uint8_t len;
		enum text_encoding encoding;
	} marks[] = {
	        {{0xff, 0xfe}, 2, TEXT_UTF16LE},
	        {{0xfe, 0xff}, 2, TEXT_UTF16BE},
	        {{0xef, 0xbb, 0xbf}, 3, TEXT_8BIT},
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		struct bytes mark = {marks[i].mark, marks[i].len};

		if (bytes_equal(bytes_slice(raw, 0, mark.len), mark)) {
			*text = bytes_slice(raw, mark.len, raw.len);
			return marks[i].encoding;
		}
	}
	*text = raw;
	if (raw.len >= 2 && raw.at[0] && !raw.at[1])
		return TEXT_UTF16LE;
	if (raw.len >= 2 && !raw.at[0] && raw.at[1])
		return TEXT_UTF16BE;
	return TEXT_8BIT;
}

static uint32_t utf16_unit(struct reader *r, enum text_encoding encoding)
{
	return encoding == TEXT_UTF16BE ? reader_u16be(r) : reader_u16le(r);
}

/* The next character; U+FFFD for a surrogate that has no partner. */
static uint32_t utf16_get(struct reader *r, enum text_encoding encoding)
{
	uint32_t c = utf16_unit(r, encoding);

	if (c < 0xd800 || c > 0xdfff)
		return c;

	struct reader ahead = *r;
	uint32_t low = utf16_unit(&ahead, encoding);

	if (c >= 0xdc00 || !reader_ok(&ahead) || low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*r = ahead;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* So many 16-bit units at a time, as long as all are ASCII, which nearly all of ConfigMgr's text
 * is. */
#define UNITS 16

typedef uint8_t vector __attribute__((vector_size(UNITS)));

static size_t ascii_run(struct reader *r, enum text_encoding encoding, uint8_t *to)
{
	size_t n = 0;

	for (; reader_left(r) >= 2 * UNITS; n += UNITS) {
		struct bytes units = reader_peek(r, 2 * UNITS);
		vector half[2];

		memcpy(half, units.at, sizeof(half));

		vector even = __builtin_shufflevector(half[0], half[1], 0, 2, 4, 6, 8, 10, 12, 14,
		                                      16, 18, 20, 22, 24, 26, 28, 30);
		vector odd = __builtin_shufflevector(half[0], half[1], 1, 3, 5, 7, 9, 11, 13, 15,
		                                     17, 19, 21, 23, 25, 27, 29, 31);
		vector small = encoding == TEXT_UTF16BE ? odd : even;
		vector large = encoding == TEXT_UTF16BE ? even : odd;
		vector not_ascii = large | (small & 0x80);
		uint64_t any[UNITS / sizeof(uint64_t)];

		memcpy(any, &not_ascii, sizeof(any));
		if (any[0] | any[1])
			break;
		memcpy(to + n, &small, sizeof(small));
		reader_skip(r, 2 * UNITS);
	}
	return n;
}

struct bytes utf16_to_utf8(struct bytes raw, enum text_encoding encoding, struct arena *arena)
{
	/* A 16-bit unit becomes at most three bytes. */
	uint8_t *to = arena_alloc(arena, raw.len / 2 * 3 + 4);
	struct reader r = reader_over(raw);
	size_t n = 0;

	if (!to)
		return (struct bytes){0};
	while (reader_left(&r) >= 2) {
		n += ascii_run(&r, encoding, to + n);
		/* What was no run of ASCII is not looked at for one again. */
		for (int i = 0; i < UNITS && reader_left(&r) >= 2; i++)
			n += utf8_put(utf16_get(&r, encoding), to + n);
	}
	return (struct bytes){to, n};
}
