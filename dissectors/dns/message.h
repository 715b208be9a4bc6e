/* A DNS message: its header, its question, and the records of its answer as text. */
#ifndef CMTAP_DISSECTORS_DNS_MESSAGE_H
#define CMTAP_DISSECTORS_DNS_MESSAGE_H

#include "core/address.h"
#include "dissectors/dns/name.h"
#include "dissectors/dns/numbers.h"

#define DNS_FLAG_RESPONSE  0x8000
#define DNS_FLAG_TRUNCATED 0x0200

struct dns_header {
	uint16_t id, flags;
	uint16_t questions, answers, authorities, additionals;
};

struct dns_question {
	struct dns_name name; /* of no bytes: there is no question */
	uint16_t type, class;
};

/* What a response says; the lists and texts are in the arena. */
struct dns_answer {
	size_t count;
	struct bytes *name, *type, *data; /* of each record of the answer */
	size_t addresses;
	struct address *address; /* in records A and AAAA */
	uint16_t code;           /* with the upper bits that EDNS adds */
	bool dnssec_ok;
	bool cut;      /* it ends before its time: not captured, or truncated by the server */
	bool over_cap; /* records, or parts of them, are left out */
};

bool dns_header_read(struct reader *r, struct dns_header *h);

static inline uint16_t dns_opcode(const struct dns_header *h)
{
	return h->flags >> 11 & 15;
}

/* The first question; other questions are passed over. `r` is a reader over `message` behind the
 * header. NULL, or what is wrong; a short read of `r` says that something runs over the end. */
const char *dns_question_read(struct bytes message, const struct dns_header *h, struct reader *r,
                              struct dns_question *q);

/* The records behind the question of a response: at most `most` of the answer, and what EDNS says
 * (RFC 6891, 6.1.3). `cut` says that the message goes on behind what is there. NULL, or what is
 * wrong. */
const char *dns_answer_read(struct bytes message, const struct dns_header *h, struct reader *r,
                            size_t most, bool cut, struct arena *arena, struct dns_answer *a);

#endif
