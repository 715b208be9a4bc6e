/* Pairs of site systems: how what they say to each other crosses the wire.
 *
 * A pair is remembered when both are site systems (listed, or learned), when the site file demands
 * IPsec between them, or when one asked the other for IPsec in vain. The table has a fixed number
 * of places; a pair of the first two kinds is given up only for another such. The detector thread
 * owns it. */
#include "core/clock.h"
#include "core/hash.h"
#include "sensor/site/site_private.h"

#include <stdlib.h>

/* Who was not answered and means to speak in clear does so soon: Windows after three seconds, and
 * then for five minutes before it asks again. */
#define FALLBACK_WINDOW (5 * MINUTE)

static const char *const way_name[] = {
        [WAY_CLEAR] = "cleartext", [WAY_TLS] = "tls", [WAY_SMB] = "smb",
        [WAY_RPC] = "rpc",         [WAY_ESP] = "esp", [WAY_ESP_NULL] = "esp-null",
        [WAY_AH] = "ah",
};

/* What is told apart of traffic in clear. The last stands for all others. */
static const char *const clear_name[] = {"smb", "dce_rpc", "tds", "http", "other"};

#define CLEAR_OTHER 4

/* What protects itself, or is exempt from IPsec by default (network.md 4.6 names them). */
static const char *const exempt[] = {"dns", "kerberos", "ldap", "ntp",   "dhcp",
                                     "tls", "ssh",      "quic", "isakmp"};

static bool is_one_of(struct bytes name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_equal(name, bytes_of(names[i])))
			return true;
	return false;
}

static bool is_site_system(const struct site_model *m, struct address a)
{
	const struct learned_server *learned;

	if (m->listed)
		return site_file_by_address(m->listed, a);
	learned = site_server_find((struct site_model *)(uintptr_t)m, a, false);
	return learned && learned->roles;
}

static bool are_site_systems(const struct site_subject *s)
{
	return !address_equal(s->client_address, s->server_address) &&
	       is_site_system(s->m, s->client_address) && is_site_system(s->m, s->server_address);
}

static bool are_required(const struct site_file *listed, struct address a, struct address b)
{
	return listed && site_file_requires_ipsec(listed, a, b);
}

static uint64_t hash_of(const struct address both[2])
{
	const uint64_t word[5] = {
	        address_half(&both[0], 0),
	        address_half(&both[0], 1),
	        address_half(&both[1], 0),
	        address_half(&both[1], 1),
	};

	return hash_five(word);
}

/* A fresh place, or that of the longest unseen of a few, pairs of site systems last. */
static struct site_pair *take_place(struct site_model *m)
{
	struct site_pair *worst = NULL;

	if (m->pair_count < m->pair_cap)
		return &m->pair[m->pair_count++];
	for (int i = 0; i < 16; i++) {
		struct site_pair *p = &m->pair[m->pair_hand];

		m->pair_hand = m->pair_hand + 1 == m->pair_cap ? 0 : m->pair_hand + 1;
		if (!worst || p->kept < worst->kept ||
		    (p->kept == worst->kept && p->last_seen < worst->last_seen))
			worst = p;
	}
	table_remove(&m->pairs, hash_of(worst->address), (uint32_t)(worst - m->pair));
	count(m->counters, COUNTER_SITE_EVICTED);
	*worst = (struct site_pair){0};
	return worst;
}

static struct site_pair *find(struct site_model *m, struct address a, struct address b, bool make)
{
	bool turned = memcmp(a.at, b.at, sizeof(a.at)) > 0;
	struct address both[2] = {turned ? b : a, turned ? a : b};
	uint64_t hash = hash_of(both);
	uint32_t at = TABLE_NONE, place;
	struct site_pair *p;

	while ((place = table_next(&m->pairs, hash, &at)) != TABLE_NONE)
		if (!memcmp(m->pair[place].address, both, sizeof(both)))
			return &m->pair[place];
	if (!make)
		return NULL;
	p = take_place(m);
	memcpy(p->address, both, sizeof(both));
	table_add(&m->pairs, hash, (uint32_t)(p - m->pair));
	return p;
}

