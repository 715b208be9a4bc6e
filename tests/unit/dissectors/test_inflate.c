/* Inflating under caps: all three forms, cut anywhere, broken, and far too large. */
#include "dissectors/inflate.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct inflater *inflater;
static struct arena arena;

static const struct inflate_caps usual = {16 << 20, 200};
static const int window_bits[] = {[INFLATE_ZLIB] = 15, [INFLATE_GZIP] = 31, [INFLATE_RAW] = -15};

static int open_it(void **state)
{
	(void)state;
	inflater = inflater_open();
	return !inflater || !arena_open(&arena, 64 << 20);
}

static int close_it(void **state)
{
	(void)state;
	inflater_close(inflater);
	arena_close(&arena);
	return 0;
}

/* Some text that deflate makes smaller, but not by much. */
static struct bytes sample(size_t lines)
{
	struct bytes text = repeated(' ', lines * 64);

	for (size_t i = 0; i < lines; i++) {
		struct bytes line =
		        made("<Instance Class=\"CCM_%zu\" Value=\"%zu\"/>\n", i * 7919, i * i * 31);

		memcpy((uint8_t *)(uintptr_t)text.at + i * 64, line.at, line.len);
	}
	return text;
}

static void every_form_comes_back(void **state)
{
	struct bytes text = sample(200);

	(void)state;
	for (enum inflate_form form = INFLATE_ZLIB; form <= INFLATE_RAW; form++) {
		struct bytes packed = zipped_as(text, window_bits[form]), out;
		size_t used = 0;

		assert_int_equal(
		        inflate_bytes(inflater, form, guarded(packed), usual, &arena, &out, &used),
		        INFLATED);
		assert_true(bytes_equal(out, text));
		assert_int_equal(used, packed.len);
	}
}

static void what_follows_the_data_is_left_alone(void **state)
{
	struct bytes packed = zipped(BYTES("policy")), out;
	size_t used = 0;

	(void)state;
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, joined(packed, BYTES("\r\n--")),
	                               usual, &arena, &out, &used),
	                 INFLATED);
	assert_true(bytes_equal(out, BYTES("policy")));
	assert_int_equal(used, packed.len);
}

static void an_input_cut_anywhere_gives_its_beginning(void **state)
{
	struct bytes text = sample(40), packed = zipped(text);

	(void)state;
	for (size_t len = 0; len < packed.len; len++) {
		struct bytes out;

		arena_reset(&arena);
		assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB,
		                               guarded(bytes_slice(packed, 0, len)), usual, &arena,
		                               &out, NULL),
		                 INFLATE_CUT);
		assert_true(out.len <= text.len);
		assert_true(bytes_equal(out, bytes_slice(text, 0, out.len)));
	}
}

static void what_is_not_of_the_form_is_broken(void **state)
{
	struct bytes text = sample(40), packed = zipped(text), out, wrong;

	(void)state;
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, BYTES("<Report></Report>"), usual,
	                               &arena, &out, NULL),
	                 INFLATE_BROKEN);
	assert_int_equal(inflate_bytes(inflater, INFLATE_GZIP, packed, usual, &arena, &out, NULL),
	                 INFLATE_BROKEN);
	/* A wrong checksum at the end. */
	wrong = joined(bytes_slice(packed, 0, packed.len - 1), BYTES("\x55"));
	if (packed.at[packed.len - 1] == 0x55)
		wrong = joined(bytes_slice(packed, 0, packed.len - 1), BYTES("\x56"));
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, wrong, usual, &arena, &out, NULL),
	                 INFLATE_BROKEN);
	assert_true(bytes_equal(out, text));
}

static void any_changed_byte_harms_nothing(void **state)
{
	struct bytes packed = zipped(sample(10));

	(void)state;
	for (size_t i = 0; i < packed.len; i++) {
		struct bytes wrong = joined(packed, (struct bytes){0}), out;

		((uint8_t *)(uintptr_t)wrong.at)[i] ^= 0x41;
		arena_reset(&arena);
		inflate_bytes(inflater, INFLATE_ZLIB, wrong, usual, &arena, &out, NULL);
		assert_true(out.len <= arena.used);
	}
	/* And the inflater is as good as new. */
	every_form_comes_back(NULL);
}

