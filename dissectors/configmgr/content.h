/* Distribution point content: what a path names, and whether a reply lists a folder. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_CONTENT_H
#define CMTAP_DISSECTORS_CONFIGMGR_CONTENT_H

#include "dissectors/configmgr/configmgr.h"
#include "dissectors/configmgr/endpoint.h"

/* How much of a reply tells a listing from a file. */
#define LISTING_PREFIX 8192

/* States package, version, file and place in the content library. True when the reply could be the
 * listing of a folder, so that its beginning is worth a look. */
bool content_path(struct dissection *d, struct event *ev, const struct endpoint_path *path,
                  struct bytes query, struct bytes method);

/* Changes the type of the transaction to a listing when the reply is one. */
void content_reply(struct event *ev, struct configmgr_body body);

#endif
