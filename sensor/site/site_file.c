/* Reading the site file by tables of keys, so that an unknown key is told with the nearest known
 * one. */
#include "sensor/site/site_file.h"

#include "core/arena.h"
#include "core/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITE_MEMORY (64u << 20)

#define SITE_ROLE_NAME(id, name) [ROLE_##id] = name,
static const char *const role_name[ROLE_COUNT] = {SITE_ROLES(SITE_ROLE_NAME)};
#undef SITE_ROLE_NAME

struct reading {
	struct site_file *sites;
	struct arena *arena;
	struct complaints *complaints;
};

/* A key of a mapping and how its value is read into `to`. */
struct key {
	const char *name;
	void (*read)(struct reading *r, const struct yaml_node *value, void *to);
	size_t offset; /* of what `read` fills, inside the structure of the mapping */
};

enum site_role site_role_by_name(struct bytes name)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		if (bytes_equal(name, bytes_of(role_name[role])))
			return (enum site_role)role;
	return ROLE_COUNT;
}

const char *site_role_name(enum site_role role)
{
	return role_name[role];
}

static void wrong(struct reading *r, const struct yaml_node *at, const char *what,
                  const char *expected)
{
	bool shown = at->kind == YAML_SCALAR && at->text.len;

	complain(r->complaints, r->sites->file, at->line, at->column, "%s%s%s, expected %s",
	         shown ? yaml_text(at) : "", shown ? ": " : "", what, expected);
}

static void *take(struct reading *r, const struct yaml_node *at, size_t count, size_t each)
{
	void *to = arena_alloc(r->arena, count * each + 1);

	if (!to) {
		wrong(r, at, "the file is too large", "at most some 100,000 servers");
		return NULL;
	}
	memset(to, 0, count * each + 1);
	return to;
}

/* A key whose value was left out, such as `sites:` with nothing below it. */
static bool is_left_out(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->type == YAML_NULL;
}

static const char *copy_text(struct reading *r, const struct yaml_node *node)
{
	char *to = take(r, node, node->text.len, 1);

	if (to)
		memcpy(to, node->text.at, node->text.len);
	return to;
}

/* Reads a mapping by a table of keys. */
static void read_keys(struct reading *r, const struct yaml_node *mapping, const char *what,
                      const struct key *keys, size_t count, void *to)
{
	const char *names[32];

	for (size_t i = 0; i < count; i++)
		names[i] = keys[i].name;
	if (is_left_out(mapping))
		return;
	if (mapping->kind != YAML_MAPPING) {
		complain(r->complaints, r->sites->file, mapping->line, mapping->column,
		         "%s is %s, expected keys such as %s", what, yaml_what(mapping), names[0]);
		return;
	}
	for (size_t i = 0; i < mapping->count; i++) {
		const struct yaml_node *key = mapping->key[i];
		size_t k = 0;

		while (k < count && strcmp(yaml_text(key), names[k]) != 0)
			k++;
		if (k < count) {
			keys[k].read(r, mapping->item[i], (char *)to + keys[k].offset);
			continue;
		}

		const char *nearest = nearest_name(yaml_text(key), names, count);

		complain(r->complaints, r->sites->file, key->line, key->column,
		         "unknown key '%s' in %s%s%s%s", yaml_text(key), what,
		         nearest ? ", did you mean '" : "", nearest ? nearest : "",
		         nearest ? "'?" : "");
	}
}

#define READ_KEYS(r, mapping, what, keys, to)                                                      \
	read_keys(r, mapping, what, keys, sizeof(keys) / sizeof(*(keys)), to)

/* The items of a list; a single scalar is a list of one. An empty value is an empty list. */
static size_t list_items(struct reading *r, const struct yaml_node *node, const char *expected,
                         const struct yaml_node *const **items, const struct yaml_node **single)
{
	if (node->kind == YAML_SEQUENCE) {
		*items = (const struct yaml_node *const *)node->item;
		return node->count;
	}
	if (is_left_out(node))
		return 0;
	if (node->kind == YAML_SCALAR) {
		*single = node;
		*items = single;
		return 1;
	}
	wrong(r, node, "a mapping stands here", expected);
	return 0;
}

static void read_text(struct reading *r, const struct yaml_node *node, void *to)
{
	if (node->kind == YAML_SCALAR && node->text.len)
		*(const char **)to = copy_text(r, node);
	else
		wrong(r, node, "this is no text", "a text");
}

static void read_texts(struct reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = list_items(r, node, "a list of texts", &items, &single);
	const char **at = take(r, node, count, sizeof(*at));
	struct site_texts *texts = to;

	for (size_t i = 0; at && i < count; i++) {
		if (items[i]->kind != YAML_SCALAR) {
			wrong(r, items[i], "this is no text", "a text");
			return;
		}
		at[i] = copy_text(r, items[i]);
	}
	*texts = (struct site_texts){at, at ? count : 0};
}

