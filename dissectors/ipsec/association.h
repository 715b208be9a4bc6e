/* Security associations of one flow: their SPIs, what they carried, and how well.
 *
 * An association goes one way; a flow usually has one each way, and for a while two of each when
 * they are renewed. A record is found by side and SPI in a table of four; a fifth takes the place
 * of the longest silent. It lies in the state of the flow's dissector. */
#ifndef CMTAP_DISSECTORS_IPSEC_ASSOCIATION_H
#define CMTAP_DISSECTORS_IPSEC_ASSOCIATION_H

#include "dissectors/dissector.h"
#include "dissectors/ipsec/esp_null.h"

#define ASSOCIATIONS 4

enum protection {
	PROTECTION_UNKNOWN,
	PROTECTION_ENCRYPTED,
	PROTECTION_NULL, /* ESP or WESP, readable */
	PROTECTION_NONE, /* AH */
};

struct association {
	uint32_t spi;
	uint8_t from;       /* enum side */
	uint8_t protection; /* enum protection */
	uint8_t inside;     /* protocol of its first readable packet, 0: none yet */
	uint8_t told;       /* the worst protection that an event told of, + 1 */
	uint64_t packets, bytes;
	int64_t first, last;
	struct esp_evidence evidence;
};

struct associations {
	struct association at[ASSOCIATIONS]; /* those without packets are free */
	const char *protocol;
	const char *evidence; /* how protections are known */
	/* Whether what is inside has told who is client, or events have been told without that;
	 * and whether the client is the flow's server. */
	bool directed, turned;
};

/* Learns from a readable packet who is client, unless that is settled. */
void association_direct(struct associations *all, uint8_t protocol, struct bytes inside,
                        enum side from);

/* Counts a packet of `length` bytes into the association it belongs to. */
struct association *association_count(struct dissection *d, struct associations *all,
                                      enum side from, uint32_t spi, size_t length);

/* The last used association of a side, NULL when there is none. */
const struct association *association_of(const struct associations *all, enum side side);

/* Tells once of an association whose protection is known, and of the one that goes the other way.
 * It waits a little for that one, which may not be captured. */
void association_found(struct dissection *d, struct associations *all, struct association *a);

/* Tells that the associations of both sides are over. */
void associations_end(struct dissection *d, struct associations *all);

/* IANA's keyword of an IP protocol; NULL for those that nobody wraps. */
const char *ip_protocol_name(uint8_t protocol);

#endif
