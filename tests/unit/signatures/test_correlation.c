/* Correlations: each type, windows at their edges, chains, and what is judged when a span ends. */
#include "tests/unit/signatures/rules.h"

#define COUNT(condition)                                                                           \
	BASE_RULE("A")                                                                             \
	"title: out\nname: out\ncorrelation: {type: event_count, rules: [A], group-by: "           \
	"[client.ip], timespan: 10s, condition: {" condition "}}\n"

static struct bench b;

static int close_bench(void **state)
{
	(void)state;
	bench_close(&b);
	return 0;
}

static void a_hit_tells_count_first_and_last(void **state)
{
	(void)state;
	bench_open(&b, COUNT("gte: 3"), 0);
	for (int i = 0; i < 20; i++)
		bench_feed(&b, i, "A", 1);
	assert_int_equal(b.hits, 2);
	assert_string_equal(b.hit[0].name, "out");
	assert_int_equal(b.hit[0].count, 3);
	assert_int_equal(b.hit[0].first, 0);
	assert_int_equal(b.hit[0].last, 2);
	assert_false(b.hit[0].approximate);
	assert_int_equal(b.hit[1].at, 13);
	assert_int_equal(b.hit[1].count, 11); /* all since the hit before, not only the threshold */
	assert_int_equal(b.hit[1].first, 3);
}

static void a_hit_names_the_times_of_some_of_its_events(void **state)
{
	(void)state;
	bench_open(&b, COUNT("gte: 3"), 0);
	for (int i = 0; i < 3; i++)
		bench_feed(&b, i, "A", 1);
	assert_int_equal(b.hit[0].samples, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(b.hit[0].sample[i], i);
	bench_close(&b);
	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: event_count, rules: "
	                          "[A], group-by: [client.ip], timespan: 1h, condition: {gte: "
	                          "100}}\n",
	           0);
	for (int i = 0; i < 100; i++)
		bench_feed(&b, i, "A", 1);
	assert_int_equal(b.hit[0].samples, SIGMA_SAMPLES_MAX);
	assert_int_equal(b.hit[0].sample[0], 0);
	assert_int_equal(b.hit[0].sample[3], 42);
	assert_int_equal(b.hit[0].sample[7], 99);
	bench_close(&b);
	bench_open(&b,
	           BASE_RULE("A") BASE_RULE(
	                   "B") "title: out\nname: out\ncorrelation: {type: temporal_ordered, "
	                        "rules: [A, B], group-by: [client.ip], timespan: 1m}\n",
	           0);
	bench_feed(&b, 5, "A", 1);
	bench_feed(&b, 9, "B", 1);
	assert_int_equal(b.hit[0].samples, 2);
	assert_int_equal(b.hit[0].sample[0], 5);
	assert_int_equal(b.hit[0].sample[1], 9);
}

static void late_events_count_in_their_place(void **state)
{
	(void)state;
	bench_open(&b, COUNT("gte: 3"), 0);
	bench_feed(&b, 10, "A", 1);
	bench_feed(&b, 12, "A", 1);
	bench_feed(&b, 11, "A", 1);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].first, 10);
	assert_int_equal(b.hit[0].last, 12);
	bench_close(&b);
	bench_open(&b, COUNT("gte: 3"), 0);
	bench_feed(&b, 20, "A", 1);
	bench_feed(&b, 9.5, "A", 1); /* as if a file were read that is older */
	bench_feed(&b, 9.6, "A", 1);
	bench_feed(&b, 9.7, "A", 1);
	assert_int_equal(b.hits, 1);
}

static void a_clock_that_is_set_back_starts_anew(void **state)
{
	(void)state;
	bench_open(&b, COUNT("gte: 3"), 0);
	for (int i = 0; i < 4; i++)
		bench_feed(&b, 1000 + i, "A", 1);
	assert_int_equal(b.hits, 1);
	for (int i = 0; i < 4; i++)
		bench_feed(&b, 100 + i, "A", 1);
	assert_int_equal(b.hits, 2);
	assert_int_equal(b.hit[1].first, 100);
}

static void an_event_counts_once_however_many_rules_it_matches(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") "title: A2\nname: A2\nlogsource: {service: http}\n"
	                          "detection: {s: {http.request.method|startswith: A}, "
	                          "condition: s}\n---\n"
	                          "title: out\nname: out\ncorrelation: {type: event_count, rules: "
	                          "[A, A2], group-by: [client.ip], timespan: 10s, condition: {gte: "
	                          "3}}\n",
	           0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(b.hits, 0);
		bench_feed(&b, i, "A", 1);
	}
	assert_int_equal(b.hits, 1);
}

