/* LDAP, as far as logons need it: who binds, by which mechanism, and how the server answers.
 *
 * The state is a struct of fixed size with each flow; the worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_LDAP_LDAP_H
#define CMTAP_DISSECTORS_LDAP_LDAP_H

#include "core/reader.h"
#include "dissectors/auth/logon.h"
#include "dissectors/tls/tls.h"

/* Tags of the operations that are read (RFC 4511 section 4.2 and 4.12). */
enum ldap_operation {
	LDAP_BIND_REQUEST = 0x60,
	LDAP_BIND_RESPONSE = 0x61,
	LDAP_EXTENDED_REQUEST = 0x77,
};

struct ldap_state {
	struct logon logon;
	uint32_t asked; /* message ID of the bind that waits for its answer */
	bool waits;
	bool sicily;           /* that bind is one of Sicily, whose answers look different */
	bool begun[2];         /* bytes of that side were seen */
	bool lost[2];          /* where the next message begins is not known */
	bool may_be_wrapped;   /* what is no message belongs to a security layer of SASL */
	bool starttls;         /* the client has asked for TLS */
	bool secured[2];       /* that side has begun TLS */
	bool over;             /* bytes of TLS were lost */
	struct tls_reader tls; /* behind StartTLS */
};

/* bind.c. NULL, or what is wrong with it. `content` is that of the operation. */
const char *ldap_bind_request(struct dissection *d, uint32_t id, struct bytes content);
const char *ldap_bind_response(struct dissection *d, uint32_t id, struct bytes content);

/* Tells of the logon in progress, if there is one, and forgets it. */
void ldap_tell(struct dissection *d);

#endif
