/* What an onlooker can read of a Kerberos logon: for which service the client has a ticket, and how
 * that is encrypted. Who the client is stands inside the encrypted part. */
#ifndef CMTAP_DISSECTORS_AUTH_KERBEROS_H
#define CMTAP_DISSECTORS_AUTH_KERBEROS_H

#include "core/bytes.h"

enum kerberos_type { KERBEROS_NONE, KERBEROS_AP_REQ, KERBEROS_AP_REP, KERBEROS_ERROR };

struct kerberos {
	enum kerberos_type type;
	/* of an AP-REQ's ticket */
	struct bytes realm;
	struct bytes name[2]; /* of the service: class and host; more parts are left out */
	int32_t encryption;
};

/* Reads a Kerberos message, with or without the two bytes of its GSS-API token id before it. */
struct kerberos kerberos_read(struct bytes message);

/* The name of an encryption type (RFC 3961 and its registry), or NULL. */
const char *kerberos_encryption_name(int32_t type);

#endif
