/* JSON documents: texts from the wire, integers, and memory that is not the heap's. */
#include "sensor/output/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

static void shows(struct bytes text, size_t most, const char *shown, bool is_cut)
{
	bool cut = false;
	cJSON *value = json_wire_text(text, most, &cut);

	assert_string_equal(value->valuestring, shown);
	assert_int_equal(cut, is_cut);
	cJSON_Delete(value);
}

static void texts_of_the_wire_become_utf8(void **state)
{
	(void)state;
	shows(BYTES(""), 10, "", false);
	shows(BYTES("exactly as long as it may be"), 28, "exactly as long as it may be", false);
	shows(BYTES("longer by one character than it may be"), 37,
	      "longer by one character than it may b\xe2\x80\xa6", true);
	shows(BYTES("seven b\xc3\xa4r"), 20, "seven b\xc3\xa4r", false);
	shows(BYTES("seven b\xc3\xa4r"), 8, "seven b\xe2\x80\xa6", true);
	shows(BYTES("a\0b in the first eight"), 40,
	      "a\xef\xbf\xbd"
	      "b in the first eight",
	      false);
	shows(BYTES("behind the first \0eight"), 40,
	      "behind the first \xef\xbf\xbd"
	      "eight",
	      false);
	shows(BYTES("not valid\xff, valid"), 40, "not valid\xef\xbf\xbd, valid", false);
	shows(BYTES("\x01\x7f\x80\xe2\x82"), 40, "\x01\x7f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	      false);
}

static void integers_are_printed_whole(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} all[] = {
	        {0, "0"},
	        {-1, "-1"},
	        {443, "443"},
	        {INT64_C(999999999999999), "999999999999999"},
	        {INT64_C(-999999999999999), "-999999999999999"},
	        {INT64_C(1000000000000000), "1e+15"},
	        {INT64_MAX, "9.2233720368547758e+18"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		cJSON *value = json_integer(all[i].n), *number = cJSON_CreateNumber(all[i].n);
		char *text = cJSON_PrintUnformatted(value), *same = cJSON_PrintUnformatted(number);

		assert_string_equal(text, all[i].text);
		assert_string_equal(text, same);
		cJSON_free(text);
		cJSON_free(same);
		cJSON_Delete(value);
		cJSON_Delete(number);
	}
}

static cJSON *document(void)
{
	cJSON *object = cJSON_CreateObject();

	json_add_text(object, "rule.name", "first");
	json_add_text(object, "rule.name", "an existing one stays");
	json_add_text(object, "rule.name.part", "no object");
	json_add_integer(object, "event.severity", 73);
	json_add_boolean(object, "event.is", true);
	json_add(object, "made.all.the.same", NULL);
	for (int i = 0; i < 3; i++) {
		json_append(object, "related.ip", "192.0.2.1");
		json_append(object, "related.ip", "192.0.2.10");
	}
	return object;
}

static void names_with_dots_become_objects(void **state)
{
	cJSON *object = document();
	char *text = cJSON_PrintUnformatted(object);

	(void)state;
	assert_string_equal(
	        text, "{\"rule\":{\"name\":\"first\"},\"event\":{\"severity\":73,\"is\":true},"
	              "\"made\":{\"all\":{\"the\":{}}},"
	              "\"related\":{\"ip\":[\"192.0.2.1\",\"192.0.2.10\"]}}");
	cJSON_free(text);
	cJSON_Delete(object);
}

/* Whatever fits: the rest lies on the heap, and nothing is lost. */
static void documents_lie_in_an_arena(void **state)
{
	cJSON *object = document();
	char *heap = cJSON_PrintUnformatted(object), line[512];

	(void)state;
	cJSON_Delete(object);
	json_hooks();
	for (size_t room = 64; room <= 64 << 10; room *= 8) {
		struct arena arena;

		assert_true(arena_open(&arena, room));
		assert_null(json_use_memory(&arena));
		object = document();
		assert_true(cJSON_PrintPreallocated(object, line, sizeof(line), false));
		if (arena.refused)
			cJSON_Delete(object);
		assert_int_equal(arena.refused > 0, room < 4096);
		assert_ptr_equal(json_use_memory(NULL), &arena);
		assert_string_equal(line, heap);
		arena_close(&arena);
	}
	cJSON_free(heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(texts_of_the_wire_become_utf8),
	        cmocka_unit_test(integers_are_printed_whole),
	        cmocka_unit_test(names_with_dots_become_objects),
	        cmocka_unit_test(documents_lie_in_an_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
