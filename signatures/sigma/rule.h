/* A rule inside the engine: what its author wrote, its trees, and what compiling made of them. */
#ifndef CMTAP_SIGNATURES_SIGMA_RULE_H
#define CMTAP_SIGNATURES_SIGMA_RULE_H

#include "signatures/sigma/rule_reading.h"
#include "signatures/sigma/tree.h"

struct correlation;

/* A named part of a detection. */
struct search {
	const char *name;
	const struct yaml_node *place;
	struct node *tree;
	bool used; /* by the condition */
};

struct searches {
	struct search *at;
	size_t count;
};

/* One step of a compiled condition: ask a predicate, go on where its answer says. */
struct step {
	uint32_t predicate;
	uint32_t yes, no; /* steps, or one of these: */
};

#define STEP_HOLDS UINT32_MAX
#define STEP_FAILS (UINT32_MAX - 1)

/* Nodes of one condition, and of all conditions of a set, those of shared searches counted where
 * they are named. */
#define CONDITION_NODES_MAX 100000u
#define SET_NODES_MAX       (8u << 20)

struct rule {
	struct sigma_rule about; /* first: a pointer to it is a pointer to the rule */
	const struct yaml_node *place;
	const struct yaml_node *logsource;
	uint64_t kinds; /* of events to which it applies: a bit each */
	struct searches searches;
	struct node *condition;
	size_t nodes;       /* of the condition */
	bool bad;           /* has errors: what refers to it fails too */
	bool generate;      /* of a correlation: its rules raise alerts of their own */
	bool is_referenced; /* by a correlation */
	struct correlation *correlation;
	uint64_t identity; /* the same in another set: the same rule */
	/* compiled */
	uint32_t number; /* in the set */
	const struct step *step;
	uint32_t start; /* a step, or where conditions end */
	struct field_set tested;
};

/* Reads title, id, level and all else that rules and correlations share. */
void rule_read_about(struct reading *r, const struct yaml_node *document, struct rule *rule);
/* Reads `logsource`; the kinds of events to which it applies. */
uint64_t logsource_read(struct reading *r, const struct yaml_node *document);
/* Reads the searches of `what`, a detection or a filter (which have other keys beside them that
 * `is_key` tells), and the condition over them; NULL when there is an error. */
struct node *detection_read(struct reading *r, const struct yaml_node *detection,
                            struct searches *searches, bool (*is_key)(struct bytes name),
                            const char *what);

/* Whether an override keeps a hit of this rule back. */
bool rule_is_suppressed(const struct rule *rule, const struct event *ev);

#endif
