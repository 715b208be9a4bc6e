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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_part_is_told_whatever_the_others_say),
	        cmocka_unit_test(another_log_source_is_told_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
