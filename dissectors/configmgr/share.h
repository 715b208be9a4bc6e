/* What a share and a file name mean to ConfigMgr. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_SHARE_H
#define CMTAP_DISSECTORS_CONFIGMGR_SHARE_H

#include "core/event.h"

/* States what the share of an event is for, in which role its server is addressed, and the site.
 * The event has the name of the share, and keeps its views alive. */
void configmgr_share_facts(struct event *ev);

/* States what the file of an event is, by its share and path, and by what it was renamed to. */
void configmgr_share_file_facts(struct event *ev);

#endif
