/* Texts in stubs, found by their form (C706 section 14.3.4, MS-RPCE section 2.2.5 for NDR64):
 *
 *    maximum(4) offset(4) = 0 actual(4) text(2 * actual) [padding]       at a multiple of four
 *    maximum(8) offset(8) = 0 actual(8) text(2 * actual)                 NDR64: of eight
 *
 * Both forms of text that Windows uses have it: [string] wchar_t * and RPC_UNICODE_STRING. Handles
 * and numbers before the text are passed over.
 *
 *    tower = floors(2) { left length(2) left, right length(2) right }    little endian, no padding
 *            0d uuid(16) version(2) / minor(2), 0d transfer syntax, 0b, 07 / TCP port big endian,
 * 09
 */
#include "dissectors/dce_rpc_argument.h"

#include "dissectors/xml.h"

#define TEXT_MAX  256 /* 16-bit units of a text that are kept */
#define UNITS_MAX 0x8000

/* Every unit but a NUL at the end is a character that can be seen, and not all are blanks: clients
 * fill room for the answer with these. */
static bool is_text(struct bytes utf16, bool big)
{
	struct ndr n = {reader_over(utf16), big};
	bool blank = true;

	while (reader_left(&n.r) >= 2) {
		uint16_t unit = ndr_u16(&n);

		if (unit < 0x20 && (unit || reader_left(&n.r) >= 2))
			return false;
		if (unit == 0xfffe || unit == 0xffff)
			return false;
		blank &= unit == ' ' || !unit;
	}
	return !blank;
}

/* The text that begins at the reader's place, as UTF-16; empty when none does. */
static struct bytes text_here(struct ndr n, bool wide)
{
	uint64_t most = wide ? ndr_u64(&n) : ndr_u32(&n);
	uint64_t offset = wide ? ndr_u64(&n) : ndr_u32(&n);
	uint64_t actual = wide ? ndr_u64(&n) : ndr_u32(&n);
	struct bytes text;

	if (!reader_ok(&n.r) || offset || actual < 2 || actual > most || most > UNITS_MAX)
		return (struct bytes){0};
	/* What was not kept of a long text is missed, not taken for something else. */
	text = reader_peek(&n.r, 2 * (size_t)(actual < TEXT_MAX ? actual : TEXT_MAX));
	if (text.len < 2 * actual && actual < TEXT_MAX)
		return (struct bytes){0};
	return is_text(text, n.big) ? text : (struct bytes){0};
}

static struct bytes as_utf8(struct bytes text, bool big, struct arena *arena)
{
	struct bytes utf8 = utf16_to_utf8(text, big ? TEXT_UTF16BE : TEXT_UTF16LE, arena);

	while (utf8.len && !utf8.at[utf8.len - 1])
		utf8.len--;
	return utf8;
}

struct bytes rpc_argument(struct bytes stub, bool big, struct arena *arena)
{
	struct bytes first = {0};
	size_t end = stub.len < RPC_ARGUMENT_MAX ? stub.len : RPC_ARGUMENT_MAX;

	for (size_t at = 0; at + 12 < end; at += 4) {
		struct ndr here = {reader_over(bytes_slice(stub, at, stub.len)), big};
		struct bytes text = text_here(here, false);

		if (!text.len && at % 8 == 0)
			text = text_here(here, true);
		if (!text.len)
			continue;

		struct bytes utf8 = as_utf8(text, big, arena);

		if (unc_host(utf8).len)
			return utf8;
		if (!first.len)
			first = utf8;
	}
	return first;
}

struct bytes unc_host(struct bytes path)
{
	struct reader r = reader_over(path);

	if (!bytes_equal(reader_take(&r, 2), BYTES("\\\\")))
		return (struct bytes){0};

	struct bytes host = reader_rest(&r);
	ptrdiff_t slash = bytes_find(host, BYTES("\\"));

	if (slash >= 0)
		host = bytes_slice(host, 0, (size_t)slash);

	ptrdiff_t at = bytes_find(host, BYTES("@"));

	if (at >= 0)
		host = bytes_slice(host, 0, (size_t)at);
	return host;
}

/* One floor: what it stands on, and what it says of it. */
static struct bytes floor_side(struct reader *r)
{
	uint16_t len = reader_u16le(r);

	return reader_take(r, len);
}

struct rpc_tower rpc_tower_find(struct bytes stub)
{
	/* Floors, then the length and identifier of the first: an interface by UUID. */
	ptrdiff_t at = bytes_find(stub, BYTES("\x13\x00\x0d"));
	struct rpc_tower tower = {0};
	struct reader r;

	if (at < 2)
		return tower;
	r = reader_over(bytes_slice(stub, (size_t)at - 2, stub.len));

	uint16_t floors = reader_u16le(&r);

	for (uint16_t i = 0; i < floors && i < 8; i++) {
		struct bytes left = floor_side(&r), right = floor_side(&r);

		if (!reader_ok(&r))
			return (struct rpc_tower){0};
		if (i == 0 && left.len >= 17)
			memcpy(tower.uuid, bytes_slice(left, 1, 16).at, 16);
		if (left.len == 1 && left.at[0] == 0x07 && right.len == 2) {
			struct reader port = reader_over(right);

			tower.port = reader_u16be(&port);
		}
	}
	tower.known = floors >= 3;
	return tower;
}
