/* Request targets and the few structured header values that become facts. */
#include "core/reader.h"
#include "dissectors/digest.h"
#include "dissectors/http.h"

static bool has_capitals(struct bytes text)
{
	unsigned capitals = 0;

	for (size_t i = 0; i < text.len; i++)
		capitals |= (uint8_t)(text.at[i] - 'A') < 26;
	return capitals;
}

/* The text itself where it is so already. */
static struct bytes lower_case(struct bytes text, struct arena *scratch)
{
	if (!has_capitals(text))
		return text;

	uint8_t *to = arena_alloc(scratch, text.len);

	if (!to)
		return (struct bytes){0};
	for (size_t i = 0; i < text.len; i++)
		to[i] = ascii_lower(text.at[i]);
	return (struct bytes){to, text.len};
}

/* The host without its port; an IPv6 literal keeps its brackets. */
static struct bytes without_port(struct bytes authority)
{
	size_t from = authority.len && authority.at[0] == '['
	                      ? (size_t)(bytes_find(authority, BYTES("]")) + 1)
	                      : 0;
	ptrdiff_t colon = bytes_find(bytes_slice(authority, from, authority.len), BYTES(":"));

	return colon < 0 ? authority : bytes_slice(authority, 0, from + (size_t)colon);
}

struct bytes http_host(struct bytes authority, struct arena *scratch)
{
	return lower_case(without_port(authority), scratch);
}

struct http_target http_target_read(struct bytes target, struct arena *scratch)
{
	struct http_target t = {.form = "origin"};
	ptrdiff_t colon = bytes_find(bytes_slice(target, 0, 8), BYTES(":"));
	ptrdiff_t scheme = colon < 0 ? colon : bytes_find(bytes_slice(target, 0, 8), BYTES("://"));
	struct bytes rest = target;

	if (bytes_equal(target, BYTES("*"))) {
		t.form = "asterisk";
	} else if (scheme > 0) {
		struct bytes after = bytes_slice(target, (size_t)scheme + 3, target.len);
		ptrdiff_t slash = bytes_find(after, BYTES("/"));
		size_t host = slash < 0 ? after.len : (size_t)slash;

		t.form = "absolute";
		t.host = http_host(bytes_slice(after, 0, host), scratch);
		rest = bytes_slice(after, host, after.len);
	} else if (target.len && target.at[0] != '/') {
		t.form = "authority";
	}

	ptrdiff_t mark = bytes_find(rest, BYTES("?"));
	size_t path = mark < 0 ? rest.len : (size_t)mark;

	t.path = percent_decode(bytes_slice(rest, 0, path), scratch);
	t.query = mark < 0 ? (struct bytes){0} : bytes_slice(rest, path + 1, rest.len);
	return t;
}

struct bytes http_mime_type(struct bytes value, struct arena *scratch)
{
	ptrdiff_t end = bytes_find(value, BYTES(";"));

	return lower_case(bytes_trim(bytes_slice(value, 0, end < 0 ? value.len : (size_t)end)),
	                  scratch);
}

bool http_content_range(struct bytes value, uint64_t *first, uint64_t *total, bool *has_total)
{
	struct reader r = reader_over(value);
	struct bytes unit;
	uint64_t last;

	if (!value.len)
		return false;
	unit = reader_until(&r, ' ');
	if (!reader_ok(&r) || !bytes_equal_fold(unit, BYTES("bytes")))
		return false;

	bool ok = bytes_to_u64(reader_until(&r, '-'), first);

	ok = bytes_to_u64(reader_until(&r, '/'), &last) && ok && *first <= last;
	*has_total = bytes_to_u64(bytes_trim(reader_rest(&r)), total);
	return ok && reader_ok(&r);
}
