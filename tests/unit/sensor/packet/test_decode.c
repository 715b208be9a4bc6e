/* Tests of the decoder's link layers, IP headers, extension headers and transports. */
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

/* The segment behind whatever link header was just built, then all ways of cutting it. */
static void expect_segment(bool ipv6, size_t payload)
{
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_segment(lab, ipv6, payload);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
	lab_cut_everywhere(lab);
}

static void ethernet_with_ipv4_and_tcp_is_read(void **state)
{
	static const uint8_t source[6] = {2, 0, 0, 0, 0, 2}, destination[6] = {2, 0, 0, 0, 0, 1};

	(void)state;
	wrap_segment(lab, false, 100);
	wrap_ethernet(lab, 0x0800);
	expect_segment(false, 100);
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_int_equal(lab->packet.source_mac.len, 6);
	assert_memory_equal(lab->packet.source_mac.at, source, 6);
	assert_int_equal(lab->packet.destination_mac.len, 6);
	assert_memory_equal(lab->packet.destination_mac.at, destination, 6);
	assert_int_equal(lab->packet.time, lab->time);
	assert_int_equal(lab->packet.wire_length, 154);
	assert_int_equal(lab->packet.vlan_count + lab->packet.tunnel_count, 0);
}

static void ethernet_with_ipv6_and_tcp_is_read(void **state)
{
	(void)state;
	wrap_segment(lab, true, 100);
	wrap_ethernet(lab, 0x86dd);
	expect_segment(true, 100);
}

static void every_link_layer_is_read(void **state)
{
	static const struct {
		uint16_t link;
		bool ipv6;
		const char *header;
	} row[] = {
	        {113, false, "0000 0001 0006 020000000002 0000 0800"},
	        {113, true, "0004 0304 0006 000000000000 0000 86dd"},
	        {113, false, "0000 0001 0006 020000000002 0000 8100 006e 0800"},
	        {113, false, "0000 0001 0006 020000000002 0000 0004 aaaa03 000000 0800"},
	        {276, false, "0800 0000 00000002 0001 00 06 020000000002 0000"},
	        {276, true, "86dd 0000 00000002 0001 04 06 020000000002 0000"},
	        {276, false, "0004 0000 00000002 0001 04 06 020000000002 0000 aaaa03 000000 0800"},
	        {101, false, ""},
	        {101, true, ""},
	        {12, false, ""},
	        {14, true, ""},
	        {228, false, ""},
	        {229, true, ""},
	        {0, false, "02000000"},
	        {0, false, "00000002"},
	        {0, true, "0a000000"},
	        {0, true, "00000018"},
	        {0, true, "1c000000"},
	        {0, true, "0000001e"},
	        {0, true, "17000000"},
	        {108, false, "00000002"},
	        {108, true, "00000018"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		wrap_segment(lab, row[i].ipv6, 20);
		wrap_hex(lab, row[i].header);
		lab->link = row[i].link;
		expect_segment(row[i].ipv6, 20);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.source_mac.len, 0);
	}
}

static void a_frame_of_an_unknown_link_type_is_of_no_interest(void **state)
{
	(void)state;
	wrap_segment(lab, false, 20);
	lab->link = 105; /* IEEE 802.11 */
	lab_expect(lab, COUNTER_NO_INTEREST_LINK);
	lab_cut_everywhere(lab);
}

