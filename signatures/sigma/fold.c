/* Case folding: a fast path for ASCII, and ranges of code points for the rest. No state. */
#include "signatures/sigma/fold.h"

#include <stdlib.h>

struct fold_range {
	uint32_t first, last;
	int32_t step, shift;
};

static const struct fold_range ranges[] = {
#include "signatures/sigma/fold_ranges.def"
};

static int by_place(const void *key, const void *element)
{
	const uint32_t *c = key;
	const struct fold_range *r = element;

	if (*c < r->first)
		return -1;
	return *c > r->last;
}

static uint32_t fold_code_point(uint32_t c)
{
	const struct fold_range *r =
	        bsearch(&c, ranges, sizeof(ranges) / sizeof(*ranges), sizeof(*ranges), by_place);

	if (!r || (c - r->first) % (uint32_t)r->step)
		return c;
	return (uint32_t)((int32_t)c + r->shift);
}

static bool is_continuation(struct bytes text, size_t at)
{
	return at < text.len && (text.at[at] & 0xc0) == 0x80;
}

/* The code point at `at` and its length; 0 where the bytes are no UTF-8 (RFC 3629: shortest forms
 * only, no surrogates, at most U+10FFFF). */
static size_t decode(struct bytes text, size_t at, uint32_t *code_point)
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

static size_t encode(uint32_t c, uint8_t *to)
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

static struct bytes fold_unicode(struct bytes text, uint8_t *to)
{
	size_t out = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t c;
		size_t len = decode(text, i, &c);

		if (len > 1)
			out += encode(fold_code_point(c), to + out);
		else
			to[out++] = ascii_lower(text.at[i]);
		i += len ? len : 1;
	}
	return (struct bytes){to, out};
}

struct bytes fold(struct bytes text, uint8_t *to)
{
	uint8_t high = 0;

	/* Written so that compilers turn it into vector code. */
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		high |= c;
		to[i] = (uint8_t)(c + ((uint8_t)(c - 'A') < 26) * 32);
	}
	return high & 0x80 ? fold_unicode(text, to) : (struct bytes){to, text.len};
}

size_t fold_unit(struct bytes text, size_t at)
{
	uint32_t c;
	size_t len = decode(text, at, &c);

	return len ? len : 1;
}

bool fold_is_whole(struct bytes text)
{
	uint32_t c;

	for (size_t i = 0, len; i < text.len; i += len) {
		len = decode(text, i, &c);
		if (!len)
			return false;
	}
	return true;
}
