/* Shares of site systems: which are listed, who may write into them, and who may open a connection.
 *
 * Only the site file tells these; without one nothing is stated, but the roles that shares give
 * away are learned. The detector thread runs it. */
#include "sensor/site/site_private.h"

/* A list that names the server tells of its shares; one that does not tells as much. */
void site_state_share(struct site_subject *s)
{
	struct bytes share = event_text(s->ev, FIELD_CONFIGMGR_SMB_SHARE);
	const struct site_server *server;
	bool listed = false;

	if (!s->m->listed)
		return;
	server = site_file_by_address(s->m->listed, s->server_address);
	for (size_t i = 0; server && i < server->shares.count; i++)
		listed |= bytes_equal_fold(share, bytes_of(server->shares.at[i]));
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SHARE_LISTED, listed);
}

/* The name of an account without its domain. */
static struct bytes bare_name(struct bytes name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '\\')
			return bytes_slice(name, i, name.len);
	return name;
}

/* The listed account of that name that may be used at the client's address; `*known` when an
 * account of that name is listed at all. */
static bool account_is_at_home(const struct site_subject *s, struct bytes user, bool *known)
{
	const struct site_file *listed = s->m->listed;

	for (size_t i = 0; i < listed->account_count; i++) {
		const struct site_account *a = &listed->account[i];

		if (!user.len || !bytes_equal_fold(bare_name(bytes_of(a->name)), user))
			continue;
		*known = true;
		for (size_t k = 0; k < a->address_count; k++)
			if (address_equal(a->address[k], s->client_address))
				return true;
	}
	return false;
}

/* Between sites only site servers write; into inboxes also other site systems. */
void site_judge_writer(struct site_subject *s)
{
	struct bytes user = event_text(s->ev, FIELD_USER_NAME);
	bool between_sites = event_text_is(s->ev, FIELD_CONFIGMGR_SHARE_KIND, "site-to-site");
	bool inbox = event_has(s->ev, FIELD_CONFIGMGR_SHARE_INBOX);
	char text[ADDRESS_TEXT_MAX];
	bool account_known = false, at_home, authorized;
	const struct site_server *client;

	if (!s->m->listed || (!between_sites && !inbox))
		return;
	client = site_file_by_address(s->m->listed, s->client_address);
	at_home = account_is_at_home(s, user, &account_known);
	authorized = client && (inbox || site_server_has_role(client, ROLE_SITE_SERVER));
	if (account_known)
		authorized = at_home;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_CLIENT_AUTHORIZED, authorized);
	site_state_baseline(s, "listed",
	                    arena_print(s->scratch, "%s is %s in the site file as %s",
	                                address_print(s->client_address, text),
	                                authorized ? "listed" : "not listed",
	                                account_known   ? "home of the account"
	                                : between_sites ? "site-server"
	                                                : "site system"));
}

/* Does the operator let this side open connections between a site server and a site system? */
void site_judge_initiator(struct site_subject *s)
{
	const struct site_server *client, *server;
	const char *initiates = NULL;
	bool by_site_server = false;

	if (!s->m->listed)
		return;
	client = site_file_by_address(s->m->listed, s->client_address);
	server = site_file_by_address(s->m->listed, s->server_address);
	if (!client || !server || client == server)
		return;
	if (client->roles >> ROLE_SITE_SERVER & 1) {
		by_site_server = true;
		initiates = server->initiates;
	} else if (server->roles >> ROLE_SITE_SERVER & 1) {
		initiates = client->initiates;
	}
	if (!initiates)
		return;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_INITIATOR_AUTHORIZED,
	                  by_site_server == !strcmp(initiates, "site-server"));
	site_state_baseline(s, "listed",
	                    arena_print(s->scratch,
	                                "the site file says of the site system: initiates: %s",
	                                initiates));
}

/* A share that is open tells what its server is. */
void site_learn_share(struct site_subject *s)
{
	struct bytes host = event_text(s->ev, FIELD_CONFIGMGR_SMB_HOST);
	struct learned_server *server;
	struct address literal;

	if (s->role == ROLE_COUNT || !site_believed(s) ||
	    !event_text_is(s->ev, FIELD_EVENT_OUTCOME, "success"))
		return;
	server = site_server_find(s->m, s->server_address, true);
	if (!server)
		return;
	server->roles |= UINT32_C(1) << s->role;
	if (s->code[0] && !server->code[0])
		memcpy(server->code, s->code, CODE_TEXT);
	if (!server->name.len && site_can_be_name(host) && !address_parse(host, &literal))
		site_name_set(&server->name, host);
	site_witness(&server->clients, s->client_address);
}
