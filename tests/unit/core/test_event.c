/* Events: setting facts, and carrying them through a packed record. */
#include "core/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct event ev, back;
static void *record;

static int begin(void **state)
{
	(void)state;
	event_begin(&ev, EVENT_HTTP, 1234567890123456789);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(record);
	record = NULL;
	return 0;
}

/* Packs, moves the record elsewhere as a chain or a ring would, and unpacks. */
static void through_a_record(void)
{
	struct event_size size = event_measure(&ev);
	void *packed = malloc(size.bytes);

	end(NULL);
	record = malloc(size.bytes);
	assert_non_null(packed);
	assert_non_null(record);
	event_pack(&ev, &size, packed);
	memcpy(record, packed, size.bytes);
	memset(packed, 0xdd, size.bytes);
	free(packed);
	memset(&back, 0xdd, sizeof(back));
	event_unpack(&back, record);
}

static bool in_record(const void *at, size_t len)
{
	size_t size = event_measure(&ev).bytes;

	return (const uint8_t *)at >= (const uint8_t *)record &&
	       (const uint8_t *)at + len <= (const uint8_t *)record + size;
}

static struct address v4(uint8_t last)
{
	return address_from((struct bytes){(const uint8_t[]){192, 0, 2, last}, 4});
}

static void an_event_without_facts_survives(void **state)
{
	(void)state;
	through_a_record();
	assert_int_equal(back.kind, EVENT_HTTP);
	assert_int_equal(back.time, 1234567890123456789);
	for (int f = 0; f < FIELD_COUNT; f++)
		assert_false(event_has(&back, (enum field)f));
}

static void scalars_of_every_type_survive(void **state)
{
	(void)state;
	event_set_integer(&ev, FIELD_SERVER_PORT, -5);
	event_set_integer(&ev, FIELD_SOURCE_BYTES, INT64_MAX);
	event_set_boolean(&ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, false);
	event_set_boolean(&ev, FIELD_CONFIGMGR_POLICY_SECRET, true);
	event_set_time(&ev, FIELD_EVENT_START, 1);
	event_set_address(&ev, FIELD_CLIENT_IP, v4(11));
	through_a_record();
	assert_int_equal(event_integer(&back, FIELD_SERVER_PORT, 0), -5);
	assert_true(event_integer(&back, FIELD_SOURCE_BYTES, 0) == INT64_MAX);
	assert_true(event_has(&back, FIELD_CONFIGMGR_MESSAGE_SIGNED));
	assert_int_equal(event_integer(&back, FIELD_CONFIGMGR_MESSAGE_SIGNED, 7), 0);
	assert_int_equal(event_integer(&back, FIELD_CONFIGMGR_POLICY_SECRET, 7), 1);
	assert_int_equal(event_integer(&back, FIELD_EVENT_START, 0), 1);
	assert_true(address_equal(back.value[FIELD_CLIENT_IP].address, v4(11)));
	assert_false(event_has(&back, FIELD_SERVER_IP));
	assert_int_equal(event_integer(&back, FIELD_EVENT_END, 99), 99);
}

static void texts_survive_with_their_nuls_and_without(void **state)
{
	(void)state;
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/a\0b"));
	event_set_text(&ev, FIELD_URL_QUERY, BYTES(""));
	event_set_name(&ev, FIELD_USER_NAME, "svc_naa");
	event_set_name(&ev, FIELD_USER_DOMAIN, NULL);
	through_a_record();
	assert_true(bytes_equal(event_text(&back, FIELD_URL_PATH), BYTES("/a\0b")));
	assert_true(in_record(event_text(&back, FIELD_URL_PATH).at, 4));
	assert_true(event_has(&back, FIELD_URL_QUERY));
	assert_int_equal(event_text(&back, FIELD_URL_QUERY).len, 0);
	assert_true(event_text_is(&back, FIELD_USER_NAME, "svc_naa"));
	assert_false(event_text_is(&back, FIELD_USER_NAME, "svc_na"));
	assert_false(event_has(&back, FIELD_USER_DOMAIN));
	assert_false(event_text_is(&back, FIELD_USER_DOMAIN, ""));
}

