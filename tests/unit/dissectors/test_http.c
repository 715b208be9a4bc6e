/* HTTP: where messages begin and end, and which reply belongs to which request. */
#include "core/clock.h"
#include "dissectors/http_head.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

static void begin(struct trial *t)
{
	trial_open(t);
	trial_handshake(t);
}

static int64_t status_of(const struct trial *t, size_t i)
{
	return event_integer(trial_http(t, i), FIELD_HTTP_RESPONSE_STATUS_CODE, 0);
}

static void any_method_token_is_taken(void **state)
{
	static const char *const methods[] = {"GET", "CCM_POST", "BITS_POST", "PROPFIND", "X-$!'*"};

	(void)state;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		struct trial t;
		char text[128];

		begin(&t);
		snprintf(text, sizeof(text), "%s /x HTTP/1.1\r\nHost: a\r\n\r\n", methods[i]);
		trial_text(&t, CLIENT, text);
		trial_text(&t, SERVER, "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n");
		assert_int_equal(trial_http_count(&t), 1);
		assert_string_equal(text_of(trial_http(&t, 0), FIELD_HTTP_REQUEST_METHOD),
		                    methods[i]);
		assert_int_equal(status_of(&t, 0), 405);
		trial_close(&t);
	}
}

static void pipelined_requests_get_their_replies_in_order(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_text(&t, CLIENT,
	           "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n");
	trial_text(&t, SERVER,
	           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
	           "HTTP/1.1 404 No\r\nContent-Length: 500\r\n\r\n"
	           "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n");
	assert_int_equal(trial_http_count(&t), 3);
	assert_int_equal(status_of(&t, 0), 200);
	assert_int_equal(status_of(&t, 1), 404); /* a HEAD's length is not sent */
	assert_int_equal(status_of(&t, 2), 304);
	assert_string_equal(text_of(trial_http(&t, 2), FIELD_URL_PATH), "/c");
	trial_close(&t);
}

/* Asked of each plain request, by its first line. */
static bool only_b_matters(void *context, const struct flow_facts *flow, struct event *ev,
                           const struct field_set *to_come)
{
	(void)context;
	(void)flow;
	assert_true(field_set_has(to_come, FIELD_HTTP_RESPONSE_STATUS_CODE));
	assert_false(field_set_has(to_come, FIELD_CONFIGMGR_MESSAGE_TYPE));
	return event_text_is(ev, FIELD_URL_PATH, "/b");
}

static void what_cannot_matter_is_passed_over_in_its_turn(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	t.bench.matters = only_b_matters;
	trial_text(&t, CLIENT,
	           "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n");
	assert_int_equal(counter_read(&t.counters, COUNTER_EVENTS_OF_NO_INTEREST), 0);
	trial_text(&t, SERVER,
	           "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
	           "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(trial_http_count(&t), 1);
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_URL_PATH), "/b");
	assert_int_equal(status_of(&t, 0), 404);
	assert_int_equal(counter_read(&t.counters, COUNTER_EVENTS_OF_NO_INTEREST), 1);
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 1);
	assert_int_equal(counter_read(&t.counters, COUNTER_EVENTS_OF_NO_INTEREST), 2);
	trial_close(&t);
}

/* What a client learns of revocation matters whatever its request looked like. */
static void answers_about_revocation_are_never_passed_over(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	t.bench.matters = only_b_matters;
	trial_text(&t, CLIENT, "GET /MFkwVzBV HTTP/1.1\r\nUser-Agent: x\r\n\r\n");
	trial_text(&t, SERVER,
	           "HTTP/1.1 200 OK\r\nContent-Type: Application/OCSP-response\r\n"
	           "Content-Length: 3\r\n\r\nabc");
	assert_int_equal(trial_http_count(&t), 1);
	assert_string_equal(text_of(trial_http(&t, 0), FIELD_CONFIGMGR_REVOCATION_ANSWER), "ocsp");
	trial_close(&t);
}

