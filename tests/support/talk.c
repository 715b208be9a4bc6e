/* Conversations over a trial. */
#include "tests/support/talk.h"

#include "core/address.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEGMENT 1460

int trial_setup(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	trial_open(t);
	trial_handshake(t);
	*state = t;
	return 0;
}

int trial_teardown(void **state)
{
	struct trial *t = *state;
	uint32_t left;

	trial_end(t);
	left = t->bench.blocks.used;
	trial_close(t);
	free(t);
	assert_int_equal(left, 0);
	return 0;
}

const struct event *talk(struct trial *t, struct exchange e)
{
	size_t before = trial_http_count(t);
	struct bytes head = made("%s %s HTTP/1.1\r\nHost: cm01.corp.example\r\n%s",
	                         e.method ? e.method : "GET", e.target, e.headers ? e.headers : "");

	if (e.body.at)
		head = joined(head, made("Content-Length: %zu\r\n", e.body.len));
	trial_send_in_pieces(t, CLIENT, joined(joined(head, BYTES("\r\n")), e.body), SEGMENT);
	head = made("HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n",
	            e.status ? e.status : 200, e.reply_headers ? e.reply_headers : "", e.reply.len);
	trial_send_in_pieces(t, SERVER, joined(head, e.reply), SEGMENT);
	assert_int_equal(trial_http_count(t), before + 1);
	return trial_http(t, before);
}

const struct event *talk_get(struct trial *t, const char *target, const char *reply)
{
	return talk(t, (struct exchange){.target = target, .reply = bytes_of(reply)});
}

const struct event *talk_ccm(struct trial *t, struct ccm request, struct ccm reply)
{
	static const char headers[] = "Content-Type: multipart/mixed; boundary=\"" BOUNDARY
	                              "\"\r\nUser-Agent: ccmhttp\r\n";

	reply.is_reply = true;
	return talk(t, (struct exchange){.method = "CCM_POST",
	                                 .target = "/ccm_system/request",
	                                 .headers = headers,
	                                 .body = ccm_message(request),
	                                 .reply_headers = headers,
	                                 .reply = ccm_message(reply)});
}

const struct event *talk_xml(struct trial *t, const char *endpoint, const char *request,
                             const char *reply)
{
	return talk_ccm(t, (struct ccm){.endpoint = endpoint, .xml = request},
	                (struct ccm){.xml = reply});
}

static size_t print_item(char *to, size_t room, const struct event *ev, enum field f, size_t i)
{
	const union value *v = &ev->value[f];
	char text[ADDRESS_TEXT_MAX];
	int n = 0;

	switch (field_info[f].type) {
	case TYPE_TEXT:
		n = snprintf(to, room, "%.*s", (int)v->text.len, (const char *)v->text.at);
		break;
	case TYPE_TEXTS:
		n = snprintf(to, room, "%s%.*s", i ? " " : "", (int)v->texts.at[i].len,
		             (const char *)v->texts.at[i].at);
		break;
	case TYPE_INTEGERS:
		n = snprintf(to, room, "%s%" PRId64, i ? " " : "", v->integers.at[i]);
		break;
	case TYPE_BOOLEAN:
		n = snprintf(to, room, "%s", v->integer ? "true" : "false");
		break;
	case TYPE_INTEGER:
	case TYPE_TIME:
		n = snprintf(to, room, "%" PRId64, v->integer);
		break;
	case TYPE_ADDRESS:
		n = snprintf(to, room, "%s", address_print(v->address, text));
		break;
	case TYPE_ADDRESSES:
		n = snprintf(to, room, "%s%s", i ? " " : "",
		             address_print(v->addresses.at[i], text));
		break;
	}
	return (size_t)n < room ? (size_t)n : room - 1;
}

static size_t print_field(char *to, size_t room, const struct event *ev, enum field f)
{
	/* The same place in all three lists. */
	size_t count = field_type_is_list(field_info[f].type) ? ev->value[f].texts.count : 1;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += print_item(to + n, room - n, ev, f, i);
	return n;
}

const char *field_as_text(const struct event *ev, enum field f)
{
	static char text[4][65536];
	static unsigned next;
	char *to = text[next++ % 4];

	assert_non_null(ev);
	snprintf(to, sizeof(text[0]), "-");
	if (event_has(ev, f))
		print_field(to, sizeof(text[0]), ev, f);
	return to;
}

const char *event_as_text(const struct event *ev)
{
	static char text[1 << 20];
	size_t n = 0;

	text[0] = 0;
	FOR_EACH_PRESENT (f, &ev->present) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s: ", field_info[f].name);
		n += print_field(text + n, sizeof(text) - n, ev, f);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "\n");
	}
	return text;
}
