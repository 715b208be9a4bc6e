/* Calls of DCE/RPC and their replies:
 *
 *     request         16 hint(4) context(2) opnum(2) [object(16)] stub
 *     response        16 hint(4) context(2) cancelled(1) 0(1) stub
 *     fault           16 hint(4) context(2) cancelled(1) 0(1) status(4)
 *
 * (C706 section 12.6.4.) A call may have several fragments: its first tells what it is; those after
 * it are passed over. */
#include "dissectors/dce_rpc_fragment.h"
#include "dissectors/dce_rpc_interface.h"

/* Faults that a server gives when it does not take the client's proof. */
#define RPC_S_SEC_PKG_ERROR 0x00000721
#define NCA_S_PROTO_ERROR   0x1c01000b /* Samba's */

static void call_forget(struct rpc_fragment *f, uint8_t place)
{
	struct dce_rpc *rpc = f->rpc;

	chain_free(&f->d->bench->blocks, &rpc->call[place].argument);
	rpc->call_count--;
	for (uint8_t i = place; i < rpc->call_count; i++)
		rpc->call[i] = rpc->call[i + 1];
	rpc->call[rpc->call_count] = (struct dce_rpc_call){0};
}

/* The text among the arguments that is worth keeping. */
static struct bytes argument_of(struct rpc_fragment *f, struct bytes stub, int known,
                                uint16_t opnum)
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

/* How a call or its reply is protected. One whose verifier was not captured is as the bind said. */
static uint8_t level_of(const struct rpc_fragment *f)
{
	const struct dce_rpc *rpc = f->rpc;

	if (f->level)
		return f->level;
	if (rpc->level)
		return f->auth || rpc->level == RPC_LEVEL_CONNECT ? rpc->level : RPC_LEVEL_NONE;
	return f->auth || !rpc->context_count ? RPC_LEVEL_UNKNOWN : RPC_LEVEL_NONE;
}

/* Whether everyone on the way can read it: by the first call, or by any that is not sealed. */
static void tell_carriage(const struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;

	if (f->auth && level_of(f) == RPC_LEVEL_UNKNOWN)
		return;
	rpc->clear |= level_of(f) != RPC_LEVEL_PRIVACY;
	f->d->carriage = rpc->clear ? CARRIED_CLEAR : CARRIED_IN_RPC;
}

bool rpc_read_request(struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct blocks *blocks = &f->d->bench->blocks;
	struct ndr n = rpc_body(f);

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

	const struct dce_rpc_context *c = rpc_context_by_id(rpc, id);
	struct dce_rpc_call *call = &rpc->call[rpc->call_count++];
	struct bytes argument = {0};

	count(f->d->bench->counters, COUNTER_RPC_CALLS);
	tell_carriage(f);
	*call = (struct dce_rpc_call){
	        .id = f->call,
	        .place = ++rpc->calls,
	        .opnum = opnum,
	        .context = c ? (uint8_t)(c - rpc->context) : DCE_RPC_CONTEXTS,
	        .type = f->auth_type                                 ? f->auth_type
	                : f->auth || rpc->level == RPC_LEVEL_CONNECT ? rpc->type
	                                                             : 0,
	        .level = level_of(f),
	        .time = f->d->bench->now,
	};
	if (call->level < RPC_LEVEL_PRIVACY && c && c->known != RPC_INTERFACE_UNKNOWN)
		argument = argument_of(f, reader_rest(&n.r), c->known, opnum);
	if (argument.len)
		chain_append(blocks, &call->argument, argument);
	if (f->flags & PFC_MAYBE) {
		dce_rpc_tell(f->d, rpc, f->carrier, call, RPC_ONE_WAY, NULL);
		call_forget(f, (uint8_t)(rpc->call_count - 1));
	} else if (!f->d->flow->seen[SERVER]) {
		/* No reply is to be expected: its time is now, not when the connection ends. */
		dce_rpc_tell(f->d, rpc, f->carrier, call, RPC_UNANSWERED, NULL);
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
static void read_returned(const struct rpc_fragment *f, struct bytes stub, struct rpc_reply *reply)
{
	size_t tail = f->auth ? (size_t)f->auth + RPC_VERIFIER + f->padding : 0;
	unsigned whole = PFC_FIRST_FRAG | PFC_LAST_FRAG;

	if (!f->whole || (f->flags & whole) != whole || f->level == RPC_LEVEL_PRIVACY ||
	    stub.len < tail + 4)
		return;

	struct ndr end = {reader_over(bytes_slice(stub, stub.len - tail - 4, 4)), f->big};

	reply->has_status = true;
	reply->status = ndr_u32(&end);
}

/* The server took the client's proof, or it did not. */
void rpc_logon_decided(struct rpc_fragment *f, bool accepted)
{
	struct logon *logon = &f->rpc->logon;

	if (logon->told || logon->step != LOGON_PROVED)
		return;
	if (logon->outcome == LOGON_UNKNOWN)
		logon_answered(logon, accepted);
	dce_rpc_tell_logon(f->d, f->rpc, f->carrier);
}

/* An answered call proves that it did. Other faults may come before or after it looked. */
static void judge_logon(struct rpc_fragment *f, const struct rpc_reply *reply)
{
	bool refused = reply->status == RPC_S_SEC_PKG_ERROR || reply->status == NCA_S_PROTO_ERROR;

	if (f->type == RPC_RESPONSE || refused)
		rpc_logon_decided(f, f->type == RPC_RESPONSE);
}

/* A reply whose call was lost tells at least that there was one. */
static void tell_unpaired(struct rpc_fragment *f, uint16_t id, const struct rpc_reply *reply)
{
	const struct dce_rpc_context *c = rpc_context_by_id(f->rpc, id);
	struct dce_rpc_call call = {
	        .context = c ? (uint8_t)(c - f->rpc->context) : DCE_RPC_CONTEXTS,
	        .type = f->auth_type,
	        .level = level_of(f),
	        .time = f->d->bench->now,
	};

	if (c && (f->d->flow->lost[CLIENT] || f->d->flow->midstream))
		dce_rpc_tell(f->d, f->rpc, f->carrier, &call,
		             f->type == RPC_FAULTED ? RPC_FAULT : RPC_ANSWERED, reply);
}

bool rpc_read_reply(struct rpc_fragment *f)
{
	struct dce_rpc *rpc = f->rpc;
	struct ndr n = rpc_body(f);
	struct rpc_reply reply = {0};
	bool fault = f->type == RPC_FAULTED;

	reader_skip(&n.r, 4);

	uint16_t id = ndr_u16(&n);

	reader_skip(&n.r, 2);
	if (fault) {
		reply.status = ndr_u32(&n);
		reply.has_status = true;
	}
	if (!reader_ok(&n.r))
		return false;
	if (!(f->flags & PFC_FIRST_FRAG))
		return true;

	int place = call_by_id(rpc, f->call);

	if (!fault)
		tell_carriage(f);
	if (place < 0) {
		tell_unpaired(f, id, &reply);
		return true;
	}
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

void rpc_calls_end(struct rpc_fragment *f)
{
	while (f->rpc->call_count) {
		dce_rpc_tell(f->d, f->rpc, f->carrier, &f->rpc->call[0], RPC_UNANSWERED, NULL);
		call_forget(f, 0);
	}
}
