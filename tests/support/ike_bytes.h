/* IKE messages for tests. */
#ifndef CMTAP_TESTS_SUPPORT_IKE_BYTES_H
#define CMTAP_TESTS_SUPPORT_IKE_BYTES_H

#include "core/bytes.h"

struct ike {
	uint64_t initiator, responder;
	uint8_t version; /* 1 or 2 */
	uint8_t exchange, flags;
	uint32_t message_id;
	struct bytes payloads; /* with their generic headers */
	uint8_t first;         /* type of the first */
	uint32_t length;       /* 0: the right one */
};

struct bytes ike_message_of(struct ike m);

/* A payload; `next` is the type of the one behind it. */
struct bytes ike_payload(uint8_t next, struct bytes body);

/* The body of a security association payload of version 1, from attributes of its transforms, each
 * a list of type and value pairs that ends with 0. */
struct bytes ike1_offer(const uint16_t *const *transforms, size_t count);
/* Of version 2: one proposal from type, id and key length triples. */
struct bytes ike2_offer(const uint16_t (*transforms)[3], size_t count);

/* The same message behind the marker of port 4500. */
struct bytes ike_marked(struct bytes message);

#endif
