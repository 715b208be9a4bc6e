/* Who is client of an association: told by what is inside, whoever was seen first. */
#include "dissectors/ipsec/direction.h"
#include "tests/support/ipsec_bytes.h"
#include "tests/support/message.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SYN     2
#define SYN_ACK 0x12
#define PUSH    0x18

static void an_opening_a_port_and_an_echo_tell(void **state)
{
	static const struct {
		uint8_t protocol;
		enum side from;
		uint8_t flags;
	} cases[] = {
	        {6, CLIENT, SYN},
	        {6, SERVER, SYN_ACK},
	        {6, CLIENT, PUSH},
	        {6, SERVER, PUSH},
	};
	enum side client;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes segment = tcp_segment(cases[i].from, 1, cases[i].flags, "x");

		client = SERVER;
		assert_true(direction_inside(6, segment, cases[i].from, &client));
		assert_int_equal(client, CLIENT);
		client = SERVER;
		assert_true(direction_inside(4, ipv4_packet(cases[i].from, 6, segment),
		                             cases[i].from, &client));
		assert_int_equal(client, CLIENT);
	}
	assert_true(direction_inside(1, icmp_echo(1), SERVER, &client));
	assert_int_equal(client, SERVER);
	assert_true(direction_inside(1, BYTES("\0\0\0\0"), SERVER, &client));
	assert_int_equal(client, CLIENT);
	assert_true(direction_inside(17, udp_datagram(CLIENT, "?"), CLIENT, &client));
	assert_int_equal(client, CLIENT);
}

static void what_tells_nothing_tells_nothing(void **state)
{
	enum side client;

	(void)state;
	assert_false(direction_inside(50, esp_encrypted(1000, 1, 20), CLIENT, &client));
	assert_false(direction_inside(1, BYTES("\3\1"), CLIENT, &client));
	assert_false(direction_inside(6, BYTES("\0\x50"), CLIENT, &client));
	assert_false(direction_inside(4, BYTES("\x45"), CLIENT, &client));
	assert_false(direction_inside(17, BYTES("\1\1\1\1"), CLIENT, &client));
	assert_false(direction_inside(1, (struct bytes){0}, CLIENT, &client));
}

static void an_answer_seen_first_does_not_exchange_the_sides(void **state)
{
	struct trial t = {0};

	(void)state;
	trial_open(&t);
	t.protocol = IP_PROTOCOL_AH;
	trial_datagram(&t, SERVER, ah_packet(2000, 1, 6, tcp_segment(SERVER, 1, SYN_ACK, ""), 12));
	trial_datagram(&t, CLIENT, ah_packet(1000, 1, 6, tcp_segment(CLIENT, 1, PUSH, "GET"), 12));
	trial_end(&t);
	assert_int_equal(t.events, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(address_equal(t.event[i].value[FIELD_CLIENT_IP].address,
		                          ipsec_address(CLIENT)));
		assert_string_equal(texts_of_event(&t.event[i], FIELD_CONFIGMGR_IPSEC_SPI),
		                    "0x000003e8 0x000007d0");
	}
	trial_close(&t);
}

/* Here the client has the larger address, so that what is inside has to turn the flow around. */
static void the_larger_address_may_be_the_client(void **state)
{
	struct trial t = {0};
	struct bytes ask = icmp_echo(1), reply = BYTES("\0\0\xff\xff");

	(void)state;
	trial_open(&t);
	t.protocol = IP_PROTOCOL_AH;
	trial_datagram(&t, CLIENT, ah_packet(1000, 1, 1, reply, 12));
	trial_datagram(&t, SERVER, ah_packet(2000, 1, 1, ask, 12));
	trial_datagram(&t, SERVER, ah_packet(2000, 2, 1, ask, 12));
	trial_end(&t);
	assert_int_equal(t.events, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_true(address_equal(t.event[i].value[FIELD_CLIENT_IP].address,
		                          ipsec_address(SERVER)));
		assert_string_equal(texts_of_event(&t.event[i], FIELD_CONFIGMGR_IPSEC_SPI),
		                    "0x000007d0 0x000003e8");
	}
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_opening_a_port_and_an_echo_tell),
	        cmocka_unit_test(what_tells_nothing_tells_nothing),
	        cmocka_unit_test(an_answer_seen_first_does_not_exchange_the_sides),
	        cmocka_unit_test(the_larger_address_may_be_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
