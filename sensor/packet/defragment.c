/* Reassembly of IP datagrams (RFC 791, 3.2; RFC 8200, 4.5).
 *
 *     datagram    0 ........ 1480 ........ 2960 ... 4000
 *     pieces      [ chain 7 ][ chain 2    ]         |            sorted, never overlapping
 *                                         hole      total, once the last fragment was seen
 *
 * Bytes that came first stay. A fragment with other bytes at the same place is refused; in IPv6 any
 * overlap gives up the datagram and whatever of it still comes (RFC 5722). Repeated fragments are
 * normal where a mirror sees a packet twice, and change nothing.
 *
 * Datagrams stand in a list by age. When there is no room, the oldest goes. The thread of the
 * decoder owns all of it. */
#include "sensor/packet/defragment.h"

#include "core/hash.h"
#include "core/memory.h"
#include "core/table.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX

/* The share of the block pool that fragments may take, so that they cannot starve TCP streams. */
#define POOL_SHARE 4

struct piece {
	uint16_t offset, length;
	struct chain bytes;
};

struct datagram {
	struct fragment_key key;
	uint64_t hash;
	int64_t started;
	uint32_t older, newer; /* neighbours by age; `newer` also links those given back */
	uint32_t total;        /* 0 until the last fragment was seen */
	uint32_t held;         /* bytes in all pieces */
	uint16_t count;        /* of pieces */
	uint8_t protocol;      /* of the fragment at offset 0 */
	bool refused;          /* an overlap ended it; it stays to refuse what still comes */
	struct piece piece[FRAGMENTS_PER_DATAGRAM];
};

struct defragmenter {
	struct datagram *datagram;
	struct table table;
	uint32_t oldest, newest;
	uint32_t count, fresh, free; /* places, never used yet, head of those given back */
	uint32_t blocks_used, blocks_max;
	int64_t timeout;
	struct blocks *blocks;
	struct arena *scratch;
	struct counters *counters;
	struct fault_report report;
};

static size_t reserved(const struct defragmenter *d)
{
	return (d->count ? d->count : 1) * sizeof(*d->datagram);
}

struct defragmenter *defragmenter_open(unsigned datagrams, int64_t timeout, struct blocks *blocks,
                                       struct arena *scratch, struct counters *counters)
{
	struct defragmenter *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	*d = (struct defragmenter){
	        .count = datagrams,
	        .oldest = NOBODY,
	        .newest = NOBODY,
	        .free = NOBODY,
	        .blocks_max = blocks->count / POOL_SHARE,
	        .timeout = timeout,
	        .blocks = blocks,
	        .scratch = scratch,
	        .counters = counters,
	};
	/* Touched only as far as it is used. */
	d->datagram = memory_reserve(reserved(d));
	if (d->datagram && table_open(&d->table, datagrams ? datagrams : 1))
		return d;
	memory_release(d->datagram, reserved(d));
	free(d);
	return NULL;
}

void defragmenter_report(struct defragmenter *d, struct fault_report report)
{
	d->report = report;
}

static void tell_fault(const struct defragmenter *d, const struct fragment_key *key)
{
	if (d->report.tell)
		d->report.tell(d->report.context, FAULT_FRAGMENT, key->source, key->destination);
}

static uint32_t blocks_for(size_t length)
{
	return (uint32_t)((length + BLOCK_SIZE - 1) / BLOCK_SIZE);
}

static void pieces_free(struct defragmenter *d, struct datagram *g)
{
	for (unsigned i = 0; i < g->count; i++) {
		d->blocks_used -= blocks_for(g->piece[i].length);
		chain_free(d->blocks, &g->piece[i].bytes);
	}
	g->count = 0;
	g->held = 0;
}

