/* Connection-oriented DCE/RPC (C706 chapter 12, MS-RPCE section 2.2.2):
 *
 *     0    1    2     3      4       8        10       12       16
 *    +----+----+-----+------+-------+--------+--------+--------+------------------------------+
 *    | 5  |0/1 |type |flags | order | length | auth   | call   | ...                          |
 *    +----+----+-----+------+-------+--------+--------+--------+------------------------------+
 *     bind, alter     16 transmit(2) receive(2) group(4) contexts(1) 0(3)
 *                     { id(2) syntaxes(1) 0(1) interface(16) version(4) n * (uuid(16) version(4)) }
 *     their answers   16 transmit(2) receive(2) group(4) address(2 + n, then to a multiple of 4)
 *                     results(1) 0(3) { result(2) reason(2) syntax(20) }
 *     request         16 hint(4) context(2) opnum(2) [object(16)] stub
 *     response        16 hint(4) context(2) cancelled(1) 0(1) stub
 *     fault           16 hint(4) context(2) cancelled(1) 0(1) status(4)
 *     verifier        at length - auth - 8: type(1) level(1) padding(1) 0(1) context(4) token(auth)
 *
 * The high half of the first byte of `order` says whether numbers are little endian. A call may
 * have several fragments: its first tells what it is; those after it are passed over. */
#include "dissectors/dce_rpc.h"

#include "dissectors/dce_rpc_argument.h"
#include "dissectors/dce_rpc_event.h"
#include "dissectors/dce_rpc_interface.h"

#define REQUEST        0
#define RESPONSE       2
#define FAULT          3
#define BIND           11
#define BIND_ACK       12
#define BIND_NAK       13
#define ALTER_CONTEXT  14
#define ALTER_RESPONSE 15
#define AUTH3          16
#define SHUTDOWN       17
#define ORPHANED       19

#define PFC_FIRST_FRAG  0x01
#define PFC_LAST_FRAG   0x02
#define PFC_MAYBE       0x40
#define PFC_OBJECT_UUID 0x80

#define HEAD                16
#define VERIFIER            8
/* What is wanted of a request or response: its head, and a stub in which texts may be. */
#define CALL_WANTED         (HEAD + 24 + 2 * RPC_ARGUMENT_MAX)
#define CONNECT             2 /* authentication level without verifiers of calls */
#define PRIVACY             6
/* Faults that a server gives when it does not take the client's proof. */
#define RPC_S_SEC_PKG_ERROR 0x00000721
#define NCA_S_PROTO_ERROR   0x1c01000b /* Samba's */

/* A fragment being read. */
struct fragment {
	struct dissection *d;
	struct dce_rpc *rpc;
	const struct dce_rpc_carrier *carrier;
	struct bytes message; /* as far as it is wanted */
	bool whole;
	uint8_t type, flags;
	bool big;
	uint16_t length, auth;
	uint32_t call;
	uint8_t auth_type, level; /* of its verifier; 0 without one */
	uint8_t padding;
	struct bytes token;
};

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
	/* Between FAULT and BIND are those of the connectionless protocol. */
	if (first.len >= 3 &&
	    (minor > 1 || type > ORPHANED || type == 1 || (type > FAULT && type < BIND)))
		return NO;
	if (!reader_ok(&n.r))
		return MAYBE;
	/* Order: ASCII or EBCDIC, little or big; one of four kinds of floating point. */
	if (order & 0xee || floats > 3 || zero || length < HEAD)
		return NO;
	return auth && auth + HEAD + VERIFIER > length ? NO : YES;
}

static struct dce_rpc_context *context_by_id(struct dce_rpc *rpc, uint16_t id)
{
	for (uint8_t i = 0; i < rpc->context_count; i++)
		if (rpc->context[i].id == id)
			return &rpc->context[i];
	return NULL;
}

/* The place for a context that is being bound: a number may be bound anew. */
static struct dce_rpc_context *context_place(struct fragment *f, uint16_t id)
{
	struct dce_rpc *rpc = f->rpc;
	struct dce_rpc_context *c = context_by_id(rpc, id);

	if (!c && rpc->context_count < DCE_RPC_CONTEXTS)
		c = &rpc->context[rpc->context_count++];
	if (!c)
		count(f->d->bench->counters, COUNTER_RPC_OVER_CAP);
	else
		*c = (struct dce_rpc_context){.id = id};
	return c;
}

