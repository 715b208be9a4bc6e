/* Weighing packets for and against each guess at how an association frames plain text. */
#include "dissectors/ipsec/esp_null.h"

#include "core/checksum.h"
#include "core/reader.h"

/* HMAC-MD5-96, SHA1-96, AES-XCBC-96, -CMAC-96: 12. HMAC-SHA2-256-128, AES-GMAC: 16. HMAC-SHA1-160:
 * 20. HMAC-SHA2-384-192: 24. HMAC-SHA2-512-256: 32. */
static const struct guess {
	uint8_t vector, integrity;
} guesses[ESP_GUESSES] = {
        {0, 12}, {0, 16}, {0, 24}, {0, 32}, {0, 20}, {8, 16}, {8, 12}, {8, 24}, {8, 32}, {8, 20},
};

#define BITS_ENOUGH        64
#define PACKETS_ENOUGH     3
/* Two packets whose checksums verify are as unlikely to be chance. */
#define PACKETS_VERIFIED   2
#define BITS_VERIFIED      80
/* What one packet can count for: no single packet may decide. */
#define BITS_OF_A_PACKET   48
/* What a packet costs a guess under which it makes no sense. */
#define BITS_LOST          32
#define BITS_TO_AGREE      24
/* After so many packets under which no guess gained ground, it is encrypted. */
#define PACKETS_TO_GIVE_UP 10
/* The same where no more will come. */
#define PACKETS_FEW        5
#define PACKETS_AT_MOST    64

#define PROTOCOL_ICMP   1
#define PROTOCOL_IPV4   4
#define PROTOCOL_TCP    6
#define PROTOCOL_UDP    17
#define PROTOCOL_IPV6   41
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_DUMMY  59 /* "no next header": traffic flow confidentiality */

#define TCP_FIN_SYN_RST 0x07
#define TCP_ACK_FLAG    0x10
#define TCP_URG_FLAG    0x20

struct ends {
	struct address source, destination;
};

/* Each of these says how many bits would have had to be right by chance; 0: it makes no sense. */

static unsigned weigh_tcp(const struct ends *ends, struct bytes in)
{
	struct reader r = reader_over(in);

	reader_skip(&r, 12);

	uint8_t offset = reader_u8(&r), flags = reader_u8(&r);

	reader_skip(&r, 4);

	uint16_t urgent = reader_u16be(&r);
	unsigned kinds = (unsigned)__builtin_popcount(flags & TCP_FIN_SYN_RST);

	/* The reserved bits are zero, one of the three is set at most, and all but the first
	 * segment acknowledge or reset. */
	if (!reader_ok(&r) || (offset >> 4) < 5 || (offset >> 4) * 4u > in.len || offset & 0x0e ||
	    kinds > 1 || !(flags & (TCP_ACK_FLAG | TCP_FIN_SYN_RST)) ||
	    (!(flags & TCP_URG_FLAG) && urgent))
		return 0;
	return (flags & TCP_URG_FLAG ? 5 : 20) +
	       (checksum_fits_transport(ends->source, ends->destination, PROTOCOL_TCP, in) ? 16
	                                                                                   : 0);
}

static unsigned weigh_udp(const struct ends *ends, struct bytes in)
{
	struct reader r = reader_over(in);

	reader_skip(&r, 4);

	uint16_t length = reader_u16be(&r), checksum = reader_u16be(&r);

	if (!reader_ok(&r) || length != in.len)
		return 0;
	return 16 + (checksum && checksum_fits_transport(ends->source, ends->destination,
	                                                 PROTOCOL_UDP, in)
	                     ? 16
	                     : 0);
}

static unsigned weigh_icmp(struct bytes in)
{
	return in.len >= 8 && checksum_fits(checksum_add(0, in)) ? 16 : 0;
}

static unsigned weigh_icmpv6(const struct ends *ends, struct bytes in)
{
	return in.len >= 4 && checksum_fits_transport(ends->source, ends->destination,
	                                              PROTOCOL_ICMPV6, in)
	               ? 16
	               : 0;
}

static unsigned weigh_ipv4(struct bytes in)
{
	struct reader r = reader_over(in);
	uint8_t version = reader_u8(&r);

	reader_skip(&r, 1);

	uint16_t total = reader_u16be(&r);
	size_t header = (version & 15) * 4u;

	if (!reader_ok(&r) || version >> 4 != 4 || header < 20 || header > in.len ||
	    total != in.len)
		return 0;
	return checksum_fits(checksum_add(0, bytes_slice(in, 0, header))) ? 36 : 0;
}

static unsigned weigh_ipv6(struct bytes in)
{
	struct reader r = reader_over(in);
	uint32_t version = reader_u32be(&r) >> 28;
	uint16_t length = reader_u16be(&r);

	return reader_ok(&r) && version == 6 && length + (size_t)40 == in.len ? 20 : 0;
}

