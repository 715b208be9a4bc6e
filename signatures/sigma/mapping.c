/* Mappings: what names and log sources of other taxonomies are here. Read once at start, by the
 * thread that loads the rules. */
#include "core/yaml.h"
#include "signatures/sigma/rule_reading.h"

#include <stdlib.h>

struct sigma_mapping {
	struct memory memory;
	struct yaml_document *document;
	struct sigma_name *name;
	size_t names;
	struct sigma_source *source;
	size_t sources;
	struct sigma_placeholder *placeholder;
	size_t placeholders;
	const char *taxonomy;
};

static void fields_read(struct reading *r, const struct yaml_node *n, struct sigma_mapping *to)
{
	for (size_t i = 0; i < n->count; i++) {
		struct sigma_name name = {.field = FIELD_COUNT};

		if (!yaml_text(n->item[i])) {
			reading_blame(r, n->item[i], "expected the name of a field, not %s",
			              yaml_what(n->item[i]));
			continue;
		}
		name.name = yaml_text(n->key[i]);
		name.field = field_find(r, n->item[i], n->item[i]->text);
		if (name.field == FIELD_COUNT)
			continue;
		to->name = memory_room(r->memory, to->name, to->names, sizeof(name));
		to->name[to->names++] = name;
	}
}

static void source_read(struct reading *r, const struct yaml_node *n, struct sigma_mapping *to)
{
	const char *services[EVENT_KIND_COUNT], *kind = yaml_text(yaml_get(n, "kind"));
	struct sigma_source source = {yaml_text(yaml_get(n, "product")),
	                              yaml_text(yaml_get(n, "category")),
	                              yaml_text(yaml_get(n, "service")), EVENT_KIND_COUNT};
	char buffer[HINT_MAX];

	for (int k = 0; k < EVENT_KIND_COUNT; k++) {
		services[k] = event_kind_info[k].service;
		if (kind && !strcmp(kind, services[k]))
			source.kind = (enum event_kind)k;
	}
	if (!kind || (!source.product && !source.category && !source.service)) {
		reading_blame(r, n,
		              "expected a mapping of product, category, service (one of them at "
		              "least) and kind");
		return;
	}
	if (source.kind == EVENT_KIND_COUNT) {
		reading_blame(
		        r, yaml_get(n, "kind"), "there is no kind of event '%.60s'%s", kind,
		        reading_hint(buffer, reading_nearest(r, kind, services, EVENT_KIND_COUNT)));
		return;
	}
	to->source = memory_room(r->memory, to->source, to->sources, sizeof(source));
	to->source[to->sources++] = source;
}

static void sources_read(struct reading *r, const struct yaml_node *n, struct sigma_mapping *to)
{
	for (size_t i = 0; i < n->count; i++)
		source_read(r, n->item[i], to);
}

static void placeholders_read(struct reading *r, const struct yaml_node *n,
                              struct sigma_mapping *to)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *list = n->item[i];
		struct sigma_placeholder p = {.name = yaml_text(n->key[i])};
		const char **at = memory_alloc(r->memory, (list->count + 1) * sizeof(const char *));

		if (list->kind != YAML_SEQUENCE) {
			reading_blame(r, list, "expected a list of texts, not %s", yaml_what(list));
			continue;
		}
		for (size_t k = 0; k < list->count; k++)
			if (yaml_text(list->item[k]))
				at[p.values.count++] = yaml_text(list->item[k]);
			else
				reading_blame(r, list->item[k], "expected a text, not %s",
				              yaml_what(list->item[k]));
		p.values.at = at;
		to->placeholder =
		        memory_room(r->memory, to->placeholder, to->placeholders, sizeof(p));
		to->placeholder[to->placeholders++] = p;
	}
}

static void part_read(struct reading *r, const struct yaml_node *key, const struct yaml_node *n,
                      struct sigma_mapping *to)
{
	static const struct {
		const char *key;
		enum yaml_kind kind;
		void (*read)(struct reading *r, const struct yaml_node *n,
		             struct sigma_mapping *to);
	} parts[] = {
	        {"fields", YAML_MAPPING, fields_read},
	        {"logsources", YAML_SEQUENCE, sources_read},
	        {"placeholders", YAML_MAPPING, placeholders_read},
	};
	static const char *const names[] = {"fields", "logsources", "placeholders", "taxonomy"};
	char buffer[HINT_MAX];

	if (bytes_equal(key->text, BYTES("taxonomy"))) {
		to->taxonomy = yaml_text(n);
		return;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strcmp(yaml_text(key), parts[i].key) != 0)
			continue;
		if (n->kind == parts[i].kind)
			parts[i].read(r, n, to);
		else
			reading_blame(r, n, "'%s' must be %s, not %s", parts[i].key,
			              parts[i].kind == YAML_MAPPING ? "a mapping" : "a list",
			              yaml_what(n));
		return;
	}
	reading_blame(r, key, "there is no key '%.60s' here%s", yaml_text(key),
	              reading_hint(buffer, reading_nearest(r, yaml_text(key), names, 4)));
}

static bool parts_read(struct sigma_mapping *to, const char *file, struct complaints *complaints)
{
	static const struct sigma_options none;
	struct reading r = {
	        .memory = &to->memory, .complaints = complaints, .options = &none, .file = file};
	const struct yaml_node *root = to->document->root;

	if (setjmp(to->memory.out))
		return false;
	if (!root || root->kind != YAML_MAPPING)
		reading_blame(&r, root, "a mapping file must be a mapping, not %s",
		              yaml_what(root));
	else
		for (size_t i = 0; i < root->count; i++)
			part_read(&r, root->key[i], root->item[i], to);
	return true;
}

struct sigma_mapping *sigma_mapping_read(const char *file, struct complaints *complaints)
{
	struct sigma_mapping *mapping = calloc(1, sizeof(*mapping));

	if (!mapping) {
		complain(complaints, file, 0, 0, "out of memory");
		return NULL;
	}
	mapping->document = yaml_read_file(file, complaints);
	if (mapping->document && parts_read(mapping, file, complaints))
		return mapping;
	sigma_mapping_free(mapping);
	return NULL;
}

void sigma_mapping_free(struct sigma_mapping *mapping)
{
	if (!mapping)
		return;
	yaml_document_free(mapping->document);
	memory_free(&mapping->memory);
	free(mapping);
}

void sigma_mapping_use(const struct sigma_mapping *mapping, struct sigma_options *options)
{
	options->names = mapping->name;
	options->name_count = mapping->names;
	options->sources = mapping->source;
	options->source_count = mapping->sources;
	options->placeholders = mapping->placeholder;
	options->placeholder_count = mapping->placeholders;
	options->taxonomy = mapping->taxonomy;
}
