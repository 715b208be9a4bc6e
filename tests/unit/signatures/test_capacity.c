/* Correlations beyond their memory: counted, bounded, rather too low than too high, and marked. */
#include "tests/unit/signatures/rules.h"

#define FLOOD(name, rule, condition)                                                               \
	"title: " name "\nname: " name "\ncorrelation: {type: event_count, rules: [" rule          \
	"], group-by: [client.ip], timespan: 1h, condition: {" condition "}}\n---\n"

static struct bench b;
static struct sigma_counts counts;

static int close_bench(void **state)
{
	(void)state;
	bench_close(&b);
	return 0;
}

static void many_events_of_one_group_are_counted_roughly(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") FLOOD("out", "A", "gte: 20000"), 0);
	for (int i = 0; i < 20000; i++) {
		assert_int_equal(b.hits, 0);
		bench_feed(&b, i * 0.01, "A", 1);
	}
	assert_int_equal(b.hits, 1);
	assert_true(b.hit[0].approximate);
	sigma_detector_counts(b.detector, &counts);
	assert_true(counts.roughened > 0);
}

static void rough_windows_slide_too_early_rather_than_too_late(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: event_count, rules: "
	                          "[A], group-by: [client.ip], timespan: 100s, condition: {gte: "
	                          "10001}}\n",
	           0);
	for (int i = 0; i < 30000; i++) /* 100 a second: never more than 10,001 within 100 s */
		bench_feed(&b, i * 0.01 + i * 1e-4, "A", 1);
	assert_int_equal(b.hits, 0);
	for (int i = 0; i < 12000; i++)
		bench_feed(&b, 303 + i * 0.005, "A", 1);
	assert_int_equal(b.hits, 1);
}

static void feed_user(double seconds, unsigned user)
{
	char name[16];

	bench_event(&b, seconds, "A", 1);
	snprintf(name, sizeof(name), "user%u", user);
	event_set_name(b.event, FIELD_USER_NAME, name);
	bench_send(&b);
}

static void many_distinct_values_are_estimated(void **state)
{
	(void)state;
	unsigned fired = 0;

	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: value_count, rules: "
	                          "[A], group-by: [client.ip], timespan: 1h, condition: {field: "
	                          "user.name, gte: 3000}}\n",
	           0);
	for (unsigned i = 0; i < 9000 && !fired; i++) {
		feed_user(i * 0.1, i % 2 ? i : i - i % 1000); /* about half of them new */
		fired = b.hits ? i : 0;
	}
	assert_in_range(fired, 4500, 7500);
	assert_true(b.hit[0].approximate);
}

static void few_values_repeated_forever_are_few(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: value_count, rules: "
	                          "[A], group-by: [client.ip], timespan: 1h, condition: {field: "
	                          "user.name, gte: 3500}}\n",
	           0);
	for (unsigned i = 0; i < 20000; i++)
		feed_user(i * 0.1, i % 2500);
	assert_int_equal(b.hits, 0);
}

static void memory_is_bounded_and_evictions_are_counted(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") FLOOD("out", "A", "gte: 100"), 1u << 20);
	for (unsigned i = 0; i < 50000; i++) {
		bench_feed(&b, i * 0.001, "A", 1000 + i);
		if (i % 100 == 0)
			bench_feed(&b, i * 0.001, "A", 7); /* slow, but steady: stays */
	}
	sigma_detector_counts(b.detector, &counts);
	assert_in_range(counts.groups, 1000, 10000);
	assert_int_equal(counts.groups + counts.evicted, 50001);
	assert_int_equal(b.hits, 1);
	assert_string_equal(b.hit[0].client, "10.0.0.7");
	assert_int_equal(b.hit[0].count, 100);
}

static void a_group_that_was_given_up_is_remembered_roughly(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") FLOOD("out", "A", "gte: 500"), 1u << 20);
	for (unsigned i = 0; i < 400; i++)
		bench_feed(&b, i * 0.001, "A", 7);
	for (unsigned i = 0; i < 20000; i++)
		bench_feed(&b, 1 + i * 0.001, "A", 1000 + i);
	assert_int_equal(b.hits, 0);
	for (unsigned i = 0; i < 200; i++)
		bench_feed(&b, 30 + i * 0.001, "A", 7);
	assert_int_equal(b.hits, 1);
	assert_true(b.hit[0].approximate);
}

/* Sketches of forty correlations would take five times the memory that there is. */
static void many_correlations_share_little_memory(void **state)
{
	char text[16384] = BASE_RULE("A"), name[16];

	(void)state;
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "out-%d", i);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		         "title: %s\nname: %s\ncorrelation: {type: event_count, rules: [A], "
		         "group-by: [client.ip], timespan: 1h, condition: {gte: 100}}\n---\n",
		         name, name);
	}
	bench_open(&b, text, 1u << 20);
	for (unsigned i = 0; i < 2000; i++) {
		bench_feed(&b, i * 0.001, "A", 1000 + i);
		if (i % 20 == 0)
			bench_feed(&b, i * 0.001, "A", 7);
	}
	sigma_detector_counts(b.detector, &counts);
	assert_true(counts.evicted > 0);
	assert_int_equal(b.hits, 40);
	assert_string_equal(b.hit[39].client, "10.0.0.7");
}

static void what_is_remembered_raises_no_alerts_for_others(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") FLOOD("out", "A", "gte: 12"), 1u << 20);
	for (unsigned round = 0; round < 4; round++)
		for (unsigned i = 0; i < 30000; i++) /* four events each, far apart */
			bench_feed(&b, round * 40 + i * 0.001, "A", i);
	assert_int_equal(b.hits, 0);
}

static void a_flood_of_one_rule_leaves_the_groups_of_another(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") BASE_RULE("B") FLOOD("a", "A", "gte: 100000")
	                   FLOOD("b", "B", "gte: 2"),
	           1u << 20);
	for (unsigned i = 0; i < 1000; i++)
		bench_feed(&b, 0, "B", i);
	for (unsigned i = 0; i < 50000; i++)
		bench_feed(&b, 1, "A", i);
	for (unsigned i = 0; i < 1000; i++)
		bench_feed(&b, 2, "B", i);
	assert_int_equal(b.hits, 1000);
}

static void groups_that_are_over_make_room_without_loss(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") FLOOD("out", "A", "gte: 100"), 1u << 20);
	for (unsigned i = 0; i < 30000; i++) /* never more than 1,801 within an hour */
		bench_feed(&b, 2 * i, "A", i);
	sigma_detector_counts(b.detector, &counts);
	assert_int_equal(counts.evicted, 0);
	assert_in_range(counts.groups, 1801, 1810);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_bench)
	const struct CMUnitTest tests[] = {
	        TEST(many_events_of_one_group_are_counted_roughly),
	        TEST(rough_windows_slide_too_early_rather_than_too_late),
	        TEST(many_distinct_values_are_estimated),
	        TEST(few_values_repeated_forever_are_few),
	        TEST(memory_is_bounded_and_evictions_are_counted),
	        TEST(a_group_that_was_given_up_is_remembered_roughly),
	        TEST(many_correlations_share_little_memory),
	        TEST(what_is_remembered_raises_no_alerts_for_others),
	        TEST(a_flood_of_one_rule_leaves_the_groups_of_another),
	        TEST(groups_that_are_over_make_room_without_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
