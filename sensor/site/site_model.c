/* Learning from events, and comparing them with what is listed or was learned before. */
#include "sensor/site/site_model.h"

#include "core/hash.h"
#include "core/table.h"

#include <stdlib.h>

#define SITES_MAX        64
#define NAMES_MAX        32 /* management points of one site */
#define WITNESSES_MAX    8  /* more clients than this count as this many */
#define NAME_TEXT        96
#define CODE_TEXT        4
/* A fact is learned when so many different clients were told the same. */
#define ENOUGH_WITNESSES 2

/* The different clients that witnessed something. */
struct witnesses {
	struct address at[WITNESSES_MAX];
	uint8_t count;
};

struct name {
	char text[NAME_TEXT];
	uint8_t len;
};

struct learned_server {
	struct address address;
	struct name name; /* as clients call it */
	char code[CODE_TEXT];
	uint32_t roles; /* in which it answered */
	struct witnesses clients;
	bool clear; /* it answered over clear HTTP */
	uint16_t port;
};

struct told_name {
	struct name name;
	struct witnesses clients;
};

struct learned_site {
	char code[CODE_TEXT];
	struct told_name management[NAMES_MAX];
	uint8_t management_count;
	bool clear;
};

struct learned_client {
	struct address address; /* of a record by address */
	char guid[44];          /* of a record by id */
	uint64_t hash;
	int64_t last_seen;
	char code[CODE_TEXT];
	const char *approval;
	int64_t approved_at; /* when it was told */
	int64_t lost_at;     /* when something of it was last not captured; 0: never */
	bool known;
};

struct site_model {
	const struct site_file *listed;
	struct learned_site site[SITES_MAX];
	size_t site_count;
	struct learned_server *server;
	struct learned_client *client;
	struct table servers, clients;
	uint32_t server_count, server_cap, client_count, client_cap, hand;
	struct counters *counters;
};

struct site_model *site_model_open(const struct site_file *listed, uint32_t servers,
                                   uint32_t clients, struct counters *counters)
{
	struct site_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->listed = listed;
	m->counters = counters;
	m->server_cap = servers;
	m->client_cap = clients;
	m->server = calloc(servers, sizeof(*m->server));
	m->client = calloc(clients, sizeof(*m->client));
	if (m->server && m->client && table_open(&m->servers, servers) &&
	    table_open(&m->clients, clients))
		return m;
	site_model_close(m);
	return NULL;
}

void site_model_close(struct site_model *m)
{
	if (!m)
		return;
	table_close(&m->servers);
	table_close(&m->clients);
	free(m->server);
	free(m->client);
	free(m);
}

void site_model_relist(struct site_model *m, const struct site_file *listed)
{
	m->listed = listed;
}

bool site_model_wants(enum event_kind kind, const struct field_set *present)
{
	return kind == EVENT_LOSS || kind == EVENT_TRAFFIC ||
	       (kind == EVENT_HTTP && field_set_has(present, FIELD_CONFIGMGR_MESSAGE_TYPE));
}

static void name_set(struct name *name, struct bytes text)
{
	name->len = (uint8_t)(text.len < NAME_TEXT ? text.len : NAME_TEXT);
	for (uint8_t i = 0; i < name->len; i++)
		name->text[i] = (char)ascii_lower(text.at[i]);
}

static struct bytes name_view(const struct name *name)
{
	return (struct bytes){(const uint8_t *)name->text, name->len};
}

static void witness(struct witnesses *w, struct address client)
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

/* Names and codes go into site files and onto terminals: only what can be one is learned. */
static bool can_be_name(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alphanumeric(text.at[i]) && !memchr("-._", text.at[i], 3))
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

static void set_code(char code[CODE_TEXT], struct bytes text)
{
	if (can_be_code(text))
		memcpy(code, text.at, text.len);
}

static struct learned_site *site_by_code(struct site_model *m, const char *code, bool make)
{
	for (size_t i = 0; i < m->site_count; i++)
		if (!strcmp(m->site[i].code, code))
			return &m->site[i];
	if (!make || !code[0] || m->site_count == SITES_MAX)
		return NULL;
	memcpy(m->site[m->site_count].code, code, CODE_TEXT);
	return &m->site[m->site_count++];
}

