/* Overrides and filters: how sites tune rules that are not theirs. */
#include "tests/unit/signatures/rules.h"

#include <unistd.h>

#define RULES                                                                                      \
	BASE_RULE("A")                                                                             \
	"title: B\nname: B\nid: 0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51\nlevel: high\n"               \
	"logsource: {service: http}\n"                                                             \
	"detection: {s: {http.request.method: B}, condition: s}\n---\n"                            \
	"title: E\nname: E\nstatus: experimental\nlogsource: {service: http}\n"                    \
	"detection: {s: {http.request.method: E}, condition: s}\n---\n"                            \
	"title: flood\nname: flood\ncorrelation: {type: event_count, rules: [A], group-by: "       \
	"[client.ip], timespan: 10s, condition: {gte: 5}}\n"

static struct bench b;
static char file[] = "/tmp/test_override.XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static int close_bench(void **state)
{
	(void)state;
	bench_close(&b);
	return 0;
}

static void open_with(const char *overrides)
{
	const struct sigma_options options = {.overrides = file};
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(overrides, f);
	fclose(f);
	bench_close(&b);
	b.event = calloc(1, sizeof(*b.event));
	b.set = sigma_load_text_with(&options, "t.yml", BYTES(RULES), &b.complaints);
	b.detector = sigma_detector_open(b.set, (struct sigma_limits){0});
}

/* Of the complaints, those about the overrides, without the name of their file. */
static const char *said(void)
{
	static char text[4096];
	size_t n = 0;

	text[0] = 0;
	for (const struct complaint *c = b.complaints.first; c; c = c->next)
		if (!strncmp(c->text, file, strlen(file)))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? "\n" : "",
			                      c->text + strlen(file) + 1);
	return text;
}

static void a_threshold_is_replaced(void **state)
{
	(void)state;
	open_with("flood: {threshold: 2}\n");
	assert_string_equal(said(), "");
	bench_feed(&b, 0, "A", 1);
	bench_feed(&b, 1, "A", 1);
	assert_int_equal(b.hits, 1);

	const struct sigma_override *o = sigma_rule_by_name(b.set, "flood")->override;

	assert_true(o->has_threshold);
	assert_int_equal(o->threshold, 2);
	assert_int_equal(o->own_threshold, 5);
	assert_int_equal(o->line, 1);
	assert_string_equal(o->file, file);
	assert_null(sigma_rule_by_name(b.set, "A")->override);
}

static void a_level_is_replaced_by_id(void **state)
{
	(void)state;
	open_with("0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51: {level: low}\n");
	assert_string_equal(said(), "");

	const struct sigma_rule *rule = sigma_rule_by_name(b.set, "B");

	assert_int_equal(rule->level, SIGMA_LOW);
	assert_int_equal(rule->override->own_level, SIGMA_HIGH);
}

static void rules_are_switched_off_and_on(void **state)
{
	(void)state;
	open_with("B: {enable: false}\nE: {enable: true}\nA: {enable: false}\n");
	assert_string_equal(said(), "");
	bench_feed(&b, 0, "B", 1);
	assert_int_equal(b.hits, 0);
	assert_true(sigma_rule_by_name(b.set, "B")->disabled);
	bench_feed(&b, 0, "E", 1);
	assert_int_equal(b.hits, 1);
	for (int i = 0; i < 5; i++) /* what counts A goes on */
		bench_feed(&b, i, "A", 1);
	assert_int_equal(b.hits, 2);
}

static void send_to(double seconds, const char *method, uint32_t client, const char *server)
{
	struct address a;

	bench_event(&b, seconds, method, client);
	address_parse(bytes_of(server), &a);
	event_set_address(b.event, FIELD_SERVER_IP, a);
	bench_send(&b);
}

static void hits_are_kept_back_by_client_server_network_and_date(void **state)
{
	(void)state;
	struct sigma_counts counts;

	open_with("B:\n    suppress:\n"
	          "        - {client: 10.0.0.1, server: 192.0.2.1, reason: a test}\n"
	          "        - {network: 198.51.100.0/24}\n"
	          "        - {client: 10.0.0.9, until: 1970-01-02}\n"
	          "flood: {suppress: [{client: 10.0.0.0/30}]}\n");
	assert_string_equal(said(), "");
	send_to(0, "B", 1, "192.0.2.1");
	assert_int_equal(b.hits, 0);
	send_to(0, "B", 1, "192.0.2.2");
	send_to(0, "B", 2, "192.0.2.1");
	assert_int_equal(b.hits, 2);
	send_to(0, "B", 2, "198.51.100.77");
	assert_int_equal(b.hits, 2);
	send_to(2 * 86400 - 1, "B", 9, "192.0.2.1"); /* the last second of the last day */
	assert_int_equal(b.hits, 2);
	send_to(2 * 86400, "B", 9, "192.0.2.1");
	assert_int_equal(b.hits, 3);
	for (int i = 0; i < 5; i++) {
		send_to(3 * 86400 + i, "A", 3, "192.0.2.1");
		send_to(3 * 86400 + i, "A", 4, "192.0.2.1");
	}
	assert_int_equal(b.hits, 4);
	assert_string_equal(b.hit[3].client, "10.0.0.4");
	sigma_detector_counts(b.detector, &counts);
	assert_int_equal(counts.suppressed, 4);
	assert_string_equal(sigma_rule_by_name(b.set, "B")->override->suppression[0].reason,
	                    "a test");
}

