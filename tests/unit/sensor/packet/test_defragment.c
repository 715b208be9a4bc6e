/* Tests of the reassembly of IP fragments, for both families: order, overlaps, contradictions. */
#include "tests/unit/sensor/packet/fragments.h"

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

static void fragments_are_joined_in_every_order(void **state)
{
	static const struct part part[4] = {{0, 24}, {24, 2000}, {2024, 8}, {2032, 88}};

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 2100);
		assert_int_equal(segment_length, 2120);
		for (int order = 0; order < 256; order++) {
			int pick[4] = {order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6};
			int seen = 1 << pick[0] | 1 << pick[1] | 1 << pick[2] | 1 << pick[3];

			if (seen != 0xf)
				continue;
			for (int i = 0; i < 3; i++)
				expect_waiting(ipv6, 7, part[pick[i]].offset, part[pick[i]].length);
			expect_whole(ipv6, 7, part[pick[3]].offset, part[pick[3]].length);
			assert_int_equal(lab->blocks.used, 0);
		}
	}
}

static void the_largest_datagram_is_joined_and_a_larger_one_refused(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 60000);
		/* The segment says nothing of its length, so the end may be elsewhere. */
		segment_length = DATAGRAM_MAX;
		for (size_t at = 0; at < 64000; at += 1000)
			expect_waiting(ipv6, 9, at, 1000);
		assert_int_equal(decode_part(ipv6, 9, 64000, 1535), DECODE_PACKET);
		assert_int_equal(lab->packet.payload_length, DATAGRAM_MAX - 20);
		arena_reset(&lab->scratch);

		segment_length = DATAGRAM_MAX + 1;
		assert_int_equal(decode_part(ipv6, 10, 64000, 1536), DECODE_NONE);
		assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), ipv6 + 1);
	}
}

static void fragments_of_an_odd_size_or_without_bytes_are_malformed(void **state)
{
	static const struct part part[] = {{0, 0}, {0, 1}, {0, 12}, {8, 0}};

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 100);
		for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
			assert_int_equal(decode_part(ipv6, 7, part[i].offset, part[i].length),
			                 DECODE_NONE);
		assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 4 * (ipv6 + 1));
	}
}

static void repeated_fragments_change_nothing(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 3980);
		expect_waiting(ipv6, 7, 0, 2000);
		decode_part(ipv6, 7, 0, 2000);
		expect_waiting(ipv6, 7, 2000, 1000);
		decode_part(ipv6, 7, 2000, 1000);
		decode_part(ipv6, 7, 0, 2000);
		assert_int_equal(lab_counted(lab, COUNTER_DISSECTED_REPEATED), 3 * (ipv6 + 1));
		assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_OVERLAPPING), 0);
		expect_whole(ipv6, 7, 3000, 1000);
	}
}

static void an_overlap_with_the_same_bytes_is_taken_in_ipv4(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 7, 800, 800);
	expect_waiting(false, 7, 2400, 800);
	/* over both, filling the hole before, between and behind them */
	expect_waiting(false, 7, 0, 3600);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_OVERLAPPING), 1);
	expect_whole(false, 7, 3200, 800);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_OVERLAPPING), 2);
}

static void other_bytes_at_the_same_place_are_refused_and_the_first_stay_in_ipv4(void **state)
{
	uint8_t other[1600];

	(void)state;
	segment_make(false, 3980);
	for (size_t at = 0; at < sizeof(other); at++)
		other[at] = segment[800 + at];
	other[1599] ^= 1;
	expect_waiting(false, 7, 1600, 800);
	assert_int_equal(decode_bytes_at(false, 7, (struct bytes){other, 1600}, 800, true),
	                 DECODE_NONE);
	assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 1);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_OVERLAPPING), 1);
	expect_waiting(false, 7, 0, 1600);
	expect_whole(false, 7, 2400, 1600);
}

static void any_overlap_gives_up_an_ipv6_datagram_and_what_still_comes(void **state)
{
	(void)state;
	segment_make(true, 3980);
	expect_waiting(true, 7, 0, 1600);
	decode_part(true, 7, 800, 1600); /* the same bytes, but not the same fragment */
	assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 1);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_OVERLAPPING), 1);
	assert_int_equal(lab->blocks.used, 0);
	decode_part(true, 7, 1600, 2400);
	decode_part(true, 7, 0, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 3);
	/* the next datagram with another id is not concerned */
	expect_waiting(true, 8, 0, 1600);
	expect_whole(true, 8, 1600, 2400);
}

static void fragments_that_disagree_about_the_end_are_malformed(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 7, 3200, 800); /* ends at 4000 */
	segment_length = 4800;
	decode_part(false, 7, 4000, 800);
	segment_length = 2400;
	decode_part(false, 7, 1600, 800);
	segment_length = 6000;
	decode_part(false, 7, 3200, 1600);
	assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 3);
	segment_length = 4000;
	expect_waiting(false, 7, 0, 1600);
	expect_whole(false, 7, 1600, 1600);
}

static void an_end_before_bytes_that_are_there_is_malformed(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 7, 1600, 1600);
	segment_length = 800;
	decode_part(false, 7, 8, 792);
	assert_int_equal(lab_counted(lab, COUNTER_MALFORMED_FRAGMENT), 1);
}

