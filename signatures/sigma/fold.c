/* Case folding: a fast path for ASCII, and ranges of code points for the rest. No state. */
#include "signatures/sigma/fold.h"

#include "core/utf8.h"

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

static struct bytes fold_unicode(struct bytes text, uint8_t *to)
{
	size_t out = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t c;
		size_t len = utf8_get(text, i, &c);

		if (len > 1)
			out += utf8_put(fold_code_point(c), to + out);
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
	size_t len = utf8_get(text, at, &c);

	return len ? len : 1;
}

bool fold_is_whole(struct bytes text)
{
	uint32_t c;

	for (size_t i = 0, len; i < text.len; i += len) {
		len = utf8_get(text, i, &c);
		if (!len)
			return false;
	}
	return true;
}
