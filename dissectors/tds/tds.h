/* TDS, the protocol of SQL Server, as far as an onlooker needs it: what protection the two sides
 * settled on, and what the login says where it can be read.
 *
 * The state is a struct of fixed size with each flow; the worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_TDS_TDS_H
#define CMTAP_DISSECTORS_TDS_TDS_H

#include "core/reader.h"
#include "dissectors/auth/logon.h"
#include "dissectors/tls/tls.h"

/* Types of packets (MS-TDS 2.2.3.1.1). */
enum tds_type {
	TDS_SQL_BATCH = 0x01,
	TDS_OLD_LOGIN = 0x02,
	TDS_RPC = 0x03,
	TDS_RESPONSE = 0x04,
	TDS_ATTENTION = 0x06,
	TDS_BULK_LOAD = 0x07,
	TDS_FEDERATED_TOKEN = 0x08,
	TDS_TRANSACTION = 0x0e,
	TDS_LOGIN7 = 0x10,
	TDS_SSPI = 0x11,
	TDS_PRELOGIN = 0x12,
};

#define TDS_HEADER         8
#define TDS_END_OF_MESSAGE 0x01 /* in a packet's status */

/* Values of the option ENCRYPTION (2.2.6.5); the high bit asks for a certificate of the client. */
enum tds_encryption {
	ENCRYPT_OFF,
	ENCRYPT_ON,
	ENCRYPT_NOT_SUPPORTED,
	ENCRYPT_REQUIRED,
	ENCRYPT_UNKNOWN,
};

/* What both sides' values come to, or what was seen to follow. */
enum tds_settled {
	SETTLED_UNKNOWN,
	SETTLED_NONE,       /* everything in clear, the login too */
	SETTLED_LOGIN_ONLY, /* TLS around the login, everything else in clear */
	SETTLED_ALL,
	SETTLED_REFUSED, /* one side has to end the connection */
};

/* A text in UTF-8, as much of it as there is room for. */
struct tds_text {
	uint8_t len;
	char text[79];
};

struct tds_prelogin {
	bool seen, has_version, has_mars, mars, federated;
	uint8_t encryption; /* enum tds_encryption */
	uint8_t major, minor;
	uint16_t build;
};

struct tds_login {
	bool seen; /* it could be read */
	bool windows, by_password;
	uint32_t version; /* of TDS */
	struct tds_text host, user, application, server, library;
};

struct tds_state {
	struct tds_prelogin prelogin[2]; /* by enum side */
	struct tds_login login;
	struct tds_text instance, database;
	uint16_t tls_left[2]; /* of TLS that is being read, in a packet or a record */
	bool handshake[2];    /* TLS came inside packets */
	bool records[2];      /* and outside of them */
	bool clear_answer;    /* the server's answer to the login could be read */
	bool decided, accepted;
	bool told, lost;
	bool tls_read;   /* its event was given */
	uint8_t request; /* type of the first request that could be read; 0: none */
	int32_t error;
	struct logon logon;
	struct tls_reader tls;
};

/* prelogin.c. False when it breaks its format. */
bool tds_prelogin_read(struct tds_state *st, enum side from, struct bytes message);
enum tds_settled tds_settled(const struct tds_state *st);

/* login.c: LOGIN7. NULL, or what is wrong with it. */
const char *tds_login_read(struct dissection *d, struct bytes message);
/* UTF-16LE of the wire, as much of it as there is room for. */
void tds_keep(struct dissection *d, struct tds_text *to, struct bytes utf16);

/* response.c: the server's tokens, as far as they speak of the login. */
void tds_response_read(struct dissection *d, struct bytes tokens);

/* facts.c: the event, once. */
void tds_tell(struct dissection *d);
/* A security token of the client. */
void tds_token(struct dissection *d, struct bytes token);

static inline struct bytes tds_view(const struct tds_text *t)
{
	return (struct bytes){(const uint8_t *)t->text, t->len};
}

#endif