static struct learned_server *server_by_address(struct site_model *m, struct address a, bool make)
{
	uint64_t hash = hash_bytes((struct bytes){a.at, sizeof(a.at)});
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

/* A client by its address (`guid` empty) or by its id. */
static struct learned_client *client_find(struct site_model *m, struct address a, struct bytes guid,
                                          bool make)
{
	struct bytes key = guid.len ? guid : (struct bytes){a.at, sizeof(a.at)};
	uint64_t hash = hash_bytes(key);
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

/* What one event is about, looked up once. */
struct subject {
	struct site_model *m;
	struct event *ev;
	struct arena *scratch;
	struct address client_address, server_address;
	struct learned_client *client, *identity; /* by address, by id; NULL: not known */
	struct learned_server *server;            /* NULL: not known */
	enum site_role role;
	char code[CODE_TEXT]; /* the site; empty: not known */
};

static bool answered(const struct event *ev)
{
	return event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "answered") ||
	       event_text_is(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "empty");
}

static struct subject subject_of(struct site_model *m, struct event *ev, struct arena *scratch)
{
	struct subject s = {
	        .m = m,
	        .ev = ev,
	        .scratch = scratch,
	        .client_address = ev->value[FIELD_CLIENT_IP].address,
	        .server_address = ev->value[FIELD_SERVER_IP].address,
	        .role = site_role_by_name(event_text(ev, FIELD_CONFIGMGR_SERVER_ROLE)),
	};
	struct bytes guid = event_text(ev, FIELD_CONFIGMGR_CLIENT_GUID);

	s.client = client_find(m, s.client_address, (struct bytes){0}, false);
	s.identity = guid.len ? client_find(m, s.client_address, guid, false) : NULL;
	s.server = server_by_address(m, s.server_address, false);
	set_code(s.code, event_text(ev, FIELD_CONFIGMGR_SITE_CODE));
	if (!s.code[0] && s.server)
		memcpy(s.code, s.server->code, CODE_TEXT);
	if (!s.code[0] && s.client)
		memcpy(s.code, s.client->code, CODE_TEXT);
	return s;
}

/* How many clients make a name part of the baseline: at least two, and at least half as many as
 * were told the best known name. */
static uint8_t enough(const struct learned_site *site)
{
	uint8_t best = 0;

	for (uint8_t i = 0; i < site->management_count; i++)
		if (site->management[i].clients.count > best)
			best = site->management[i].clients.count;
	if (best < ENOUGH_WITNESSES)
		return 0;
	return best / 2 > ENOUGH_WITNESSES ? best / 2 : ENOUGH_WITNESSES;
}

static struct told_name *told_by_name(struct learned_site *site, struct bytes name)
{
	for (uint8_t i = 0; i < site->management_count; i++)
		if (bytes_equal_fold(name_view(&site->management[i].name), name))
			return &site->management[i];
	return NULL;
}

static void state_baseline(struct subject *s, const char *source, struct bytes evidence)
{
	event_set_name(s->ev, FIELD_CONFIGMGR_BASELINE_SOURCE, source);
	if (evidence.len)
		event_set_text(s->ev, FIELD_CONFIGMGR_BASELINE_EVIDENCE, evidence);
}

/* The listed server behind an address. A server that is listed without an address of this family,
 * and is called by its name, may be it: then `*unsure`. */
static const struct site_server *listed_server(const struct subject *s, bool *unsure)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *server = site_file_by_address(listed, s->server_address);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	bool family = false;

	*unsure = false;
	if (server || !host.len)
		return server;
	server = site_file_by_name(listed, host);
	if (!server)
		return NULL;
	for (size_t i = 0; i < server->address_count; i++)
		family |= address_is_v4(server->address[i]) == address_is_v4(s->server_address);
	*unsure = !family;
	return NULL;
}

static void judge_listed(struct subject *s)
{
	const struct site_file *listed = s->m->listed;
	char text[ADDRESS_TEXT_MAX];
	bool unsure;
	const struct site_server *server = listed_server(s, &unsure);

	if (server && server->name)
		event_set_name(s->ev, FIELD_SERVER_DOMAIN, server->name);
	if (server && server->site->mode)
		event_set_name(s->ev, FIELD_CONFIGMGR_SITE_MODE, server->site->mode);
	if (s->role == ROLE_COUNT || unsure || !(listed->listed_roles >> s->role & 1))
		return;

	bool authorized = server && site_server_has_role(server, s->role);

	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED, authorized);
	state_baseline(s, "listed",
	               arena_print(s->scratch, "%s is %s in the site file as %s",
	                           address_print(s->server_address, text),
	                           authorized ? "listed" : "not listed", site_role_name(s->role)));
}

