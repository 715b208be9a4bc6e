/* Who is client of what an association carries: by TCP's opening, by ports, by echo and reply. */
#include "dissectors/ipsec/direction.h"

#include "core/reader.h"

#define SYN 0x02
#define ACK 0x10

/* IANA's numbers of IP protocols. */
enum { ICMP = 1, IPV4 = 4, TCP = 6, UDP = 17, IPV6 = 41, ICMPV6 = 58 };

enum teller {
	TELLS_NOTHING,
	SENDER_ASKS,
	SENDER_ANSWERS,
};

static enum teller by_ports(enum layer layer, uint16_t source, uint16_t destination)
{
	bool to_usual = is_usual_port(layer, destination);
	bool from_usual = is_usual_port(layer, source);

	if (to_usual != from_usual)
		return to_usual ? SENDER_ASKS : SENDER_ANSWERS;
	if (source == destination)
		return TELLS_NOTHING;
	return source > destination ? SENDER_ASKS : SENDER_ANSWERS;
}

static enum teller transport(uint8_t protocol, struct bytes inside)
{
	struct reader r = reader_over(inside);
	uint16_t source = reader_u16be(&r), destination = reader_u16be(&r);
	uint8_t flags;

	if (!reader_ok(&r))
		return TELLS_NOTHING;
	if (protocol == UDP)
		return by_ports(OVER_UDP, source, destination);
	reader_skip(&r, 9);
	flags = reader_u8(&r);
	if (!reader_ok(&r))
		return TELLS_NOTHING;
	if (flags & SYN)
		return flags & ACK ? SENDER_ANSWERS : SENDER_ASKS;
	return by_ports(OVER_TCP, source, destination);
}

/* RFC 792 and RFC 4443: echo and its reply. */
static enum teller echo(uint8_t type, uint8_t request, uint8_t reply)
{
	return type == request ? SENDER_ASKS : type == reply ? SENDER_ANSWERS : TELLS_NOTHING;
}

static enum teller plain(uint8_t protocol, struct bytes inside)
{
	struct reader r = reader_over(inside);
	uint8_t type = reader_u8(&r);

	if (!reader_ok(&r))
		return TELLS_NOTHING;
	switch (protocol) {
	case TCP:
	case UDP:
		return transport(protocol, inside);
	case ICMP:
		return echo(type, 8, 0);
	case ICMPV6:
		return echo(type, 128, 129);
	default:
		return TELLS_NOTHING;
	}
}

/* A whole packet in tunnel mode: its header, then as without. Extension headers tell nothing. */
static enum teller tunnelled(uint8_t protocol, struct bytes inside)
{
	struct reader r = reader_over(inside);
	uint8_t first = reader_u8(&r);

	reader_skip(&r, protocol == IPV4 ? 8 : 5);
	protocol = reader_u8(&r);
	if (!reader_ok(&r))
		return TELLS_NOTHING;
	return plain(protocol,
	             bytes_slice(inside, first >> 4 == 4 ? (first & 15) * 4u : 40, inside.len));
}

bool direction_inside(uint8_t protocol, struct bytes inside, enum side from, enum side *client)
{
	enum teller told = protocol == IPV4 || protocol == IPV6 ? tunnelled(protocol, inside)
	                                                        : plain(protocol, inside);

	if (told == TELLS_NOTHING)
		return false;
	*client = told == SENDER_ASKS ? from : (enum side) !from;
	return true;
}
