/* The records of what was learned: sites, servers and clients, found by their keys.
 *
 * All have a fixed number of places. A new client takes the place of one that was not seen for
 * long; a new server beyond the cap is not learned. The detector thread owns them. */
#include "sensor/site/site_private.h"

#include "core/hash.h"

void site_name_set(struct site_name *name, struct bytes text)
{
	name->len = (uint8_t)(text.len < NAME_TEXT ? text.len : NAME_TEXT);
	for (uint8_t i = 0; i < name->len; i++)
		name->text[i] = (char)ascii_lower(text.at[i]);
}

struct bytes site_name_view(const struct site_name *name)
{
	return (struct bytes){(const uint8_t *)name->text, name->len};
}

void site_witness(struct site_witnesses *w, struct address client)
{
	for (uint8_t i = 0; i < w->count; i++)
		if (address_equal(w->at[i], client))
			return;
	if (w->count < WITNESSES_MAX)
		w->at[w->count++] = client;
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

bool site_can_be_name(struct bytes text)
{
	static const char marks[] = {'-', '.', '_'};

	for (size_t i = 0; i < text.len; i++)
		if (!is_alphanumeric(text.at[i]) && !memchr(marks, text.at[i], sizeof(marks)))
			return false;
	return text.len != 0;
}

static bool can_be_code(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alphanumeric(text.at[i]))
			return false;
	return text.len == CODE_TEXT - 1;
}

void site_set_code(char code[CODE_TEXT], struct bytes text)
{
	if (can_be_code(text))
		memcpy(code, text.at, text.len);
}

struct learned_site *site_find(struct site_model *m, const char *code, bool make)
{
	for (size_t i = 0; i < m->site_count; i++)
		if (!strcmp(m->site[i].code, code))
			return &m->site[i];
	if (!make || !code[0] || m->site_count == SITES_MAX)
		return NULL;
	memcpy(m->site[m->site_count].code, code, CODE_TEXT);
	return &m->site[m->site_count++];
}

static uint64_t address_hash(struct address a)
{
	const uint64_t word[5] = {address_half(&a, 0), address_half(&a, 1)};

	return hash_five(word);
}

struct learned_server *site_server_find(struct site_model *m, struct address a, bool make)
{
	uint64_t hash = address_hash(a);
	uint32_t at = TABLE_NONE, place;

	while ((place = table_next(&m->servers, hash, &at)) != TABLE_NONE)
		if (address_equal(m->server[place].address, a))
			return &m->server[place];
	if (!make)
		return NULL;
	if (m->server_count == m->server_cap) {
		count(m->counters, COUNTER_SITE_EVICTED);
		return NULL;
	}
	m->server[m->server_count].address = a;
	table_add(&m->servers, hash, m->server_count);
	return &m->server[m->server_count++];
}

/* The place for a new client: a fresh one, or that of the longest unseen of a few. */
static struct learned_client *client_place(struct site_model *m)
{
	struct learned_client *oldest = NULL;

	if (m->client_count < m->client_cap)
		return &m->client[m->client_count++];
	for (int i = 0; i < 16; i++) {
		struct learned_client *c = &m->client[m->hand];

		m->hand = m->hand + 1 == m->client_cap ? 0 : m->hand + 1;
		if (!oldest || c->last_seen < oldest->last_seen)
			oldest = c;
	}
	table_remove(&m->clients, oldest->hash, (uint32_t)(oldest - m->client));
	count(m->counters, COUNTER_SITE_EVICTED);
	*oldest = (struct learned_client){0};
	return oldest;
}

struct learned_client *site_client_find(struct site_model *m, struct address a, struct bytes guid,
                                        bool make)
{
	uint64_t hash = guid.len ? hash_bytes(guid) : address_hash(a);
	uint32_t at = TABLE_NONE, place;

	if (guid.len >= sizeof(m->client->guid))
		return NULL;
	while ((place = table_next(&m->clients, hash, &at)) != TABLE_NONE) {
		struct learned_client *c = &m->client[place];

		if (guid.len ? bytes_equal(guid, bytes_of(c->guid))
		             : !c->guid[0] && address_equal(c->address, a))
			return c;
	}
	if (!make)
		return NULL;

	struct learned_client *c = client_place(m);

	c->hash = hash;
	if (guid.len)
		memcpy(c->guid, guid.at, guid.len);
	else
		c->address = a;
	table_add(&m->clients, hash, (uint32_t)(c - m->client));
	return c;
}

struct told_name *site_told(struct learned_site *site, struct bytes name)
{
	for (uint8_t i = 0; i < site->management_count; i++)
		if (bytes_equal_fold(site_name_view(&site->management[i].name), name))
			return &site->management[i];
	return NULL;
}