/* The management points that the learned clients of a site were told of, in words. */
static struct bytes baseline_in_words(const struct subject *s, const struct learned_site *site)
{
	char names[512] = "";
	uint8_t least = enough(site), witnesses_count = 0;
	size_t n = 0;

	for (uint8_t i = 0; i < site->management_count; i++) {
		const struct told_name *told = &site->management[i];

		if (told->clients.count < least || n + told->name.len + 3 > sizeof(names))
			continue;
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.*s", n ? ", " : "",
		                      told->name.len, told->name.text);
		if (told->clients.count > witnesses_count)
			witnesses_count = told->clients.count;
	}
	return arena_print(s->scratch,
	                   "learned: %u%s clients were told before that the management points of "
	                   "site %s are %s",
	                   witnesses_count, witnesses_count == WITNESSES_MAX ? " or more" : "",
	                   site->code, names);
}

/* Whether another server of the same address family is known by this name. */
static bool name_is_taken(const struct subject *s, struct bytes name)
{
	for (uint32_t i = 0; i < s->m->server_count; i++) {
		const struct learned_server *server = &s->m->server[i];

		if (bytes_equal_fold(name_view(&server->name), name) &&
		    server->clients.count >= ENOUGH_WITNESSES &&
		    address_is_v4(server->address) == address_is_v4(s->server_address) &&
		    !address_equal(server->address, s->server_address))
			return true;
	}
	return false;
}

/* Without a list: does this management point contradict what clients of its site were told? */
static void judge_learned(struct subject *s)
{
	struct learned_site *site = site_by_code(s->m, s->code, false);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	struct address literal;

	if (!site || s->role != ROLE_MANAGEMENT_POINT || !host.len || !enough(site))
		return;

	struct told_name *told = told_by_name(site, host);
	bool known_name = told && told->clients.count >= enough(site);
	bool established = s->server && s->server->clients.count >= ENOUGH_WITNESSES;

	/* A client that calls its server by address tells nothing about names. */
	if (established || (address_parse(host, &literal) && !s->server))
		known_name = true;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED,
	                  known_name && !name_is_taken(s, host));
	state_baseline(s, "learned", baseline_in_words(s, site));
}

static size_t judge_names_listed(struct subject *s, struct texts names, enum site_role role,
                                 struct bytes *unauthorized)
{
	const struct site_file *listed = s->m->listed;
	size_t n = 0;

	if (!(listed->listed_roles >> role & 1))
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		const struct site_server *server = site_file_by_name(listed, names.at[i]);

		if (!server || !site_server_has_role(server, role))
			unauthorized[n++] = names.at[i];
	}
	return n;
}

static size_t judge_names_learned(struct subject *s, struct texts names, struct bytes *unauthorized)
{
	struct learned_site *site = site_by_code(s->m, s->code, false);
	size_t n = 0;

	if (!site || !enough(site))
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		struct told_name *told = told_by_name(site, names.at[i]);

		if (!told || told->clients.count < enough(site))
			unauthorized[n++] = names.at[i];
	}
	if (n)
		state_baseline(s, "learned", baseline_in_words(s, site));
	return n;
}

static struct texts texts_of(const struct event *ev, enum field f)
{
	return event_has(ev, f) ? ev->value[f].texts : (struct texts){0};
}

static void judge_names(struct subject *s)
{
	static const struct {
		enum field field;
		enum site_role role;
	} lists[] = {
	        {FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, ROLE_MANAGEMENT_POINT},
	        {FIELD_CONFIGMGR_NAMED_DISTRIBUTION_POINTS, ROLE_DISTRIBUTION_POINT},
	        {FIELD_CONFIGMGR_NAMED_SOFTWARE_UPDATE_POINTS, ROLE_SOFTWARE_UPDATE_POINT},
	};
	struct bytes *unauthorized =
	        arena_alloc(s->scratch, 3 * EVENT_LIST_MAX * sizeof(*unauthorized));
	size_t n = 0;

	if (!unauthorized)
		return;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct texts names = texts_of(s->ev, lists[i].field);

		if (s->m->listed)
			n += judge_names_listed(s, names, lists[i].role, unauthorized + n);
		else if (lists[i].role == ROLE_MANAGEMENT_POINT)
			n += judge_names_learned(s, names, unauthorized + n);
	}
	event_set_texts(s->ev, FIELD_CONFIGMGR_NAMED_UNAUTHORIZED, unauthorized, n);
	if (n && s->m->listed)
		state_baseline(s, "listed",
		               arena_print(s->scratch,
		                           "%zu of the named servers %s not listed in "
		                           "the site file in that role",
		                           n, n == 1 ? "is" : "are"));
}

