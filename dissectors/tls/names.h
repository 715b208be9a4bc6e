/* Names of what TLS writes as numbers, from the registries of IANA. */
#ifndef CMTAP_DISSECTORS_TLS_NAMES_H
#define CMTAP_DISSECTORS_TLS_NAMES_H

#include "core/arena.h"

#define TLS_WEAKNESSES 8

/* The name of a cipher suite, or its number as 0x1234 in the arena. */
struct bytes tls_suite_name(uint16_t suite, struct arena *arena);

/* Why a suite of that name protects badly: null, export, anonymous, rc4, rc2, des, 3des, idea, md5.
 * Returns how many words were written. */
size_t tls_suite_weaknesses(struct bytes name, struct bytes words[TLS_WEAKNESSES]);

/* The name of a group for key exchange, or its number in the arena. */
struct bytes tls_group_name(uint16_t group, struct arena *arena);

/* The number of a version as text, such as 1.2; NULL when there is none such. */
const char *tls_version_name(uint16_t version);

/* The RFC's name of an alert, or NULL. */
const char *tls_alert_name(uint8_t description);

#endif