static void more_requests_than_the_cap_keep_replies_paired(void **state)
{
	struct trial t;
	char text[64];

	(void)state;
	begin(&t);
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "GET /%d HTTP/1.1\r\n\r\n", i);
		trial_text(&t, CLIENT, text);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", 200 + i);
		trial_text(&t, SERVER, text);
	}
	trial_end(&t);
	assert_int_equal(trial_http_count(&t), 40);
	for (size_t i = 0; i < 40; i++) {
		const struct event *ev = trial_http(&t, i);
		int path = atoi(text_of(ev, FIELD_URL_PATH) + 1);

		/* A reply is the right one, or there is none and the event says so. */
		if (event_has(ev, FIELD_HTTP_RESPONSE_STATUS_CODE))
			assert_int_equal(event_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, 0),
			                 200 + path);
		else
			assert_true(is_degraded(ev));
	}
	trial_close(&t);
}

static void interim_replies_are_no_replies(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_text(&t, CLIENT,
	           "POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 100 Continue\r\n\r\n");
	trial_text(&t, CLIENT, "hi");
	trial_text(&t, SERVER, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(trial_http_count(&t), 1);
	assert_int_equal(status_of(&t, 0), 201);
	assert_int_equal(event_integer(trial_http(&t, 0), FIELD_HTTP_REQUEST_BODY_BYTES, 0), 2);
	trial_close(&t);
}

static void chunked_bodies_are_put_together_at_every_split(void **state)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	                            "8;name=value\r\n<MPList>\r\n12\r\n<MP Name=\"MP01\" />\r\n"
	                            "9\r\n</MPList>\r\n0\r\nTrailer: x\r\n\r\n";

	(void)state;
	for (size_t size = 1; size < sizeof(reply); size++) {
		struct trial t;

		begin(&t);
		trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n");
		trial_send_in_pieces(&t, SERVER, bytes_of(reply), size);
		trial_text(&t, CLIENT, "GET /next HTTP/1.1\r\n\r\n");
		trial_text(&t, SERVER, "HTTP/1.1 204 No Content\r\n\r\n");
		assert_int_equal(trial_http_count(&t), 2);
		assert_string_equal(
		        texts_of_event(trial_http(&t, 0), FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS),
		        "MP01");
		assert_int_equal(
		        event_integer(trial_http(&t, 0), FIELD_HTTP_RESPONSE_BODY_BYTES, 0), 35);
		assert_int_equal(status_of(&t, 1), 204);
		trial_close(&t);
	}
}

static void gzip_and_deflate_bodies_are_read(void **state)
{
	static const char list[] = "<MPList><MP Name=\"MP01\"/></MPList>";
	static const struct {
		const char *coding;
		int bits;
	} codings[] = {{"gzip", 15 + 16}, {"deflate", 15}, {"deflate", -15}, {"x-gzip", 15 + 16}};

	(void)state;
	for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
		struct trial t;
		uint8_t body[256];
		char head[128];
		z_stream s = {.next_in = (Bytef *)(uintptr_t)list,
		              .avail_in = sizeof(list) - 1,
		              .next_out = body,
		              .avail_out = sizeof(body)};

		assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, codings[i].bits, 8, 0), Z_OK);
		assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
		deflateEnd(&s);
		begin(&t);
		trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n");
		snprintf(head, sizeof(head),
		         "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %lu\r\n\r\n",
		         codings[i].coding, s.total_out);
		trial_text(&t, SERVER, head);
		trial_send(&t, SERVER, (struct bytes){body, s.total_out});
		assert_int_equal(trial_http_count(&t), 1);
		assert_string_equal(
		        texts_of_event(trial_http(&t, 0), FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS),
		        "MP01");
		trial_close(&t);
	}
}

