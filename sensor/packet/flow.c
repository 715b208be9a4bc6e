/* The flow table: look-up, ageing, and who is client. */
#include "sensor/packet/flow.h"

#include "core/memory.h"

/* How many places are compared when one must be given up. */
#define EVICTION_CANDIDATES 16

bool flows_open(struct flows *f, struct flow_limits limits, struct counters *counters)
{
	void *places = memory_reserve((size_t)limits.flows * sizeof(struct flow));

	*f = (struct flows){.limits = limits, .count = limits.flows, .counters = counters};
	if (!places)
		return false;
	f->flow = places;
	return table_open(&f->table, limits.flows);
}

void flows_close(struct flows *f)
{
	memory_release(f->flow, (size_t)f->count * sizeof(struct flow));
	table_close(&f->table);
	*f = (struct flows){0};
}

static uint64_t key_hash(const struct flow_key *key)
{
	struct flow_words w = flow_key_words(key);

	return hash_five(w.at);
}

static inline struct flow_end_point end_point(const struct address *a, uint16_t port)
{
	return (struct flow_end_point){address_half(a, 0), address_half(a, 1), port};
}

void flow_lookup(const struct packet *packet, struct flow_lookup *l)
{
	struct flow_end_point source = end_point(&packet->source, packet->source_port);
	struct flow_end_point destination =
	        end_point(&packet->destination, packet->destination_port);
	bool turned = flow_is_turned(source, destination);
	struct flow_words words = flow_words_of(source, destination, packet->protocol, turned);

	l->hash = hash_five(words.at);
	l->sender = turned;
	l->place = TABLE_NONE;
	memcpy(&l->key, &words, sizeof(words));
}

uint32_t flow_prefetch_place(const struct flows *f, uint64_t hash)
{
	uint32_t at = TABLE_NONE, place = table_next(&f->table, hash, &at);

	if (place != TABLE_NONE) {
		__builtin_prefetch(&f->flow[place]);
		__builtin_prefetch(&f->flow[place].bytes);
	}
	return place;
}

static void release(struct flows *f, struct flow *flow, enum flow_end why)
{
	static const enum counter counters[] = {
	        [FLOW_IDLE] = COUNTER_FLOWS_IDLE,
	        [FLOW_CLOSED] = COUNTER_FLOWS_CLOSED,
	        [FLOW_EVICTED] = COUNTER_FLOWS_EVICTED,
	};
	uint32_t place = (uint32_t)(flow - f->flow);
	uint64_t hash = key_hash(&flow->key);

	if (why != FLOW_FINISHED)
		table_prefetch(&f->table, hash);
	if (why <= FLOW_EVICTED)
		count(f->counters, counters[why]);
	f->ended(f->context, flow, why);
	if (why != FLOW_FINISHED)
		table_remove(&f->table, hash, place);
	flow->in_use = false;
	/* The link of the free list lies where a used place has its stream. */
	flow->stream = f->free;
	f->free = place + 1;
}

/* Nanoseconds of silence after which a flow is over. */
static int64_t patience(const struct flow_limits *limits, const struct flow *flow)
{
	uint8_t closed = SEEN_FIN_CLIENT | SEEN_FIN_SERVER;

	if (flow->key.protocol != IP_PROTOCOL_TCP)
		return limits->idle_datagram;
	if (flow->tcp & SEEN_RST || (flow->tcp & closed) == closed)
		return limits->idle_closed;
	if (flow->interest == FLOW_NO_INTEREST)
		return limits->idle_no_interest;
	if (flow->tcp & (SEEN_SYN | SEEN_SYN_ACK) && !(flow->tcp & SEEN_HANDSHAKE))
		return limits->idle_attempted;
	return limits->idle_established;
}

static bool was_closed(const struct flow *flow)
{
	return flow->tcp & (SEEN_RST | SEEN_FIN_CLIENT | SEEN_FIN_SERVER);
}

/* Which of two flows is the smaller loss. */
static bool rather(const struct flow *a, const struct flow *b)
{
	bool a_dead = a->interest == FLOW_NO_INTEREST, b_dead = b->interest == FLOW_NO_INTEREST;

	return a_dead != b_dead ? a_dead : a->last_time < b->last_time;
}

/* Gives up the least worthy of some flows behind the hand: that is nearly as good as a list of all
 * flows by age, which would cost three cache misses a packet to keep. */
static void evict_one(struct flows *f)
{
	struct flow *worst = NULL;

	for (uint32_t looked = 0, found = 0; looked < f->count && found < EVICTION_CANDIDATES;
	     looked++) {
		struct flow *flow = &f->flow[f->hand];

		f->hand = f->hand + 1 == f->count ? 0 : f->hand + 1;
		if (!flow->in_use)
			continue;
		found++;
		if (!worst || rather(flow, worst))
			worst = flow;
	}
	if (worst)
		release(f, worst, FLOW_EVICTED);
}

