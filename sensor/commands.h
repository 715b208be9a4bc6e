/* The commands that write no documents. Each returns the exit status. */
#ifndef CMTAP_SENSOR_COMMANDS_H
#define CMTAP_SENSOR_COMMANDS_H

#include "sensor/signature_set.h"

/* cmtap fields */
int command_fields(void);

/* cmtap signatures list|show|check|test|convert-fields */
int command_signatures(const struct options *options);

/* cmtap signatures show NAME: one rule, as a person or (--json) a program reads it. */
int signature_show(const struct options *options, const struct signatures *signatures,
                   struct complaints *complaints);
/* One rule as JSON, with what an override changed about it; the caller frees it. */
struct cJSON *signature_json(const struct sigma_rule *rule);

/* cmtap signatures test NAME FILE...: which events of captures a rule matches, and what kept the
 * others from it. */
int signature_test(const struct options *options, const struct config *config,
                   const struct signatures *signatures, struct complaints *complaints);

/* cmtap signatures convert-fields: fields and log sources for those who convert rules. */
int signature_convert(const struct options *options);

/* The rule of that name; NULL with a complaint that tells the nearest one. */
const struct sigma_rule *signature_find(const struct sigma_set *set, const char *name,
                                        struct complaints *complaints);

#endif
