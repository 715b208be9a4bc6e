/* What ClientHello and ServerHello say, as views of their bytes. */
#ifndef CMTAP_DISSECTORS_TLS_HELLO_H
#define CMTAP_DISSECTORS_TLS_HELLO_H

#include "core/reader.h"

enum tls_extension {
	EXTENSION_SERVER_NAME = 0,
	EXTENSION_SUPPORTED_GROUPS = 10,
	EXTENSION_EC_POINT_FORMATS = 11,
	EXTENSION_SIGNATURE_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_ENCRYPT_THEN_MAC = 22,
	EXTENSION_SESSION_TICKET = 35,
	EXTENSION_PRE_SHARED_KEY = 41,
	EXTENSION_SUPPORTED_VERSIONS = 43,
	EXTENSION_KEY_SHARE = 51,
};

/* Lists of 16-bit numbers are views of the numbers, two bytes each, without their length. */
struct tls_hello {
	uint16_t version; /* the field of that name, which TLS 1.3 leaves at 1.2 */
	struct bytes random, session_id;
	struct bytes suites; /* offered; of a ServerHello the chosen one */
	bool has_extensions;
	struct bytes extensions; /* all of them, whole */
	bool has_server_name;
	struct bytes server_name;
	struct bytes protocols; /* ALPN: each with a length of one byte before it */
	struct bytes groups, signature_algorithms;
	struct bytes point_formats; /* a byte each */
	struct bytes versions;      /* offered; of a ServerHello the chosen one */
	bool has_ticket, has_key;   /* a session ticket with content; a pre-shared key */
	bool has_share;             /* of a ServerHello: key_share */
	uint16_t group;             /* and its group */
	bool separate_mac;          /* of a ServerHello: encrypt-then-MAC */
	bool of_sslv2;              /* it came in the frame of SSL 2.0 */
};

/* Takes the body of a ClientHello or ServerHello apart (RFC 8446 section 4.1, RFC 5246
 * section 7.4). NULL, or what is wrong with it. */
const char *tls_client_hello(struct bytes body, struct tls_hello *hello);
const char *tls_server_hello(struct bytes body, struct tls_hello *hello);

/* The ClientHello in the frame of SSL 2.0 (RFC 5246 appendix E.2), from its version on. */
const char *tls_sslv2_hello(struct bytes body, struct tls_hello *hello);

/* The ServerHello is a HelloRetryRequest (RFC 8446 section 4.1.3). */
bool tls_hello_is_retry(const struct tls_hello *hello);

/* The version that a ServerHello chose. */
uint16_t tls_chosen_version(const struct tls_hello *hello);

/* Numbers that clients offer only to keep servers tolerant (RFC 8701). */
static inline bool tls_is_grease(uint16_t number)
{
	return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

/* The next extension and its data; false at the end. */
bool tls_next_extension(struct reader *r, uint16_t *type, struct bytes *data);

#endif