static bool is_answered(const struct event *ev)
{
	return event_has(ev, FIELD_CONFIGMGR_IKE_OUTCOME) &&
	       !event_text_is(ev, FIELD_CONFIGMGR_IKE_OUTCOME, "unanswered");
}

/* Of two peers that had no association before. */
static bool is_unanswered(const struct event *ev)
{
	return event_text_is(ev, FIELD_CONFIGMGR_IKE_OUTCOME, "unanswered") &&
	       event_integer(ev, FIELD_CONFIGMGR_IKE_MESSAGE_ID, 1) == 0;
}

/* Both said something, and neither IPsec nor the protocol itself protects it. */
static bool is_clear_talk(const struct event *ev)
{
	return ev->kind == EVENT_CONNECTION &&
	       event_text_is(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "cleartext") &&
	       event_text_is(ev, FIELD_NETWORK_TRANSPORT, "tcp") &&
	       !event_text_is(ev, FIELD_CONFIGMGR_CONNECTION_STATE, "attempted") &&
	       event_integer(ev, FIELD_SOURCE_PACKETS, 0) > 0 &&
	       event_integer(ev, FIELD_DESTINATION_PACKETS, 0) > 0 &&
	       !is_one_of(event_text(ev, FIELD_NETWORK_PROTOCOL), exempt,
	                  sizeof(exempt) / sizeof(*exempt));
}

static bool follows(int64_t cause, int64_t effect)
{
	return cause && effect >= cause && effect - cause <= FALLBACK_WINDOW;
}

/* The event is the second half of: not answered, then in clear. Which of the two becomes known
 * first depends on how long they last. */
static bool is_fallback(const struct site_pair *p, const struct event *ev)
{
	int64_t start = event_integer(ev, FIELD_EVENT_START, ev->time);

	if (is_clear_talk(ev))
		return follows(p->unanswered_at, start) && p->answered_at < p->unanswered_at;
	return ev->kind == EVENT_IPSEC && is_unanswered(ev) && follows(start, p->clear_at) &&
	       p->answered_at < start;
}

static void state_ways(struct site_subject *s, const struct site_pair *p)
{
	struct bytes *list = arena_alloc(s->scratch, 16 * sizeof(*list));
	size_t n = 0;

	for (size_t way = WAY_CLEAR + 1; list && way < WAY_COUNT; way++)
		if (p->ways >> way & 1)
			list[n++] = bytes_of(way_name[way]);
	for (size_t i = 0; list && i <= CLEAR_OTHER; i++)
		if (p->clear >> i & 1)
			list[n++] = arena_print(s->scratch, "cleartext/%s", clear_name[i]);
	if (list)
		event_set_texts(s->ev, FIELD_CONFIGMGR_PAIR_PROTECTIONS, list, n);
}

/* Between site systems encryption is wished for, by other rules. */
static void state_expectation(struct site_subject *s)
{
	const struct site_file *listed = s->m->listed;
	bool client, server;

	if (!listed)
		return;
	client = site_file_by_address(listed, s->client_address);
	server = site_file_by_address(listed, s->server_address);
	if (client || server)
		event_set_boolean(s->ev, FIELD_CONFIGMGR_PAIR_ENCRYPTION_LISTED,
		                  (client && server) || are_required(listed, s->client_address,
		                                                     s->server_address));
}

void site_state_pair(struct site_subject *s)
{
	const struct site_pair *p = find(s->m, s->client_address, s->server_address, false);

	if (are_site_systems(s)) {
		event_set_boolean(s->ev, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS, true);
		site_state_baseline(
		        s, s->m->listed ? "listed" : "learned",
		        s->m->listed ? BYTES("both are listed in the site file")
		                     : BYTES("learned: both answered clients as site systems"));
	}
	if (are_required(s->m->listed, s->client_address, s->server_address))
		event_set_boolean(s->ev, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED, true);
	state_expectation(s);
	if (!p)
		return;
	state_ways(s, p);
	if (is_fallback(p, s->ev))
		event_set_boolean(s->ev, FIELD_CONFIGMGR_IPSEC_FALLBACK, true);
}