static void datagram_drop(struct defragmenter *d, uint32_t which)
{
	struct datagram *g = &d->datagram[which];

	pieces_free(d, g);
	table_remove(&d->table, g->hash, which);
	if (g->older == NOBODY)
		d->oldest = g->newer;
	else
		d->datagram[g->older].newer = g->newer;
	if (g->newer == NOBODY)
		d->newest = g->older;
	else
		d->datagram[g->newer].older = g->older;
	g->newer = d->free;
	d->free = which;
}

void defragmenter_close(struct defragmenter *d)
{
	if (!d)
		return;
	while (d->oldest != NOBODY)
		datagram_drop(d, d->oldest);
	table_close(&d->table);
	memory_release(d->datagram, reserved(d));
	free(d);
}

/* Packet time may step back, by much where another capture begins: both ways count as waiting. */
static bool datagram_expired(const struct defragmenter *d, const struct datagram *g, int64_t now)
{
	uint64_t age = now >= g->started ? (uint64_t)now - (uint64_t)g->started
	                                 : (uint64_t)g->started - (uint64_t)now;

	return age > (uint64_t)d->timeout;
}

static void datagram_expire(struct defragmenter *d, uint32_t which)
{
	const struct datagram *g = &d->datagram[which];

	/* One that an overlap ended was told of then. */
	if (!g->refused)
		tell_fault(d, &g->key);
	count(d->counters, COUNTER_FRAGMENTS_EXPIRED);
	datagram_drop(d, which);
}

void defragmenter_expire(struct defragmenter *d, int64_t now)
{
	while (d->oldest != NOBODY && datagram_expired(d, &d->datagram[d->oldest], now))
		datagram_expire(d, d->oldest);
}

static uint32_t datagram_find(const struct defragmenter *d, const struct fragment_key *key,
                              uint64_t hash)
{
	uint32_t at = TABLE_NONE, which;

	do
		which = table_next(&d->table, hash, &at);
	while (which != TABLE_NONE && memcmp(&d->datagram[which].key, key, sizeof(*key)) != 0);
	return which;
}

/* Gives up the oldest datagram because there are more than we have places for. That is our limit
 * and says nothing about it, except where what pushes it out goes to the same target: that target
 * is then sent more unfinished datagrams than any table holds. */
static void datagram_evict_oldest(struct defragmenter *d, const struct fragment_key *newer)
{
	const struct fragment_key *key = &d->datagram[d->oldest].key;

	count(d->counters, COUNTER_FRAGMENTS_EVICTED);
	if (address_equal(key->destination, newer->destination))
		tell_fault(d, key);
	datagram_drop(d, d->oldest);
}

static uint32_t datagram_create(struct defragmenter *d, const struct fragment *fragment,
                                uint64_t hash)
{
	uint32_t which;

	if (d->free == NOBODY && d->fresh < d->count) {
		d->datagram[d->fresh].newer = NOBODY;
		d->free = d->fresh++;
	}
	if (d->free == NOBODY && d->oldest != NOBODY)
		datagram_evict_oldest(d, &fragment->key);
	which = d->free;
	if (which == NOBODY || !table_add(&d->table, hash, which))
		return NOBODY;

	struct datagram *g = &d->datagram[which];

	d->free = g->newer;
	g->key = fragment->key;
	g->hash = hash;
	g->started = fragment->time;
	g->total = 0;
	g->protocol = 0;
	g->refused = false;
	g->older = d->newest;
	g->newer = NOBODY;
	if (d->newest == NOBODY)
		d->oldest = which;
	else
		d->datagram[d->newest].newer = which;
	d->newest = which;
	return which;
}

/* Gives up the oldest datagram but `keep`; false when there is no other. The pool of blocks may be
 * full of anything: nobody is told to have broken a datagram. */
static bool make_room(struct defragmenter *d, uint32_t keep)
{
	uint32_t which = d->oldest;

	if (which == keep)
		which = d->datagram[keep].newer;
	if (which == NOBODY)
		return false;
	count(d->counters, COUNTER_FRAGMENTS_EVICTED);
	datagram_drop(d, which);
	return true;
}

