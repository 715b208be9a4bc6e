/* Reading, printing and comparing addresses and networks. */
#include "core/address.h"

#include <arpa/inet.h>
#include <stdio.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool address_is_v4(struct address a)
{
	return !memcmp(a.at, mapped, sizeof(mapped));
}

bool address_is_zero(struct address a)
{
	static const struct address zero;

	return address_equal(a, zero);
}

bool address_is_multicast(struct address a)
{
	static const uint8_t broadcast[4] = {0xff, 0xff, 0xff, 0xff};

	if (!address_is_v4(a))
		return a.at[0] == 0xff;
	return (a.at[12] & 0xf0) == 0xe0 || !memcmp(a.at + 12, broadcast, 4);
}

const char *address_print(struct address a, char text[ADDRESS_TEXT_MAX])
{
	char *to = text;

	if (!address_is_v4(a)) {
		inet_ntop(AF_INET6, a.at, text, ADDRESS_TEXT_MAX);
		return text;
	}
	for (int i = 12; i < 16; i++) {
		unsigned n = a.at[i];

		if (n >= 100)
			*to++ = (char)('0' + n / 100);
		if (n >= 10)
			*to++ = (char)('0' + n / 10 % 10);
		*to++ = (char)('0' + n % 10);
		*to++ = i < 15 ? '.' : 0;
	}
	return text;
}

bool address_parse(struct bytes text, struct address *a)
{
	char copy[ADDRESS_TEXT_MAX];
	uint8_t raw[16];

	if (!text.len || text.len >= sizeof(copy) || memchr(text.at, 0, text.len))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = 0;
	if (inet_pton(AF_INET, copy, raw) == 1)
		*a = address_from((struct bytes){raw, 4});
	else if (inet_pton(AF_INET6, copy, raw) == 1)
		*a = address_from((struct bytes){raw, 16});
	else
		return false;
	return true;
}

static uint8_t prefix_bits(uint8_t prefix, unsigned byte)
{
	unsigned bits = prefix > byte * 8 ? prefix - byte * 8u : 0;

	return bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
}

const char *network_parse(struct bytes text, struct network *n)
{
	const uint8_t *slash = text.len ? memchr(text.at, '/', text.len) : NULL;
	size_t at = slash ? (size_t)(slash - text.at) : text.len;
	uint64_t prefix;

	if (!address_parse(bytes_slice(text, 0, at), &n->base))
		return "expected an address or a network such as 192.0.2.0/24 or 2001:db8::/32";

	uint8_t offset = address_is_v4(n->base) ? 96 : 0;

	n->prefix = 128;
	if (!slash)
		return NULL;
	if (!bytes_to_u64(bytes_slice(text, at + 1, text.len), &prefix) || prefix > 128u - offset)
		return "the prefix length after the slash must be 0 to 32 (IPv4) or 0 to 128 "
		       "(IPv6)";
	n->prefix = (uint8_t)(prefix + offset);
	for (unsigned i = 0; i < 16; i++)
		if (n->base.at[i] & ~prefix_bits(n->prefix, i))
			return "the network has bits set behind its prefix";
	return NULL;
}

bool network_contains(struct network n, struct address a)
{
	for (unsigned i = 0; i < 16; i++)
		if ((n.base.at[i] ^ a.at[i]) & prefix_bits(n.prefix, i))
			return false;
	return true;
}

const char *network_print(struct network n, char text[NETWORK_TEXT_MAX])
{
	char base[ADDRESS_TEXT_MAX];
	/* A short prefix of v4-mapped addresses is one of IPv6 all the same. */
	unsigned prefix = address_is_v4(n.base) && n.prefix >= 96 ? n.prefix - 96u : n.prefix;

	address_print(n.base, base);
	if (n.prefix == 128)
		snprintf(text, NETWORK_TEXT_MAX, "%s", base);
	else
		snprintf(text, NETWORK_TEXT_MAX, "%s/%u", base, prefix);
	return text;
}