static void a_date_later_than_any_packet_is_for_ever(void **state)
{
	(void)state;
	open_with("B: {suppress: [{until: 9999-12-31}]}\n");
	assert_string_equal(said(), "");
	assert_true(sigma_rule_by_name(b.set, "B")->override->suppression[0].until == INT64_MAX);
	bench_feed(&b, 86400 * 365.0 * 200, "B", 1);
	assert_int_equal(b.hits, 0);
}

static void a_date_before_any_packet_is_a_mistake(void **state)
{
	(void)state;
	open_with("B: {suppress: [{until: 1013-12-31}]}\n");
	assert_string_equal(said(), "1:24: 'until' must be a date from 1970 on");
}

static void mistakes_in_overrides_are_told(void **state)
{
	(void)state;
	open_with("floot: {threshold: 2}\n"
	          "flood: {treshold: 2, level: hihg, enable: maybe}\n"
	          "A: {threshold: 5}\n"
	          "B: {suppress: [{client: 10.0.0.300, until: tomorrow}, {}, x]}\n"
	          "0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51: {level: low}\n"
	          "E: 5\n");
	assert_string_equal(
	        said(),
	        "1:1: there is no rule 'floot' (did you mean 'flood'?)\n"
	        "2:9: there is no key 'treshold' here (did you mean 'threshold'?)\n"
	        "2:29: there is no level 'hihg' (did you mean 'high'?)\n"
	        "2:43: 'enable' must be true or false, not text\n"
	        "3:16: the rule has no threshold: its condition counts nothing\n"
	        "4:25: expected an address or a network such as 192.0.2.0/24 or 2001:db8::/32\n"
	        "4:44: 'until' must be a date, YYYY-MM-DD\n"
	        "4:55: this keeps every hit back: say for whom, or until when; to switch a rule "
	        "off "
	        "write 'enable: false'\n"
	        "4:59: expected a mapping of client, server, network, until and reason\n"
	        "5:1: rule \"B\" has an override already, at line 4\n"
	        "6:4: expected a mapping of threshold, level, enable and suppress");
	send_to(0, "B", 1, "192.0.2.1");
	assert_int_equal(b.hits, 1); /* a broken suppression keeps nothing back */
}

#define FILTERED(filter)                                                                           \
	BASE_RULE("A")                                                                             \
	"title: other\nname: other\nlogsource: {service: connection}\n"                            \
	"detection: {s: {client.ip|exists: true}, condition: s}\n---\n"                            \
	"title: F\nlogsource: {service: http}\nfilter: {" filter "}\n"

static void a_filter_takes_events_out(void **state)
{
	(void)state;
	static const char *const rules[] = {
	        FILTERED("rules: [A], selection: {client.ip: 10.0.0.1}, condition: not selection"),
	        FILTERED("rules: A, selection: {client.ip: 10.0.0.1}, condition: not selection"),
	        FILTERED("rules: any, selection: {client.ip: 10.0.0.1}, condition: not selection"),
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		bench_open(&b, rules[i], 0);
		bench_feed(&b, 0, "A", 1);
		assert_int_equal(b.hits, 0);
		bench_feed(&b, 0, "A", 2);
		assert_int_equal(b.hits, 1);
		bench_event(&b, 0, "A", 1)->kind = EVENT_CONNECTION; /* another log source */
		bench_send(&b);
		assert_int_equal(b.hits, 2);
		assert_int_equal(sigma_rule_count(b.set), 2); /* a filter is no rule */
		bench_close(&b);
	}
}

static void a_filter_means_what_it_says_even_when_it_is_odd(void **state)
{
	(void)state;
	bench_open(&b, FILTERED("rules: [A, other], s: {client.ip: 10.0.0.1}, condition: s"), 0);
	bench_feed(&b, 0, "A", 1);
	assert_int_equal(b.hits, 1);
	bench_feed(&b, 0, "A", 2);
	assert_int_equal(b.hits, 1);
	assert_int_equal(b.complaints.warnings, 2);
	assert_non_null(strstr(b.complaints.first->text, "the condition holds no 'not'"));
	assert_non_null(strstr(b.complaints.first->next->text, "has another log source"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, close_bench)
	const struct CMUnitTest tests[] = {
	        TEST(a_threshold_is_replaced),
	        TEST(a_level_is_replaced_by_id),
	        TEST(rules_are_switched_off_and_on),
	        TEST(hits_are_kept_back_by_client_server_network_and_date),
	        TEST(a_date_later_than_any_packet_is_for_ever),
	        TEST(a_date_before_any_packet_is_a_mistake),
	        TEST(mistakes_in_overrides_are_told),
	        TEST(a_filter_takes_events_out),
	        TEST(a_filter_means_what_it_says_even_when_it_is_odd),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
