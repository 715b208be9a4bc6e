/* Sites that take HTTPS only, clients that come in clear all the same, and clients that check
 * whether certificates were revoked.
 *
 * The detector thread runs it. */
#include "core/clock.h"
#include "sensor/site/site_private.h"

bool site_is_https_only(const struct site *site)
{
	return site->mode && !strcmp(site->mode, "https");
}

/* The listed site of that code, or NULL. */
static const struct site *listed_site(const struct site_file *listed, const char *code)
{
	for (size_t i = 0; code[0] && i < listed->site_count; i++)
		if (listed->site[i].code && !strcmp(listed->site[i].code, code))
			return &listed->site[i];
	return NULL;
}

/* Why HTTPS alone would be right here; NULL when nothing says so. */
static const char *listed_reason(const struct site_subject *s)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *server = site_file_by_address(listed, s->server_address);
	const struct site *site = listed_site(listed, s->code);

	if (server && site_is_https_only(server->site))
		return "the site of the server is listed as HTTPS only";
	if (s->client && s->client->code[0])
		site = listed_site(listed, s->client->code);
	if (site && site_is_https_only(site))
		return "the site of the client is listed as HTTPS only";
	if (s->client && s->client->https_only)
		return "the client has shown a certificate to a site that is listed as HTTPS only";
	return NULL;
}

static const char *learned_reason(const struct site_subject *s)
{
	if (s->server && s->server->https_only)
		return "learned: several clients showed this server a certificate before it "
		       "answered anybody in clear";
	if (s->client && s->client->https_only)
		return "learned: the client has shown a certificate to a site system that answers "
		       "nobody in clear";
	return NULL;
}

/* Only management and distribution points: the fallback status point speaks HTTP by design. */
void site_state_https_only(struct site_subject *s)
{
	const char *reason;

	if (s->role != ROLE_MANAGEMENT_POINT && s->role != ROLE_DISTRIBUTION_POINT)
		return;
	reason = s->m->listed ? listed_reason(s) : learned_reason(s);
	if (!reason)
		return;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SITE_HTTPS_ONLY, true);
	site_state_baseline(s, s->m->listed ? "listed" : "learned", bytes_of(reason));
}

/* Windows keeps a CRL until its next update, which may be a week away: whoever was ever seen to
 * fetch one checks. Nothing is said of a client of which something was missed. */
void site_state_revocation(struct site_subject *s)
{
	const struct learned_client *c = s->client;

	if (!c || !event_integer(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, false))
		return;
	if (c->checked_at)
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CLIENT_REVOCATION_CHECKED, true);
	else if (c->tls_since && s->ev->time - c->tls_since >= DAY && !c->lost_at)
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CLIENT_REVOCATION_CHECKED, false);
}

void site_learn_revocation(struct site_subject *s)
{
	struct learned_client *c =
	        site_client_find(s->m, s->client_address, (struct bytes){0}, true);

	c->last_seen = c->checked_at = s->ev->time;
}
