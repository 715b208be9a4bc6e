/* Facts of DCE/RPC calls as events. */
#include "dissectors/dce_rpc_event.h"

#include "dissectors/dce_rpc_argument.h"
#include "dissectors/dce_rpc_interface.h"

#include <stdio.h>

static const char *const outcome_name[] = {
        [RPC_ANSWERED] = "answered", [RPC_FAULT] = "fault",           [RPC_REFUSED] = "refused",
        [RPC_ONE_WAY] = "one-way",   [RPC_UNANSWERED] = "unanswered",
};

/* MS-RPCE section 2.2.1.1.8. */
static const char *const level_name[] = {"none",   "none",      "connect", "call",
                                         "packet", "integrity", "privacy"};

/* MS-RPCE section 2.2.1.1.7. */
static const struct {
	uint8_t type;
	const char *name;
} types[] = {
        {0, "none"},      {9, "negotiate"}, {10, "ntlm"},
        {14, "schannel"}, {16, "kerberos"}, {68, "netlogon"},
};

static void set_security(struct event *ev, uint8_t type, uint8_t level)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].type == type)
			event_set_name(ev, FIELD_CONFIGMGR_RPC_AUTH_TYPE, types[i].name);
	if (level < sizeof(level_name) / sizeof(*level_name))
		event_set_name(ev, FIELD_CONFIGMGR_RPC_AUTH_LEVEL, level_name[level]);
}

static struct bytes endpoint_of(struct dissection *d, const struct dce_rpc_carrier *carrier)
{
	if (carrier->pipe.len)
		return carrier->pipe;
	return arena_print(&d->bench->scratch, "%u", d->flow->port[SERVER]);
}

static void set_interface(struct dissection *d, struct event *ev,
                          const struct dce_rpc_context *context)
{
	char *text = arena_alloc(&d->bench->scratch, UUID_TEXT);

	event_set_name(ev, FIELD_CONFIGMGR_RPC_INTERFACE, rpc_interface_name(context->known));
	if (!text)
		return;
	uuid_print(context->uuid, text);
	event_set_text(ev, FIELD_CONFIGMGR_RPC_INTERFACE_ID,
	               (struct bytes){(uint8_t *)text, UUID_TEXT});
	event_set_text(ev, FIELD_CONFIGMGR_RPC_INTERFACE_VERSION,
	               arena_print(&d->bench->scratch, "%u.%u", context->major, context->minor));
}

/* What holds for everything that is said on a connection. */
static struct event *begin(struct dissection *d, const struct dce_rpc *rpc,
                           const struct dce_rpc_carrier *carrier, int64_t start)
{
	struct event *ev = dissection_event(d, EVENT_RPC);

	event_set_time(ev, FIELD_EVENT_START, start);
	event_set_time(ev, FIELD_EVENT_END, d->bench->now);
	event_set_text(ev, FIELD_CONFIGMGR_RPC_ENDPOINT, endpoint_of(d, carrier));
	if (carrier->facts)
		carrier->facts(carrier->context, ev);
	if (rpc->logon.step == LOGON_PROVED)
		logon_account_facts(&rpc->logon.account, ev);
	return ev;
}

static void set_argument(struct dissection *d, struct event *ev, const struct dce_rpc_call *call)
{
	struct bytes text = chain_view(&d->bench->blocks, &call->argument, &d->bench->scratch);
	struct bytes host = unc_host(text);

	if (text.len)
		event_set_text(ev, FIELD_CONFIGMGR_RPC_ARGUMENT, text);
	if (host.len)
		event_set_text(ev, FIELD_CONFIGMGR_RPC_PATH_HOST, host);
}

/* Which port the endpoint mapper gave for which interface. */
static void set_mapping(struct event *ev, const struct dce_rpc_call *call,
                        const struct rpc_reply *reply)
{
	struct bytes asked = event_text(ev, FIELD_CONFIGMGR_RPC_ARGUMENT);
	struct rpc_tower tower = rpc_tower_find(reply->stub);

	if (call->opnum != 3)
		return;
	if (asked.len == UUID_TEXT)
		event_set_name(ev, FIELD_CONFIGMGR_RPC_MAPPED_INTERFACE,
		               rpc_interface_name(rpc_interface_by_uuid((const char *)asked.at)));
	if (tower.known && tower.port)
		event_set_integer(ev, FIELD_CONFIGMGR_RPC_MAPPED_PORT, tower.port);
}

