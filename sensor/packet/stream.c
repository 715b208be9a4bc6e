/* The life of streams: from the first packet with data to the last word of the dissector. */
#include "core/memory.h"
#include "sensor/packet/stream_state.h"

#include <stdlib.h>

static struct stream *stream_at(const struct streams *s, uint32_t place)
{
	return (struct stream *)(s->memory + place * s->stride);
}

struct stream *stream_of(const struct streams *s, const struct flow *flow)
{
	return flow->stream == STREAM_NONE ? NULL : stream_at(s, flow->stream);
}

struct streams *streams_open(struct stream_limits limits, struct workbench *bench,
                             struct identifier *identifier)
{
	struct streams *s = calloc(1, sizeof(*s));
	size_t state = 0;

	if (!s)
		return NULL;
	for (const struct dissector *const *d = dissectors; *d; d++)
		if ((*d)->state_size > state)
			state = (*d)->state_size;
	s->limits = limits;
	s->bench = bench;
	s->identifier = identifier;
	s->stride = (sizeof(struct stream) + state + 63) & ~(size_t)63;
	s->memory = memory_reserve(s->stride * limits.streams);
	if (!s->memory || !segments_open(&s->segments, limits.segments)) {
		streams_close(s);
		return NULL;
	}
	s->segments.blocks = &bench->blocks;
	s->segments.scratch = &bench->scratch;
	s->segments.counters = bench->counters;
	return s;
}

void streams_close(struct streams *s)
{
	if (!s)
		return;
	memory_release(s->memory, s->stride * s->limits.streams);
	segments_close(&s->segments);
	free(s);
}

void stream_finish(struct streams *s, struct stream *st)
{
	if (st->dissector)
		st->dissector->end(&st->dissection);
	for (int side = CLIENT; side <= SERVER; side++) {
		chain_free(&s->bench->blocks, &st->side[side].left);
		waiting_clear(&s->segments, &st->side[side].waiting);
	}
	if (st->asked != IDENTIFY_NONE)
		st->flow->protocol = identifier_give_up(s->identifier, st->asked);
	if (!st->flow->protocol)
		count(s->bench->counters, COUNTER_FLOWS_UNDECIDED);
	if (st->dissector && st->flow->key.protocol == IP_PROTOCOL_TCP &&
	    (!st->flow->packets[CLIENT] || !st->flow->packets[SERVER]))
		count(s->bench->counters, COUNTER_FLOWS_ONE_SIDED);
	st->flow->carriage = st->dissection.carriage;
	st->flow->interest = FLOW_NO_INTEREST;
	st->flow->stream = STREAM_NONE;
	st->flow = NULL;
	st->next_free = s->free;
	s->free = (uint32_t)((size_t)((uint8_t *)st - s->memory) / s->stride) + 1;
}

static void close_side(struct stream *st, enum side side)
{
	struct stream_side *here = &st->side[side];

	if (!here->fin || here->closed || here->waiting.count || here->next != here->fin_at)
		return;
	here->closed = true;
	here->next++;
	if (st->dissector && !st->ended)
		st->dissector->closed(&st->dissection, side);
}

/* Where the two sides' streams begin, as far as this packet and the opening tell. */
static void find_place(struct stream *st, enum side side, const struct packet *packet)
{
	struct stream_side *here = &st->side[side], *other = &st->side[!side];
	bool acknowledges = packet->tcp_flags & TCP_ACK;

	if (!here->known) {
		here->next = other->acknowledges ? other->acknowledged : packet->tcp_sequence;
		here->known = true;
	}
	if (acknowledges && !other->known) {
		other->next = packet->tcp_acknowledgment;
		other->known = true;
	}
	if (!acknowledges)
		return;
	if (!here->acknowledges ||
	    sequence_distance(here->acknowledged, packet->tcp_acknowledgment) > 0)
		here->acknowledged = packet->tcp_acknowledgment;
	here->acknowledges = true;
}

/* Gives up the stream that was silent longest among a few, to make room. */
static void evict_one(struct streams *s)
{
	struct stream *oldest = NULL;

	for (int i = 0; i < 16; i++) {
		struct stream *st = stream_at(s, s->hand);

		s->hand = s->hand + 1 == s->limits.streams ? 0 : s->hand + 1;
		if (st->flow && (!oldest || st->flow->last_time < oldest->flow->last_time))
			oldest = st;
	}
	if (!oldest)
		return;
	count(s->bench->counters, COUNTER_FLOWS_STATE_REFUSED);
	stream_end(s, oldest->flow);
}

struct stream *stream_begin(struct streams *s, struct flow *flow)
{
	if (!s->free && s->fresh == s->limits.streams)
		evict_one(s);
	if (!s->free && s->fresh == s->limits.streams)
		return NULL;

	uint32_t place = s->free ? s->free - 1 : s->fresh++;
	struct stream *st = stream_at(s, place);

	if (s->free)
		s->free = st->next_free;
	*st = (struct stream){.flow = flow, .asked = IDENTIFY_NONE};
	flow->stream = place;
	st->side[CLIENT].known = flow->tcp & (SEEN_SYN | SEEN_SYN_ACK);
	st->side[SERVER].known = flow->tcp & SEEN_SYN_ACK;
	st->side[CLIENT].next = flow->initial[CLIENT];
	st->side[SERVER].next = flow->initial[SERVER];
	return st;
}

