/* Reading settings by the table of config.def. */
#include "sensor/config.h"

#include "core/yaml.h"

#include <inttypes.h>
#include <stddef.h>

enum setting_type { COUNT, SIZE, DURATION, SWITCH, PATH };

struct setting {
	const char *section, *key;
	enum setting_type type;
	int64_t otherwise, least, most;
	const char *meaning;
	size_t offset;
};

static const struct setting settings[] = {
#define SETTING(section, key, type, otherwise, least, most, meaning)                               \
	{#section, #key, type,    otherwise,                                                       \
	 least,    most, meaning, offsetof(struct config, section.key)},
#include "sensor/config.def"
#undef SETTING
};

#define SETTING_COUNT (sizeof(settings) / sizeof(*settings))

/* The share of limits.memory, in hundredths, and the bytes one of it takes, of each setting that
 * has no fixed default. What is not shared out is for scratch memory, libraries and the site model.
 */
static const struct {
	const char *key;
	int64_t share, each;
} shares[] = {
        {"flows", 24, 160},       {"dissected_flows", 14, 2240}, {"blocks", 26, 2052},
        {"segments", 2, 64},      {"event_ring", 6, 1},          {"correlations", 10, 1},
        {"site_clients", 4, 256}, {"traffic_addresses", 3, 640},
};

static int64_t *value_at(struct config *config, const struct setting *s)
{
	return (int64_t *)((char *)config + s->offset);
}

