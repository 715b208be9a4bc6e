/* Datagrams: who reads them, in which order, and what becomes of flows that nobody wants (any
 * more). The dissectors are made here, so that the packet path is what is tested. */
#include "tests/support/trial.h"

#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct parrot_state {
	uint32_t datagrams;
};

static unsigned ended;
static uint32_t missing;

/* Reads what begins with "polly", and has had enough at "done" and at "bad". */
static enum likeness parrot_probe(struct bytes first, enum side from)
{
	(void)from;
	if (first.len < 5)
		return MAYBE;
	return bytes_equal(bytes_slice(first, 0, 5), BYTES("polly")) ? YES : NO;
}

static enum verdict parrot_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct parrot_state *st = d->state;
	struct event *ev = dissection_event(d, EVENT_HTTP);

	(void)used;
	missing = d->missing;
	event_set_integer(ev, FIELD_CONFIGMGR_HTTP_TRANSACTION, ++st->datagrams);
	event_set_text(ev, FIELD_URL_ORIGINAL, in);
	event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, from == SERVER);
	dissection_emit(d);
	if (bytes_equal(in, BYTES("bad")))
		return dissection_malformed(d, "parrot", "says bad things");
	return bytes_equal(in, BYTES("done")) ? DONE : MORE;
}

static void parrot_end(struct dissection *d)
{
	(void)d;
	ended++;
}

static const struct dissector over_udp = {
        .name = "parrot",
        .layer = OVER_UDP,
        .ports = (const uint16_t[]){7777, 0},
        .state_size = sizeof(struct parrot_state),
        .probe = parrot_probe,
        .data = parrot_data,
        .end = parrot_end,
};

static const struct dissector over_ip = {
        .name = "parrot-of-ip",
        .layer = OVER_IP,
        .ports = (const uint16_t[]){99, 7777, 0},
        .state_size = sizeof(struct parrot_state),
        .probe = parrot_probe,
        .data = parrot_data,
        .end = parrot_end,
};

const struct dissector *const dissectors[] = {&over_udp, &over_ip, NULL};

const char *protocol_by_first_bytes(struct bytes first, enum side from)
{
	(void)first;
	(void)from;
	return NULL;
}

const char *protocol_by_first_datagram(struct bytes first, uint16_t source_port,
                                       uint16_t destination_port)
{
	(void)first;
	(void)source_port;
	return destination_port == 1234 ? "known" : NULL;
}

static int open_trial(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	trial_open(t);
	t->server_port = 7777;
	ended = 0;
	*state = t;
	return 0;
}

static int close_trial(void **state)
{
	trial_close(*state);
	free(*state);
	return 0;
}

static const struct flow *only_flow(const struct trial *t)
{
	assert_int_equal(counter_read(&t->counters, COUNTER_FLOWS_CREATED), 1);
	return &t->flows.flow[0];
}

static void each_datagram_is_shown_once_and_whole(void **state)
{
	struct trial *t = *state;

	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_DATA);
	assert_int_equal(trial_datagram(t, SERVER, BYTES("wants a cracker")), STREAM_DATA);
	assert_int_equal(trial_datagram(t, SERVER, BYTES("wants a cracker")), STREAM_DATA);
	assert_int_equal(t->events, 3);
	assert_string_equal(text_of(&t->event[0], FIELD_URL_ORIGINAL), "polly");
	assert_string_equal(text_of(&t->event[1], FIELD_URL_ORIGINAL), "wants a cracker");
	assert_true(event_integer(&t->event[1], FIELD_CONFIGMGR_MESSAGE_SIGNED, 0));
	assert_int_equal(event_integer(&t->event[2], FIELD_CONFIGMGR_HTTP_TRANSACTION, 0), 3);
	assert_string_equal(only_flow(t)->protocol, "parrot");
	assert_false(is_degraded(&t->event[0]));
	trial_end(t);
	assert_int_equal(ended, 1);
}

static void the_first_datagram_decides(void **state)
{
	struct trial *t = *state;

	assert_int_equal(trial_datagram(t, CLIENT, BYTES("hello")), STREAM_NOT_WANTED);
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_NOT_WANTED);
	assert_int_equal(t->events, 0);
	assert_int_equal(only_flow(t)->interest, FLOW_NO_INTEREST);
	assert_int_equal(counter_read(&t->counters, COUNTER_FLOWS_UNDECIDED), 1);
}

static void too_few_bytes_are_as_good_as_none(void **state)
{
	struct trial *t = *state;

	assert_int_equal(trial_datagram(t, CLIENT, BYTES("poll")), STREAM_NOT_WANTED);
	assert_int_equal(t->events, 0);
}

static void empty_datagrams_decide_nothing(void **state)
{
	struct trial *t = *state;

	assert_int_equal(trial_datagram(t, CLIENT, (struct bytes){0}), STREAM_CONTROL);
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_DATA);
	assert_int_equal(trial_datagram(t, SERVER, (struct bytes){0}), STREAM_CONTROL);
	assert_int_equal(t->events, 1);
}

