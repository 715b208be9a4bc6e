/* Tests of what stands between the link layer and IP: MPLS and PPPoE. VLAN tags are in test_decode.
 */
#include "tests/unit/sensor/packet/frames.h"

static struct lab *lab;

static int setup(void **state)
{
	(void)state;
	lab = lab_open(LAB_LIMITS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(lab);
	return 0;
}

/* The usual segment, read through one encapsulation, and all ways of cutting the frame. */
static void expect_inside_one(bool ipv6, enum tunnel tunnel)
{
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_segment(lab, ipv6, 20);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
	assert_int_equal(lab->packet.tunnel_count, 1);
	assert_int_equal(lab->packet.tunnel[0], tunnel);
	lab_cut_everywhere(lab);
}

static void mpls_label_stacks_are_read_down_to_ip(void **state)
{
	static const char *const labels[] = {"00010140", "00010040 00011140",
	                                     "00010040 00011040 00000140"};
	static const uint16_t type[] = {0x8847, 0x8848};

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		bool ipv6 = i % 2;

		wrap_segment(lab, ipv6, 20);
		wrap_hex(lab, labels[i / 4]);
		wrap_ethernet(lab, type[i / 2 % 2]);
		expect_inside_one(ipv6, TUNNEL_MPLS);
	}
}

static void an_ethernet_pseudowire_is_read_with_and_without_control_word(void **state)
{
	/* Addresses that begin like IPv4, IPv6, a control word and a channel header. */
	static const char *const address[] = {"020000000001", "0000000000ff", "00005e005301",
	                                      "45aabbccddee", "60aabbccddee", "1000000000ff"};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(address) / sizeof(*address); i++) {
		wrap_segment(lab, false, 20);
		wrap_hex(lab, "020000000003 0800");
		wrap_hex(lab, address[i / 2]);
		if (i % 2)
			wrap_hex(lab, "00000007");
		wrap_hex(lab, "00010140");
		wrap_ethernet(lab, 0x8847);
		expect_inside_one(false, TUNNEL_MPLS);
	}
}

static void what_mpls_carries_besides_is_not_ip(void **state)
{
	static const char *const payload[] = {
	        "10000007 20c80318 00000001 00000002 00000000", /* BFD in an associated channel */
	        "00000000 ffffffffffff 020000000002 0806 0001", /* ARP in a pseudowire */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(payload) / sizeof(*payload); i++) {
		lab_payload(lab, 0);
		wrap_hex(lab, payload[i]);
		wrap_hex(lab, "00010140");
		wrap_ethernet(lab, 0x8847);
		lab_expect(lab, COUNTER_NO_INTEREST_NOT_IP);
	}
}

static void pppoe_sessions_are_read(void **state)
{
	static const struct {
		bool ipv6;
		const char *protocol;
	} row[] = {{false, "0021"}, {true, "0057"}, {false, "21"}, {true, "57"}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		wrap_segment(lab, row[i].ipv6, 20);
		wrap_pppoe(lab, row[i].protocol);
		expect_inside_one(row[i].ipv6, TUNNEL_PPPOE);
	}
}

static void other_ppp_protocols_are_not_ip_and_broken_headers_malformed(void **state)
{
	static const struct {
		const char *frame;
		enum counter outcome;
	} row[] = {
	        {"1100 0001 0006 c021 09010004", COUNTER_NO_INTEREST_NOT_IP}, /* LCP */
	        {"1165 0001 0006 c021 09010004", COUNTER_NO_INTEREST_NOT_IP}, /* PADS */
	        {"2100 0001 0006 0021 45000000", COUNTER_MALFORMED_LINK},
	        {"1100 0001 0007 0021 45000000", COUNTER_MALFORMED_LINK},
	        {"1100 0001 0001 00", COUNTER_MALFORMED_LINK},
	        {"1100 0001 0000", COUNTER_MALFORMED_LINK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		lab_payload(lab, 0);
		wrap_hex(lab, row[i].frame);
		wrap_ethernet(lab, 0x8864);
		lab_expect(lab, row[i].outcome);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(mpls_label_stacks_are_read_down_to_ip),
	        TEST(an_ethernet_pseudowire_is_read_with_and_without_control_word),
	        TEST(what_mpls_carries_besides_is_not_ip),
	        TEST(pppoe_sessions_are_read),
	        TEST(other_ppp_protocols_are_not_ip_and_broken_headers_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
