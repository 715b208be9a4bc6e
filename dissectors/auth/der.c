/* Elements of DER, one after the other. */
#include "dissectors/auth/der.h"

static size_t length(struct reader *r)
{
	uint8_t first = reader_u8(r);
	size_t value = 0;

	if (first < 0x80)
		return first;
	if (first == 0x80 || first > 0x84) {
		r->short_read = true;
		return 0;
	}
	for (int i = 0; i < first - 0x80; i++)
		value = value << 8 | reader_u8(r);
	return value;
}

struct reader der_inside(struct reader *r, uint8_t tag)
{
	if (!der_next_is(r, tag))
		r->short_read = true;
	reader_skip(r, 1);

	size_t len = length(r);

	if (!reader_ok(r))
		return (struct reader){r->end, r->end, true};
	return reader_inside(r, len);
}

struct reader der_optional(struct reader *r, uint8_t tag)
{
	if (!der_next_is(r, tag))
		return (struct reader){r->end, r->end, r->short_read};
	return der_inside(r, tag);
}

int32_t der_integer(struct reader *r, uint8_t tag)
{
	struct reader inner = der_inside(r, tag);
	size_t len = reader_left(&inner);
	uint32_t value = 0;

	if (!len || len > 4) {
		r->short_read = true;
		return 0;
	}
	/* Two's complement: the first bit is the sign. */
	if (reader_peek(&inner, 1).at[0] & 0x80)
		value = UINT32_MAX;
	for (size_t i = 0; i < len; i++)
		value = value << 8 | reader_u8(&inner);
	return (int32_t)value;
}