static struct flow *take_place(struct flows *f)
{
	uint32_t place;

	if (!f->free && f->fresh == f->count)
		evict_one(f);
	if (f->free) {
		place = f->free - 1;
		f->free = f->flow[place].stream;
	} else {
		place = f->fresh++;
	}
	return &f->flow[place];
}

/* Without the opening, ports are the best hint: a usual one, else the smaller one, is the server's.
 * Where they are equal, who is seen first. Of what has no ports the smaller address stands first,
 * so that a pair has one name wherever a capture begins. */
static bool sender_is_client(const struct packet *packet)
{
	enum layer layer = packet->protocol == IP_PROTOCOL_TCP ? OVER_TCP : OVER_UDP;
	bool to_usual = is_usual_port(layer, packet->destination_port);
	bool from_usual = is_usual_port(layer, packet->source_port);

	if (packet->protocol == IP_PROTOCOL_TCP && packet->tcp_flags & TCP_SYN)
		return !(packet->tcp_flags & TCP_ACK);
	if (packet->protocol != IP_PROTOCOL_TCP && packet->protocol != IP_PROTOCOL_UDP)
		return memcmp(packet->source.at, packet->destination.at,
		              sizeof(packet->source.at)) < 0;
	if (to_usual != from_usual)
		return to_usual;
	return packet->source_port >= packet->destination_port;
}

static void begin(struct flows *f, struct flow *flow, const struct flow_lookup *lookup,
                  const struct packet *packet)
{
	bool client_sends = sender_is_client(packet);
	bool tcp = packet->protocol == IP_PROTOCOL_TCP;

	*flow = (struct flow){
	        .key = lookup->key,
	        .first_time = packet->time,
	        .last_time = packet->time,
	        .in_use = true,
	        .client = client_sends ? lookup->sender : !lookup->sender,
	        .stream = STREAM_NONE,
	        .midstream = tcp && !(packet->tcp_flags & TCP_SYN),
	        .vlan = {packet->vlan[0], packet->vlan[1]},
	        .vlan_count = packet->vlan_count,
	        .tunnel_count = packet->tunnel_count,
	        .has_mac = packet->source_mac.len > 0,
	};
	memcpy(flow->tunnel, packet->tunnel, sizeof(flow->tunnel));
	if (flow->has_mac) {
		memcpy(flow->mac[client_sends ? CLIENT : SERVER], packet->source_mac.at, 6);
		memcpy(flow->mac[client_sends ? SERVER : CLIENT], packet->destination_mac.at, 6);
	}
	count(f->counters, COUNTER_FLOWS_CREATED);
	if (flow->midstream)
		count(f->counters, COUNTER_FLOWS_MIDSTREAM);
}

struct flow *flow_find(struct flows *f, const struct flow_lookup *lookup,
                       const struct packet *packet)
{
	uint32_t at = TABLE_NONE, place = lookup->place;

	/* Usually still the place that was found when it was brought nearer. */
	if (place != TABLE_NONE && f->flow[place].in_use &&
	    flow_key_equal(&f->flow[place].key, &lookup->key))
		return &f->flow[place];
	while ((place = table_next(&f->table, lookup->hash, &at)) != TABLE_NONE)
		if (flow_key_equal(&f->flow[place].key, &lookup->key))
			return &f->flow[place];

	struct flow *flow = take_place(f);

	begin(f, flow, lookup, packet);
	table_add(&f->table, lookup->hash, (uint32_t)(flow - f->flow));
	return flow;
}

static void follow_tcp(struct flow *flow, const struct packet *packet, enum side side)
{
	uint8_t flags = packet->tcp_flags;

	if (flags & TCP_SYN) {
		flow->tcp |= side == CLIENT ? SEEN_SYN : SEEN_SYN_ACK;
		flow->initial[side] = packet->tcp_sequence + 1;
		if (flags & TCP_ACK && !(flow->tcp & SEEN_SYN))
			flow->initial[CLIENT] = packet->tcp_acknowledgment;
	} else if (flags & TCP_ACK && !(flags & TCP_RST) && side == CLIENT) {
		flow->tcp |= SEEN_HANDSHAKE;
	}
	if (flags & TCP_FIN)
		flow->tcp |= side == CLIENT ? SEEN_FIN_CLIENT : SEEN_FIN_SERVER;
	if (flags & TCP_RST)
		flow->tcp |= SEEN_RST;
}

enum side flow_account(struct flow *flow, const struct flow_lookup *lookup,
                       const struct packet *packet)
{
	enum side side = flow_count(flow, lookup, packet->time, packet->wire_length);

	if (packet->protocol == IP_PROTOCOL_TCP)
		follow_tcp(flow, packet, side);
	return side;
}

