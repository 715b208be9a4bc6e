/* The list of fields against the Elastic Common Schema and against itself. */
#include "core/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ECS's own list of all its fields: see tests/conformance/README. */
#define ECS_FIELDS "tests/conformance/ecs_fields.csv"

static void names_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(field_info[i].name, field_info[j].name);
}

static void every_field_is_found_by_its_exact_name(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++)
		assert_int_equal(field_by_name(bytes_of(field_info[i].name)), i);
	assert_int_equal(field_by_name(BYTES("url")), FIELD_COUNT);
	assert_int_equal(field_by_name(BYTES("URL.Path")), FIELD_COUNT);
	assert_int_equal(field_by_name(BYTES("url.path ")), FIELD_COUNT);
	assert_int_equal(field_by_name((struct bytes){0}), FIELD_COUNT);
}

static void a_slip_of_the_finger_finds_the_field_that_was_meant(void **state)
{
	(void)state;
	assert_string_equal(field_nearest_name("configmgr.policy.secrit"),
	                    "configmgr.policy.secret");
	assert_string_equal(field_nearest_name("url.pat"), "url.path");
	assert_string_equal(field_nearest_name("http.request.metod"), "http.request.method");
}

static void fields_of_one_dissector_are_in_its_events(void **state)
{
	(void)state;
	assert_true(field_is_of(FIELD_TLS_CIPHER, 1u << EVENT_TLS));
	assert_true(field_is_of(FIELD_TLS_CIPHER, 1u << EVENT_HTTP | 1u << EVENT_TLS));
	assert_false(field_is_of(FIELD_TLS_CIPHER, 1u << EVENT_HTTP));
	assert_false(field_is_of(FIELD_URL_PATH, 1u << EVENT_SMB_FILE));
	assert_true(field_is_of(FIELD_DNS_ID, 1u << EVENT_DNS));
	assert_false(
	        field_is_of(FIELD_CONFIGMGR_SERVER_ROLES, 1u << EVENT_DNS)); /* no site model */
	assert_true(field_is_of(FIELD_CONFIGMGR_SMB_DIALECT, 1u << EVENT_AUTHENTICATION));
	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		assert_true(field_is_of(FIELD_SERVER_IP, UINT64_C(1) << k));
}

/* No name is an object for another: `a.b` and `a.b.c` cannot both be in one document. */
static void no_name_is_a_folder_of_another(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		size_t len = strlen(field_info[i].name);

		for (int j = 0; j < FIELD_COUNT; j++)
			assert_false(!strncmp(field_info[i].name, field_info[j].name, len) &&
			             field_info[j].name[len] == '.');
	}
}

/* One line of the list, as far as its description: Field, Type and Normalization. */
struct ecs_field {
	char name[128], type[32];
	bool array;
};

static bool split(char *line, struct ecs_field *f)
{
	char *column[8] = {0};
	int n = 0;

	for (char *at = line; n < 7; at++) {
		column[n++] = at;
		at = strchr(at, ',');
		if (!at)
			return false;
		*at = 0;
	}
	snprintf(f->name, sizeof(f->name), "%s", column[3]);
	snprintf(f->type, sizeof(f->type), "%s", column[4]);
	f->array = !strcmp(column[6], "array");
	return true;
}

static bool find_in_ecs(const char *name, struct ecs_field *f)
{
	FILE *file = fopen(ECS_FIELDS, "r");
	char line[16384];
	bool found = false;

	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = split(line, f) && !strcmp(f->name, name);
	fclose(file);
	return found;
}

/* Several values, by itself or in each of several objects: dns.answers. */
static bool is_many(const struct ecs_field *f)
{
	struct ecs_field above;
	char name[sizeof(f->name)];
	char *dot;

	snprintf(name, sizeof(name), "%s", f->name);
	dot = strrchr(name, '.');
	if (f->array || !dot)
		return f->array;
	*dot = 0;
	return find_in_ecs(name, &above) && above.array;
}

static bool is_one_of(const char *type, const char *const *types)
{
	for (; *types; types++)
		if (!strcmp(type, *types))
			return true;
	return false;
}

static bool types_fit(enum field_type ours, const char *theirs)
{
	static const char *const texts[] = {"keyword",         "wildcard", "constant_keyword",
	                                    "match_only_text", "text",     NULL};
	static const char *const numbers[] = {"long", NULL}, *const flags[] = {"boolean", NULL};
	static const char *const addresses[] = {"ip", NULL}, *const times[] = {"date", NULL};

	switch (ours) {
	case TYPE_TEXT:
	case TYPE_TEXTS:
		return is_one_of(theirs, texts);
	case TYPE_INTEGER:
	case TYPE_INTEGERS:
		return is_one_of(theirs, numbers);
	case TYPE_BOOLEAN:
		return is_one_of(theirs, flags);
	case TYPE_ADDRESS:
	case TYPE_ADDRESSES:
		return is_one_of(theirs, addresses);
	case TYPE_TIME:
		return is_one_of(theirs, times);
	}
	return false;
}

static void every_field_is_of_ecs_or_below_configmgr(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		struct ecs_field ecs;

		if (!strncmp(field_info[i].name, "configmgr.", 10)) {
			assert_false(find_in_ecs(field_info[i].name, &ecs));
			continue;
		}
		if (!find_in_ecs(field_info[i].name, &ecs))
			fail_msg("%s is no field of ECS", field_info[i].name);
		if (!types_fit(field_info[i].type, ecs.type))
			fail_msg("%s is %s, in ECS %s", field_info[i].name,
			         field_type_name(field_info[i].type), ecs.type);
		if (is_many(&ecs) != field_type_is_list(field_info[i].type))
			fail_msg("%s is a list in only one of ours and ECS", field_info[i].name);
	}
}

static void every_field_and_kind_has_a_meaning(void **state)
{
	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		assert_true(strlen(field_info[i].meaning) > 5);
		assert_non_null(field_type_name(field_info[i].type));
		assert_non_null(field_setter_name(field_info[i].setter));
		assert_null(strchr(field_info[i].meaning, '\n'));
	}
	for (int i = 0; i < EVENT_KIND_COUNT; i++) {
		assert_true(strlen(event_kind_info[i].meaning) > 5);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(event_kind_info[i].service,
			                        event_kind_info[j].service);
	}
}

static void lists_are_the_types_that_hold_several_values(void **state)
{
	(void)state;
	assert_true(field_type_is_list(TYPE_TEXTS));
	assert_true(field_type_is_list(TYPE_INTEGERS));
	assert_true(field_type_is_list(TYPE_ADDRESSES));
	assert_false(field_type_is_list(TYPE_TEXT));
	assert_false(field_type_is_list(TYPE_TIME));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_are_unique),
	        cmocka_unit_test(every_field_is_found_by_its_exact_name),
	        cmocka_unit_test(a_slip_of_the_finger_finds_the_field_that_was_meant),
	        cmocka_unit_test(fields_of_one_dissector_are_in_its_events),
	        cmocka_unit_test(no_name_is_a_folder_of_another),
	        cmocka_unit_test(every_field_is_of_ecs_or_below_configmgr),
	        cmocka_unit_test(every_field_and_kind_has_a_meaning),
	        cmocka_unit_test(lists_are_the_types_that_hold_several_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
