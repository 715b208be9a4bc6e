/* A message to the management point and what must have come of it: for the tests of frames and
 * payloads. */
#ifndef CMTAP_TESTS_UNIT_DISSECTORS_CONFIGMGR_TELLING_H
#define CMTAP_TESTS_UNIT_DISSECTORS_CONFIGMGR_TELLING_H

#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define REQUEST                                                                                    \
	"<AssignedSiteRequest SchemaVersion=\"1.00\"><ClientLocationInfo OnInternet=\"0\"/>"       \
	"</AssignedSiteRequest>"

/* One message to the management point, which accepts it without a word. */
static inline const struct event *tell(struct trial *t, struct ccm m)
{
	return talk(t, (struct exchange){.method = "CCM_POST",
	                                 .target = "/ccm_system/request",
	                                 .body = ccm_message(m),
	                                 .reply = BYTES("NoReply")});
}

static inline const struct event *tell_bytes(struct trial *t, struct bytes body)
{
	return talk(t, (struct exchange){.method = "CCM_POST",
	                                 .target = "/ccm_system/request",
	                                 .body = body,
	                                 .reply = BYTES("NoReply")});
}

static inline void assert_read(const struct event *ev)
{
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "site_assignment");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "AssignedSiteRequest");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "true");
	assert_false(is_degraded(ev));
}

static inline void assert_malformed(const struct event *ev, const char *reason)
{
	assert_field(ev, CONFIGMGR_MALFORMED_PROTOCOL, "configmgr");
	assert_field(ev, CONFIGMGR_MALFORMED_SOURCE, "192.0.2.11");
	assert_non_null(strstr(field_as_text(ev, FIELD_CONFIGMGR_MALFORMED_REASON), reason));
}

#endif
