/* pcap files, as our own reader sees them. */
#include "samples.h"

#define MICRO 0xa1b2c3d4
#define NANO  0xa1b23c4d

static struct seen seen;

static void a_file_of_either_byte_order_and_precision_is_read(void **state)
{
	static const struct {
		bool big_endian;
		uint32_t magic, fraction;
	} cases[] = {
	        {false, MICRO, 123456},
	        {true, MICRO, 123456},
	        {false, NANO, 123456000},
	        {true, NANO, 123456000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sample s = {.big_endian = cases[i].big_endian};

		put_pcap_header(&s, cases[i].magic, 262144);
		put_pcap_packet(&s, 1790000000, cases[i].fraction, 60, 0xab);
		put_pcap_packet(&s, 4294967295, cases[i].fraction, 3, 0xcd);
		read_sample(&s, LARGE_BUFFER, &seen);
		assert_int_equal(seen.count, 2);
		assert_int_equal(seen.frame[0].time, INT64_C(1790000000123456000));
		assert_int_equal(seen.frame[0].captured, 60);
		assert_int_equal(seen.frame[0].first, 0xab);
		assert_int_equal(seen.frame[0].link_type, LINK_ETHERNET);
		assert_int_equal(seen.frame[1].time, INT64_C(4294967295123456000));
		assert_int_equal(seen.frame[1].first, 0xcd);
		assert_string_equal(seen.problem, "");
		sample_free(&s);
	}
}

static void nanoseconds_are_kept(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, NANO, 262144);
	put_pcap_packet(&s, 1, 999999999, 1, 0);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.frame[0].time, 1999999999);
	sample_free(&s);
}

static void the_link_type_leaves_out_the_frame_check_sequence_bits(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	s.at[23] = 0x44; /* a checksum of four bytes follows each frame */
	put_pcap_packet(&s, 1, 0, 1, 0);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.frame[0].link_type, LINK_ETHERNET);
	sample_free(&s);
}

static void a_file_without_packets_ends_well(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 0);
	assert_string_equal(seen.problem, "");
	sample_free(&s);
}

static void a_packet_of_no_bytes_is_a_packet(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	put_pcap_packet(&s, 1, 0, 0, 0);
	put_pcap_packet(&s, 2, 0, 0, 0);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.frame[1].captured, 0);
	assert_string_equal(seen.problem, "");
	sample_free(&s);
}

static void a_frame_is_never_shorter_on_the_wire_than_in_the_file(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	put_pcap_packet(&s, 1, 0, 60, 0);
	s.at[24 + 12] = 20;
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.frame[0].wire_length, 60);
	sample_free(&s);
}

static void a_cut_file_is_read_to_its_last_whole_packet(void **state)
{
	struct sample s = {0};
	size_t ends[4];

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	ends[0] = s.len;
	for (size_t i = 1; i < 4; i++) {
		put_pcap_packet(&s, (uint32_t)i, 0, (uint32_t)(10 * i), (uint8_t)i);
		ends[i] = s.len;
	}
	for (size_t cut = ends[0]; cut <= ends[3]; cut++) {
		struct sample part = {.at = s.at, .len = cut};
		size_t whole = 0;

		while (whole < 3 && ends[whole + 1] <= cut)
			whole++;
		read_sample(&part, LARGE_BUFFER, &seen);
		assert_int_equal(seen.count, whole);
		if (cut == ends[whole])
			assert_string_equal(seen.problem, "");
		else
			assert_non_null(strstr(seen.problem, "cut off"));
	}
	sample_free(&s);
}

static void a_file_cut_in_its_header_is_broken_not_unknown(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	for (size_t cut = 8; cut < 24; cut++) {
		struct sample part = {.at = s.at, .len = cut};

		assert_refused(&part, SOURCE_BROKEN, "cut off");
	}
	sample_free(&s);
}

static void an_impossible_length_ends_the_file_and_names_its_place(void **state)
{
	static const uint32_t lengths[] = {262145, 0x7fffffff, 0xfffffff0, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct sample s = {0};

		put_pcap_header(&s, MICRO, 262144);
		put_pcap_packet(&s, 1, 0, 4, 0);
		put_u32(&s, 2);
		put_u32(&s, 0);
		put_u32(&s, lengths[i]);
		put_u32(&s, lengths[i]);
		put_fill(&s, 0, 400000);
		read_sample(&s, LARGE_BUFFER, &seen);
		assert_int_equal(seen.count, 1);
		assert_non_null(strstr(seen.problem, "byte 44: a packet of"));
		sample_free(&s);
	}
}

