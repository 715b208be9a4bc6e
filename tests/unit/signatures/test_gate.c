/* Tests of the gate: it never says no to an event that a rule could match, and it does say no where
 * one condition is known to fail. */
#include "tests/unit/signatures/rules.h"

#define RULE(name, detection)                                                                      \
	"title: " name "\nname: " name "\nlogsource: {service: http}\ndetection:\n" detection      \
	"---\n"

static struct field_set open_fields(const enum field *fields, size_t count)
{
	struct field_set set = {{0}};

	for (size_t i = 0; i < count; i++)
		field_set_add(&set, fields[i]);
	return set;
}

#define OPEN(...)                                                                                  \
	open_fields((const enum field[]){__VA_ARGS__},                                             \
	            sizeof((const enum field[]){__VA_ARGS__}) / sizeof(enum field))

static bool wants(const struct bench *b, struct field_set open)
{
	return sigma_wants_event(b->set, b->event, &open);
}

static const struct field_set nothing;

static void begin(struct bench *b)
{
	event_begin(b->event, EVENT_HTTP, SECOND);
}

static void with_rules(struct bench *b, const char *rules)
{
	bench_open(b, rules, 0);
	begin(b);
}

static void asks_values(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, RULE("r", "  s: {http.request.method: [GET, POST]}\n  condition: s\n"));
	assert_false(wants(&b, nothing));
	assert_true(wants(&b, OPEN(FIELD_HTTP_REQUEST_METHOD)));
	event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, "PUT");
	assert_false(wants(&b, nothing));
	assert_true(wants(&b, OPEN(FIELD_HTTP_REQUEST_METHOD))); /* it may still change */
	event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, "post");
	assert_true(wants(&b, nothing));
	b.event->kind = EVENT_TLS;
	assert_false(wants(&b, nothing));
	bench_close(&b);
}

static void asks_numbers_and_addresses(void **state)
{
	struct bench b;
	struct address a;

	(void)state;
	with_rules(&b,
	           RULE("r", "  s: {http.response.status_code|gte: 400, server.port: [80, 8080]}\n"
	                     "  n: {server.ip|cidr: 192.0.2.0/24}\n"
	                     "  condition: s and n\n"));
	event_set_integer(b.event, FIELD_HTTP_RESPONSE_STATUS_CODE, 404);
	event_set_integer(b.event, FIELD_SERVER_PORT, 8080);
	assert_true(wants(&b, OPEN(FIELD_SERVER_IP)));
	assert_true(address_parse(BYTES("192.0.2.9"), &a));
	event_set_address(b.event, FIELD_SERVER_IP, a);
	assert_true(wants(&b, nothing));
	assert_true(address_parse(BYTES("198.51.100.9"), &a));
	event_set_address(b.event, FIELD_SERVER_IP, a);
	assert_false(wants(&b, nothing));
	assert_true(address_parse(BYTES("192.0.2.9"), &a));
	event_set_address(b.event, FIELD_SERVER_IP, a);
	event_set_integer(b.event, FIELD_SERVER_PORT, 81);
	assert_false(wants(&b, nothing));
	event_set_integer(b.event, FIELD_SERVER_PORT, 80);
	event_set_integer(b.event, FIELD_HTTP_RESPONSE_STATUS_CODE, 399);
	assert_false(wants(&b, nothing));
	bench_close(&b);
}

/* A negation of what is not known yet holds as well as the thing itself. */
static void negations_stay_open(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, RULE("r", "  s: {url.path|startswith: /a}\n"
	                         "  filter_shared: {configmgr.client.shared: true}\n"
	                         "  filter_null: {user_agent.original: null}\n"
	                         "  condition: s and not 1 of filter_*\n"));
	event_set_name(b.event, FIELD_URL_PATH, "/A/b");
	assert_false(wants(&b, nothing)); /* no user agent */
	assert_true(wants(&b, OPEN(FIELD_USER_AGENT_ORIGINAL)));
	event_set_name(b.event, FIELD_USER_AGENT_ORIGINAL, "x");
	assert_true(wants(&b, nothing));
	event_set_boolean(b.event, FIELD_CONFIGMGR_CLIENT_SHARED, true);
	assert_false(wants(&b, nothing));
	assert_true(wants(&b, OPEN(FIELD_CONFIGMGR_CLIENT_SHARED)));
	bench_close(&b);
}

