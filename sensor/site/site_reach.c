/* The worker's idea of the site model: a set of hashes that only grows.
 *
 * Hashes have 64 bits; should two of them ever be the same, an event more is handed over. What each
 * function says must cover what the steps of site_model.c do. */
#include "sensor/site/site_reach.h"

#include "core/hash.h"
#include "sensor/site/site_model.h"

#include <stdlib.h>

#define PORT_WSUS_HTTPS   8531
#define PORT_NOTIFICATION 10123

/* What the model states of site files alone, of pairs, and of servers of TLS. */
static const enum field of_list[] = {
        FIELD_CONFIGMGR_CLIENT_SHARED,          FIELD_CONFIGMGR_CLIENT_IMAGING,
        FIELD_CONFIGMGR_CLIENT_SITE_SYSTEM,     FIELD_CONFIGMGR_SHARE_LISTED,
        FIELD_CONFIGMGR_CLIENT_AUTHORIZED,      FIELD_CONFIGMGR_INITIATOR_AUTHORIZED,
        FIELD_CONFIGMGR_SERVER_HTTPS_LISTED,    FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED,
        FIELD_CONFIGMGR_PAIR_ENCRYPTION_LISTED,
};
static const enum field of_pair[] = {
        FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS,
        FIELD_CONFIGMGR_PAIR_PROTECTIONS,
        FIELD_CONFIGMGR_IPSEC_FALLBACK,
};
static const enum field of_site_system[] = {
        FIELD_CONFIGMGR_SERVER_SITE_SYSTEM,
        FIELD_CONFIGMGR_SERVER_HTTPS_LISTED,
        FIELD_CONFIGMGR_SITE_MODE,
        FIELD_CONFIGMGR_SERVER_ROLES,
};

static void make_set(struct field_set *set, const enum field *fields, size_t count)
{
	*set = (struct field_set){{0}};
	for (size_t i = 0; i < count; i++)
		field_set_add(set, fields[i]);
}

#define MAKE(set, fields) make_set(set, fields, sizeof(fields) / sizeof(*(fields)))

bool site_reach_open(struct site_reach *r, uint32_t most, struct counters *counters)
{
	uint32_t slots = 1024;

	while (slots / 2 < most)
		slots *= 2;
	*r = (struct site_reach){.mask = slots - 1, .most = most, .counters = counters};
	for (int f = 0; f < FIELD_COUNT; f++)
		if (field_info[f].setter >= SETTER_SITE)
			field_set_add(&r->any, (enum field)f);
	field_set_add(&r->any, FIELD_CONFIGMGR_SITE_CODE);
	MAKE(&r->of_list, of_list);
	MAKE(&r->of_pair, of_pair);
	MAKE(&r->of_site_system, of_site_system);
	r->slot = calloc(slots, sizeof(*r->slot));
	return r->slot;
}

void site_reach_close(struct site_reach *r)
{
	free(r->slot);
	r->slot = NULL;
}

static uint64_t hash_of(struct bytes key)
{
	uint64_t hash = hash_bytes(key);

	return hash ? hash : 1;
}

static uint64_t hash_of_address(struct address a)
{
	return hash_of((struct bytes){a.at, sizeof(a.at)});
}

/* Without regard to letter case; of longer names the end does not count. */
static uint64_t hash_of_name(struct bytes name)
{
	uint8_t lower[64];
	size_t len = name.len < sizeof(lower) ? name.len : sizeof(lower);

	for (size_t i = 0; i < len; i++)
		lower[i] = ascii_lower(name.at[i]);
	return hash_of((struct bytes){lower, len});
}

/* The slot of a hash, or the free one where it belongs. */
static uint64_t *slot_of(const struct site_reach *r, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & r->mask;

	while (r->slot[i] && r->slot[i] != hash)
		i = (i + 1) & r->mask;
	return &r->slot[i];
}

/* The bit of a hash in the filter: its place, and itself. */
static size_t filter_word(uint64_t hash)
{
	return (size_t)(hash >> 32) % SITE_REACH_FILTER / 64;
}

static uint64_t filter_bit(uint64_t hash)
{
	return UINT64_C(1) << ((hash >> 32) % 64);
}

/* Once one could not be added, any may be there. */
static bool has(const struct site_reach *r, uint64_t hash)
{
	bool maybe = r->filter[filter_word(hash)] & filter_bit(hash);

	return (maybe && *slot_of(r, hash)) || r->used > r->most;
}

static void add(struct site_reach *r, uint64_t hash)
{
	uint64_t *slot = slot_of(r, hash);

	if (*slot)
		return;
	if (r->used >= r->most) {
		r->used = r->most + 1;
		count(r->counters, COUNTER_EVENTS_UNJUDGED);
		return;
	}
	*slot = hash;
	r->filter[filter_word(hash)] |= filter_bit(hash);
	r->used++;
}

/* May the model have roles of the host? */
static bool has_roles(const struct site_reach *r, const struct site_file *listed, struct address a)
{
	return listed ? site_file_by_address(listed, a) != NULL : has(r, hash_of_address(a));
}

/* May the model remember how both spoke, or say that both are site systems? */
static bool is_pair(const struct site_reach *r, const struct site_file *listed, struct address a,
                    struct address b)
{
	return (listed && (site_file_requires_ipsec(listed, a, b) ||
	                   (site_file_by_address(listed, a) && site_file_by_address(listed, b)))) ||
	       (has(r, hash_of_address(a)) && has(r, hash_of_address(b)));
}

/* "SMS Issuing" in whatever encoding of strings: one, two or four bytes a letter. */
static bool names_issuer(struct bytes certificates)
{
	return bytes_find(certificates, BYTES("Issuing")) >= 0 ||
	       bytes_find(certificates, BYTES("I\0s\0s\0u\0i\0n\0g")) >= 0 ||
	       bytes_find(certificates, BYTES("I\0\0\0s\0\0\0s\0\0\0u\0\0\0i\0\0\0n\0\0\0g")) >= 0;
}

