/* cmtap signatures show: what a rule is, what to do about it, and what the site changed. */
#include "sensor/commands.h"
#include "sensor/output/json.h"

#include <string.h>

#define COUNTED_MOST 16
#define LINE_MOST    100

static void add_texts(cJSON *object, const char *name, const struct sigma_list *texts)
{
	char text[2048];

	for (size_t i = 0; i < texts->count; i++) {
		struct bytes trimmed = bytes_trim(bytes_of(texts->at[i]));

		snprintf(text, sizeof(text), "%.*s", (int)trimmed.len, (const char *)trimmed.at);
		json_append(object, name, text);
	}
}

static cJSON *suppression_json(const struct sigma_suppression *s)
{
	cJSON *object = cJSON_CreateObject();
	char text[NETWORK_TEXT_MAX], time[TIME_TEXT_MAX];

	if (s->has_client)
		json_add_text(object, "client", network_print(s->client, text));
	if (s->has_server)
		json_add_text(object, "server", network_print(s->server, text));
	if (s->has_network)
		json_add_text(object, "network", network_print(s->network, text));
	if (s->until != INT64_MAX) {
		time_print(s->until - DAY, time);
		time[strcspn(time, "T")] = 0;
		json_add_text(object, "until", time);
	}
	json_add_text(object, "reason", s->reason);
	return object;
}

static void add_override(cJSON *object, const struct sigma_rule *rule)
{
	const struct sigma_override *o = rule->override;
	cJSON *list;

	if (!o)
		return;
	json_add_text(object, "override.file", o->file);
	json_add_number(object, "override.line", o->line);
	if (o->has_threshold) {
		json_add_number(object, "override.threshold", (double)o->threshold);
		json_add_number(object, "override.own_threshold", (double)o->own_threshold);
	}
	if (o->has_level) {
		json_add_text(object, "override.level", sigma_level_name(rule->level));
		json_add_text(object, "override.own_level", sigma_level_name(o->own_level));
	}
	if (o->has_enable)
		json_add_boolean(object, "override.enable", o->enable);
	list = o->suppressions ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < o->suppressions; i++)
		cJSON_AddItemToArray(list, suppression_json(&o->suppression[i]));
	if (list)
		json_add(object, "override.suppress", list);
}

static void add_correlation(cJSON *object, const struct sigma_rule *rule)
{
	const struct sigma_rule *counted[COUNTED_MOST];
	size_t count = sigma_rule_counts(rule, counted, COUNTED_MOST);
	char text[512];

	if (!rule->is_correlation)
		return;
	json_add_text(object, "correlation.condition",
	              sigma_rule_counting(rule, text, sizeof(text)));
	for (size_t i = 0; i < count && i < COUNTED_MOST; i++)
		json_append(object, "correlation.rules",
		            counted[i]->name ? counted[i]->name : counted[i]->title);
}

cJSON *signature_json(const struct sigma_rule *rule)
{
	const struct field_set *fields = sigma_rule_fields(rule);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "name", rule->name ? rule->name : "");
	cJSON_AddStringToObject(object, "title", rule->title);
	cJSON_AddStringToObject(object, "level", sigma_level_name(rule->level));
	cJSON_AddStringToObject(object, "control", rule->control ? rule->control : "");
	cJSON_AddStringToObject(object, "id", rule->id ? rule->id : "");
	cJSON_AddStringToObject(object, "file", rule->file);
	json_add_number(object, "line", rule->line);
	json_add_text(object, "status", rule->status);
	json_add_boolean(object, "enabled", !rule->disabled);
	json_add_text(object, "reports_as", rule->reports_as);
	json_add_text(object, "description", rule->description);
	json_add_text(object, "remedy", rule->remedy);
	add_correlation(object, rule);
	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		if (sigma_rule_kinds(rule) >> k & 1)
			json_append(object, "services", event_kind_info[k].service);
	FOR_EACH_PRESENT (f, fields)
		json_append(object, "fields", field_info[f].name);
	for (size_t i = 0; i < rule->evidence_count; i++)
		json_append(object, "evidence", field_info[rule->evidence[i]].name);
	add_texts(object, "falsepositives", &rule->falsepositives);
	add_texts(object, "references", &rule->references);
	add_texts(object, "tags", &rule->tags);
	add_override(object, rule);
	return object;
}

/* Words in lines of LINE_MOST, behind a name or a margin as wide. */
static void print_text(const char *name, const char *text)
{
	size_t column = LINE_MOST;

	printf("%-16s", name);
	for (size_t len; *text; text += len + strspn(text + len, " \n")) {
		len = strcspn(text, " \n");
		if (column + len >= LINE_MOST) {
			if (column != LINE_MOST)
				printf("\n%-16s", "");
			column = 16;
		}
		printf(" %.*s", (int)len, text);
		column += len + 1;
	}
	printf("\n");
}