static void learn_connection(struct site_pair *p, const struct event *ev)
{
	struct bytes security = event_text(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY);
	struct bytes protocol = event_text(ev, FIELD_NETWORK_PROTOCOL);
	size_t i = 0;

	for (size_t way = WAY_CLEAR + 1; way < WAY_COUNT; way++)
		if (bytes_equal(security, bytes_of(way_name[way])))
			p->ways |= (uint8_t)(1u << way);
	if (!is_clear_talk(ev))
		return;
	while (i < CLEAR_OTHER && !bytes_equal(protocol, bytes_of(clear_name[i])))
		i++;
	p->ways |= 1u << WAY_CLEAR;
	p->clear |= (uint8_t)(1u << i);
	p->clear_at = event_integer(ev, FIELD_EVENT_START, ev->time);
}

static void learn_ipsec(struct site_pair *p, const struct event *ev)
{
	if (event_text_is(ev, FIELD_CONFIGMGR_IPSEC_ENCRYPTION, "encrypted"))
		p->ways |= 1u << WAY_ESP;
	if (event_text_is(ev, FIELD_CONFIGMGR_IPSEC_ENCRYPTION, "null"))
		p->ways |= 1u << WAY_ESP_NULL;
	if (event_text_is(ev, FIELD_CONFIGMGR_IPSEC_ENCRYPTION, "none"))
		p->ways |= 1u << WAY_AH;
	if (is_unanswered(ev))
		p->unanswered_at = event_integer(ev, FIELD_EVENT_START, ev->time);
	else if (is_answered(ev))
		p->answered_at = event_integer(ev, FIELD_EVENT_END, ev->time);
}

void site_learn_pair(struct site_subject *s)
{
	bool kept = are_site_systems(s) ||
	            are_required(s->m->listed, s->client_address, s->server_address);
	struct site_pair *p = find(s->m, s->client_address, s->server_address,
	                           kept || (s->ev->kind == EVENT_IPSEC && is_unanswered(s->ev)));

	if (!p)
		return;
	p->kept |= kept;
	p->last_seen = s->ev->time;
	if (s->ev->kind == EVENT_IPSEC)
		learn_ipsec(p, s->ev);
	else
		learn_connection(p, s->ev);
}

static void print_pair(const struct site_model *m, const struct site_pair *p, FILE *to)
{
	char a[ADDRESS_TEXT_MAX], b[ADDRESS_TEXT_MAX];
	bool required = are_required(m->listed, p->address[0], p->address[1]);
	const char *between = "";

	fprintf(to, "  %s - %s  ", address_print(p->address[0], a),
	        address_print(p->address[1], b));
	for (size_t way = WAY_CLEAR + 1; way < WAY_COUNT; way++)
		if (p->ways >> way & 1) {
			fprintf(to, "%s%s", between, way_name[way]);
			between = ", ";
		}
	for (size_t i = 0; i <= CLEAR_OTHER; i++)
		if (p->clear >> i & 1) {
			fprintf(to, "%scleartext (%s)", between, clear_name[i]);
			between = ", ";
		}
	fprintf(to, "%s\n",
	        !required                   ? ""
	        : !(p->ways >> WAY_ESP & 1) ? "  IPsec is required, and was NEVER seen to encrypt"
	        : p->ways >> WAY_CLEAR & 1  ? "  IPsec is required, and NOT always there"
	                                    : "  IPsec is required");
}

static int compare(const void *a, const void *b)
{
	const struct site_pair *const *x = a, *const *y = b;

	return memcmp((*x)->address, (*y)->address, sizeof((*x)->address));
}

void site_pairs_summary(const struct site_model *m, FILE *to)
{
	const struct site_pair **sorted = calloc(m->pair_count + 1, sizeof(*sorted));
	uint32_t n = 0;

	for (uint32_t i = 0; sorted && i < m->pair_count; i++)
		if (m->pair[i].kept)
			sorted[n++] = &m->pair[i];
	if (n) {
		qsort(sorted, n, sizeof(*sorted), compare);
		fprintf(to, "pairs of site systems, and how they spoke\n");
	}
	for (uint32_t i = 0; i < n; i++)
		print_pair(m, sorted[i], to);
	free(sorted);
}
