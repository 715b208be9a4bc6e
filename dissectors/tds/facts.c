/* The event of a connection to SQL Server: what was settled, and who logged on where. */
#include "dissectors/tds/tds.h"

static const char *const encryption_name[] = {
        [ENCRYPT_OFF] = "off",
        [ENCRYPT_ON] = "on",
        [ENCRYPT_NOT_SUPPORTED] = "not-supported",
        [ENCRYPT_REQUIRED] = "required",
        [ENCRYPT_UNKNOWN] = NULL,
};

static const char *const settled_name[] = {
        [SETTLED_UNKNOWN] = NULL,
        [SETTLED_NONE] = "none",
        [SETTLED_LOGIN_ONLY] = "login-only",
        [SETTLED_ALL] = "all",
        [SETTLED_REFUSED] = "refused",
};

static const char *request_name(uint8_t type)
{
	switch (type) {
	case TDS_SQL_BATCH:
		return "batch";
	case TDS_RPC:
		return "call";
	case TDS_BULK_LOAD:
		return "bulk-load";
	case TDS_TRANSACTION:
		return "transaction";
	default:
		return NULL;
	}
}

static void set_text(struct event *ev, enum field f, const struct tds_text *t)
{
	if (t->len)
		event_set_text(ev, f, tds_view(t));
}

static void set_version(struct dissection *d, enum field f, const struct tds_prelogin *p)
{
	if (p->has_version)
		event_set_text(
		        &d->bench->event, f,
		        arena_print(&d->bench->scratch, "%u.%u.%u", p->major, p->minor, p->build));
}

static void set_prelogins(struct dissection *d, struct event *ev)
{
	const struct tds_state *st = d->state;
	const struct tds_prelogin *client = &st->prelogin[CLIENT], *server = &st->prelogin[SERVER];

	if (client->seen)
		event_set_name(ev, FIELD_CONFIGMGR_SQL_ENCRYPTION_CLIENT,
		               encryption_name[client->encryption]);
	if (server->seen)
		event_set_name(ev, FIELD_CONFIGMGR_SQL_ENCRYPTION_SERVER,
		               encryption_name[server->encryption]);
	event_set_name(ev, FIELD_CONFIGMGR_SQL_ENCRYPTION_SETTLED, settled_name[tds_settled(st)]);
	set_version(d, FIELD_CONFIGMGR_SQL_VERSION_CLIENT, client);
	set_version(d, FIELD_CONFIGMGR_SQL_VERSION_SERVER, server);
	set_text(ev, FIELD_CONFIGMGR_SQL_INSTANCE, &st->instance);
	if (client->has_mars)
		event_set_boolean(ev, FIELD_CONFIGMGR_SQL_MARS, client->mars);
	if (client->federated)
		event_set_boolean(ev, FIELD_CONFIGMGR_SQL_FEDERATED, true);
}

/* CM_ and three letters or digits, or SMS_ before 2012: then the database is that of a site. */
static void set_site(struct event *ev, struct bytes database)
{
	size_t prefix = bytes_starts_with_fold(database, BYTES("CM_"))    ? 3
	                : bytes_starts_with_fold(database, BYTES("SMS_")) ? 4
	                                                                  : 0;
	struct bytes code = bytes_slice(database, prefix, database.len);

	if (!prefix || code.len != 3)
		return;
	for (size_t i = 0; i < code.len; i++) {
		uint8_t c = ascii_lower(code.at[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			return;
	}
	event_set_text(ev, FIELD_CONFIGMGR_SITE_CODE, code);
	event_set_name(ev, FIELD_CONFIGMGR_SERVER_ROLE, "site-database");
}

static void set_login(struct dissection *d, struct event *ev)
{
	const struct tds_state *st = d->state;
	const struct tds_login *login = &st->login;

	if (login->version)
		event_set_text(ev, FIELD_CONFIGMGR_SQL_VERSION_TDS,
		               arena_print(&d->bench->scratch, "%u.%u", login->version >> 28,
		                           login->version >> 24 & 15));
	if (login->seen)
		event_set_name(ev, FIELD_CONFIGMGR_SQL_AUTHENTICATION,
		               login->windows       ? "windows"
		               : login->by_password ? "sql"
		                                    : NULL);
	set_text(ev, FIELD_CONFIGMGR_SQL_HOST, &login->host);
	set_text(ev, FIELD_CONFIGMGR_SQL_APPLICATION, &login->application);
	set_text(ev, FIELD_CONFIGMGR_SQL_SERVER_NAME, &login->server);
	set_text(ev, FIELD_CONFIGMGR_SQL_LIBRARY, &login->library);
	set_text(ev, FIELD_CONFIGMGR_SQL_DATABASE, &st->database);
	set_site(ev, tds_view(&st->database));
	logon_facts(&st->logon, ev);
	if (login->by_password)
		set_text(ev, FIELD_USER_NAME, &login->user);
	if (st->decided)
		event_set_name(ev, FIELD_EVENT_OUTCOME, st->accepted ? "success" : "failure");
	if (st->error)
		event_set_integer(ev, FIELD_CONFIGMGR_SQL_ERROR, st->error);
}

void tds_token(struct dissection *d, struct bytes token)
{
	struct tds_state *st = d->state;

	logon_token(d, &st->logon, CLIENT, token);
	if (logon_is_due(d, &st->logon))
		logon_emit(d, &st->logon, "tds", NULL, NULL);
}

void tds_tell(struct dissection *d)
{
	struct tds_state *st = d->state;
	struct event *ev;

	if (st->told)
		return;
	st->told = true;
	if (tds_settled(st) == SETTLED_ALL)
		d->carriage = CARRIED_IN_TLS;
	else if (!st->request &&
	         (tds_settled(st) == SETTLED_UNKNOWN || tds_settled(st) == SETTLED_REFUSED))
		d->carriage = CARRIED_UNKNOWN;
	logon_emit(d, &st->logon, "tds", NULL, NULL);
	ev = dissection_event(d, EVENT_SQL);
	event_set_time(ev, FIELD_EVENT_START, d->flow->first_time);
	if (d->carriage == CARRIED_IN_TLS)
		event_set_name(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "tls");
	set_prelogins(d, ev);
	set_login(d, ev);
	event_set_name(ev, FIELD_CONFIGMGR_SQL_REQUEST, request_name(st->request));
	if (!st->decided && !st->request && tds_settled(st) != SETTLED_ALL)
		d->bench->degraded |= DEGRADED_UNANSWERED;
	dissection_emit(d);
}
