/* Texts about rules. The same for each alert of a rule, and a third of what it says: it is printed
 * when the rule fires first. Of rules whose place in the table is the same the last one's is kept.
 * The detector thread owns them. */
#include "sensor/output/rule_text.h"

#include "sensor/output/attack.h"

#include <stdio.h>

static void add_technique(cJSON *document, const char *tag)
{
	const struct attack_name *technique = attack_technique(tag);
	const char *dot = strchr(tag, '.');
	char parent[16] = "";

	if (!technique)
		return;
	if (!dot) {
		json_append(document, "threat.technique.id", technique->id);
		json_append(document, "threat.technique.name", technique->name);
		return;
	}
	json_append(document, "threat.technique.subtechnique.id", technique->id);
	json_append(document, "threat.technique.subtechnique.name", technique->name);
	snprintf(parent, sizeof(parent), "%.*s", (int)(dot - tag), tag);
	add_technique(document, parent);
}

static void add_threat(cJSON *document, const char *tag)
{
	const struct attack_name *tactic = attack_tactic(tag);

	json_add_text(document, "threat.framework", "MITRE ATT&CK");
	if (tactic) {
		json_append(document, "threat.tactic.id", tactic->id);
		json_append(document, "threat.tactic.name", tactic->name);
	}
	add_technique(document, tag);
}

/* That of the detection where several rules look for the same, else the rule's own, or what its
 * author gave it instead. */
const char *rule_code(const struct sigma_rule *rule)
{
	if (rule->reports_as)
		return rule->reports_as;
	return rule->name ? rule->name : rule->id ? rule->id : rule->title;
}

static cJSON *tell(const struct sigma_rule *rule)
{
	cJSON *document = cJSON_CreateObject();

	json_add_text(document, "rule.id", rule_code(rule));
	json_add_text(document, "rule.uuid", rule->id);
	json_add_text(document, "rule.name", rule->title);
	json_add_text(document, "rule.version", rule->modified ? rule->modified : rule->date);
	json_add_text(document, "rule.ruleset", "cmtap");
	json_add_text(document, "rule.category", rule->control);
	json_add_text(document, "rule.description", rule->description);
	if (rule->author)
		json_append(document, "rule.author", rule->author);
	json_add_text(document, "rule.license", rule->license);
	if (rule->references.count)
		json_add_text(document, "rule.reference", rule->references.at[0]);
	for (size_t i = 0; i < rule->tags.count; i++)
		if (!strncmp(rule->tags.at[i], "attack.", 7))
			add_threat(document, rule->tags.at[i] + 7);
	return document;
}

static char *print_member(const cJSON *document, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(document, name);

	return item ? cJSON_PrintUnformatted(item) : NULL;
}

static void forget(struct rule_text *text)
{
	cJSON_free(text->about);
	cJSON_free(text->threat);
	*text = (struct rule_text){0};
}

static const struct rule_text *text_of(struct rule_texts *texts, const struct sigma_rule *rule)
{
	struct rule_text *text = &texts->kept[(uintptr_t)rule / 64 % RULE_TEXTS];
	struct arena *memory;
	cJSON *document;

	if (text->rule == rule)
		return text;
	/* It outlives the document that is being made. */
	memory = json_use_memory(NULL);
	forget(text);
	document = tell(rule);
	text->rule = rule;
	text->about = print_member(document, "rule");
	text->threat = print_member(document, "threat");
	cJSON_Delete(document);
	json_use_memory(memory);
	return text;
}

void rule_text_add(struct rule_texts *texts, cJSON *document, const struct sigma_rule *rule)
{
	const struct rule_text *text = text_of(texts, rule);

	if (text->about)
		json_add(document, "rule", cJSON_CreateRaw(text->about));
	if (text->threat)
		json_add(document, "threat", cJSON_CreateRaw(text->threat));
	for (size_t i = 0; i < rule->tags.count; i++)
		json_append(document, "tags", rule->tags.at[i]);
	json_add_text(document, "configmgr.control", rule->control);
	json_add_text(document, "configmgr.remedy", rule->remedy);
}

void rule_texts_forget(struct rule_texts *texts)
{
	for (size_t i = 0; i < RULE_TEXTS; i++)
		forget(&texts->kept[i]);
}