static void a_deflate_bomb_stops_at_the_cap(void **state)
{
	static uint8_t zeros[1 << 20], body[1 << 20];
	struct trial t;
	char head[128];
	z_stream s = {.next_out = body, .avail_out = sizeof(body)};

	(void)state;
	memset(zeros, ' ', sizeof(zeros));
	assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, 31, 8, 0), Z_OK);
	for (int i = 0; i < 64; i++) {
		s.next_in = zeros;
		s.avail_in = sizeof(zeros);
		assert_int_equal(deflate(&s, i == 63 ? Z_FINISH : Z_NO_FLUSH),
		                 i == 63 ? Z_STREAM_END : Z_OK);
	}
	deflateEnd(&s);
	begin(&t);
	trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n");
	snprintf(head, sizeof(head),
	         "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
	         s.total_out);
	trial_text(&t, SERVER, head);
	trial_send_in_pieces(&t, SERVER, (struct bytes){body, s.total_out}, 1460);
	assert_int_equal(trial_http_count(&t), 1);
	assert_int_equal(counter_read(&t.counters, COUNTER_INFLATE_OVER_CAP), 1);
	trial_close(&t);
}

static void a_body_larger_than_the_cap_is_read_as_far_as_it_goes(void **state)
{
	struct trial t;
	static char filler[4096];
	const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
	                   "<MPList><MP Name=\"MP01\"/><!--";

	(void)state;
	memset(filler, 'x', sizeof(filler));
	begin(&t);
	t.bench.limits.body = 65536;
	trial_text(&t, CLIENT, "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n\r\n");
	trial_text(&t, SERVER, head);
	for (int i = 0; i < 20; i++)
		trial_send(&t, SERVER, (struct bytes){(uint8_t *)filler, sizeof(filler)});
	assert_int_equal(trial_http_count(&t), 1);
	assert_true(is_degraded(trial_http(&t, 0)));
	assert_string_equal(
	        texts_of_event(trial_http(&t, 0), FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS), "MP01");
	assert_int_equal(counter_read(&t.counters, COUNTER_HTTP_BODY_OVER_CAP), 1);
	assert_true(t.bench.blocks.used < 4);
	trial_close(&t);
}