static void fewer_than_can_only_be_judged_when_the_span_has_ended(void **state)
{
	(void)state;
	bench_open(&b, COUNT("lt: 3"), 0);
	bench_feed(&b, 0, "A", 1);
	bench_feed(&b, 0, "A", 2);
	bench_feed(&b, 5, "A", 2);
	bench_feed(&b, 10, "A", 2); /* at the edge: still inside */
	assert_int_equal(b.hits, 0);
	sigma_advance(b.detector, 12 * SECOND, bench_on_hit, &b);
	assert_int_equal(b.hits, 0); /* late packets may still come */
	sigma_advance(b.detector, 13 * SECOND, bench_on_hit, &b);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 1);
	assert_string_equal(b.hit[0].client, "10.0.0.1");
	bench_feed(&b, 30, "A", 3);
	bench_feed(&b, 41, "A", 3); /* ends the window before, and begins one */
	assert_int_equal(b.hits, 2);
	assert_string_equal(b.hit[1].client, "10.0.0.3");
	assert_int_equal(b.hit[1].first, 30);
}

static void equal_unequal_and_ranges_are_judged_at_the_end(void **state)
{
	(void)state;
	static const struct {
		const char *rules;
		unsigned hits[4]; /* with 1 to 4 events */
	} cases[] = {
	        {COUNT("eq: 3"), {0, 0, 1, 0}},
	        {COUNT("neq: 3"), {1, 1, 0, 1}},
	        {COUNT("lte: 2"), {1, 1, 0, 0}},
	        {COUNT("gt: 1, lt: 4"), {0, 1, 1, 0}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned events = 1; events <= 4; events++) {
			bench_open(&b, cases[i].rules, 0);
			for (unsigned e = 0; e < events; e++)
				bench_feed(&b, e, "A", 1);
			sigma_advance(b.detector, MINUTE, bench_on_hit, &b);
			assert_int_equal(b.hits, cases[i].hits[events - 1]);
			bench_close(&b);
		}
}

#define VALUE(type, condition)                                                                     \
	BASE_RULE("A")                                                                             \
	"title: out\nname: out\ncorrelation: {type: " type                                         \
	", rules: [A], group-by: [client.ip], timespan: 10s, condition: {" condition "}}\n"

static void feed_bytes(double seconds, int64_t bytes)
{
	bench_event(&b, seconds, "A", 1);
	event_set_integer(b.event, FIELD_HTTP_REQUEST_BODY_BYTES, bytes);
	bench_send(&b);
}

static void sums_slide(void **state)
{
	(void)state;
	bench_open(&b, VALUE("value_sum", "field: http.request.body.bytes, gt: 100"), 0);
	feed_bytes(0, 60);
	feed_bytes(11, 40);
	assert_int_equal(b.hits, 0);
	bench_feed(&b, 12, "A", 1); /* without the field: does not count */
	feed_bytes(13, 61);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 101);
	assert_int_equal(b.hit[0].first, 11);
}

static void averages_are_judged_at_the_end(void **state)
{
	(void)state;
	bench_open(&b, VALUE("value_avg", "field: http.request.body.bytes, gte: 50"), 0);
	feed_bytes(0, 100);
	feed_bytes(1, 1);
	feed_bytes(20, 0); /* (100 + 1) / 2 = 50.5 */
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].first, 0);
	sigma_advance(b.detector, MINUTE, bench_on_hit, &b);
	assert_int_equal(b.hits, 1);
}

static void feed_user(double seconds, const char *user)
{
	bench_event(&b, seconds, "A", 1);
	event_set_name(b.event, FIELD_USER_NAME, user);
	bench_send(&b);
}

static void distinct_values_slide(void **state)
{
	(void)state;
	bench_open(&b, VALUE("value_count", "field: user.name, gte: 3"), 0);
	feed_user(0, "a");
	feed_user(5, "b");
	feed_user(11, "c"); /* a has left the window */
	assert_int_equal(b.hits, 0);
	feed_user(12, "a");
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 3);
	assert_int_equal(b.hit[0].first, 5);
}