static uint32_t piece_end(const struct piece *p)
{
	return (uint32_t)p->offset + p->length;
}

/* Puts bytes into a hole, as piece number `place`. */
static bool piece_insert(struct defragmenter *d, uint32_t which, unsigned place, uint32_t offset,
                         struct bytes bytes)
{
	struct datagram *g = &d->datagram[which];
	struct piece piece = {.offset = (uint16_t)offset, .length = (uint16_t)bytes.len};
	uint32_t wanted = blocks_for(bytes.len);

	if (g->count == FRAGMENTS_PER_DATAGRAM || wanted > d->blocks_max)
		return false;
	while (d->blocks_used > d->blocks_max - wanted ||
	       !chain_append(d->blocks, &piece.bytes, bytes))
		if (!make_room(d, which))
			return false;
	d->blocks_used += wanted;
	memmove(&g->piece[place + 1], &g->piece[place], (g->count - place) * sizeof(*g->piece));
	g->piece[place] = piece;
	g->count++;
	g->held += piece.length;
	return true;
}

/* Puts what is new of a fragment into the holes. */
static bool pieces_fill(struct defragmenter *d, uint32_t which, const struct fragment *fragment)
{
	struct datagram *g = &d->datagram[which];
	uint32_t at = fragment->offset, end = at + (uint32_t)fragment->data.len;
	unsigned i = g->count;

	/* Usually fragments come in order, and this walks over none. */
	while (i && piece_end(&g->piece[i - 1]) > at)
		i--;
	while (at < end) {
		uint32_t hole_end =
		        i < g->count && g->piece[i].offset < end ? g->piece[i].offset : end;

		if (at < hole_end) {
			struct bytes part =
			        bytes_slice(fragment->data, at - fragment->offset, hole_end - at);

			if (!piece_insert(d, which, i, at, part))
				return false;
			i++;
		}
		if (i == g->count)
			break;
		at = piece_end(&g->piece[i++]);
	}
	return true;
}

enum overlap { OVERLAP_NONE, OVERLAP_SAME_FRAGMENT, OVERLAP_SAME_BYTES, OVERLAP_OTHER_BYTES };

static bool piece_agrees(struct defragmenter *d, const struct piece *piece,
                         const struct fragment *fragment)
{
	uint32_t end = fragment->offset + (uint32_t)fragment->data.len;
	uint32_t from = piece->offset > fragment->offset ? piece->offset : fragment->offset;
	uint32_t to = piece_end(piece) < end ? piece_end(piece) : end;
	size_t mark = arena_mark(d->scratch);
	struct bytes held = chain_view(d->blocks, &piece->bytes, d->scratch);
	bool agrees = bytes_equal(bytes_slice(held, from - piece->offset, to - from),
	                          bytes_slice(fragment->data, from - fragment->offset, to - from));

	arena_return(d->scratch, mark);
	return agrees;
}

static enum overlap fragment_overlap(struct defragmenter *d, const struct datagram *g,
                                     const struct fragment *fragment)
{
	uint32_t end = fragment->offset + (uint32_t)fragment->data.len;
	enum overlap overlap = OVERLAP_NONE;

	for (unsigned i = g->count; i-- > 0 && piece_end(&g->piece[i]) > fragment->offset;) {
		const struct piece *piece = &g->piece[i];

		if (piece->offset >= end)
			continue;
		if (!piece_agrees(d, piece, fragment))
			return OVERLAP_OTHER_BYTES;
		overlap = piece->offset == fragment->offset && piece_end(piece) == end
		                  ? OVERLAP_SAME_FRAGMENT
		                  : OVERLAP_SAME_BYTES;
	}
	return overlap;
}

/* Whether the fragment fits what is known of where the datagram ends. */
static bool fragment_end_fits(const struct datagram *g, const struct fragment *fragment)
{
	uint32_t end = fragment->offset + (uint32_t)fragment->data.len;
	uint32_t held_end = g->count ? piece_end(&g->piece[g->count - 1]) : 0;

	if (fragment->more)
		return !g->total || end <= g->total;
	return g->total ? end == g->total : end >= held_end;
}

