/* What packets of flows count as, and for whom. */
#include "sensor/packet/traffic_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static struct {
	struct traffic *traffic;
	struct counters counters;
	struct event event;
	int64_t told[2][FIELD_COUNT]; /* of which of the two addresses: the last value */
	struct flow flow;
} b;

static struct address number(uint8_t n)
{
	const uint8_t at[4] = {192, 0, 2, n};

	return address_from((struct bytes){at, 4});
}

static void remember(void *context, struct event *ev)
{
	unsigned of = address_equal(ev->value[FIELD_SERVER_IP].address, number(20));

	(void)context;
	if (event_has(ev, FIELD_CLIENT_IP))
		return;
	FOR_EACH_PRESENT (f, &ev->present)
		if (field_info[f].type == TYPE_INTEGER || field_info[f].type == TYPE_BOOLEAN)
			b.told[of][f] = ev->value[f].integer;
}

/* A flow of 192.0.2.11 to the server 192.0.2.20. */
static int open_bench(void **state)
{
	(void)state;
	memset(&b, 0, sizeof(b));
	b.traffic = traffic_open((struct traffic_limits){100, 1, 1, 1, 1, 1, 1, 1}, &b.counters,
	                         &b.event, remember, NULL);
	assert_non_null(b.traffic);
	traffic_advance(b.traffic, 1000 * SECOND);
	b.flow.key.address[0] = number(11);
	b.flow.key.address[1] = number(20);
	b.flow.key.protocol = IP_PROTOCOL_TCP;
	return 0;
}

static int close_bench(void **state)
{
	(void)state;
	traffic_close(b.traffic);
	return 0;
}

static int64_t server_got(enum field f)
{
	traffic_end(b.traffic);
	return b.told[1][f];
}

static void opening(uint8_t seen, enum side side)
{
	uint8_t was = b.flow.tcp;

	b.flow.tcp |= seen;
	traffic_count_opening(b.traffic, &b.flow, was, side);
}

static void a_handshake_is_attempted_and_completed_once(void **state)
{
	(void)state;
	opening(SEEN_SYN, CLIENT);
	opening(SEEN_SYN, CLIENT); /* again */
	opening(SEEN_SYN_ACK, SERVER);
	opening(SEEN_HANDSHAKE, CLIENT);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_ATTEMPTED), 1);
	assert_int_equal(b.told[1][FIELD_CONFIGMGR_TRAFFIC_COMPLETED], 1);
	assert_int_equal(b.told[1][FIELD_CONFIGMGR_TRAFFIC_REFUSED], 0);
	assert_int_equal(b.told[1][FIELD_CONFIGMGR_TRAFFIC_TWO_SIDED], true);
}

static void a_reset_of_the_server_instead_of_an_answer_refuses(void **state)
{
	(void)state;
	opening(SEEN_SYN, CLIENT);
	opening(SEEN_RST, SERVER);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_REFUSED), 1);
	assert_int_equal(b.told[1][FIELD_CONFIGMGR_TRAFFIC_UNFINISHED], 0);
}

static void a_reset_by_the_client_or_later_refuses_nothing(void **state)
{
	(void)state;
	opening(SEEN_SYN, CLIENT);
	opening(SEEN_RST, CLIENT);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_UNFINISHED), 1);
	b.flow.tcp = 0;
	opening(SEEN_SYN, CLIENT);
	opening(SEEN_SYN_ACK, SERVER);
	opening(SEEN_RST, SERVER);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_REFUSED), 0);
}

static void samples_of_bytes_count_for_who_gets_the_packet(void **state)
{
	int64_t left = -1;

	(void)state;
	traffic_count_bytes(b.traffic, &b.flow, CLIENT, &left);
	assert_int_equal(left, 64 * 1024 - 1);
	left = -3 * 64 * 1024;
	traffic_count_bytes(b.traffic, &b.flow, CLIENT, &left);
	assert_int_equal(left, 64 * 1024);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_BYTES), (1 + 4) * 64 * 1024);
}

static void packets_count_for_servers_and_for_either_end_of_datagrams(void **state)
{
	(void)state;
	traffic_count_packets(b.traffic, &b.flow, CLIENT);
	traffic_count_packets(b.traffic, &b.flow, SERVER);
	assert_int_equal(server_got(FIELD_CONFIGMGR_TRAFFIC_PACKETS), TRAFFIC_SAMPLED_PACKETS);
	assert_int_equal(b.told[0][FIELD_CONFIGMGR_TRAFFIC_PACKETS], 0);
	b.flow.key.protocol = IP_PROTOCOL_UDP;
	traffic_count_packets(b.traffic, &b.flow, SERVER);
	traffic_end(b.traffic);
	assert_int_equal(b.told[0][FIELD_CONFIGMGR_TRAFFIC_PACKETS], TRAFFIC_SAMPLED_PACKETS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)
	const struct CMUnitTest tests[] = {
	        TEST(a_handshake_is_attempted_and_completed_once),
	        TEST(a_reset_of_the_server_instead_of_an_answer_refuses),
	        TEST(a_reset_by_the_client_or_later_refuses_nothing),
	        TEST(samples_of_bytes_count_for_who_gets_the_packet),
	        TEST(packets_count_for_servers_and_for_either_end_of_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