static void tuples_and_lists_have_distinct_values(void **state)
{
	(void)state;
	static const struct bytes ids[] = {{(const uint8_t *)"x", 1}, {(const uint8_t *)"y", 1}};

	bench_open(&b, VALUE("value_count", "field: [user.name, configmgr.policy.id], gte: 3"), 0);
	bench_event(&b, 0, "A", 1);
	event_set_name(b.event, FIELD_USER_NAME, "a");
	event_set_texts(b.event, FIELD_CONFIGMGR_POLICY_ID, ids, 2);
	bench_send(&b);
	bench_send(&b);
	assert_int_equal(b.hits, 0); /* (a,x) (a,y) */
	event_set_name(b.event, FIELD_USER_NAME, "b");
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 4);
}

static void a_list_to_group_by_counts_for_each_element(void **state)
{
	(void)state;
	static const struct bytes ids[] = {{(const uint8_t *)"x", 1}, {(const uint8_t *)"y", 1}};

	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: event_count, rules: "
	                          "[A], group-by: [configmgr.policy.id], timespan: 10s, condition: "
	                          "{gte: 2}}\n",
	           0);
	bench_event(&b, 0, "A", 1);
	event_set_texts(b.event, FIELD_CONFIGMGR_POLICY_ID, ids, 2);
	bench_send(&b);
	assert_int_equal(b.hits, 0);
	event_set_texts(b.event, FIELD_CONFIGMGR_POLICY_ID, ids + 1, 1);
	bench_send(&b);
	assert_int_equal(b.hits, 1);
	event_set_texts(b.event, FIELD_CONFIGMGR_POLICY_ID, ids, 1);
	bench_send(&b);
	assert_int_equal(b.hits, 2);
}

#define SEQUENCE(type, more)                                                                       \
	BASE_RULE("A")                                                                             \
	BASE_RULE("B")                                                                             \
	BASE_RULE("C")                                                                             \
	"title: out\nname: out\ncorrelation: {type: " type                                         \
	", rules: [A, B, C], group-by: [client.ip], timespan: 10s" more "}\n"

static void three_steps_in_order(void **state)
{
	(void)state;
	bench_open(&b, SEQUENCE("temporal_ordered", ""), 0);
	bench_feed(&b, 0, "B", 1);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "C", 1);
	assert_int_equal(b.hits, 0);
	bench_feed(&b, 3, "B", 1);
	bench_feed(&b, 4, "B", 2);
	bench_feed(&b, 11, "C", 1);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 3);
	assert_int_equal(b.hit[0].first, 1);
	assert_int_equal(b.hit[0].last, 11);
}

static void a_step_that_comes_late_still_counts(void **state)
{
	(void)state;
	bench_open(&b, SEQUENCE("temporal_ordered", ""), 0);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 3, "C", 1);
	bench_feed(&b, 2, "B", 1);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].last, 3);
}

static void one_event_is_one_step(void **state)
{
	(void)state;
	bench_open(
	        &b,
	        BASE_RULE(
	                "A") "title: A2\nname: A2\nlogsource: {service: http}\n"
	                     "detection: {s: {http.request.method|startswith: A}, "
	                     "condition: s}\n---\n"
	                     "title: out\nname: out\ncorrelation: {type: temporal_ordered, rules: "
	                     "[A, A2], group-by: [client.ip], timespan: 10s}\n---\n"
	                     "title: both\nname: both\ncorrelation: {type: temporal, rules: "
	                     "[A, A2], group-by: [client.ip], timespan: 10s}\n",
	        0);
	bench_feed(&b, 0, "A", 1);
	assert_int_equal(b.hits, 1);
	assert_string_equal(b.hit[0].name, "both");
	bench_feed(&b, 0, "A", 1);
	assert_int_equal(b.hits, 2);
	assert_string_equal(b.hit[1].name, "out");
}

static void some_of_the_rules_together_are_enough_when_the_condition_says_so(void **state)
{
	(void)state;
	bench_open(&b, SEQUENCE("temporal", ", condition: {gte: 2}"), 0);
	bench_feed(&b, 0, "C", 1);
	bench_feed(&b, 1, "C", 1);
	assert_int_equal(b.hits, 0);
	bench_feed(&b, 2, "A", 1);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.hit[0].count, 2);
	assert_int_equal(b.hit[0].first, 1);
}

static void generate_lets_the_counted_rules_speak(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") "title: out\nname: out\ncorrelation: {type: event_count, rules: "
	                          "[A], group-by: [client.ip], timespan: 10s, condition: {gte: 2}, "
	                          "generate: true}\n",
	           0);
	bench_feed(&b, 0, "A", 1);
	bench_feed(&b, 1, "A", 1);
	assert_int_equal(b.hits, 3);
	assert_string_equal(b.hit[0].name, "A");
	assert_string_equal(b.hit[1].name, "A");
	assert_string_equal(b.hit[2].name, "out");
	assert_false(sigma_rule_by_name(b.set, "A")->silent);
}