static bool datagram_join(struct defragmenter *d, const struct datagram *g,
                          struct datagram_view *whole)
{
	uint8_t *joined = arena_alloc(d->scratch, g->total);

	if (!joined)
		return false;
	for (unsigned i = 0; i < g->count; i++) {
		size_t mark = arena_mark(d->scratch);
		struct bytes part = chain_view(d->blocks, &g->piece[i].bytes, d->scratch);

		if (part.len != g->piece[i].length)
			return false;
		memcpy(&joined[g->piece[i].offset], part.at, part.len);
		arena_return(d->scratch, mark);
	}
	*whole = (struct datagram_view){{joined, g->total}, g->protocol};
	return true;
}

/* A contradiction costs an IPv4 datagram only this fragment, an IPv6 one all (RFC 5722). */
static enum counter fragment_refuse(struct defragmenter *d, struct datagram *g)
{
	tell_fault(d, &g->key);
	if (g->key.version == 6) {
		g->refused = true;
		pieces_free(d, g);
	}
	return COUNTER_MALFORMED_FRAGMENT;
}

static enum counter datagram_add(struct defragmenter *d, uint32_t which,
                                 const struct fragment *fragment, struct datagram_view *whole)
{
	struct datagram *g = &d->datagram[which];

	if (g->refused || !fragment_end_fits(g, fragment))
		return fragment_refuse(d, g);

	enum overlap overlap = fragment_overlap(d, g, fragment);
	uint32_t held = g->held;

	if (overlap == OVERLAP_SAME_BYTES || overlap == OVERLAP_OTHER_BYTES) {
		count(d->counters, COUNTER_FRAGMENTS_OVERLAPPING);
		if (overlap == OVERLAP_OTHER_BYTES || g->key.version == 6)
			return fragment_refuse(d, g);
	}
	if (!fragment->more)
		g->total = fragment->offset + (uint32_t)fragment->data.len;
	if (!fragment->offset)
		g->protocol = fragment->protocol;
	/* Without this fragment the datagram can never be whole. */
	if (overlap != OVERLAP_SAME_FRAGMENT && !pieces_fill(d, which, fragment)) {
		datagram_drop(d, which);
		return COUNTER_OVER_CAP_FRAGMENTS;
	}
	if (g->held != g->total)
		return g->held > held ? COUNTER_DISSECTED_FRAGMENT : COUNTER_DISSECTED_REPEATED;

	bool joined = datagram_join(d, g, whole);

	datagram_drop(d, which);
	if (!joined)
		return COUNTER_OVER_CAP_FRAGMENTS;
	count(d->counters, COUNTER_FRAGMENTS_COMPLETED);
	return COUNTER_FRAGMENTS_COMPLETED;
}

enum counter defragment(struct defragmenter *d, const struct fragment *fragment,
                        struct datagram_view *whole)
{
	struct bytes key = {(const uint8_t *)&fragment->key, sizeof(fragment->key)};
	uint64_t hash = hash_bytes(key);

	if (!fragment->data.len || fragment->data.len > DATAGRAM_MAX ||
	    fragment->offset + fragment->data.len > DATAGRAM_MAX ||
	    (fragment->more && fragment->data.len % 8))
		return COUNTER_MALFORMED_FRAGMENT;
	defragmenter_expire(d, fragment->time);

	uint32_t which = datagram_find(d, &fragment->key, hash);

	if (which != TABLE_NONE && datagram_expired(d, &d->datagram[which], fragment->time)) {
		datagram_expire(d, which);
		which = TABLE_NONE;
	}
	if (which == TABLE_NONE)
		which = datagram_create(d, fragment, hash);
	if (which == NOBODY)
		return COUNTER_OVER_CAP_FRAGMENTS;
	return datagram_add(d, which, fragment, whole);
}
