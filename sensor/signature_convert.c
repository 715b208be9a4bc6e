/* cmtap signatures convert-fields: what those need who convert our rules for a SIEM that receives
 * our events. Every field has the same name in rules and in documents, so the names stay; what a
 * converter must be told is which documents a log source means.
 *
 * The text is a processing pipeline as sigma-cli and pySigma read it. */
#include "sensor/commands.h"
#include "sensor/output/json.h"

#include <string.h>

/* Whether the Elastic Common Schema has the name; all others are ours. */
static bool is_ecs(enum field f)
{
	return strncmp(field_info[f].name, "configmgr.", 10) != 0;
}

/* What the type is in an index of Elasticsearch or OpenSearch. */
static const char *index_type(enum field f)
{
	static const char *const types[] = {
	        [TYPE_TEXT] = "keyword",  [TYPE_TEXTS] = "keyword",   [TYPE_INTEGER] = "long",
	        [TYPE_INTEGERS] = "long", [TYPE_BOOLEAN] = "boolean", [TYPE_ADDRESS] = "ip",
	        [TYPE_ADDRESSES] = "ip",  [TYPE_TIME] = "date",
	};

	return types[field_info[f].type];
}

static void print_yaml(void)
{
	printf("# Made by `cmtap signatures convert-fields`, version " CMTAP_VERSION
	       ": a processing\n"
	       "# pipeline for sigma-cli, for stores that receive the documents of `cmtap "
	       "--events`.\n"
	       "name: cmtap\n"
	       "priority: 20\n"
	       "transformations:\n");
	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		printf("  # %s\n"
		       "  - id: cmtap_%s\n"
		       "    type: add_condition\n"
		       "    conditions: {event.dataset: configmgr.%s}\n"
		       "    rule_conditions:\n"
		       "      - {type: logsource, product: configmgr, category: network, service: "
		       "%s}\n",
		       event_kind_info[k].meaning, event_kind_info[k].service,
		       event_kind_info[k].service, event_kind_info[k].service);
	printf("  # Rules and documents name a field alike. ECS: of the Elastic Common Schema.\n"
	       "  - id: cmtap_fields\n"
	       "    type: field_name_mapping\n"
	       "    rule_conditions:\n"
	       "      - {type: logsource, product: configmgr}\n"
	       "    mapping:\n");
	for (int f = 0; f < FIELD_COUNT; f++)
		printf("      %s: %s  # %s%s\n", field_info[f].name, field_info[f].name,
		       is_ecs((enum field)f) ? "ECS, " : "", index_type((enum field)f));
}

static void print_json(void)
{
	cJSON *all = cJSON_CreateObject();
	cJSON *fields = cJSON_AddArrayToObject(all, "fields");
	cJSON *sources = cJSON_AddArrayToObject(all, "logsources");
	char text[64], *printed;

	for (int f = 0; f < FIELD_COUNT; f++) {
		cJSON *one = cJSON_CreateObject();

		cJSON_AddStringToObject(one, "rule", field_info[f].name);
		cJSON_AddStringToObject(one, "document", field_info[f].name);
		cJSON_AddBoolToObject(one, "ecs", is_ecs((enum field)f));
		cJSON_AddStringToObject(one, "type", index_type((enum field)f));
		cJSON_AddStringToObject(one, "set_by", field_setter_name(field_info[f].setter));
		for (int k = 0; k < EVENT_KIND_COUNT; k++)
			if (field_is_of((enum field)f, UINT64_C(1) << k))
				json_append(one, "services", event_kind_info[k].service);
		cJSON_AddStringToObject(one, "meaning", field_info[f].meaning);
		cJSON_AddItemToArray(fields, one);
	}
	for (int k = 0; k < EVENT_KIND_COUNT; k++) {
		cJSON *one = cJSON_CreateObject();

		json_add_text(one, "logsource.product", "configmgr");
		json_add_text(one, "logsource.category", "network");
		json_add_text(one, "logsource.service", event_kind_info[k].service);
		snprintf(text, sizeof(text), "configmgr.%s", event_kind_info[k].service);
		json_add_text(one, "document.event.dataset", text);
		json_add_text(one, "meaning", event_kind_info[k].meaning);
		cJSON_AddItemToArray(sources, one);
	}
	printed = cJSON_Print(all);
	puts(printed ? printed : "");
	cJSON_free(printed);
	cJSON_Delete(all);
}

int signature_convert(const struct options *o)
{
	(o->json ? print_json : print_yaml)();
	return 0;
}
