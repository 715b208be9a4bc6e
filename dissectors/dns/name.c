/* Domain names, compressed or not.
 *
 *    name    = *label ( 0 | pointer )
 *    label   = length (below 64) bytes
 *    pointer = 11 and 14 bits: where in the message the rest stands
 *
 * A pointer must point before the place where the reading of this name, or of what the last pointer
 * meant, began: so it ends. */
#include "dissectors/dns/name.h"

#define POINTERS_MOST 127 /* as many as a name can have labels */

/* Adds a label, empty at the end; false when the name gets too long. */
static bool add_label(struct dns_name *name, struct bytes label)
{
	size_t len = name->len;

	/* Room for the root is kept. */
	if (len + 1 + label.len + (label.len > 0) > DNS_NAME_MOST)
		return false;
	name->at[len++] = (uint8_t)label.len;
	for (size_t i = 0; i < label.len; i++)
		name->at[len++] = ascii_lower(label.at[i]);
	name->len = (uint8_t)len;
	return true;
}

const char *dns_name_read(struct bytes message, struct reader *r, struct dns_name *name)
{
	size_t before = message.len - reader_left(r);
	struct reader there, *at = r;
	unsigned pointers = 0;

	name->len = 0;
	for (;;) {
		uint8_t length = reader_u8(at);

		if (length >= 0xc0) {
			size_t offset = (size_t)(length & 0x3f) << 8 | reader_u8(at);

			if (!reader_ok(at))
				break;
			if (offset >= before || offset < DNS_HEADER)
				return "name with a pointer that does not point back";
			if (++pointers > POINTERS_MOST)
				return "name with too many pointers";
			before = offset;
			there = reader_over(bytes_slice(message, offset, message.len));
			at = &there;
			continue;
		}
		if (length >= 0x40)
			return "label of unknown kind";

		struct bytes label = reader_take(at, length);

		if (!reader_ok(at))
			break;
		if (!add_label(name, label))
			return "name of more than 255 bytes";
		if (!length)
			return NULL;
	}
	name->len = 0;
	r->short_read = true;
	return "name that runs over the end of its message";
}

const char *dns_name_skip(struct reader *r)
{
	for (;;) {
		uint8_t length = reader_u8(r);

		if (length >= 0x40 && length < 0xc0)
			return "label of unknown kind";
		reader_skip(r, length >= 0xc0 ? 1 : length);
		if (!reader_ok(r))
			return "name that runs over the end of its message";
		if (!length || length >= 0xc0)
			return NULL;
	}
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

size_t dns_escape(uint8_t byte, uint8_t least, bool special, uint8_t to[4])
{
	size_t n = 0;

	if (special || byte < least || byte > '~')
		to[n++] = '\\';
	if (byte < least || byte > '~') {
		to[n++] = (uint8_t)('0' + byte / 100);
		to[n++] = (uint8_t)('0' + byte / 10 % 10);
		byte = (uint8_t)('0' + byte % 10);
	}
	to[n++] = byte;
	return n;
}

struct bytes dns_name_print(const struct dns_name *name, struct arena *arena)
{
	uint8_t text[4 * DNS_NAME_MOST];
	struct reader r = reader_over((struct bytes){name->at, name->len});
	size_t len = 0;

	for (uint8_t length; (length = reader_u8(&r));) {
		struct bytes label = reader_take(&r, length);

		if (len)
			text[len++] = '.';
		for (size_t i = 0; i < label.len; i++) {
			uint8_t c = label.at[i];

			len += dns_escape(c, '!', c == '.' || c == '\\', text + len);
		}
	}
	if (!len)
		text[len++] = '.';
	return arena_copy(arena, (struct bytes){text, len});
}
