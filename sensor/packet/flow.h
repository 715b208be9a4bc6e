/* Flows: which packets belong together, and what is known of them without looking inside.
 *
 * The table is sized at start. Flows end by silence, by TCP's own closing, or, when the table is
 * full, because a newer one needs their place: then the longest silent of a few candidates goes,
 * flows of no interest first. One worker owns a table. */
#ifndef CMTAP_SENSOR_PACKET_FLOW_H
#define CMTAP_SENSOR_PACKET_FLOW_H

#include "dissectors/dissector.h"
#include "sensor/packet/decode.h"
#include "sensor/packet/flow_key.h"

enum flow_interest {
	FLOW_UNDECIDED,  /* nobody knows yet what it carries */
	FLOW_DISSECTED,  /* a dissector reads it */
	FLOW_NO_INTEREST /* a tombstone: one look-up a packet */
};

enum tcp_seen {
	SEEN_SYN = 1,       /* from the client */
	SEEN_SYN_ACK = 2,   /* from the server */
	SEEN_HANDSHAKE = 4, /* the client acknowledged the server's SYN */
	SEEN_FIN_CLIENT = 8,
	SEEN_FIN_SERVER = 16,
	SEEN_RST = 32,
};

#define STREAM_NONE UINT32_MAX

/* Two cache lines; what every packet of a tombstone needs is in the first. */
struct flow {
	struct flow_key key;
	int64_t last_time;
	uint8_t in_use : 1, client : 1; /* which of the key's endpoints is the client */
	uint8_t carriage : 3;           /* enum carriage, as its dissector found */
	uint8_t interest;               /* enum flow_interest */
	uint8_t tcp;                    /* enum tcp_seen */
	uint8_t tunnel_count : 4, vlan_count : 2, has_mac : 1, midstream : 1;
	uint32_t stream;     /* its stream, while it has one */
	uint32_t packets[2]; /* by enum side */
	uint64_t bytes[2];   /* whole frames */
	int64_t first_time;
	const char *protocol; /* what it was found to carry; NULL: not known */
	uint32_t initial[2]; /* TCP sequence number of the first byte, where the opening was seen */
	uint16_t vlan[PACKET_VLANS];
	uint8_t mac[2][6];
	uint8_t tunnel[PACKET_TUNNELS];
};

struct flow_limits {
	uint32_t flows;
	int64_t idle_established, idle_attempted, idle_closed, idle_no_interest, idle_datagram;
};

/* Why a flow ends. */
enum flow_end { FLOW_IDLE, FLOW_CLOSED, FLOW_EVICTED, FLOW_REUSED, FLOW_FINISHED };

struct flows {
	struct table table;
	struct flow *flow;
	uint32_t count, fresh, free; /* places, never used yet, head of the given-back ones + 1 */
	uint32_t hand;               /* where the sweep for silent flows goes on */
	struct flow_limits limits;
	struct counters *counters;
	/* Told before a flow's place is given to another. */
	void (*ended)(void *context, struct flow *flow, enum flow_end why);
	void *context;
};

bool flows_open(struct flows *f, struct flow_limits limits, struct counters *counters);
void flows_close(struct flows *f);

/* What to look for where a packet comes. */
void flow_lookup(const struct packet *packet, struct flow_lookup *lookup);

/* Brings the slot of a flow that will soon be looked up nearer. */
static inline void flow_prefetch(const struct flows *f, uint64_t hash)
{
	table_prefetch(&f->table, hash);
}

/* The same for the flow itself, once its slot is near; says where it probably lies, or TABLE_NONE.
 */
uint32_t flow_prefetch_place(const struct flows *f, uint64_t hash);

/* The flow of a packet, where it was found when it was brought nearer, still is there and is of no
 * interest; else NULL. */
static inline struct flow *flow_of_no_interest(const struct flows *f,
                                               const struct flow_lookup *lookup)
{
	struct flow *flow = lookup->place == TABLE_NONE ? NULL : &f->flow[lookup->place];
	bool found = flow && flow->interest == FLOW_NO_INTEREST && flow->in_use;

	return found && flow_key_equal(&flow->key, &lookup->key) ? flow : NULL;
}

/* The flow of a packet, made when it is new. Never NULL: a full table gives up another flow. */
struct flow *flow_find(struct flows *f, const struct flow_lookup *lookup,
                       const struct packet *packet);

/* Counts a packet into its flow. Returns the side that sent it. */
static inline enum side flow_count(struct flow *flow, const struct flow_lookup *lookup,
                                   int64_t time, uint32_t wire_length)
{
	enum side side = lookup->sender == flow->client ? CLIENT : SERVER;

	flow->bytes[side] += wire_length;
	flow->packets[side]++;
	flow->last_time = time;
	return side;
}

/* The same, and follows TCP's flags. Returns the side that sent it. */
enum side flow_account(struct flow *flow, const struct flow_lookup *lookup,
                       const struct packet *packet);

/* A TCP packet that opens a connection anew on the ports of one that is over. */
bool flow_is_reused(const struct flow *flow, const struct packet *packet, enum side side);

/* Makes the flow start again from nothing, after telling of its end. */
void flow_restart(struct flows *f, struct flow *flow, const struct flow_lookup *lookup,
                  const struct packet *packet);

/* Exchanges client and server: the first bytes told better than the ports. */
void flow_swap_sides(struct flow *flow);

/* Ends flows that have been silent too long; looks at `steps` places. */
void flow_sweep(struct flows *f, int64_t now, uint32_t steps);
/* Ends all flows, in the order of their places. None is found any more, and none can be new. */
void flow_end_all(struct flows *f);

static inline const struct address *flow_address(const struct flow *flow, enum side side)
{
	return &flow->key.address[side == CLIENT ? flow->client : !flow->client];
}

static inline uint16_t flow_port(const struct flow *flow, enum side side)
{
	return flow->key.port[side == CLIENT ? flow->client : !flow->client];
}

/* Whether it runs inside AH or readable ESP: then the flow around it has the same bytes. */
bool flow_is_wrapped(const struct flow *flow);

/* The facts that a dissector and an event get of a flow. */
void flow_facts_fill(const struct flow *flow, struct flow_facts *facts);

#endif
