/* Connection-oriented DCE/RPC (C706 chapter 12, MS-RPCE section 2.2.2):
 *
 *     0    1    2     3      4       8        10       12       16
 *    +----+----+-----+------+-------+--------+--------+--------+------------------------------+
 *    | 5  |0/1 |type |flags | order | length | auth   | call   | ...                          |
 *    +----+----+-----+------+-------+--------+--------+--------+------------------------------+
 *     verifier        at length - auth - 8: type(1) level(1) padding(1) 0(1) context(4) token(auth)
 *
 * The high half of the first byte of `order` says whether numbers are little endian. What stands
 * behind the head is read by dce_rpc_bind.c and dce_rpc_call.c. */
#include "dissectors/dce_rpc_fragment.h"

/* What is wanted of a request or response: its head, and a stub in which texts may be. */
#define CALL_WANTED (RPC_HEAD + 24 + 2 * RPC_ARGUMENT_MAX)

enum likeness dce_rpc_likeness(struct bytes first)
{
	struct reader r = reader_over(first);
	uint8_t major = reader_u8(&r), minor = reader_u8(&r), type = reader_u8(&r);

	reader_skip(&r, 1);

	uint8_t order = reader_u8(&r), floats = reader_u8(&r);
	uint16_t zero = reader_u16le(&r);
	struct ndr n = {r, !(order & 0xf0)};
	uint16_t length = ndr_u16(&n), auth = ndr_u16(&n);

	if (first.len && major != 5)
		return NO;
	/* Between RPC_FAULTED and RPC_BIND are those of the connectionless protocol. */
	if (first.len >= 3 && (minor > 1 || type > RPC_ORPHANED || type == 1 ||
	                       (type > RPC_FAULTED && type < RPC_BIND)))
		return NO;
	if (!reader_ok(&n.r))
		return MAYBE;
	/* Order: ASCII or EBCDIC, little or big; one of four kinds of floating point. */
	if (order & 0xee || floats > 3 || zero || length < RPC_HEAD)
		return NO;
	return auth && auth + RPC_HEAD + RPC_VERIFIER > length ? NO : YES;
}

/* The verifier, where the fragment has one and it was captured with it. */
static bool read_verifier(struct rpc_fragment *f)
{
	struct reader r = reader_over(f->message);

	if (!f->auth || !f->whole)
		return true;
	reader_skip(&r, (size_t)f->length - f->auth - RPC_VERIFIER);
	f->auth_type = reader_u8(&r);
	f->level = reader_u8(&r);
	f->padding = reader_u8(&r);
	reader_skip(&r, 5);
	f->token = reader_take(&r, f->auth);
	return reader_ok(&r);
}

static bool binds(uint8_t type)
{
	return type == RPC_BIND || type == RPC_ALTER_CONTEXT || type == RPC_AUTH3 ||
	       type == RPC_BIND_ACK || type == RPC_ALTER_RESPONSE;
}

/* Shows the token of a binding to the logon. */
static void read_token(struct rpc_fragment *f, enum side from)
{
	struct dce_rpc *rpc = f->rpc;

	if (!f->token.len || !binds(f->type))
		return;
	rpc->type = f->auth_type;
	rpc->level = f->level;
	logon_token(f->d, &rpc->logon, from, f->token);
	if (logon_is_due(f->d, &rpc->logon))
		dce_rpc_tell_logon(f->d, rpc, f->carrier);
}

static bool read_body(struct rpc_fragment *f, enum side from)
{
	bool client = from == CLIENT;

	switch (f->type) {
	case RPC_BIND:
	case RPC_ALTER_CONTEXT:
		return !client || rpc_read_bind(f);
	case RPC_BIND_ACK:
	case RPC_ALTER_RESPONSE:
		if (client)
			return true;
		if (f->rpc->logon.outcome != LOGON_UNKNOWN)
			dce_rpc_tell_logon(f->d, f->rpc, f->carrier);
		return rpc_read_results(f);
	case RPC_BIND_NAK:
		if (client)
			return true;
		rpc_logon_decided(f, false);
		rpc_tell_refused(f);
		return true;
	case RPC_REQUEST:
		return !client || rpc_read_request(f);
	case RPC_RESPONSE:
	case RPC_FAULTED:
		return client || rpc_read_reply(f);
	default:
		return true;
	}
}

enum verdict dce_rpc_fragment(struct dissection *d, struct dce_rpc *rpc,
                              const struct dce_rpc_carrier *carrier, enum side from,
                              struct bytes in, size_t *used, uint64_t *skip)
{
	struct rpc_fragment f = {.d = d, .rpc = rpc, .carrier = carrier};
	struct ndr n = {reader_over(in), false};
	enum likeness likeness = dce_rpc_likeness(in);
	size_t wanted;

	*used = RPC_HEAD;
	*skip = 0;
	if (likeness == NO)
		return dissection_malformed(d, "dce_rpc", "no fragment where one must begin");
	if (in.len < RPC_HEAD)
		return MORE;
	reader_skip(&n.r, 2);
	f.type = reader_u8(&n.r);
	f.flags = reader_u8(&n.r);
	n.big = !(reader_u8(&n.r) & 0xf0);
	reader_skip(&n.r, 3);
	f.big = n.big;
	f.length = ndr_u16(&n);
	f.auth = ndr_u16(&n);
	f.call = ndr_u32(&n);
	wanted = f.length;
	if ((f.type == RPC_REQUEST || f.type == RPC_RESPONSE) && wanted > CALL_WANTED)
		wanted = CALL_WANTED;
	*used = wanted;
	if (in.len < wanted)
		return MORE;
	f.message = bytes_slice(in, 0, f.length);
	f.whole = f.message.len == f.length;
	*used = f.message.len;
	*skip = f.length - f.message.len;
	if (!read_verifier(&f))
		return dissection_malformed(d, "dce_rpc",
		                            "verifier beyond the end of its fragment");
	read_token(&f, from);
	if (!read_body(&f, from))
		return dissection_malformed(d, "dce_rpc", "fragment ends inside its own head");
	return OK;
}

void dce_rpc_end(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier)
{
	struct rpc_fragment f = {.d = d, .rpc = rpc, .carrier = carrier};

	rpc_calls_end(&f);
	dce_rpc_tell_logon(d, rpc, carrier);
	for (int side = CLIENT; side <= SERVER; side++)
		chain_free(&d->bench->blocks, &rpc->waiting[side]);
}
