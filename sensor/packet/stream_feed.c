/* Showing bytes and holes to dissectors, and finding the dissector that a stream belongs to. */
#include "sensor/packet/stream_state.h"

/* A probe that has not decided after so many bytes never will. */
#define PROBE_BYTES 64

/* Dissectors see the flow as it is now. */
void stream_refresh_facts(struct stream *st)
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
	stream_refresh_facts(st);
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
void stream_feed(struct streams *s, struct stream *st, enum side side, struct bytes in)
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
void stream_give_up(struct streams *s, struct stream *st, enum side side, uint64_t lost)
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
