/* Who has proved who he is, on one HTTP connection.
 *
 * NTLM and Negotiate authenticate a connection, not a request: what follows on it needs no header.
 * So the state belongs to the connection, and it is unknown when the connection's start, or any of
 * the client's bytes, were not seen. */
#ifndef CMTAP_DISSECTORS_HTTP_AUTH_H
#define CMTAP_DISSECTORS_HTTP_AUTH_H

#include "dissectors/auth/logon.h"
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
	SCHEME_CERTIFICATE, /* of the TLS around the connection */
	SCHEME_TOKEN,       /* headers of ConfigMgr's own that sign this one request */
};

/* Of a connection. All zero: anonymous from its first byte on. */
struct http_auth {
	enum auth_state state;
	enum auth_scheme scheme;
	struct logon logon; /* the last attempt; of the basic scheme its account only */
};

/* What one request offered, kept until its reply tells whether it was accepted. */
struct auth_attempt {
	enum auth_scheme scheme;
	bool complete; /* the proof itself, not a step towards it */
	bool proof;    /* of a logon by NTLM or Kerberos: it gets an event of its own */
};

/* Reads the Authorization header (or ConfigMgr's own headers) of a request; remembers the account.
 */
struct auth_attempt http_auth_request(struct dissection *d, struct http_auth *auth,
                                      const struct http_head *head);

/* Learns from the reply whether the attempt was accepted, and reads the challenge in it. Emits the
 * event of the logon: the workbench must not hold another one. */
void http_auth_reply(struct dissection *d, struct http_auth *auth, struct auth_attempt attempt,
                     const struct http_head *head);

/* A request was read with this attempt: tells of the logon if no reply is to be expected. The
 * workbench must not hold an event that is being built. */
void http_auth_requested(struct dissection *d, struct http_auth *auth, struct auth_attempt attempt);

/* The reply to a request with this attempt was not seen. The same holds for the workbench. */
void http_auth_unanswered(struct dissection *d, struct http_auth *auth,
                          struct auth_attempt attempt);

/* Bytes of one side were lost: the client may have authenticated in them. */
void http_auth_lost(struct http_auth *auth, enum side from);

/* States what is known, for one transaction; `channel` is what TLS around it said of the client. */
void http_auth_state(const struct http_auth *auth, struct auth_attempt attempt,
                     enum channel_client channel, struct event *ev);

#endif