static unsigned weigh_inside(const struct ends *ends, uint8_t protocol, struct bytes in)
{
	switch (protocol) {
	case PROTOCOL_TCP:
		return weigh_tcp(ends, in);
	case PROTOCOL_UDP:
		return weigh_udp(ends, in);
	case PROTOCOL_ICMP:
		return weigh_icmp(in);
	case PROTOCOL_ICMPV6:
		return weigh_icmpv6(ends, in);
	case PROTOCOL_IPV4:
		return weigh_ipv4(in);
	case PROTOCOL_IPV6:
		return weigh_ipv6(in);
	default:
		return 0;
	}
}

/* Cuts off what a guess says is around the payload; false where the trailer makes no sense.
 * `padding` is how many bytes of it there were. */
static bool trim(struct guess g, struct bytes in, uint8_t *protocol, struct bytes *inside,
                 uint8_t *padding)
{
	size_t around = g.vector + g.integrity + (size_t)2;
	struct reader trailer;

	if (in.len < around)
		return false;
	trailer = reader_over(bytes_slice(in, in.len - g.integrity - 2, 2));
	*padding = reader_u8(&trailer);
	*protocol = reader_u8(&trailer);
	if (*padding > in.len - around)
		return false;
	*inside = bytes_slice(in, g.vector, in.len - around - *padding);
	trailer = reader_over(bytes_slice(in, g.vector + inside->len, *padding));
	for (uint8_t i = 1; i <= *padding; i++)
		if (reader_u8(&trailer) != i)
			return false;
	return true;
}

/* The next header is one of six in 256: 5 bits. Padding of up to 3 bytes: 6 bits, and 8 for each
 * byte of it. */
static unsigned weigh(struct guess g, const struct ends *ends, struct bytes in)
{
	struct bytes inside;
	uint8_t protocol, padding;
	unsigned bits = trim(g, in, &protocol, &inside, &padding)
	                        ? weigh_inside(ends, protocol, inside)
	                        : 0;

	if (!bits)
		return 0;
	bits += 5 + (padding <= 3 ? 6 : 0) + 8u * padding;
	return bits < BITS_OF_A_PACKET ? bits : BITS_OF_A_PACKET;
}

static bool is_dummy(struct bytes in)
{
	struct bytes inside;
	uint8_t protocol, padding;

	for (size_t i = 0; i < ESP_GUESSES; i++)
		if (trim(guesses[i], in, &protocol, &inside, &padding) &&
		    protocol == PROTOCOL_DUMMY)
			return true;
	return false;
}

static void believe(struct esp_evidence *e, size_t guess)
{
	e->guess = (uint8_t)(guess + 1);
	e->integrity_bytes = guesses[guess].integrity;
}

enum esp_verdict esp_judge(struct esp_evidence *e, struct address source,
                           struct address destination, struct bytes in)
{
	struct ends ends = {source, destination};
	unsigned best = 0;

	if (is_dummy(in))
		return ESP_UNDECIDED;
	for (size_t i = 0; i < ESP_GUESSES; i++) {
		unsigned bits = weigh(guesses[i], &ends, in), sum = e->bits[i] + bits;

		if (!bits)
			sum = e->bits[i] > BITS_LOST ? e->bits[i] - (unsigned)BITS_LOST : 0;
		e->bits[i] = sum > UINT8_MAX ? UINT8_MAX : (uint8_t)sum;
		e->packets[i] = (uint8_t)(bits ? e->packets[i] + 1 : sum ? e->packets[i] : 0);
		if (e->bits[i] > e->bits[best])
			best = (unsigned)i;
	}
	e->judged++;
	if ((e->bits[best] >= BITS_ENOUGH && e->packets[best] >= PACKETS_ENOUGH) ||
	    (e->bits[best] >= BITS_VERIFIED && e->packets[best] >= PACKETS_VERIFIED)) {
		believe(e, best);
		return ESP_IS_NULL;
	}
	if (e->judged >= PACKETS_AT_MOST ||
	    (e->judged >= PACKETS_TO_GIVE_UP && e->bits[best] < BITS_TO_AGREE))
		return ESP_IS_ENCRYPTED;
	return ESP_UNDECIDED;
}

enum esp_verdict esp_judge_few(const struct esp_evidence *e)
{
	for (size_t i = 0; i < ESP_GUESSES; i++)
		if (e->bits[i] >= BITS_TO_AGREE)
			return ESP_UNDECIDED;
	return e->judged >= PACKETS_FEW ? ESP_IS_ENCRYPTED : ESP_UNDECIDED;
}

bool esp_agrees(struct esp_evidence *e, const struct esp_evidence *other)
{
	size_t guess = other->guess;

	if (!guess || !e->packets[guess - 1] || e->bits[guess - 1] < BITS_TO_AGREE)
		return false;
	believe(e, guess - 1);
	return true;
}

bool esp_open(const struct esp_evidence *e, struct bytes in, uint8_t *protocol,
              struct bytes *inside)
{
	uint8_t padding;

	return e->guess && trim(guesses[e->guess - 1], in, protocol, inside, &padding) &&
	       *protocol != PROTOCOL_DUMMY;
}