static void read_uuid(struct fragment *f, struct reader *r, uint8_t uuid[16])
{
	static const uint8_t swapped[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	struct bytes b = reader_take(r, 16);

	for (size_t i = 0; i < b.len; i++)
		uuid[i] = b.at[f->big ? swapped[i] : i];
}

static struct ndr body_of(const struct fragment *f)
{
	struct ndr n = {reader_over(f->message), f->big};

	reader_skip(&n.r, HEAD);
	return n;
}

/* bind and alter context: which interfaces get which numbers. */
static bool read_bind(struct fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = body_of(f);

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

static void tell_refused(struct fragment *f)
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

static bool read_results(struct fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = body_of(f);

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
	tell_refused(f);
	return true;
}

static void call_forget(struct fragment *f, uint8_t place)
{
	struct dce_rpc *rpc = f->rpc;

	chain_free(&f->d->bench->blocks, &rpc->call[place].argument);
	rpc->call_count--;
	for (uint8_t i = place; i < rpc->call_count; i++)
		rpc->call[i] = rpc->call[i + 1];
	rpc->call[rpc->call_count] = (struct dce_rpc_call){0};
}

/* The text among the arguments that is worth keeping. */
static struct bytes argument_of(struct fragment *f, struct bytes stub, int known, uint16_t opnum)
{
	struct arena *scratch = &f->d->bench->scratch;
	char *text;

	if (known != RPC_EPMAPPER)
		return rpc_argument(stub, f->big, scratch);
	if (opnum != 3) /* ept_map */
		return (struct bytes){0};

	struct rpc_tower tower = rpc_tower_find(stub);

	text = tower.known ? arena_alloc(scratch, UUID_TEXT) : NULL;
	if (!text)
		return (struct bytes){0};
	uuid_print(tower.uuid, text);
	return (struct bytes){(uint8_t *)text, UUID_TEXT};
}

static bool read_request(struct fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct blocks *blocks = &f->d->bench->blocks;
	struct ndr n = body_of(f);

	reader_skip(&n.r, 4);

	uint16_t id = ndr_u16(&n), opnum = ndr_u16(&n);

	if (f->flags & PFC_OBJECT_UUID)
		reader_skip(&n.r, 16);
	if (!reader_ok(&n.r))
		return false;
	if (!(f->flags & PFC_FIRST_FRAG))
		return true;
	if (rpc->call_count == DCE_RPC_CALLS) {
		count(f->d->bench->counters, COUNTER_RPC_OVER_CAP);
		dce_rpc_tell(f->d, rpc, f->carrier, &rpc->call[0], RPC_UNANSWERED, NULL);
		call_forget(f, 0);
	}

	const struct dce_rpc_context *c = context_by_id(rpc, id);
	struct dce_rpc_call *call = &rpc->call[rpc->call_count++];
	struct bytes argument = {0};

	count(f->d->bench->counters, COUNTER_RPC_CALLS);
	*call = (struct dce_rpc_call){
	        .id = f->call,
	        .place = ++rpc->calls,
	        .opnum = opnum,
	        .context = c ? (uint8_t)(c - rpc->context) : DCE_RPC_CONTEXTS,
	        .type = f->auth_type                       ? f->auth_type
	                : f->auth || rpc->level == CONNECT ? rpc->type
	                                                   : 0,
	        .level = f->level                           ? f->level
	                 : f->auth || rpc->level == CONNECT ? rpc->level
	                                                    : 1,
	        .time = f->d->bench->now,
	};
	if (call->level < PRIVACY && c && c->known != RPC_INTERFACE_UNKNOWN)
		argument = argument_of(f, reader_rest(&n.r), c->known, opnum);
	if (argument.len)
		chain_append(blocks, &call->argument, argument);
	if (f->flags & PFC_MAYBE) {
		dce_rpc_tell(f->d, rpc, f->carrier, call, RPC_ONE_WAY, NULL);
		call_forget(f, (uint8_t)(rpc->call_count - 1));
	}
	return true;
}

static int call_by_id(const struct dce_rpc *rpc, uint32_t id)
{
	for (uint8_t i = 0; i < rpc->call_count; i++)
		if (rpc->call[i].id == id)
			return i;
	return -1;
}

/* The number that a call returns stands at the end of its stub. */
static void read_returned(const struct fragment *f, struct bytes stub, struct rpc_reply *reply)
{
	size_t tail = f->auth ? (size_t)f->auth + VERIFIER + f->padding : 0;
	unsigned whole = PFC_FIRST_FRAG | PFC_LAST_FRAG;

	if (!f->whole || (f->flags & whole) != whole || f->level == PRIVACY || stub.len < tail + 4)
		return;

	struct ndr end = {reader_over(bytes_slice(stub, stub.len - tail - 4, 4)), f->big};

	reply->has_status = true;
	reply->status = ndr_u32(&end);
}

/* The server took the client's proof, or it did not. */
static void tell_logon(struct fragment *f, bool accepted)
{
	struct logon *logon = &f->rpc->logon;

	if (logon->told || logon->step != LOGON_PROVED)
		return;
	if (logon->outcome == LOGON_UNKNOWN)
		logon_answered(logon, accepted);
	dce_rpc_tell_logon(f->d, f->rpc, f->carrier);
}

/* An answered call proves that it did. Other faults may come before or after it looked. */
static void judge_logon(struct fragment *f, const struct rpc_reply *reply)
{
	bool refused = reply->status == RPC_S_SEC_PKG_ERROR || reply->status == NCA_S_PROTO_ERROR;

	if (f->type == RESPONSE || refused)
		tell_logon(f, f->type == RESPONSE);
}

static bool read_reply(struct fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = body_of(f);
	struct rpc_reply reply = {0};
	bool fault = f->type == FAULT;

	reader_skip(&n.r, 8);
	if (fault) {
		reply.status = ndr_u32(&n);
		reply.has_status = true;
	}
	if (!reader_ok(&n.r))
		return false;
	if (!(f->flags & PFC_FIRST_FRAG))
		return true;

	int place = call_by_id(rpc, f->call);

	if (place < 0)
		return true;
	reply.stub = reader_rest(&n.r);
	if (!fault && rpc->call[place].context < DCE_RPC_CONTEXTS &&
	    rpc->context[rpc->call[place].context].known != RPC_INTERFACE_UNKNOWN)
		read_returned(f, reply.stub, &reply);
	judge_logon(f, &reply);
	dce_rpc_tell(f->d, rpc, f->carrier, &rpc->call[place], fault ? RPC_FAULT : RPC_ANSWERED,
	             &reply);
	call_forget(f, (uint8_t)place);
	return true;
}

/* The verifier, where the fragment has one and it was captured with it. */
static bool read_verifier(struct fragment *f)
{
	struct reader r = reader_over(f->message);

	if (!f->auth || !f->whole)
		return true;
	reader_skip(&r, (size_t)f->length - f->auth - VERIFIER);
	f->auth_type = reader_u8(&r);
	f->level = reader_u8(&r);
	f->padding = reader_u8(&r);
	reader_skip(&r, 5);
	f->token = reader_take(&r, f->auth);
	return reader_ok(&r);
}

static bool binds(uint8_t type)
{
	return type == BIND || type == ALTER_CONTEXT || type == AUTH3 || type == BIND_ACK ||
	       type == ALTER_RESPONSE;
}

/* Shows the token of a binding to the logon. */
static void read_token(struct fragment *f, enum side from)
{
	struct dce_rpc *rpc = f->rpc;

	if (!f->token.len || !binds(f->type))
		return;
	rpc->type = f->auth_type;
	rpc->level = f->level;
	logon_token(f->d, &rpc->logon, from, f->token);
}

static bool read_body(struct fragment *f, enum side from)
{
	bool client = from == CLIENT;

	switch (f->type) {
	case BIND:
	case ALTER_CONTEXT:
		return !client || read_bind(f);
	case BIND_ACK:
	case ALTER_RESPONSE:
		if (client)
			return true;
		if (f->rpc->logon.outcome != LOGON_UNKNOWN)
			dce_rpc_tell_logon(f->d, f->rpc, f->carrier);
		return read_results(f);
	case BIND_NAK:
		if (client)
			return true;
		tell_logon(f, false);
		tell_refused(f);
		return true;
	case REQUEST:
		return !client || read_request(f);
	case RESPONSE:
	case FAULT:
		return client || read_reply(f);
	default:
		return true;
	}
}

enum verdict dce_rpc_fragment(struct dissection *d, struct dce_rpc *rpc,
                              const struct dce_rpc_carrier *carrier, enum side from,
                              struct bytes in, size_t *used, uint64_t *skip)
{
	struct fragment f = {.d = d, .rpc = rpc, .carrier = carrier};
	struct ndr n = {reader_over(in), false};
	enum likeness likeness = dce_rpc_likeness(in);
	size_t wanted;

	*used = HEAD;
	*skip = 0;
	if (likeness == NO)
		return dissection_malformed(d, "dce_rpc", "no fragment where one must begin");
	if (in.len < HEAD)
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
	if ((f.type == REQUEST || f.type == RESPONSE) && wanted > CALL_WANTED)
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
	struct fragment f = {.d = d, .rpc = rpc, .carrier = carrier};

	while (rpc->call_count) {
		dce_rpc_tell(d, rpc, carrier, &rpc->call[0], RPC_UNANSWERED, NULL);
		call_forget(&f, 0);
	}
	dce_rpc_tell_logon(d, rpc, carrier);
	for (int side = CLIENT; side <= SERVER; side++)
		chain_free(&d->bench->blocks, &rpc->waiting[side]);
}
