/* Who is behind a TLS handshake: only site systems concern this sensor, and most TLS on a mirror
 * port is of other servers.
 *
 * With a site file a server is a site system when its address is listed, or when the client asked
 * for a listed name. Without one it is what has answered as a site system in clear, bears a name
 * that clients were told for a management point, has a certificate of the authority that a site
 * server makes, or listens on a port of ConfigMgr's own. The detector thread runs it. */
#include "core/clock.h"
#include "core/hash.h"
#include "sensor/site/site_private.h"

#define PORT_HTTPS        443
#define PORT_WSUS_HTTPS   8531
#define PORT_NOTIFICATION 10123

static uint16_t port_of(const struct site_subject *s)
{
	return (uint16_t)event_integer(s->ev, FIELD_SERVER_PORT, 0);
}

static const struct site_server *addressed_as(const struct site_subject *s)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *server = site_file_by_address(listed, s->server_address);
	struct bytes name = event_text(s->ev, FIELD_TLS_CLIENT_SERVER_NAME);

	return server || !name.len ? server : site_file_by_name(listed, name);
}

/* HTTPS is what the operator expects there. */
static bool https_is_listed(const struct site_server *server, uint16_t port)
{
	const char *mode = server->site->mode;
	const struct site_ports *ports = &server->ports;

	if (!mode || !strcmp(mode, "http"))
		return false;
	for (uint8_t i = 0; i < ports->https_count; i++)
		if (ports->https[i] == port)
			return true;
	return port == PORT_HTTPS || port == PORT_WSUS_HTTPS || port == PORT_NOTIFICATION;
}

static void state_listed(struct site_subject *s)
{
	char text[ADDRESS_TEXT_MAX];
	const struct site_server *server = s->addressed = addressed_as(s);
	bool by_address;

	if (!server)
		return;
	by_address = site_file_by_address(s->m->listed, s->server_address) == server;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, true);
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_HTTPS_LISTED,
	                  by_address && https_is_listed(server, port_of(s)));
	if (server->site->mode)
		event_set_name(s->ev, FIELD_CONFIGMGR_SITE_MODE, server->site->mode);
	if (server->site->code && !event_has(s->ev, FIELD_CONFIGMGR_SITE_CODE))
		event_set_name(s->ev, FIELD_CONFIGMGR_SITE_CODE, server->site->code);
	site_state_baseline(s, "listed",
	                    by_address ? arena_print(s->scratch, "%s is listed in the site file",
	                                             address_print(s->server_address, text))
	                               : arena_print(s->scratch,
	                                             "the client asked for %s, which the site file "
	                                             "lists with other addresses",
	                                             server->name));
}

/* The site of which this is the name of a management point, as several clients were told. */
static const struct learned_site *site_of_name(struct site_subject *s, struct bytes name)
{
	for (size_t i = 0; name.len && i < s->m->site_count; i++) {
		struct learned_site *site = &s->m->site[i];
		const struct told_name *told = site_told(site, name);

		if (told && site_enough(site) && told->clients.count >= site_enough(site))
			return site;
	}
	return NULL;
}

/* Why this is a site system, and in which roles; NULL when nothing speaks for it. */
static const char *learned_reason(struct site_subject *s, uint32_t *roles)
{
	const struct certificate *shown = s->shown[ATTACHED_SERVER_CERTIFICATES];
	uint16_t port = port_of(s);

	*roles = s->server ? s->server->roles : 0;
	if (site_of_name(s, event_text(s->ev, FIELD_TLS_CLIENT_SERVER_NAME))) {
		*roles |= UINT32_C(1) << ROLE_MANAGEMENT_POINT;
		return "learned: the client asked for the name of a management point that several "
		       "clients were told";
	}
	if (*roles)
		return "learned: the server has answered as a site system before";
	if (port == PORT_WSUS_HTTPS || port == PORT_NOTIFICATION) {
		*roles |= UINT32_C(1) << (port == PORT_WSUS_HTTPS ? ROLE_SOFTWARE_UPDATE_POINT
		                                                  : ROLE_NOTIFICATION_SERVER);
		return "learned: the port is one of ConfigMgr's own";
	}
	if (shown && shown->configmgr_issued)
		return "learned: the certificate is one that a site server issues to site systems";
	return NULL;
}

