/* Comparisons, searches and conversions on views of bytes. */
#include "core/bytes.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Which of eight bytes are letters, a top bit each: the sums carry into that from `a` on, and from
 * behind `z` on. */
static uint64_t letters(uint64_t c)
{
	uint64_t low = (c | EACH(0x20)) & EACH(0x7f);

	return (low + EACH(0x80 - 'a')) & ~(low + EACH(0x7f - 'z')) & ~c & EACH(0x80);
}

static bool equal_fold_eight(const uint8_t *a, const uint8_t *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	/* Letters of another case differ in one bit, most other texts in more. */
	return x == y || (!((x ^ y) & ~EACH(0x20)) && !((x ^ y) << 2 & ~letters(x)));
}

bool bytes_equal_fold(struct bytes a, struct bytes b)
{
	size_t i = 0;

	if (a.len != b.len)
		return false;
	for (; i + 8 <= a.len; i += 8)
		if (!equal_fold_eight(a.at + i, b.at + i))
			return false;
	/* The last eight bytes overlap those before. */
	if (i && i < a.len)
		return equal_fold_eight(a.at + a.len - 8, b.at + a.len - 8);
	for (; i < a.len; i++)
		if (ascii_lower(a.at[i]) != ascii_lower(b.at[i]))
			return false;
	return true;
}

bool bytes_starts_with_fold(struct bytes text, struct bytes start)
{
	return text.len >= start.len && bytes_equal_fold(bytes_slice(text, 0, start.len), start);
}

bool bytes_ends_with_fold(struct bytes text, struct bytes end)
{
	return text.len >= end.len &&
	       bytes_equal_fold(bytes_slice(text, text.len - end.len, end.len), end);
}

ptrdiff_t bytes_find(struct bytes text, struct bytes needle)
{
	if (!needle.len)
		return 0;
	if (text.len < needle.len)
		return -1;

	const uint8_t *hit = needle.len == 1 ? memchr(text.at, needle.at[0], text.len)
	                                     : memmem(text.at, text.len, needle.at, needle.len);

	return hit ? hit - text.at : -1;
}

ptrdiff_t bytes_find_fold(struct bytes text, struct bytes needle)
{
	if (!needle.len)
		return 0;
	for (size_t i = 0; i + needle.len <= text.len; i++)
		if (ascii_lower(text.at[i]) == ascii_lower(needle.at[0]) &&
		    bytes_equal_fold(bytes_slice(text, i, needle.len), needle))
			return (ptrdiff_t)i;
	return -1;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bytes bytes_trim(struct bytes text)
{
	while (text.len && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool bytes_to_u64(struct bytes text, uint64_t *value)
{
	uint64_t sum = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(text.at[i] - '0'), &sum))
			return false;
	}
	*value = sum;
	return true;
}

bool bytes_to_i64(struct bytes text, int64_t *value)
{
	bool negative = text.len && text.at[0] == '-';
	uint64_t magnitude;

	if (!bytes_to_u64(bytes_slice(text, negative, text.len), &magnitude))
		return false;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	*value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
