/* Reading TLS: records, the handshake in them, and its facts.
 *
 * The reader takes bytes of both sides in order, wherever they come from: a TCP stream, or packets
 * of another protocol that carries TLS, such as TDS. Whoever embeds a `struct tls_reader` in its
 * state shows it the bytes, tells it of holes, and ends it; it gives one event a handshake. The
 * worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_TLS_TLS_H
#define CMTAP_DISSECTORS_TLS_TLS_H

#include "dissectors/dissector.h"

#define TLS_ALERTS 4 /* of one side that are told */

enum tls_version {
	SSL_2_0 = 0x0002,
	SSL_3_0 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
};

/* One direction: the record that is being read, and the handshake message in it. */
struct tls_side {
	uint8_t head[5], head_have;   /* of the record */
	uint16_t length, left;        /* of the record; and what is still to come of it */
	uint8_t begin[4], begin_have; /* of the message: its type and length */
	uint32_t need, skip;          /* bytes of its body; or of one that is passed over */
	struct chain body;            /* what came of it, when it was not all at once */
	uint8_t alert[2], alert_have;
	uint8_t alerts[TLS_ALERTS], alert_count;
	uint8_t ciphered_handshakes; /* records of handshake after ChangeCipherSpec */
	uint8_t application;         /* records of application data, in so far as they matter */
	bool begun;                  /* a whole head of a record was seen */
	bool hello;                  /* its hello was read */
	bool certificate;            /* so was its certificate message */
	bool ciphered;               /* it has sent ChangeCipherSpec */
	bool closed;
	bool sslv2; /* the record is one of SSL 2.0 */
};

struct tls_reader {
	struct tls_side side[2];
	bool opens;              /* what is inside is read too, where its secrets are known */
	uint32_t plain;          /* block of what is read inside, by plain.h; 0: nothing is */
	struct chain kept;       /* messages that its event is made of */
	int64_t begun;           /* packet time of the first hello */
	uint16_t version, suite; /* chosen; 0: not yet */
	uint16_t group;          /* of the server's ephemeral key, up to TLS 1.2 */
	bool no_certificate;     /* the client's list of certificates was empty */
	bool requested;          /* CertificateRequest */
	bool hello_done;         /* ServerHelloDone */
	bool resumed;            /* the server changed ciphers without it */
	bool answered;           /* application data of the server followed on some of the client */
	bool fatal;              /* an alert ended the handshake */
	bool over_cap, full;     /* messages are missing; no more are kept */
	bool told;
};

/* Reads bytes of one side, all of them. DONE when the event was given and nothing further is of
 * interest, BAD when the bytes break the protocol, else OK. */
enum verdict tls_read(struct dissection *d, struct tls_reader *t, enum side from, struct bytes in);

/* Bytes of a side will never be seen: what is known is told, and reading is over. */
void tls_lost(struct dissection *d, struct tls_reader *t, enum side from);

/* A side has said its last byte. */
void tls_closed(struct dissection *d, struct tls_reader *t, enum side from);

/* The carrier is over: tells what is left and gives blocks back. */
void tls_end(struct dissection *d, struct tls_reader *t);

/* Both sides have finished the handshake, as far as it shows. */
bool tls_is_established(const struct tls_reader *t);

/* Whether a side's first bytes can be TLS. */
enum likeness tls_likeness(struct bytes first, enum side from);

/* handshake.c: messages of the handshake */

enum tls_message {
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_CERTIFICATE = 11,
	MESSAGE_SERVER_KEY_EXCHANGE = 12,
	MESSAGE_CERTIFICATE_REQUEST = 13,
	MESSAGE_SERVER_HELLO_DONE = 14,
};

/* What `kept` is made of: each a byte of this, a length of three bytes, and a body. */
enum tls_kept {
	KEPT_CLIENT_HELLO,
	KEPT_SSLV2_HELLO,
	KEPT_SERVER_HELLO,
	KEPT_CLIENT_CERTIFICATES,
	KEPT_SERVER_CERTIFICATES,
};

/* Bytes of the handshake in clear, as they come in records. OK or BAD. */
enum verdict tls_handshake(struct dissection *d, struct tls_reader *t, enum side from,
                           struct bytes in);
/* A whole ClientHello in a record of SSL 2.0. */
enum verdict tls_handshake_sslv2(struct dissection *d, struct tls_reader *t, struct bytes body);

/* facts.c: the event */

void tls_tell(struct dissection *d, struct tls_reader *t);

#endif
