/* Handshakes made by hand, after RFC 5246 and RFC 8446: the bytes mean nothing but their form. */
#include "tests/support/tls_bytes.h"

#include <assert.h>

struct bytes made_view(const struct made *m)
{
	return (struct bytes){m->at, m->len};
}

void made_add(struct made *m, struct bytes bytes)
{
	assert(m->len + bytes.len <= sizeof(m->at));
	if (bytes.len)
		memcpy(m->at + m->len, bytes.at, bytes.len);
	m->len += bytes.len;
}

static void add_number(struct made *m, uint32_t number, unsigned size)
{
	while (size--)
		made_add(m, (struct bytes){(uint8_t[]){(uint8_t)(number >> 8 * size)}, 1});
}

static void add_same(struct made *m, uint8_t byte, size_t n)
{
	while (n--)
		made_add(m, (struct bytes){&byte, 1});
}

void made_record(struct made *m, uint8_t type, struct bytes content)
{
	add_number(m, type, 1);
	add_number(m, 0x0303, 2);
	add_number(m, (uint32_t)content.len, 2);
	made_add(m, content);
}

void made_message(struct made *m, uint8_t type, struct bytes body)
{
	add_number(m, type, 1);
	add_number(m, (uint32_t)body.len, 3);
	made_add(m, body);
}

static void add_extension(struct made *m, uint16_t type, struct bytes data)
{
	add_number(m, type, 2);
	add_number(m, (uint32_t)data.len, 2);
	made_add(m, data);
}

static void add_extensions(struct made *m, const struct made *extensions)
{
	add_number(m, (uint32_t)extensions->len, 2);
	made_add(m, made_view(extensions));
}

void made_client_hello(struct made *m, const char *name, uint8_t session)
{
	static const uint8_t groups[] = {0, 4, 0, 29, 0, 23};
	struct made body = {0}, extensions = {0}, names = {0};

	add_number(&body, 0x0303, 2);
	add_same(&body, 0x11, 32);
	add_number(&body, session, 1);
	add_same(&body, 0x22, session);
	add_number(&body, 6, 2);
	add_number(&body, 0x1a1a, 2); /* GREASE */
	add_number(&body, 0xc030, 2);
	add_number(&body, 0x000a, 2);
	add_number(&body, 0x0100, 2); /* compression */
	add_number(&names, (uint32_t)strlen(name) + 3, 2);
	add_number(&names, 0, 1);
	add_number(&names, (uint32_t)strlen(name), 2);
	made_add(&names, bytes_of(name));
	add_extension(&extensions, 0, made_view(&names));
	add_extension(&extensions, 10, (struct bytes){groups, sizeof(groups)});
	add_extension(&extensions, 35, (struct bytes){0});
	add_extensions(&body, &extensions);
	made_message(m, 1, made_view(&body));
}

void made_server_hello(struct made *m, uint16_t version, uint16_t suite, uint8_t session)
{
	static const uint8_t chosen[] = {3, 4}, share[] = {0, 29, 0, 1, 7};
	struct made body = {0}, extensions = {0};

	add_number(&body, version < 0x0304 ? version : 0x0303, 2);
	add_same(&body, 0x33, 32);
	add_number(&body, session, 1);
	add_same(&body, 0x22, session);
	add_number(&body, suite, 2);
	add_number(&body, 0, 1);
	if (version == 0x0304) {
		add_extension(&extensions, 43, (struct bytes){chosen, sizeof(chosen)});
		add_extension(&extensions, 51, (struct bytes){share, sizeof(share)});
	}
	add_extensions(&body, &extensions);
	made_message(m, 2, made_view(&body));
}

void made_certificate(struct made *m, size_t size)
{
	struct made body = {0};

	add_number(&body, size ? (uint32_t)size + 3 : 0, 3);
	if (size)
		add_number(&body, (uint32_t)size, 3);
	add_same(&body, 0x44, size);
	made_message(m, 11, made_view(&body));
}

void made_flight(struct made *m, bool request)
{
	struct made messages = {0};

	made_server_hello(&messages, 0x0303, 0xc030, 0);
	made_certificate(&messages, 1000);
	if (request)
		made_message(&messages, 13, BYTES("\1\1\0\2\4\1\0\0"));
	made_message(&messages, 14, (struct bytes){0});
	made_record(m, 22, made_view(&messages));
}

void made_finish(struct made *m)
{
	uint8_t finished[40] = {0};

	made_record(m, 20, BYTES("\1"));
	made_record(m, 22, (struct bytes){finished, sizeof(finished)});
}

void made_data(struct made *m, size_t size)
{
	struct made content = {0};

	add_same(&content, 0x55, size);
	made_record(m, 23, made_view(&content));
}
