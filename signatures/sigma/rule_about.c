/* Reading what a rule says about itself: title, id, status, level, tags and so on. No state. */
#include "core/field.h"
#include "signatures/sigma/rule.h"

#define TITLE_MAX        256
#define DESCRIPTION_MAX  65535
#define KEYS_CHECKED_MAX 64

static const char *const level_names[] = {
        [SIGMA_INFORMATIONAL] = "informational",
        [SIGMA_LOW] = "low",
        [SIGMA_MEDIUM] = "medium",
        [SIGMA_HIGH] = "high",
        [SIGMA_CRITICAL] = "critical",
};

static const char *const status_names[] = {"stable", "test", "experimental", "deprecated",
                                           "unsupported"};

static const char *const relations[] = {"derived", "obsolete", "merged", "renamed", "similar"};

/* All that the standard gives a meaning, in rules, correlations and filters. */
static const char *const known_keys[] = {
        "title",  "id",        "name",        "related",     "taxonomy", "status",
        "level",  "author",    "references",  "description", "license",  "fields",
        "date",   "modified",  "tags",        "logsource",   "scope",    "falsepositives",
        "custom", "detection", "correlation", "filter",      "generate",
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

const char *sigma_level_name(enum sigma_level level)
{
	return level_names[level];
}

/* The place of a word in a list, whatever its case; `count` when it is not there, which is said. */
static size_t word_find(struct reading *r, const struct yaml_node *at, const char *what,
                        const char *word, const char *const *words, size_t count)
{
	char buffer[HINT_MAX];

	for (size_t i = 0; i < count; i++)
		if (bytes_equal_fold(bytes_of(word), bytes_of(words[i])))
			return i;
	reading_blame(r, at, "there is no %s '%.100s'%s", what, word,
	              reading_hint(buffer, reading_nearest(r, word, words, count)));
	return count;
}

static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++) {
		bool fits = *form == 'x'   ? hex_digit((uint8_t)*text) >= 0
		            : *form == '0' ? *text >= '0' && *text <= '9'
		                           : *form == *text;

		if (!fits)
			return false;
	}
	return !*text;
}

