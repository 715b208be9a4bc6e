/* Records of TLS 1.3 that are closed with known keys, for tests of what opens them. */
#ifndef CMTAP_TESTS_SUPPORT_TLS_SEALED_H
#define CMTAP_TESTS_SUPPORT_TLS_SEALED_H

#include "dissectors/tls/crypto.h"
#include "dissectors/tls/secrets.h"
#include "tests/support/trial.h"

/* A side that closes its records with AES-128-GCM. */
struct sealer {
	uint8_t secret[32], key[16], iv[12];
	uint64_t sequence;
};

/* Secrets for the connection of made_client_hello(): of every kind 32 bytes of its number. */
struct tls_secrets *sealed_secrets(void);
/* Begins anew with 32 bytes of this number as secret. */
void sealer_begin(struct sealer *s, enum tls_secret kind);
/* The next secret, as after KeyUpdate. */
void sealer_update(struct sealer *s);
/* A record with this content of this type inside, and `zeros` behind it. It lives until the next
 * one is made. */
struct bytes sealed(struct sealer *s, uint8_t type, struct bytes content, size_t zeros);

/* A trial on port 443 whose worker knows the secrets, after both hellos of TLS 1.3. */
void sealed_trial_open(struct trial *t, struct sealer side[2]);
void sealed_trial_close(struct trial *t);

#endif