static void lists_of_every_type_survive_in_order(void **state)
{
	struct bytes names[] = {BYTES_INIT("mp01"), BYTES_INIT(""), BYTES_INIT("mp02")};
	int64_t numbers[] = {63, 0, -1};
	enum field f;

	(void)state;
	event_set_texts(&ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, names, 3);
	event_set_integers(&ev, FIELD_CONFIGMGR_MP_SSL_STATE, numbers, 3);
	event_set_text(&ev, FIELD_URL_PATH, BYTES("x")); /* odd lengths between aligned items */
	through_a_record();
	f = FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS;
	assert_int_equal(back.value[f].texts.count, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(bytes_equal(back.value[f].texts.at[i], names[i]));
		assert_true(in_record(back.value[f].texts.at[i].at, names[i].len));
	}
	f = FIELD_CONFIGMGR_MP_SSL_STATE;
	assert_int_equal(back.value[f].integers.count, 3);
	assert_memory_equal(back.value[f].integers.at, numbers, sizeof(numbers));
	assert_int_equal((uintptr_t)back.value[f].integers.at % _Alignof(int64_t), 0);
	f = FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS;
	assert_int_equal((uintptr_t)back.value[f].texts.at % _Alignof(struct bytes), 0);
}

/* Sets a field of any type to something that tells its number. */
static void set_any(enum field f, struct bytes *text, int64_t *number)
{
	static struct address addresses[FIELD_COUNT];

	switch (field_info[f].type) {
	case TYPE_TEXT:
		event_set_text(&ev, f, *text);
		break;
	case TYPE_TEXTS:
		event_set_texts(&ev, f, text, 1);
		break;
	case TYPE_INTEGERS:
		event_set_integers(&ev, f, number, 1);
		break;
	case TYPE_ADDRESS:
		event_set_address(&ev, f, v4((uint8_t)f));
		break;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_TIME:
		event_set_integer(&ev, f, *number);
		break;
	case TYPE_ADDRESSES:
		addresses[f] = v4((uint8_t)f);
		event_set_addresses(&ev, f, &addresses[f], 1);
		break;
	}
}

static void assert_any(enum field f, struct bytes text, int64_t number)
{
	const union value *v = &back.value[f];

	assert_true(event_has(&back, f));
	switch (field_info[f].type) {
	case TYPE_TEXT:
		assert_true(bytes_equal(v->text, text));
		break;
	case TYPE_TEXTS:
		assert_int_equal(v->texts.count, 1);
		assert_true(bytes_equal(v->texts.at[0], text));
		break;
	case TYPE_INTEGERS:
		assert_int_equal(v->integers.count, 1);
		assert_int_equal(v->integers.at[0], number);
		break;
	case TYPE_ADDRESS:
		assert_true(address_equal(v->address, v4((uint8_t)f)));
		break;
	case TYPE_ADDRESSES:
		assert_int_equal(v->addresses.count, 1);
		assert_true(address_equal(v->addresses.at[0], v4((uint8_t)f)));
		break;
	default:
		assert_int_equal(v->integer, number);
	}
}

static void all_fields_at_once_survive(void **state)
{
	static struct bytes text[FIELD_COUNT];
	static int64_t number[FIELD_COUNT];

	(void)state;
	for (int f = 0; f < FIELD_COUNT; f++) {
		text[f] = bytes_of(field_info[f].name);
		number[f] = f;
		set_any((enum field)f, &text[f], &number[f]);
	}
	through_a_record();
	for (int f = 0; f < FIELD_COUNT; f++)
		assert_any((enum field)f, text[f], number[f]);
}

static void records_may_stand_at_any_multiple_of_eight(void **state)
{
	struct bytes names[] = {BYTES_INIT("a"), BYTES_INIT("bcd")};
	int64_t number = 5;

	(void)state;
	event_set_texts(&ev, FIELD_CONFIGMGR_POLICY_ID, names, 2);
	event_set_integers(&ev, FIELD_CONFIGMGR_POLICY_FLAGS, &number, 1);
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/x"));
	for (size_t shift = 0; shift < 32; shift += 8) {
		struct event_size size = event_measure(&ev);
		uint8_t *room = malloc(size.bytes + shift);

		assert_int_equal(size.bytes % 8, 0);
		assert_non_null(room);
		event_pack(&ev, &size, room + shift);
		event_unpack(&back, room + shift);
		assert_true(bytes_equal(back.value[FIELD_CONFIGMGR_POLICY_ID].texts.at[1],
		                        BYTES("bcd")));
		assert_int_equal(back.value[FIELD_CONFIGMGR_POLICY_FLAGS].integers.at[0], 5);
		free(room);
	}
}

