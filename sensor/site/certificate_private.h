/* Reading and judging one certificate, shared by the files that do. */
#ifndef CMTAP_SENSOR_SITE_CERTIFICATE_PRIVATE_H
#define CMTAP_SENSOR_SITE_CERTIFICATE_PRIVATE_H

#include "core/reader.h"
#include "sensor/site/certificates.h"

/* certificate_facts.c: what it says. `x509` may be NULL: not readable. */
void certificate_describe(struct certificate *record, X509 *x509);
/* Weaknesses of a key and, unless it is self-signed, of a signature. */
unsigned certificate_weaknesses(X509 *x509);
int64_t certificate_time(const ASN1_TIME *time);

/* certificate_chain.c: what others say of it */
void certificate_judge(struct certificate *record, X509 *first, STACK_OF(X509) * others,
                       const struct trust *trust);

#endif
