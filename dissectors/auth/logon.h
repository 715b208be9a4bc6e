/* One logon, as an onlooker sees it: the security tokens of Windows, whatever carries them.
 *
 * A carrier (HTTP, SMB, DCE/RPC, LDAP, TDS) keeps a struct logon for each logon in progress, shows
 * it every token of both sides in order, says how the server answered, and lets it state its facts.
 * What is told of challenges and responses are fingerprints only: a response can be cracked.
 *
 *    logon_token(d, &logon, CLIENT, token);        raw NTLMSSP, SPNEGO, or a Kerberos token
 *    logon_token(d, &logon, SERVER, token);
 *    logon_answered(&logon, status == 0);          when the carrier's reply decides it
 *    logon_emit(d, &logon, "smb", facts of yours); one event of kind `authentication`
 *    logon_facts(&logon, ev);                      the same facts in any event of the carrier
 *
 * A struct of zeros is a logon of which nothing was seen. It needs no cleaning up. A carrier with
 * many sessions keeps one struct logon for each logon in progress and copies what it needs of those
 * that are done (struct logon_account is small). The worker that owns the flow owns it. */
#ifndef CMTAP_DISSECTORS_AUTH_LOGON_H
#define CMTAP_DISSECTORS_AUTH_LOGON_H

#include "dissectors/dissector.h"

enum logon_mechanism {
	LOGON_NONE,      /* no token was seen */
	LOGON_NEGOTIATE, /* SPNEGO whose mechanism is not known (yet) */
	LOGON_NTLM,
	LOGON_KERBEROS,
	LOGON_SIMPLE, /* a name and a password in clear, of LDAP */
	LOGON_OTHER,  /* NegoEx and what else there is */
};

/* How far it is. */
enum logon_step {
	LOGON_NOTHING,
	LOGON_BEGUN,      /* the client has said what it can */
	LOGON_CHALLENGED, /* the server has sent its challenge */
	LOGON_PROVED,     /* the client has sent its proof: NTLM AUTHENTICATE, Kerberos AP-REQ */
};

enum logon_outcome { LOGON_UNKNOWN, LOGON_ACCEPTED, LOGON_REFUSED };

enum ntlm_version {
	NTLM_VERSION_UNKNOWN,
	NTLM_VERSION_1,         /* 24 bytes of response, made of the server's challenge alone */
	NTLM_VERSION_1_SESSION, /* the same with a client challenge (NTLM2 session response) */
	NTLM_VERSION_2,
	NTLM_VERSION_LM, /* an LM response and nothing else */
};

/* A name in UTF-8. */
struct logon_name {
	uint8_t len;
	bool cut; /* it was longer */
	char text[62];
};

/* Who logged on: what a session needs to keep. */
struct logon_account {
	struct logon_name user, domain;
	bool anonymous; /* without user: a null session of NTLM, an anonymous bind */
};

/* A service principal name, class/host. */
struct logon_service {
	uint8_t len;
	bool cut;
	char text[126];
};

/* The first eight bytes of a SHA-256, in hexadecimal. */
#define LOGON_FINGERPRINT 16
struct logon_fingerprint {
	bool known;
	char text[LOGON_FINGERPRINT];
};

struct logon {
	uint8_t mechanism, step, outcome, version; /* by the enums above */
	bool told;                                 /* its event was emitted */
	bool unseen;                               /* tokens of it were missed */
	bool has_flags, mic, channel_bindings;
	uint32_t flags;     /* NTLM negotiate flags, of the latest message */
	int32_t ticket;     /* encryption type of the Kerberos ticket; 0: not seen */
	int64_t first_time; /* packet time of its first token */
	struct logon_account account;
	struct logon_name workstation;
	struct logon_name computer, dns_computer,
	        target_domain;        /* how the NTLM challenge names its sender */
	struct logon_service service; /* that the client meant to reach */
	struct logon_name realm;
	struct logon_fingerprint challenge, response;
};

/* Reads a security token. A first token of the client begins a new logon in the same struct (its
 * predecessor is forgotten: emit it before). Tokens that are none of ours leave everything as it
 * is.
 */
void logon_token(struct dissection *d, struct logon *logon, enum side from, struct bytes token);

/* SMB1 without extended security and TDS: challenge and responses without NTLMSSP around them.
 * Names are UTF-8. */
void logon_responses(struct dissection *d, struct logon *logon, struct bytes challenge,
                     struct bytes lm, struct bytes nt, struct bytes user, struct bytes domain);

/* A simple bind of LDAP, proof and all: its password crosses the wire and is nobody's business
 * here. Without user it is anonymous. Names are UTF-8. */
void logon_simple(struct dissection *d, struct logon *logon, struct bytes user,
                  struct bytes domain);

/* An account by name, in UTF-8, as other schemes tell it. */
void logon_account_set(struct logon_account *account, struct bytes user, struct bytes domain);

/* Tokens of it may have been lost: nothing is said that depended on them. A proof that was seen
 * stays. */
void logon_lost(struct logon *logon);

/* How the server answered the proof. */
void logon_answered(struct logon *logon, bool accepted);

/* Whether its proof was seen and no answer will be: nothing of the server is captured. Its carrier
 * then tells of it at once, so that its time is that of the proof and not of the connection's end.
 */
bool logon_is_due(const struct dissection *d, const struct logon *logon);

/* States what is known of the logon in an event of its carrier. */
void logon_facts(const struct logon *logon, struct event *ev);

/* The same of an account that was kept: user.name, user.domain, configmgr.auth.anonymous. */
void logon_account_facts(const struct logon_account *account, struct event *ev);

/* Tells of the logon in an event of its own, unless that was done already or nothing was proved.
 * `carrier` is a name such as smb; `more` (or NULL) adds facts of the carrier. */
void logon_emit(struct dissection *d, struct logon *logon, const char *carrier,
                void (*more)(const void *context, struct event *ev), const void *context);

#endif
