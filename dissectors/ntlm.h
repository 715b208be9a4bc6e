/* NTLMSSP messages, wherever they ride. */
#ifndef CMTAP_DISSECTORS_NTLM_H
#define CMTAP_DISSECTORS_NTLM_H

#include "core/arena.h"

enum ntlm_type { NTLM_NONE, NTLM_NEGOTIATE, NTLM_CHALLENGE, NTLM_AUTHENTICATE };

struct ntlm {
	enum ntlm_type type;
	/* of an AUTHENTICATE message, as UTF-8 in the arena; an empty user is an anonymous logon */
	struct bytes domain, user, workstation;
};

/* Finds and reads the NTLMSSP message in a security token, raw or inside SPNEGO. The type is
 * NTLM_NONE when there is none or when it is cut short. */
struct ntlm ntlm_read(struct bytes token, struct arena *arena);

#endif