static void set_reply(struct event *ev, const struct rpc_reply *reply, enum rpc_outcome outcome)
{
	if (reply->has_status)
		event_set_integer(ev, FIELD_CONFIGMGR_RPC_STATUS, reply->status);
	if (outcome == RPC_FAULT)
		event_set_name(ev, FIELD_EVENT_OUTCOME, "failure");
	else if (reply->has_status)
		event_set_name(ev, FIELD_EVENT_OUTCOME, reply->status ? "failure" : "success");
}

/* What its request says. */
static void set_call(struct dissection *d, struct event *ev, const struct dce_rpc_call *call,
                     const struct dce_rpc_context *context)
{
	event_set_integer(ev, FIELD_CONFIGMGR_RPC_OPNUM, call->opnum);
	if (context)
		event_set_name(ev, FIELD_CONFIGMGR_RPC_OPERATION,
		               rpc_operation_name(context->known, call->opnum));
	event_set_integer(ev, FIELD_CONFIGMGR_RPC_CALL, call->place);
	set_argument(d, ev, call);
}

void dce_rpc_tell(struct dissection *d, const struct dce_rpc *rpc,
                  const struct dce_rpc_carrier *carrier, const struct dce_rpc_call *call,
                  enum rpc_outcome outcome, const struct rpc_reply *reply)
{
	struct event *ev = begin(d, rpc, carrier, call->time);
	const struct dce_rpc_context *context =
	        call->context < rpc->context_count ? &rpc->context[call->context] : NULL;

	if (outcome == RPC_UNANSWERED) {
		d->bench->degraded |= DEGRADED_UNANSWERED;
		count(d->bench->counters, COUNTER_RPC_UNANSWERED);
	}
	if (context)
		set_interface(d, ev, context);
	if (call->place)
		set_call(d, ev, call, context);
	else
		d->bench->degraded |= DEGRADED_UNPAIRED;
	set_security(ev, call->type, call->level);
	if (call->level == RPC_LEVEL_PRIVACY && d->flow->security &&
	    !strcmp(d->flow->security, "cleartext"))
		event_set_name(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "rpc");
	event_set_name(ev, FIELD_CONFIGMGR_RPC_OUTCOME, outcome_name[outcome]);
	if (reply)
		set_reply(ev, reply, outcome);
	if (reply && call->place && outcome == RPC_ANSWERED && context &&
	    context->known == RPC_EPMAPPER)
		set_mapping(ev, call, reply);
	dissection_emit(d);
}

void dce_rpc_tell_refused(struct dissection *d, const struct dce_rpc *rpc,
                          const struct dce_rpc_carrier *carrier,
                          const struct dce_rpc_context *context)
{
	struct event *ev = begin(d, rpc, carrier, d->bench->now);

	set_interface(d, ev, context);
	set_security(ev, rpc->type, rpc->level ? rpc->level : 1);
	event_set_name(ev, FIELD_CONFIGMGR_RPC_OUTCOME, outcome_name[RPC_REFUSED]);
	event_set_name(ev, FIELD_EVENT_OUTCOME, "failure");
	dissection_emit(d);
}

/* What a logon's event says of the connection it was made on. */
struct place {
	struct dissection *d;
	const struct dce_rpc *rpc;
	const struct dce_rpc_carrier *carrier;
};

static void set_place(const void *context, struct event *ev)
{
	const struct place *p = context;

	event_set_text(ev, FIELD_CONFIGMGR_RPC_ENDPOINT, endpoint_of(p->d, p->carrier));
	if (p->rpc->context_count)
		set_interface(p->d, ev, &p->rpc->context[0]);
	set_security(ev, p->rpc->type, p->rpc->level);
}

void dce_rpc_tell_logon(struct dissection *d, struct dce_rpc *rpc,
                        const struct dce_rpc_carrier *carrier)
{
	struct place place = {d, rpc, carrier};

	logon_emit(d, &rpc->logon, "dce_rpc", set_place, &place);
}
