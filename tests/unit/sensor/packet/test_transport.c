/* Tests of the decoder's TCP and UDP headers, and of what it says of checksums. */
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

static void tcp_options_are_skipped(void **state)
{
	(void)state;
	for (size_t options = 0; options <= 40; options += 4) {
		lab_payload(lab, 30);
		memset(wrap(lab, options), 1, options);
		wrap_tcp(lab, 49153, 80);
		lab->room[lab->from + 12] = (uint8_t)((5 + options / 4) << 4);
		wrap_ipv4(lab, 6, CLIENT4, SERVER4);
		wrap_ethernet(lab, 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_segment(lab, false, 30);
		lab_cut_everywhere(lab);
	}
}

static void tcp_options_cut_by_the_snap_length_leave_the_packet_of_use(void **state)
{
	(void)state;
	lab_payload(lab, 30);
	memset(wrap(lab, 12), 1, 12);
	wrap_tcp(lab, 49153, 80);
	lab->room[lab->from + 12] = 0x80;
	wrap_ipv4(lab, 6, CLIENT4, SERVER4);
	wrap_ethernet(lab, 0x0800);
	lab->wire_extra = 32;
	assert_int_equal(lab_decode_bytes(lab, bytes_slice(lab_frame(lab), 0, 64)), DECODE_PACKET);
	assert_int_equal(lab->packet.destination_port, 80);
	assert_int_equal(lab->packet.payload.len, 0);
	assert_int_equal(lab->packet.payload_length, 30);
}

static void impossible_tcp_headers_are_malformed(void **state)
{
	static const uint8_t offset[] = {0x00, 0x40, 0xf0};

	(void)state;
	for (size_t i = 0; i < sizeof(offset); i++) {
		lab_payload(lab, 30);
		wrap_tcp(lab, 49153, 80);
		lab->room[lab->from + 12] = offset[i];
		wrap_ipv4(lab, 6, CLIENT4, SERVER4);
		wrap_ethernet(lab, 0x0800);
		lab_expect(lab, COUNTER_MALFORMED_TRANSPORT);
		/* The same is true when only the header was captured. */
		lab->wire_extra = 30;
		lab_decode_bytes(lab, bytes_slice(lab_frame(lab), 0, 54));
		lab->wire_extra = 0;
		assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_TRANSPORT), 2 * i + 2);
	}
}

static void a_transport_header_longer_than_its_ip_packet_is_malformed(void **state)
{
	static const uint8_t trailer[64];

	(void)state;
	for (int udp = 0; udp < 2; udp++) {
		lab_bytes(lab, (struct bytes){trailer, sizeof(trailer)});
		wrap_ipv4(lab, udp ? 17 : 6, CLIENT4, SERVER4);
		put_u16(lab->room + lab->from + 2, 20 + (udp ? 7 : 19));
		wrap_ethernet(lab, 0x0800);
		lab_expect(lab, COUNTER_MALFORMED_TRANSPORT);
	}
}

static void udp_is_read_over_both_families(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		lab_payload(lab, 50);
		wrap_udp(lab, 68, 67);
		if (ipv6)
			wrap_ipv6(lab, 17, CLIENT6, SERVER6);
		else
			wrap_ipv4(lab, 17, CLIENT4, SERVER4);
		wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.protocol, IP_PROTOCOL_UDP);
		assert_int_equal(lab->packet.source_port, 68);
		assert_int_equal(lab->packet.destination_port, 67);
		assert_int_equal(lab->packet.payload.len, 50);
		assert_int_equal(lab->packet.payload_length, 50);
		assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
		lab_cut_everywhere(lab);
	}
}

static void the_udp_length_ends_the_payload(void **state)
{
	(void)state;
	lab_payload(lab, 50);
	wrap_udp(lab, 68, 67);
	put_u16(lab->room + lab->from + 4, 8 + 20);
	wrap_ipv4(lab, 17, CLIENT4, SERVER4);
	wrap_ethernet(lab, 0x0800);
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_int_equal(lab->packet.payload.len, 20);
	assert_int_equal(lab->packet.payload_length, 20);
}

static void impossible_udp_lengths_are_malformed(void **state)
{
	static const uint16_t length[] = {0, 1, 7, 59, 65535};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(length) / sizeof(*length); i++) {
		bool ipv6 = i % 2;

		lab_payload(lab, 50);
		wrap_udp(lab, 68, 67);
		put_u16(lab->room + lab->from + 4, length[i / 2]);
		if (ipv6)
			wrap_ipv6(lab, 17, CLIENT6, SERVER6);
		else
			wrap_ipv4(lab, 17, CLIENT4, SERVER4);
		wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
		lab_expect(lab, COUNTER_MALFORMED_TRANSPORT);
	}
}

/* Spoils one bit `back` bytes before the end of a segment and decodes it. */
static void decode_spoiled(bool ipv6, size_t back)
{
	wrap_segment(lab, ipv6, 101);
	wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
	lab->room[LAB_ROOM - back] ^= 0x10;
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
}

static void a_bad_checksum_is_counted_and_flagged_and_the_packet_used(void **state)
{
	/* in the payload's odd last byte, in its middle, in the TCP header, in the TTL */
	static const size_t back[] = {1, 50, 101 + 4, 101 + 20 + 12};

	(void)state;
	for (size_t i = 0; i < sizeof(back) / sizeof(*back); i++) {
		decode_spoiled(false, back[i]);
		assert_true(lab->packet.bad_checksum);
		assert_int_equal(lab->packet.payload.len, 101);
		assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), i + 1);
	}
	decode_spoiled(true, 1);
	assert_true(lab->packet.bad_checksum);
}

static void checksums_are_left_alone_when_not_asked_for(void **state)
{
	struct decode_limits limits = LAB_LIMITS;

	(void)state;
	lab_close(lab);
	limits.verify_checksums = false;
	lab = lab_open(limits);
	decode_spoiled(false, 1);
	assert_false(lab->packet.bad_checksum);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
}

static void udp_without_checksum_is_fine_in_ipv4_alone(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		lab_payload(lab, 50);
		wrap_udp(lab, 68, 67);
		if (ipv6)
			wrap_ipv6(lab, 17, CLIENT6, SERVER6);
		else
			wrap_ipv4(lab, 17, CLIENT4, SERVER4);
		put_u16(lab->room + LAB_ROOM - 52, 0);
		wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.bad_checksum, ipv6);
	}
}

static void checksums_behind_an_unfinished_route_are_not_judged(void **state)
{
	(void)state;
	for (uint8_t left = 0; left < 2; left++) {
		lab_payload(lab, 30);
		wrap_tcp(lab, 49153, 80); /* with checksum 0, which is wrong */
		wrap_extension(lab, 6, 24);
		lab->room[lab->from + 3] = left;
		wrap_ipv6(lab, 43, CLIENT6, SERVER6);
		wrap_ethernet(lab, 0x86dd);
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.bad_checksum, !left);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(tcp_options_are_skipped),
	        TEST(tcp_options_cut_by_the_snap_length_leave_the_packet_of_use),
	        TEST(impossible_tcp_headers_are_malformed),
	        TEST(a_transport_header_longer_than_its_ip_packet_is_malformed),
	        TEST(udp_is_read_over_both_families),
	        TEST(the_udp_length_ends_the_payload),
	        TEST(impossible_udp_lengths_are_malformed),
	        TEST(a_bad_checksum_is_counted_and_flagged_and_the_packet_used),
	        TEST(checksums_are_left_alone_when_not_asked_for),
	        TEST(udp_without_checksum_is_fine_in_ipv4_alone),
	        TEST(checksums_behind_an_unfinished_route_are_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
