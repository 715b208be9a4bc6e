/* Who has proved who he is, on one HTTP connection.
 *
 * NTLM and Negotiate authenticate a connection, not a request: what follows on it needs no header.
 * So the state belongs to the connection, and it is unknown when the connection's start, or any of
 * the client's bytes, were not seen. */
#ifndef CMTAP_DISSECTORS_HTTP_AUTH_H
#define CMTAP_DISSECTORS_HTTP_AUTH_H

#include "dissectors/dissector.h"
#include "dissectors/http_head.h"

enum auth_state {
	AUTH_ANONYMOUS,
	AUTH_UNKNOWN,
	AUTH_AUTHENTICATED,
};

enum auth_scheme {
	SCHEME_NONE,
	SCHEME_BASIC,
	SCHEME_NTLM,
	SCHEME_NEGOTIATE,
	SCHEME_KERBEROS,
	SCHEME_BEARER,
	SCHEME_OTHER,
	SCHEME_TOKEN, /* headers of ConfigMgr's own that sign this one request */
};

#define ACCOUNT_MAX 64

struct account_name {
	uint8_t len;
	char text[ACCOUNT_MAX - 1];
};

/* Of a connection. All zero: anonymous from its first byte on. */
struct http_auth {
	enum auth_state state;
	enum auth_scheme scheme;
	struct account_name user, domain, workstation; /* of the last attempt */
};

/* What one request offered, kept until its reply tells whether it was accepted. */
struct auth_attempt {
	enum auth_scheme scheme;
	bool complete; /* the proof itself, not a step towards it */
};

/* Reads the Authorization header (or ConfigMgr's own headers) of a request; remembers the account.
 */
struct auth_attempt http_auth_request(struct http_auth *auth, const struct http_head *head,
                                      struct arena *scratch);

/* Learns from the status of the reply whether the attempt was accepted. */
void http_auth_reply(struct http_auth *auth, struct auth_attempt attempt, unsigned status);

/* Bytes of the client were lost: it may have authenticated in them. */
void http_auth_lost(struct http_auth *auth);

/* States what is known, for one transaction. */
void http_auth_state(const struct http_auth *auth, struct auth_attempt attempt, struct event *ev);

#endif