/* Paths are relative to the site file; there must be something to read. */
static void read_paths(struct reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items = NULL, *single;
	struct site_texts *texts = to;
	const char *slash = strrchr(r->sites->file, '/');
	size_t folder = slash ? (size_t)(slash - r->sites->file) + 1 : 0;

	read_texts(r, node, to);
	list_items(r, node, "a list of paths", &items, &single);
	for (size_t i = 0; i < texts->count; i++) {
		const char *path = texts->at[i];
		size_t before = path[0] == '/' ? 0 : folder;
		char *joined = take(r, node, before + strlen(path), 1);

		if (!joined)
			return;
		memcpy(joined, r->sites->file, before);
		memcpy(joined + before, path, strlen(path));
		((const char **)(uintptr_t)texts->at)[i] = joined;
		if (access(joined, R_OK) != 0)
			complain(r->complaints, r->sites->file, items[i]->line, items[i]->column,
			         "%s: cannot be read: %s", joined, strerror(errno));
	}
}

struct address_list {
	const struct address *at;
	size_t count;
};

static struct address_list read_address_list(struct reading *r, const struct yaml_node *node)
{
	const struct yaml_node *const *items, *single;
	size_t count = list_items(r, node, "a list of addresses", &items, &single);
	struct address *at = take(r, node, count, sizeof(*at));

	for (size_t i = 0; at && i < count; i++)
		if (items[i]->kind != YAML_SCALAR || !address_parse(items[i]->text, &at[i]))
			wrong(r, items[i], "this is no address",
			      "an address such as 192.0.2.20 or \"2001:db8:1::20\"");
	return (struct address_list){at, at ? count : 0};
}

static void read_addresses(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site_server *server = to;
	struct address_list list = read_address_list(r, node);

	server->address = list.at;
	server->address_count = list.count;
}

static void read_networks(struct reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = list_items(r, node, "a list of addresses or networks", &items, &single);
	struct network *at = take(r, node, count, sizeof(*at));

	for (size_t i = 0; at && i < count; i++) {
		const char *error = items[i]->kind == YAML_SCALAR
		                            ? network_parse(items[i]->text, &at[i])
		                            : "this is no network";

		if (error)
			complain(r->complaints, r->sites->file, items[i]->line, items[i]->column,
			         "'%s': %s",
			         items[i]->kind == YAML_SCALAR ? yaml_text(items[i]) : "", error);
	}
	*(struct site_networks *)to = (struct site_networks){at, at ? count : 0};
}

static void read_roles(struct reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = list_items(r, node, "a list of roles", &items, &single);

	for (size_t i = 0; i < count; i++) {
		enum site_role role = items[i]->kind == YAML_SCALAR
		                              ? site_role_by_name(items[i]->text)
		                              : ROLE_COUNT;
		const char *text = items[i]->kind == YAML_SCALAR ? yaml_text(items[i]) : "";
		const char *nearest = nearest_name(text, role_name, ROLE_COUNT);

		if (role != ROLE_COUNT)
			*(uint32_t *)to |= UINT32_C(1) << role;
		else
			complain(r->complaints, r->sites->file, items[i]->line, items[i]->column,
			         "unknown role '%s', expected one such as %s", text,
			         nearest ? nearest : role_name[ROLE_MANAGEMENT_POINT]);
	}
}

static void read_choice(struct reading *r, const struct yaml_node *node, const char *const *choices,
                        const char *expected, void *to)
{
	for (; *choices; choices++) {
		if (node->kind == YAML_SCALAR && bytes_equal(node->text, bytes_of(*choices))) {
			*(const char **)to = *choices;
			return;
		}
	}
	complain(r->complaints, r->sites->file, node->line, node->column, "'%s', expected %s",
	         node->kind == YAML_SCALAR ? yaml_text(node) : yaml_what(node), expected);
}

static void read_mode(struct reading *r, const struct yaml_node *node, void *to)
{
	static const char *const modes[] = {"http", "enhanced", "https", NULL};

	read_choice(r, node, modes, "one of http, enhanced, https", to);
}

static void read_initiates(struct reading *r, const struct yaml_node *node, void *to)
{
	static const char *const choices[] = {"site-server", "self", NULL};

	read_choice(r, node, choices, "one of site-server, self", to);
}

static void read_port_list(struct reading *r, const struct yaml_node *node, uint16_t *ports,
                           uint8_t *used)
{
	const struct yaml_node *const *items, *single;
	size_t count = list_items(r, node, "a list of ports", &items, &single);

	for (size_t i = 0; i < count; i++) {
		bool ok = items[i]->kind == YAML_SCALAR && items[i]->type == YAML_INTEGER &&
		          items[i]->integer > 0 && items[i]->integer < 65536;

		if (!ok)
			wrong(r, items[i], "this is no port", "a number from 1 to 65535");
		else if (*used == 8)
			wrong(r, items[i], "one port too many", "at most eight");
		else
			ports[(*used)++] = (uint16_t)items[i]->integer;
	}
}

