/* MITRE ATT&CK: names and numbers of what rules are tagged with. */
#ifndef CMTAP_SENSOR_OUTPUT_ATTACK_H
#define CMTAP_SENSOR_OUTPUT_ATTACK_H

struct attack_name {
	const char *tag; /* behind `attack.`, lower case */
	const char *id, *name;
};

/* A tactic by its tag (`credential-access`) or NULL. */
const struct attack_name *attack_tactic(const char *tag);
/* A technique or sub-technique by its tag (`t1552.001`) or NULL. */
const struct attack_name *attack_technique(const char *tag);

#endif
