/* What a TLS connection carries, where a key log file has its secrets.
 *
 * The reader of the handshake tells of the hellos and of ChangeCipherSpec, and shows every record
 * that is ciphered. Records are opened one by one; what they carry goes to the HTTP dissector as
 * the stream of a flow of its own, marked as decrypted. All state lies in two blocks of the pool,
 * so that connections without secrets cost nothing. The worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_TLS_PLAIN_H
#define CMTAP_DISSECTORS_TLS_PLAIN_H

#include "dissectors/tls/crypto.h"
#include "dissectors/tls/hello.h"
#include "dissectors/tls/secrets.h"
#include "dissectors/tls/tls.h"

/* The keys of one direction. */
struct tls_keys {
	bool active;
	bool traffic; /* TLS 1.3: those of application data, not of the handshake */
	uint8_t secret[TLS_SECRET_MAX], key[TLS_KEY_MAX], iv[TLS_IV_MAX], mac[TLS_MAC_MAX];
	uint64_t sequence; /* of the next record */
};

/* The stream of HTTP inside. */
struct tls_inside {
	uint32_t state; /* block with the state of its dissector; 0: none yet */
	bool over;      /* nothing of it is of interest any more */
	struct dissection dissection;
	struct flow_facts facts;
	struct chain left[2]; /* not consumed yet */
};

struct tls_plain {
	uint16_t version;
	uint8_t random[2][TLS_RANDOM]; /* of the hellos, by enum side */
	struct tls_suite suite;
	bool separate_mac; /* encrypt-then-MAC (RFC 7366) */
	bool resumed;      /* TLS 1.3: by a key of an earlier connection */
	bool renegotiated; /* up to TLS 1.2: another handshake followed inside the first */
	struct tls_keys keys[2];
	struct chain record[2]; /* what came of a ciphered record */
	uint8_t refused;        /* records in a row that could not be opened */
	enum channel_client client;
	struct tls_inside inside;
};

/* plain.c */

/* A hello was read. Nothing happens without a key log file. */
void tls_plain_client_hello(struct dissection *d, struct tls_reader *t,
                            const struct tls_hello *hello);
void tls_plain_server_hello(struct dissection *d, struct tls_reader *t,
                            const struct tls_hello *hello);
/* ChangeCipherSpec in clear: from now on the records of a side are ciphered. */
void tls_plain_change(struct dissection *d, struct tls_reader *t, enum side from);
/* A part of a record. False when it is not ciphered, or nobody reads what is in it. */
bool tls_plain_part(struct dissection *d, struct tls_reader *t, enum side from, struct bytes part);
/* Bytes are missing, or the connection is over. */
void tls_plain_lost(struct dissection *d, struct tls_reader *t, enum side from);
void tls_plain_closed(struct dissection *d, struct tls_reader *t, enum side from);
void tls_plain_end(struct dissection *d, struct tls_reader *t);

/* record.c: one record of a side, whole, opened into scratch. False when its keys do not fit. */
struct tls_opened {
	uint8_t type; /* of what was inside */
	struct bytes bytes;
};

bool tls_open_record(struct dissection *d, struct tls_plain *p, enum side from,
                     const uint8_t head[5], struct bytes body, struct tls_opened *opened);

/* keys.c: derives the keys of a side; false when OpenSSL refuses. The first from the master secret
 * (TLS 1.2), the second from `keys->secret` (TLS 1.3). */
bool tls_keys_of_master(struct tls_plain *p, enum side side, struct bytes master);
bool tls_keys_of_secret(const struct tls_plain *p, struct tls_keys *keys);
/* TLS 1.3: the secret after KeyUpdate. */
bool tls_keys_update(const struct tls_plain *p, struct tls_keys *keys);

/* inside.c: the stream in it */

/* Bytes of one side, next in order. */
void tls_inside_feed(struct dissection *d, struct tls_plain *p, enum side from, struct bytes in);
/* A side has said its last byte; with `lost` because nobody knows what comes. */
void tls_inside_closed(struct dissection *d, struct tls_plain *p, enum side from, bool lost);
void tls_inside_end(struct dissection *d, struct tls_plain *p);

#endif
