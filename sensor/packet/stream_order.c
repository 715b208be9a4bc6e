/* Putting the segments of a stream in order.
 *
 * Each side has the sequence number it will say `next`. A segment is delivered when it begins there
 * and when everything it acknowledges has been delivered too. What cannot be delivered waits. A
 * hole is given up when its receiver acknowledged it (then the bytes were sent, and only the
 * capture lacks them) and a little patience is over, or when the flow ends. A hole that nobody
 * acknowledged is one for the receiver too: it reads nothing behind it, so neither do we. */
#include "sensor/packet/stream_state.h"

/* What this side had received of the other when it sent what is delivered now. */
static uint64_t answered(const struct stream *st, enum side side, uint32_t acknowledgment)
{
	const struct stream_side *other = &st->side[!side];
	int64_t behind = sequence_distance(acknowledgment, other->next);

	uint64_t here = other->offset + other->left.len;

	if (!other->known || behind > (int64_t)here)
		return OFFSET_UNKNOWN;
	return here - (uint64_t)behind;
}

/* Hands over a segment that begins at or before `next`. */
void stream_deliver(struct streams *s, struct stream *st, enum side side,
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
	stream_feed(s, st, side, bytes);
	if (swapped != st->swapped)
		side = !side;
	st->side[side].next += length;
	if (bytes.len == length || st->ended)
		return;
	if (segment->captured == segment->length)
		stream_pass(s, st, side, length - bytes.len);
	else
		stream_give_up(s, st, side, length - bytes.len);
}

/* All that a segment acknowledges has been delivered, or will never be seen. */
bool stream_cause_seen(const struct stream *st, enum side side, const struct segment *segment)
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
	    !stream_cause_seen(st, side, segment))
		return false;
	if (sequence_distance(segment->sequence + segment->length, st->side[side].next) < 0) {
		struct segment copy = *segment;
		bool swapped = st->swapped;

		stream_deliver(s, st, side, &copy,
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
		stream_give_up(s, st, side, (uint32_t)hole);
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
	stream_give_up(s, st, !side, (uint32_t)missing);
	return true;
}

/* Delivers all that can be delivered. */
void stream_drain(struct streams *s, struct stream *st, bool final)
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
