/* Waiting segments: a sorted list whose members never overlap.
 *
 * What comes later never replaces what came first (the policy of Windows, which the servers here
 * run): a new segment is cut into the pieces that are not there yet. */
#include "sensor/packet/segment.h"

#include "core/memory.h"

bool segments_open(struct segments *s, uint32_t count)
{
	s->count = count;
	s->at = memory_reserve((size_t)count * sizeof(*s->at));
	return s->at;
}

void segments_close(struct segments *s)
{
	memory_release(s->at, (size_t)s->count * sizeof(*s->at));
	s->at = NULL;
}

static uint32_t segment_take(struct segments *s)
{
	uint32_t place = s->free;

	if (place)
		s->free = s->at[place - 1].next;
	else if (s->fresh < s->count)
		place = ++s->fresh;
	return place;
}

static void segment_give(struct segments *s, uint32_t place)
{
	struct segment *segment = &s->at[place - 1];

	chain_free(s->blocks, &segment->bytes);
	segment->next = s->free;
	s->free = place;
}

/* Inserts a piece that overlaps nothing behind the segment `*link` comes from. */
static bool insert(struct segments *s, struct waiting *w, uint32_t *link, struct segment piece,
                   struct bytes bytes, bool keep)
{
	uint32_t place = segment_take(s);

	if (!place)
		return false;
	piece.bytes = (struct chain){0};
	piece.captured = (uint32_t)bytes.len;
	if (keep && !chain_append(s->blocks, &piece.bytes, bytes)) {
		s->at[place - 1].bytes = (struct chain){0};
		segment_give(s, place);
		return false;
	}
	piece.next = *link;
	s->at[place - 1] = piece;
	*link = place;
	w->count++;
	w->bytes += piece.bytes.len;
	return true;
}

/* Whether the bytes that both a waiting segment and a new one have are the same. */
static bool same_bytes(struct segments *s, const struct segment *old, const struct segment *new,
                       struct bytes bytes)
{
	size_t mark = arena_mark(s->scratch);
	struct bytes have = chain_view(s->blocks, &old->bytes, s->scratch);
	int32_t shift = sequence_distance(old->sequence, new->sequence);
	struct bytes ours = bytes_slice(bytes, shift < 0 ? (size_t)-shift : 0, have.len);
	struct bytes theirs = bytes_slice(have, shift > 0 ? (size_t)shift : 0, ours.len);
	size_t n = ours.len < theirs.len ? ours.len : theirs.len;
	bool same = !n || !memcmp(ours.at, theirs.at, n);

	arena_return(s->scratch, mark);
	return same;
}

bool waiting_add(struct segments *s, struct waiting *w, const struct segment *segment,
                 struct bytes bytes, bool keep)
{
	uint32_t *link = &w->first;
	uint32_t at = segment->sequence, end = segment->sequence + segment->length;

	while (sequence_distance(at, end) > 0) {
		bool more = *link; /* a waiting segment is left to compare with */
		struct segment *old = more ? &s->at[*link - 1] : NULL;
		uint32_t stop = end;

		if (more && sequence_distance(old->sequence + old->length, at) >= 0) {
			link = &old->next; /* lies wholly before what is left of the new one */
			continue;
		}
		if (more && sequence_distance(old->sequence, end) > 0) {
			if (!same_bytes(s, old, segment, bytes)) {
				w->conflict = true;
				count(s->counters, COUNTER_STREAM_OVERLAPS);
			}
			stop = old->sequence;
		}
		if (sequence_distance(at, stop) > 0) {
			struct segment piece = *segment;
			size_t from = at - segment->sequence;

			piece.sequence = at;
			piece.length = stop - at;
			if (!insert(s, w, link, piece, bytes_slice(bytes, from, piece.length),
			            keep))
				return false;
		}
		if (stop == end)
			break;
		at = old->sequence + old->length;
		link = &old->next;
	}
	return true;
}

struct segment *waiting_first(const struct segments *s, const struct waiting *w)
{
	return w->first ? &s->at[w->first - 1] : NULL;
}

void waiting_drop_first(struct segments *s, struct waiting *w)
{
	uint32_t place = w->first;
	struct segment *segment = &s->at[place - 1];

	w->first = segment->next;
	w->count--;
	w->bytes -= segment->bytes.len;
	segment_give(s, place);
}

void waiting_clear(struct segments *s, struct waiting *w)
{
	while (w->first)
		waiting_drop_first(s, w);
	*w = (struct waiting){0};
}