bool flow_is_reused(const struct flow *flow, const struct packet *packet, enum side side)
{
	uint8_t opening = SEEN_SYN | SEEN_SYN_ACK;

	if (!(packet->tcp_flags & TCP_SYN) || packet->tcp_flags & TCP_ACK)
		return false;
	/* The same SYN again is a retransmission, and one that belongs to a SYN-ACK was captured
	 * late; another initial number is another connection. */
	return !(flow->tcp & opening) || side != CLIENT ||
	       flow->initial[CLIENT] != packet->tcp_sequence + 1;
}

void flow_restart(struct flows *f, struct flow *flow, const struct flow_lookup *lookup,
                  const struct packet *packet)
{
	f->ended(f->context, flow, FLOW_REUSED);
	begin(f, flow, lookup, packet);
}

void flow_swap_sides(struct flow *flow)
{
	struct flow was = *flow;

	flow->client = !flow->client;
	for (int side = CLIENT; side <= SERVER; side++) {
		flow->bytes[side] = was.bytes[!side];
		flow->packets[side] = was.packets[!side];
		flow->initial[side] = was.initial[!side];
		memcpy(flow->mac[side], was.mac[!side], 6);
	}
	flow->tcp &= (uint8_t) ~(SEEN_FIN_CLIENT | SEEN_FIN_SERVER);
	if (was.tcp & SEEN_FIN_CLIENT)
		flow->tcp |= SEEN_FIN_SERVER;
	if (was.tcp & SEEN_FIN_SERVER)
		flow->tcp |= SEEN_FIN_CLIENT;
}

void flow_sweep(struct flows *f, int64_t now, uint32_t steps)
{
	for (; steps && f->fresh; steps--) {
		struct flow *flow = &f->flow[f->hand];

		f->hand = f->hand + 1 >= f->fresh ? 0 : f->hand + 1;
		/* Looked at in the next call. */
		if (f->hand + 8 < f->fresh)
			__builtin_prefetch(&f->flow[f->hand + 8].last_time);
		if (flow->in_use && now - flow->last_time > patience(&f->limits, flow))
			release(f, flow, was_closed(flow) ? FLOW_CLOSED : FLOW_IDLE);
	}
}

void flow_end_all(struct flows *f)
{
	for (uint32_t place = 0; place < f->fresh; place++)
		if (f->flow[place].in_use)
			release(f, &f->flow[place], FLOW_FINISHED);
}

bool flow_is_wrapped(const struct flow *flow)
{
	for (uint8_t i = 0; i < flow->tunnel_count; i++)
		if (flow->tunnel[i] >= TUNNEL_AH)
			return true;
	return false;
}

/* How what the flow carries crosses the wire: by the innermost IPsec around it, if there is any. */
static const char *security_of(const struct flow *flow)
{
	/* These protect also where the IPsec around them does not. */
	if (flow->carriage == CARRIED_IN_TLS || (flow->protocol && !strcmp(flow->protocol, "tls")))
		return "tls";
	if (flow->carriage == CARRIED_IN_SMB)
		return "smb";
	if (flow->carriage == CARRIED_IN_RPC)
		return "rpc";
	if (flow->carriage == CARRIED_UNKNOWN)
		return NULL;
	for (uint8_t i = flow->tunnel_count; i; i--)
		if (flow->tunnel[i - 1] >= TUNNEL_AH)
			return flow->tunnel[i - 1] == TUNNEL_AH ? "ah" : "esp-null";
	switch (flow->key.protocol) {
	case IP_PROTOCOL_ESP:
	case IP_PROTOCOL_WESP:
		return "esp";
	case IP_PROTOCOL_AH:
		return "ah";
	default:
		return "cleartext";
	}
}

void flow_facts_fill(const struct flow *flow, struct flow_facts *facts)
{
	*facts = (struct flow_facts){
	        .transport = flow->key.protocol,
	        .midstream = flow->midstream,
	        .vlan_count = flow->vlan_count,
	        .vlan = {flow->vlan[0], flow->vlan[1]},
	        .tunnel_count = flow->tunnel_count,
	        .has_mac = flow->has_mac,
	        .security = security_of(flow),
	        .protocol = flow->protocol,
	        .first_time = flow->first_time,
	};
	memcpy(facts->tunnel, flow->tunnel, sizeof(facts->tunnel));
	memcpy(facts->mac, flow->mac, sizeof(facts->mac));
	for (int side = CLIENT; side <= SERVER; side++) {
		facts->address[side] = *flow_address(flow, (enum side)side);
		facts->port[side] = flow_port(flow, (enum side)side);
		facts->seen[side] = flow->packets[side] > 0;
		facts->bytes[side] = flow->bytes[side];
		facts->packets[side] = flow->packets[side];
	}
}
