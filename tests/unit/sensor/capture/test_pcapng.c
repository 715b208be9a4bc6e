/* pcapng files, as our own reader sees them. */
#include "samples.h"

static struct seen seen;

static void sections_of_either_byte_order_have_their_own_interfaces(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_interface(&s, LINK_RAW, 9, 0);
	put_enhanced(&s, 0, 1500000, 5, 1);
	put_enhanced(&s, 1, 1500000001, 6, 2);
	s.big_endian = true;
	put_section(&s);
	put_interface(&s, LINK_RAW, 3, 0);
	put_enhanced(&s, 0, 2500, 7, 3);
	s.big_endian = false;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_enhanced(&s, 0, 3500000, 8, 4);

	read_sample(&s, LARGE_BUFFER, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.count, 4);
	assert_int_equal(seen.frame[0].time, 1500000000);
	assert_int_equal(seen.frame[0].link_type, LINK_ETHERNET);
	assert_int_equal(seen.frame[1].time, 1500000001);
	assert_int_equal(seen.frame[1].link_type, LINK_RAW);
	assert_int_equal(seen.frame[2].time, INT64_C(2500000000));
	assert_int_equal(seen.frame[2].link_type, LINK_RAW);
	assert_int_equal(seen.frame[3].time, INT64_C(3500000000));
	for (uint8_t i = 0; i < 4; i++) {
		assert_int_equal(seen.frame[i].captured, 5 + i);
		assert_int_equal(seen.frame[i].first, 1 + i);
	}
	sample_free(&s);
}

static void every_clock_resolution_gives_nanoseconds(void **state)
{
	static const struct {
		int resolution;
		int64_t offset;
		uint64_t units;
		int64_t time;
	} cases[] = {
	        {-1, 0, 1790000000123456, INT64_C(1790000000123456000)},
	        {0, 0, 1790000000, INT64_C(1790000000) * SECOND},
	        {3, 0, 1790000000123, INT64_C(1790000000123) * MILLISECOND},
	        {9, 0, 1790000000123456789, INT64_C(1790000000123456789)},
	        {10, 0, 17900000001234567899U, INT64_C(1790000000123456789)},
	        {12, 0, 12345678, 12345},
	        {18, 0, 18000000000000000000U, INT64_C(18000000000)},
	        {28, 0, UINT64_MAX, 1},
	        {29, 0, UINT64_MAX, 0},
	        {127, 0, UINT64_MAX, 0},
	        {0x80, 0, 1790000000, INT64_C(1790000000) * SECOND},
	        {0x80 | 10, 0, 1790000000U * UINT64_C(1024) + 512,
	         INT64_C(1790000000) * SECOND + 500000000},
	        {0x80 | 32, 0, (UINT64_C(1790000000) << 32) + (UINT64_C(1) << 31),
	         INT64_C(1790000000) * SECOND + 500000000},
	        {0x80 | 63, 0, UINT64_C(3) << 62, 1500000000},
	        {0x80 | 64, 0, UINT64_C(1) << 63, 500000000},
	        {0x80 | 127, 0, UINT64_MAX, 0},
	        {6, 1790000000, 123456, INT64_C(1790000000123456000)},
	        {6, -10, 12000000, INT64_C(2) * SECOND},
	        {6, -10, 5000000, 0},            /* before 1970 */
	        {0, 0, UINT64_MAX, TIME_LATEST}, /* later than we count */
	        {6, INT64_MAX, 1, TIME_LATEST},
	        {6, INT64_MIN, 1, 0},
	};

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			struct sample s = {.big_endian = big};

			put_section(&s);
			put_interface(&s, LINK_ETHERNET, cases[i].resolution, cases[i].offset);
			put_enhanced(&s, 0, cases[i].units, 1, 0);
			read_sample(&s, LARGE_BUFFER, &seen);
			assert_int_equal(seen.count, 1);
			assert_int_equal(seen.frame[0].time, cases[i].time);
			sample_free(&s);
		}
	}
}

static void simple_packets_take_the_time_of_the_packet_before(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_simple(&s, 10, 10);
	put_enhanced(&s, 0, 1500000, 5, 1);
	put_simple(&s, 9, 9);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.frame[0].time, 0);
	assert_int_equal(seen.frame[0].captured, 10);
	assert_int_equal(seen.frame[2].time, 1500000000);
	assert_int_equal(seen.frame[2].captured, 9);
	sample_free(&s);
}

static void simple_packets_are_cut_by_the_snap_length(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	s.at[28 + 12] = 8; /* the snap length of the interface */
	put_simple(&s, 1500, 8);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.frame[0].captured, 8);
	assert_int_equal(seen.frame[0].wire_length, 1500);
	sample_free(&s);
}

