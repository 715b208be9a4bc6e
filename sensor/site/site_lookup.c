/* Finding what the site file lists: roles by name, servers by address or name. */
#include "sensor/site/site_file.h"

#define SITE_ROLE_NAME(id, name) [ROLE_##id] = BYTES_INIT(name),
static const struct bytes role_name[ROLE_COUNT] = {SITE_ROLES(SITE_ROLE_NAME)};
#undef SITE_ROLE_NAME

enum site_role site_role_by_name(struct bytes name)
{
	for (int role = 0; role < ROLE_COUNT; role++)
		if (bytes_equal(name, role_name[role]))
			return (enum site_role)role;
	return ROLE_COUNT;
}

const char *site_role_name(enum site_role role)
{
	return (const char *)role_name[role].at;
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

struct bytes site_first_label(struct bytes name)
{
	ptrdiff_t dot = bytes_find(name, BYTES("."));

	return dot < 0 ? name : bytes_slice(name, 0, (size_t)dot);
}

bool site_names_fit(struct bytes a, struct bytes b)
{
	struct bytes a_label = site_first_label(a), b_label = site_first_label(b);

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

			if (server->name && site_names_fit(name, bytes_of(server->name)))
				return server;
		}
	return NULL;
}

bool site_server_has_role(const struct site_server *server, enum site_role role)
{
	return !server->roles || server->roles >> role & 1;
}