static bool is_uuid(const char *text)
{
	return has_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

static const char *date_read(struct reading *r, const struct yaml_node *document, const char *key)
{
	const char *date = reading_text(r, document, key);
	const struct yaml_node *n = yaml_get(document, key);

	if (!date)
		return NULL;
	if (has_form(date, "0000/00/00"))
		reading_remark(r, n, "'%s': dates are written YYYY-MM-DD since Sigma 2.0", key);
	else if (!has_form(date, "0000-00-00"))
		reading_blame(r, n, "'%s' must be a date, YYYY-MM-DD", key);
	else if (strncmp(date + 5, "01", 2) < 0 || strncmp(date + 5, "12", 2) > 0 ||
	         strncmp(date + 8, "01", 2) < 0 || strncmp(date + 8, "31", 2) > 0)
		reading_blame(r, n, "'%s' is no date of the calendar", key);
	return date;
}

/* A list of texts; a single text counts as a list of one. */
static struct sigma_list list_read(struct reading *r, const struct yaml_node *document,
                                   const char *key)
{
	const struct yaml_node *n = yaml_get(document, key);
	struct sigma_list list = {0};
	const char **at;

	if (!n || (n->kind == YAML_SCALAR && n->type == YAML_NULL))
		return list;
	if (n->kind == YAML_MAPPING) {
		reading_blame(r, n, "'%s' must be a list of texts, not a mapping", key);
		return list;
	}

	struct yaml_node *const one[] = {(struct yaml_node *)n};
	struct yaml_node *const *item = n->kind == YAML_SCALAR ? one : n->item;
	size_t count = n->kind == YAML_SCALAR ? 1 : n->count;

	at = memory_alloc(r->memory, (count + 1) * sizeof(*at));
	for (size_t i = 0; i < count; i++) {
		if (item[i]->kind != YAML_SCALAR || item[i]->type == YAML_NULL)
			reading_blame(r, item[i], "'%s' must be a list of texts", key);
		else
			at[list.count++] = memory_text(r->memory, yaml_text(item[i]));
	}
	list.at = at;
	return list;
}

static bool is_tag_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* ATT&CK moves on faster than its list here would: what is not known is odd, no error. */
static bool is_attack_tag(const char *tag)
{
	static const char *const tactics[] = {
	        "reconnaissance",     "resource-development", "initial-access",  "execution",
	        "persistence",        "privilege-escalation", "defense-evasion", "stealth",
	        "defense-impairment", "credential-access",    "discovery",       "lateral-movement",
	        "collection",         "command-and-control",  "exfiltration",    "impact",
	};

	for (size_t i = 0; i < COUNT_OF(tactics); i++)
		if (!strcmp(tag, tactics[i]))
			return true;
	return has_form(tag, "t0000") || has_form(tag, "t0000.000") || has_form(tag, "g0000") ||
	       has_form(tag, "s0000") || has_form(tag, "ta0000") || has_form(tag, "m0000");
}

static void tags_check(struct reading *r, const struct yaml_node *n, struct sigma_list tags)
{
	for (size_t i = 0; i < tags.count; i++) {
		const char *tag = tags.at[i], *dot = strchr(tag, '.');
		const struct yaml_node *at =
		        n->kind == YAML_SEQUENCE && n->count == tags.count ? n->item[i] : n;
		bool odd = false;

		for (const char *c = tag; *c; c++)
			odd |= !is_tag_character((uint8_t)*c);
		if (!dot || dot == tag || !dot[1])
			reading_blame(r, at,
			              "tag '%.100s' needs a namespace, a dot and a name, such as "
			              "attack.t1557",
			              tag);
		else if (odd)
			reading_remark(r, at,
			               "tag '%.100s' should be of a-z, 0-9, '-', '_' and '.'", tag);
		else if (!strncmp(tag, "attack.", 7) && !is_attack_tag(tag + 7))
			reading_remark(r, at,
			               "tag '%.100s' is no tactic or technique that is known here",
			               tag);
	}
}

static void related_check(struct reading *r, const struct yaml_node *n)
{
	if (!n)
		return;
	if (n->kind != YAML_SEQUENCE) {
		reading_blame(r, n, "'related' must be a list of {id, type}, not %s", yaml_what(n));
		return;
	}
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *one = n->item[i];
		const char *id = yaml_text(yaml_get(one, "id"));
		const char *type = yaml_text(yaml_get(one, "type"));

		if (!id || !type)
			reading_blame(r, one, "'related' must be a list of {id, type}");
		else if (!is_uuid(id))
			reading_blame(r, yaml_get(one, "id"), "'%.100s' is no UUID", id);
		else
			word_find(r, yaml_get(one, "type"), "kind of relation", type, relations,
			          COUNT_OF(relations));
	}
}

static void evidence_read(struct reading *r, const struct yaml_node *custom, struct rule *rule)
{
	struct sigma_list names = list_read(r, custom, "evidence");
	const struct yaml_node *n = yaml_get(custom, "evidence");
	enum field *fields = memory_alloc(r->memory, (names.count + 1) * sizeof(*fields));

	for (size_t i = 0; i < names.count; i++) {
		enum field f = field_find(
		        r, n->kind == YAML_SEQUENCE && n->count == names.count ? n->item[i] : n,
		        bytes_of(names.at[i]));

		if (f != FIELD_COUNT)
			fields[rule->about.evidence_count++] = f;
	}
	rule->about.evidence = fields;
}

static void custom_read(struct reading *r, const struct yaml_node *custom, struct rule *rule)
{
	static const char *const keys[] = {"control", "remedy", "evidence", "reports_as"};

	if (!custom)
		return;
	if (custom->kind != YAML_MAPPING) {
		reading_blame(r, custom,
		              "'custom' must be a mapping of control, remedy, evidence and "
		              "reports_as");
		return;
	}
	for (size_t i = 0; i < custom->count; i++)
		word_find(r, custom->key[i], "key in 'custom'", yaml_text(custom->key[i]), keys,
		          COUNT_OF(keys));
	rule->about.control = reading_text(r, custom, "control");
	rule->about.remedy = reading_text(r, custom, "remedy");
	rule->about.reports_as = reading_text(r, custom, "reports_as");
	evidence_read(r, custom, rule);
}

static bool is_known_key(const char *key)
{
	for (size_t i = 0; i < COUNT_OF(known_keys); i++)
		if (!strcmp(key, known_keys[i]))
			return true;
	return false;
}