/* May the model take the server of a TLS handshake for a site system? */
static bool is_tls_site_system(const struct site_reach *r, const struct site_file *listed,
                               const struct event *ev)
{
	struct address server = ev->value[FIELD_SERVER_IP].address;
	struct bytes name = event_text(ev, FIELD_TLS_CLIENT_SERVER_NAME);
	int64_t port = event_integer(ev, FIELD_SERVER_PORT, 0);

	if (listed)
		return site_file_by_address(listed, server) ||
		       (name.len && site_file_by_name(listed, name));
	return port == PORT_WSUS_HTTPS || port == PORT_NOTIFICATION ||
	       has(r, hash_of_address(server)) || (name.len && has(r, hash_of_name(name))) ||
	       names_issuer(ev->attached[ATTACHED_SERVER_CERTIFICATES]);
}

static void remove_all(struct field_set *set, const struct field_set *fields)
{
	for (size_t w = 0; w < FIELD_WORDS; w++)
		set->word[w] &= ~fields->word[w];
}

/* What is not stated of these two, as a pair. Of IPsec between them something always may be. */
static void close_pair(const struct site_reach *r, const struct site_file *listed,
                       const struct event *ev, struct field_set *open)
{
	struct address client = ev->value[FIELD_CLIENT_IP].address;
	struct address server = ev->value[FIELD_SERVER_IP].address;
	bool connection = ev->kind == EVENT_CONNECTION,
	     paired = connection || ev->kind == EVENT_IPSEC;

	if (!paired || (connection && !is_pair(r, listed, client, server)))
		remove_all(open, &r->of_pair);
	if (!paired || !listed || !site_file_requires_ipsec(listed, client, server))
		field_set_remove(open, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED);
	if (!paired || !listed ||
	    (!site_file_by_address(listed, client) && !site_file_by_address(listed, server)))
		field_set_remove(open, FIELD_CONFIGMGR_PAIR_ENCRYPTION_LISTED);
}

void site_reach_fields(const struct site_reach *r, const struct site_file *listed,
                       const struct event *ev, struct field_set *open)
{
	struct address server = ev->value[FIELD_SERVER_IP].address;
	struct field_set present = ev->present;

	for (size_t w = 0; w < FIELD_WORDS; w++)
		present.word[w] |= open->word[w];
	/* Of an answer about revocation something is learned, and nothing stated. */
	if (!site_model_wants(ev->kind, &present) ||
	    (ev->kind == EVENT_HTTP && !field_set_has(&present, FIELD_CONFIGMGR_MESSAGE_TYPE)))
		return;
	for (size_t w = 0; w < FIELD_WORDS; w++)
		open->word[w] |= r->any.word[w];
	if (!listed)
		remove_all(open, &r->of_list);
	close_pair(r, listed, ev, open);
	if (ev->kind == EVENT_TLS) {
		if (!is_tls_site_system(r, listed, ev))
			remove_all(open, &r->of_site_system);
		return;
	}
	if (!has_roles(r, listed, server))
		field_set_remove(open, FIELD_CONFIGMGR_SERVER_ROLES);
}

bool site_reach_teaches(const struct site_reach *r, const struct site_file *listed,
                        const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_LOSS:
	case EVENT_IPSEC:
		return true;
	case EVENT_AUTHENTICATION:
		return event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE);
	case EVENT_HTTP:
		return event_has(ev, FIELD_CONFIGMGR_MESSAGE_TYPE) ||
		       event_has(ev, FIELD_CONFIGMGR_REVOCATION_ANSWER);
	case EVENT_TLS:
		return is_tls_site_system(r, listed, ev);
	case EVENT_SMB_TREE:
		return event_has(ev, FIELD_CONFIGMGR_SERVER_ROLE);
	case EVENT_CONNECTION:
		return is_pair(r, listed, ev->value[FIELD_CLIENT_IP].address,
		               ev->value[FIELD_SERVER_IP].address);
	case EVENT_RPC:
	case EVENT_SMB_SESSION:
	case EVENT_SMB_FILE:
	case EVENT_SQL:
	case EVENT_DNS:
	case EVENT_TRAFFIC:
	case EVENT_MALFORMED:
	case EVENT_KIND_COUNT:
		break;
	}
	return false;
}

void site_reach_learn(struct site_reach *r, const struct event *ev)
{
	const struct texts *names = &ev->value[FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS].texts;

	switch (ev->kind) {
	case EVENT_IPSEC:
		add(r, hash_of_address(ev->value[FIELD_CLIENT_IP].address));
		add(r, hash_of_address(ev->value[FIELD_SERVER_IP].address));
		return;
	case EVENT_HTTP:
		if (event_has(ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS))
			for (size_t i = 0; i < names->count; i++)
				add(r, hash_of_name(names->at[i]));
		__attribute__((fallthrough));
	case EVENT_SMB_TREE:
		if (event_has(ev, FIELD_CONFIGMGR_SERVER_ROLE))
			add(r, hash_of_address(ev->value[FIELD_SERVER_IP].address));
		return;
	case EVENT_AUTHENTICATION:
	case EVENT_CONNECTION:
	case EVENT_DNS:
	case EVENT_LOSS:
	case EVENT_MALFORMED:
	case EVENT_RPC:
	case EVENT_SMB_FILE:
	case EVENT_SMB_SESSION:
	case EVENT_SQL:
	case EVENT_TLS:
	case EVENT_TRAFFIC:
	case EVENT_KIND_COUNT:
		return;
	}
}
