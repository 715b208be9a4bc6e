/* Who hands NTLM logons on: two connections with one challenge, told in either order. */
#include "sensor/site/site_model.h"

#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

struct lab {
	struct counters counters;
	struct site_model *model;
	struct arena scratch;
	struct event event;
};

static void begin(struct lab *lab)
{
	struct site_limits limits = {
	        .servers = 64, .clients = 64, .certificates = 16, .pairs = 16, .logons = 16};

	*lab = (struct lab){0};
	lab->model = site_model_open(NULL, limits, &lab->counters);
	assert_non_null(lab->model);
	assert_true(arena_open(&lab->scratch, 1 << 20));
}

static void end(struct lab *lab)
{
	arena_close(&lab->scratch);
	site_model_close(lab->model);
}

static struct address host(uint8_t number)
{
	uint8_t bytes[] = {192, 0, 2, number};

	return address_from((struct bytes){bytes, sizeof(bytes)});
}

/* A logon at a second; what is NULL was not seen. */
static const struct event *logon(struct lab *lab, int64_t second, uint8_t client, uint8_t server,
                                 const char *challenge, const char *response)
{
	struct event *ev = &lab->event;

	event_begin(ev, EVENT_AUTHENTICATION, 1790000000 * SECOND + second * SECOND);
	event_set_address(ev, FIELD_CLIENT_IP, host(client));
	event_set_address(ev, FIELD_SERVER_IP, host(server));
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_SCHEME, "ntlm");
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE, challenge);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE, response);
	site_model_enrich(lab->model, ev, &lab->scratch);
	return ev;
}

static bool is_relay(const struct event *ev)
{
	return event_has(ev, FIELD_CONFIGMGR_AUTH_RELAY_HOST);
}

static void is_relay_of(const struct event *ev, uint8_t victim, uint8_t relay, uint8_t target)
{
	assert_true(is_relay(ev));
	assert_true(
	        address_equal(ev->value[FIELD_CONFIGMGR_AUTH_RELAY_VICTIM].address, host(victim)));
	assert_true(address_equal(ev->value[FIELD_CONFIGMGR_AUTH_RELAY_HOST].address, host(relay)));
	assert_true(
	        address_equal(ev->value[FIELD_CONFIGMGR_AUTH_RELAY_TARGET].address, host(target)));
}

static void both_orders_name_the_same_hosts(void **state)
{
	struct lab lab;

	(void)state;
	begin(&lab);
	assert_false(is_relay(logon(&lab, 0, 66, 30, "aaaaaaaaaaaaaaaa", "1111111111111111")));
	is_relay_of(logon(&lab, 1, 11, 66, "aaaaaaaaaaaaaaaa", "1111111111111111"), 11, 66, 30);
	assert_false(is_relay(logon(&lab, 2, 12, 66, "bbbbbbbbbbbbbbbb", "2222222222222222")));
	is_relay_of(logon(&lab, 3, 66, 20, "bbbbbbbbbbbbbbbb", "2222222222222222"), 12, 66, 20);
	end(&lab);
}

static void a_challenge_or_a_response_is_enough(void **state)
{
	struct lab lab;

	(void)state;
	begin(&lab);
	logon(&lab, 0, 66, 30, NULL, "1111111111111111");
	is_relay_of(logon(&lab, 1, 11, 66, "aaaaaaaaaaaaaaaa", "1111111111111111"), 11, 66, 30);
	is_relay_of(logon(&lab, 2, 66, 31, "aaaaaaaaaaaaaaaa", "3333333333333333"), 11, 66, 31);
	end(&lab);
}

static void retries_strangers_and_what_is_long_ago_are_none(void **state)
{
	struct lab lab;

	(void)state;
	begin(&lab);
	logon(&lab, 0, 11, 30, "aaaaaaaaaaaaaaaa", "1111111111111111");
	assert_false(is_relay(logon(&lab, 1, 11, 30, "aaaaaaaaaaaaaaaa", "1111111111111111")));
	/* A server that sends everybody the same challenge is in no chain. */
	assert_false(is_relay(logon(&lab, 2, 12, 30, "aaaaaaaaaaaaaaaa", "2222222222222222")));
	/* A challenge is not a response. */
	assert_false(is_relay(logon(&lab, 3, 30, 40, "1111111111111111", "aaaaaaaaaaaaaaaa")));
	logon(&lab, 4, 66, 30, "cccccccccccccccc", "3333333333333333");
	assert_false(
	        is_relay(logon(&lab, 4 + 601, 11, 66, "cccccccccccccccc", "3333333333333333")));
	end(&lab);
}

static void the_oldest_makes_room(void **state)
{
	struct lab lab;
	char text[17];

	(void)state;
	begin(&lab);
	logon(&lab, 0, 66, 30, "aaaaaaaaaaaaaaaa", "1111111111111111");
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%016d", i);
		logon(&lab, 1, 11, 30, text, text);
	}
	/* A challenge and a response each, of which 16 have room. */
	assert_int_equal(counter_read(&lab.counters, COUNTER_SITE_EVICTED), 2 * 1001 - 16);
	assert_false(is_relay(logon(&lab, 2, 11, 66, "aaaaaaaaaaaaaaaa", "1111111111111111")));
	is_relay_of(logon(&lab, 3, 66, 30, "aaaaaaaaaaaaaaaa", "1111111111111111"), 11, 66, 30);
	end(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(both_orders_name_the_same_hosts),
	        cmocka_unit_test(a_challenge_or_a_response_is_enough),
	        cmocka_unit_test(retries_strangers_and_what_is_long_ago_are_none),
	        cmocka_unit_test(the_oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
