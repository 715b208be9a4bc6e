/* Secrets of TLS connections, as programs write them into a key log file: found by the random
 * number of the client's hello.
 *
 * The table has a fixed number of places; what does not fit is left out and counted. It is filled
 * at start and only read afterwards, so threads share it. Closing it wipes it. */
#ifndef CMTAP_DISSECTORS_TLS_SECRETS_H
#define CMTAP_DISSECTORS_TLS_SECRETS_H

#include "core/bytes.h"

#define TLS_RANDOM     32
#define TLS_SECRET_MAX 48

/* What a secret is for (draft-ietf-tls-keylogfile section 2). */
enum tls_secret {
	SECRET_MASTER,           /* TLS 1.2 and older: 48 bytes */
	SECRET_CLIENT_HANDSHAKE, /* TLS 1.3, from here on: as long as the hash of the suite */
	SECRET_SERVER_HANDSHAKE,
	SECRET_CLIENT_TRAFFIC,
	SECRET_SERVER_TRAFFIC,
	SECRETS,
};

/* The kind with this label, or SECRETS where a label is not of use here. */
enum tls_secret tls_secret_by_label(struct bytes label);

struct tls_secrets;

/* Room for `most` secrets; NULL when memory ran out. */
struct tls_secrets *tls_secrets_open(uint32_t most);
void tls_secrets_close(struct tls_secrets *s);

/* Adds a secret, unless the connection has one of that kind already. `random` has TLS_RANDOM bytes,
 * `secret` 1 to TLS_SECRET_MAX. False when there is no room. */
bool tls_secrets_add(struct tls_secrets *s, enum tls_secret kind, struct bytes random,
                     struct bytes secret);

/* The secret of a connection, or an empty view. */
struct bytes tls_secrets_find(const struct tls_secrets *s, enum tls_secret kind,
                              struct bytes random);

/* How many were added, and how many found no room. */
uint32_t tls_secrets_count(const struct tls_secrets *s);
uint32_t tls_secrets_left_out(const struct tls_secrets *s);

#endif