static bool has_room(const struct streams *s, const struct stream *st, uint32_t more)
{
	const struct waiting *client = &st->side[CLIENT].waiting;
	const struct waiting *server = &st->side[SERVER].waiting;

	return client->count + server->count < s->limits.flow_segments &&
	       client->bytes + server->bytes + more <= s->limits.flow_bytes;
}

/* Puts the bytes of one packet where they belong. */
static enum stream_outcome take_data(struct streams *s, struct stream *st, enum side side,
                                     const struct packet *packet)
{
	struct stream_side *here = &st->side[side];
	struct segment segment = {
	        .sequence = packet->tcp_sequence + !!(packet->tcp_flags & TCP_SYN),
	        .length = packet->payload_length,
	        .captured = (uint32_t)packet->payload.len,
	        .acknowledgment = packet->tcp_acknowledgment,
	        .acknowledges = packet->tcp_flags & TCP_ACK,
	        .time = packet->time,
	};
	int32_t ahead = sequence_distance(here->next, segment.sequence);
	bool skipped = st->dissection.skip[side] >= (uint64_t)ahead + segment.length;

	if (ahead < 0 && sequence_distance(segment.sequence + segment.length, here->next) >= 0)
		return STREAM_REPEATED;
	if (ahead <= 0 && !here->waiting.count && stream_cause_seen(st, side, &segment)) {
		stream_deliver(s, st, side, &segment, packet->payload);
		return skipped && ahead == 0 ? STREAM_SKIPPED : STREAM_DATA;
	}
	if (ahead > 0)
		count(s->bench->counters, COUNTER_STREAM_REORDERED);
	skipped = skipped && ahead >= 0;
	if (!has_room(s, st, skipped ? 0 : segment.length) ||
	    !waiting_add(&s->segments, &here->waiting, &segment, packet->payload, !skipped))
		return STREAM_OVER_CAP;
	return skipped ? STREAM_SKIPPED : STREAM_DATA;
}

static void ask_identifier(struct streams *s, struct stream *st, const struct packet *packet)
{
	const char *name = NULL;

	if (st->asked == IDENTIFY_NONE || !identifier_ask(s->identifier, st->asked, packet, &name))
		return;
	st->asked = IDENTIFY_NONE;
	st->flow->protocol = name;
	st->ended = true;
}

/* Both sides have said that they sent everything, and even this later packet did not bring what is
 * missing. */
static bool is_over(const struct flow *flow, const struct packet *packet)
{
	uint8_t both = SEEN_FIN_CLIENT | SEEN_FIN_SERVER;

	return (flow->tcp & both) == both && !(packet->tcp_flags & TCP_FIN);
}

/* What a side said last, the other has, and nothing waits behind it: it will never be seen. */
static void give_up_end(struct streams *s, struct stream *st, enum side side)
{
	struct stream_side *here = &st->side[side];
	int32_t missing = sequence_distance(here->next, here->fin_at);

	if (st->ended || !here->fin || here->waiting.count || missing <= 0 ||
	    sequence_distance(here->fin_at, st->side[!side].acknowledged) < 0)
		return;
	here->next = here->fin_at;
	stream_give_up(s, st, side, (uint32_t)missing);
}

enum stream_outcome stream_packet(struct streams *s, struct flow *flow, enum side side,
                                  const struct packet *packet)
{
	struct stream *st = stream_of(s, flow);
	enum stream_outcome outcome = STREAM_CONTROL;

	if (!st && packet->payload_length) {
		st = stream_begin(s, flow);
		if (!st) {
			count(s->bench->counters, COUNTER_FLOWS_STATE_REFUSED);
			flow->interest = FLOW_NO_INTEREST;
			return STREAM_NOT_WANTED;
		}
	}
	if (!st)
		return STREAM_CONTROL;
	if (st->dissector)
		stream_refresh_facts(st);
	find_place(st, side, packet);
	if (st->blocked_since)
		st->blocked_packets++;
	if (packet->payload_length)
		outcome = take_data(s, st, side, packet);
	if (st->swapped) {
		side = !side;
		st->swapped = false;
	}
	if (packet->tcp_flags & TCP_FIN && !st->side[side].fin) {
		st->side[side].fin = true;
		st->side[side].fin_at = packet->tcp_sequence + packet->payload_length;
	}
	if (st->blocked_since || st->side[CLIENT].waiting.count || st->side[SERVER].waiting.count)
		stream_drain(s, st, is_over(flow, packet));
	if (is_over(flow, packet)) {
		give_up_end(s, st, CLIENT);
		give_up_end(s, st, SERVER);
	}
	close_side(st, CLIENT);
	close_side(st, SERVER);
	if (packet->payload_length)
		ask_identifier(s, st, packet);
	if (!st->dissector && outcome == STREAM_DATA)
		outcome = STREAM_UNDECIDED;
	if (packet->tcp_flags & TCP_RST || (st->side[CLIENT].closed && st->side[SERVER].closed))
		stream_end(s, flow);
	else if (st->ended)
		stream_finish(s, st);
	return outcome;
}

void stream_end(struct streams *s, struct flow *flow)
{
	struct stream *st = stream_of(s, flow);

	if (!st)
		return;
	if (st->dissector)
		stream_refresh_facts(st);
	stream_drain(s, st, true);
	close_side(st, CLIENT);
	close_side(st, SERVER);
	stream_finish(s, st);
}
