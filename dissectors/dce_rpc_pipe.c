/* The bytes of a named pipe as fragments: a write or read may end anywhere in one. */
#include "core/reader.h"
#include "dissectors/dce_rpc.h"

static void stop(struct dissection *d, struct dce_rpc *rpc, enum side from)
{
	chain_free(&d->bench->blocks, &rpc->waiting[from]);
	rpc->stopped[from] = true;
}

/* Reads whole fragments; returns what is left. */
static struct bytes read_all(struct dissection *d, struct dce_rpc *rpc,
                             const struct dce_rpc_carrier *carrier, enum side from, struct bytes in)
{
	while (in.len) {
		enum verdict verdict;
		size_t used;
		uint64_t skip = rpc->skip[from] < in.len ? rpc->skip[from] : in.len;

		if (skip) {
			rpc->skip[from] -= skip;
			in = bytes_slice(in, (size_t)skip, in.len);
			continue;
		}
		verdict = dce_rpc_fragment(d, rpc, carrier, from, in, &used, &rpc->skip[from]);
		if (verdict == MORE) {
			rpc->needed[from] = (uint32_t)used;
			break;
		}
		if (verdict != OK) {
			stop(d, rpc, from);
			return (struct bytes){0};
		}
		in = bytes_slice(in, used, in.len);
	}
	return in;
}

void dce_rpc_data(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                  enum side from, struct bytes data)
{
	struct chain *waiting = &rpc->waiting[from];
	struct blocks *blocks = &d->bench->blocks;
	size_t mark = arena_mark(&d->bench->scratch);

	if (rpc->stopped[from] || !data.len)
		return;
	if (waiting->len) {
		if (!chain_append(blocks, waiting, data)) {
			count(d->bench->counters, COUNTER_RPC_OVER_CAP);
			stop(d, rpc, from);
			return;
		}
		if (waiting->len < rpc->needed[from])
			return;
		data = chain_view(blocks, waiting, &d->bench->scratch);
	}

	struct bytes left = read_all(d, rpc, carrier, from, data);
	struct bytes kept = left.len ? arena_copy(&d->bench->scratch, left) : left;

	chain_free(blocks, waiting);
	if (left.len && (!kept.len || !chain_append(blocks, waiting, kept))) {
		count(d->bench->counters, COUNTER_RPC_OVER_CAP);
		stop(d, rpc, from);
	}
	arena_return(&d->bench->scratch, mark);
}

void dce_rpc_gap(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                 enum side from)
{
	(void)carrier;
	stop(d, rpc, from);
	logon_lost(&rpc->logon);
}