static void frames_without_ip_are_of_no_interest(void **state)
{
	static const struct {
		uint16_t link;
		const char *frame;
	} row[] = {
	        {1, "ffffffffffff 020000000002 0806 0001 0800 0604 0001"}, /* ARP */
	        {1, "0180c200000e 020000000002 88cc 0207"},                /* LLDP */
	        {1, "0180c2000000 020000000002 0026 424203 0000000000"},   /* STP */
	        {1,
	         "0180c2000000 020000000002 0003 aaaa03 0000000000"}, /* LLC, too short for SNAP */
	        {1, "01000ccccccc 020000000002 0010 aaaa03 00000c 2000 02b4"}, /* CDP */
	        {1, "020000000001 020000000002 8100 006e 0806 0001"},
	        {1,
	         "020000000001 020000000002 8863 1109 0000 0004 0101 0000"}, /* PPPoE discovery */
	        {1, "020000000001 020000000002 6558 020000000001 020000000002 0800 4500"},
	        {113, "0000 0001 0006 020000000002 0000 0806 0001"},
	        {0, "07000000 00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		lab_payload(lab, 0);
		wrap_hex(lab, row[i].frame);
		lab->link = row[i].link;
		lab_expect(lab, COUNTER_NO_INTEREST_NOT_IP);
		lab_cut_everywhere(lab);
	}
}

static void ip_in_snap_is_read_up_to_the_length_of_the_frame(void **state)
{
	(void)state;
	wrap_segment(lab, false, 2);
	wrap_hex(lab, "aaaa03 000000 0800");
	wrap_hex(lab, "020000000001 020000000002 0032");
	expect_segment(false, 2);
}

static void vlan_tags_are_kept_outermost_first(void **state)
{
	static const char *const tags[] = {
	        "8100 a06e 0800",                     /* 802.1Q with a priority */
	        "88a8 00c8 8100 006e 0800",           /* 802.1ad */
	        "9100 00c8 8100 006e 0800",           /* QinQ before it */
	        "88a8 00c8 8100 006e 8100 0001 0800", /* a third one is not kept */
	        "8100 e000 8100 006e 0800",           /* a priority tag names no VLAN */
	};
	static const uint16_t vlan[][3] = {
	        {1, 110, 0}, {2, 200, 110}, {2, 200, 110}, {2, 200, 110}, {1, 110, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		wrap_segment(lab, false, 20);
		wrap_hex(lab, tags[i]);
		wrap_hex(lab, "020000000001 020000000002");
		expect_segment(false, 20);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.vlan_count, vlan[i][0]);
		assert_int_equal(lab->packet.vlan[0], vlan[i][1]);
		assert_int_equal(lab->packet.vlan[1], vlan[i][2]);
	}
}

static void padding_of_a_short_frame_is_not_payload(void **state)
{
	static const uint8_t padding[64];

	(void)state;
	for (size_t payload = 0; payload < 3; payload++) {
		lab_bytes(lab, (struct bytes){padding, sizeof(padding)});
		wrap(lab, payload);
		wrap_tcp(lab, 49153, 80);
		wrap_ipv4(lab, 6, CLIENT4, SERVER4);
		put_u16(lab->room + lab->from + 2, 40 + payload);
		wrap_ethernet(lab, 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.payload.len, payload);
		assert_int_equal(lab->packet.payload_length, payload);
	}
}

static void a_frame_cut_by_the_snap_length_keeps_the_length_of_its_payload(void **state)
{
	(void)state;
	wrap_segment(lab, false, 1000);
	wrap_ethernet(lab, 0x0800);
	lab->wire_extra = 990;
	assert_int_equal(lab_decode_bytes(lab, bytes_slice(lab_frame(lab), 0, 64)), DECODE_PACKET);
	assert_int_equal(lab->packet.payload.len, 10);
	assert_int_equal(lab->packet.payload_length, 1000);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
}

static void a_header_cut_by_the_snap_length_is_truncated_and_not_malformed(void **state)
{
	static const size_t cut[] = {0, 1, 13, 14, 33, 34, 53};

	(void)state;
	wrap_segment(lab, false, 1000);
	wrap_ethernet(lab, 0x0800);
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		lab->wire_extra = (uint32_t)(1054 - cut[i]);
		lab_decode_bytes(lab, bytes_slice(lab_frame(lab), 0, cut[i]));
		assert_int_equal(lab_counted(lab, COUNTER_TRUNCATED_CAPTURE), i + 1);
	}
}

static void a_header_cut_by_its_sender_is_malformed_at_its_layer(void **state)
{
	static const struct {
		size_t length;
		enum counter outcome;
	} row[] = {
	        {0, COUNTER_MALFORMED_LINK}, {13, COUNTER_MALFORMED_LINK},
	        {14, COUNTER_MALFORMED_IP},  {33, COUNTER_MALFORMED_IP},
	        {34, COUNTER_MALFORMED_IP}, /* shorter than its total length */
	        {153, COUNTER_MALFORMED_IP},
	};

	(void)state;
	wrap_segment(lab, false, 100);
	wrap_ethernet(lab, 0x0800);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		uint64_t before = lab_counted(lab, row[i].outcome);

		lab_decode_bytes(lab, bytes_slice(lab_frame(lab), 0, row[i].length));
		assert_int_equal(lab_counted(lab, row[i].outcome), before + 1);
	}
}