static void packing_writes_exactly_the_size_it_told(void **state)
{
	struct event_size size;
	uint8_t *room;

	(void)state;
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/seven!"));
	size = event_measure(&ev);
	room = malloc(size.bytes); /* ASan watches the end */
	assert_non_null(room);
	event_pack(&ev, &size, room);
	free(room);
}

static void packing_without_measuring_needs_room_and_takes_as_much(void **state)
{
	static uint8_t room[2 * EVENT_ROOM_LEAST];
	static uint8_t letters[EVENT_TEXT_MAX];
	struct bytes names[] = {BYTES_INIT("a"), {letters, sizeof(letters)}};
	struct address address = v4(7);

	(void)state;
	memset(letters, 'x', sizeof(letters));
	event_set_integer(&ev, FIELD_SERVER_PORT, 80);
	event_set_address(&ev, FIELD_CLIENT_IP, v4(1));
	event_set_addresses(&ev, FIELD_DNS_RESOLVED_IP, &address, 1);
	event_set_text(&ev, FIELD_URL_PATH, (struct bytes){letters, EVENT_TEXT_MAX + 1});
	ev.attached[0] = BYTES("certificate");
	assert_int_equal(event_pack_into(&ev, room, sizeof(room)), event_measure(&ev).bytes);
	event_unpack(&back, room);
	assert_int_equal(event_integer(&back, FIELD_SERVER_PORT, 0), 80);
	assert_true(address_equal(back.value[FIELD_CLIENT_IP].address, v4(1)));
	assert_true(address_equal(back.value[FIELD_DNS_RESOLVED_IP].addresses.at[0], v4(7)));
	assert_int_equal(event_text(&back, FIELD_URL_PATH).len, EVENT_TEXT_MAX);
	assert_true(field_set_has(&back.truncated, FIELD_URL_PATH));
	assert_true(bytes_equal(back.attached[0], BYTES("certificate")));
	assert_int_equal(back.attached[1].len, 0);
	/* Too little room for anything, for a text, for the items of a list, for their texts. */
	assert_int_equal(event_pack_into(&ev, room, EVENT_ROOM_LEAST - 1), 0);
	assert_int_equal(event_pack_into(&ev, room, EVENT_ROOM_LEAST), 0);
	event_clear(&ev, FIELD_URL_PATH);
	event_set_texts(&ev, FIELD_CONFIGMGR_POLICY_ID, names, 2);
	assert_int_equal(event_pack_into(&ev, room, EVENT_ROOM_LEAST), 0);
	ev.attached[1] = (struct bytes){letters, sizeof(letters)};
	event_clear(&ev, FIELD_CONFIGMGR_POLICY_ID);
	assert_int_equal(event_pack_into(&ev, room, EVENT_ROOM_LEAST), 0);
	event_set_texts(&ev, FIELD_CONFIGMGR_POLICY_ID, names, 2);
	assert_int_equal(event_pack_into(&ev, room, sizeof(room)), 0);
}

static void longer_texts_are_cut_and_marked(void **state)
{
	static uint8_t letters[EVENT_TEXT_MAX + 1];

	(void)state;
	memset(letters, 'x', sizeof(letters));
	event_set_text(&ev, FIELD_URL_PATH, (struct bytes){letters, EVENT_TEXT_MAX});
	event_set_text(&ev, FIELD_URL_QUERY, (struct bytes){letters, EVENT_TEXT_MAX + 1});
	through_a_record();
	assert_int_equal(event_text(&back, FIELD_URL_PATH).len, EVENT_TEXT_MAX);
	assert_false(field_set_has(&back.truncated, FIELD_URL_PATH));
	assert_int_equal(event_text(&back, FIELD_URL_QUERY).len, EVENT_TEXT_MAX);
	assert_true(field_set_has(&back.truncated, FIELD_URL_QUERY));
}

