/* One message of IKE or AuthIP, taken apart as far as it can be read. */
#ifndef CMTAP_DISSECTORS_IPSEC_IKE_MESSAGE_H
#define CMTAP_DISSECTORS_IPSEC_IKE_MESSAGE_H

#include "core/address.h"
#include "core/arena.h"
#include "dissectors/ipsec/ike_numbers.h"

#define IKE_HEADER 28
#define IKE_LIST   16 /* different values of one kind; more are left out */

struct ike_header {
	struct bytes initiator, responder; /* SPIs, cookies in version 1 */
	uint8_t next, version, exchange, flags;
	uint32_t message_id, length;
};

/* Different texts, in the order in which they came. */
struct ike_list {
	struct bytes at[IKE_LIST];
	size_t count;
	bool cut;
};

/* What a security association payload offers, or chooses. */
struct ike_offer {
	unsigned proposals;
	struct ike_list encryption, integrity, prf, group, authentication;
	int64_t lifetime; /* seconds; 0: not said */
};

struct ike_message {
	struct ike_header header;
	bool encrypted; /* its payloads, or those behind the readable ones */
	bool has_offer, cut;
	struct ike_offer offer;
	struct ike_list vendors, notify;
	uint16_t error; /* the first notification that is an error; 0: none */
	bool cookie;    /* the responder wants its cookie back first */
	struct bytes identity;
};

/* Reads the header alone; false when the bytes are fewer. */
bool ike_header_read(struct bytes in, struct ike_header *h);
bool ike_is_version_2(const struct ike_header *h);
bool ike_is_authip(const struct ike_header *h);
/* A message that only a responder sends: for which there is an initiator elsewhere. */
bool ike_is_reply(const struct ike_header *h);
/* No responder has answered yet. */
bool ike_is_first(const struct ike_header *h);

/* Reads a message; texts are made in `scratch`. `missing` bytes at its end were not captured. NULL,
 * or how it breaks the protocol: then what came before that is there. */
const char *ike_message_read(struct bytes in, uint32_t missing, struct arena *scratch,
                             struct ike_message *m);

/* ike_offer.c: reads the body of a security association payload. */
const char *ike_offer_read(const struct ike_header *h, struct bytes body, struct arena *scratch,
                           struct ike_offer *offer);
/* Adds a text that is not there yet. */
void ike_list_add(struct ike_list *list, struct bytes text);
/* Adds the name of a number, or, where it has none, the number itself. */
void ike_list_add_number(struct ike_list *list, enum ike_numbers kind, uint16_t number,
                         struct arena *scratch);

#endif