static void datagrams_with_equal_ids_between_other_hosts_are_kept_apart(void **state)
{
	static const char *const client[] = {"192.0.2.12", "2001:db8:1::12"};

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 3980);
		expect_waiting(ipv6, 7, 0, 1600);
		other_client = client[ipv6];
		expect_waiting(ipv6, 7, 1600, 2400);
		other_client = NULL;
		expect_waiting(ipv6, 8, 1600, 2400);
		expect_whole(ipv6, 7, 1600, 2400);
		expect_whole(ipv6, 8, 0, 1600);
	}
}

static void the_protocol_and_the_vlan_keep_ipv4_datagrams_apart(void **state)
{
	(void)state;
	segment_make(false, 3980);
	expect_waiting(false, 7, 0, 1600);

	lab_bytes(lab, (struct bytes){segment + 1600, 2400});
	wrap_ipv4_full(lab, 17, CLIENT4, SERVER4, 0, 7, 200);
	wrap_ethernet(lab, 0x0800);
	lab_expect(lab, COUNTER_DISSECTED_FRAGMENT);

	lab_bytes(lab, (struct bytes){segment + 1600, 2400});
	wrap_ipv4_full(lab, 6, CLIENT4, SERVER4, 0, 7, 200);
	wrap_hex(lab, "020000000001 020000000002 8100 006e 0800");
	lab_expect(lab, COUNTER_DISSECTED_FRAGMENT);

	expect_whole(false, 7, 1600, 2400);
}

static void a_fragment_cut_by_the_snap_length_is_truncated(void **state)
{
	(void)state;
	segment_make(false, 3980);
	lab->wire_extra = 100;
	lab_bytes(lab, (struct bytes){segment, 1500});
	wrap_ipv4_full(lab, 6, CLIENT4, SERVER4, 0, 7, 0x2000);
	put_u16(lab->room + lab->from + 2, 1620);
	wrap_ethernet(lab, 0x0800);
	lab_expect(lab, COUNTER_TRUNCATED_CAPTURE);
	assert_int_equal(lab->blocks.used, 0);
}

static void each_fragment_cut_everywhere_is_counted_once(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		segment_make(ipv6, 300);
		decode_part(ipv6, 7, 0, 160);
		lab_cut_everywhere(lab);
		decode_part(ipv6, 7, 160, 160);
		lab_cut_everywhere(lab);
	}
}

static void tunnels_inside_fragments_are_read(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct address from = address_at(ipv6 ? CLIENT6 : CLIENT4);
		struct address to = address_at(ipv6 ? SERVER6 : SERVER4);

		wrap_segment(lab, !ipv6, 1000);
		wrap_ethernet(lab, ipv6 ? 0x0800 : 0x86dd);
		wrap_hex(lab, "08000000 00000100");
		wrap_udp(lab, 50000, 4789);
		wrap_transport_checksum(lab, 17, &from, &to);
		segment_length = lab_frame(lab).len;
		memcpy(segment, lab_frame(lab).at, segment_length);
		for (int last = 0; last < 2; last++) {
			lab_bytes(lab, (struct bytes){segment + (last ? 800 : 0),
			                              last ? segment_length - 800 : 800});
			if (ipv6) {
				wrap_hex(lab, last ? "1100 0320 00000007" : "1100 0001 00000007");
				wrap_ipv6(lab, 44, CLIENT6, SERVER6);
			} else {
				wrap_ipv4_full(lab, 17, CLIENT4, SERVER4, 0, 7,
				               last ? 100 : 0x2000);
			}
			wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
			assert_int_equal(lab_decode(lab), last ? DECODE_PACKET : DECODE_NONE);
		}
		assert_segment(lab, !ipv6, 1000);
		assert_int_equal(lab->packet.tunnel[0], TUNNEL_VXLAN);
	}
}

static void the_first_fragment_says_what_an_ipv6_datagram_carries(void **state)
{
	(void)state;
	segment_make(true, 300);
	for (int last = 1; last >= 0; last--) {
		lab_bytes(lab, (struct bytes){segment + 160 * (size_t)last, 160});
		wrap_hex(lab, last ? "3b00 00a0 00000007" : "0600 0001 00000007");
		wrap_ipv6(lab, 44, CLIENT6, SERVER6);
		wrap_ethernet(lab, 0x86dd);
		assert_int_equal(lab_decode(lab), last ? DECODE_NONE : DECODE_PACKET);
	}
	assert_segment(lab, true, 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(fragments_are_joined_in_every_order),
	        TEST(the_largest_datagram_is_joined_and_a_larger_one_refused),
	        TEST(fragments_of_an_odd_size_or_without_bytes_are_malformed),
	        TEST(repeated_fragments_change_nothing),
	        TEST(an_overlap_with_the_same_bytes_is_taken_in_ipv4),
	        TEST(other_bytes_at_the_same_place_are_refused_and_the_first_stay_in_ipv4),
	        TEST(any_overlap_gives_up_an_ipv6_datagram_and_what_still_comes),
	        TEST(fragments_that_disagree_about_the_end_are_malformed),
	        TEST(an_end_before_bytes_that_are_there_is_malformed),
	        TEST(datagrams_with_equal_ids_between_other_hosts_are_kept_apart),
	        TEST(the_protocol_and_the_vlan_keep_ipv4_datagrams_apart),
	        TEST(a_fragment_cut_by_the_snap_length_is_truncated),
	        TEST(each_fragment_cut_everywhere_is_counted_once),
	        TEST(tunnels_inside_fragments_are_read),
	        TEST(the_first_fragment_says_what_an_ipv6_datagram_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
