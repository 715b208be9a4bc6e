/* Tests of the Internet checksum. */
#include "tests/unit/sensor/packet/frames.h"

#include "core/checksum.h"

static void the_example_of_rfc_1071_adds_up(void **state)
{
	static const uint8_t words[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	/* RFC 1071, 3: the sum is ddf2, so that its complement makes the whole fit. */
	static const uint8_t checksum[] = {0x22, 0x0d};
	uint64_t sum = checksum_add(0, (struct bytes){words, sizeof(words)});

	(void)state;
	assert_false(checksum_fits(sum));
	assert_true(checksum_fits(checksum_add(sum, (struct bytes){checksum, 2})));
}

static void nothing_does_not_fit(void **state)
{
	static const uint8_t zero[8];

	(void)state;
	assert_false(checksum_fits(0));
	assert_false(checksum_fits(checksum_add(0, (struct bytes){zero, sizeof(zero)})));
}

/* Bytes at a guard page, for each length and each place in a word. */
static uint8_t *guarded;

static void every_length_agrees_with_the_slow_sum(void **state)
{
	(void)state;
	for (size_t n = 0; n <= 300; n++) {
		uint8_t *at = guarded + 4096 - n;

		for (size_t i = 0; i < n; i++)
			at[i] = (uint8_t)(i * 37 + n);

		uint16_t slow = (uint16_t)~sum_u16(0, at, n);
		uint8_t rest[2] = {(uint8_t)(slow >> 8), (uint8_t)slow};
		uint64_t sum = checksum_add(0, (struct bytes){rest, 2});

		assert_true(checksum_fits(checksum_add(sum, (struct bytes){at, n})));
		rest[1] ^= 1;
		sum = checksum_add(0, (struct bytes){rest, 2});
		assert_false(checksum_fits(checksum_add(sum, (struct bytes){at, n})));
	}
}

static void the_longest_packet_of_all_ones_does_not_overflow(void **state)
{
	static uint8_t ones[65536];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	uint64_t sum = checksum_add(UINT32_MAX, (struct bytes){ones, sizeof(ones)});

	assert_true(checksum_fits(sum));
}

static void the_pseudo_header_counts(void **state)
{
	/* A UDP datagram of 3 bytes; both pseudo-headers are summed here by hand. */
	struct address a = address_at("192.0.2.1"), b = address_at("192.0.2.2");
	struct address a6 = address_at("2001:db8::1"), b6 = address_at("2001:db8::2");
	uint8_t segment[11] = {0x10, 0x00, 0x20, 0x00, 0, 11, 0, 0, 'a', 'b', 'c'};

	(void)state;
	uint32_t pseudo = 0xc000 + 0x0201 + 0xc000 + 0x0202 + 17 + 11;

	put_u16(segment + 6, 0xffffu - sum_u16(pseudo, segment, sizeof(segment)));
	assert_true(checksum_fits_transport(a, b, 17, (struct bytes){segment, 11}));
	assert_true(checksum_fits_transport(b, a, 17, (struct bytes){segment, 11}));
	assert_false(checksum_fits_transport(a, a, 17, (struct bytes){segment, 11}));
	assert_false(checksum_fits_transport(a, b, 6, (struct bytes){segment, 11}));
	assert_false(checksum_fits_transport(a6, b6, 17, (struct bytes){segment, 11}));

	put_u16(segment + 6, 0);
	pseudo = 2 * (0x2001 + 0x0db8) + 1 + 2 + 17 + 11;
	put_u16(segment + 6, 0xffffu - sum_u16(pseudo, segment, sizeof(segment)));
	assert_true(checksum_fits_transport(a6, b6, 17, (struct bytes){segment, 11}));
}

static int map_guard(void **state)
{
	(void)state;
	guarded = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return guarded == MAP_FAILED || mprotect(guarded + 4096, 4096, PROT_NONE);
}

static int unmap_guard(void **state)
{
	(void)state;
	return munmap(guarded, 8192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_example_of_rfc_1071_adds_up),
	        cmocka_unit_test(nothing_does_not_fit),
	        cmocka_unit_test(every_length_agrees_with_the_slow_sum),
	        cmocka_unit_test(the_longest_packet_of_all_ones_does_not_overflow),
	        cmocka_unit_test(the_pseudo_header_counts),
	};

	return cmocka_run_group_tests(tests, map_guard, unmap_guard);
}
