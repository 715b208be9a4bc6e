/* The contract between the packet path and a dissector.
 *
 * A dissector reads the bytes of one protocol, in order and side by side, and states facts. It
 * keeps a struct of fixed size with each flow, reads only through `struct reader`, and never
 * allocates: what must outlive a packet goes into its state or into a chain of blocks. It knows
 * nothing of rules and alerts. To add one: write a file, name it in registry.c, add its fields to
 * fields.def.
 *
 * Every call comes from the worker thread that owns the flow. */
#ifndef CMTAP_DISSECTORS_DISSECTOR_H
#define CMTAP_DISSECTORS_DISSECTOR_H

#include "core/blocks.h"
#include "core/counter.h"
#include "core/event.h"
#include "core/reader.h"

enum side { CLIENT, SERVER };

/* Whether a stream is a dissector's own, by its first bytes. */
enum likeness {
	NO,
	MAYBE, /* not told yet by so few bytes */
	YES,
};

/* What a dissector says of the bytes it was given. */
enum verdict {
	MORE, /* the message is not whole yet: call again with at least one byte more */
	OK,   /* consumed what `used` says */
	DONE, /* nothing further on this flow is of interest */
	BAD,  /* this breaks the protocol; an event says how. The flow is of no further interest */
};

/* What a dissector reads: the streams of TCP, or datagrams. Those arrive whole, one a call. */
enum layer {
	OVER_TCP,
	OVER_UDP,
	OVER_IP, /* what IP carries itself, by its protocol number: ESP, AH */
};

#define OFFSET_UNKNOWN UINT64_MAX

/* Caps that dissectors keep to; each is a key below `limits` in the config. */
struct dissector_limits {
	uint32_t http_head;     /* bytes of a request or reply head */
	uint32_t http_pipeline; /* requests waiting for their reply on one connection */
	uint32_t smb_message;   /* bytes of an SMB message that are read */
	uint32_t ldap_message;  /* bytes of an LDAP message that binds */
	uint32_t smb_sessions, smb_trees, smb_files, smb_requests; /* of one connection */
	uint32_t body;          /* bytes of a body that are kept for reading */
	uint32_t inflate_bytes; /* bytes that compressed data may become */
	uint32_t inflate_ratio; /* times its size that compressed data may become */
	uint32_t xml_depth, xml_elements;
	uint32_t report_body;   /* bytes of a report's body that are read */
	uint32_t tls_handshake; /* bytes of a TLS handshake that are kept */
	uint32_t esp_packets;   /* that wait until it is known whether they are encrypted */
	uint32_t dns_questions; /* of one flow that wait for their answer */
	uint32_t dns_answers;   /* records of one answer */
};

/* What the channel around a stream that was decrypted says of its client. */
enum channel_client {
	CHANNEL_ANONYMOUS, /* no certificate was shown, or there is no channel */
	CHANNEL_UNKNOWN,
	CHANNEL_CERTIFIED,
};

/* What the packet path knows of a flow. */
struct flow_facts {
	struct address address[2]; /* by enum side */
	uint16_t port[2];
	uint8_t transport; /* IP protocol number */
	bool midstream;    /* its opening was not seen: who is client is an inference */
	bool lost[2];      /* bytes of that side were missed */
	bool seen[2];      /* packets of that side were seen at all */
	bool conflict;     /* bytes came twice with different content */
	uint8_t vlan_count;
	uint16_t vlan[2];
	uint8_t tunnel_count;
	uint8_t tunnel[8]; /* names by tunnel_names */
	bool has_mac;
	uint8_t mac[2][6];
	const char *security; /* cleartext, tls, esp */
	bool decrypted;       /* read by secrets that the user gave */
	enum channel_client client;
	const char *protocol; /* what the stream was found to be */
	int64_t first_time;
	uint64_t bytes[2], packets[2];
};

/* What a dissector found to be the way in which its flow carries everything. */
enum carriage {
	CARRIED_CLEAR,
	CARRIED_UNKNOWN, /* it cannot tell */
	CARRIED_IN_TLS,
	CARRIED_IN_SMB, /* the encryption of SMB 3 */
	CARRIED_IN_RPC, /* packet privacy of DCE/RPC */
};

struct tls_crypto;
struct tls_secrets;
struct tls_fingerprints;
struct inflater;
struct xml_parser;
struct dissection;

/* What a datagram wraps: an IP packet's payload, to be read as if it had come alone. */
enum wrapping { WRAPPED_IN_AH, WRAPPED_IN_ESP, WRAPPED_IN_WESP };

struct wrapped {
	uint8_t protocol; /* IP protocol number of what is inside */
	enum wrapping wrapping;
	enum side from;
	struct bytes bytes; /* of the datagram, or in scratch */
	uint32_t missing;   /* bytes at its end that were not captured */
	int64_t time;       /* when it was sent: it may have had to wait */
};

#define WRAPPED_MAX 32

/* Why an event may be incomplete, besides what the flow's facts say. */
enum degradation {
	DEGRADED_UNANSWERED = 1, /* no reply was seen */
	DEGRADED_OVER_CAP = 2,   /* a part exceeded a cap */
	DEGRADED_CUT = 4,        /* a part ends before its time */
	DEGRADED_UNPAIRED = 8,   /* no request was seen */
};