static void learn_names(struct subject *s)
{
	struct texts names = texts_of(s->ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS);
	struct learned_site *site = site_by_code(s->m, s->code, true);

	for (size_t i = 0; site && i < names.count; i++) {
		struct told_name *told = told_by_name(site, names.at[i]);

		if (!told && site->management_count < NAMES_MAX) {
			told = &site->management[site->management_count++];
			name_set(&told->name, names.at[i]);
		}
		if (told)
			witness(&told->clients, s->client_address);
	}
}

static void learn_server(struct subject *s)
{
	struct learned_server *server = server_by_address(s->m, s->server_address, true);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	struct address literal;

	if (!server || s->role == ROLE_COUNT)
		return;
	server->roles |= UINT32_C(1) << s->role;
	server->clear = true;
	server->port = (uint16_t)event_integer(s->ev, FIELD_SERVER_PORT, 0);
	if (s->code[0] && !server->code[0])
		memcpy(server->code, s->code, CODE_TEXT);
	if (!server->name.len && can_be_name(host) && !address_parse(host, &literal))
		name_set(&server->name, host);
	witness(&server->clients, s->client_address);

	struct learned_site *site = site_by_code(s->m, s->code, true);

	if (site)
		site->clear = true;
}

static void learn_client(struct subject *s)
{
	struct event *ev = s->ev;
	bool proved = event_integer(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, false) ||
	              event_text_is(ev, FIELD_CONFIGMGR_AUTH_STATE, "authenticated");
	struct learned_client *c = client_find(s->m, s->client_address, (struct bytes){0}, true);

	c->last_seen = ev->time;
	c->known |= proved;
	if (s->code[0])
		memcpy(c->code, s->code, CODE_TEXT);
}

static void learn_registration(struct subject *s)
{
	struct bytes guid = event_text(s->ev, FIELD_CONFIGMGR_CLIENT_GUID);
	struct bytes approval = event_text(s->ev, FIELD_CONFIGMGR_REGISTRATION_APPROVAL);
	static const char *const names[] = {"unknown", "pending", "approved", "not-applicable",
	                                    "approved-by-entra"};

	if (!guid.len || !approval.len)
		return;

	struct learned_client *c = client_find(s->m, s->client_address, guid, true);

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
static void learn_loss(struct site_model *m, const struct event *ev)
{
	struct learned_client *c =
	        client_find(m, ev->value[FIELD_CLIENT_IP].address, (struct bytes){0}, true);

	c->last_seen = c->lost_at = ev->time;
}

/* What is known of the client, unless something that was missed could have changed it. */
static void state_client(struct subject *s)
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
static void state_place(const struct site_model *m, struct event *ev)
{
	const struct site_file *listed = m->listed;
	struct address client;

	if (!listed || !event_has(ev, FIELD_CLIENT_IP))
		return;
	client = ev->value[FIELD_CLIENT_IP].address;
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_SHARED,
	                  in_networks(&listed->shared_addresses, client));
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_IMAGING,
	                  in_networks(&listed->imaging, client));
	event_set_boolean(ev, FIELD_CONFIGMGR_CLIENT_SITE_SYSTEM,
	                  site_file_by_address(listed, client) != NULL);
}

/* In which roles the server is listed, or has answered. */
static void state_roles(struct site_model *m, struct event *ev, struct arena *scratch)
{
	struct address a = ev->value[FIELD_SERVER_IP].address;
	const struct site_server *listed = m->listed ? site_file_by_address(m->listed, a) : NULL;
	const struct learned_server *learned = server_by_address(m, a, false);
	uint32_t roles = (listed ? listed->roles : 0) | (learned ? learned->roles : 0);
	struct bytes *names = arena_alloc(scratch, ROLE_COUNT * sizeof(*names));
	size_t n = 0;

	/* A list that does not name the server speaks against it. */
	if (!names || (m->listed && !listed))
		return;
	for (int role = 0; role < ROLE_COUNT; role++)
		if (roles >> role & 1)
			names[n++] = bytes_of(site_role_name((enum site_role)role));
	if (listed && !n)
		names[n++] = BYTES("site-system");
	event_set_texts(ev, FIELD_CONFIGMGR_SERVER_ROLES, names, n);
	if (listed && listed->name)
		event_set_name(ev, FIELD_SERVER_DOMAIN, listed->name);
}