static void asks_presence(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, RULE("r", "  s: {url.query|exists: true, url.domain|exists: false}\n"
	                         "  condition: s\n"));
	assert_false(wants(&b, nothing));
	event_set_name(b.event, FIELD_URL_QUERY, "q");
	assert_true(wants(&b, nothing));
	event_set_name(b.event, FIELD_URL_DOMAIN, "d");
	assert_false(wants(&b, nothing));
	assert_true(wants(&b, OPEN(FIELD_URL_DOMAIN)));
	bench_close(&b);
}

static void alternatives_count(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, RULE("r", "  one_a: {configmgr.client.type: 0}\n"
	                         "  one_b: {url.path|endswith: .crl}\n"
	                         "  one_c: {configmgr.server.authorized: false, url.domain: d}\n"
	                         "  condition: 1 of one_*\n"));
	event_set_name(b.event, FIELD_URL_PATH, "/a.CRL");
	assert_true(wants(&b, nothing));
	event_set_name(b.event, FIELD_URL_PATH, "/a.crt");
	assert_false(wants(&b, nothing));
	event_set_integer(b.event, FIELD_CONFIGMGR_CLIENT_TYPE, 1);
	assert_false(wants(&b, OPEN(FIELD_CONFIGMGR_SERVER_AUTHORIZED)));
	event_set_name(b.event, FIELD_URL_DOMAIN, "d");
	assert_true(wants(&b, OPEN(FIELD_CONFIGMGR_SERVER_AUTHORIZED)));
	assert_false(wants(&b, nothing));
	event_set_integer(b.event, FIELD_CONFIGMGR_CLIENT_TYPE, 0);
	assert_true(wants(&b, nothing));
	bench_close(&b);
}

/* What it does not ask counts as held, whether negated or not. */
static void dear_tests_count_as_held(void **state)
{
	struct bench b;
	char *path = calloc(1, 4001);

	(void)state;
	with_rules(&b, RULE("a", "  s: {url.path|re: '^/x.*y$'}\n  condition: s\n")
	                       RULE("b", "  s: {http.version|exists: true}\n"
	                                 "  n: {url.domain|fieldref: url.query}\n"
	                                 "  condition: s and not n\n"));
	event_set_name(b.event, FIELD_URL_PATH, "/z");
	assert_true(wants(&b, nothing));
	event_clear(b.event, FIELD_URL_PATH);
	assert_false(wants(&b, nothing));
	event_set_name(b.event, FIELD_HTTP_VERSION, "1.1");
	assert_true(wants(&b, nothing));
	bench_close(&b);
	with_rules(&b, RULE("r", "  s: {url.path|contains: secret}\n  condition: s\n"));
	memset(path, 'a', 4000);
	event_set_name(b.event, FIELD_URL_PATH, path);
	assert_true(wants(&b, nothing));
	path[400] = 0;
	event_set_name(b.event, FIELD_URL_PATH, path);
	assert_false(wants(&b, nothing));
	memcpy(path + 390, "sEcReT", 6);
	assert_true(wants(&b, nothing));
	bench_close(&b);
	free(path);
}

/* Keywords look everywhere, also where something may still be set. */
static void keywords_want_everything(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, RULE("r", "  s: [secret]\n  condition: s\n"));
	assert_true(wants(&b, nothing));
	bench_close(&b);
}

/* A rule that a correlation counts is wanted though it raises nothing of its own. */
static void correlations_want_their_rules(void **state)
{
	struct bench b;

	(void)state;
	with_rules(&b, BASE_RULE("GET") "title: c\nname: c\ncorrelation:\n  type: event_count\n"
	                                "  rules: [GET]\n  group-by: [client.ip]\n"
	                                "  timespan: 1m\n  condition: {gte: 2}\n");
	event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, "GET");
	assert_true(wants(&b, nothing));
	event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, "HEAD");
	assert_false(wants(&b, nothing));
	bench_close(&b);
}

