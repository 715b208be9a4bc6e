/* Fingerprints out of the cache are those that are made without one. */
#include "dissectors/tls/fingerprint_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct tls_fingerprints *cache;

static int begin(void **state)
{
	(void)state;
	cache = tls_fingerprints_open();
	return cache && arena_open(&arena, 1u << 20) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	tls_fingerprints_close(cache);
	arena_close(&arena);
	return 0;
}

static void assert_same(const struct tls_hello *h)
{
	/* The second time out of the cache. */
	for (int i = 0; i < 2; i++) {
		struct tls_client_fingerprints made = tls_client_fingerprints(cache, h, &arena);

		assert_true(bytes_equal(made.ja3, tls_ja3(h, &arena)));
		assert_true(bytes_equal(made.ja4, tls_ja4(h, &arena)));
		assert_true(
		        bytes_equal(tls_server_fingerprint(cache, h, &arena), tls_ja3s(h, &arena)));
		arena_reset(&arena);
	}
}

/* A hello whose lists are cut from few random bytes, so that many are alike. */
static struct bytes some(const uint8_t *from, size_t most, bool even)
{
	size_t len = (size_t)rand() % most;

	return (struct bytes){from + rand() % 3, even ? len & ~(size_t)1 : len};
}

static void no_hello_gets_the_fingerprint_of_another(void **state)
{
	static uint8_t numbers[1024], protocols[] = {2, 'h', '2', 0, 8, 'h', 't', 't', 'p'};
	static const uint8_t extensions[] = {0,  0, 0, 0, 0, 16, 0, 0, 0x0a, 0x0a, 0, 0, 0,
	                                     43, 0, 0, 0, 0, 0,  0, 0, 13,   0,    0, 0, 0};

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(numbers); i++)
		numbers[i] = i % 2 ? (uint8_t)(rand() % 3) : 0;
	numbers[10] = numbers[11] = 0x0a; /* GREASE */
	for (int i = 0; i < 20000; i++) {
		size_t from = 4 * ((size_t)rand() % 3), most = i % 100 ? 16 : 700;
		struct tls_hello h = {
		        .of_sslv2 = i % 50 == 0,
		        .version = (uint16_t)(0x0300 + rand() % 5),
		        .suites = some(numbers, most, true),
		        .extensions = {extensions + from, 4 * ((size_t)rand() % 4)},
		        .groups = some(numbers, 6, false),
		        .point_formats = some(numbers, 3, false),
		        .signature_algorithms = some(numbers, 6, false),
		        .versions = some(numbers, 5, false),
		        .protocols = some(protocols, 6, false),
		        .has_server_name = rand() % 2,
		};

		assert_same(&h);
	}
}

static void without_a_cache_they_are_made_each_time(void **state)
{
	static const uint8_t suites[] = {0x13, 0x01, 0x13, 0x02};
	struct tls_hello h = {.version = 0x0303, .suites = {suites, sizeof(suites)}};
	struct tls_client_fingerprints made = tls_client_fingerprints(NULL, &h, &arena);

	(void)state;
	assert_true(bytes_equal(made.ja3, tls_ja3(&h, &arena)));
	assert_true(bytes_equal(made.ja4, tls_ja4(&h, &arena)));
	assert_int_equal(made.ja4.len, 36);
	assert_true(bytes_equal(bytes_slice(made.ja4, 0, 11), BYTES("t12i020000_")));
	assert_true(bytes_equal(tls_server_fingerprint(NULL, &h, &arena), tls_ja3s(&h, &arena)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(no_hello_gets_the_fingerprint_of_another, begin,
	                                        end),
	        cmocka_unit_test_setup_teardown(without_a_cache_they_are_made_each_time, begin,
	                                        end),
	};

	return cmocka_run_group_tests_name("fingerprint cache", tests, NULL, NULL);
}
