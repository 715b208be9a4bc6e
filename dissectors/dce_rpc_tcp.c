/* DCE/RPC over TCP: the endpoint mapper at 135, and what it sends its clients to.
 *
 * After a loss, reading goes on at the next fragment that begins a segment: one inside a segment
 * could be anything's stub. The state belongs to the worker that owns the flow. */
#include "core/reader.h"
#include "dissectors/dce_rpc.h"

struct dce_rpc_tcp {
	struct dce_rpc rpc;
	bool begun[2], lost[2];
};

static const struct dce_rpc_carrier tcp = {0};

static enum likeness tcp_probe(struct bytes first, enum side from)
{
	(void)from;
	return dce_rpc_likeness(first);
}

/* Looks for a fragment at the start of a segment. OK: `at` is where one begins, or the end. */
static enum verdict find_fragment(const struct dissection *d, struct bytes in, size_t *at)
{
	for (uint64_t starts = d->starts; starts; starts &= starts - 1) {
		size_t next = (size_t)__builtin_ctzll(starts);
		enum likeness likeness = NO;

		*at = next;
		if (next < in.len)
			likeness = dce_rpc_likeness(bytes_slice(in, next, in.len));
		if (likeness == YES)
			return OK;
		if (likeness == MAYBE)
			return MORE;
	}
	*at = in.len;
	return OK;
}

static enum verdict tcp_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct dce_rpc_tcp *st = d->state;
	size_t fragment;
	uint64_t skip;
	enum verdict verdict;

	*used = 0;
	if (!st->begun[from] && (d->flow->midstream || d->offset[from]))
		st->lost[from] = true;
	st->begun[from] = true;
	if (st->lost[from]) {
		verdict = find_fragment(d, in, used);
		if (verdict != OK || *used == in.len)
			return verdict;
		st->lost[from] = false;
	}
	/* Before anything was called nobody knows whether calls will be sealed. */
	if (d->carriage == CARRIED_CLEAR && !st->rpc.clear)
		d->carriage = CARRIED_UNKNOWN;
	verdict = dce_rpc_fragment(d, &st->rpc, &tcp, from, bytes_slice(in, *used, in.len),
	                           &fragment, &skip);
	if (verdict == MORE)
		return MORE;
	*used += fragment;
	if (skip)
		dissection_skip(d, from, skip);
	return verdict;
}

static void tcp_gap(struct dissection *d, enum side from, uint64_t lost)
{
	struct dce_rpc_tcp *st = d->state;

	(void)lost;
	st->lost[from] = true;
	logon_lost(&st->rpc.logon);
}

static void tcp_closed(struct dissection *d, enum side from)
{
	struct dce_rpc_tcp *st = d->state;

	if (from == SERVER)
		dce_rpc_end(d, &st->rpc, &tcp);
}

static void tcp_end(struct dissection *d)
{
	struct dce_rpc_tcp *st = d->state;

	dce_rpc_end(d, &st->rpc, &tcp);
}

const struct dissector dce_rpc = {
        .name = "dce_rpc",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){135, 0},
        .state_size = sizeof(struct dce_rpc_tcp),
        .probe = tcp_probe,
        .data = tcp_data,
        .gap = tcp_gap,
        .closed = tcp_closed,
        .end = tcp_end,
};
