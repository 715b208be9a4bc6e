/* Reading `detection`: search identifiers and the condition over them. No state. */
#include "signatures/sigma/condition.h"
#include "signatures/sigma/item.h"

#define SEARCHES_MAX 1000

/* A map: all of its entries. */
static struct node *map_read(struct reading *r, const struct yaml_node *map)
{
	struct node *all = node_group(r->memory, NODE_ALL);

	if (!map->count)
		reading_blame(r, map, "an empty mapping asks nothing");
	for (size_t i = 0; i < map->count; i++) {
		struct node *n = item_read(r, map->key[i], map->item[i]);

		if (n)
			node_add(r->memory, all, n);
	}
	return all->count == 1 ? all->child[0] : all;
}

static bool is_all_scalars(const struct yaml_node *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->item[i]->kind != YAML_SCALAR)
			return false;
	return list->count;
}

/* A map, a list of alternatives, keywords, or lists of these. */
static struct node *search_read(struct reading *r, const struct yaml_node *n)
{
	struct node *any;

	if (n->kind == YAML_MAPPING)
		return map_read(r, n);
	if (n->kind == YAML_SCALAR || is_all_scalars(n))
		return item_read(r, NULL, n);
	if (!n->count) {
		reading_blame(r, n, "an empty list asks nothing");
		return NULL;
	}
	any = node_group(r->memory, NODE_ANY);
	for (size_t i = 0; i < n->count; i++) {
		struct node *one = search_read(r, n->item[i]);

		if (one)
			node_add(r->memory, any, one);
	}
	return any->count == 1 ? any->child[0] : any;
}

/* Names that the grammar of conditions takes for something else, here or in other tools. */
static void check_name(struct reading *r, const struct yaml_node *key)
{
	static const char *const words[] = {"and", "or", "not", "of", "them", "1", "any", "all"};
	const char *name = yaml_text(key);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(name, words[i])) {
			reading_blame(r, key,
			              "'%s' is a word of conditions and cannot name a search",
			              name);
			return;
		}
	if (!key->text.len)
		reading_blame(r, key, "a search identifier needs a name");
	for (size_t i = 0; i < key->text.len; i++) {
		uint8_t c = ascii_lower(key->text.at[i]);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')
			continue;
		reading_blame(r, key,
		              "'%.100s' cannot be named in a condition: use letters, digits and _",
		              name);
		return;
	}
	if (!strncmp(name, "not", 3))
		reading_remark(r, key, "converters read '%s' as 'not' and '%s': use another name",
		               name, name + 3);
}

static void searches_read(struct reading *r, const struct yaml_node *detection,
                          struct searches *searches, bool (*is_key)(struct bytes name))
{
	for (size_t i = 0; i < detection->count; i++) {
		const struct yaml_node *key = detection->key[i];
		struct search s = {.name = yaml_text(key), .place = key};

		if (is_key(key->text))
			continue;
		if (searches->count == SEARCHES_MAX) {
			reading_blame(r, key, "more than %d search identifiers", SEARCHES_MAX);
			return;
		}
		check_name(r, key);
		s.name = memory_text(r->memory, s.name);
		r->search = s.name;

		struct node *tree = search_read(r, detection->item[i]);

		r->search = NULL;
		s.tree = node_group(r->memory, NODE_ALL);
		if (tree)
			node_add(r->memory, s.tree, tree);
		s.tree->label = s.name;
		s.tree->line = key->line;
		s.tree->is_search = true;
		searches->at = memory_room(r->memory, searches->at, searches->count, sizeof(s));
		searches->at[searches->count++] = s;
	}
}

static struct node *one_condition(struct reading *r, const struct yaml_node *n,
                                  const struct searches *searches)
{
	if (n->kind == YAML_SCALAR && n->type == YAML_TEXT)
		return condition_read(r, n, n->text, searches);
	reading_blame(r, n, "a condition must be text, not %s", yaml_what(n));
	return NULL;
}

/* A list of conditions: any of them. */
static struct node *conditions_read(struct reading *r, const struct yaml_node *n,
                                    const struct searches *searches)
{
	struct node *any = node_group(r->memory, NODE_ANY);

	if (n->kind != YAML_SEQUENCE)
		return one_condition(r, n, searches);
	if (!n->count)
		reading_blame(r, n, "an empty list of conditions");
	for (size_t i = 0; i < n->count; i++) {
		struct node *one = one_condition(r, n->item[i], searches);

		if (one)
			node_add(r->memory, any, one);
	}
	return any;
}

struct node *detection_read(struct reading *r, const struct yaml_node *detection,
                            struct searches *searches, bool (*is_key)(struct bytes name),
                            const char *what)
{
	const struct yaml_node *condition = yaml_get(detection, "condition");
	unsigned errors = r->errors;
	struct node *n = NULL;

	if (detection->kind != YAML_MAPPING) {
		reading_blame(
		        r, detection,
		        "'%s' must be a mapping of search identifiers and a condition, not %s",
		        what, yaml_what(detection));
		return NULL;
	}
	searches_read(r, detection, searches, is_key);
	if (!searches->count)
		reading_blame(r, detection, "there is no search identifier");
	if (!condition)
		reading_blame(r, detection, "there is no 'condition'");
	else if (searches->count)
		n = conditions_read(r, condition, searches);
	for (size_t i = 0; i < searches->count && n && r->errors == errors; i++)
		if (!searches->at[i].used)
			reading_remark(r, searches->at[i].place,
			               "the condition does not use search identifier '%s'",
			               searches->at[i].name);
	return r->errors == errors ? n : NULL;
}
