/* Policy bodies: in which form they crossed the wire, and whether they hold secrets. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_POLICY_H
#define CMTAP_DISSECTORS_CONFIGMGR_POLICY_H

#include "dissectors/configmgr/configmgr.h"

/* Reads the query of a policy body's URL: `<ID>.<version>` or `<ID>.SHA256:<hex>`. */
void policy_query(struct dissection *d, struct event *ev, struct bytes query);

/* States the form of a policy body and what secrets a clear one holds. */
void policy_body(struct dissection *d, struct event *ev, struct configmgr_body body);

/* The bytes are a CMS EnvelopedData (RFC 5652 section 6.1), DER or BER. */
bool is_enveloped(struct bytes b);

#endif
