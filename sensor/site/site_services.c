/* Services: did the client mean the server that it spoke to?
 *
 * An NTLM response tells the service principal name that the client meant (MS-NLMP 2.2.2.1).
 * Whoever relays a logon cannot change it. It is compared with the address, with what the challenge
 * says of its sender, and with the site file; an alias that is listed with the server's address is
 * a name of the server. The detector thread runs it. */
#include "sensor/site/site_private.h"

enum match { MATCH_UNKNOWN, MATCH_SAME, MATCH_OTHER };

static bool lists_address(const struct site_server *server, struct address a)
{
	for (size_t i = 0; i < server->address_count; i++)
		if (address_equal(server->address[i], a))
			return true;
	return false;
}

/* A host that is an address. */
static enum match by_address(const struct site_subject *s, struct address host)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *server = listed ? site_file_by_address(listed, host) : NULL;

	if (address_equal(host, s->server_address))
		return MATCH_SAME;
	if (server && lists_address(server, s->server_address))
		return MATCH_SAME;
	if (address_is_v4(host) != address_is_v4(s->server_address) && !server)
		return MATCH_UNKNOWN;
	return MATCH_OTHER;
}

/* Whether the server is listed under a name that fits. */
static enum match by_list(const struct site_subject *s, struct bytes host)
{
	const struct site_file *listed = s->m->listed;
	enum match match = MATCH_UNKNOWN;

	for (size_t i = 0; listed && i < listed->site_count; i++)
		for (size_t j = 0; j < listed->site[i].server_count; j++) {
			const struct site_server *server = &listed->site[i].server[j];
			bool fits = server->name && site_names_fit(host, bytes_of(server->name));
			bool here = lists_address(server, s->server_address);

			if (fits && here)
				return MATCH_SAME;
			/* Another server by that name, or this one by another. */
			if ((fits && server->address_count) || (here && server->name))
				match = MATCH_OTHER;
		}
	return match;
}

/* Whether the sender of the challenge calls itself so. */
static enum match by_challenge(const struct event *ev, struct bytes host)
{
	struct bytes full = event_text(ev, FIELD_CONFIGMGR_AUTH_TARGET_DNS_NAME);
	struct bytes name = event_text(ev, FIELD_CONFIGMGR_AUTH_TARGET_NAME);

	if (!full.len && !name.len)
		return MATCH_UNKNOWN;
	if ((full.len && site_names_fit(host, full)) || (name.len && site_names_fit(host, name)))
		return MATCH_SAME;
	return MATCH_OTHER;
}

/* Without a list: whether several clients call another server by that name, and this one not. */
static enum match by_learned(const struct site_subject *s, struct bytes host)
{
	enum match match = MATCH_UNKNOWN;

	for (uint32_t i = 0; i < s->m->server_count; i++) {
		const struct learned_server *server = &s->m->server[i];

		if (!server->name.len || !site_names_fit(host, site_name_view(&server->name)))
			continue;
		if (address_equal(server->address, s->server_address))
			return MATCH_SAME;
		if (server->clients.count >= ENOUGH_WITNESSES &&
		    address_is_v4(server->address) == address_is_v4(s->server_address))
			match = MATCH_OTHER;
	}
	return match;
}

static enum match by_name(const struct site_subject *s, struct bytes host)
{
	enum match challenge = by_challenge(s->ev, host);
	enum match known = s->m->listed ? by_list(s, host) : by_learned(s, host);

	if (known == MATCH_SAME || challenge == MATCH_SAME)
		return MATCH_SAME;
	/* A name that only the challenge contradicts may be an alias. */
	return known;
}

void site_state_service(struct site_subject *s)
{
	struct bytes host = event_text(s->ev, FIELD_CONFIGMGR_AUTH_SERVICE_HOST);
	struct address address;
	enum match match;
	char text[ADDRESS_TEXT_MAX];

	if (!host.len || !event_text_is(s->ev, FIELD_CONFIGMGR_AUTH_SCHEME, "ntlm"))
		return;
	match = address_parse(host, &address) ? by_address(s, address) : by_name(s, host);
	if (match == MATCH_UNKNOWN)
		return;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_AUTH_SERVICE_ELSEWHERE, match == MATCH_OTHER);
	if (match == MATCH_OTHER)
		site_state_baseline(s, s->m->listed ? "listed" : "learned",
		                    arena_print(s->scratch,
		                                "the client meant %.*s, but spoke to %s",
		                                (int)host.len, (const char *)host.at,
		                                address_print(s->server_address, text)));
}