static void the_obsolete_packet_block_is_read(void **state)
{
	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct sample s = {.big_endian = big}, body = {.big_endian = big};

		put_section(&s);
		put_interface(&s, LINK_ETHERNET, -1, 0);
		put_interface(&s, LINK_RAW, -1, 0);
		put_u16(&body, 1);
		put_u16(&body, 77); /* drops */
		put_u32(&body, 0);
		put_u32(&body, 1500000);
		put_u32(&body, 3);
		put_u32(&body, 99);
		put_fill(&body, 0x33, 3);
		put_block(&s, 2, &body);
		read_sample(&s, LARGE_BUFFER, &seen);
		assert_int_equal(seen.count, 1);
		assert_int_equal(seen.frame[0].time, 1500000000);
		assert_int_equal(seen.frame[0].link_type, LINK_RAW);
		assert_int_equal(seen.frame[0].captured, 3);
		assert_int_equal(seen.frame[0].wire_length, 99);
		sample_free(&s);
		sample_free(&body);
	}
}

/* A file with a block of each other kind, one of them large, between packets. */
static void put_odd_blocks(struct sample *s)
{
	static const uint32_t types[] = {4,  5,     7,          8,          9,
	                                 10, 0xbad, 0x40000bad, 0x80000001, 0xffffffff};

	put_section(s);
	put_interface(s, LINK_ETHERNET, -1, 0);
	for (uint32_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct sample body = {.big_endian = s->big_endian};

		put_fill(&body, (uint8_t)i, i == 4 ? 3000 : i * 5);
		put_block(s, types[i], &body);
		put_enhanced(s, 0, i, i, (uint8_t)i);
		sample_free(&body);
	}
}

static void blocks_of_any_other_type_are_skipped(void **state)
{
	struct sample s = {0};

	(void)state;
	put_odd_blocks(&s);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.count, 10);
	sample_free(&s);
}

static void a_skipped_block_may_be_larger_than_any_buffer(void **state)
{
	struct sample s = {0}, body = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_fill(&body, 0, 5 << 20);
	put_block(&s, 10, &body);
	put_enhanced(&s, 0, 1, 4, 9);
	read_sample(&s, 4096, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.count, 1);
	s.len = 28 + 44 + (1 << 20);
	read_sample(&s, 4096, &seen);
	assert_non_null(strstr(seen.problem, "cut off"));
	sample_free(&s);
	sample_free(&body);
}

static void blocks_that_straddle_the_end_of_the_buffer_are_whole(void **state)
{
	static struct seen expected;

	(void)state;
	for (unsigned big = 0; big < 2; big++) {
		struct sample s = {.big_endian = big};

		put_odd_blocks(&s);
		s.big_endian = !big;
		put_odd_blocks(&s);
		for (uint32_t i = 0; i < 100; i++)
			put_enhanced(&s, 0, i, i * 7 % 101, (uint8_t)i);
		read_sample(&s, LARGE_BUFFER, &expected);
		assert_int_equal(expected.count, 120);
		for (size_t buffer = 1; buffer < 400; buffer++) {
			read_sample(&s, buffer, &seen);
			assert_string_equal(seen.problem, "");
			assert_int_equal(seen.count, expected.count);
			assert_int_equal(seen.hash, expected.hash);
		}
		sample_free(&s);
	}
}

static void an_interface_without_an_end_of_options_is_accepted(void **state)
{
	struct sample s = {0}, body = {0};

	(void)state;
	put_section(&s);
	put_u16(&body, LINK_ETHERNET);
	put_fill(&body, 0, 6);
	put_u16(&body, 9);
	put_u16(&body, 1);
	put_u32(&body, 9);
	put_block(&s, 1, &body);
	put_enhanced(&s, 0, 17, 1, 0);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_string_equal(seen.problem, "");
	assert_int_equal(seen.frame[0].time, 17);
	sample_free(&s);
	sample_free(&body);
}

static void many_interfaces_are_kept_apart(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	for (uint16_t i = 0; i < 1000; i++)
		put_interface(&s, i, -1, 0);
	for (uint32_t i = 0; i < 1000; i++)
		put_enhanced(&s, i, 1, 1, 0);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_int_equal(seen.count, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(seen.frame[i].link_type, i);
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sections_of_either_byte_order_have_their_own_interfaces),
	        cmocka_unit_test(every_clock_resolution_gives_nanoseconds),
	        cmocka_unit_test(simple_packets_take_the_time_of_the_packet_before),
	        cmocka_unit_test(simple_packets_are_cut_by_the_snap_length),
	        cmocka_unit_test(the_obsolete_packet_block_is_read),
	        cmocka_unit_test(blocks_of_any_other_type_are_skipped),
	        cmocka_unit_test(a_skipped_block_may_be_larger_than_any_buffer),
	        cmocka_unit_test(blocks_that_straddle_the_end_of_the_buffer_are_whole),
	        cmocka_unit_test(an_interface_without_an_end_of_options_is_accepted),
	        cmocka_unit_test(many_interfaces_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
