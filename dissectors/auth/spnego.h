/* SPNEGO and the framing of GSS-API: which mechanism a security token is of, and its inner token.
 */
#ifndef CMTAP_DISSECTORS_AUTH_SPNEGO_H
#define CMTAP_DISSECTORS_AUTH_SPNEGO_H

#include "core/bytes.h"

enum gss_mechanism {
	GSS_NONE, /* no security token of any kind that is known here */
	GSS_UNDECIDED,
	GSS_NTLM,
	GSS_KERBEROS,
	GSS_OTHER,
};

/* negState (RFC 4178 section 4.2.2). */
enum gss_state {
	GSS_STATE_ABSENT = -1,
	GSS_ACCEPT_COMPLETED,
	GSS_ACCEPT_INCOMPLETE,
	GSS_REJECT,
	GSS_REQUEST_MIC,
};

struct gss_token {
	enum gss_mechanism mechanism; /* of `inner`; without one, the first or chosen mechanism */
	enum gss_state state;
	bool initial; /* a NegTokenInit: a negotiation begins */
	struct bytes
	        inner; /* NTLMSSP message, or Kerberos message with its token id; may be empty */
};

/* Takes a security token apart. What breaks its framing is GSS_NONE. */
struct gss_token gss_token_read(struct bytes token);

#endif