static void output_stops_at_the_cap_of_bytes(void **state)
{
	struct bytes text = sample(20000), out;
	struct inflate_caps caps = {100000, 200};

	(void)state;
	assert_true(text.len > 200000);
	assert_int_equal(
	        inflate_bytes(inflater, INFLATE_ZLIB, zipped(text), caps, &arena, &out, NULL),
	        INFLATE_OVER_CAP);
	assert_int_equal(out.len, 100000);
	assert_true(bytes_equal(out, bytes_slice(text, 0, 100000)));
}

static void output_stops_at_the_cap_of_the_ratio(void **state)
{
	struct bytes bomb = zipped(repeated('x', 8 << 20)), out;
	struct inflate_caps caps = {16 << 20, 100};

	(void)state;
	assert_true(bomb.len * 100 < 8 << 20);
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, bomb, caps, &arena, &out, NULL),
	                 INFLATE_OVER_CAP);
	assert_int_equal(out.len, bomb.len * 100);
}

static void little_data_may_grow_beyond_the_ratio(void **state)
{
	/* 64 KiB of one letter shrink to less than a hundredth: a real, small message may. */
	struct bytes text = repeated('x', 65536), packed = zipped(text), out;
	struct inflate_caps caps = {16 << 20, 10};

	(void)state;
	assert_true(packed.len * 10 < text.len);
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, packed, caps, &arena, &out, NULL),
	                 INFLATED);
	assert_int_equal(out.len, text.len);
}

static void output_of_just_the_cap_is_whole(void **state)
{
	struct bytes text = sample(4000), out;
	struct inflate_caps caps = {text.len, 200};

	(void)state;
	assert_int_equal(
	        inflate_bytes(inflater, INFLATE_ZLIB, zipped(text), caps, &arena, &out, NULL),
	        INFLATED);
	assert_int_equal(out.len, text.len);
}

static void a_full_arena_is_a_cap_too(void **state)
{
	struct bytes packed = zipped(sample(1000)), out;
	struct arena small;

	(void)state;
	assert_true(arena_open(&small, 4096));
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, packed, usual, &small, &out, NULL),
	                 INFLATE_OVER_CAP);
	assert_int_equal(out.len, 4096);
	assert_int_equal(inflate_bytes(inflater, INFLATE_ZLIB, packed, usual, &small, &out, NULL),
	                 INFLATE_OVER_CAP);
	assert_int_equal(out.len, 0);
	arena_close(&small);
}

static void only_what_was_inflated_stays_in_the_arena(void **state)
{
	struct bytes out, next;

	(void)state;
	inflate_bytes(inflater, INFLATE_ZLIB, zipped(BYTES("abc")), usual, &arena, &out, NULL);
	assert_int_equal(arena.used, 3);
	next = arena_copy(&arena, BYTES("def"));
	assert_true(bytes_equal(out, BYTES("abc")));
	assert_true(bytes_equal(next, BYTES("def")));
}

static void a_zlib_header_is_recognised(void **state)
{
	static const struct {
		const char *bytes;
		bool zlib;
	} cases[] = {
	        /* RFC 1950 section 2.2: the four that levels give, and a smaller window. */
	        {"\x78\x01", true}, {"\x78\x5e", true},  {"\x78\x9c", true},  {"\x78\xda", true},
	        {"\x58\x85", true}, {"\x78\x02", false}, {"\x79\x9c", false}, {"\x88\x1c", false},
	        {"<?", false},      {"\xff\xfe", false}, {"\x30\x82", false}, {"x", false},
	        {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(looks_like_zlib(guarded(bytes_of(cases[i].bytes))), cases[i].zlib);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_it, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_form_comes_back),
	        TEST(what_follows_the_data_is_left_alone),
	        TEST(an_input_cut_anywhere_gives_its_beginning),
	        TEST(what_is_not_of_the_form_is_broken),
	        TEST(any_changed_byte_harms_nothing),
	        TEST(output_stops_at_the_cap_of_bytes),
	        TEST(output_stops_at_the_cap_of_the_ratio),
	        TEST(little_data_may_grow_beyond_the_ratio),
	        TEST(output_of_just_the_cap_is_whole),
	        TEST(a_full_arena_is_a_cap_too),
	        TEST(only_what_was_inflated_stays_in_the_arena),
	        cmocka_unit_test(a_zlib_header_is_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
