/* Community ID version 1 (https://github.com/corelight/community-id-spec).
 *
 *     "1:" base64(SHA-1(seed 2 | address 4 or 16 | address 4 or 16 | protocol 1 | zero 1
 *                       | port 2 | port 2))
 *
 * The smaller endpoint comes first. Stateless. */

/* The functions that OpenSSL 3 prefers allocate for each digest. This runs beside the packet path,
 * which must not, and the digest is a name, not a proof. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sensor/packet/community_id.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#define PROTOCOL_ICMP   1
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_SCTP   132

/* ICMP messages that answer each other. All others go one way. */
static const struct {
	uint8_t protocol, type, counterpart;
} icmp_pair[] = {
        {PROTOCOL_ICMP, 8, 0},       /* echo, echo reply */
        {PROTOCOL_ICMP, 10, 9},      /* router solicitation, advertisement */
        {PROTOCOL_ICMP, 13, 14},     /* timestamp, reply */
        {PROTOCOL_ICMP, 15, 16},     /* information request, reply */
        {PROTOCOL_ICMP, 17, 18},     /* address mask request, reply */
        {PROTOCOL_ICMPV6, 128, 129}, /* echo request, reply */
        {PROTOCOL_ICMPV6, 130, 131}, /* multicast listener query, report */
        {PROTOCOL_ICMPV6, 133, 134}, /* router solicitation, advertisement */
        {PROTOCOL_ICMPV6, 135, 136}, /* neighbor solicitation, advertisement */
        {PROTOCOL_ICMPV6, 139, 140}, /* node information query, response */
        {PROTOCOL_ICMPV6, 144, 145}, /* home agent address discovery request, reply */
};

struct endpoint {
	struct address address;
	uint16_t port;
};

/* The type that answers an ICMP type, or -1. */
static int icmp_counterpart(uint8_t protocol, uint16_t type)
{
	for (size_t i = 0; i < sizeof(icmp_pair) / sizeof(*icmp_pair); i++) {
		if (icmp_pair[i].protocol != protocol)
			continue;
		if (icmp_pair[i].type == type)
			return icmp_pair[i].counterpart;
		if (icmp_pair[i].counterpart == type)
			return icmp_pair[i].type;
	}
	return -1;
}

static bool endpoint_before(const struct endpoint *a, const struct endpoint *b)
{
	int order = memcmp(&a->address, &b->address, sizeof(a->address));

	return order ? order < 0 : a->port < b->port;
}

/* What is hashed, side by side. */
struct message {
	uint8_t at[48];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t len)
{
	memcpy(&m->at[m->len], bytes, len);
	m->len += len;
}

static void put_address(struct message *m, const struct address *address)
{
	if (address_is_v4(*address))
		put(m, &address->at[12], 4);
	else
		put(m, address->at, sizeof(address->at));
}

static void put_u16(struct message *m, uint16_t value)
{
	put(m, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

void community_id_seeded(uint16_t seed, struct address source, uint16_t source_port,
                         struct address destination, uint16_t destination_port, uint8_t protocol,
                         char text[COMMUNITY_ID_MAX])
{
	struct endpoint a = {source, source_port}, b = {destination, destination_port};
	bool icmp = protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6;
	bool ports = icmp || protocol == 6 || protocol == 17 || protocol == PROTOCOL_SCTP;
	bool one_way = false;
	const uint8_t protocol_and_zero[] = {protocol, 0};
	uint8_t digest[SHA_DIGEST_LENGTH];
	struct message message = {.len = 0};
	SHA_CTX sha;

	if (icmp) {
		int counterpart = icmp_counterpart(protocol, source_port);

		one_way = counterpart < 0;
		if (!one_way)
			b.port = (uint16_t)counterpart;
	}
	if (!ports)
		a.port = b.port = 0;
	if (!one_way && endpoint_before(&b, &a)) {
		struct endpoint first = b;

		b = a;
		a = first;
	}
	put_u16(&message, seed);
	put_address(&message, &a.address);
	put_address(&message, &b.address);
	put(&message, protocol_and_zero, sizeof(protocol_and_zero));
	if (ports) {
		put_u16(&message, a.port);
		put_u16(&message, b.port);
	}
	SHA1_Init(&sha);
	SHA1_Update(&sha, message.at, message.len);
	SHA1_Final(digest, &sha);
	text[0] = '1';
	text[1] = ':';
	EVP_EncodeBlock((unsigned char *)&text[2], digest, sizeof(digest));
}

void community_id(struct address source, uint16_t source_port, struct address destination,
                  uint16_t destination_port, uint8_t protocol, char text[COMMUNITY_ID_MAX])
{
	community_id_seeded(0, source, source_port, destination, destination_port, protocol, text);
}
