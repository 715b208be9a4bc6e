/* Putting TCP segments in order, and telling dissectors of bytes and of holes.
 *
 * Each side has the sequence number it will say `next`. A segment is delivered when it begins there
 * and when everything it acknowledges has been delivered too. What cannot be delivered waits. A
 * hole is given up when its receiver acknowledged it (then the bytes were sent, and only the
 * capture lacks them) and a little patience is over, or when the flow ends. A hole that nobody
 * acknowledged is one for the receiver too: it reads nothing behind it, so neither do we. */
#include "sensor/packet/stream.h"

#include "sensor/packet/segment.h"

#include <stdlib.h>
#include <sys/mman.h>

/* A probe that has not decided after so many bytes never will. */
#define PROBE_BYTES 64

struct stream_side {
	uint32_t next;         /* sequence number of the next byte to deliver */
	uint32_t acknowledged; /* of the other side's bytes, the highest this side told */
	uint32_t fin_at;       /* where this side's bytes end, once `fin` */
	bool known, acknowledges, fin, closed;
	uint64_t offset;   /* bytes delivered or given up */
	struct chain left; /* delivered, but not consumed by the dissector */
	struct waiting waiting;
};

struct stream {
	struct stream_side side[2];
	struct flow *flow;
	const struct dissector *dissector; /* NULL while undecided */
	struct flow_facts facts;
	struct dissection dissection;
	bool ended, lost, swapped;
	uint32_t asked; /* place at the identifier */
	uint32_t vain;  /* segments that no probe knew */
	uint32_t blocked_packets;
	int64_t blocked_since; /* 0: nothing waits */
	uint32_t next_free;    /* + 1 */
	_Alignas(16) uint8_t state[];
};

struct streams {
	struct stream_limits limits;
	struct workbench *bench;
	struct identifier *identifier;
	struct segments segments;
	uint8_t *memory;
	size_t stride;
	uint32_t fresh, free, hand;
};

static struct stream *stream_at(const struct streams *s, uint32_t place)
{
	return (struct stream *)(s->memory + place * s->stride);
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
	s->memory = mmap(NULL, s->stride * limits.streams, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->memory == MAP_FAILED)
		s->memory = NULL;
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
	if (s->memory)
		munmap(s->memory, s->stride * s->limits.streams);
	segments_close(&s->segments);
	free(s);
}

/* The dissector has said its last word, or never will say one. */
static void finish(struct streams *s, struct stream *st)
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
	if (st->dissector && (!st->flow->packets[CLIENT] || !st->flow->packets[SERVER]))
		count(s->bench->counters, COUNTER_FLOWS_ONE_SIDED);
	st->flow->interest = FLOW_NO_INTEREST;
	st->flow->stream = STREAM_NONE;
	st->flow = NULL;
	st->next_free = s->free;
	s->free = (uint32_t)((size_t)((uint8_t *)st - s->memory) / s->stride) + 1;
}

/* Dissectors see the flow as it is now. */
static void refresh_facts(struct stream *st)
{
	bool lost[2] = {st->facts.lost[CLIENT], st->facts.lost[SERVER]};
	bool conflict = st->facts.conflict || st->side[CLIENT].waiting.conflict ||
	                st->side[SERVER].waiting.conflict;

	flow_facts_fill(st->flow, &st->facts);
	memcpy(st->facts.lost, lost, sizeof(lost));
	st->facts.conflict = conflict;
}

static void attach(struct streams *s, struct stream *st, const struct dissector *dissector)
{
	st->dissector = dissector;
	st->flow->interest = FLOW_DISSECTED;
	st->flow->protocol = dissector->name;
	memset(st->state, 0, dissector->state_size);
	refresh_facts(st);
	st->dissection =
	        (struct dissection){.bench = s->bench, .flow = &st->facts, .state = st->state};
}

static void swap_sides(struct stream *st)
{
	struct stream_side was = st->side[CLIENT];

	st->side[CLIENT] = st->side[SERVER];
	st->side[SERVER] = was;
	st->swapped = !st->swapped;
	flow_swap_sides(st->flow);
}

/* Asks all probes about the first bytes of a side. */
static enum likeness probe_all(struct bytes in, enum side side, const struct dissector **found)
{
	enum likeness best = NO;