static void chains_pass_keys_on_by_alias(void **state)
{
	(void)state;
	bench_open(&b,
	           BASE_RULE("A") BASE_RULE("B") "title: outer\nname: outer\ncorrelation: {type: "
	                                         "temporal_ordered, rules: [few, "
	                                         "many], group-by: [who], aliases: {who: {few: "
	                                         "host, many: host}}, timespan: "
	                                         "1m}\n---\n"
	                                         "title: many\nname: many\ncorrelation: {type: "
	                                         "event_count, rules: [B], group-by: "
	                                         "[host], aliases: {host: {B: user.name}}, "
	                                         "timespan: 10s, condition: {gte: "
	                                         "2}}\n---\n"
	                                         "title: few\nname: few\ncorrelation: {type: "
	                                         "event_count, rules: [A], group-by: "
	                                         "[host], aliases: {host: {A: user.name}}, "
	                                         "timespan: 10s, condition: {lt: 2}}\n",
	           0);
	bench_event(&b, 0, "A", 1);
	event_set_name(b.event, FIELD_USER_NAME, "eve");
	bench_send(&b);
	for (int i = 20; i < 22; i++) {
		bench_event(&b, i, "B", 1);
		event_set_name(b.event, FIELD_USER_NAME, "eve");
		bench_send(&b);
	}
	assert_int_equal(b.hits, 1);
	assert_string_equal(b.hit[0].name, "outer");
	assert_int_equal(b.hit[0].first, 0);
	assert_int_equal(b.hit[0].last, 21);
}

static void a_correlation_of_a_bad_rule_is_left_out_and_keeps_the_others_silent(void **state)
{
	(void)state;
	static const char text[] = BASE_RULE(
	        "A") "title: bad\nname: bad\nlogsource: {service: http}\n"
	             "detection: {s: {no.field: 1}, condition: s}\n---\n"
	             "title: out\nname: out\ncorrelation: {type: temporal, rules: [A, bad], "
	             "group-by: [client.ip], timespan: 10s}\n";
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("t.yml", BYTES(text), &complaints);

	assert_int_equal(sigma_rule_count(set), 1);
	assert_true(sigma_rule_at(set, 0)->silent);
	assert_int_equal(complaints.errors, 2);
	assert_non_null(strstr(complaints.first->next->text,
	                       "rule 'bad' was left out for its own mistakes"));
	sigma_free(set);
	complaints_free(&complaints);
}

static void events_without_the_field_to_group_by_are_counted_apart(void **state)
{
	(void)state;
	struct sigma_counts counts;

	bench_open(&b, COUNT("gte: 3"), 0);
	bench_event(&b, 0, "A", 1);
	event_clear(b.event, FIELD_CLIENT_IP);
	bench_send(&b);
	sigma_detector_counts(b.detector, &counts);
	assert_int_equal(counts.ungrouped, 1);
	assert_int_equal(counts.groups, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_bench)
	const struct CMUnitTest tests[] = {
	        TEST(a_hit_tells_count_first_and_last),
	        TEST(a_hit_names_the_times_of_some_of_its_events),
	        TEST(late_events_count_in_their_place),
	        TEST(a_clock_that_is_set_back_starts_anew),
	        TEST(an_event_counts_once_however_many_rules_it_matches),
	        TEST(fewer_than_can_only_be_judged_when_the_span_has_ended),
	        TEST(equal_unequal_and_ranges_are_judged_at_the_end),
	        TEST(sums_slide),
	        TEST(averages_are_judged_at_the_end),
	        TEST(distinct_values_slide),
	        TEST(tuples_and_lists_have_distinct_values),
	        TEST(a_list_to_group_by_counts_for_each_element),
	        TEST(three_steps_in_order),
	        TEST(a_step_that_comes_late_still_counts),
	        TEST(one_event_is_one_step),
	        TEST(some_of_the_rules_together_are_enough_when_the_condition_says_so),
	        TEST(generate_lets_the_counted_rules_speak),
	        TEST(chains_pass_keys_on_by_alias),
	        TEST(a_correlation_of_a_bad_rule_is_left_out_and_keeps_the_others_silent),
	        TEST(events_without_the_field_to_group_by_are_counted_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