static void a_head_without_end_is_malformed_at_the_cap(void **state)
{
	struct trial t;
	static char filler[8192];

	(void)state;
	memset(filler, 'x', sizeof(filler));
	begin(&t);
	trial_text(&t, CLIENT, "GET /x HTTP/1.1\r\nA: ");
	for (int i = 0; i < 10; i++)
		trial_send(&t, CLIENT, (struct bytes){(uint8_t *)filler, sizeof(filler)});
	trial_end(&t);
	assert_int_equal(t.events, 1);
	assert_int_equal(t.event[0].kind, EVENT_MALFORMED);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

static void broken_messages_are_malformed_and_end_the_flow(void **state)
{
	static const char *const requests[] = {
	        "GET /x HTTP/9.9\r\n\r\n",
	        "GET /x HTTP/1.1\r\nno colon here\r\n\r\n",
	        "GET /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
	        "GET /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
	        "GET /x HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
	        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\n",
	        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct trial t;
		bool told = false;

		begin(&t);
		trial_text(&t, CLIENT, requests[i]);
		for (size_t e = 0; e < t.events; e++)
			told |= t.event[e].kind == EVENT_MALFORMED &&
			        event_has(&t.event[e], FIELD_CONFIGMGR_MALFORMED_REASON);
		assert_true(told);
		assert_int_equal(trial_segment(&t, CLIENT, 500, BYTES("x"), 0), STREAM_NOT_WANTED);
		trial_close(&t);
		assert_int_equal(t.bench.blocks.used, 0);
	}
}

static void targets_of_every_form_are_taken_apart(void **state)
{
	static const struct {
		const char *target, *form, *path, *query, *host;
	} targets[] = {
	        {"/a/b?c=d?e", "origin", "/a/b", "c=d?e", "mp01.corp.example"},
	        {"http://DP01.Corp.Example:8080/x%24y?q", "absolute", "/x$y", "q",
	         "dp01.corp.example"},
	        {"HTTP://mp", "absolute", "", "", "mp"},
	        {"*", "asterisk", "*", "", "mp01.corp.example"},
	        {"/SMS_DP_SMSPKG$/C0100012/sccm?/setup.cmd", "origin",
	         "/SMS_DP_SMSPKG$/C0100012/sccm", "/setup.cmd", "mp01.corp.example"},
	        {"/%zz%4", "origin", "/%zz%4", "", "mp01.corp.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		struct trial t;
		char text[256];
		const struct event *ev;

		begin(&t);
		snprintf(text, sizeof(text),
		         "GET %s HTTP/1.1\r\nHost: MP01.corp.example:80\r\n\r\n",
		         targets[i].target);
		trial_text(&t, CLIENT, text);
		trial_text(&t, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
		ev = trial_http(&t, 0);
		assert_non_null(ev);
		assert_string_equal(text_of(ev, FIELD_CONFIGMGR_HTTP_TARGET_FORM), targets[i].form);
		assert_string_equal(text_of(ev, FIELD_URL_PATH), targets[i].path);
		assert_string_equal(text_of(ev, FIELD_URL_QUERY), targets[i].query);
		assert_string_equal(text_of(ev, FIELD_URL_DOMAIN), targets[i].host);
		trial_close(&t);
	}
}

static void what_follows_connect_or_an_upgrade_is_no_http(void **state)
{
	struct trial t;

	(void)state;
	begin(&t);
	trial_text(&t, CLIENT, "GET /x HTTP/1.1\r\nUpgrade: y\r\n\r\n");
	trial_text(&t, SERVER, "HTTP/1.1 101 Switching\r\nUpgrade: y\r\n\r\n");
	assert_int_equal(trial_segment(&t, CLIENT, t.sent[CLIENT], BYTES("\x81\x05hello"), 0),
	                 STREAM_NOT_WANTED);
	trial_close(&t);
}

static void heads_are_found_however_they_are_cut(void **state)
{
	const char *head = "GET / HTTP/1.1\r\nA: b\r\n\r\nrest";

	(void)state;
	for (size_t seen = 0; seen <= strlen(head); seen++)
		for (size_t scanned = 0; scanned <= seen && scanned < 24; scanned++)
			assert_int_equal(
			        http_head_length(bytes_slice(bytes_of(head), 0, seen), scanned),
			        seen >= 24 ? 24 : 0);
	assert_int_equal(http_head_length(bytes_of("A\n\nB"), 0), 3);
}

static void every_header_is_found_by_its_name(void **state)
{
	static const char *const names[] = {
#define NAME(id, name) [HTTP_##id] = (name),
	        HTTP_HEADERS(NAME)
#undef NAME
	};
	struct http_head head;
	char text[128];

	(void)state;
	for (int i = 0; i < HTTP_HEADER_COUNT; i++) {
		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%c%s: %s\r\n\r\n",
		         names[i][0] - 'a' + 'A', names[i] + 1, "7");
		assert_null(http_request_head(bytes_of(text), &head));
		for (int other = 0; other < HTTP_HEADER_COUNT; other++)
			assert_int_equal(head.header[other].len, other == i);
		/* One letter of another kind is another header. */
		text[sizeof("GET / HTTP/1.1\r\n") - 1 + strlen(names[i]) - 1] = '~';
		assert_null(http_request_head(bytes_of(text), &head));
		assert_false(http_head_has(&head, (enum http_header)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_header_is_found_by_its_name),
	        cmocka_unit_test(any_method_token_is_taken),
	        cmocka_unit_test(pipelined_requests_get_their_replies_in_order),
	        cmocka_unit_test(more_requests_than_the_cap_keep_replies_paired),
	        cmocka_unit_test(interim_replies_are_no_replies),
	        cmocka_unit_test(chunked_bodies_are_put_together_at_every_split),
	        cmocka_unit_test(gzip_and_deflate_bodies_are_read),
	        cmocka_unit_test(a_deflate_bomb_stops_at_the_cap),
	        cmocka_unit_test(a_body_larger_than_the_cap_is_read_as_far_as_it_goes),
	        cmocka_unit_test(a_head_without_end_is_malformed_at_the_cap),
	        cmocka_unit_test(broken_messages_are_malformed_and_end_the_flow),
	        cmocka_unit_test(targets_of_every_form_are_taken_apart),
	        cmocka_unit_test(what_cannot_matter_is_passed_over_in_its_turn),
	        cmocka_unit_test(answers_about_revocation_are_never_passed_over),
	        cmocka_unit_test(what_follows_connect_or_an_upgrade_is_no_http),
	        cmocka_unit_test(heads_are_found_however_they_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
