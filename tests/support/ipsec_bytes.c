/* The making of IPsec packets, in memory that is never given back. */
#include "tests/support/ipsec_bytes.h"

#include "core/checksum.h"
#include "tests/support/message.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct address ipsec_address(enum side side)
{
	static const uint8_t address[2][4] = {{192, 0, 2, 11}, {192, 0, 2, 20}};

	return address_from((struct bytes){address[side], 4});
}

static uint8_t *writable(struct bytes b)
{
	return (uint8_t *)(uintptr_t)b.at;
}

/* The 16 bits that make a sum fit: found by trying, since only fitting has a function. */
static void put_checksum(uint8_t *at, bool (*fits)(const void *), const void *context)
{
	for (uint32_t guess = 0; guess < 65536; guess++) {
		at[0] = (uint8_t)(guess >> 8);
		at[1] = (uint8_t)guess;
		if (fits(context))
			return;
	}
	abort();
}

struct summed {
	enum side from;
	uint8_t protocol;
	struct bytes bytes;
};

static bool transport_fits(const void *context)
{
	const struct summed *s = context;

	return checksum_fits_transport(ipsec_address(s->from), ipsec_address(!s->from), s->protocol,
	                               s->bytes);
}

static bool plain_fits(const void *context)
{
	const struct summed *s = context;

	return checksum_fits(checksum_add(0, s->bytes));
}

static struct bytes numbers(const uint32_t *at, size_t count)
{
	struct bytes b = repeated(0, 4 * count);

	for (size_t i = 0; i < count; i++) {
		uint32_t word = htonl(at[i]);

		memcpy(writable(b) + 4 * i, &word, 4);
	}
	return b;
}

struct bytes tcp_segment(enum side from, uint32_t sequence, uint8_t flags, const char *payload)
{
	uint32_t ports = from == CLIENT ? 40000u << 16 | 80 : 80u << 16 | 40000;
	const uint32_t header[] = {ports, sequence, flags & 0x10 ? 77u : 0,
	                           0x50000000u | (uint32_t)flags << 16 | 4096, 0};
	struct bytes b = joined(numbers(header, 5), bytes_of(payload));
	struct summed s = {from, 6, b};

	put_checksum(writable(b) + 16, transport_fits, &s);
	return b;
}

struct bytes udp_datagram(enum side from, const char *payload)
{
	uint32_t length = (uint32_t)strlen(payload) + 8;
	const uint32_t header[] = {40000u << 16 | 53, length << 16};
	struct bytes b = joined(numbers(header, 2), bytes_of(payload));
	struct summed s = {from, 17, b};

	put_checksum(writable(b) + 6, transport_fits, &s);
	return b;
}

struct bytes icmp_echo(uint16_t sequence)
{
	const uint32_t header[] = {0x08000000, 0x4d560000u | sequence};
	struct bytes b = joined(numbers(header, 2), bytes_of("abcdefghijklmnopqrstuvwxyz"));
	struct summed s = {CLIENT, 1, b};

	put_checksum(writable(b) + 2, plain_fits, &s);
	return b;
}

struct bytes ipv4_packet(enum side from, uint8_t protocol, struct bytes inside)
{
	const uint32_t header[] = {0x45000000u | (uint32_t)(inside.len + 20), 0x12340000,
	                           64u << 24 | (uint32_t)protocol << 16,
	                           from == CLIENT ? 0xc000020bu : 0xc0000214u,
	                           from == CLIENT ? 0xc0000214u : 0xc000020bu};
	struct bytes b = numbers(header, 5);
	struct summed s = {from, 0, b};

	put_checksum(writable(b) + 10, plain_fits, &s);
	return joined(b, inside);
}

struct bytes esp_null(uint32_t spi, uint32_t sequence, uint8_t protocol, struct bytes inside,
                      size_t vector, size_t check)
{
	const uint32_t header[] = {spi, sequence};
	size_t padding = (4 - (inside.len + 2) % 4) % 4;
	struct bytes trailer = repeated(0, padding + 2);

	for (size_t i = 0; i < padding; i++)
		writable(trailer)[i] = (uint8_t)(i + 1);
	writable(trailer)[padding] = (uint8_t)padding;
	writable(trailer)[padding + 1] = protocol;
	return joined(joined(numbers(header, 2), repeated(0xa5, vector)),
	              joined(joined(inside, trailer),
	                     bytes_slice(esp_encrypted(spi, sequence, check), 8, check)));
}

struct bytes esp_encrypted(uint32_t spi, uint32_t sequence, size_t size)
{
	uint8_t key[16] = {0}, vector[16] = {0};
	const uint32_t header[] = {spi, sequence};
	struct bytes b = joined(numbers(header, 2), repeated(0, size));
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	int n = 0;

	memcpy(key, b.at, 4);
	memcpy(vector, b.at + 4, 4);
	if (size && (!cipher || !EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, key, vector) ||
	             !EVP_EncryptUpdate(cipher, writable(b) + 8, &n, b.at + 8, (int)size)))
		abort();
	EVP_CIPHER_CTX_free(cipher);
	return b;
}

struct bytes ah_packet(uint32_t spi, uint32_t sequence, uint8_t protocol, struct bytes inside,
                       size_t check)
{
	const uint32_t header[] = {(uint32_t)protocol << 24 | (uint32_t)(check / 4 + 1) << 16, spi,
	                           sequence};

	return joined(joined(numbers(header, 3), repeated(0xa5, check)), inside);
}

struct bytes wesp_packet_of(uint8_t protocol, uint8_t flags, struct bytes packet, size_t vector,
                            size_t check)
{
	bool encrypted = flags & 0x20;
	size_t padding = flags & 0x10 ? 4 : 0;
	uint32_t length = (uint32_t)(encrypted ? 0 : 12 + padding + vector);
	const uint32_t header[] = {(uint32_t)(encrypted ? 0 : protocol) << 24 | length << 16 |
	                                   (uint32_t)(encrypted ? 0 : check) << 8 | flags,
	                           0};

	return joined(bytes_slice(numbers(header, 2), 0, 4 + padding), packet);
}
