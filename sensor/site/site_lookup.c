/* Finding what the site file lists: roles by name, servers by address or name. */
#include "sensor/site/site_file.h"

#include "core/arena.h"

#include <stdlib.h>

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

static int by_address(const void *a, const void *b)
{
	const struct site_place *x = a, *y = b;
	int order = memcmp(x->address.at, y->address.at, sizeof(x->address.at));

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void add_places(struct site_file *sites, const struct site_server *server)
{
	for (size_t i = 0; i < server->address_count; i++) {
		sites->place[sites->places] =
		        (struct site_place){server->address[i], server, sites->places};
		sites->places++;
	}
}

bool site_file_order(struct site_file *sites)
{
	size_t most = 0;

	for (size_t i = 0; i < sites->site_count; i++)
		for (size_t j = 0; j < sites->site[i].server_count; j++)
			most += sites->site[i].server[j].address_count;
	sites->place = arena_alloc(sites->memory, (most + 1) * sizeof(*sites->place));
	if (!sites->place)
		return false;
	for (size_t i = 0; i < sites->site_count; i++)
		for (size_t j = 0; j < sites->site[i].server_count; j++)
			add_places(sites, &sites->site[i].server[j]);
	qsort(sites->place, sites->places, sizeof(*sites->place), by_address);
	return true;
}

const struct site_server *site_file_by_address(const struct site_file *sites, struct address a)
{
	size_t first = 0, end = sites->places;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (memcmp(sites->place[middle].address.at, a.at, sizeof(a.at)) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first < sites->places && address_equal(sites->place[first].address, a)
	               ? sites->place[first].server
	               : NULL;
}

bool site_file_requires_ipsec(const struct site_file *sites, struct address a, struct address b)
{
	for (size_t i = 0; i < sites->ipsec_count; i++) {
		const struct network *pair = sites->ipsec[i];

		if ((network_contains(pair[0], a) && network_contains(pair[1], b)) ||
		    (network_contains(pair[0], b) && network_contains(pair[1], a)))
			return true;
	}
	return false;
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
