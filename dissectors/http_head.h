/* The head of an HTTP message, taken apart: start line and the header fields that matter here. */
#ifndef CMTAP_DISSECTORS_HTTP_HEAD_H
#define CMTAP_DISSECTORS_HTTP_HEAD_H

#include "core/bytes.h"

/* HEADER(id, name): every header field that anything looks at. */
#define HTTP_HEADERS(HEADER)                                                                       \
	HEADER(HOST, "host")                                                                       \
	HEADER(USER_AGENT, "user-agent")                                                           \
	HEADER(SERVER, "server")                                                                   \
	HEADER(CONTENT_TYPE, "content-type")                                                       \
	HEADER(CONTENT_LENGTH, "content-length")                                                   \
	HEADER(CONTENT_ENCODING, "content-encoding")                                               \
	HEADER(CONTENT_RANGE, "content-range")                                                     \
	HEADER(TRANSFER_ENCODING, "transfer-encoding")                                             \
	HEADER(AUTHORIZATION, "authorization")                                                     \
	HEADER(WWW_AUTHENTICATE, "www-authenticate")                                               \
	HEADER(SOAP_ACTION, "soapaction")                                                          \
	HEADER(CCM_CLIENT_ID, "ccmclientid")                                                       \
	HEADER(CCM_CLIENT_ID_SIGNATURE, "ccmclientidsignature")                                    \
	HEADER(CLIENT_TOKEN, "clienttoken")                                                        \
	HEADER(CLIENT_TOKEN_SIGNATURE, "clienttokensignature")                                     \
	HEADER(BITS_PACKET_TYPE, "bits-packet-type")                                               \
	HEADER(BITS_SESSION_ID, "bits-session-id")

#define HTTP_HEADER_ENUM(id, name) HTTP_##id,
enum http_header { HTTP_HEADERS(HTTP_HEADER_ENUM) HTTP_HEADER_COUNT };
#undef HTTP_HEADER_ENUM

/* How the end of a body is found (RFC 9112 section 6.3). */
enum http_body { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_UNTIL_CLOSE };

struct http_head {
	struct bytes method, target; /* of a request */
	unsigned status;             /* of a reply */
	struct bytes version;        /* "1.1" */
	/* The value of each header, trimmed; of repeated ones the first. `at` is NULL when absent.
	 */
	struct bytes header[HTTP_HEADER_COUNT];
	struct bytes challenge; /* of repeated WWW-Authenticate headers the one with a token of
	                           Windows */
	enum http_body body;
	uint64_t length; /* of BODY_LENGTH */
	size_t bytes;    /* of the head, closing empty line included; 0 when that was not there */
};

static inline bool http_head_has(const struct http_head *head, enum http_header which)
{
	return head->header[which].at != NULL;
}

/* The end of the head that begins at the start of `in`: the number of its bytes, closing empty line
 * included, or 0 when it is not there yet. The first `scanned` bytes are known to hold no end. */
size_t http_head_length(struct bytes in, size_t scanned);

/* Takes the head apart that `in` begins with. NULL, or how it breaks RFC 9112, which is certain
 * where the head is known to be whole. */
const char *http_request_head(struct bytes in, struct http_head *head);
const char *http_reply_head(struct bytes in, struct http_head *head);

/* Whether these could be the first bytes of a request, or of a reply: NO, MAYBE (too few) or YES,
 * as `enum likeness`. */
int http_request_likeness(struct bytes first);
int http_reply_likeness(struct bytes first);

#endif
