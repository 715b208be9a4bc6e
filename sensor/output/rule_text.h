/* What alerts say about their rule, kept as text. */
#ifndef CMTAP_SENSOR_OUTPUT_RULE_TEXT_H
#define CMTAP_SENSOR_OUTPUT_RULE_TEXT_H

#include "sensor/output/json.h"
#include "signatures/sigma/sigma.h"

#define RULE_TEXTS 64

/* Zeroed to begin with. */
struct rule_texts {
	struct rule_text {
		const struct sigma_rule *rule;
		char *about, *threat; /* the values of `rule` and of `threat`; NULL: none */
	} kept[RULE_TEXTS];
};

/* The name by which users know what was found. */
const char *rule_code(const struct sigma_rule *rule);

/* Adds all that documents say of a rule. */
void rule_text_add(struct rule_texts *texts, cJSON *document, const struct sigma_rule *rule);

/* Rules end: texts of them are not kept any longer. */
void rule_texts_forget(struct rule_texts *texts);

#endif
