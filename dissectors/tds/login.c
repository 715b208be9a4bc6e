/* LOGIN7, where it crosses the wire in clear (MS-TDS 2.2.6.4).
 *
 *     0         4         8            12        16    20      24   25   26   27   28     32    36
 *    +---------+---------+------------+---------+-----+-------+----+----+----+----+------+-----+---
 *    | length  | version | packet     | program | PID | conn. | o1 | o2 | t  | o3 | zone | lcid| ..
 *    +---------+---------+------------+---------+-----+-------+----+----+----+----+------+-----+---
 *     36 host  40 user  44 password  48 application  52 server  56 extension  60 library
 *     64 language  68 database  72 client id (6 bytes)  78 SSPI  82 file  86 new password
 *     90 long SSPI length (4 bytes)                      each: offset(2) length(2), little endian
 *
 * Offsets count from the beginning; lengths are characters of UTF-16, that of SSPI bytes. Passwords
 * are only scrambled, so they are as good as in clear: they are never looked at here. */
#include "dissectors/tds/tds.h"

#include "dissectors/xml.h"

#define LOGIN_LEAST         86 /* up to the file; later versions have more */
#define INTEGRATED          0x80
#define SSPI_LENGTH_IS_LONG 0xffff

/* One of the offset and length pairs, in their order on the wire. */
enum part {
	PART_HOST,
	PART_USER,
	PART_PASSWORD,
	PART_APPLICATION,
	PART_SERVER,
	PART_EXTENSION,
	PART_LIBRARY,
	PART_LANGUAGE,
	PART_DATABASE,
	PART_COUNT,
};

void tds_keep(struct dissection *d, struct tds_text *to, struct bytes utf16)
{
	struct bytes text = utf16_to_utf8(bytes_slice(utf16, 0, 2 * sizeof(to->text)), TEXT_UTF16LE,
	                                  &d->bench->scratch);
	size_t len = text.len;

	/* Not in the middle of a character. */
	for (; len > sizeof(to->text) || (len < text.len && (text.at[len] & 0xc0) == 0x80);)
		len--;
	to->len = (uint8_t)len;
	if (len)
		memcpy(to->text, text.at, len);
}

/* The next pair's bytes, `unit` times its length of them; false when they lie outside. */
static bool read_pair(struct reader *r, struct bytes message, size_t unit, struct bytes *part)
{
	size_t offset = reader_u16le(r), length = reader_u16le(r) * unit;

	*part = bytes_slice(message, offset, length);
	return !length || (offset <= message.len && length <= message.len - offset);
}

/* The security token of Windows; one of 64 KiB and more tells its length elsewhere. */
static bool read_token(struct reader *r, struct bytes message, struct bytes *token)
{
	struct reader at = *r, length = reader_over(bytes_slice(message, 90, 4));
	size_t offset = reader_u16le(&at), short_length = reader_u16le(&at);
	size_t long_length = reader_u32le(&length);

	if (short_length != SSPI_LENGTH_IS_LONG || !reader_ok(&length) || !long_length)
		return read_pair(r, message, 1, token);
	reader_skip(r, 4);
	*token = bytes_slice(message, offset, long_length);
	return offset <= message.len && long_length <= message.len - offset;
}

const char *tds_login_read(struct dissection *d, struct bytes message)
{
	struct tds_state *st = d->state;
	struct tds_login *login = &st->login;
	struct reader r = reader_over(message);
	struct bytes part[PART_COUNT], token;
	uint32_t length = reader_u32le(&r), version = reader_u32le(&r);
	bool inside = true;

	reader_skip(&r, 17);

	uint8_t options = reader_u8(&r);

	reader_skip(&r, 10);
	if (message.len < LOGIN_LEAST || length > message.len || length < LOGIN_LEAST)
		return "LOGIN7 that is shorter than it says";
	for (int i = 0; i < PART_COUNT; i++)
		inside = read_pair(&r, message, 2, &part[i]) && inside;
	reader_skip(&r, 6);
	inside = read_token(&r, message, &token) && inside;
	if (!inside || !reader_ok(&r))
		return "LOGIN7 with a text outside of it";

	*login = (struct tds_login){
	        .seen = true,
	        .version = version,
	        .windows = options & INTEGRATED || token.len,
	};
	tds_keep(d, &login->host, part[PART_HOST]);
	tds_keep(d, &login->user, part[PART_USER]);
	tds_keep(d, &login->application, part[PART_APPLICATION]);
	tds_keep(d, &login->server, part[PART_SERVER]);
	tds_keep(d, &login->library, part[PART_LIBRARY]);
	tds_keep(d, &st->database, part[PART_DATABASE]);
	login->by_password = !login->windows && login->user.len;
	if (token.len)
		tds_token(d, token);
	return NULL;
}
