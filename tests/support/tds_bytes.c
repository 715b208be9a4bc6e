/* The making of TDS messages. */
#include "tests/support/tds_bytes.h"

#include "dissectors/tds/tds.h"

#include <stdlib.h>

static void put(struct tds_made *m, const void *bytes, size_t n)
{
	if (m->len + n > sizeof(m->at))
		abort();
	if (n)
		memcpy(m->at + m->len, bytes, n);
	m->len += n;
}

static void put_u8(struct tds_made *m, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	put(m, &byte, 1);
}

static void put_u16be(struct tds_made *m, unsigned value)
{
	put_u8(m, value >> 8);
	put_u8(m, value & 255);
}

static void put_u16le(struct tds_made *m, unsigned value)
{
	put_u8(m, value & 255);
	put_u8(m, value >> 8);
}

static void put_u32le(struct tds_made *m, uint32_t value)
{
	put_u16le(m, value & 0xffff);
	put_u16le(m, value >> 16);
}

static void put_utf16(struct tds_made *m, const char *text)
{
	for (; *text; text++)
		put_u16le(m, (uint8_t)*text);
}

static void put_short_text(struct tds_made *m, const char *text)
{
	put_u8(m, (unsigned)strlen(text));
	put_utf16(m, text);
}

struct bytes tds_made_view(const struct tds_made *m)
{
	return (struct bytes){m->at, m->len};
}

/* The message in packets of at most `most` bytes of content. */
struct tds_made tds_framed(uint8_t type, struct bytes content, size_t most)
{
	struct tds_made m = {.len = 0};
	size_t at = 0;

	do {
		struct bytes part = bytes_slice(content, at, most);

		at += part.len;
		put_u8(&m, type);
		put_u8(&m, at == content.len ? TDS_END_OF_MESSAGE : 0);
		put_u16be(&m, (unsigned)part.len + TDS_HEADER);
		put_u16be(&m, 0);
		put_u16be(&m, 0x0100);
		put(&m, part.at, part.len);
	} while (at < content.len);
	return m;
}

struct tds_made tds_prelogin(uint8_t type, uint8_t encryption)
{
	static const uint8_t options[] = {0, 0,  16, 0, 6,    1,  0, 22,   0,    1, 2,
	                                  0, 23, 0,  4, 0xff, 15, 0, 0x07, 0xd0, 0, 0};
	struct tds_made body = {.len = 0};

	put(&body, options, sizeof(options));
	put_u8(&body, encryption);
	put(&body, "PS1", 4);
	return tds_framed(type, tds_made_view(&body), TDS_MADE_MOST);
}

/* LOGIN7 with these texts; `token` is the SSPI of Windows authentication. */
struct tds_made tds_login_body(const char *user, const char *database, struct bytes token)
{
	const char *const texts[] = {"MP01", user, "secret", "SMS_MP_CONTROL_MANAGER", "sql01", "",
	                             "ODBC", "",   database};
	struct tds_made m = {.len = 0}, data = {.len = 0};

	put_u32le(&m, 0);
	put_u32le(&m, 0x74000004);
	for (int i = 0; i < 17; i++)
		put_u8(&m, 0);
	put_u8(&m, token.len ? 0x83 : 3);
	for (int i = 0; i < 10; i++)
		put_u8(&m, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put_u16le(&m, (unsigned)(94 + data.len));
		put_u16le(&m, (unsigned)strlen(texts[i]));
		put_utf16(&data, texts[i]);
	}
	put(&m, "\2\0\0\0\0\1", 6);
	put_u16le(&m, (unsigned)(94 + data.len));
	put_u16le(&m, (unsigned)token.len);
	put(&data, token.at, token.len);
	put_u32le(&m, 0);
	put_u32le(&m, 0);
	put_u32le(&m, 0);
	put(&m, data.at, data.len);
	m.at[0] = (uint8_t)m.len;
	m.at[1] = (uint8_t)(m.len >> 8);
	return m;
}

struct tds_made tds_login(const char *database)
{
	struct tds_made body = tds_login_body("smsapp", database, (struct bytes){0});

	return tds_framed(TDS_LOGIN7, tds_made_view(&body), TDS_MADE_MOST);
}

/* ENVCHANGE of the database, LOGINACK, DONE. */
struct tds_made tds_welcome(const char *database)
{
	struct tds_made body = {.len = 0};
	size_t n = strlen(database);

	put_u8(&body, 0xe3);
	put_u16le(&body, (unsigned)(3 + 2 * n));
	put_u8(&body, 1);
	put_short_text(&body, database);
	put_u8(&body, 0);
	put_u8(&body, 0xad);
	put_u16le(&body, 10);
	put(&body, "\1\x74\0\0\4\0\x0f\0\7\xd0", 10);
	put(&body, "\xfd\0\0\0\0\0\0\0\0\0\0\0", 13);
	return tds_framed(TDS_RESPONSE, tds_made_view(&body), TDS_MADE_MOST);
}

struct tds_made tds_refusal(void)
{
	struct tds_made body = {.len = 0};

	put_u8(&body, 0xaa);
	put_u16le(&body, 8);
	put_u32le(&body, 18456);
	put(&body, "\1\x0e\0\0", 4);
	return tds_framed(TDS_RESPONSE, tds_made_view(&body), TDS_MADE_MOST);
}