static void learn_answer(struct subject *s)
{
	/* Nobody is believed who contradicts what was known before. */
	if (event_integer(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED, true)) {
		learn_server(s);
		learn_names(s);
	}
	learn_registration(s);
}

void site_model_enrich(struct site_model *m, struct event *ev, struct arena *scratch)
{
	struct subject s;

	if (!site_model_wants(ev->kind, &ev->present))
		return;
	if (ev->kind == EVENT_LOSS) {
		learn_loss(m, ev);
		return;
	}
	state_place(m, ev);
	if (ev->kind == EVENT_TRAFFIC) {
		state_roles(m, ev, scratch);
		return;
	}
	s = subject_of(m, ev, scratch);
	state_client(&s);
	if (s.code[0] && !event_has(ev, FIELD_CONFIGMGR_SITE_CODE))
		event_set_text(ev, FIELD_CONFIGMGR_SITE_CODE,
		               arena_copy(scratch, bytes_of(s.code)));
	if (answered(ev)) {
		if (m->listed)
			judge_listed(&s);
		else
			judge_learned(&s);
		judge_names(&s);
		learn_answer(&s);
	}
	learn_client(&s);
}

static int compare_servers(const void *a, const void *b)
{
	const struct learned_server *const *x = a, *const *y = b;
	int code = strcmp((*x)->code, (*y)->code);

	return code ? code : memcmp((*x)->address.at, (*y)->address.at, sizeof((*x)->address.at));
}

static const struct learned_server **sorted_servers(const struct site_model *m)
{
	const struct learned_server **sorted = calloc(m->server_count + 1, sizeof(*sorted));

	for (uint32_t i = 0; sorted && i < m->server_count; i++)
		sorted[i] = &m->server[i];
	if (sorted)
		qsort(sorted, m->server_count, sizeof(*sorted), compare_servers);
	return sorted;
}

static void print_roles(uint32_t roles, FILE *to)
{
	const char *between = "";

	for (int role = 0; role < ROLE_COUNT; role++) {
		if (!(roles >> role & 1))
			continue;
		fprintf(to, "%s%s", between, site_role_name((enum site_role)role));
		between = ", ";
	}
}

void site_model_print(const struct site_model *m, FILE *to)
{
	const struct learned_server **sorted = sorted_servers(m);
	const char *code = NULL;

	fprintf(to,
	        "# Learned by cmtap from traffic. Review every line: an attacker's server may be "
	        "among them.\nsites:%s\n",
	        m->server_count ? "" : " []");
	for (uint32_t i = 0; sorted && i < m->server_count; i++) {
		const struct learned_server *s = sorted[i];
		char text[ADDRESS_TEXT_MAX];

		if (!code || strcmp(code, s->code) != 0)
			fprintf(to, "  - code: %s%s\n    mode: http\n    servers:\n",
			        s->code[0] ? s->code : "XXX",
			        s->code[0] ? "" : "   # no message named the site; fill it in");
		code = s->code;
		if (s->name.len)
			fprintf(to, "      - name: %.*s\n        addresses: [\"%s\"]\n",
			        s->name.len, s->name.text, address_print(s->address, text));
		else
			fprintf(to, "      - addresses: [\"%s\"]\n",
			        address_print(s->address, text));
		fprintf(to, "        roles: [");
		print_roles(s->roles, to);
		fprintf(to, "]   # answered %u%s client%s\n", s->clients.count,
		        s->clients.count == WITNESSES_MAX ? " or more" : "",
		        s->clients.count == 1 ? "" : "s");
	}
	free(sorted);
}

void site_model_summary(const struct site_model *m, FILE *to)
{
	const struct learned_server **sorted = sorted_servers(m);

	for (uint32_t i = 0; sorted && i < m->server_count; i++) {
		const struct learned_server *s = sorted[i];
		char text[ADDRESS_TEXT_MAX];
		const struct site_server *listed =
		        m->listed ? site_file_by_address(m->listed, s->address) : NULL;

		fprintf(to, "  %-4s %-24s %.*s%s", s->code[0] ? s->code : "?",
		        address_print(s->address, text), s->name.len, s->name.text,
		        s->name.len ? "  " : "");
		print_roles(s->roles, to);
		fprintf(to, "%s\n", !m->listed ? "" : listed ? "  (listed)" : "  (NOT listed)");
	}
	free(sorted);
}
