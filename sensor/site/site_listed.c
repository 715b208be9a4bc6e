/* Judging by the list: does the site file know this server, or these names, in this role?
 *
 * Where the operator lists nobody in a role, nothing is stated. The detector thread runs it. */
#include "sensor/site/site_private.h"

/* The listed server behind an address. A server that is listed without an address of this family,
 * and is called by its name, may be it: then `*unsure`. */
static const struct site_server *listed_server(const struct site_subject *s, bool *unsure)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *server = site_file_by_address(listed, s->server_address);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	bool family = false;

	*unsure = false;
	if (server || !host.len)
		return server;
	server = site_file_by_name(listed, host);
	if (!server)
		return NULL;
	for (size_t i = 0; i < server->address_count; i++)
		family |= address_is_v4(server->address[i]) == address_is_v4(s->server_address);
	*unsure = !family;
	return NULL;
}

void site_judge_listed(struct site_subject *s)
{
	const struct site_file *listed = s->m->listed;
	char text[ADDRESS_TEXT_MAX];
	bool unsure;
	const struct site_server *server = listed_server(s, &unsure);

	if (server && server->name)
		event_set_name(s->ev, FIELD_SERVER_DOMAIN, server->name);
	if (server && server->site->mode)
		event_set_name(s->ev, FIELD_CONFIGMGR_SITE_MODE, server->site->mode);
	if (s->role == ROLE_COUNT || unsure || !(listed->listed_roles >> s->role & 1))
		return;

	bool authorized = server && site_server_has_role(server, s->role);

	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED, authorized);
	site_state_baseline(s, "listed",
	                    arena_print(s->scratch, "%s is %s in the site file as %s",
	                                address_print(s->server_address, text),
	                                authorized ? "listed" : "not listed",
	                                site_role_name(s->role)));
}

size_t site_names_not_listed(struct site_subject *s, struct texts names, enum site_role role,
                             struct bytes *unauthorized)
{
	const struct site_file *listed = s->m->listed;
	size_t n = 0;

	if (!(listed->listed_roles >> role & 1))
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		const struct site_server *server = site_file_by_name(listed, names.at[i]);

		if (!server || !site_server_has_role(server, role))
			unauthorized[n++] = names.at[i];
	}
	return n;
}
