/* Counting of traffic: what is told of whom, what survives when there is no room, and time. */
#include "sensor/packet/traffic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TOLD_MAX 4096
#define START    (INT64_C(1700000000) / 3600 * 3600 + 8 * 3600) /* some full hour, in seconds */

/* What was told, as far as the tests look at it. */
struct told {
	char source[ADDRESS_TEXT_MAX];
	struct address target;
	int64_t time, value[FIELD_COUNT];
	struct field_set present;
};

struct bench {
	struct traffic *traffic;
	struct counters counters;
	struct event event;
	struct told *told;
	size_t count;
	int64_t second;
};

static void remember(void *context, struct event *ev)
{
	struct bench *b = context;
	struct told *t = &b->told[b->count++ % TOLD_MAX];
	struct bytes source = event_text(ev, FIELD_CONFIGMGR_TRAFFIC_SOURCE);

	snprintf(t->source, sizeof(t->source), "%.*s", (int)source.len, (const char *)source.at);
	t->target = ev->value[FIELD_SERVER_IP].address;
	t->time = ev->time;
	t->present = ev->present;
	FOR_EACH_PRESENT (f, &ev->present)
		if (field_info[f].type == TYPE_INTEGER || field_info[f].type == TYPE_BOOLEAN)
			t->value[f] = ev->value[f].integer;
		else if (field_info[f].type == TYPE_ADDRESSES)
			t->value[f] = (int64_t)ev->value[f].addresses.count;
	/* Who is client is told of one source only. */
	assert_int_equal(event_has(ev, FIELD_CLIENT_IP), strcmp(t->source, "anyone") != 0);
}

static void bench_open(struct bench *b, uint32_t addresses)
{
	struct traffic_limits limits = {.addresses = addresses,
	                                .connections = 20,
	                                .requests = 100,
	                                .messages = 10,
	                                .faults = 5,
	                                .ike = 10,
	                                .kibibytes = 10240,
	                                .packets = 20000};

	memset(b, 0, sizeof(*b));
	b->told = calloc(TOLD_MAX, sizeof(*b->told));
	b->traffic = traffic_open(limits, &b->counters, &b->event, remember, b);
	assert_non_null(b->traffic);
	b->second = START;
	traffic_advance(b->traffic, START * SECOND);
}

static void bench_close(struct bench *b)
{
	traffic_close(b->traffic);
	free(b->told);
}

static struct address v4(uint32_t number)
{
	const uint8_t at[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                       (uint8_t)(number >> 8), (uint8_t)number};

	return address_from((struct bytes){at, 4});
}

#define CLIENT_1 0x0A000001u
#define SERVER_1 0xC0000214u

static void times(struct bench *b, enum traffic_fact fact, uint32_t source, uint32_t target,
                  uint32_t n)
{
	struct address from = v4(source), to = v4(target);

	traffic_count(b->traffic, fact, &from, &to, n);
}

static void seconds(struct bench *b, int64_t n)
{
	for (; n > 0; n--)
		traffic_advance(b->traffic, ++b->second * SECOND);
}

static const struct told *last_of(const struct bench *b, const char *source)
{
	size_t n = b->count < TOLD_MAX ? b->count : TOLD_MAX;

	while (n--)
		if (!strcmp(b->told[n].source, source))
			return &b->told[n];
	return NULL;
}

static bool has(const struct told *t, enum field f)
{
	return field_set_has(&t->present, f);
}

static void a_little_is_not_told(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	for (int i = 0; i < 60; i++) {
		times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 1);
		seconds(&b, 1);
	}
	traffic_end(b.traffic);
	assert_int_equal(b.count, 0);
	bench_close(&b);
}

static void a_second_is_told_of_anyone_and_of_the_source(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	for (int i = 0; i < 100; i++)
		times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 1);
	seconds(&b, 1);
	assert_int_equal(b.count, 2);
	t = last_of(&b, "anyone");
	assert_int_equal(t->time, (START + 1) * SECOND);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 100);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED], 100);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT], 100);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_SOURCES], 1);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_TOP_SOURCES], 1);
	assert_false(t->value[FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED]);
	assert_false(has(t, FIELD_CONFIGMGR_TRAFFIC_REQUESTS));
	/* The source is counted from when its target has got more than a little. */
	t = last_of(&b, "10.0.0.1");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 81);
	/* The next second holds nothing, so there is nothing to tell. */
	seconds(&b, 1);
	assert_int_equal(b.count, 2);
	bench_close(&b);
}