static void longer_lists_are_cut_and_marked(void **state)
{
	static struct bytes names[EVENT_LIST_MAX + 1];
	static int64_t numbers[EVENT_LIST_MAX + 1];
	enum field texts = FIELD_CONFIGMGR_POLICY_ID, integers = FIELD_CONFIGMGR_POLICY_FLAGS;

	(void)state;
	for (int i = 0; i <= EVENT_LIST_MAX; i++) {
		names[i] = BYTES("a");
		numbers[i] = i;
	}
	event_set_texts(&ev, texts, names, EVENT_LIST_MAX + 1);
	event_set_integers(&ev, integers, numbers, EVENT_LIST_MAX + 1);
	event_set_texts(&ev, FIELD_CONFIGMGR_POLICY_VERSION, names, EVENT_LIST_MAX);
	through_a_record();
	assert_int_equal(back.value[texts].texts.count, EVENT_LIST_MAX);
	assert_true(field_set_has(&back.truncated, texts));
	assert_int_equal(back.value[integers].integers.count, EVENT_LIST_MAX);
	assert_true(field_set_has(&back.truncated, integers));
	assert_false(field_set_has(&back.truncated, FIELD_CONFIGMGR_POLICY_VERSION));
}

static void the_items_of_a_list_are_cut_like_any_text(void **state)
{
	static uint8_t letters[EVENT_TEXT_MAX + 1];
	struct bytes names[] = {BYTES_INIT("a"), {letters, sizeof(letters)}};
	enum field f = FIELD_CONFIGMGR_POLICY_ID;

	(void)state;
	event_set_texts(&ev, f, names, 2);
	through_a_record();
	assert_int_equal(back.value[f].texts.at[0].len, 1);
	assert_int_equal(back.value[f].texts.at[1].len, EVENT_TEXT_MAX);
	assert_true(field_set_has(&back.truncated, f));
}

static void an_event_too_large_for_its_way_loses_its_largest_facts_alone(void **state)
{
	static uint8_t letters[EVENT_TEXT_MAX];
	static struct bytes names[EVENT_LIST_MAX];
	enum field f = FIELD_CONFIGMGR_POLICY_ID;

	(void)state;
	for (int i = 0; i < EVENT_LIST_MAX; i++)
		names[i] = (struct bytes){letters, sizeof(letters)};
	event_set_texts(&ev, f, names, EVENT_LIST_MAX);
	event_set_text(&ev, FIELD_URL_ORIGINAL, (struct bytes){letters, sizeof(letters)});
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/path"));
	event_set_integer(&ev, FIELD_SERVER_PORT, 80);
	assert_true(event_fit(&ev, 65536).bytes <= 65536);
	assert_true(event_measure(&ev).bytes <= 65536);
	through_a_record();
	assert_true(event_text_is(&back, FIELD_URL_PATH, "/path"));
	assert_int_equal(event_integer(&back, FIELD_SERVER_PORT, 0), 80);
	assert_int_equal(event_text(&back, FIELD_URL_ORIGINAL).len, EVENT_TEXT_MAX);
	assert_true(back.value[f].texts.count > 1);
	assert_true(field_set_has(&back.truncated, f));
	assert_false(field_set_has(&back.truncated, FIELD_URL_ORIGINAL));
	/* Whatever the room: this ends. */
	event_fit(&ev, 2048);
	assert_true(event_measure(&ev).bytes <= 2048);
	event_fit(&ev, 0);
	assert_int_equal(event_integer(&ev, FIELD_SERVER_PORT, 0), 80);
}

static void an_event_that_fits_is_left_alone(void **state)
{
	(void)state;
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/path"));
	event_fit(&ev, event_measure(&ev).bytes);
	assert_true(event_text_is(&ev, FIELD_URL_PATH, "/path"));
	assert_false(field_set_has(&ev.truncated, FIELD_URL_PATH));
}

