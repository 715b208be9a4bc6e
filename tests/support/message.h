/* What ConfigMgr's hosts say, made to the byte as the protocol reference (http.md, sections 3 and
 * 9) has it. Everything that is made lives until the program ends. */
#ifndef CMTAP_TESTS_SUPPORT_MESSAGE_H
#define CMTAP_TESTS_SUPPORT_MESSAGE_H

#include "core/bytes.h"

/* The reference's example client and its id. */
#define CLIENT_GUID "GUID:3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F1"
/* Microsoft's own MIME boundary. */
#define BOUNDARY    "aAbBcCdDv1234567890VxXyYzZ"

/* Formatted text. */
struct bytes made(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct bytes joined(struct bytes a, struct bytes b);
/* So many times the same byte. */
struct bytes repeated(uint8_t byte, size_t count);

/* UTF-8 as UTF-16 without byte order mark. */
struct bytes utf16le(struct bytes text);
struct bytes utf16be(struct bytes text);

/* zlib (RFC 1950); with `bits` as deflateInit2() takes them: 31 is gzip, -15 raw. */
struct bytes zipped(struct bytes data);
struct bytes zipped_as(struct bytes data, int bits);

/* Upper-case hexadecimal digits. */
struct bytes hexed(struct bytes data);

/* A payload before its compression (section 3.1): UTF-16LE, a NUL of two bytes, CR LF. */
struct bytes payload_of(const char *xml);

/* A CCM message. What is zero is as the SDK writes it: hook zlib-compress, payload compressed. */
struct ccm {
	const char *endpoint;      /* TargetEndpoint */
	const char *xml;           /* of the payload */
	struct bytes payload;      /* or the payload part as it is sent */
	const char *hooks;         /* inside <Hooks> */
	const char *envelope;      /* elements inside <Msg> besides the usual ones */
	const char *body;          /* the <Body> element */
	const char *boundary;      /* without its dashes */
	const char *text_head;     /* header lines of the first part, each with its CRLF */
	const char *payload_head;  /* of the second */
	const char *tail;          /* behind the payload */
	struct bytes text;         /* the whole <Msg> part, as it is sent */
	bool is_reply, no_payload; /* a reply's <Msg>; one part only */
};

struct bytes ccm_message(struct ccm m);

#endif
