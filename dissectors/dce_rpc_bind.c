/* Which interfaces a DCE/RPC connection binds under which numbers, and what the server accepts:
 *
 *     bind, alter     16 transmit(2) receive(2) group(4) contexts(1) 0(3)
 *                     { id(2) syntaxes(1) 0(1) interface(16) version(4) n * (uuid(16) version(4)) }
 *     their answers   16 transmit(2) receive(2) group(4) address(2 + n, then to a multiple of 4)
 *                     results(1) 0(3) { result(2) reason(2) syntax(20) }
 *
 * (C706 section 12.6.4.) */
#include "dissectors/dce_rpc_fragment.h"
#include "dissectors/dce_rpc_interface.h"

struct dce_rpc_context *rpc_context_by_id(struct dce_rpc *rpc, uint16_t id)
{
	for (uint8_t i = 0; i < rpc->context_count; i++)
		if (rpc->context[i].id == id)
			return &rpc->context[i];
	return NULL;
}

/* The place for a context that is being bound: a number may be bound anew. */
static struct dce_rpc_context *context_place(struct rpc_fragment *f, uint16_t id)
{
	struct dce_rpc *rpc = f->rpc;
	struct dce_rpc_context *c = rpc_context_by_id(rpc, id);

	if (!c && rpc->context_count < DCE_RPC_CONTEXTS)
		c = &rpc->context[rpc->context_count++];
	if (!c)
		count(f->d->bench->counters, COUNTER_RPC_OVER_CAP);
	else
		*c = (struct dce_rpc_context){.id = id};
	return c;
}

static void read_uuid(struct rpc_fragment *f, struct reader *r, uint8_t uuid[16])
{
	static const uint8_t swapped[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	struct bytes b = reader_take(r, 16);

	for (size_t i = 0; i < b.len; i++)
		uuid[i] = b.at[f->big ? swapped[i] : i];
}

/* bind and alter context: which interfaces get which numbers. */
bool rpc_read_bind(struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = rpc_body(f);

	reader_skip(&n.r, 8);

	uint8_t contexts = reader_u8(&n.r);

	reader_skip(&n.r, 3);
	rpc->offered_count = 0;
	for (uint8_t i = 0; i < contexts; i++) {
		uint16_t id = ndr_u16(&n);
		uint8_t syntaxes = reader_u8(&n.r), uuid[16] = {0};
		char text[UUID_TEXT];

		reader_skip(&n.r, 1);
		read_uuid(f, &n.r, uuid);

		uint16_t major = ndr_u16(&n), minor = ndr_u16(&n);

		reader_skip(&n.r, (size_t)20 * syntaxes);
		if (!reader_ok(&n.r))
			return false;

		struct dce_rpc_context *c = context_place(f, id);

		if (!c)
			continue;
		uuid_print(uuid, text);
		memcpy(c->uuid, uuid, sizeof(c->uuid));
		c->major = major;
		c->minor = minor;
		c->known = (int16_t)rpc_interface_by_uuid(text);
		if (rpc->offered_count < DCE_RPC_CONTEXTS)
			rpc->offered[rpc->offered_count++] = (uint8_t)(c - rpc->context);
	}
	return reader_ok(&n.r);
}

/* Whether any context of the same interface was accepted: others of it may be there for another
 * transfer syntax, of which a server takes one. */
static bool interface_accepted(const struct dce_rpc *rpc, const struct dce_rpc_context *of)
{
	for (uint8_t i = 0; i < rpc->context_count; i++)
		if (rpc->context[i].accepted && !memcmp(rpc->context[i].uuid, of->uuid, 16))
			return true;
	return false;
}

void rpc_tell_refused(struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;

	for (uint8_t i = 0; i < rpc->offered_count; i++) {
		const struct dce_rpc_context *c = &rpc->context[rpc->offered[i]];
		bool again = false;

		for (uint8_t j = 0; j < i; j++)
			again |= !memcmp(rpc->context[rpc->offered[j]].uuid, c->uuid, 16);
		if (!again && !interface_accepted(rpc, c))
			dce_rpc_tell_refused(f->d, rpc, f->carrier, c);
	}
	rpc->offered_count = 0;
}

bool rpc_read_results(struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = rpc_body(f);

	reader_skip(&n.r, 8);

	uint16_t address = ndr_u16(&n);

	/* The address and its length end at a multiple of four. */
	reader_skip(&n.r, (size_t)address + (4 - (2 + address) % 4) % 4);

	uint8_t results = reader_u8(&n.r);

	reader_skip(&n.r, 3);
	for (uint8_t i = 0; i < results; i++) {
		uint16_t result = ndr_u16(&n);

		reader_skip(&n.r, 2 + 20);
		if (!reader_ok(&n.r))
			return false;
		if (i < rpc->offered_count)
			rpc->context[rpc->offered[i]].accepted = !result;
	}
	if (!reader_ok(&n.r))
		return false;
	rpc_tell_refused(f);
	return true;
}
