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

/* Four 16-bit units at a time, as long as all are ASCII, which nearly all of ConfigMgr's text is.
 */
static size_t ascii_run(struct reader *r, enum text_encoding encoding, uint8_t *to)
{
	uint64_t not_ascii = encoding == TEXT_UTF16BE ? UINT64_C(0x80ff80ff80ff80ff)
	                                              : UINT64_C(0xff80ff80ff80ff80);
	unsigned shift = encoding == TEXT_UTF16BE ? 8 : 0;
	size_t n = 0;

	while (reader_left(r) >= 8) {
		struct reader ahead = *r;
		uint64_t four = reader_u64le(&ahead);

		if (four & not_ascii)
			break;
		four >>= shift;
		for (int i = 0; i < 4; i++)
			to[n++] = (uint8_t)(four >> 16 * i);
		*r = ahead;
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
		if (reader_left(&r) >= 2)
			n += utf8_put(utf16_get(&r, encoding), to + n);
	}
	return (struct bytes){to, n};
}
