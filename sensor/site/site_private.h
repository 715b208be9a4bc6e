/* The site model, inside: its records, and the steps an event goes through.
 *
 * Private to the files of the model. A step is a function that takes a subject, in a file of its
 * own, and a line in the table of site_model.c: it states facts about the event, or learns from
 * it, never both in one. The detector thread owns everything here. */
#ifndef CMTAP_SENSOR_SITE_SITE_PRIVATE_H
#define CMTAP_SENSOR_SITE_SITE_PRIVATE_H

#include "core/table.h"
#include "sensor/site/certificates.h"
#include "sensor/site/site_model.h"

#define SITES_MAX        64
#define NAMES_MAX        32 /* management points of one site */
#define WITNESSES_MAX    8  /* more clients than this count as this many */
#define NAME_TEXT        96
#define CODE_TEXT        4
#define CERTIFICATES_MAX 4 /* of one server, on different ports */
/* A fact is learned when so many different clients were told the same. */
#define ENOUGH_WITNESSES 2

/* The different clients that witnessed something. */
struct site_witnesses {
	struct address at[WITNESSES_MAX];
	uint8_t count;
};

struct site_name {
	char text[NAME_TEXT];
	uint8_t len;
};

#define KEY_TEXT 64 /* a SHA-256 in hexadecimal */

/* A certificate or key that clients are told over HTTP. */
struct learned_key {
	uint64_t place;          /* hash of the name whose it is; 0: free, or of a site */
	uint8_t hash[KEY_TEXT];  /* what was told first */
	uint8_t other[KEY_TEXT]; /* what is told since another one was */
	int64_t last, other_first;
};

/* The certificate that a server shows on one port to who asks for one name. */
struct learned_certificate {
	uint64_t place;            /* hash of port and name */
	uint64_t subject;          /* hash of whose it is */
	bool fits;                 /* one of its names is the one that was asked for */
	uint8_t hash[32];          /* what it showed first */
	uint8_t other[32];         /* what it shows since it showed another one */
	int64_t last, other_first; /* when it last showed the first, and first another */
};

struct learned_server {
	struct address address;
	struct site_name name; /* as clients call it */
	char code[CODE_TEXT];
	uint32_t roles; /* in which it answered */
	struct site_witnesses clients;
	bool clear; /* it answered over clear HTTP */
	uint16_t port;
	struct site_witnesses mutual; /* clients that showed it a certificate */
	bool https_only;              /* several did, before anybody was answered in clear */
	struct learned_certificate certificate[CERTIFICATES_MAX];
	uint8_t certificate_count;
	struct learned_key key[CERTIFICATES_MAX]; /* of the management points behind it */
};

struct told_name {
	struct site_name name;
	struct site_witnesses clients;
};

struct learned_site {
	char code[CODE_TEXT];
	struct told_name management[NAMES_MAX];
	uint8_t management_count;
	struct learned_key root, signing;
	bool clear;
};

struct learned_client {
	struct address address; /* of a record by address */
	char guid[44];          /* of a record by id */
	uint64_t hash;
	int64_t last_seen;
	char code[CODE_TEXT];
	const char *approval;
	int64_t approved_at; /* when it was told */
	int64_t lost_at;     /* when something of it was last not captured; 0: never */
	int64_t tls_since;   /* when it first completed TLS with a site system; 0: never */
	int64_t checked_at;  /* when it last fetched a CRL or an OCSP answer; 0: never */
	bool known;
	bool https_only; /* it showed a certificate to a site system of an HTTPS-only site */
};

/* How the traffic of a pair was seen to run. */
enum way { WAY_CLEAR, WAY_TLS, WAY_SMB, WAY_RPC, WAY_ESP, WAY_ESP_NULL, WAY_AH, WAY_COUNT };

struct site_pair {
	struct address address[2]; /* the smaller first */
	int64_t last_seen;
	int64_t unanswered_at, answered_at; /* the last IKE of each kind; 0: never */
	int64_t clear_at;                   /* when they last began to speak in clear */
	uint8_t ways;                       /* bits, by enum way */
	uint8_t clear;                      /* which protocols ran in clear */
	bool kept; /* both are site systems, or IPsec is required between them */
};

/* One NTLM logon, by its challenge or its response. */
struct site_logon {
	char mark[24]; /* which of both, and the fingerprint */
	struct address client, server;
	int64_t time;
};

struct site_model {
	const struct site_file *listed;
	struct learned_site site[SITES_MAX];
	size_t site_count;
	struct learned_server *server;
	struct learned_client *client;
	struct certificates *certificates;
	struct site_pair *pair;
	struct site_logon *logon;
	struct table servers, clients, pairs, logons;
	uint32_t logon_count, logon_cap, logon_hand;
	uint32_t pair_count, pair_cap, pair_hand;
	uint32_t server_count, server_cap, client_count, client_cap, hand;
	struct counters *counters;
};