static const struct setting *find(const char *section, const char *key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (!strcmp(settings[i].section, section) &&
		    (!key || !strcmp(settings[i].key, key)))
			return &settings[i];
	return NULL;
}

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit size_units[] = {
        {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};
static const struct unit time_units[] = {{"ms", MILLISECOND}, {"s", SECOND}, {"m", MINUTE},
                                         {"h", HOUR},         {"d", DAY},    {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(enum setting_type type)
{
	return type == SIZE ? size_units : type == DURATION ? time_units : no_units;
}

/* A number with one of the units behind it. */
static bool parse_number(struct bytes text, const struct unit *units, int64_t *value)
{
	size_t digits = 0;
	int64_t number;

	while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;

	struct bytes unit = bytes_trim(bytes_slice(text, digits, text.len));

	if (!bytes_to_i64(bytes_slice(text, 0, digits), &number))
		return false;
	for (; units->name; units++)
		if (bytes_equal(unit, bytes_of(units->name)) || (!number && !unit.len))
			return !__builtin_mul_overflow(number, units->factor, value);
	return false;
}

static const char *expectation(enum setting_type type)
{
	static const char *const texts[] = {
	        [COUNT] = "a whole number",
	        [SIZE] = "a size such as 65536, 64KiB, 16MiB or 1GiB",
	        [DURATION] = "a time such as 200ms, 30s, 10m or 1h",
	        [SWITCH] = "true or false",
	};

	return texts[type];
}

static void print_value(char text[32], enum setting_type type, int64_t value)
{
	const struct unit *units = units_of(type), *best = units;

	if (type == SWITCH) {
		snprintf(text, 32, "%s", value ? "true" : "false");
		return;
	}
	for (const struct unit *u = units; u->name; u++)
		if (value && value % u->factor == 0)
			best = u;
	snprintf(text, 32, "%" PRId64 "%s", value / best->factor, best->name);
}

/* A path is taken from the folder of the config file. */
static void read_path(struct config *config, const char *file, const struct setting *s,
                      const struct yaml_node *node, struct complaints *complaints)
{
	const char *path = yaml_text(node), *slash = strrchr(file, '/');
	int folder = path && *path != '/' && slash ? (int)(slash - file) + 1 : 0;
	char *to = (char *)value_at(config, s);

	if (!path || !*path || node->type != YAML_TEXT)
		complain(complaints, file, node->line, node->column,
		         "%s.%s is %s, expected the name of a file", s->section, s->key,
		         path && *path ? path : yaml_what(node));
	else if (snprintf(to, CONFIG_PATH_MAX, "%.*s%s", folder, file, path) >= CONFIG_PATH_MAX)
		complain(complaints, file, node->line, node->column, "%s.%s is too long",
		         s->section, s->key);
}

static void read_setting(struct config *config, const char *file, const struct setting *s,
                         const struct yaml_node *node, struct complaints *complaints)
{
	char least[32], most[32];
	int64_t value = node->integer;
	bool ok = node->kind == YAML_SCALAR;

	if (s->type == PATH) {
		read_path(config, file, s, node, complaints);
		return;
	}
	if (s->type == SWITCH)
		ok = ok && node->type == YAML_BOOLEAN;
	else
		ok = ok && parse_number(node->text, units_of(s->type), &value);
	if (!ok) {
		complain(complaints, file, node->line, node->column, "%s.%s is %s, expected %s",
		         s->section, s->key,
		         node->kind == YAML_SCALAR ? yaml_text(node) : yaml_what(node),
		         expectation(s->type));
		return;
	}
	if (value < s->least || value > s->most) {
		print_value(least, s->type, s->least);
		print_value(most, s->type, s->most);
		complain(complaints, file, node->line, node->column,
		         "%s.%s is %s, expected %s to %s", s->section, s->key, yaml_text(node),
		         least, most);
		return;
	}
	*value_at(config, s) = value;
}

static void complain_unknown(struct complaints *complaints, const char *file,
                             const struct yaml_node *key, const char *section)
{
	const char *names[SETTING_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!section && (!i || strcmp(settings[i].section, settings[i - 1].section) != 0))
			names[n++] = settings[i].section;
		if (section && !strcmp(settings[i].section, section))
			names[n++] = settings[i].key;
	}

	const char *nearest = nearest_name(yaml_text(key), names, n);

	complain(complaints, file, key->line, key->column, "unknown %s '%s'%s%s%s%s%s",
	         section ? "setting" : "section", yaml_text(key), section ? " in " : "",
	         section ? section : "", nearest ? ", did you mean '" : "", nearest ? nearest : "",
	         nearest ? "'?" : "");
}

static void read_section(struct config *config, const char *file, const struct yaml_node *key,
                         const struct yaml_node *section, struct complaints *complaints)
{
	if (!find(yaml_text(key), NULL)) {
		complain_unknown(complaints, file, key, NULL);
		return;
	}
	if (section->kind == YAML_SCALAR && section->type == YAML_NULL)
		return;
	if (section->kind != YAML_MAPPING) {
		complain(complaints, file, section->line, section->column,
		         "%s is %s, expected settings below it", yaml_text(key),
		         yaml_what(section));
		return;
	}
	for (size_t i = 0; i < section->count; i++) {
		const struct setting *s = find(yaml_text(key), yaml_text(section->key[i]));

		if (s)
			read_setting(config, file, s, section->item[i], complaints);
		else
			complain_unknown(complaints, file, section->key[i], yaml_text(key));
	}
}

static void read_file(struct config *config, const char *file, struct complaints *complaints)
{
	struct yaml_document *document = yaml_read_settings(file, complaints);
	const struct yaml_node *root = document ? document->root : NULL;

	if (root && root->kind != YAML_MAPPING)
		complain(complaints, file, root->line, root->column,
		         "the file is %s, expected sections such as limits:", yaml_what(root));
	else
		for (size_t i = 0; root && i < root->count; i++)
			read_section(config, file, root->key[i], root->item[i], complaints);
	if (document && document->next)
		complain(complaints, file, 0, 0, "a second YAML document, expected only one");
	yaml_document_free(document);
}

/* Gives every limit without a fixed default its share of the memory, and adds all up. */
static void share_memory(struct config *config, const char *file, struct complaints *complaints)
{
	int64_t total = 0, memory = config->limits.memory;

	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		const struct setting *s = find("limits", shares[i].key);
		int64_t *value = value_at(config, s);

		if (!*value)
			*value = memory / 100 * shares[i].share / shares[i].each;
		if (*value < s->least)
			*value = s->least;
		total += *value * shares[i].each;
	}
	if (total > memory)
		complain(complaints, file, 0, 0,
		         "limits: what is set takes %" PRId64 " MiB together, expected at most "
		         "limits.memory, %" PRId64 " MiB",
		         total >> 20, memory >> 20);
}

void config_read(struct config *config, const char *file, struct complaints *complaints)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (settings[i].type == PATH)
			*(char *)value_at(config, &settings[i]) = 0;
		else
			*value_at(config, &settings[i]) = settings[i].otherwise;
	if (file)
		read_file(config, file, complaints);
	share_memory(config, file, complaints);
}
