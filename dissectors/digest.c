/* SHA-256 through OpenSSL's EVP with everything fetched at start; hexadecimal, base64 and percent
 * decoding. */
#include "dissectors/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct digester {
	EVP_MD *sha256;
	EVP_MD_CTX *context;
};

struct digester *digester_open(void)
{
	struct digester *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->context = EVP_MD_CTX_new();
	/* The first use allocates the algorithm's state; later ones find it there. */
	if (d->sha256 && d->context && EVP_DigestInit_ex2(d->context, d->sha256, NULL) == 1)
		return d;
	digester_close(d);
	return NULL;
}

void digester_close(struct digester *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->context);
	EVP_MD_free(d->sha256);
	free(d);
}

struct bytes sha256_hex(struct digester *d, struct bytes data, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	uint8_t *text = arena_alloc(arena, 64);

	if (!text || EVP_DigestInit_ex2(d->context, d->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(d->context, data.at, data.len) != 1 ||
	    EVP_DigestFinal_ex(d->context, digest, &size) != 1 || size != 32)
		return (struct bytes){0};
	for (unsigned i = 0; i < size; i++) {
		text[2 * i] = (uint8_t)digits[digest[i] >> 4];
		text[2 * i + 1] = (uint8_t)digits[digest[i] & 15];
	}
	return (struct bytes){text, 64};
}

struct bytes hex_decode(struct bytes text, struct arena *arena)
{
	uint8_t *to = arena_alloc(arena, text.len / 2 + 1);
	size_t n = 0;
	int high = -1;

	if (!to)
		return (struct bytes){0};
	for (size_t i = 0; i < text.len; i++) {
		int digit = hex_digit(text.at[i]);

		if (digit < 0 && strchr(" \t\r\n", text.at[i]) && text.at[i])
			continue;
		if (digit < 0)
			break;
		if (high >= 0)
			to[n++] = (uint8_t)(high << 4 | digit);
		high = high < 0 ? digit : -1;
	}
	return (struct bytes){to, n};
}

struct bytes base64_decode(struct bytes text, struct arena *arena)
{
	size_t room = text.len / 4 * 3;
	uint8_t *to = arena_alloc(arena, room + 1);

	if (!to || !text.len || text.len % 4 || text.len > INT32_MAX)
		return (struct bytes){0};
	if (EVP_DecodeBlock(to, text.at, (int)text.len) < 0)
		return (struct bytes){0};
	for (size_t i = text.len; i-- > text.len - 2 && text.at[i] == '=';)
		room--;
	return (struct bytes){to, room};
}

struct bytes percent_decode(struct bytes text, struct arena *arena)
{
	if (!text.len || !memchr(text.at, '%', text.len))
		return text;

	uint8_t *to = arena_alloc(arena, text.len);
	size_t n = 0;

	if (!to)
		return text;
	for (size_t i = 0; i < text.len; i++) {
		bool escape = text.at[i] == '%' && i + 2 < text.len &&
		              hex_digit(text.at[i + 1]) >= 0 && hex_digit(text.at[i + 2]) >= 0;

		to[n++] = escape ? (uint8_t)(hex_digit(text.at[i + 1]) << 4 |
		                             hex_digit(text.at[i + 2]))
		                 : text.at[i];
		i += escape ? 2 : 0;
	}
	return (struct bytes){to, n};
}