static void read_http_ports(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->http, &ports->http_count);
}

static void read_https_ports(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->https, &ports->https_count);
}

static void read_sql_ports(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->sql, &ports->sql_count);
}

static void read_ports(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"http", read_http_ports, 0},
	        {"https", read_https_ports, 0},
	        {"sql", read_sql_ports, 0},
	};

	READ_KEYS(r, node, "ports", keys, to);
}

static void read_server(struct reading *r, const struct yaml_node *node, struct site_server *server)
{
	static const struct key keys[] = {
	        {"name", read_text, offsetof(struct site_server, name)},
	        {"addresses", read_addresses, 0},
	        {"roles", read_roles, offsetof(struct site_server, roles)},
	        {"macs", read_texts, offsetof(struct site_server, macs)},
	        {"certificates", read_texts, offsetof(struct site_server, certificates)},
	        {"initiates", read_initiates, offsetof(struct site_server, initiates)},
	        {"ports", read_ports, offsetof(struct site_server, ports)},
	        {"shares", read_texts, offsetof(struct site_server, shares)},
	};

	READ_KEYS(r, node, "a server", keys, server);
	if (node->kind == YAML_MAPPING && !server->name && !server->address_count)
		wrong(r, node, "a server without name and addresses", "at least one of them");
	r->sites->listed_roles |= server->roles;
}

static void read_servers(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site *site = to;

	if (is_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		wrong(r, node, "servers is no list", "a list of servers");
		return;
	}
	site->server = take(r, node, node->count, sizeof(*site->server));
	site->server_count = site->server ? node->count : 0;
	for (size_t i = 0; i < site->server_count; i++) {
		site->server[i].site = site;
		read_server(r, node->item[i], &site->server[i]);
	}
}

static void read_code(struct reading *r, const struct yaml_node *node, void *to)
{
	if (node->kind != YAML_SCALAR || node->text.len != 3)
		wrong(r, node, "this is no site code", "three letters or digits, such as PS1");
	else
		*(const char **)to = copy_text(r, node);
}

static void read_account_kind(struct reading *r, const struct yaml_node *node, int kind)
{
	struct site_file *sites = r->sites;

	if (is_left_out(node))
		return;
	if (node->kind != YAML_MAPPING) {
		wrong(r, node, "this is no mapping", "account names with their addresses");
		return;
	}

	struct site_account *at = take(r, node, sites->account_count + node->count, sizeof(*at));

	if (!at)
		return;
	if (sites->account_count)
		memcpy(at, sites->account, sites->account_count * sizeof(*at));
	sites->account = at;
	for (size_t i = 0; i < node->count; i++) {
		struct address_list list = read_address_list(r, node->item[i]);
		struct site_account *account = &at[sites->account_count++];

		account->kind = kind;
		account->name = copy_text(r, node->key[i]);
		account->address = list.at;
		account->address_count = list.count;
	}
}

static void read_computer(struct reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_COMPUTER);
}

static void read_push(struct reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_PUSH);
}

static void read_sender(struct reading *r, const struct yaml_node *node, void *to)
{
	(void)to;
	read_account_kind(r, node, ACCOUNT_SENDER);
}

static void read_accounts(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"computer", read_computer, 0},
	        {"push", read_push, 0},
	        {"sender", read_sender, 0},
	};

	READ_KEYS(r, node, "accounts", keys, to);
}

static void read_sites(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"code", read_code, offsetof(struct site, code)},
	        {"mode", read_mode, offsetof(struct site, mode)},
	        {"servers", read_servers, 0},
	        {"accounts", read_accounts, 0},
	};
	struct site_file *sites = to;

	if (is_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		wrong(r, node, "sites is no list", "a list of sites");
		return;
	}
	sites->site = take(r, node, node->count, sizeof(*sites->site));
	sites->site_count = sites->site ? node->count : 0;
	for (size_t i = 0; i < sites->site_count; i++) {
		READ_KEYS(r, node->item[i], "a site", keys, &sites->site[i]);
		if (node->item[i]->kind == YAML_MAPPING && !sites->site[i].code)
			wrong(r, node->item[i], "a site without its code",
			      "code: with three characters");
	}
}

static void read_infrastructure(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"domain-controllers", read_networks,
	         offsetof(struct site_file, domain_controllers)},
	        {"dns", read_networks, offsetof(struct site_file, dns)},
	        {"wins", read_networks, offsetof(struct site_file, wins)},
	        {"dhcp", read_networks, offsetof(struct site_file, dhcp)},
	        {"pxe", read_networks, offsetof(struct site_file, pxe)},
	};

	READ_KEYS(r, node, "infrastructure", keys, to);
}

