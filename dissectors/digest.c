/* SHA-256 and MD5 through OpenSSL's EVP with everything fetched at start; hexadecimal, base64 and
 * percent decoding. */
#include "dissectors/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct digester {
	EVP_MD *sha256, *md5;
	EVP_MD_CTX *context, *md5_context;
};

/* The first use allocates the algorithm's state; later ones find it there. */
static EVP_MD_CTX *context_for(const EVP_MD *algorithm)
{
	EVP_MD_CTX *context = algorithm ? EVP_MD_CTX_new() : NULL;

	if (context && EVP_DigestInit_ex2(context, algorithm, NULL) == 1)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

struct digester *digester_open(void)
{
	struct digester *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->context = context_for(d->sha256);
	d->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	d->md5_context = context_for(d->md5);
	if (d->context)
		return d;
	digester_close(d);
	return NULL;
}

void digester_close(struct digester *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->context);
	EVP_MD_CTX_free(d->md5_context);
	EVP_MD_free(d->sha256);
	EVP_MD_free(d->md5);
	free(d);
}

static struct bytes digest_hex(EVP_MD_CTX *context, const EVP_MD *algorithm, struct bytes data,
                               struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	if (!context || EVP_DigestInit_ex2(context, algorithm, NULL) != 1 ||
	    EVP_DigestUpdate(context, data.at, data.len) != 1 ||
	    EVP_DigestFinal_ex(context, digest, &size) != 1)
		return (struct bytes){0};

	uint8_t *text = arena_alloc(arena, (size_t)size * 2);

	for (unsigned i = 0; text && i < size; i++) {
		text[2 * i] = (uint8_t)digits[digest[i] >> 4];
		text[2 * i + 1] = (uint8_t)digits[digest[i] & 15];
	}
	return (struct bytes){text, text ? (size_t)size * 2 : 0};
}

struct bytes sha256_hex(struct digester *d, struct bytes data, struct arena *arena)
{
	return digest_hex(d->context, d->sha256, data, arena);
}

struct bytes md5_hex(struct digester *d, struct bytes data, struct arena *arena)
{
	return digest_hex(d->md5_context, d->md5, data, arena);
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