/* What a worker lends to its dissectors. */
struct workbench {
	int64_t now;          /* packet clock */
	struct event event;   /* the event being built */
	unsigned degraded;    /* enum degradation, of the event being built */
	struct arena scratch; /* emptied after each packet */
	struct blocks blocks;
	struct counters *counters;
	struct dissector_limits limits;
	struct inflater *inflater;
	struct xml_parser *xml;
	struct tls_fingerprints *fingerprints; /* made before; NULL: none are kept */
	/* Of a key log file, and what opens records with them; NULL without one. */
	const struct tls_secrets *secrets;
	struct tls_crypto *crypto;
	/* What a datagram gave to be read after it. */
	struct wrapped wrapped[WRAPPED_MAX];
	unsigned wrapped_count;
	/* Whether anybody could use an event of this kind with these fields. */
	bool (*wants)(void *context, enum event_kind kind, const struct field_set *present);
	/* Whether this event could matter yet, when of the fields that are not there only those in
	 * `to_come` may come. NULL: any could. */
	bool (*matters)(void *context, const struct flow_facts *flow, struct event *ev,
	                const struct field_set *to_come);
	/* Takes note that an event came now which does not matter. */
	void (*pass_over)(void *context);
	/* Takes the finished event over, adds the facts of its flow and of `degraded`; the views in
	 * it need not live longer than the call. */
	void (*emit)(void *context, const struct flow_facts *flow, struct event *ev,
	             unsigned degraded);
	void *context; /* of all of these */
};

/* One dissector at work on one flow. */
struct dissection {
	struct workbench *bench;
	const struct flow_facts *flow;
	void *state;        /* the dissector's own, zeroed when the flow began */
	uint64_t skip[2];   /* bytes of that side which nobody needs to see */
	uint64_t offset[2]; /* place of the first byte of `in` in the stream of that side */
	/* Bytes of the other side that this side had received when it sent `in`: what it sends now
	 * can only be about those. OFFSET_UNKNOWN when that cannot be told. */
	uint64_t answered[2];
	/* Where segments began in the first 64 bytes of `in`, a bit each: after a loss only there
	 * can a message begin. */
	uint64_t starts;
	enum carriage carriage; /* for the dissector to say */
	/* Bytes at the end of a datagram that were on the wire and not captured. */
	uint32_t missing;
};

struct dissector {
	const char *name;
	enum layer layer;
	/* 0 at the end. Over TCP usual ports, never a proof. Over UDP the ports of which one must
	 * be there for the probe to be asked, since few datagrams tell what they are; over IP the
	 * numbers of the protocols. */
	const uint16_t *ports;
	size_t state_size;
	/* The first bytes of a stream, or the first datagram of a flow. MAYBE is NO there. */
	enum likeness (*probe)(struct bytes first, enum side from);
	/* Bytes of one side, contiguous. Sets *used to how many it consumed; the rest is shown
	 * again with more behind it. Or one datagram: *used means nothing, and MORE is OK. */
	enum verdict (*data)(struct dissection *d, enum side from, struct bytes in, size_t *used);
	/* `lost` bytes of one side were never seen. Of streams only; NULL over UDP and IP. */
	void (*gap)(struct dissection *d, enum side from, uint64_t lost);
	/* One side has said its last byte. Of streams only; NULL over UDP and IP. */
	void (*closed)(struct dissection *d, enum side from);
	/* The flow is over, also when it was evicted: emit what is left, give blocks back. */
	void (*end)(struct dissection *d);
};

/* All dissectors, NULL at the end. */
extern const struct dissector *const dissectors[];

/* A port, or number of IP, that some dissector of the layer names as usual. */
bool is_usual_port(enum layer layer, uint16_t port);

/* The protocol of a stream that no dissector reads, by its first bytes: its name, or NULL. */
const char *protocol_by_first_bytes(struct bytes first, enum side from);

/* The same for a datagram: a port and a look at the bytes together. */
const char *protocol_by_first_datagram(struct bytes first, uint16_t source_port,
                                       uint16_t destination_port);

/* Starts the event of the workbench. */
struct event *dissection_event(struct dissection *d, enum event_kind kind);

/* Completes the event with the facts of the flow and hands it over, unless nobody wants it. */
void dissection_emit(struct dissection *d);

/* Whether the event on the workbench could matter yet: asked before facts that are dear to state.
 * What is there is final; of what is not, only fields that these setters state (a bit each) may
 * come, besides times, the outcome, and what the flow and the site model add. When it could not,
 * dissection_pass_over() is all that is left to do with it. */
bool dissection_matters(struct dissection *d, unsigned setters);
void dissection_pass_over(struct dissection *d);

/* Asks the packet path not to show the next `n` bytes of a side (after what is consumed now). */
void dissection_skip(struct dissection *d, enum side from, uint64_t n);

/* After a loss: consumes what cannot be the start of a message, which is all that does not lie at
 * the start of a segment, since anything may be inside one. `offset` is where the reader stands in
 * the stream. Sets *found where it stands at a message then; MORE where that is not told yet. */
enum verdict dissection_resync(struct dissection *d, enum side from, struct reader *r,
                               uint64_t offset,
                               enum likeness (*probe)(struct bytes first, enum side from),
                               bool *found);

/* Gives what is inside a datagram to the packet path, which reads it when `data` has returned.
 * False when a datagram gave too much. */
bool dissection_unwrap(struct dissection *d, struct wrapped wrapped);

/* States that the flow breaks its protocol; returns BAD. `what` lives as long as the program. */
enum verdict dissection_malformed(struct dissection *d, const char *protocol, const char *what);

#endif