static void the_window_slides(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 40);
	times(&b, TRAFFIC_COMPLETED, CLIENT_1, SERVER_1, 10);
	seconds(&b, 1);
	times(&b, TRAFFIC_COMPLETED, CLIENT_1, SERVER_1, 20);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	/* Nothing was attempted in this second, but 40 in the window, of which 30 were completed.
	 */
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 0);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_COMPLETED], 20);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED], 0);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT], 25);
	seconds(&b, 7); /* the first second is the tenth now */
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 1);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT], 26);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 20); /* and has left */
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED_PERCENT], 4);
	bench_close(&b);
}

static void what_the_server_refuses_is_not_half_open(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 100);
	times(&b, TRAFFIC_REFUSED, CLIENT_1, SERVER_1, 90);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_UNFINISHED], 10);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_REFUSED], 90);
	bench_close(&b);
}

static void a_server_that_answers_is_seen_from_both_sides(void **state)
{
	struct bench b;
	struct address server = v4(SERVER_1);

	(void)state;
	bench_open(&b, 1024);
	traffic_answered(b.traffic, &server); /* of whom nothing else is known: no place is taken */
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 50);
	seconds(&b, 1);
	assert_false(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED]);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 50);
	traffic_answered(b.traffic, &server);
	seconds(&b, 1);
	assert_true(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED]);
	assert_true(last_of(&b, "10.0.0.1")->value[FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED]);
	seconds(&b, 60);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 50);
	seconds(&b, 1);
	assert_false(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED]);
	bench_close(&b);
}

static void forged_sources_do_not_push_out_the_target(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 256);
	for (uint32_t i = 0; i < 5000; i++)
		times(&b, TRAFFIC_ATTEMPTED, 0x20000000u + i * 7919u, SERVER_1, 1);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 5000);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED_TOP], 0);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_SOURCES], 224);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_TOP_SOURCES], 5);
	assert_int_equal(counter_read(&b.counters, COUNTER_TRAFFIC_NOT_COUNTED), 5000 - 19 - 224);
	/* In the next second their places are free again. */
	for (uint32_t i = 0; i < 5000; i++)
		times(&b, TRAFFIC_ATTEMPTED, 0x30000000u + i * 7919u, SERVER_1, 1);
	assert_true(counter_read(&b.counters, COUNTER_TRAFFIC_EVICTED) >= 200);
	seconds(&b, 1);
	assert_int_equal(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 5000);
	bench_close(&b);
}

static void one_source_among_many_is_found(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 256);
	for (uint32_t i = 0; i < 2000; i++) {
		times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 1);
		times(&b, TRAFFIC_ATTEMPTED, 0x20000000u + i, SERVER_1, 1);
	}
	seconds(&b, 1);
	t = last_of(&b, "10.0.0.1");
	assert_in_range(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 1990, 2000);
	assert_in_range(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED_TOP], 49,
	                50);
	bench_close(&b);
}

/* A server that gets 10 requests in each of so many windows, from some second on. */
static void usual_day(struct bench *b, int windows)
{
	for (int i = 0; i < windows; i++) {
		times(b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 10);
		seconds(b, TRAFFIC_WINDOW);
	}
}

static void what_is_usual_is_unknown_at_first(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 29);
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	assert_false(has(last_of(&b, "anyone"), FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO));
	bench_close(&b);
}

static void what_is_usual_is_learned_by_the_hour(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 60);
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_USUAL], 10);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO], 50);
	assert_false(has(last_of(&b, "10.0.0.1"), FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO));
	/* At the next hour nothing was learned yet: the most that any hour is used to counts. */
	seconds(&b, START + 3600 - b.second);
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	assert_in_range(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO], 45,
	                50);
	bench_close(&b);
}

static void silence_is_learned_while_packets_are_seen(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 40);
	seconds(&b, 2000);
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	/* 40 windows of 10, then 200 of nothing. */
	assert_int_equal(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_USUAL], 0);
	assert_int_equal(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO], 500);
	bench_close(&b);
}

static void a_gap_in_the_capture_teaches_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 40);
	b.second += 24 * 3600 - 60;
	traffic_advance(b.traffic, b.second * SECOND);
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	assert_int_equal(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_USUAL], 10);
	bench_close(&b);
}

static void a_flood_does_not_soon_look_usual(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 100);
	for (int i = 0; i < 60; i++) { /* ten minutes */
		times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 5000);
		seconds(&b, TRAFFIC_WINDOW);
	}
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 5000);
	seconds(&b, 1);
	assert_in_range(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_REQUESTS_USUAL], 20,
	                30);
	bench_close(&b);
}

