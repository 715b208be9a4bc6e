/* The making of messages: text in an arena that is never emptied. */
#include "tests/support/message.h"

#include "core/arena.h"
#include "core/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static uint8_t *take(size_t n)
{
	static struct arena arena;
	void *at;

	if (!arena.base && !arena_open(&arena, (size_t)1 << 30))
		abort();
	at = arena_alloc(&arena, n + 1);
	if (!at)
		abort();
	return at;
}

struct bytes made(const char *format, ...)
{
	va_list args;
	int len;
	char *to;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	to = (char *)take((size_t)len);
	va_start(args, format);
	vsnprintf(to, (size_t)len + 1, format, args);
	va_end(args);
	return (struct bytes){(uint8_t *)to, (size_t)len};
}

struct bytes joined(struct bytes a, struct bytes b)
{
	uint8_t *to = take(a.len + b.len);

	if (a.len)
		memcpy(to, a.at, a.len);
	if (b.len)
		memcpy(to + a.len, b.at, b.len);
	return (struct bytes){to, a.len + b.len};
}

struct bytes repeated(uint8_t byte, size_t count)
{
	uint8_t *to = take(count);

	memset(to, byte, count);
	return (struct bytes){to, count};
}

/* One character of valid UTF-8. */
static uint32_t next_character(struct reader *r)
{
	uint8_t c = reader_u8(r);
	int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t value = more ? c & (0x3fu >> more) : c;

	while (more--)
		value = value << 6 | (reader_u8(r) & 0x3fu);
	return value;
}

static struct bytes utf16(struct bytes text, bool big)
{
	uint8_t *to = take(text.len * 2);
	struct reader r = reader_over(text);
	size_t n = 0;

	while (reader_left(&r)) {
		uint32_t c = next_character(&r), unit[2] = {c};
		int units = c < 0x10000 ? 1 : 2;

		if (units == 2) {
			unit[0] = 0xd800 + ((c - 0x10000) >> 10);
			unit[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		for (int i = 0; i < units; i++) {
			to[n + big] = (uint8_t)unit[i];
			to[n + !big] = (uint8_t)(unit[i] >> 8);
			n += 2;
		}
	}
	return (struct bytes){to, n};
}

struct bytes utf16le(struct bytes text)
{
	return utf16(text, false);
}

struct bytes utf16be(struct bytes text)
{
	return utf16(text, true);
}

struct bytes zipped_as(struct bytes data, int bits)
{
	z_stream s = {0};
	uint8_t *to;

	if (deflateInit2(&s, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	s.avail_out = (uInt)deflateBound(&s, data.len);
	to = take(s.avail_out);
	s.next_in = (Bytef *)(uintptr_t)data.at;
	s.avail_in = (uInt)data.len;
	s.next_out = to;
	if (deflate(&s, Z_FINISH) != Z_STREAM_END)
		abort();
	deflateEnd(&s);
	return (struct bytes){to, s.total_out};
}

struct bytes zipped(struct bytes data)
{
	return zipped_as(data, 15);
}

struct bytes hexed(struct bytes data)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *to = take(2 * data.len);

	for (size_t i = 0; i < data.len; i++) {
		to[2 * i] = (uint8_t)digits[data.at[i] >> 4];
		to[2 * i + 1] = (uint8_t)digits[data.at[i] & 15];
	}
	return (struct bytes){to, 2 * data.len};
}

struct bytes payload_of(const char *xml)
{
	return joined(utf16le(bytes_of(xml)), BYTES("\0\0\r\n"));
}

static struct bytes request_text(const struct ccm *m, const char *hooks, const char *body)
{
	const char *endpoint = m->endpoint ? m->endpoint : "MP_LocationManager";

	return made("<Msg ReplyCompression=\"zlib\" SchemaVersion=\"1.1\">%s"
	            "<CorrelationID>{00000000-0000-0000-0000-000000000000}</CorrelationID>"
	            "<Hooks>%s</Hooks><ID>{7D0C2C3E-51B4-4B1F-9A39-0E1B5D0D7A11}</ID>"
	            "<Payload Type=\"inline\" /><Priority>0</Priority><Protocol>http</Protocol>"
	            "<ReplyMode>Sync</ReplyMode><ReplyTo>direct:WS0042:SccmMessaging</ReplyTo>"
	            "<SentTime>2026-01-12T08:00:01Z</SentTime><SourceHost>WS0042</SourceHost>%s"
	            "<TargetAddress>mp:%s</TargetAddress><TargetEndpoint>%s</TargetEndpoint>"
	            "<TargetHost>CM01.corp.example</TargetHost><Timeout>60000</Timeout></Msg>",
	            body, hooks, m->envelope ? m->envelope : "", endpoint, endpoint);
}

static struct bytes reply_text(const struct ccm *m, const char *hooks, const char *body)
{
	return made(
	        "<Msg SchemaVersion=\"1.1\"><ID>{0B4B8C19-3D1C-4B9E-8B61-7F8D23B0C0A5}</ID>"
	        "<SourceHost>CM01</SourceHost>"
	        "<TargetAddress>direct:WS0042:SccmMessaging</TargetAddress>"
	        "<TargetEndpoint>SccmMessaging</TargetEndpoint><TargetHost>WS0042</TargetHost>"
	        "<CorrelationID>{7D0C2C3E-51B4-4B1F-9A39-0E1B5D0D7A11}</CorrelationID>"
	        "<Priority>0</Priority><Timeout>60000</Timeout><Protocol>http</Protocol>"
	        "<ReplyMode>Sync</ReplyMode><Payload Type=\"inline\"/><Hooks>%s</Hooks>%s%s</Msg>",
	        hooks, m->envelope ? m->envelope : "", body);
}

static struct bytes text_part(const struct ccm *m, size_t length)
{
	const char *hooks = m->hooks ? m->hooks : "<Hook3 Name=\"zlib-compress\" />";
	const char *body = m->body;
	struct bytes text;

	if (m->text.at)
		return m->text;
	if (!body)
		body = (const char *)made("<Body Type=\"ByteRange\" Length=\"%zu\" Offset=\"0\" />",
		                          length)
		               .at;
	text = m->is_reply ? reply_text(m, hooks, body) : request_text(m, hooks, body);
	return joined(BYTES("\xff\xfe"), utf16le(text));
}

struct bytes ccm_message(struct ccm m)
{
	const char *boundary = m.boundary ? m.boundary : BOUNDARY;
	const char *text_head =
	        m.text_head ? m.text_head : "content-type: text/plain; charset=UTF-16\r\n";
	const char *payload_head =
	        m.payload_head ? m.payload_head : "content-type: application/octet-stream\r\n";
	struct bytes plain = m.xml ? payload_of(m.xml) : (struct bytes){0};
	struct bytes payload = m.xml ? zipped(plain) : m.payload;
	struct bytes message;

	message = made("--%s\r\n%s\r\n", boundary, text_head);
	message = joined(message, text_part(&m, plain.len ? plain.len - 2 : payload.len));
	if (!m.no_payload) {
		message = joined(message, made("\r\n--%s\r\n%s\r\n", boundary, payload_head));
		message = joined(message, payload);
	}
	return joined(message, m.tail ? bytes_of(m.tail) : made("\r\n--%s--", boundary));
}
