/* SHA-256 and MD5 through OpenSSL; hexadecimal, base64 and percent decoding. Stateless.
 *
 * The functions that OpenSSL 3 prefers allocate for each digest, its SHA256() and MD5() too, which
 * the packet path must not. What is made here names and compares, and proves nothing. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "dissectors/digest.h"

#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

static struct bytes hex_of(const uint8_t *digest, size_t size, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *text = arena_alloc(arena, size * 2);

	for (size_t i = 0; text && i < size; i++) {
		text[2 * i] = (uint8_t)digits[digest[i] >> 4];
		text[2 * i + 1] = (uint8_t)digits[digest[i] & 15];
	}
	return (struct bytes){text, text ? size * 2 : 0};
}

struct bytes sha256_hex(struct bytes data, struct arena *arena)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX sum;

	SHA256_Init(&sum);
	SHA256_Update(&sum, data.at, data.len);
	SHA256_Final(digest, &sum);
	return hex_of(digest, sizeof(digest), arena);
}

struct bytes md5_hex(struct bytes data, struct arena *arena)
{
	uint8_t digest[MD5_DIGEST_LENGTH];
	MD5_CTX sum;

	MD5_Init(&sum);
	MD5_Update(&sum, data.at, data.len);
	MD5_Final(digest, &sum);
	return hex_of(digest, sizeof(digest), arena);
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
