/* Showing bytes and holes to dissectors, and finding the dissector that a stream belongs to. */
#include "sensor/packet/stream_state.h"

/* A probe that has not decided after so many bytes never will. */
#define PROBE_BYTES 64

/* Dissectors see the flow as it is now: of its facts only these change from packet to packet. */
void stream_refresh_facts(struct stream *st)
{
	for (int side = CLIENT; side <= SERVER; side++) {
		st->facts.seen[side] = st->flow->packets[side] > 0;
		st->facts.bytes[side] = st->flow->bytes[side];
		st->facts.packets[side] = st->flow->packets[side];
		st->facts.conflict |= st->side[side].waiting.conflict;
	}
}

/* From now on what is known of this client may be out of date. */
static void tell_of_loss(struct stream *st)
{
	dissection_event(&st->dissection, EVENT_LOSS);
	dissection_emit(&st->dissection);
}

static void fill_facts(struct stream *st)
{
	bool lost[2] = {st->facts.lost[CLIENT], st->facts.lost[SERVER]};

	flow_facts_fill(st->flow, &st->facts);
	memcpy(st->facts.lost, lost, sizeof(lost));
	stream_refresh_facts(st);
}

void stream_attach(struct streams *s, struct stream *st, const struct dissector *dissector)
{
	st->dissector = dissector;
	st->flow->interest = FLOW_DISSECTED;
	st->flow->protocol = dissector->name;
	memset(st->state, 0, dissector->state_size);
	fill_facts(st);
	st->dissection =
	        (struct dissection){.bench = s->bench, .flow = &st->facts, .state = st->state};
	if (st->lost || st->flow->midstream)
		tell_of_loss(st);
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

/* One place where a message may begin. */
static enum likeness probe_here(struct stream *st, enum side *side, struct bytes in,
                                bool in_the_middle, const struct dissector **found)
{
	enum likeness likeness = probe_all(in, *side, found);

	if (likeness != NO || !in_the_middle || probe_all(in, !*side, found) != YES)
		return likeness;
	/* The other side's words in this side's mouth: the ports misled us. */
	swap_sides(st);
	*side = !*side;
	return YES;
}

/* Nobody here knows these bytes. */
static enum verdict not_known(struct streams *s, struct stream *st, enum side side, struct bytes in,
                              bool in_the_middle)
{
	st->flow->protocol = protocol_by_first_bytes(in, side);
	if (st->flow->protocol)
		return DONE;
	st->vain += (uint32_t)in.len;
	if (in_the_middle && st->vain < s->limits.undecided_bytes)
		return OK;
	if (s->identifier)
		st->asked = identifier_begin(s->identifier);
	if (st->asked == IDENTIFY_NONE)
		return DONE;
	count(s->bench->counters, COUNTER_FLOWS_NDPI);
	return OK;
}

/* Finds out what a stream carries by the bytes it begins with, or, where its beginning was not
 * seen, by those that begin one of its segments. */
static enum verdict identify(struct streams *s, struct stream *st, enum side *side, struct bytes in,
                             size_t *used)
{
	const struct dissector *found = NULL;
	bool in_the_middle = st->flow->midstream || st->lost;
	uint64_t starts = in_the_middle ? st->side[*side].starts : 1;

	for (; starts; starts &= starts - 1) {
		size_t at = (size_t)__builtin_ctzll(starts);
		struct bytes rest = bytes_slice(in, at, in.len);
		enum likeness likeness =
		        rest.len ? probe_here(st, side, rest, in_the_middle, &found) : NO;

		*used = at;
		if (likeness == MAYBE && rest.len < PROBE_BYTES)
			return MORE;
		if (found) {
			stream_attach(s, st, found);
			return OK;
		}
	}
	*used = in.len;
	return not_known(s, st, *side, in, in_the_middle);
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

		if (verdict != OK || !st->dissector || *used)
			return verdict;
	}
	st->dissection.offset[*side] = st->side[*side].offset;
	st->dissection.starts = st->side[*side].starts;
	return st->dissector->data(&st->dissection, *side, in, used);
}

/* The first `n` bytes of what is left are done with. */
static struct bytes consume(struct stream_side *here, struct bytes in, size_t n)
{
	here->offset += n;
	here->starts = n < 64 ? here->starts >> n : 0;
	return bytes_slice(in, n, in.len);
}

/* Takes what lies inside the stretch that nobody wants to see. */
static struct bytes pass_over(struct stream *st, enum side side, struct bytes in)
{
	uint64_t *skip = &st->dissection.skip[side];
	size_t n = *skip < in.len ? (size_t)*skip : in.len;

	*skip -= n;
	return consume(&st->side[side], in, n);
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

/* What was left and what is new, as one piece; empty when there is no room for it. */
static struct bytes join_left(struct streams *s, struct stream_side *here, struct bytes in)
{
	if (here->left.len < 64)
		here->starts |= UINT64_C(1) << here->left.len;
	if (!chain_append(&s->bench->blocks, &here->left, in))
		return (struct bytes){0};
	return chain_view(&s->bench->blocks, &here->left, &s->bench->scratch);
}

/* Gives bytes that are next in order to the dissector. */
void stream_feed(struct streams *s, struct stream *st, enum side side, struct bytes in)
{
	enum verdict verdict = OK;
	unsigned stuck = 0;

	if (!st->side[side].left.len)
		st->side[side].starts = 1;
	in = pass_over(st, side, in);
	if (!in.len)
		return;
	if (st->side[side].left.len) {
		in = join_left(s, &st->side[side], in);
		if (!in.len) {
			count(s->bench->counters, COUNTER_STREAM_LEFT_OVER_CAP);
			st->ended = true;
		}
	}
	while (in.len && !st->ended && verdict != MORE) {
		size_t before = in.len, used = 0;

		verdict = show(s, st, &side, in, &used);
		in = consume(&st->side[side], in, used);
		in = pass_over(st, side, in);
		/* A dissector that neither consumes nor skips would be asked forever. */
		stuck = in.len == before ? stuck + 1 : 0;
		st->ended = verdict == DONE || verdict == BAD || (verdict == OK && stuck > 2);
	}
	if (!st->ended && !keep_left(s, st, side, in))
		st->ended = true;
}

/* The dissector will not see the next bytes of a side. */
static void pass_hole(struct streams *s, struct stream *st, enum side side, uint64_t lost,
                      bool captured)
{
	struct stream_side *here = &st->side[side];
	uint64_t *skip = &st->dissection.skip[side];
	uint64_t skipped = *skip < lost ? *skip : lost;

	/* What we had and did not keep, because nobody wanted it, is no loss. */
	if (!captured || skipped != lost) {
		count(s->bench->counters, COUNTER_STREAM_GAPS);
		counter_add(s->bench->counters, COUNTER_STREAM_BYTES_LOST, lost);
	}
	*skip -= skipped;
	here->offset += lost;
	if (skipped == lost)
		return;
	if (!st->lost && st->dissector)
		tell_of_loss(st);
	st->lost = true;
	st->facts.lost[side] = true;
	chain_free(&s->bench->blocks, &here->left);
	if (st->dissector) {
		st->dissection.offset[side] = here->offset;
		st->dissector->gap(&st->dissection, side, lost - skipped);
	}
}

void stream_give_up(struct streams *s, struct stream *st, enum side side, uint64_t lost)
{
	pass_hole(s, st, side, lost, false);
}

void stream_pass(struct streams *s, struct stream *st, enum side side, uint64_t length)
{
	pass_hole(s, st, side, length, true);
}
