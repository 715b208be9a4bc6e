/* Numbers of DNS by the names that IANA gives them. */
#ifndef CMTAP_DISSECTORS_DNS_NUMBERS_H
#define CMTAP_DISSECTORS_DNS_NUMBERS_H

#include "core/arena.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_SPF = 99,
};

enum dns_registry { DNS_TYPE, DNS_CLASS, DNS_OPCODE, DNS_RCODE };

#define DNS_CLASS_IN   1
#define DNS_OPCODE_DSO 6

/* The name of a number; one without a name is TYPE123, CLASS123 (RFC 3597), OPCODE7, RCODE99, in
 * `arena`. */
struct bytes dns_number(enum dns_registry registry, uint16_t number, struct arena *arena);

#endif
