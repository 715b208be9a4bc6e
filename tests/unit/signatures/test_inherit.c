/* Another set of rules in place of one at work: windows of rules that are the same go on. */
#include "tests/unit/signatures/rules.h"

#define CORRELATION(about)                                                                         \
	"title: out\nname: out\ncorrelation: {rules: [A], group-by: [client.ip], timespan: "       \
	"1m, " about "}\n"
#define COUNT_OF_3 CORRELATION("type: event_count, condition: {gte: 3}")
#define OTHERS                                                                                     \
	BASE_RULE("Z")                                                                             \
	"title: other\nname: other\ncorrelation: {type: event_count, rules: [Z], group-by: "       \
	"[client.ip], timespan: 1m, condition: {gte: 1}}\n---\n"

static struct bench b;

static int close_bench(void **state)
{
	(void)state;
	bench_close(&b);
	return 0;
}

/* As the sensor does at a reload. */
static void reload_with(const char *text, const struct sigma_options *options)
{
	struct sigma_set *set =
	        sigma_load_text_with(options, "t.yml", bytes_of(text), &b.complaints);
	struct sigma_detector *detector;

	assert_int_equal(b.complaints.errors, 0);
	detector = sigma_detector_open(set, (struct sigma_limits){0});
	assert_non_null(detector);
	sigma_detector_inherit(detector, b.detector);
	sigma_detector_close(b.detector);
	sigma_free(b.set);
	b.detector = detector;
	b.set = set;
}

static void reload(const char *text)
{
	reload_with(text, NULL);
}

static void a_count_goes_on_among_other_rules(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") COUNT_OF_3, 0);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "A", 1);
	bench_feed(&b, 3, "A", 2);
	reload(OTHERS BASE_RULE("A") COUNT_OF_3);
	bench_feed(&b, 4, "A", 1);
	assert_int_equal(b.hits, 1);
	assert_string_equal(b.hit[0].name, "out");
	assert_int_equal(b.hit[0].count, 3);
	assert_int_equal(b.hit[0].first, 1);
	reload(BASE_RULE("A") COUNT_OF_3); /* and back; it has fired for this window already */
	bench_feed(&b, 5, "A", 1);
	assert_int_equal(b.hits, 1);
	bench_feed(&b, 5, "A", 2);
	bench_feed(&b, 6, "A", 2);
	assert_int_equal(b.hits, 2);
}

static void other_titles_and_levels_change_nothing(void **state)
{
	(void)state;
	bench_open(&b, BASE_RULE("A") COUNT_OF_3, 0);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "A", 1);
	reload(BASE_RULE("A") "level: high\ndescription: another\n" COUNT_OF_3);
	bench_feed(&b, 3, "A", 1);
	assert_int_equal(b.hits, 1);
}

/* Two events before, one after: nothing may come of it. */
static void expect_anew(const char *text)
{
	bench_open(&b, BASE_RULE("A") COUNT_OF_3, 0);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "A", 1);
	if (!getenv("NORELOAD"))
		reload(text);
	bench_feed(&b, 3, "A", 1);
	assert_int_equal(b.hits, 0);
	bench_close(&b);
}

static void what_is_another_rule_begins_anew(void **state)
{
	(void)state;
	expect_anew(BASE_RULE("A") CORRELATION("type: event_count, condition: {gt: 2}"));
	expect_anew("title: A\nname: A\nlogsource: {service: http}\ndetection: {s: "
	            "{http.request.method: 'A*'}, condition: s}\n---\n" COUNT_OF_3);
	expect_anew(BASE_RULE("A") "title: f\nlogsource: {service: http}\nfilter: {rules: [A], s: "
	                           "{url.path: /x}, condition: not s}\n---\n" COUNT_OF_3);
	expect_anew("title: A\nid: 0e95725d-7320-415d-80f7-004da920fc11\nname: A\nlogsource: "
	            "{service: http}\ndetection: {s: {http.request.method: A}, condition: "
	            "s}\n---\n" COUNT_OF_3);
}

static void another_mapping_begins_anew(void **state)
{
	static const struct sigma_name names[] = {{"m", FIELD_HTTP_REQUEST_METHOD}};
	const struct sigma_options options = {.names = names, .name_count = 1};

	(void)state;
	bench_open(&b, BASE_RULE("A") COUNT_OF_3, 0);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "A", 1);
	reload_with(BASE_RULE("A") COUNT_OF_3, &options);
	bench_feed(&b, 3, "A", 1);
	assert_int_equal(b.hits, 0);
}

static void sequences_and_distinct_values_go_on(void **state)
{
	static const char sequence[] =
	        BASE_RULE("A") BASE_RULE("B") "title: out\nname: out\ncorrelation: {type: "
	                                      "temporal_ordered, rules: [A, B], group-by: "
	                                      "[client.ip], timespan: 1m}\n";
	static const char values[] = BASE_RULE(
	        "A") "title: out\nname: out\ncorrelation: {type: value_count, rules: [A], "
	             "group-by: [http.request.method], timespan: 1m, condition: {gte: 4, field: "
	             "client.ip}}\n";

	(void)state;
	bench_open(&b, sequence, 0);
	bench_feed(&b, 1, "A", 1);
	reload(sequence);
	bench_feed(&b, 2, "B", 1);
	assert_int_equal(b.hits, 1);
	bench_close(&b);
	bench_open(&b, values, 0);
	for (uint32_t client = 1; client <= 3; client++)
		bench_feed(&b, 1, "A", client);
	reload(values);
	bench_feed(&b, 2, "A", 3);
	assert_int_equal(b.hits, 0);
	bench_feed(&b, 2, "A", 4);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 4);
}

static void what_is_judged_at_its_end_knows_its_group(void **state)
{
	static const char few[] =
	        BASE_RULE("A") CORRELATION("type: event_count, condition: {lt: 3}");

	(void)state;
	bench_open(&b, few, 0);
	bench_feed(&b, 1, "A", 7);
	reload(few);
	bench_feed(&b, 2, "A", 7);
	sigma_advance(b.detector, 120 * SECOND, bench_on_hit, &b);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 2);
	assert_string_equal(b.hit[0].client, "10.0.0.7");
}

static void groups_that_were_given_up_are_remembered(void **state)
{
	static const char text[] = BASE_RULE(
	        "A") "title: out\nname: out\ncorrelation: {type: event_count, rules: [A], "
	             "group-by: [client.ip], timespan: 1h, condition: {gte: 500}}\n";

	(void)state;
	bench_open(&b, text, 1 << 20);
	for (int i = 0; i < 400; i++)
		bench_feed(&b, i * 0.001, "A", 7);
	for (uint32_t i = 0; i < 20000; i++)
		bench_feed(&b, 1 + i * 0.001, "A", 1000 + i);
	reload(text);
	for (int i = 0; i < 200; i++)
		bench_feed(&b, 30 + i * 0.001, "A", 7);
	assert_int_equal(b.hits, 1);
	assert_true(b.hit[0].approximate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(a_count_goes_on_among_other_rules, close_bench),
	        cmocka_unit_test_teardown(other_titles_and_levels_change_nothing, close_bench),
	        cmocka_unit_test_teardown(what_is_another_rule_begins_anew, close_bench),
	        cmocka_unit_test_teardown(another_mapping_begins_anew, close_bench),
	        cmocka_unit_test_teardown(sequences_and_distinct_values_go_on, close_bench),
	        cmocka_unit_test_teardown(what_is_judged_at_its_end_knows_its_group, close_bench),
	        cmocka_unit_test_teardown(groups_that_were_given_up_are_remembered, close_bench),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