static void lists_are_asked_in_every_element(void **state)
{
	struct bench b;
	struct bytes list[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		list[i] = BYTES("x");
	with_rules(&b, RULE("r", "  s: {configmgr.named.management_points|startswith: mp}\n"
	                         "  condition: s\n"));
	event_set_texts(b.event, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, list, 3);
	assert_false(wants(&b, nothing));
	list[2] = BYTES("MP01");
	assert_true(wants(&b, nothing));
	list[2] = BYTES("x");
	event_set_texts(b.event, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, list, 20);
	assert_true(wants(&b, nothing)); /* too long to be asked */
	bench_close(&b);
}

/* Rules and events at random: whatever matches when all is set passes before, whichever fields were
 * still open; and what passes with nothing open and no dear test matches. */
static void never_refuses_what_matches(void **state)
{
	static const enum field fields[] = {FIELD_HTTP_REQUEST_METHOD, FIELD_URL_PATH,
	                                    FIELD_HTTP_RESPONSE_STATUS_CODE,
	                                    FIELD_CONFIGMGR_CLIENT_KNOWN};
	static const char *const tests[] = {
	        "http.request.method: a",          "http.request.method|exists: true",
	        "http.request.method: null",       "url.path|contains: [b, aa]",
	        "url.path|startswith|cased: A",    "url.path|neq: ab",
	        "http.response.status_code|lt: 2", "http.response.status_code: [1, 3]",
	        "configmgr.client.known: false",   "configmgr.client.known|exists: false",
	};
	static const char *const conditions[] = {"a and b and not c", "a and (b or not c)",
	                                         "not a and b",       "1 of them and not (a and c)",
	                                         "a or b or c",       "not (a or b) or c"};
	static const char *const texts[] = {"a", "ab", "AAb", "B", ""};
	unsigned seed = 1, matched = 0, refused = 0;

	(void)state;
#define PICK(list) list[rand_r(&seed) % (sizeof(list) / sizeof(*(list)))]
	for (int round = 0; round < 300; round++) {
		struct bench b;
		char rule[512];

		snprintf(rule, sizeof(rule),
		         "title: r\nname: r\nlogsource: {service: http}\ndetection:\n"
		         "  a: {%s}\n  b: {%s}\n  c: {%s}\n  condition: %s\n",
		         PICK(tests), PICK(tests), PICK(tests), PICK(conditions));
		with_rules(&b, rule);
		for (int i = 0; i < 40; i++) {
			struct field_set open = {{0}};
			struct event full;
			bool passed;

			begin(&b);
			if (rand_r(&seed) % 3)
				event_set_name(b.event, FIELD_HTTP_REQUEST_METHOD, PICK(texts));
			if (rand_r(&seed) % 3)
				event_set_name(b.event, FIELD_URL_PATH, PICK(texts));
			if (rand_r(&seed) % 3)
				event_set_integer(b.event, FIELD_HTTP_RESPONSE_STATUS_CODE,
				                  rand_r(&seed) % 4);
			if (rand_r(&seed) % 3)
				event_set_boolean(b.event, FIELD_CONFIGMGR_CLIENT_KNOWN,
				                  rand_r(&seed) % 2);
			b.hits = 0;
			sigma_detect(b.detector, b.event, bench_on_hit, &b);
			assert_int_equal(wants(&b, open), b.hits != 0);
			full = *b.event;
			for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++)
				if (rand_r(&seed) % 2) {
					field_set_add(&open, fields[f]);
					event_clear(b.event, fields[f]);
				}
			passed = wants(&b, open);
			*b.event = full;
			assert_true(passed || !b.hits);
			matched += b.hits != 0;
			refused += !passed;
		}
		bench_close(&b);
	}
	assert_true(matched > 1000 && refused > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(asks_values),
	        cmocka_unit_test(asks_numbers_and_addresses),
	        cmocka_unit_test(negations_stay_open),
	        cmocka_unit_test(asks_presence),
	        cmocka_unit_test(alternatives_count),
	        cmocka_unit_test(dear_tests_count_as_held),
	        cmocka_unit_test(keywords_want_everything),
	        cmocka_unit_test(correlations_want_their_rules),
	        cmocka_unit_test(lists_are_asked_in_every_element),
	        cmocka_unit_test(never_refuses_what_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
