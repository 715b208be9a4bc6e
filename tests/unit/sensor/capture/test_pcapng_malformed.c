/* pcapng files that are cut off or break the format. */
#include "samples.h"

static struct seen seen;

static void a_cut_file_is_read_to_its_last_whole_packet(void **state)
{
	struct sample s = {0};
	size_t ends[4];

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	ends[0] = s.len;
	for (size_t i = 1; i < 4; i++) {
		struct sample body = {0};

		put_enhanced(&s, 0, i, (uint32_t)(10 * i), (uint8_t)i);
		ends[i] = s.len;
		put_fill(&body, 1, 40);
		put_block(&s, 5, &body);
		sample_free(&body);
	}
	for (size_t cut = 28; cut < s.len; cut++) {
		struct sample part = {.at = s.at, .len = cut};
		size_t whole = 0;
		bool between = cut == 28 || cut == ends[0];

		while (whole < 3 && ends[whole + 1] <= cut)
			whole++;
		for (size_t i = 1; i < 4; i++)
			between = between || cut == ends[i] || cut == ends[i] + 52;
		read_sample(&part, 64, &seen);
		assert_int_equal(seen.count, whole);
		assert_int_equal(strstr(seen.problem, "cut off") != NULL, !between);
	}
	for (size_t cut = 8; cut < 28; cut++) {
		struct sample part = {.at = s.at, .len = cut};

		assert_refused(&part, SOURCE_BROKEN, "cut off");
	}
	sample_free(&s);
}

static void a_bad_block_length_ends_the_file_and_names_its_place(void **state)
{
	static const uint32_t lengths[] = {0, 4, 8, 11, 13, 35, 0x7ffffffc, 0xfffffffc, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct sample s = {0};
		char place[32];
		size_t at;

		put_section(&s);
		put_interface(&s, LINK_ETHERNET, -1, 0);
		put_enhanced(&s, 0, 1, 4, 9);
		at = s.len;
		put_u32(&s, 6);
		put_u32(&s, lengths[i]);
		put_fill(&s, 0, 200);
		read_sample(&s, LARGE_BUFFER, &seen);
		snprintf(place, sizeof(place), "byte %zu: a block of", at);
		assert_int_equal(seen.count, 1);
		assert_non_null(strstr(seen.problem, place));
		sample_free(&s);
	}
}

static void a_block_that_ends_with_another_length_is_malformed(void **state)
{
	static const uint32_t types[] = {1, 6, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		struct sample s = {0};

		put_section(&s);
		put_interface(&s, LINK_ETHERNET, -1, 0);
		put_u32(&s, types[i]);
		put_u32(&s, 32);
		put_fill(&s, 0, 20);
		put_u32(&s, 36);
		read_sample(&s, LARGE_BUFFER, &seen);
		assert_non_null(strstr(seen.problem, "that ends as one of 36"));
		sample_free(&s);
	}
}

static void a_packet_of_an_unknown_interface_is_malformed(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_enhanced(&s, 1, 1, 4, 9);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_non_null(strstr(seen.problem, "interface 1, which was not described"));
	sample_free(&s);

	/* A new section forgets the interfaces of the one before. */
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_section(&s);
	put_enhanced(&s, 0, 1, 4, 9);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_non_null(strstr(seen.problem, "interface 0, which was not described"));
	sample_free(&s);
}

static void nothing_behind_a_malformed_block_is_read(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_enhanced(&s, 0, 1, 4, 1);
	put_enhanced(&s, 1, 1, 4, 2);
	put_enhanced(&s, 0, 1, 4, 3);
	for (size_t buffer = 16; buffer < 1000; buffer += 30) {
		read_sample(&s, buffer, &seen);
		assert_int_equal(seen.count, 1);
		assert_non_null(strstr(seen.problem, "byte 96: a packet of interface 1"));
	}
	sample_free(&s);
}

static void a_packet_longer_than_its_block_is_malformed(void **state)
{
	static const uint32_t lengths[] = {9, 262145, 0x7fffffff, 0xffffffff};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct sample s = {0}, body = {0};

		put_section(&s);
		put_interface(&s, LINK_ETHERNET, -1, 0);
		put_fill(&body, 0, 12);
		put_u32(&body, lengths[i]);
		put_u32(&body, lengths[i]);
		put_fill(&body, 0, 8);
		put_block(&s, 6, &body);
		read_sample(&s, LARGE_BUFFER, &seen);
		assert_int_equal(seen.count, 0);
		assert_non_null(strstr(seen.problem, "more than its block"));
		sample_free(&s);
		sample_free(&body);
	}
}

static void an_option_that_runs_out_of_its_block_is_malformed(void **state)
{
	struct sample s = {0}, body = {0};

	(void)state;
	put_section(&s);
	put_u16(&body, LINK_ETHERNET);
	put_fill(&body, 0, 6);
	put_u16(&body, 9);
	put_u16(&body, 200);
	put_fill(&body, 6, 4);
	put_block(&s, 1, &body);
	read_sample(&s, LARGE_BUFFER, &seen);
	assert_non_null(strstr(seen.problem, "option cut short"));
	sample_free(&s);
	sample_free(&body);
}

static void another_major_version_is_refused(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	s.at[12] = 2;
	assert_refused(&s, SOURCE_BROKEN, "version 2");
	s.at[8] = 0;
	assert_refused(&s, SOURCE_BROKEN, "expected 1 of either byte order");
	sample_free(&s);
}

static void no_single_changed_byte_does_harm(void **state)
{
	struct sample s = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, 9, 3);
	put_enhanced(&s, 0, 5, 20, 1);
	put_simple(&s, 6, 6);
	s.big_endian = true;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, 9, 3);
	put_enhanced(&s, 0, 5, 20, 1);
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
	        cmocka_unit_test(a_cut_file_is_read_to_its_last_whole_packet),
	        cmocka_unit_test(a_bad_block_length_ends_the_file_and_names_its_place),
	        cmocka_unit_test(a_block_that_ends_with_another_length_is_malformed),
	        cmocka_unit_test(a_packet_of_an_unknown_interface_is_malformed),
	        cmocka_unit_test(nothing_behind_a_malformed_block_is_read),
	        cmocka_unit_test(a_packet_longer_than_its_block_is_malformed),
	        cmocka_unit_test(an_option_that_runs_out_of_its_block_is_malformed),
	        cmocka_unit_test(another_major_version_is_refused),
	        cmocka_unit_test(no_single_changed_byte_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
