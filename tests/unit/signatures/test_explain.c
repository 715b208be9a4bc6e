/* Explaining: which parts of a rule held for an event. */
#include "tests/unit/signatures/rules.h"

struct told {
	char text[4096];
	size_t len;
};

static void on_reason(void *context, const struct sigma_reason *reason)
{
	struct told *told = context;

	told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
	                              "%*s%s%s %s%s:%u\n", (int)reason->depth * 2, "", reason->how,
	                              reason->what ? reason->what : "", reason->held ? "yes" : "no",
	                              reason->is_absent ? " (absent)" : "", reason->line);
}

static void every_part_is_told_whatever_the_others_say(void **state)
{
	(void)state;
	struct bench b;
	struct told told = {0};

	bench_open(&b,
	           "title: T\nname: T\nlogsource: {service: http}\ndetection:\n"
	           "    selection:\n"
	           "        http.request.method: A\n"
	           "        url.path|contains: policy\n"
	           "    other:\n"
	           "        - client.ip: 10.0.0.1\n"
	           "        - user.name|startswith: adm\n"
	           "    filter_x:\n"
	           "        client.ip|cidr: 10.0.0.0/8\n"
	           "    condition: selection and other and not 1 of filter_*\n",
	           0);
	bench_event(&b, 0, "A", 1);
	assert_false(sigma_explain(b.detector, sigma_rule_at(b.set, 0), b.event, on_reason, &told));
	assert_string_equal(told.text, "logsource yes:1\n"
	                               "all of no:0\n"
	                               "  selection no:5\n"
	                               "    http.request.method yes:6\n"
	                               "    url.path|contains no (absent):7\n"
	                               "  other yes:8\n"
	                               "    any of yes:0\n"
	                               "      client.ip yes:9\n"
	                               "      user.name|startswith no (absent):10\n"
	                               "  not no:0\n"
	                               "    any of yes:0\n"
	                               "      filter_x yes:11\n"
	                               "        client.ip|cidr yes:12\n");
	bench_close(&b);
}

static void another_log_source_is_told_first(void **state)
{
	(void)state;
	struct bench b;
	struct told told = {0};

	bench_open(&b, BASE_RULE("A"), 0);
	bench_event(&b, 0, "A", 1)->kind = EVENT_CONNECTION;
	assert_false(sigma_explain(b.detector, sigma_rule_at(b.set, 0), b.event, on_reason, &told));
	assert_string_equal(told.text, "logsource no:1\ns yes:4\n  http.request.method yes:4\n");
	b.event->kind = EVENT_HTTP;
	assert_true(sigma_explain(b.detector, sigma_rule_at(b.set, 0), b.event, on_reason, &told));
	bench_close(&b);
}

static void on_decisive(void *context, const struct sigma_reason *reason)
{
	struct told *told = context;

	if (reason->is_decisive)
		told->len +=
		        (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
		                         "%s%u ", reason->held ? "not " : "", reason->line);
}

static void the_fewest_entries_that_stand_in_the_way_are_marked(void **state)
{
	(void)state;
	struct bench b;
	struct told told = {0};
	struct sigma_distance d;

	bench_open(&b,
	           "title: T\nname: T\nlogsource: {service: http}\ndetection:\n"
	           "    selection:\n"
	           "        http.request.method: A\n"
	           "        url.path|contains: policy\n"
	           "    other:\n"
	           "        - client.ip: 10.0.0.2\n"
	           "          url.query: x\n"
	           "        - user.name|startswith: adm\n"
	           "    filter_x:\n"
	           "        client.ip|cidr: 10.0.0.0/8\n"
	           "    condition: selection and other and not 1 of filter_*\n",
	           0);
	bench_event(&b, 0, "A", 1);
	sigma_explain(b.detector, sigma_rule_at(b.set, 0), b.event, on_decisive, &told);
	assert_string_equal(told.text, "7 11 not 13 ");
	d = sigma_distance(b.detector, sigma_rule_at(b.set, 0), b.event);
	assert_int_equal(d.missing, 3);
	assert_int_equal(d.of, 3);
	bench_event(&b, 0, "A", 1);
	event_set_name(b.event, FIELD_USER_NAME, "administrator");
	event_clear(b.event, FIELD_CLIENT_IP);
	d = sigma_distance(b.detector, sigma_rule_at(b.set, 0), b.event);
	assert_int_equal(d.missing, 1);
	event_set_name(b.event, FIELD_URL_PATH, "/policy");
	d = sigma_distance(b.detector, sigma_rule_at(b.set, 0), b.event);
	assert_int_equal(d.missing, 0);
	b.event->kind = EVENT_CONNECTION;
	d = sigma_distance(b.detector, sigma_rule_at(b.set, 0), b.event);
	assert_int_equal(d.missing, SIGMA_NEVER);
	bench_close(&b);
}

static void on_progress(void *context, const struct sigma_progress *progress)
{
	struct told *told = context;

	told->len += (size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
	                              "%s %s %u/%u\n", progress->rule->name, progress->group,
	                              (unsigned)progress->reached, (unsigned)progress->wanted);
}

static void a_correlation_tells_how_far_its_groups_have_come(void **state)
{
	(void)state;
	struct bench b;
	struct told told = {0};
	char text[200];

	bench_open(&b,
	           BASE_RULE("A") BASE_RULE(
	                   "B") "title: many\nname: many\ncorrelation: {type: event_count, rules: "
	                        "[A], "
	                        "group-by: [client.ip], timespan: 90s, condition: {gte: 3}}\n---\n"
	                        "title: values\nname: values\ncorrelation: {type: value_count, "
	                        "rules: [A], "
	                        "group-by: [client.ip], timespan: 1h, condition: {field: "
	                        "http.request.method, "
	                        "gt: 1}}\n---\n"
	                        "title: both\nname: both\ncorrelation: {type: temporal, rules: [A, "
	                        "B], "
	                        "timespan: 2d, group-by: [client.ip]}\n",
	           0);
	sigma_watch(b.detector, on_progress, &told);
	bench_feed(&b, 0, "A", 1);
	bench_feed(&b, 1, "A", 1);
	bench_feed(&b, 2, "B", 2);
	assert_string_equal(told.text, "many 10.0.0.1 1/3\nvalues 10.0.0.1 1/2\nboth 10.0.0.1 1/2\n"
	                               "many 10.0.0.1 2/3\nvalues 10.0.0.1 1/2\nboth 10.0.0.1 1/2\n"
	                               "both 10.0.0.2 1/2\n");
	assert_string_equal(
	        sigma_rule_counting(sigma_rule_by_name(b.set, "many"), text, sizeof(text)),
	        "event_count gte 3 within 90s by client.ip");
	assert_string_equal(
	        sigma_rule_counting(sigma_rule_by_name(b.set, "values"), text, sizeof(text)),
	        "value_count of http.request.method gt 1 within 1h by client.ip");
	assert_string_equal(
	        sigma_rule_counting(sigma_rule_by_name(b.set, "both"), text, sizeof(text)),
	        "temporal within 2d by client.ip");
	assert_string_equal(sigma_rule_counting(sigma_rule_by_name(b.set, "A"), text, sizeof(text)),
	                    "");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_part_is_told_whatever_the_others_say),
	        cmocka_unit_test(the_fewest_entries_that_stand_in_the_way_are_marked),
	        cmocka_unit_test(a_correlation_tells_how_far_its_groups_have_come),
	        cmocka_unit_test(another_log_source_is_told_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