static void ipv4_options_are_skipped(void **state)
{
	(void)state;
	for (size_t options = 4; options <= 40; options += 4) {
		lab_payload(lab, 30);
		wrap_tcp(lab, 49153, 80);
		wrap_ipv4_full(lab, 6, CLIENT4, SERVER4, options, 1, 0);
		wrap_ethernet(lab, 0x0800);
		expect_segment(false, 30);
	}
}

static void a_total_length_of_zero_means_the_whole_frame(void **state)
{
	(void)state;
	wrap_segment(lab, false, 3000);
	put_u16(lab->room + lab->from + 2, 0);
	wrap_ethernet(lab, 0x0800);
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_int_equal(lab->packet.payload.len, 3000);
	assert_int_equal(lab->packet.payload_length, 3000);
}

static void impossible_ip_headers_are_malformed(void **state)
{
	static const struct {
		bool ipv6;
		size_t at;
		uint8_t value;
	} row[] = {
	        {false, 0, 0x65}, /* version 6 in an IPv4 frame */
	        {false, 0, 0x44}, /* a header of 16 bytes */
	        {false, 0, 0x4f}, /* a header longer than the total length */
	        {false, 3, 19},   /* a total length shorter than the header */
	        {false, 2, 0x40}, /* a total length longer than the frame */
	        {true, 0, 0x45},  /* version 4 in an IPv6 frame */
	        {true, 4, 0x40},  /* a payload length longer than the frame */
	        {true, 6, 0},     /* hop-by-hop options that run over the end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		wrap_segment(lab, row[i].ipv6, 10);
		lab->room[lab->from + row[i].at] = row[i].value;
		wrap_ethernet(lab, row[i].ipv6 ? 0x86dd : 0x0800);
		lab_expect(lab, COUNTER_MALFORMED_IP);
		lab_cut_everywhere(lab);
	}
}

static void raw_ip_of_another_version_is_malformed(void **state)
{
	(void)state;
	lab->link = 101;
	lab_payload(lab, 40);
	wrap_hex(lab, "55");
	lab_expect(lab, COUNTER_MALFORMED_IP);
}

static void ipv6_extension_headers_are_skipped(void **state)
{
	(void)state;
	lab_payload(lab, 30);
	wrap_tcp6(lab);
	wrap_extension(lab, 6, 24); /* destination options */
	wrap_hex(lab, "3c04 0000 00000100 00000001 000000000000000000000000"); /* AH */
	wrap_hex(lab, "3300 0000 00000007");  /* an atomic fragment */
	wrap_extension(lab, 44, 8);           /* routing */
	wrap_extension(lab, 43, 16);          /* destination options */
	wrap_hex(lab, "3c00 0502 0000 0100"); /* hop-by-hop: router alert, padding */
	wrap_ipv6(lab, 0, CLIENT6, SERVER6);
	wrap_ethernet(lab, 0x86dd);
	expect_segment(true, 30);
}

static void an_authentication_header_in_ipv4_is_skipped(void **state)
{
	struct address from = address_at(CLIENT4), to = address_at(SERVER4);

	(void)state;
	lab_payload(lab, 30);
	wrap_tcp(lab, 49153, 80);
	wrap_transport_checksum(lab, 6, &from, &to);
	wrap_hex(lab, "0604 0000 00000100 00000001 000000000000000000000000");
	wrap_ipv4(lab, 51, CLIENT4, SERVER4);
	wrap_ethernet(lab, 0x0800);
	expect_segment(false, 30);
}

static void jumbograms_are_malformed(void **state)
{
	(void)state;
	for (int with_length = 0; with_length < 2; with_length++) {
		lab_payload(lab, 30);
		wrap_tcp6(lab);
		wrap_hex(lab, "0600 c204 00010000");
		wrap_ipv6(lab, 0, CLIENT6, SERVER6);
		if (!with_length)
			put_u16(lab->room + lab->from + 4, 0);
		wrap_ethernet(lab, 0x86dd);
		lab_expect(lab, COUNTER_MALFORMED_IP);
	}
}

static void hop_by_hop_options_must_come_first(void **state)
{
	(void)state;
	lab_payload(lab, 30);
	wrap_tcp6(lab);
	wrap_extension(lab, 6, 8);
	wrap_extension(lab, 0, 8);
	wrap_ipv6(lab, 60, CLIENT6, SERVER6);
	wrap_ethernet(lab, 0x86dd);
	lab_expect(lab, COUNTER_MALFORMED_IP);
}

static void other_transports_keep_addresses_and_protocol_and_no_ports(void **state)
{
	static const uint8_t protocol[] = {1, 2, 50, 59, 89, 103, 112, 132, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(protocol); i++) {
		bool ipv6 = i % 2;

		lab_payload(lab, 30);
		if (ipv6)
			wrap_ipv6(lab, protocol[i], CLIENT6, SERVER6);
		else
			wrap_ipv4(lab, protocol[i], CLIENT4, SERVER4);
		wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_OTHER);
		assert_int_equal(lab->packet.protocol, protocol[i]);
		assert_true(
		        address_equal(lab->packet.source, address_at(ipv6 ? CLIENT6 : CLIENT4)));
		assert_int_equal(lab->packet.source_port + lab->packet.destination_port, 0);
		assert_int_equal(lab->packet.payload.len, 30);
		lab_cut_everywhere(lab);
	}
}

