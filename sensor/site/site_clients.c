/* Clients: what is known of one, what the operator says of its address, and learning both trust and
 * approval.
 *
 * What was not captured makes knowledge unknown again. The detector thread runs it. */
#include "sensor/site/site_private.h"

/* What is known of the client, unless something that was missed could have changed it. */
void site_state_client(struct site_subject *s)
{
	bool missed = s->client && s->client->lost_at;

	if (s->identity &&
	    (!s->client || s->client->lost_at < s->identity->approved_at || !s->client->lost_at))
		event_set_name(s->ev, FIELD_CONFIGMGR_CLIENT_APPROVAL, s->identity->approval);
	if (s->client && s->client->known)
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CLIENT_KNOWN, true);
	else if (!missed)
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CLIENT_KNOWN, false);
}

static bool in_networks(const struct site_networks *networks, struct address a)
{
	for (size_t i = 0; i < networks->count; i++)
		if (network_contains(networks->at[i], a))
			return true;
	return false;
}

/* What the operator says of the client's address. */
void site_state_place(struct site_subject *s)
{
	struct event *ev = s->ev;
	const struct site_file *listed = s->m->listed;
	struct address client;

	if (!listed || !event_has(ev, FIELD_CLIENT_IP))
		return;
	client = s->client_address;
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_SHARED,
	                  in_networks(&listed->shared_addresses, client));
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_IMAGING,
	                  in_networks(&listed->imaging, client));
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_SITE_SYSTEM,
	                  site_file_by_address(listed, client) != NULL);
}

void site_learn_client(struct site_subject *s)
{
	struct event *ev = s->ev;
	bool proved = event_integer(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, false) ||
	              event_text_is(ev, FIELD_CONFIGMGR_AUTH_STATE, "authenticated");
	struct learned_client *c =
	        site_client_find(s->m, s->client_address, (struct bytes){0}, true);

	c->last_seen = ev->time;
	c->known |= proved;
	if (s->code[0])
		memcpy(c->code, s->code, CODE_TEXT);
}

void site_learn_registration(struct site_subject *s)
{
	struct bytes guid = event_text(s->ev, FIELD_CONFIGMGR_CLIENT_GUID);
	struct bytes approval = event_text(s->ev, FIELD_CONFIGMGR_REGISTRATION_APPROVAL);
	static const char *const names[] = {"unknown", "pending", "approved", "not-applicable",
	                                    "approved-by-entra"};

	if (!guid.len || !approval.len)
		return;

	struct learned_client *c = site_client_find(s->m, s->client_address, guid, true);

	if (!c)
		return;
	c->last_seen = c->approved_at = s->ev->time;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (bytes_equal(approval, bytes_of(names[i])))
			c->approval = names[i];
	if (event_text_is(s->ev, FIELD_CONFIGMGR_REGISTRATION_STATUS, "pending"))
		c->approval = "pending";
}

/* What was not captured of a client may have changed what is known of it. */
void site_learn_loss(struct site_subject *s)
{
	struct learned_client *c =
	        site_client_find(s->m, s->client_address, (struct bytes){0}, true);

	c->last_seen = c->lost_at = s->ev->time;
}
