/* The way of an event through the site model: a table of steps, each in a file of its own. */
#include "sensor/site/site_private.h"

#include <stdlib.h>

struct site_model *site_model_open(const struct site_file *listed, struct site_limits limits,
                                   struct counters *counters)
{
	struct site_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->listed = listed;
	m->counters = counters;
	m->server_cap = limits.servers;
	m->client_cap = limits.clients;
	m->pair_cap = limits.pairs;
	m->logon_cap = limits.logons;
	m->server = calloc(limits.servers, sizeof(*m->server));
	m->client = calloc(limits.clients, sizeof(*m->client));
	m->pair = calloc(limits.pairs, sizeof(*m->pair));
	m->logon = calloc(limits.logons, sizeof(*m->logon));
	m->certificates = certificates_open(limits.certificates, counters);
	if (m->certificates)
		certificates_trust(m->certificates, listed ? listed->trust : NULL);
	if (m->server && m->client && m->pair && m->logon && m->certificates &&
	    table_open(&m->servers, limits.servers) && table_open(&m->clients, limits.clients) &&
	    table_open(&m->pairs, limits.pairs) && table_open(&m->logons, limits.logons))
		return m;
	site_model_close(m);
	return NULL;
}

void site_model_close(struct site_model *m)
{
	if (!m)
		return;
	table_close(&m->servers);
	table_close(&m->clients);
	certificates_close(m->certificates);
	table_close(&m->pairs);
	table_close(&m->logons);
	free(m->pair);
	free(m->logon);
	free(m->server);
	free(m->client);
	free(m);
}

void site_model_relist(struct site_model *m, const struct site_file *listed)
{
	m->listed = listed;
	certificates_trust(m->certificates, listed ? listed->trust : NULL);
}

/* What one step needs. */
struct step {
	enum field needs;   /* only events with this fact, or FIELD_COUNT: all */
	bool answered_only; /* only what a server answered */
	void (*take)(struct site_subject *s);
};

/* The steps of an event of each kind, in order: facts are stated before anything is learned from
 * the event. */
static const struct step of_loss[] = {
        {FIELD_COUNT, false, site_learn_loss},
};
static const struct step of_traffic[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_roles},
};
static const struct step of_connection[] = {
        {FIELD_NETWORK_PROTOCOL, false, site_state_roles},
        {FIELD_NETWORK_PROTOCOL, false, site_state_pair},
        {FIELD_NETWORK_PROTOCOL, false, site_learn_pair},
};
static const struct step of_ipsec[] = {
        {FIELD_COUNT, false, site_state_roles},
        {FIELD_COUNT, false, site_state_pair},
        {FIELD_COUNT, false, site_learn_pair},
};
static const struct step of_authentication[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_roles},
        {FIELD_COUNT, false, site_state_client_roles},
        {FIELD_USER_NAME, false, site_state_account},
        {FIELD_CONFIGMGR_AUTH_SERVICE_HOST, false, site_state_service},
        {FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE, false, site_state_relay},
};
static const struct step of_rpc[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_roles},
        {FIELD_COUNT, false, site_state_client_roles},
};
static const struct step of_sql[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_roles},
};
static const struct step of_http[] = {
        {FIELD_CONFIGMGR_MESSAGE_TYPE, false, site_state_place},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, false, site_state_client},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, false, site_state_code},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_state_https_only},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_judge_server},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_judge_names},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_judge_keys},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_learn_server},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_learn_keys},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_learn_names},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, true, site_learn_registration},
        {FIELD_CONFIGMGR_MESSAGE_TYPE, false, site_learn_client},
        {FIELD_CONFIGMGR_REVOCATION_ANSWER, false, site_learn_revocation},
};
static const struct step of_tls[] = {
        {FIELD_COUNT, false, site_state_certificates},
        {FIELD_COUNT, false, site_state_tls_server},
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_judge_certificates},
        {FIELD_COUNT, false, site_judge_change},
        {FIELD_COUNT, false, site_state_revocation},
        {FIELD_COUNT, false, site_learn_tls},
};
static const struct step of_smb_session[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_roles},
        {FIELD_COUNT, false, site_judge_initiator},
};
static const struct step of_smb_tree[] = {
        {FIELD_COUNT, false, site_state_place},
        {FIELD_COUNT, false, site_state_share},
        {FIELD_CONFIGMGR_SERVER_ROLE, false, site_judge_server},
        {FIELD_CONFIGMGR_SERVER_ROLE, false, site_learn_share},
        {FIELD_COUNT, false, site_state_roles},
};
static const struct step of_smb_file[] = {
        {FIELD_CONFIGMGR_SMB_SHARE, false, site_state_place},
        {FIELD_CONFIGMGR_SMB_SHARE, false, site_state_roles},
        {FIELD_CONFIGMGR_SMB_SHARE, false, site_state_share},
        {FIELD_CONFIGMGR_SHARE_FILE, false, site_state_code},
        {FIELD_CONFIGMGR_SHARE_FILE, false, site_judge_writer},
};