static void ipv6_headers_in_ipv4_are_another_transport(void **state)
{
	static const uint8_t protocol[] = {0, 43, 44, 60};

	(void)state;
	for (size_t i = 0; i < sizeof(protocol); i++) {
		lab_payload(lab, 30);
		wrap_ipv4(lab, protocol[i], CLIENT4, SERVER4);
		wrap_ethernet(lab, 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_OTHER);
	}
}

static void more_extension_headers_than_allowed_are_over_the_cap(void **state)
{
	(void)state;
	lab_payload(lab, 30);
	wrap_tcp6(lab);
	wrap_extension(lab, 6, 8);
	for (int i = 1; i < 16; i++)
		wrap_extension(lab, 60, 8);
	wrap_ipv6(lab, 60, CLIENT6, SERVER6);
	wrap_ethernet(lab, 0x86dd);
	expect_segment(true, 30);

	lab_payload(lab, 30);
	for (int i = 0; i < 17; i++)
		wrap_extension(lab, 60, 8);
	wrap_ipv6(lab, 60, CLIENT6, SERVER6);
	wrap_ethernet(lab, 0x86dd);
	lab_expect(lab, COUNTER_OVER_CAP_DEPTH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(ethernet_with_ipv4_and_tcp_is_read),
	        TEST(ethernet_with_ipv6_and_tcp_is_read),
	        TEST(every_link_layer_is_read),
	        TEST(a_frame_of_an_unknown_link_type_is_of_no_interest),
	        TEST(frames_without_ip_are_of_no_interest),
	        TEST(ip_in_snap_is_read_up_to_the_length_of_the_frame),
	        TEST(vlan_tags_are_kept_outermost_first),
	        TEST(padding_of_a_short_frame_is_not_payload),
	        TEST(a_frame_cut_by_the_snap_length_keeps_the_length_of_its_payload),
	        TEST(a_header_cut_by_the_snap_length_is_truncated_and_not_malformed),
	        TEST(a_header_cut_by_its_sender_is_malformed_at_its_layer),
	        TEST(ipv4_options_are_skipped),
	        TEST(a_total_length_of_zero_means_the_whole_frame),
	        TEST(impossible_ip_headers_are_malformed),
	        TEST(raw_ip_of_another_version_is_malformed),
	        TEST(ipv6_extension_headers_are_skipped),
	        TEST(an_authentication_header_in_ipv4_is_skipped),
	        TEST(jumbograms_are_malformed),
	        TEST(hop_by_hop_options_must_come_first),
	        TEST(other_transports_keep_addresses_and_protocol_and_no_ports),
	        TEST(ipv6_headers_in_ipv4_are_another_transport),
	        TEST(more_extension_headers_than_allowed_are_over_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