/* What one event is about, looked up once. */
struct site_subject {
	struct site_model *m;
	struct event *ev;
	struct arena *scratch;
	struct address client_address, server_address;
	struct learned_client *client, *identity; /* by address, by id; NULL: not known */
	struct learned_server *server;            /* NULL: not known */
	enum site_role role;                      /* ROLE_COUNT: not known */
	/* Of a TLS handshake: what was shown, by enum attachment; and as which listed server the
	 * other side was addressed. NULL: nothing, nobody. */
	const struct certificate *shown[ATTACHMENTS];
	const struct site_server *addressed;
	bool answered;        /* the server answered the message */
	char code[CODE_TEXT]; /* the site; empty: not known */
};

/* site_learned.c: finding records by their keys; `make` adds one that is not there. */
struct learned_site *site_find(struct site_model *m, const char *code, bool make);
struct learned_server *site_server_find(struct site_model *m, struct address a, bool make);
/* A client by its address (`guid` empty) or by its id. */
struct learned_client *site_client_find(struct site_model *m, struct address a, struct bytes guid,
                                        bool make);
void site_name_set(struct site_name *name, struct bytes text);
struct bytes site_name_view(const struct site_name *name);
/* Names and codes go into site files and onto terminals: only what can be one is learned. */
bool site_can_be_name(struct bytes text);
void site_set_code(char code[CODE_TEXT], struct bytes text);
void site_witness(struct site_witnesses *w, struct address client);
/* The record of a name that clients of the site were told, or NULL. */
struct told_name *site_told(struct learned_site *site, struct bytes name);

/* site_clients.c */
void site_state_place(struct site_subject *s);
void site_state_client(struct site_subject *s);
void site_learn_client(struct site_subject *s);
void site_learn_registration(struct site_subject *s);
void site_learn_loss(struct site_subject *s);

/* site_accounts.c, site_services.c, site_relays.c: who logged on, from where, whom the client
 * meant, and who hands its logon on. */
void site_state_account(struct site_subject *s);
void site_state_relay(struct site_subject *s);
void site_state_service(struct site_subject *s);

/* site_servers.c */
void site_state_roles(struct site_subject *s);
/* The same of the client, where it is a site system itself. */
void site_state_client_roles(struct site_subject *s);
/* Adds the code of the site where it is known from elsewhere. */
void site_state_code(struct site_subject *s);
void site_judge_server(struct site_subject *s);
/* Nobody is believed who contradicts what was known before. */
bool site_believed(const struct site_subject *s);
void site_learn_server(struct site_subject *s);

/* site_tls.c: who is behind a TLS handshake */
void site_state_tls_server(struct site_subject *s);
void site_learn_tls(struct site_subject *s);

/* What the server showed before in this place, or NULL. */
struct learned_certificate *site_certificate_find(const struct site_subject *s);

/* site_certificates.c */
/* States what the certificates of a handshake say. */
void site_state_certificates(struct site_subject *s);
/* Compares them with the time, the names and what the operator trusts. */
void site_judge_certificates(struct site_subject *s);
/* Has the server shown another certificate before? */
void site_judge_change(struct site_subject *s);
/* One of the pins of a listed server is this SHA-256, in hexadecimal. */
bool site_is_pinned(const struct site_server *server, struct bytes hash);

/* site_keys.c: the same of what clients are told over HTTP */
void site_judge_keys(struct site_subject *s);
void site_learn_keys(struct site_subject *s);

/* site_https.c: sites that are HTTPS only, and who checks revocation */
bool site_is_https_only(const struct site *site);
void site_state_https_only(struct site_subject *s);
void site_state_revocation(struct site_subject *s);
void site_learn_revocation(struct site_subject *s);

/* site_names.c */
void site_judge_names(struct site_subject *s);
void site_learn_names(struct site_subject *s);

/* site_pairs.c */
void site_state_pair(struct site_subject *s);
void site_learn_pair(struct site_subject *s);
void site_pairs_summary(const struct site_model *m, FILE *to);

/* site_shares.c */
void site_state_share(struct site_subject *s);
/* May this client write between sites, or into inboxes? */
void site_judge_writer(struct site_subject *s);
/* Is it this side that opens connections? */
void site_judge_initiator(struct site_subject *s);
void site_learn_share(struct site_subject *s);

/* site_listed.c: the same two judgments by the list. The second puts the names that are not known
 * into `unknown` and returns how many. */
void site_judge_listed(struct site_subject *s);
size_t site_names_not_listed(struct site_subject *s, struct texts names, enum site_role role,
                             struct bytes *unknown);

/* site_baseline.c: and by what was learned. */
/* How many clients make a name part of the baseline of its site; 0: there is none yet. */
uint8_t site_enough(const struct learned_site *site);
/* Says what a judgment rests on: `source` is listed or learned. */
void site_state_baseline(struct site_subject *s, const char *source, struct bytes evidence);
void site_judge_learned(struct site_subject *s);
size_t site_names_not_learned(struct site_subject *s, struct texts names, struct bytes *unknown);

#endif