static void empty_lists_are_no_facts(void **state)
{
	struct bytes name = BYTES("a");
	int64_t number = 0;

	(void)state;
	event_set_texts(&ev, FIELD_CONFIGMGR_POLICY_ID, &name, 0);
	event_set_texts(&ev, FIELD_CONFIGMGR_TUNNEL, NULL, 0);
	event_set_integers(&ev, FIELD_CONFIGMGR_POLICY_FLAGS, &number, 0);
	assert_int_equal(field_set_next(&ev.present, 0), FIELD_COUNT);
}

static void setting_again_replaces_the_value_and_its_mark(void **state)
{
	static uint8_t letters[EVENT_TEXT_MAX + 1];

	(void)state;
	event_set_text(&ev, FIELD_URL_PATH, (struct bytes){letters, sizeof(letters)});
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/short"));
	assert_true(event_text_is(&ev, FIELD_URL_PATH, "/short"));
	assert_false(field_set_has(&ev.truncated, FIELD_URL_PATH));
}

static void a_cleared_fact_is_gone(void **state)
{
	(void)state;
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/x"));
	event_clear(&ev, FIELD_URL_PATH);
	assert_false(event_has(&ev, FIELD_URL_PATH));
	assert_int_equal(event_text(&ev, FIELD_URL_PATH).len, 0);
}

static void merging_adds_only_what_is_not_there(void **state)
{
	static struct event more;
	static uint8_t letters[EVENT_TEXT_MAX + 1];

	(void)state;
	event_begin(&more, EVENT_HTTP, 5);
	event_set_text(&more, FIELD_URL_PATH, BYTES("/theirs"));
	event_set_text(&more, FIELD_URL_QUERY, (struct bytes){letters, sizeof(letters)});
	event_set_integer(&more, FIELD_SERVER_PORT, 80);
	event_set_text(&ev, FIELD_URL_PATH, BYTES("/ours"));
	event_merge(&ev, &more);
	assert_true(event_text_is(&ev, FIELD_URL_PATH, "/ours"));
	assert_int_equal(event_integer(&ev, FIELD_SERVER_PORT, 0), 80);
	assert_true(field_set_has(&ev.truncated, FIELD_URL_QUERY));
	assert_int_equal(ev.time, 1234567890123456789);
}

static void sets_are_walked_in_the_order_of_fields(void **state)
{
	struct field_set set = {{0}};
	int count = 0;

	(void)state;
	assert_int_equal(field_set_next(&set, 0), FIELD_COUNT);
	for (int f = 0; f < FIELD_COUNT; f += 3)
		field_set_add(&set, (enum field)f);
	field_set_add(&set, (enum field)(FIELD_COUNT - 1));
	field_set_remove(&set, (enum field)3);
	FOR_EACH_PRESENT (f, &set) {
		assert_true(f % 3 == 0 || f == FIELD_COUNT - 1);
		assert_true(f != 3);
		count++;
	}
	assert_int_equal(count, (FIELD_COUNT + 2) / 3 - 1 + ((FIELD_COUNT - 1) % 3 != 0));
	assert_int_equal(field_set_next(&set, FIELD_COUNT), FIELD_COUNT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_event_without_facts_survives),
	        TEST(scalars_of_every_type_survive),
	        TEST(texts_survive_with_their_nuls_and_without),
	        TEST(lists_of_every_type_survive_in_order),
	        TEST(all_fields_at_once_survive),
	        TEST(records_may_stand_at_any_multiple_of_eight),
	        TEST(packing_writes_exactly_the_size_it_told),
	        TEST(packing_without_measuring_needs_room_and_takes_as_much),
	        TEST(longer_texts_are_cut_and_marked),
	        TEST(longer_lists_are_cut_and_marked),
	        TEST(the_items_of_a_list_are_cut_like_any_text),
	        TEST(an_event_too_large_for_its_way_loses_its_largest_facts_alone),
	        TEST(an_event_that_fits_is_left_alone),
	        TEST(empty_lists_are_no_facts),
	        TEST(setting_again_replaces_the_value_and_its_mark),
	        TEST(a_cleared_fact_is_gone),
	        TEST(merging_adds_only_what_is_not_there),
	        TEST(sets_are_walked_in_the_order_of_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
