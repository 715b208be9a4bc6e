/* Reading values of the site file: mappings by tables of keys, lists, texts, paths, addresses. */
#include "sensor/site/site_reading.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void site_wrong(struct site_reading *r, const struct yaml_node *at, const char *what,
                const char *expected)
{
	bool shown = at->kind == YAML_SCALAR && at->text.len;

	complain(r->complaints, r->sites->file, at->line, at->column, "%s%s%s, expected %s",
	         shown ? yaml_text(at) : "", shown ? ": " : "", what, expected);
}

void *site_take(struct site_reading *r, const struct yaml_node *at, size_t count, size_t each)
{
	void *to = arena_alloc(r->arena, count * each + 1);

	if (!to) {
		site_wrong(r, at, "the file is too large", "at most some 100,000 servers");
		return NULL;
	}
	memset(to, 0, count * each + 1);
	return to;
}

/* A key whose value was left out, such as `sites:` with nothing below it. */
bool site_left_out(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->type == YAML_NULL;
}

const char *site_copy_text(struct site_reading *r, const struct yaml_node *node)
{
	char *to = site_take(r, node, node->text.len, 1);

	if (to)
		memcpy(to, node->text.at, node->text.len);
	return to;
}

/* Reads a mapping by a table of keys. */
void site_read_keys(struct site_reading *r, const struct yaml_node *mapping, const char *what,
                    const struct site_key *keys, size_t count, void *to)
{
	const char *names[32];

	for (size_t i = 0; i < count; i++)
		names[i] = keys[i].name;
	if (site_left_out(mapping))
		return;
	if (mapping->kind != YAML_MAPPING) {
		complain(r->complaints, r->sites->file, mapping->line, mapping->column,
		         "%s is %s, expected keys such as %s", what, yaml_what(mapping),
		         keys[0].name);
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

/* The items of a list; a single scalar is a list of one. An empty value is an empty list. */
size_t site_list_items(struct site_reading *r, const struct yaml_node *node, const char *expected,
                       const struct yaml_node *const **items, const struct yaml_node **single)
{
	if (node->kind == YAML_SEQUENCE) {
		*items = (const struct yaml_node *const *)node->item;
		return node->count;
	}
	if (site_left_out(node))
		return 0;
	if (node->kind == YAML_SCALAR) {
		*single = node;
		*items = single;
		return 1;
	}
	site_wrong(r, node, "a mapping stands here", expected);
	return 0;
}

void site_read_text(struct site_reading *r, const struct yaml_node *node, void *to)
{
	if (node->kind == YAML_SCALAR && node->text.len)
		*(const char **)to = site_copy_text(r, node);
	else
		site_wrong(r, node, "this is no text", "a text");
}

void site_read_texts(struct site_reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = site_list_items(r, node, "a list of texts", &items, &single);
	const char **at = site_take(r, node, count, sizeof(*at));
	struct site_texts *texts = to;

	for (size_t i = 0; at && i < count; i++) {
		if (items[i]->kind != YAML_SCALAR) {
			site_wrong(r, items[i], "this is no text", "a text");
			return;
		}
		at[i] = site_copy_text(r, items[i]);
	}
	*texts = (struct site_texts){at, at ? count : 0};
}

/* Paths are relative to the site file; there must be something to read. */
void site_read_paths(struct site_reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items = NULL, *single;
	struct site_texts *texts = to;
	const char *slash = strrchr(r->sites->file, '/');
	size_t folder = slash ? (size_t)(slash - r->sites->file) + 1 : 0, listed;

	site_read_texts(r, node, to);
	listed = site_list_items(r, node, "a list of paths", &items, &single);
	for (size_t i = 0; i < texts->count && i < listed; i++) {
		const char *path = texts->at[i];
		size_t before = path[0] == '/' ? 0 : folder;
		char *joined = site_take(r, node, before + strlen(path), 1);

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

struct site_addresses site_read_addresses(struct site_reading *r, const struct yaml_node *node)
{
	const struct yaml_node *const *items, *single;
	size_t count = site_list_items(r, node, "a list of addresses", &items, &single);
	struct address *at = site_take(r, node, count, sizeof(*at));

	for (size_t i = 0; at && i < count; i++)
		if (items[i]->kind != YAML_SCALAR || !address_parse(items[i]->text, &at[i]))
			site_wrong(r, items[i], "this is no address",
			           "an address such as 192.0.2.20 or \"2001:db8:1::20\"");
	return (struct site_addresses){at, at ? count : 0};
}

void site_read_networks(struct site_reading *r, const struct yaml_node *node, void *to)
{
	const struct yaml_node *const *items, *single;
	size_t count = site_list_items(r, node, "a list of addresses or networks", &items, &single);
	struct network *at = site_take(r, node, count, sizeof(*at));

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

void site_read_choice(struct site_reading *r, const struct yaml_node *node,
                      const char *const *choices, const char *expected, void *to)
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