static void set_roles(struct site_subject *s, uint32_t roles)
{
	struct bytes *names = arena_alloc(s->scratch, ROLE_COUNT * sizeof(*names));
	size_t n = 0;

	for (int role = 0; names && role < ROLE_COUNT; role++)
		if (roles >> role & 1)
			names[n++] = bytes_of(site_role_name((enum site_role)role));
	if (names && !n)
		names[n++] = BYTES("site-system");
	event_set_texts(s->ev, FIELD_CONFIGMGR_SERVER_ROLES, names, n);
}

void site_state_tls_server(struct site_subject *s)
{
	const char *reason;
	uint32_t roles;

	if (s->m->listed) {
		state_listed(s);
		if (!s->addressed)
			return;
		roles = s->addressed->roles;
		if (s->addressed->name)
			event_set_name(s->ev, FIELD_SERVER_DOMAIN, s->addressed->name);
	} else {
		reason = learned_reason(s, &roles);
		if (!reason)
			return;
		event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, true);
		if (s->server && s->server->https_only)
			event_set_name(s->ev, FIELD_CONFIGMGR_SITE_MODE, "https");
		site_state_baseline(s, "learned", bytes_of(reason));
	}
	set_roles(s, roles);
}

/* Which of its certificates this is about: IIS has one for each port, or for each name on it. */
static uint64_t place_of(const struct site_subject *s)
{
	struct bytes name = event_text(s->ev, FIELD_TLS_CLIENT_SERVER_NAME);
	uint16_t port = port_of(s);

	return hash_bytes((struct bytes){(const uint8_t *)&port, sizeof(port)}) ^ hash_bytes(name);
}

struct learned_certificate *site_certificate_find(const struct site_subject *s)
{
	uint64_t place = place_of(s);

	for (uint8_t i = 0; s->server && i < s->server->certificate_count; i++)
		if (s->server->certificate[i].place == place)
			return &s->server->certificate[i];
	return NULL;
}

static void remember(struct site_subject *s, struct learned_certificate *known,
                     const struct certificate *shown)
{
	memcpy(known->hash, shown->hash, sizeof(known->hash));
	known->subject = hash_bytes(shown->subject);
	known->fits = event_integer(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_NAME_FITS, false);
}

static void learn_certificate(struct site_subject *s, const struct certificate *shown)
{
	struct learned_certificate *known = site_certificate_find(s);

	if (!known) {
		if (s->server->certificate_count == CERTIFICATES_MAX)
			return;
		known = &s->server->certificate[s->server->certificate_count++];
		*known = (struct learned_certificate){.place = place_of(s)};
		remember(s, known, shown);
	}
	if (!memcmp(known->hash, shown->hash, sizeof(known->hash))) {
		known->last = s->ev->time;
		return;
	}
	if (memcmp(known->other, shown->hash, sizeof(known->other)) != 0) {
		memcpy(known->other, shown->hash, sizeof(known->other));
		known->other_first = s->ev->time;
	}
	/* After a day without the old one, the new one is what it has. */
	if (s->ev->time - known->other_first >= DAY && known->last < known->other_first)
		remember(s, known, shown);
}

/* Clients that show a certificate to it, while nobody was answered in clear. */
static void learn_mutual(struct site_subject *s)
{
	if (!event_text_is(s->ev, FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION, "presented") ||
	    !event_integer(s->ev, FIELD_TLS_ESTABLISHED, false))
		return;
	site_witness(&s->server->mutual, s->client_address);
	if (!s->server->clear && s->server->mutual.count >= ENOUGH_WITNESSES)
		s->server->https_only = true;
}

static void learn_tls_client(struct site_subject *s)
{
	bool listed = s->addressed && site_is_https_only(s->addressed->site);
	bool presented =
	        event_text_is(s->ev, FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION, "presented");
	struct learned_client *c =
	        site_client_find(s->m, s->client_address, (struct bytes){0}, true);

	c->last_seen = s->ev->time;
	if (!event_integer(s->ev, FIELD_TLS_ESTABLISHED, false))
		return;
	if (!c->tls_since)
		c->tls_since = s->ev->time;
	if (presented && (listed || s->server->https_only))
		c->https_only = true;
}

void site_learn_tls(struct site_subject *s)
{
	const struct certificate *shown = s->shown[ATTACHED_SERVER_CERTIFICATES];

	if (!event_integer(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, false))
		return;
	if (!s->server)
		s->server = site_server_find(s->m, s->server_address, true);
	if (!s->server)
		return;
	if (shown)
		learn_certificate(s, shown);
	learn_mutual(s);
	learn_tls_client(s);
}