	for (const struct dissector *const *d = dissectors; *d; d++) {
		enum likeness likeness = (*d)->layer == OVER_TCP ? (*d)->probe(in, side) : NO;

		if (likeness == YES)
			*found = *d;
		if (likeness > best)
			best = likeness;
	}
	return best;
}

/* Finds out what a stream carries by the bytes it begins with, or, where its beginning was not
 * seen, by those that begin one of its segments. */
static enum verdict identify(struct streams *s, struct stream *st, enum side *side, struct bytes in,
                             size_t *used)
{
	const struct dissector *found = NULL;
	bool in_the_middle = st->flow->midstream || st->lost;
	enum likeness likeness = probe_all(in, *side, &found);

	*used = 0;
	if (likeness == MAYBE && in.len < PROBE_BYTES)
		return MORE;
	if (!found && in_the_middle && probe_all(in, !*side, &found) == YES) {
		swap_sides(st);
		*side = !*side;
	}
	if (found) {
		attach(s, st, found);
		return OK;
	}
	*used = in.len;
	st->flow->protocol = protocol_by_first_bytes(in, *side);
	if (st->flow->protocol)
		return DONE;
	if (in_the_middle && ++st->vain < s->limits.undecided_segments)
		return OK;
	if (s->identifier)
		st->asked = identifier_begin(s->identifier);
	if (st->asked == IDENTIFY_NONE)
		return DONE;
	count(s->bench->counters, COUNTER_FLOWS_NDPI);
	return OK;
}

/* What this side had received of the other when it sent what is delivered now. */
static uint64_t answered(const struct stream *st, enum side side, uint32_t acknowledgment)
{
	const struct stream_side *other = &st->side[!side];
	int64_t behind = sequence_distance(acknowledgment, other->next);

	if (!other->known || behind > (int64_t)other->offset)
		return OFFSET_UNKNOWN;
	return other->offset - (uint64_t)behind;
}

static enum verdict show(struct streams *s, struct stream *st, enum side *side, struct bytes in,
                         size_t *used)
{
	if (st->asked != IDENTIFY_NONE) {
		*used = in.len;
		return OK;
	}
	if (!st->dissector) {
		enum verdict verdict = identify(s, st, side, in, used);

		if (verdict != OK || !st->dissector)
			return verdict;
	}
	st->dissection.offset[*side] = st->side[*side].offset;
	return st->dissector->data(&st->dissection, *side, in, used);
}

/* Takes what lies inside the stretch that nobody wants to see. */
static struct bytes pass_over(struct stream *st, enum side side, struct bytes in)
{
	uint64_t *skip = &st->dissection.skip[side];
	size_t n = *skip < in.len ? (size_t)*skip : in.len;

	*skip -= n;
	st->side[side].offset += n;
	return bytes_slice(in, n, in.len);
}

/* Keeps what the dissector did not consume for when more comes. */
static bool keep_left(struct streams *s, struct stream *st, enum side side, struct bytes rest)
{
	struct chain *left = &st->side[side].left;
	struct chain kept = {0};

	if (rest.len == left->len)
		return true;
	if (rest.len > s->limits.message_part || !chain_append(&s->bench->blocks, &kept, rest)) {
		count(s->bench->counters, COUNTER_STREAM_LEFT_OVER_CAP);
		return false;
	}
	chain_free(&s->bench->blocks, left);
	*left = kept;
	return true;
}

/* Gives bytes that are next in order to the dissector. */
static void feed(struct streams *s, struct stream *st, enum side side, struct bytes in)
{
	struct stream_side *here = &st->side[side];

	in = pass_over(st, side, in);
	if (!in.len)
		return;
	if (here->left.len) {
		if (!chain_append(&s->bench->blocks, &here->left, in)) {
			count(s->bench->counters, COUNTER_STREAM_LEFT_OVER_CAP);
			st->ended = true;
			return;
		}
		in = chain_view(&s->bench->blocks, &here->left, &s->bench->scratch);
	}
	while (in.len && !st->ended) {
		size_t used = 0;
		enum verdict verdict = show(s, st, &side, in, &used);

		here = &st->side[side];
		here->offset += used;
		in = bytes_slice(in, used, in.len);
		if (verdict == DONE || verdict == BAD)
			st->ended = true;
		if (verdict == MORE)
			break;

		size_t before = in.len;

		in = pass_over(st, side, in);
		/* A dissector that neither consumes nor skips would be asked forever. */
		if (verdict == OK && !used && before == in.len && st->dissector)
			st->ended |= ++st->vain > 1;
		else
			st->vain = 0;
	}
	if (!st->ended && !keep_left(s, st, side, in))
		st->ended = true;
}