/* Other keys are allowed, but one that is nearly a known one is most likely a slip. */
static void keys_check(struct reading *r, const struct yaml_node *document)
{
	for (size_t i = 0; i < document->count && i < KEYS_CHECKED_MAX; i++) {
		const char *key = yaml_text(document->key[i]), *near;

		if (is_known_key(key))
			continue;
		near = reading_nearest(r, key, known_keys, COUNT_OF(known_keys));
		if (near && key[0] == near[0])
			reading_remark(r, document->key[i],
			               "the key '%.100s' has no meaning (did you mean '%s'?)", key,
			               near);
	}
}

/* unsupported never runs, deprecated does but says so, experimental when the options allow it. */
static void status_read(struct reading *r, const struct yaml_node *document, struct rule *rule)
{
	const char *status = reading_text(r, document, "status");
	const struct yaml_node *n = yaml_get(document, "status");
	size_t i;

	if (!status)
		return;
	i = word_find(r, n, "status", status, status_names, COUNT_OF(status_names));
	if (i == COUNT_OF(status_names))
		return;
	status = rule->about.status = status_names[i];
	if (!strcmp(status, "unsupported"))
		rule->about.disabled = true;
	else if (!strcmp(status, "deprecated"))
		reading_remark(r, n, "the rule is deprecated");
	else if (!strcmp(status, "experimental") && !r->options->experimental) {
		rule->about.disabled = true;
		reading_remark(
		        r, n,
		        "the rule is experimental, and experimental rules are not switched on");
	}
}

static void level_read(struct reading *r, const struct yaml_node *document, struct rule *rule)
{
	const char *level = reading_text(r, document, "level");
	size_t i;

	rule->about.level = SIGMA_MEDIUM;
	if (!level)
		return;
	i = word_find(r, yaml_get(document, "level"), "level", level, level_names,
	              COUNT_OF(level_names));
	if (i < COUNT_OF(level_names))
		rule->about.level = (enum sigma_level)i;
}

static void identity_read(struct reading *r, const struct yaml_node *document, struct rule *rule)
{
	const char *title = reading_text(r, document, "title");

	r->title = title;
	if (!title || !*title)
		reading_blame(r, document, "there is no 'title'");
	else if (strlen(title) > TITLE_MAX)
		reading_blame(r, yaml_get(document, "title"),
		              "the title is longer than %d characters", TITLE_MAX);
	r->id = reading_text(r, document, "id");
	rule->about.title = title;
	rule->about.id = r->id;
	rule->about.name = reading_text(r, document, "name");
	if (r->id && !is_uuid(r->id))
		reading_blame(r, yaml_get(document, "id"), "the id must be a UUID");
	if (rule->about.name && !*rule->about.name)
		reading_blame(r, yaml_get(document, "name"), "the name must not be empty");
}

void rule_read_about(struct reading *r, const struct yaml_node *document, struct rule *rule)
{
	struct sigma_rule *about = &rule->about;
	const char *taxonomy;

	identity_read(r, document, rule);
	keys_check(r, document);
	status_read(r, document, rule);
	level_read(r, document, rule);
	about->file = memory_text(r->memory, r->file);
	about->line = document->line;
	about->description = reading_text(r, document, "description");
	about->author = reading_text(r, document, "author");
	about->license = reading_text(r, document, "license");
	about->date = date_read(r, document, "date");
	about->modified = date_read(r, document, "modified");
	about->references = list_read(r, document, "references");
	about->falsepositives = list_read(r, document, "falsepositives");
	about->tags = list_read(r, document, "tags");
	list_read(r, document, "fields");
	list_read(r, document, "scope");
	if (about->tags.count)
		tags_check(r, yaml_get(document, "tags"), about->tags);
	related_check(r, yaml_get(document, "related"));
	custom_read(r, yaml_get(document, "custom"), rule);
	if (about->description && strlen(about->description) > DESCRIPTION_MAX)
		reading_blame(r, yaml_get(document, "description"),
		              "the description is longer than %d characters", DESCRIPTION_MAX);
	taxonomy = reading_text(r, document, "taxonomy");
	if (taxonomy && strcmp(taxonomy, "sigma") != 0 &&
	    !(r->options->taxonomy && !strcmp(taxonomy, r->options->taxonomy)))
		reading_blame(r, yaml_get(document, "taxonomy"),
		              "the names of taxonomy '%.100s' are not known here", taxonomy);
}