/* One text, or one for each item of a list. */
static void print_value(const char *name, const cJSON *value)
{
	const cJSON *item = cJSON_IsArray(value) ? value->child : value;

	for (; item; item = cJSON_IsArray(value) ? item->next : NULL, name = "")
		if (cJSON_IsString(item))
			print_text(name, item->valuestring);
}

static void print_suppression(const cJSON *suppression)
{
	const char *between = "";

	printf("%-16s kept back: ", "");
	for (const cJSON *part = suppression->child; part; part = part->next, between = ", ")
		printf("%s%s %s", between, part->string, part->valuestring);
	printf("\n");
}

static void print_override(const struct sigma_rule *rule, const cJSON *object)
{
	const struct sigma_override *o = rule->override;
	const cJSON *list =
	        cJSON_GetObjectItem(cJSON_GetObjectItem(object, "override"), "suppress");

	if (!o)
		return;
	printf("%-16s %s:%u\n", "override", o->file, o->line);
	if (o->has_threshold)
		printf("%-16s threshold %lld instead of %lld\n", "", (long long)o->threshold,
		       (long long)o->own_threshold);
	if (o->has_level)
		printf("%-16s level %s instead of %s\n", "", sigma_level_name(rule->level),
		       sigma_level_name(o->own_level));
	if (o->has_enable)
		printf("%-16s switched %s\n", "", o->enable ? "on" : "off");
	for (const cJSON *one = list ? list->child : NULL; one; one = one->next)
		print_suppression(one);
}

/* The document of the rule: from its first line to the next mark. */
static void print_document(const struct sigma_rule *rule)
{
	FILE *f = fopen(rule->file, "r");
	char line[4096];
	unsigned number = 0;
	bool is_start = true; /* of a line, not of a further part of a long one */

	while (f && fgets(line, sizeof(line), f)) {
		number += is_start;
		if (is_start && number > rule->line && !strncmp(line, "---", 3))
			break;
		if (number >= rule->line)
			fputs(line, stdout);
		is_start = strchr(line, '\n');
	}
	if (f)
		fclose(f);
}

/* What alerts of a rule are called. */
static const char *detection_of(const struct sigma_rule *rule)
{
	return rule->reports_as ? rule->reports_as : rule->name;
}

/* Other rules whose alerts have the same name. */
static void print_others(const struct sigma_set *set, const struct sigma_rule *rule)
{
	const char *name = detection_of(rule), *title = "see also";

	for (size_t i = 0; name && i < sigma_rule_count(set); i++) {
		const struct sigma_rule *other = sigma_rule_at(set, i);
		const char *its = detection_of(other);

		if (other == rule || !other->name || !its || strcmp(its, name) != 0)
			continue;
		printf("%-16s %s\n", title, other->name);
		title = "";
	}
}

static void print_rule(const struct sigma_set *set, const struct sigma_rule *rule,
                       const cJSON *object)
{
	static const struct {
		const char *name, *key;
	} lines[] = {
	        {"name", "name"},
	        {"title", "title"},
	        {"level", "level"},
	        {"status", "status"},
	        {"id", "id"},
	        {"reports as", "reports_as"},
	        {"description", "description"},
	        {"control", "control"},
	        {"remedy", "remedy"},
	        {"events", "services"},
	        {"fields", "fields"},
	        {"evidence", "evidence"},
	        {"false positives", "falsepositives"},
	        {"references", "references"},
	        {"tags", "tags"},
	};
	const cJSON *correlation = cJSON_GetObjectItem(object, "correlation");

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		print_value(lines[i].name, cJSON_GetObjectItem(object, lines[i].key));
	print_value("counts", cJSON_GetObjectItem(correlation, "rules"));
	print_value("fires at", cJSON_GetObjectItem(correlation, "condition"));
	if (rule->silent)
		printf("%-16s none of its own: other rules count what it matches\n", "alerts");
	else if (rule->disabled)
		printf("%-16s none: it is switched off\n", "alerts");
	print_others(set, rule);
	print_override(rule, object);
	printf("%-16s %s:%u\n\n", "file", rule->file, rule->line);
	print_document(rule);
}

int signature_show(const struct options *o, const struct signatures *signatures,
                   struct complaints *complaints)
{
	const struct sigma_rule *rule =
	        signature_find(signatures->set, o->arguments[1], complaints);
	cJSON *object = rule ? signature_json(rule) : NULL;
	char *text = object && o->json ? cJSON_PrintUnformatted(object) : NULL;

	if (!rule)
		return 2;
	if (text)
		puts(text);
	else
		print_rule(signatures->set, rule, object);
	cJSON_free(text);
	cJSON_Delete(object);
	return 0;
}
