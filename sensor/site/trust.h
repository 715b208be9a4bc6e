/* What the operator trusts: certificates of authorities, and lists of revoked ones.
 *
 * Read with the site file at start, then read-only. */
#ifndef CMTAP_SENSOR_SITE_TRUST_H
#define CMTAP_SENSOR_SITE_TRUST_H

#include "core/complaint.h"

#include <openssl/x509.h>

struct trust {
	X509_STORE *anchors; /* NULL: none is listed, so no chain can be judged */
	STACK_OF(X509_CRL) * crls;
};

struct site_file;

/* Reads the files that the site file names; those that hold nothing of the kind are complained of.
 * NULL when memory ran out. */
struct trust *trust_read(const struct site_file *sites, struct complaints *complaints);
void trust_free(struct trust *trust);

#endif