static void read_trust(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"anchors", read_paths, offsetof(struct site_file, anchors)},
	        {"crls", read_paths, offsetof(struct site_file, crls)},
	};

	READ_KEYS(r, node, "trust", keys, to);
}

static void read_named_networks(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {
	        {"imaging", read_networks, offsetof(struct site_file, imaging)},
	        {"shared-addresses", read_networks, offsetof(struct site_file, shared_addresses)},
	};

	READ_KEYS(r, node, "networks", keys, to);
}

static void read_required_between(struct reading *r, const struct yaml_node *node, void *to)
{
	struct site_file *sites = to;
	struct network(*pairs)[2];

	if (is_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		wrong(r, node, "required-between is no list", "a list of pairs of networks");
		return;
	}
	pairs = take(r, node, node->count, sizeof(*pairs));
	for (size_t i = 0; pairs && i < node->count; i++) {
		struct site_networks pair = {0};

		read_networks(r, node->item[i], &pair);
		if (pair.count != 2) {
			wrong(r, node->item[i], "this is no pair", "two networks");
			continue;
		}
		pairs[i][0] = pair.at[0];
		pairs[i][1] = pair.at[1];
	}
	sites->ipsec = (const struct network(*)[2])pairs;
	sites->ipsec_count = pairs ? node->count : 0;
}

static void read_ipsec(struct reading *r, const struct yaml_node *node, void *to)
{
	static const struct key keys[] = {{"required-between", read_required_between, 0}};

	READ_KEYS(r, node, "ipsec", keys, to);
}

static void read_root(struct reading *r, const struct yaml_node *root)
{
	static const struct key keys[] = {
	        {"sites", read_sites, 0},
	        {"trust", read_trust, 0},
	        {"infrastructure", read_infrastructure, 0},
	        {"networks", read_named_networks, 0},
	        {"ipsec", read_ipsec, 0},
	};

	READ_KEYS(r, root, "the site file", keys, r->sites);
}

struct site_file *site_file_read(const char *file, struct complaints *complaints)
{
	struct yaml_document *document = yaml_read_settings(file, complaints);
	struct site_file *sites = calloc(1, sizeof(*sites));
	struct arena *arena = calloc(1, sizeof(*arena));
	unsigned errors = complaints->errors;

	if (!document || !sites || !arena || !arena_open(arena, SITE_MEMORY)) {
		if (document)
			complain(complaints, file, 0, 0, "out of memory");
		yaml_document_free(document);
		free(sites);
		free(arena);
		return NULL;
	}
	sites->file = file;
	sites->memory = arena;
	if (document->root)
		read_root(&(struct reading){sites, arena, complaints}, document->root);
	if (document->next)
		complain(complaints, file, 0, 0, "a second YAML document, expected only one");
	yaml_document_free(document);
	if (complaints->errors == errors)
		return sites;
	site_file_free(sites);
	return NULL;
}

void site_file_free(struct site_file *sites)
{
	if (!sites)
		return;
	arena_close(sites->memory);
	free(sites->memory);
	free(sites);
}

const struct site_server *site_file_by_address(const struct site_file *sites, struct address a)
{
	for (size_t i = 0; i < sites->site_count; i++) {
		const struct site *site = &sites->site[i];

		for (size_t j = 0; j < site->server_count; j++)
			for (size_t k = 0; k < site->server[j].address_count; k++)
				if (address_equal(site->server[j].address[k], a))
					return &site->server[j];
	}
	return NULL;
}

static struct bytes first_label(struct bytes name)
{
	ptrdiff_t dot = bytes_find(name, BYTES("."));

	return dot < 0 ? name : bytes_slice(name, 0, (size_t)dot);
}

/* Full names are compared whole; a bare host name fits a full one that begins with it. */
static bool names_fit(struct bytes a, struct bytes b)
{
	struct bytes a_label = first_label(a), b_label = first_label(b);

	if (a.len && a.at[a.len - 1] == '.')
		a.len--;
	if (bytes_equal_fold(a, b))
		return true;
	return (a_label.len == a.len || b_label.len == b.len) && bytes_equal_fold(a_label, b_label);
}

const struct site_server *site_file_by_name(const struct site_file *sites, struct bytes name)
{
	struct address a;

	if (address_parse(name, &a))
		return site_file_by_address(sites, a);
	for (size_t i = 0; i < sites->site_count; i++)
		for (size_t j = 0; j < sites->site[i].server_count; j++) {
			const struct site_server *server = &sites->site[i].server[j];

			if (server->name && names_fit(name, bytes_of(server->name)))
				return server;
		}
	return NULL;
}

bool site_server_has_role(const struct site_server *server, enum site_role role)
{
	return !server->roles || server->roles >> role & 1;
}
