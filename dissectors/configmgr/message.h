/* CCM messages: the multipart body of CCM_POST requests and of their replies. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_MESSAGE_H
#define CMTAP_DISSECTORS_CONFIGMGR_MESSAGE_H

#include "dissectors/configmgr/configmgr.h"

/* Reads one message and states what it says. */
void message_read(struct dissection *d, struct event *ev, enum side sender,
                  struct configmgr_body body);

#endif
