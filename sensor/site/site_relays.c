/* Relays: was the same NTLM challenge or response seen between other hosts?
 *
 * Who relays a logon is the server of one connection and the client of another on which the same
 * challenge is answered. Both ends of recent logons are remembered, by challenge and by response,
 * in a ring: the oldest goes. Which of the two connections is told first does not matter. The
 * detector thread owns it. */
#include "core/clock.h"
#include "core/hash.h"
#include "sensor/site/site_private.h"

/* As long as the rules about relays look back. */
#define REMEMBERED (10 * MINUTE)

static uint64_t hash_of(const struct site_logon *l)
{
	return hash_bytes((struct bytes){(const uint8_t *)l->mark, sizeof(l->mark)});
}

static bool same_ends(const struct site_logon *a, const struct site_logon *b)
{
	return address_equal(a->client, b->client) && address_equal(a->server, b->server);
}

static void remember(struct site_model *m, const struct site_logon *l)
{
	uint32_t place = m->logon_hand;
	struct site_logon *old = &m->logon[place];

	m->logon_hand = place + 1 == m->logon_cap ? 0 : place + 1;
	if (m->logon_count < m->logon_cap) {
		m->logon_count++;
	} else {
		if (l->time - old->time <= REMEMBERED)
			count(m->counters, COUNTER_SITE_EVICTED);
		table_remove(&m->logons, hash_of(old), place);
	}
	*old = *l;
	table_add(&m->logons, hash_of(l), place);
}

/* The host that hands logons on, whose they are, and where they go. */
static void state_relay(struct event *ev, const struct site_logon *a, const struct site_logon *b)
{
	const struct site_logon *taken = address_equal(a->server, b->client) ? a : b;
	const struct site_logon *given = taken == a ? b : a;

	if (!address_equal(taken->server, given->client))
		return;
	event_set_address(ev, FIELD_CONFIGMGR_AUTH_RELAY_HOST, taken->server);
	event_set_address(ev, FIELD_CONFIGMGR_AUTH_RELAY_VICTIM, taken->client);
	event_set_address(ev, FIELD_CONFIGMGR_AUTH_RELAY_TARGET, given->server);
}

static void look(struct site_subject *s, enum field f)
{
	struct bytes mark = event_text(s->ev, f);
	struct site_logon here = {
	        .client = s->client_address,
	        .server = s->server_address,
	        .time = s->ev->time,
	};
	uint32_t at = TABLE_NONE, place;
	bool known = false;

	/* The first byte keeps challenges and responses apart. */
	here.mark[0] = f == FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE ? 'c' : 'r';
	if (!mark.len || mark.len >= sizeof(here.mark))
		return;
	memcpy(here.mark + 1, mark.at, mark.len);

	uint64_t hash = hash_of(&here);

	while ((place = table_next(&s->m->logons, hash, &at)) != TABLE_NONE) {
		struct site_logon *other = &s->m->logon[place];

		if (memcmp(other->mark, here.mark, sizeof(here.mark)) != 0)
			continue;
		if (same_ends(other, &here)) {
			other->time = here.time;
			known = true;
		} else if (here.time - other->time <= REMEMBERED) {
			state_relay(s->ev, other, &here);
		}
	}
	if (!known)
		remember(s->m, &here);
}

void site_state_relay(struct site_subject *s)
{
	look(s, FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE);
	look(s, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE);
}
