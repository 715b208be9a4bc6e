/* Servers: in which roles one is known, and learning them from what they answer.
 *
 * The detector thread runs it. */
#include "sensor/site/site_private.h"

/* In which roles the host of an address is listed, or has answered. */
static void state_roles(struct site_subject *s, struct address a, enum field field)
{
	struct site_model *m = s->m;
	const struct site_server *listed = m->listed ? site_file_by_address(m->listed, a) : NULL;
	const struct learned_server *learned = site_server_find(m, a, false);
	uint32_t roles = (listed ? listed->roles : 0) | (learned ? learned->roles : 0);
	struct bytes *names = arena_alloc(s->scratch, ROLE_COUNT * sizeof(*names));
	size_t n = 0;

	/* A list that does not name the server speaks against it. */
	if (!names || (m->listed && !listed))
		return;
	for (int role = 0; role < ROLE_COUNT; role++)
		if (roles >> role & 1)
			names[n++] = bytes_of(site_role_name((enum site_role)role));
	if (listed && !n)
		names[n++] = BYTES("site-system");
	event_set_texts(s->ev, field, names, n);
}

void site_state_roles(struct site_subject *s)
{
	const struct site_file *list = s->m->listed;
	const struct site_server *listed =
	        list ? site_file_by_address(list, s->server_address) : NULL;

	state_roles(s, s->server_address, FIELD_CONFIGMGR_SERVER_ROLES);
	if (listed && listed->name)
		event_set_name(s->ev, FIELD_SERVER_DOMAIN, listed->name);
}

void site_state_client_roles(struct site_subject *s)
{
	state_roles(s, s->client_address, FIELD_CONFIGMGR_CLIENT_ROLES);
}

void site_state_code(struct site_subject *s)
{
	if (s->code[0] && !event_has(s->ev, FIELD_CONFIGMGR_SITE_CODE))
		event_set_text(s->ev, FIELD_CONFIGMGR_SITE_CODE,
		               arena_copy(s->scratch, bytes_of(s->code)));
}

/* May this server answer in this role? */
void site_judge_server(struct site_subject *s)
{
	if (s->m->listed)
		site_judge_listed(s);
	else
		site_judge_learned(s);
}

bool site_believed(const struct site_subject *s)
{
	return event_integer(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED, true);
}

void site_learn_server(struct site_subject *s)
{
	if (!site_believed(s))
		return;

	struct learned_server *server = site_server_find(s->m, s->server_address, true);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	bool clear = !event_text_is(s->ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "tls");
	struct address literal;

	if (!server || s->role == ROLE_COUNT)
		return;
	server->roles |= UINT32_C(1) << s->role;
	server->clear |= clear;
	server->port = (uint16_t)event_integer(s->ev, FIELD_SERVER_PORT, 0);
	if (s->code[0] && !server->code[0])
		memcpy(server->code, s->code, CODE_TEXT);
	if (!server->name.len && site_can_be_name(host) && !address_parse(host, &literal))
		site_name_set(&server->name, host);
	site_witness(&server->clients, s->client_address);

	struct learned_site *site = site_find(s->m, s->code, true);

	if (site)
		site->clear |= clear;
}