#define STEPS(of)                                                                                  \
	{                                                                                          \
		of, sizeof(of) / sizeof(*(of))                                                     \
	}

static const struct steps {
	const struct step *at;
	size_t count;
} steps[EVENT_KIND_COUNT] = {
        [EVENT_LOSS] = STEPS(of_loss),
        [EVENT_TRAFFIC] = STEPS(of_traffic),
        [EVENT_CONNECTION] = STEPS(of_connection),
        [EVENT_IPSEC] = STEPS(of_ipsec),
        [EVENT_AUTHENTICATION] = STEPS(of_authentication),
        [EVENT_RPC] = STEPS(of_rpc),
        [EVENT_SQL] = STEPS(of_sql),
        [EVENT_HTTP] = STEPS(of_http),
        [EVENT_TLS] = STEPS(of_tls),
        [EVENT_SMB_SESSION] = STEPS(of_smb_session),
        [EVENT_SMB_TREE] = STEPS(of_smb_tree),
        [EVENT_SMB_FILE] = STEPS(of_smb_file),
};

static bool step_wants(const struct step *step, const struct field_set *present)
{
	return step->needs == FIELD_COUNT || field_set_has(present, step->needs);
}

static bool has_step(enum event_kind kind, const struct field_set *present)
{
	const struct steps *of = &steps[kind];

	for (size_t i = 0; i < of->count; i++)
		if (step_wants(&of->at[i], present))
			return true;
	return false;
}

/* Of traffic nothing is learned: what is stated of it matters to rules only, and these are asked.
 */
bool site_model_wants(enum event_kind kind, const struct field_set *present)
{
	return kind != EVENT_TRAFFIC && has_step(kind, present);
}

static bool answered(const struct event *ev)
{
	return event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "answered") ||
	       event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "empty");
}

static struct site_subject subject_of(struct site_model *m, struct event *ev, struct arena *scratch)
{
	struct site_subject s = {
	        .m = m,
	        .ev = ev,
	        .scratch = scratch,
	        .client_address = ev->value[FIELD_CLIENT_IP].address,
	        .server_address = ev->value[FIELD_SERVER_IP].address,
	        .answered = answered(ev),
	        .role = site_role_by_name(event_text(ev, FIELD_CONFIGMGR_SERVER_ROLE)),
	};
	struct bytes guid = event_text(ev, FIELD_CONFIGMGR_CLIENT_GUID);

	s.client = site_client_find(m, s.client_address, (struct bytes){0}, false);
	s.identity = guid.len ? site_client_find(m, s.client_address, guid, false) : NULL;
	s.server = site_server_find(m, s.server_address, false);
	site_set_code(s.code, event_text(ev, FIELD_CONFIGMGR_SITE_CODE));
	if (!s.code[0] && s.server)
		memcpy(s.code, s.server->code, CODE_TEXT);
	if (!s.code[0] && s.client)
		memcpy(s.code, s.client->code, CODE_TEXT);
	return s;
}

void site_model_enrich(struct site_model *m, struct event *ev, struct arena *scratch)
{
	const struct steps *of = &steps[ev->kind];
	struct site_subject s;

	if (!has_step(ev->kind, &ev->present))
		return;
	s = subject_of(m, ev, scratch);
	for (size_t i = 0; i < of->count; i++)
		if (step_wants(&of->at[i], &ev->present) &&
		    (s.answered || !of->at[i].answered_only))
			of->at[i].take(&s);
}
