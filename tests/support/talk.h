/* Requests and replies on one connection, and the event that comes of them. */
#ifndef CMTAP_TESTS_SUPPORT_TALK_H
#define CMTAP_TESTS_SUPPORT_TALK_H

#include "tests/support/message.h"
#include "tests/support/trial.h"

/* What is zero is usual: GET, no headers, no body, status 200. */
struct exchange {
	const char *method, *target;
	const char *headers; /* each with its CRLF */
	struct bytes body;
	int status;
	const char *reply_headers;
	struct bytes reply;
};

/* For cmocka: *state is a trial whose connection is open; its end checks that all blocks of the
 * pool came back. */
int trial_setup(void **state);
int trial_teardown(void **state);

/* A request and its reply, told in segments of 1,460 bytes: the event of the two. */
const struct event *talk(struct trial *t, struct exchange e);
/* A GET answered by a text. */
const struct event *talk_get(struct trial *t, const char *target, const char *reply);
/* A CCM message to /ccm_system/request, answered by another. */
const struct event *talk_ccm(struct trial *t, struct ccm request, struct ccm reply);
/* A CCM message with this payload, answered by one with that. */
const struct event *talk_xml(struct trial *t, const char *endpoint, const char *request,
                             const char *reply);

/* A text field, or a list joined by blanks, is exactly this; "-" stands for an absent field. */
#define assert_field(ev, field, expected)                                                          \
	assert_string_equal(field_as_text(ev, FIELD_##field), expected)

/* Any field of an event as text: lists joined by blanks, booleans as true and false, "-" when it is
 * absent. In one of some static buffers. */
const char *field_as_text(const struct event *ev, enum field f);
/* Every field with its value, one a line: for searches that nothing may be in any of them. */
const char *event_as_text(const struct event *ev);

#endif