static void only_those_of_the_port_are_asked(void **state)
{
	struct trial *t = *state;

	t->server_port = 1234;
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_NOT_WANTED);
	assert_int_equal(t->events, 0);
	assert_string_equal(only_flow(t)->protocol, "known");
}

static void either_port_will_do_and_tells_the_server(void **state)
{
	struct trial *t = *state;

	assert_int_equal(trial_datagram(t, SERVER, BYTES("polly")), STREAM_DATA);
	assert_int_equal(flow_port(only_flow(t), SERVER), 7777);
	assert_true(event_integer(&t->event[0], FIELD_CONFIGMGR_MESSAGE_SIGNED, 0));
}

static void what_ip_carries_is_found_by_its_number(void **state)
{
	struct trial *t = *state;

	assert_true(datagram_is_read(99));
	assert_false(datagram_is_read(1));
	/* 7777 is a number of the list too, and must not be taken for one of its low bits. */
	assert_false(datagram_is_read(7777 & 255));
	t->protocol = 99;
	assert_int_equal(trial_datagram(t, SERVER, BYTES("polly")), STREAM_DATA);
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("and back")), STREAM_DATA);
	assert_string_equal(only_flow(t)->protocol, "parrot-of-ip");
	/* Without ports the smaller address is the client's, whoever was seen first. */
	assert_true(event_integer(&t->event[0], FIELD_CONFIGMGR_MESSAGE_SIGNED, 0));
	assert_false(event_integer(&t->event[1], FIELD_CONFIGMGR_MESSAGE_SIGNED, 1));
	t->protocol = 98;
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_NOT_WANTED);
}

static void a_flow_that_is_done_with_becomes_a_tombstone(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, BYTES("polly"));
	assert_int_equal(trial_datagram(t, SERVER, BYTES("done")), STREAM_DATA);
	assert_int_equal(ended, 1);
	assert_int_equal(only_flow(t)->interest, FLOW_NO_INTEREST);
	assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_NOT_WANTED);
	assert_int_equal(t->events, 2);
	trial_end(t);
	assert_int_equal(ended, 1);
}

static void what_breaks_the_protocol_is_told_and_ends_it(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, BYTES("polly"));
	assert_int_equal(trial_datagram(t, SERVER, BYTES("bad")), STREAM_DATA);
	assert_int_equal(t->event[2].kind, EVENT_MALFORMED);
	assert_int_equal(only_flow(t)->interest, FLOW_NO_INTEREST);
	assert_int_equal(ended, 1);
}

static void what_was_not_captured_of_a_datagram_is_known(void **state)
{
	struct trial *t = *state;

	trial_datagram_cut(t, CLIENT, BYTES("polly and more"), 7);
	assert_string_equal(text_of(&t->event[0], FIELD_URL_ORIGINAL), "polly a");
	assert_int_equal(missing, 7);
	trial_datagram(t, CLIENT, BYTES("all of it"));
	assert_int_equal(missing, 0);
}

static void silence_ends_a_flow(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, BYTES("polly"));
	trial_wait(t, 61 * SECOND);
	flow_sweep(&t->flows, t->now, 8);
	assert_int_equal(ended, 1);
	trial_datagram(t, CLIENT, BYTES("polly"));
	assert_int_equal(event_integer(&t->event[1], FIELD_CONFIGMGR_HTTP_TRANSACTION, 0), 1);
}

static void the_longest_silent_gives_its_place_to_a_new_one(void **state)
{
	struct trial *t = *state;

	for (uint16_t i = 0; i < 80; i++) {
		t->client_port = (uint16_t)(40000 + i);
		assert_int_equal(trial_datagram(t, CLIENT, BYTES("polly")), STREAM_DATA);
	}
	assert_int_equal(counter_read(&t->counters, COUNTER_FLOWS_STATE_REFUSED), 16);
	assert_int_equal(ended, 16);
	trial_end(t);
	assert_int_equal(ended, 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trial, close_trial)
	        TEST(each_datagram_is_shown_once_and_whole),
	        TEST(the_first_datagram_decides),
	        TEST(too_few_bytes_are_as_good_as_none),
	        TEST(empty_datagrams_decide_nothing),
	        TEST(only_those_of_the_port_are_asked),
	        TEST(either_port_will_do_and_tells_the_server),
	        TEST(what_ip_carries_is_found_by_its_number),
	        TEST(a_flow_that_is_done_with_becomes_a_tombstone),
	        TEST(what_breaks_the_protocol_is_told_and_ends_it),
	        TEST(what_was_not_captured_of_a_datagram_is_known),
	        TEST(silence_ends_a_flow),
	        TEST(the_longest_silent_gives_its_place_to_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
