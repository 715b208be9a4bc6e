/* Reading the servers of a site. */
#include "sensor/site/site_reading.h"

static void read_addresses(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site_server *server = to;
	struct site_addresses list = site_read_addresses(r, node);

	server->address = list.at;
	server->address_count = list.count;
}

static void read_roles(struct site_reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = site_list_items(r, node, "a list of roles", &items, &single);
	const char *names[ROLE_COUNT];

	for (int role = 0; role < ROLE_COUNT; role++)
		names[role] = site_role_name((enum site_role)role);
	for (size_t i = 0; i < count; i++) {
		enum site_role role = items[i]->kind == YAML_SCALAR
		                              ? site_role_by_name(items[i]->text)
		                              : ROLE_COUNT;
		const char *text = items[i]->kind == YAML_SCALAR ? yaml_text(items[i]) : "";
		const char *nearest = nearest_name(text, names, ROLE_COUNT);

		if (role != ROLE_COUNT)
			*(uint32_t *)to |= UINT32_C(1) << role;
		else
			complain(r->complaints, r->sites->file, items[i]->line, items[i]->column,
			         "unknown role '%s', expected one such as %s", text,
			         nearest ? nearest : names[ROLE_MANAGEMENT_POINT]);
	}
}

static void read_initiates(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const char *const choices[] = {"site-server", "self", NULL};

	site_read_choice(r, node, choices, "one of site-server, self", to);
}

static void read_port_list(struct site_reading *r, const struct yaml_node *node, uint16_t *ports,
                           uint8_t *used)
{
	const struct yaml_node *const *items, *single;
	size_t count = site_list_items(r, node, "a list of ports", &items, &single);

	for (size_t i = 0; i < count; i++) {
		bool ok = items[i]->kind == YAML_SCALAR && items[i]->type == YAML_INTEGER &&
		          items[i]->integer > 0 && items[i]->integer < 65536;

		if (!ok)
			site_wrong(r, items[i], "this is no port", "a number from 1 to 65535");
		else if (*used == 8)
			site_wrong(r, items[i], "one port too many", "at most eight");
		else
			ports[(*used)++] = (uint16_t)items[i]->integer;
	}
}

static void read_http_ports(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->http, &ports->http_count);
}

static void read_https_ports(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->https, &ports->https_count);
}

static void read_sql_ports(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site_ports *ports = to;

	read_port_list(r, node, ports->sql, &ports->sql_count);
}

static void read_ports(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"http", read_http_ports, 0},
	        {"https", read_https_ports, 0},
	        {"sql", read_sql_ports, 0},
	};

	READ_KEYS(r, node, "ports", keys, to);
}

static void read_server(struct site_reading *r, const struct yaml_node *node,
                        struct site_server *server)
{
	static const struct site_key keys[] = {
	        {"name", site_read_text, offsetof(struct site_server, name)},
	        {"addresses", read_addresses, 0},
	        {"roles", read_roles, offsetof(struct site_server, roles)},
	        {"macs", site_read_texts, offsetof(struct site_server, macs)},
	        {"certificates", site_read_texts, offsetof(struct site_server, certificates)},
	        {"initiates", read_initiates, offsetof(struct site_server, initiates)},
	        {"ports", read_ports, offsetof(struct site_server, ports)},
	        {"shares", site_read_texts, offsetof(struct site_server, shares)},
	};

	READ_KEYS(r, node, "a server", keys, server);
	if (node->kind == YAML_MAPPING && !server->name && !server->address_count)
		site_wrong(r, node, "a server without name and addresses", "at least one of them");
	r->sites->listed_roles |= server->roles;
}

void site_read_servers(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site *site = to;

	if (site_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		site_wrong(r, node, "servers is no list", "a list of servers");
		return;
	}
	site->server = site_take(r, node, node->count, sizeof(*site->server));
	site->server_count = site->server ? node->count : 0;
	for (size_t i = 0; i < site->server_count; i++) {
		site->server[i].site = site;
		read_server(r, node->item[i], &site->server[i]);
	}
}
