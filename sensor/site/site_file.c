/* Reading the site file: its sites and what stands beside them, and who frees it. */
#include "sensor/site/site_reading.h"
#include "sensor/site/trust.h"

#include <stdlib.h>

#define SITE_MEMORY (64u << 20)

static void read_mode(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const char *const modes[] = {"http", "enhanced", "https", NULL};

	site_read_choice(r, node, modes, "one of http, enhanced, https", to);
}

static void read_code(struct site_reading *r, const struct yaml_node *node, void *to)
{
	if (node->kind != YAML_SCALAR || node->text.len != 3)
		site_wrong(r, node, "this is no site code", "three letters or digits, such as PS1");
	else
		*(const char **)to = site_copy_text(r, node);
}

static void read_sites(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"code", read_code, offsetof(struct site, code)},
	        {"mode", read_mode, offsetof(struct site, mode)},
	        {"servers", site_read_servers, 0},
	        {"accounts", site_read_accounts, 0},
	};
	struct site_file *sites = to;

	if (site_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		site_wrong(r, node, "sites is no list", "a list of sites");
		return;
	}
	sites->site = site_take(r, node, node->count, sizeof(*sites->site));
	sites->site_count = sites->site ? node->count : 0;
	for (size_t i = 0; i < sites->site_count; i++) {
		READ_KEYS(r, node->item[i], "a site", keys, &sites->site[i]);
		if (node->item[i]->kind == YAML_MAPPING && !sites->site[i].code)
			site_wrong(r, node->item[i], "a site without its code",
			           "code: with three characters");
	}
}

static void read_infrastructure(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"domain-controllers", site_read_networks,
	         offsetof(struct site_file, domain_controllers)},
	        {"dns", site_read_networks, offsetof(struct site_file, dns)},
	        {"wins", site_read_networks, offsetof(struct site_file, wins)},
	        {"dhcp", site_read_networks, offsetof(struct site_file, dhcp)},
	        {"pxe", site_read_networks, offsetof(struct site_file, pxe)},
	};

	READ_KEYS(r, node, "infrastructure", keys, to);
}

static void read_trust(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"anchors", site_read_paths, offsetof(struct site_file, anchors)},
	        {"crls", site_read_paths, offsetof(struct site_file, crls)},
	};

	READ_KEYS(r, node, "trust", keys, to);
}

static void read_named_networks(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {
	        {"imaging", site_read_networks, offsetof(struct site_file, imaging)},
	        {"shared-addresses", site_read_networks,
	         offsetof(struct site_file, shared_addresses)},
	};

	READ_KEYS(r, node, "networks", keys, to);
}

static void read_required_between(struct site_reading *r, const struct yaml_node *node, void *to)
{
	struct site_file *sites = to;
	struct network(*pairs)[2];

	if (site_left_out(node))
		return;
	if (node->kind != YAML_SEQUENCE) {
		site_wrong(r, node, "required-between is no list", "a list of pairs of networks");
		return;
	}
	pairs = site_take(r, node, node->count, sizeof(*pairs));
	for (size_t i = 0; pairs && i < node->count; i++) {
		struct site_networks pair = {0};

		site_read_networks(r, node->item[i], &pair);
		if (pair.count != 2) {
			site_wrong(r, node->item[i], "this is no pair", "two networks");
			continue;
		}
		pairs[i][0] = pair.at[0];
		pairs[i][1] = pair.at[1];
	}
	sites->ipsec = (const struct network(*)[2])pairs;
	sites->ipsec_count = pairs ? node->count : 0;
}

static void read_ipsec(struct site_reading *r, const struct yaml_node *node, void *to)
{
	static const struct site_key keys[] = {{"required-between", read_required_between, 0}};

	READ_KEYS(r, node, "ipsec", keys, to);
}

static void read_root(struct site_reading *r, const struct yaml_node *root)
{
	static const struct site_key keys[] = {
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
		read_root(&(struct site_reading){sites, arena, complaints}, document->root);
	if (!site_file_order(sites))
		complain(complaints, file, 0, 0, "out of memory");
	if (document->next)
		complain(complaints, file, 0, 0, "a second YAML document, expected only one");
	yaml_document_free(document);
	sites->trust = trust_read(sites, complaints);
	if (complaints->errors == errors && sites->trust)
		return sites;
	site_file_free(sites);
	return NULL;
}

void site_file_free(struct site_file *sites)
{
	if (!sites)
		return;
	trust_free(sites->trust);
	arena_close(sites->memory);
	free(sites->memory);
	free(sites);
}
