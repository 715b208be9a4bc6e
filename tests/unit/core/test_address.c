/* Addresses and networks as text and as bits. */
#include "core/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct address parse(const char *text)
{
	struct address a = {{0}};

	assert_true(address_parse(bytes_of(text), &a));
	return a;
}

static struct network network(const char *text)
{
	struct network n = {0};

	assert_null(network_parse(bytes_of(text), &n));
	return n;
}

static void addresses_print_in_their_canonical_form(void **state)
{
	/* RFC 5952 sections 4 and 5. */
	static const char *const pairs[][2] = {
	        {"192.0.2.20", "192.0.2.20"},
	        {"0.0.0.0", "0.0.0.0"},
	        {"::ffff:192.0.2.20", "192.0.2.20"},
	        {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
	        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
	        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	        {"::", "::"},
	        {"fe80::1", "fe80::1"},
	        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	};
	char text[ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_string_equal(address_print(parse(pairs[i][0]), text), pairs[i][1]);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {"",           "192.0.2",      "192.0.2.256",
	                                    "192.0.2.1 ", "192.0.2.1/32", "mp01.corp.example",
	                                    "1",          ":::",          "2001:db8::1%eth0",
	                                    "[::1]",      "12345::"};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(address_parse(bytes_of(wrong[i]), &a));
	assert_false(address_parse(BYTES("192.0.2.1\0"), &a));
	assert_false(address_parse((struct bytes){0}, &a));
	/* Longer than any address. */
	assert_false(
	        address_parse(BYTES("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00"), &a));
}

static void both_families_have_one_shape(void **state)
{
	struct address v4 = address_from((struct bytes){(const uint8_t[]){192, 0, 2, 1}, 4});
	struct address odd = address_from((struct bytes){(const uint8_t[]){1, 2, 3}, 3});

	(void)state;
	assert_true(address_equal(v4, parse("192.0.2.1")));
	assert_true(address_equal(v4, parse("::ffff:192.0.2.1")));
	assert_true(address_is_v4(v4));
	assert_false(address_is_v4(parse("2001:db8::1")));
	assert_false(address_is_v4(parse("::192.0.2.1")));
	assert_true(address_is_zero(odd));
	assert_false(address_is_zero(v4));
	assert_true(address_is_zero(parse("::")));
}

static void multicast_of_both_families_is_known(void **state)
{
	static const char *const many[] = {"224.0.0.1", "239.255.255.250", "255.255.255.255",
	                                   "ff02::1"};
	static const char *const one[] = {"223.255.255.255", "240.0.0.1", "192.0.2.255", "fe80::1"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_true(address_is_multicast(parse(many[i])));
		assert_false(address_is_multicast(parse(one[i])));
	}
}

static void a_network_contains_what_shares_its_prefix(void **state)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
	        {"192.0.2.0/24", "192.0.2.0", true},
	        {"192.0.2.0/24", "192.0.2.255", true},
	        {"192.0.2.0/24", "192.0.3.0", false},
	        {"192.0.2.16/28", "192.0.2.31", true},
	        {"192.0.2.16/28", "192.0.2.32", false},
	        {"192.0.2.7", "192.0.2.7", true},
	        {"192.0.2.7", "192.0.2.6", false},
	        {"0.0.0.0/0", "203.0.113.9", true},
	        {"0.0.0.0/0", "2001:db8::1", false},
	        {"2001:db8::/32", "2001:db8:ffff::1", true},
	        {"2001:db8::/32", "2001:db9::1", false},
	        {"2001:db8::/33", "2001:db8:8000::", false},
	        {"::/0", "2001:db8::1", true},
	        {"::1/128", "::1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		        network_contains(network(cases[i].network), parse(cases[i].address)),
		        cases[i].inside);
}

static void every_prefix_length_cuts_at_its_bit(void **state)
{
	(void)state;
	for (unsigned prefix = 1; prefix <= 128; prefix++) {
		struct network n = {.prefix = (uint8_t)prefix};
		struct address a = {{0}};

		a.at[(prefix - 1) / 8] = (uint8_t)(0x80 >> ((prefix - 1) % 8));
		assert_false(network_contains(n, a));
		if (prefix == 128)
			break;
		a = (struct address){{0}};
		a.at[prefix / 8] = (uint8_t)(0x80 >> (prefix % 8));
		assert_true(network_contains(n, a));
	}
}

static void networks_are_printed_as_they_are_written(void **state)
{
	static const char *const texts[] = {"192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32",
	                                    "192.0.2.7",    "::/0",      "2001:db8::7"};
	char text[NETWORK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(network_print(network(texts[i]), text), texts[i]);
}

static void wrong_networks_are_told_why(void **state)
{
	static const char *const cases[][2] = {
	        {"192.0.2.0/33", "0 to 32"},     {"192.0.2.0/-1", "0 to 32"},
	        {"192.0.2.0/", "0 to 32"},       {"2001:db8::/129", "0 to 128"},
	        {"192.0.2.1/24", "bits set"},    {"2001:db8::1/64", "bits set"},
	        {"corp.example", "an address"},  {"", "an address"},
	        {"192.0.2.0/24/8", "0 to 32"},   {"/24", "an address"},
	        {"192.0.2.0 /24", "an address"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct network n;
		const char *error = network_parse(bytes_of(cases[i][0]), &n);

		assert_non_null(error);
		assert_non_null(strstr(error, cases[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(addresses_print_in_their_canonical_form),
	        cmocka_unit_test(what_is_no_address_is_refused),
	        cmocka_unit_test(both_families_have_one_shape),
	        cmocka_unit_test(multicast_of_both_families_is_known),
	        cmocka_unit_test(a_network_contains_what_shares_its_prefix),
	        cmocka_unit_test(every_prefix_length_cuts_at_its_bit),
	        cmocka_unit_test(networks_are_printed_as_they_are_written),
	        cmocka_unit_test(wrong_networks_are_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
