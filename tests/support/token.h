/* Security tokens made to the byte as MS-NLMP, RFC 4178 and RFC 4120 have them. What is made lives
 * until the program ends. */
#ifndef CMTAP_TESTS_SUPPORT_TOKEN_H
#define CMTAP_TESTS_SUPPORT_TOKEN_H

#include "core/bytes.h"

/* A number of `len` bytes, little endian. */
struct bytes le(uint64_t value, size_t len);
/* An element of DER. */
struct bytes der(uint8_t tag, struct bytes content);

/* One AV pair (MS-NLMP section 2.2.2.1); the text becomes UTF-16. */
struct bytes av_text(uint16_t id, const char *text);
struct bytes av_pair(uint16_t id, struct bytes value);

struct bytes ntlm_negotiate(uint32_t flags);
struct bytes ntlm_challenge(uint32_t flags, struct bytes challenge, struct bytes pairs);

struct ntlm_proof {
	const char *domain, *user, *workstation;
	struct bytes lm, nt;
	uint32_t flags;
	bool oem; /* names are bytes, and the flags say so */
};

/* An AUTHENTICATE message with version and MIC: 88 bytes, then the payload. */
struct bytes ntlm_authenticate(struct ntlm_proof p);
/* A response of version 2 with these AV pairs. */
struct bytes ntlm_response_2(struct bytes proof, struct bytes pairs);

#define OID_NTLM     BYTES("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")
#define OID_KERBEROS BYTES("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")

/* NegTokenInit in its frame, with one mechanism or (oid_2) two. */
struct bytes spnego_init(struct bytes oid, struct bytes oid_2, struct bytes token);
/* NegTokenResp; state < 0 and empty views leave out their part. */
struct bytes spnego_response(int state, struct bytes oid, struct bytes token);

/* A Kerberos AP-REQ in its GSS-API frame. */
struct bytes kerberos_request(const char *realm, const char *service, const char *host,
                              uint8_t encryption);

#endif
