/* Reading the site file, inside: a mapping is read by a table of keys, so that an unknown key is
 * told with the nearest known one.
 *
 * Private to the files that read the site file. A new key is a line in one of their tables. All
 * run in setup, on the main thread. */
#ifndef CMTAP_SENSOR_SITE_SITE_READING_H
#define CMTAP_SENSOR_SITE_SITE_READING_H

#include "core/arena.h"
#include "core/yaml.h"
#include "sensor/site/site_file.h"

struct site_reading {
	struct site_file *sites;
	struct arena *arena;
	struct complaints *complaints;
};

/* A key of a mapping and how its value is read into `to`. */
struct site_key {
	const char *name;
	void (*read)(struct site_reading *r, const struct yaml_node *value, void *to);
	size_t offset; /* of what `read` fills, inside the structure of the mapping */
};

struct site_addresses {
	const struct address *at;
	size_t count;
};

/* Complains: the value, what it is, and what was expected. */
void site_wrong(struct site_reading *r, const struct yaml_node *at, const char *what,
                const char *expected);
/* Zeroed memory that lives as long as the site file; NULL, with a complaint, when it is used up. */
void *site_take(struct site_reading *r, const struct yaml_node *at, size_t count, size_t each);
const char *site_copy_text(struct site_reading *r, const struct yaml_node *node);
/* A key whose value was left out, such as `sites:` with nothing below it. */
bool site_left_out(const struct yaml_node *node);

/* Reads a mapping by a table of keys. */
void site_read_keys(struct site_reading *r, const struct yaml_node *mapping, const char *what,
                    const struct site_key *keys, size_t count, void *to);

#define READ_KEYS(r, mapping, what, keys, to)                                                      \
	site_read_keys(r, mapping, what, keys, sizeof(keys) / sizeof(*(keys)), to)

/* The items of a list; a single scalar is a list of one. An empty value is an empty list. */
size_t site_list_items(struct site_reading *r, const struct yaml_node *node, const char *expected,
                       const struct yaml_node *const **items, const struct yaml_node **single);

/* Readers of values, to stand in a table of keys. */
void site_read_text(struct site_reading *r, const struct yaml_node *node, void *to);
void site_read_texts(struct site_reading *r, const struct yaml_node *node, void *to);
void site_read_paths(struct site_reading *r, const struct yaml_node *node, void *to);
void site_read_networks(struct site_reading *r, const struct yaml_node *node, void *to);

/* Parts of readers. `choices` ends with NULL. */
struct site_addresses site_read_addresses(struct site_reading *r, const struct yaml_node *node);
void site_read_choice(struct site_reading *r, const struct yaml_node *node,
                      const char *const *choices, const char *expected, void *to);

/* Parts of a site. */
void site_read_servers(struct site_reading *r, const struct yaml_node *node, void *to);
void site_read_accounts(struct site_reading *r, const struct yaml_node *node, void *to);

#endif
