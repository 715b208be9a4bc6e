/* The three messages of NTLMSSP, as views of their fields. */
#ifndef CMTAP_DISSECTORS_AUTH_NTLMSSP_H
#define CMTAP_DISSECTORS_AUTH_NTLMSSP_H

#include "core/bytes.h"

enum ntlmssp_type { NTLMSSP_NONE, NTLMSSP_NEGOTIATE, NTLMSSP_CHALLENGE, NTLMSSP_AUTHENTICATE };

#define NTLMSSP_NEGOTIATE_UNICODE                  0x00000001
#define NTLMSSP_ANONYMOUS                          0x00000800
#define NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY 0x00080000

/* The names and flags of a list of AV pairs; texts are UTF-16LE. */
struct ntlmssp_pairs {
	struct bytes computer, domain, dns_computer, dns_domain;
	struct bytes target; /* MsvAvTargetName: the SPN that the client meant */
	uint32_t flags;      /* MsvAvFlags */
	bool bound;          /* MsvAvChannelBindings is not all zero */
};

struct ntlmssp {
	enum ntlmssp_type type;
	bool has_flags;
	uint32_t flags;
	bool unicode;           /* names are UTF-16LE */
	struct bytes challenge; /* of CHALLENGE: eight bytes */
	struct bytes lm, nt;    /* of AUTHENTICATE */
	struct bytes domain, user, workstation;
	struct bytes proof;         /* what is the same wherever this response is sent: of version 2
	                               NTProofStr */
	struct ntlmssp_pairs pairs; /* of CHALLENGE, or of the version 2 response */
	bool version_2;
};

/* Reads a message. The type is NTLMSSP_NONE when it is none, or when a field of it lies outside of
 * it: a name cut short must not be taken for a whole one. */
struct ntlmssp ntlmssp_read(struct bytes message);

/* What an NT response says by itself: fills nt, proof, pairs and version_2. False when it breaks
 * its format. */
bool ntlmssp_response(struct bytes nt, struct ntlmssp *n);

#endif