static void many_strangers_do_not_push_out_what_was_learned(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, 1024);
	usual_day(&b, 60);
	for (uint32_t i = 0; i < 20000; i++) {
		times(&b, TRAFFIC_KIBIBYTES, CLIENT_1, 0x40000000u + i, 64);
		if (i % 50 == 0)
			seconds(&b, 1);
	}
	times(&b, TRAFFIC_REQUESTS, CLIENT_1, SERVER_1, 500);
	seconds(&b, 1);
	assert_true(has(last_of(&b, "anyone"), FIELD_CONFIGMGR_TRAFFIC_REQUESTS_RATIO));
	bench_close(&b);
}

static void time_may_go_back(void **state)
{
	struct bench b;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 50);
	/* A little: it counts in the window. */
	traffic_advance(b.traffic, (START - 3) * SECOND);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 50);
	traffic_advance(b.traffic, START * SECOND);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 100);
	/* By far: another capture begins. */
	traffic_advance(b.traffic, (START - 86400) * SECOND);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 30);
	traffic_advance(b.traffic, (START - 86399) * SECOND);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 30);
	assert_int_equal(t->time, (START - 86399) * SECOND);
	/* And before 1970, as a broken capture may say. */
	traffic_advance(b.traffic, -86400 * SECOND);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 30);
	traffic_advance(b.traffic, -86390 * SECOND);
	times(&b, TRAFFIC_ATTEMPTED, CLIENT_1, SERVER_1, 30);
	traffic_end(b.traffic);
	assert_int_equal(last_of(&b, "anyone")->value[FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED], 30);
	bench_close(&b);
}

static void ipv6_counts_like_ipv4(void **state)
{
	struct bench b;
	struct address client, server;

	(void)state;
	bench_open(&b, 1024);
	assert_true(address_parse(BYTES("2001:db8:1::66"), &client));
	assert_true(address_parse(BYTES("2001:db8:1::20"), &server));
	traffic_count(b.traffic, TRAFFIC_MALFORMED, &client, &server, 30);
	seconds(&b, 1);
	assert_int_equal(b.count, 2);
	assert_int_equal(last_of(&b, "2001:db8:1::66")->value[FIELD_CONFIGMGR_TRAFFIC_MALFORMED],
	                 30);
	bench_close(&b);
}

static void events_of_dissectors_count_by_what_they_say(void **state)
{
	struct bench b;
	struct event ev;
	const struct told *t;

	(void)state;
	bench_open(&b, 1024);
	event_begin(&ev, EVENT_HTTP, START * SECOND);
	for (int i = 0; i < 20; i++)
		traffic_count_event(b.traffic, &ev); /* without addresses */
	event_set_address(&ev, FIELD_CLIENT_IP, v4(CLIENT_1));
	event_set_address(&ev, FIELD_SERVER_IP, v4(SERVER_1));
	event_set_name(&ev, FIELD_HTTP_REQUEST_METHOD, "CCM_POST");
	for (int i = 0; i < 20; i++)
		traffic_count_event(b.traffic, &ev);
	event_set_name(&ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "registration");
	for (int i = 0; i < 15; i++)
		traffic_count_event(b.traffic, &ev);
	event_set_name(&ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "state_message");
	for (int i = 0; i < 12; i++)
		traffic_count_event(b.traffic, &ev);
	seconds(&b, 1);
	t = last_of(&b, "anyone");
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_MESSAGES], 20);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_REGISTRATIONS], 15);
	assert_int_equal(t->value[FIELD_CONFIGMGR_TRAFFIC_STATUS], 12);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_little_is_not_told),
	        cmocka_unit_test(a_second_is_told_of_anyone_and_of_the_source),
	        cmocka_unit_test(the_window_slides),
	        cmocka_unit_test(what_the_server_refuses_is_not_half_open),
	        cmocka_unit_test(a_server_that_answers_is_seen_from_both_sides),
	        cmocka_unit_test(forged_sources_do_not_push_out_the_target),
	        cmocka_unit_test(one_source_among_many_is_found),
	        cmocka_unit_test(what_is_usual_is_unknown_at_first),
	        cmocka_unit_test(what_is_usual_is_learned_by_the_hour),
	        cmocka_unit_test(silence_is_learned_while_packets_are_seen),
	        cmocka_unit_test(a_gap_in_the_capture_teaches_nothing),
	        cmocka_unit_test(a_flood_does_not_soon_look_usual),
	        cmocka_unit_test(many_strangers_do_not_push_out_what_was_learned),
	        cmocka_unit_test(time_may_go_back),
	        cmocka_unit_test(ipv6_counts_like_ipv4),
	        cmocka_unit_test(events_of_dissectors_count_by_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
