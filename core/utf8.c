/* Code points from UTF-8 and back.
 *
 *     0xxxxxxx                              U+0000 to U+007F        RFC 3629, section 3
 *     110xxxxx 10xxxxxx                     U+0080 to U+07FF
 *     1110xxxx 10xxxxxx 10xxxxxx            U+0800 to U+FFFF
 *     11110xxx 10xxxxxx 10xxxxxx 10xxxxxx   U+10000 to U+10FFFF
 *
 * Stateless. */
#include "core/utf8.h"

static bool is_continuation(struct bytes text, size_t at)
{
	return at < text.len && (text.at[at] & 0xc0) == 0x80;
}

size_t utf8_get(struct bytes text, size_t at, uint32_t *code_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t lead = text.at[at];
	size_t len = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t c = len == 1 ? lead : lead & (0x7fu >> len);

	if (!len || lead > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (!is_continuation(text, at + i))
			return 0;
		c = c << 6 | (text.at[at + i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*code_point = c;
	return len;
}

size_t utf8_put(uint32_t c, uint8_t *to)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}