/* `lost` bytes of a side will never be seen. */
static void give_up(struct streams *s, struct stream *st, enum side side, uint64_t lost)
{
	struct stream_side *here = &st->side[side];
	uint64_t *skip = &st->dissection.skip[side];
	uint64_t skipped = *skip < lost ? *skip : lost;

	count(s->bench->counters, COUNTER_STREAM_GAPS);
	counter_add(s->bench->counters, COUNTER_STREAM_BYTES_LOST, lost);
	*skip -= skipped;
	here->offset += lost;
	if (skipped == lost)
		return;
	st->lost = true;
	st->facts.lost[side] = true;
	chain_free(&s->bench->blocks, &here->left);
	if (st->dissector) {
		st->dissection.offset[side] = here->offset;
		st->dissector->gap(&st->dissection, side, lost - skipped);
	}
}

/* Hands over a segment that begins at or before `next`. */
static void deliver(struct streams *s, struct stream *st, enum side side,
                    const struct segment *segment, struct bytes bytes)
{
	struct stream_side *here = &st->side[side], *other = &st->side[!side];
	uint32_t known = (uint32_t)sequence_distance(segment->sequence, here->next);
	uint32_t length = segment->length - known;
	bool swapped = st->swapped;

	bytes = bytes_slice(bytes, known, bytes.len);
	if (bytes.len > length)
		bytes.len = length;
	/* Where the other direction is not captured at all, its bytes are passed over in silence.
	 */
	if (segment->acknowledges && other->known &&
	    sequence_distance(other->next, segment->acknowledgment) > 0) {
		other->offset += (uint32_t)sequence_distance(other->next, segment->acknowledgment);
		other->next = segment->acknowledgment;
	}
	st->dissection.answered[side] = segment->acknowledges
	                                        ? answered(st, side, segment->acknowledgment)
	                                        : OFFSET_UNKNOWN;
	feed(s, st, side, bytes);
	if (swapped != st->swapped)
		side = !side;
	st->side[side].next += length;
	if (bytes.len < length && !st->ended)
		give_up(s, st, side, length - bytes.len);
}

/* All that a segment acknowledges has been delivered, or will never be seen. */
static bool cause_seen(const struct stream *st, enum side side, const struct segment *segment)
{
	const struct stream_side *other = &st->side[!side];

	return !segment->acknowledges || !other->known || !st->flow->packets[!side] ||
	       sequence_distance(other->next, segment->acknowledgment) <= 0;
}

/* Delivers the first waiting segment of a side, if its turn has come. */
static bool take_turn(struct streams *s, struct stream *st, enum side side)
{
	struct waiting *waiting = &st->side[side].waiting;
	struct segment *segment = waiting_first(&s->segments, waiting);

	if (!segment || sequence_distance(st->side[side].next, segment->sequence) > 0 ||
	    !cause_seen(st, side, segment))
		return false;
	if (sequence_distance(segment->sequence + segment->length, st->side[side].next) < 0) {
		struct segment copy = *segment;
		bool swapped = st->swapped;

		deliver(s, st, side, &copy,
		        chain_view(&s->bench->blocks, &segment->bytes, &s->bench->scratch));
		if (swapped != st->swapped)
			waiting = &st->side[!side].waiting;
	}
	waiting_drop_first(&s->segments, waiting);
	return true;
}

/* The receiver has what is missing before a waiting segment: only the capture lacks it. */
static bool hole_acknowledged(const struct stream *st, enum side side,
                              const struct segment *segment)
{
	const struct stream_side *other = &st->side[!side];

	return other->acknowledges &&
	       sequence_distance(segment->sequence, other->acknowledged) >= 0;
}

static bool patience_is_over(const struct streams *s, const struct stream *st, enum side side,
                             const struct segment *segment)
{
	int64_t waited = s->bench->now - st->blocked_since;
	bool hole = sequence_distance(st->side[side].next, segment->sequence) > 0;

	if (hole && !hole_acknowledged(st, side, segment))
		return waited > s->limits.hole_patience;
	return waited > s->limits.acknowledged_patience ||
	       st->blocked_packets > s->limits.acknowledged_packets;
}