static void a_larger_snap_length_allows_larger_packets_up_to_a_cap(void **state)
{
	static const struct {
		uint32_t snap, length;
		size_t packets;
	} cases[] = {
	        {262144, 262144, 1},      {65535, 262144, 1},       {300000, 300000, 1},
	        {300000, 300001, 0},      {0xffffffff, 1 << 20, 1}, {0xffffffff, (1 << 20) + 1, 0},
	        {0x7fffffff, 1 << 20, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sample s = {0};

		put_pcap_header(&s, MICRO, cases[i].snap);
		put_pcap_packet(&s, 1, 0, cases[i].length, 7);
		read_sample(&s, 4096, &seen);
		assert_int_equal(seen.count, cases[i].packets);
		assert_int_equal(seen.problem[0] != 0, !cases[i].packets);
		read_sample(&s, 4 << 20, &seen);
		assert_int_equal(seen.count, cases[i].packets);
		sample_free(&s);
	}
}

static void records_that_straddle_the_end_of_the_buffer_are_whole(void **state)
{
	static struct seen expected;
	struct sample s = {0};

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		s.big_endian = big;
		put_pcap_header(&s, MICRO, 262144);
		for (uint32_t i = 0; i < 200; i++)
			put_pcap_packet(&s, i, i, i * 7 % 101, (uint8_t)i);
		read_sample(&s, LARGE_BUFFER, &expected);
		assert_int_equal(expected.count, 200);
		for (size_t buffer = 1; buffer < 400; buffer++) {
			read_sample(&s, buffer, &seen);
			assert_int_equal(seen.count, expected.count);
			assert_int_equal(seen.hash, expected.hash);
			assert_string_equal(seen.problem, "");
		}
		sample_free(&s);
	}
}

static void a_record_larger_than_the_page_aligned_buffer_is_read(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	for (uint32_t i = 0; i < 40; i++)
		put_pcap_packet(&s, i, 0, i % 3 ? 50 + i : 15000 + 300 * i, (uint8_t)(i + 1));
	for (size_t buffer = 16384; buffer <= 65536; buffer *= 2) {
		read_sample(&s, buffer, &seen);
		assert_int_equal(seen.count, 40);
		for (uint32_t i = 0; i < 40; i++)
			assert_int_equal(seen.frame[i].first, i + 1);
	}
	sample_free(&s);
}

static void old_and_modified_pcap_files_are_read_by_libpcap(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, MICRO, 262144);
	put_pcap_packet(&s, 5, 6, 60, 0xab);
	s.at[6] = 2; /* version 2.2 has the lengths the other way round, which are equal here */
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.frame[0].time, INT64_C(5000006000));
	sample_free(&s);

	put_pcap_header(&s, 0xa1b2cd34, 262144);
	for (uint32_t i = 0; i < 150; i++) {
		put_u32(&s, i);
		put_u32(&s, 1);
		put_u32(&s, 60);
		put_u32(&s, 60);
		put_fill(&s, 0, 8); /* Kuznetsov's interface index, protocol and packet type */
		put_fill(&s, (uint8_t)i, 60);
	}
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 150);
	assert_int_equal(seen.frame[149].first, 149);
	assert_int_equal(seen.frame[149].time, INT64_C(149000001000));
	assert_string_equal(seen.problem, "");
	s.len -= 10;
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 149);
	assert_non_null(strstr(seen.problem, "truncated"));
	sample_free(&s);

	put_pcap_header(&s, MICRO, 262144);
	s.at[4] = 9;
	assert_refused(&s, SOURCE_BROKEN, "version");
	sample_free(&s);
}

static void no_single_changed_byte_does_harm(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, NANO, 262144);
	for (uint32_t i = 0; i < 5; i++)
		put_pcap_packet(&s, i, i, 20, (uint8_t)i);
	for (size_t i = 0; i < s.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct source source;

			s.at[i] ^= (uint8_t)(1U << bit);
			if (source_open_memory(&source, sample_bytes(&s), 64) == SOURCE_OPEN)
				read_to_end(&source, &seen);
			else
				source_close(&source);
			s.at[i] ^= (uint8_t)(1U << bit);
		}
	}
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_file_of_either_byte_order_and_precision_is_read),
	        cmocka_unit_test(nanoseconds_are_kept),
	        cmocka_unit_test(the_link_type_leaves_out_the_frame_check_sequence_bits),
	        cmocka_unit_test(a_file_without_packets_ends_well),
	        cmocka_unit_test(a_packet_of_no_bytes_is_a_packet),
	        cmocka_unit_test(a_frame_is_never_shorter_on_the_wire_than_in_the_file),
	        cmocka_unit_test(a_cut_file_is_read_to_its_last_whole_packet),
	        cmocka_unit_test(a_file_cut_in_its_header_is_broken_not_unknown),
	        cmocka_unit_test(an_impossible_length_ends_the_file_and_names_its_place),
	        cmocka_unit_test(a_larger_snap_length_allows_larger_packets_up_to_a_cap),
	        cmocka_unit_test(records_that_straddle_the_end_of_the_buffer_are_whole),
	        cmocka_unit_test(a_record_larger_than_the_page_aligned_buffer_is_read),
	        cmocka_unit_test(old_and_modified_pcap_files_are_read_by_libpcap),
	        cmocka_unit_test(no_single_changed_byte_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
