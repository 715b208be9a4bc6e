/* Key log files: what is taken, what is passed over, and how mistakes are told. */
#include "sensor/keylog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define OTHER  "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define S32    "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define S48    S32 "2122232425262728292a2b2c2d2e2f30"

static const uint8_t random_bytes[32] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                         0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
                                         0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                         0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

static struct tls_secrets *take(const char *text, uint32_t most, struct complaints *complaints)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct tls_secrets *secrets = keylog_take(file, "keys.log", most, complaints);

	fclose(file);
	return secrets;
}

static void secrets_are_found_by_kind_and_random(void **state)
{
	static const char text[] = "# by curl\r\n\n"
	                           "CLIENT_RANDOM " RANDOM " " S48 "\r\n"
	                           "CLIENT_TRAFFIC_SECRET_0 " RANDOM "  " S32 "\n"
	                           "SERVER_TRAFFIC_SECRET_0 " OTHER " " S48 "\n"
	                           "EXPORTER_SECRET " RANDOM " " S32 "\n"
	                           "RSA 0011223344556677 " S48 "\n"
	                           "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " S48;
	struct bytes random = {random_bytes, sizeof(random_bytes)};
	struct complaints complaints = {0};
	struct tls_secrets *s = take(text, 100, &complaints);

	(void)state;
	assert_non_null(s);
	assert_int_equal(tls_secrets_count(s), 3);
	assert_int_equal(tls_secrets_find(s, SECRET_MASTER, random).len, 48);
	/* The first of a kind counts. */
	assert_int_equal(tls_secrets_find(s, SECRET_CLIENT_TRAFFIC, random).len, 32);
	assert_int_equal(tls_secrets_find(s, SECRET_CLIENT_TRAFFIC, random).at[31], 32);
	assert_int_equal(tls_secrets_find(s, SECRET_SERVER_TRAFFIC, random).len, 0);
	tls_secrets_close(s);
}

static void what_does_not_fit_is_left_out_and_counted(void **state)
{
	static const char text[] = "CLIENT_RANDOM " RANDOM " " S48 "\nCLIENT_RANDOM " OTHER " " S48
	                           "\nCLIENT_RANDOM " RANDOM " " S48 "\n";
	struct complaints complaints = {0};
	struct tls_secrets *s = take(text, 1, &complaints);

	(void)state;
	assert_int_equal(tls_secrets_count(s), 1);
	assert_int_equal(tls_secrets_left_out(s), 1);
	tls_secrets_close(s);
}

static void mistakes_are_told_with_their_place_and_without_what_stands_there(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
	        {"CLIENT_RANDOM", "keys.log:1:14: expected a client random of 64"},
	        {"\nCLIENT_RANDOM 0011 " S48, "keys.log:2:15: expected a client random of 64"},
	        {"CLIENT_RANDOM " RANDOM, "keys.log:1:79: expected a secret"},
	        {"CLIENT_RANDOM " RANDOM " " S32, "keys.log:1:80: expected a master secret of 96"},
	        {"CLIENT_TRAFFIC_SECRET_0 " RANDOM " 00", "keys.log:1:90: expected a secret of 64"},
	        {"EXPORTER_SECRET " RANDOM " 001", "keys.log:1:82: expected an even number"},
	        {"CLIENT_RANDOM x0" RANDOM " " S48, "keys.log:1:15: expected a client random"},
	        {"EXPORTER_SECRET 0g " S48, "keys.log:1:18: expected a hexadecimal digit"},
	        {"CLIENT_RANDOM " RANDOM " " S48 " 1", "keys.log:1:177: expected nothing behind"},
	        {"hello world", "keys.log:1:1: expected a label"},
	        {"\x7f"
	         "ELF\1",
	         "keys.log:1:1: expected a label"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct complaints complaints = {0};

		assert_null(take(cases[i].text, 100, &complaints));
		assert_int_equal(complaints.errors, 1);
		assert_ptr_equal(strstr(complaints.first->text, cases[i].told),
		                 complaints.first->text);
		assert_null(strstr(complaints.first->text, "0102030405"));
		complaints_free(&complaints);
	}
}

static void a_file_of_another_kind_makes_few_complaints(void **state)
{
	char text[4000];
	struct complaints complaints = {0};

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "?\n", 3);
	assert_null(take(text, 100, &complaints));
	assert_int_equal(complaints.errors, 20);
	complaints_free(&complaints);
	complaints = (struct complaints){0};
	assert_null(keylog_read("/nonexistent/keys.log", 100, &complaints));
	assert_int_equal(complaints.errors, 1);
	complaints_free(&complaints);
}

static void a_line_without_end_is_not_read(void **state)
{
	static char text[10000];
	struct complaints complaints = {0};

	(void)state;
	memset(text, 'A', sizeof(text) - 1);
	assert_null(take(text, 100, &complaints));
	assert_int_equal(complaints.errors, 1);
	complaints_free(&complaints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(secrets_are_found_by_kind_and_random),
	        cmocka_unit_test(what_does_not_fit_is_left_out_and_counted),
	        cmocka_unit_test(mistakes_are_told_with_their_place_and_without_what_stands_there),
	        cmocka_unit_test(a_file_of_another_kind_makes_few_complaints),
	        cmocka_unit_test(a_line_without_end_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