/* Gives up what keeps the older of the two sides' first segments waiting. */
static bool force(struct streams *s, struct stream *st, bool final)
{
	struct segment *client = waiting_first(&s->segments, &st->side[CLIENT].waiting);
	struct segment *server = waiting_first(&s->segments, &st->side[SERVER].waiting);
	enum side side = !client || (server && server->time < client->time) ? SERVER : CLIENT;
	struct segment *segment = side == CLIENT ? client : server;

	if (!segment || (!final && !patience_is_over(s, st, side, segment)))
		return false;

	struct stream_side *here = &st->side[side], *other = &st->side[!side];
	int32_t hole = sequence_distance(here->next, segment->sequence);

	if (hole > 0 && !final && st->flow->packets[!side] &&
	    !hole_acknowledged(st, side, segment)) {
		count(s->bench->counters, COUNTER_STREAM_SEGMENTS_DROPPED);
		waiting_drop_first(&s->segments, &here->waiting);
		return true;
	}
	if (hole > 0) {
		here->next = segment->sequence;
		give_up(s, st, side, (uint32_t)hole);
		return true;
	}

	struct segment *behind = waiting_first(&s->segments, &other->waiting);
	int32_t missing = sequence_distance(other->next, segment->acknowledgment);

	if (behind && sequence_distance(other->next, behind->sequence) < missing)
		missing = sequence_distance(other->next, behind->sequence);
	/* The end of a stream takes a sequence number too, but no byte. */
	if (other->fin && sequence_distance(other->fin_at, other->next + (uint32_t)missing) > 0)
		missing--;
	if (missing <= 0) {
		waiting_drop_first(&s->segments, &here->waiting);
		return true;
	}
	other->next += (uint32_t)missing;
	give_up(s, st, !side, (uint32_t)missing);
	return true;
}

/* Delivers all that can be delivered. */
static void drain(struct streams *s, struct stream *st, bool final)
{
	if (!st->blocked_since)
		st->blocked_since = s->bench->now;
	while (!st->ended) {
		bool progress = take_turn(s, st, CLIENT);

		progress = !st->ended && (take_turn(s, st, SERVER) || progress);
		if (!progress && !force(s, st, final))
			break;
		st->blocked_packets = 0;
		st->blocked_since = s->bench->now;
	}
	if (!st->side[CLIENT].waiting.count && !st->side[SERVER].waiting.count)
		st->blocked_since = 0;
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

static struct stream *stream_begin(struct streams *s, struct flow *flow)
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
	        .acknowledgment = packet->tcp_acknowledgment,
	        .acknowledges = packet->tcp_flags & TCP_ACK,
	        .time = packet->time,
	};
	int32_t ahead = sequence_distance(here->next, segment.sequence);
	bool skipped = st->dissection.skip[side] >= (uint64_t)ahead + segment.length;

	if (ahead < 0 && sequence_distance(segment.sequence + segment.length, here->next) >= 0)
		return STREAM_REPEATED;
	if (ahead <= 0 && !here->waiting.count && cause_seen(st, side, &segment)) {
		deliver(s, st, side, &segment, packet->payload);
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

enum stream_outcome stream_packet(struct streams *s, struct flow *flow, enum side side,
                                  const struct packet *packet)
{
	struct stream *st = flow->stream == STREAM_NONE ? NULL : stream_at(s, flow->stream);
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
		refresh_facts(st);
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
		drain(s, st, false);
	close_side(st, CLIENT);
	close_side(st, SERVER);
	if (packet->payload_length)
		ask_identifier(s, st, packet);
	if (!st->dissector && outcome == STREAM_DATA)
		outcome = STREAM_UNDECIDED;
	if (packet->tcp_flags & TCP_RST || (st->side[CLIENT].closed && st->side[SERVER].closed))
		stream_end(s, flow);
	else if (st->ended)
		finish(s, st);
	return outcome;
}

void stream_end(struct streams *s, struct flow *flow)
{
	struct stream *st = flow->stream == STREAM_NONE ? NULL : stream_at(s, flow->stream);

	if (!st)
		return;
	if (st->dissector)
		refresh_facts(st);
	drain(s, st, true);
	close_side(st, CLIENT);
	close_side(st, SERVER);
	finish(s, st);
}
