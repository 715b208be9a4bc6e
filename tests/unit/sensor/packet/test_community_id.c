/* Tests of the Community ID against the published baselines: see data/README. */
#include "tests/unit/sensor/packet/frames.h"

#include "sensor/packet/community_id.h"
#include "tests/unit/sensor/packet/allocations.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdio.h>

#define DATA "tests/unit/sensor/packet/data/community-id/"

static cJSON *rows_read(const char *name)
{
	static char text[65536];
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	size_t n = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[n] = 0;
	cJSON *rows = cJSON_Parse(text);

	assert_non_null(rows);
	return rows;
}

static uint16_t row_port(const cJSON *row, const char *name)
{
	const cJSON *port = cJSON_GetObjectItem(row, name);

	return cJSON_IsNumber(port) ? (uint16_t)port->valueint : 0;
}

static void row_id(const cJSON *row, uint16_t seed, bool reversed, char text[COMMUNITY_ID_MAX])
{
	struct address from = address_at(cJSON_GetObjectItem(row, "saddr")->valuestring);
	struct address to = address_at(cJSON_GetObjectItem(row, "daddr")->valuestring);
	uint16_t from_port = row_port(row, "sport"), to_port = row_port(row, "dport");
	uint8_t protocol = (uint8_t)cJSON_GetObjectItem(row, "proto")->valueint;

	if (reversed)
		community_id_seeded(seed, to, to_port, from, from_port, protocol, text);
	else
		community_id_seeded(seed, from, from_port, to, to_port, protocol, text);
}

static void check_rows(const char *name, uint16_t seed)
{
	cJSON *rows = rows_read(name);
	const cJSON *row;
	char text[COMMUNITY_ID_MAX];

	assert_int_equal(cJSON_GetArraySize(rows), 23);
	cJSON_ArrayForEach(row, rows)
	{
		row_id(row, seed, false, text);
		assert_string_equal(text, cJSON_GetObjectItem(row, "communityid")->valuestring);
	}
	cJSON_Delete(rows);
}

static void the_default_baseline_is_met(void **state)
{
	(void)state;
	check_rows(DATA "baseline_deflt.json", 0);
}

static void the_baseline_with_seed_1_is_met(void **state)
{
	(void)state;
	check_rows(DATA "baseline_seed1.json", 1);
}

static void the_baseline_without_base64_is_met(void **state)
{
	cJSON *rows = rows_read(DATA "baseline_nob64.json");
	const cJSON *row;

	(void)state;
	assert_int_equal(cJSON_GetArraySize(rows), 23);
	cJSON_ArrayForEach(row, rows)
	{
		char text[COMMUNITY_ID_MAX], hex[43] = "1:";
		uint8_t digest[24];

		row_id(row, 0, false, text);
		assert_int_equal(EVP_DecodeBlock(digest, (const uint8_t *)text + 2, 28), 21);
		for (size_t i = 0; i < 20; i++)
			snprintf(hex + 2 + 2 * i, 3, "%02x", digest[i]);
		assert_string_equal(hex, cJSON_GetObjectItem(row, "communityid")->valuestring);
	}
	cJSON_Delete(rows);
}

static void both_directions_have_one_id_and_other_ports_another(void **state)
{
	struct address a = address_at(CLIENT4), b = address_at(SERVER4);
	char there[COMMUNITY_ID_MAX], back[COMMUNITY_ID_MAX], other[COMMUNITY_ID_MAX];

	(void)state;
	community_id(a, 49153, b, 80, 6, there);
	community_id(b, 80, a, 49153, 6, back);
	community_id(a, 49154, b, 80, 6, other);
	assert_string_equal(there, back);
	assert_string_not_equal(there, other);
	/* on one host the ports alone decide which end comes first */
	community_id(a, 49153, a, 80, 6, there);
	community_id(a, 80, a, 49153, 6, back);
	assert_string_equal(there, back);
}

static void protocols_without_ports_do_not_hash_them(void **state)
{
	struct address a = address_at(CLIENT4), b = address_at(SERVER4);
	char with[COMMUNITY_ID_MAX], without[COMMUNITY_ID_MAX];

	(void)state;
	community_id(a, 1, b, 2, 50, with);
	community_id(a, 0, b, 0, 50, without);
	assert_string_equal(with, without);
}

static void icmp_that_goes_one_way_is_not_turned_round(void **state)
{
	struct address a = address_at(CLIENT4), b = address_at(SERVER4);
	char there[COMMUNITY_ID_MAX], back[COMMUNITY_ID_MAX];

	(void)state;
	community_id(a, 3, b, 1, 1, there);
	community_id(b, 3, a, 1, 1, back);
	assert_string_not_equal(there, back);
	/* an echo request and its reply are one flow, whatever their codes */
	community_id(a, 8, b, 0, 1, there);
	community_id(b, 0, a, 0, 1, back);
	assert_string_equal(there, back);
}

static void nothing_is_allocated(void **state)
{
	struct address a = address_at(CLIENT6), b = address_at(SERVER6);
	char text[COMMUNITY_ID_MAX];
	unsigned before;

	(void)state;
	community_id(a, 1, b, 2, 6, text);
	before = allocations;
#ifdef ALLOCATIONS_SEEN
	assert_true(before > 0); /* reading the baselines did allocate */
#endif
	community_id(a, 1, b, 2, 6, text);
	assert_int_equal(allocations, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_default_baseline_is_met),
	        cmocka_unit_test(the_baseline_with_seed_1_is_met),
	        cmocka_unit_test(the_baseline_without_base64_is_met),
	        cmocka_unit_test(both_directions_have_one_id_and_other_ports_another),
	        cmocka_unit_test(protocols_without_ports_do_not_hash_them),
	        cmocka_unit_test(icmp_that_goes_one_way_is_not_turned_round),
	        cmocka_unit_test(nothing_is_allocated),
	};

	allocations_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
