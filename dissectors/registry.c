/* All protocols in one place: those that are dissected, and those that are only recognised. */
#include "core/reader.h"
#include "dissectors/dissector.h"

extern const struct dissector smb;

extern const struct dissector http, dce_rpc;
extern const struct dissector tls_tcp, tds_tcp, ldap_tcp;
extern const struct dissector ah, esp, isakmp, wesp;
extern const struct dissector dns;

const struct dissector *const dissectors[] = {
        &http, &tls_tcp, &dce_rpc, &tds_tcp, &ldap_tcp, &smb, &ah, &esp, &wesp, &isakmp, &dns, NULL,
};

/* The first bytes of protocols that nothing here reads: knowing them ends the search at once. `-`
 * in a pattern stands for any byte. */
static const struct {
	const char *name;
	const char *pattern;
	uint8_t length;
} first_bytes[] = {
        {"tls", "\x14\x03-\x00\x01\x01", 6}, /* picked up in the middle */
        {"tls", "\x15\x03-\x00", 4},
        {"tls", "\x16\x03-", 3},
        {"tls", "\x17\x03-", 3},
        {"ssh", "SSH-", 4},
        {"rdp", "\x03\x00--", 4},
        {"ldap", "\x30\x84\x00\x00", 4},
        {"ftp", "220 ", 4},
        {"ftp", "220-", 4},
};

static bool fits(struct bytes first, const char *pattern, uint8_t length)
{
	struct reader r = reader_over(first);

	for (uint8_t i = 0; i < length; i++) {
		uint8_t byte = reader_u8(&r);

		if (pattern[i] != '-' && byte != (uint8_t)pattern[i])
			return false;
	}
	return reader_ok(&r);
}

const char *protocol_by_first_bytes(struct bytes first, enum side from)
{
	(void)from;
	for (size_t i = 0; i < sizeof(first_bytes) / sizeof(*first_bytes); i++)
		if (fits(first, first_bytes[i].pattern, first_bytes[i].length))
			return first_bytes[i].name;
	return NULL;
}

/* RFC 1035 section 4.1.1: a header whose question count is sane; NBNS, mDNS and LLMNR share it. */
static bool is_dns(struct bytes b)
{
	struct reader r = reader_over(b);

	reader_skip(&r, 4);

	uint16_t questions = reader_u16be(&r), answers = reader_u16be(&r);

	reader_skip(&r, 4);
	return reader_ok(&r) && questions <= 16 && questions + answers > 0;
}

static bool is_dhcp(struct bytes b)
{
	return b.len >= 240 && (b.at[0] == 1 || b.at[0] == 2) && b.at[236] == 0x63;
}

static bool is_tftp(struct bytes b)
{
	return b.len >= 4 && b.at[0] == 0 && b.at[1] >= 1 && b.at[1] <= 6;
}

static bool is_ntp(struct bytes b)
{
	return b.len >= 48 && (b.at[0] >> 3 & 7) >= 1 && (b.at[0] >> 3 & 7) <= 4;
}

static bool is_quic(struct bytes b)
{
	return b.len >= 21 && (b.at[0] & 0x40);
}

static bool is_anything(struct bytes b)
{
	return b.len > 0;
}

static const struct {
	const char *name;
	uint16_t port;
	bool (*is)(struct bytes b);
} datagrams[] = {
        {"dns", 53, is_dns},        {"netbios-ns", 137, is_dns}, {"mdns", 5353, is_dns},
        {"llmnr", 5355, is_dns},    {"dhcp", 67, is_dhcp},       {"dhcp", 4011, is_dhcp},
        {"tftp", 69, is_tftp},      {"ntp", 123, is_ntp},        {"quic", 443, is_quic},
        {"snmp", 161, is_anything}, {"ssdp", 1900, is_anything}, {"syslog", 514, is_anything},
};

const char *protocol_by_first_datagram(struct bytes first, uint16_t source_port,
                                       uint16_t destination_port)
{
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(*datagrams); i++)
		if ((datagrams[i].port == source_port || datagrams[i].port == destination_port) &&
		    datagrams[i].is(first))
			return datagrams[i].name;
	return NULL;
}
