/* Matching: the index and the compiled conditions say the same as the plain walk over the trees,
 * for random rules and events; and no event that could match is unwanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"
#include "signatures/sigma/sigma.h"

#include <stdlib.h>

static uint64_t random_state = 1;

static unsigned next_random(unsigned below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % below;
}

static const char *const texts[] = {
        "a",
        "ab",
        "abc",
        "abcd",
        "ABCDE",
        "xabcdx",
        "policy",
        "/sms_mp/.sms_pol",
        "k",
        "\xe2\x84\xaa",
        "ss",
        "STRA\xc3\x9fs",
        "\xc3\x84rger",
        "\xff\xfe",
        "a-b",
        "-x",
        "/x",
        "445",
        "80",
        "0445",
        "10.0.0.1",
        "fe80::1",
        "bbabcdabcd",
        "",
};

#define TEXTS (sizeof(texts) / sizeof(*texts))

struct text {
	char at[32768];
	size_t len;
};

static void add(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->len += (size_t)vsnprintf(t->at + t->len, sizeof(t->at) - t->len, format, args);
	va_end(args);
	assert_true(t->len < sizeof(t->at));
}

/* A text for YAML in double quotes, with bytes beyond UTF-8 left out. */
static void add_value(struct text *t)
{
	static const char *const shapes[] = {"%s", "%s*", "*%s", "*%s*", "%s?%s", "*%s*%s*", "?%s"};
	const char *a = texts[next_random(TEXTS)], *b = texts[next_random(TEXTS)];
	const char *shape = shapes[next_random(7)];
	char value[128];

	snprintf(value, sizeof(value), shape, a, b);
	add(t, "\"");
	for (const char *c = value; *c; c++)
		if ((uint8_t)*c < 0xf8)
			add(t, "%c", *c);
	add(t, "\"");
}

static void add_values(struct text *t)
{
	unsigned count = next_random(4);

	if (!count) {
		add_value(t);
		return;
	}
	add(t, "[");
	for (unsigned i = 0; i < count; i++) {
		add(t, i ? ", " : "");
		add_value(t);
	}
	add(t, "]");
}

static void add_item(struct text *t)
{
	static const char *const text_fields[] = {"url.path", "url.query", "configmgr.policy.id",
	                                          "server.ip", "configmgr.site.mode"};
	static const char *const modifiers[] = {"",          "|contains", "|startswith",
	                                        "|endswith", "|cased",    "|contains|all",
	                                        "|neq",      "|windash",  "|contains|cased"};
	static const char *const expressions[] = {"'ab+c'",   "'^abc'",   "'(a|b)cd$'",
	                                          "'pol.cy'", "'x?abcd'", "'[a-c]+/'"};

	switch (next_random(10)) {
	case 0:
		add(t, "        server.port: [%u, '445']\n", next_random(3) * 80);
		break;
	case 1:
		add(t, "        server.port|%s: %u\n", next_random(2) ? "gt" : "lte",
		    next_random(500));
		break;
	case 2:
		add(t, "        configmgr.message.signed: %s\n", next_random(2) ? "true" : "false");
		break;
	case 3:
		add(t, "        url.query|exists: %s\n", next_random(2) ? "true" : "false");
		break;
	case 4:
		add(t, "        server.ip|cidr: ['10.0.0.0/8', 'fe80::/10']\n");
		break;
	case 5:
		add(t, "        url.path|re%s: %s\n", next_random(2) ? "|i" : "",
		    expressions[next_random(6)]);
		break;
	case 6:
		add(t, "        url.query|fieldref%s: url.path\n",
		    next_random(2) ? "|contains" : "");
		break;
	case 7:
		add(t, "        configmgr.server.authorized: %s\n",
		    next_random(2) ? "true" : "false");
		break;
	default:
		add(t, "        %s%s: ", text_fields[next_random(5)], modifiers[next_random(9)]);
		add_values(t);
		add(t, "\n");
	}
}

static void add_rule(struct text *t, unsigned n)
{
	static const char *const conditions[] = {
	        "s0",
	        "s0 and s1",
	        "s0 or s1",
	        "s0 and not s1",
	        "not s0",
	        "1 of s*",
	        "all of them",
	        "not (s0 and s1) or s2",
	        "s2 and (s0 or not s1)",
	        "not 1 of s*",
	        "not not s1 and s2",
	};
	static const char *const services[] = {"service: http", "service: connection",
	                                       "product: configmgr"};

	add(t, "title: rule %u\nname: r%u\nlogsource: {%s}\ndetection:\n", n, n,
	    services[next_random(3)]);
	for (int s = 0; s < 3; s++) {
		if (!next_random(20)) {
			add(t, "    s%d: [", s);
			add_value(t);
			add(t, "]\n");
			continue;
		}
		add(t, "    s%d:\n", s);
		add_item(t);
	}
	add(t, "    condition: %s\n---\n", conditions[next_random(11)]);
}

static struct sigma_set *random_set(void)
{
	static struct text t;
	struct complaints complaints = {0};
	struct sigma_set *set;

	t.len = 0;
	for (unsigned i = 0; i < 40; i++)
		add_rule(&t, i);
	set = sigma_load_text("random", (struct bytes){(uint8_t *)t.at, t.len}, &complaints);
	if (complaints.errors) {
		complaints_print(&complaints, stderr);
		fail_msg("a random rule was refused:\n%s", t.at);
	}
	complaints_free(&complaints);
	return set;
}

static struct bytes random_text(char *to)
{
	snprintf(to, 64, "%s%s", texts[next_random(TEXTS)],
	         next_random(2) ? texts[next_random(TEXTS)] : "");
	return bytes_of(to);
}

static void random_event(struct event *ev, char buffer[8][64], struct bytes *list)
{
	struct address a;

	event_begin(ev, next_random(2) ? EVENT_HTTP : EVENT_CONNECTION, 0);
	if (next_random(4))
		event_set_text(ev, FIELD_URL_PATH, random_text(buffer[0]));
	if (next_random(2))
		event_set_text(ev, FIELD_URL_QUERY, random_text(buffer[1]));
	if (next_random(2)) {
		unsigned count = next_random(4);

		for (unsigned i = 0; i < count; i++)
			list[i] = random_text(buffer[2 + i]);
		event_set_texts(ev, FIELD_CONFIGMGR_POLICY_ID, list, count);
	}
	if (next_random(2)) {
		address_parse(bytes_of(next_random(2) ? "10.0.0.1" : "fe80::1"), &a);
		event_set_address(ev, FIELD_SERVER_IP, a);
	}
	if (next_random(2))
		event_set_integer(ev, FIELD_SERVER_PORT, next_random(2) ? 445 : next_random(200));
	if (next_random(2))
		event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, next_random(2));
	if (next_random(2))
		event_set_text(ev, FIELD_CONFIGMGR_SITE_MODE, random_text(buffer[6]));
	if (next_random(2))
		event_set_boolean(ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED, next_random(2));
}

struct hits {
	bool rule[64];
	unsigned count;
};

static void on_hit(void *context, const struct sigma_hit *hit)
{
	struct hits *hits = context;
	unsigned n = (unsigned)strtoul(hit->rule->name + 1, NULL, 10);

	assert_false(hits->rule[n]);
	hits->rule[n] = true;
	hits->count++;
}

static void ignore(void *context, const struct sigma_reason *reason)
{
	(void)context;
	(void)reason;
}

/* What a worker knows of the event: the site model has not added its facts yet. */
static struct field_set before_site_model(const struct event *ev)
{
	struct field_set set = ev->present;

	FOR_EACH_PRESENT (f, &ev->present)
		if (field_info[f].setter >= SETTER_SITE)
			field_set_remove(&set, f);
	return set;
}

static void check_event(const struct sigma_set *set, struct sigma_detector *d,
                        const struct event *ev)
{
	struct field_set known = before_site_model(ev);
	struct hits hits = {{0}, 0};

	sigma_detect(d, ev, on_hit, &hits);
	if (hits.count)
		assert_true(sigma_wants(set, ev->kind, &known));
	for (size_t i = 0; i < sigma_rule_count(set); i++) {
		const struct sigma_rule *rule = sigma_rule_at(set, i);
		bool expected = sigma_explain(d, rule, ev, ignore, NULL);

		if (hits.rule[i] != expected)
			fail_msg("%s: expected %d, got %d", rule->name, expected, hits.rule[i]);
	}
}

static void the_index_says_what_the_plain_walk_says(void **state)
{
	(void)state;
	struct event *ev = calloc(1, sizeof(*ev));
	char buffer[8][64];
	struct bytes list[4];

	for (unsigned round = 0; round < 60; round++) {
		struct sigma_set *set = random_set();
		struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){0});

		for (unsigned i = 0; i < 150; i++) {
			random_event(ev, buffer, list);
			check_event(set, d, ev);
		}
		sigma_detector_close(d);
		sigma_free(set);
	}
	free(ev);
}

static struct sigma_set *load(const char *text)
{
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("t.yml", bytes_of(text), &complaints);

	complaints_print(&complaints, stderr);
	assert_int_equal(complaints.errors, 0);
	complaints_free(&complaints);
	return set;
}

struct order {
	const char *name[8];
	unsigned count;
};

static void on_hit_in_order(void *context, const struct sigma_hit *hit)
{
	struct order *order = context;

	order->name[order->count++] = hit->rule->name;
	assert_true(field_set_has(hit->tested, FIELD_URL_PATH));
	if (!strcmp(hit->rule->name, "second")) {
		assert_true(field_set_has(hit->tested, FIELD_CLIENT_IP));
		assert_true(field_set_has(hit->tested, FIELD_SERVER_IP));
		assert_false(field_set_has(hit->tested, FIELD_URL_QUERY));
	}
}

static void hits_come_in_the_order_of_the_set_and_say_what_was_tested(void **state)
{
	(void)state;
	struct sigma_set *set =
	        load("title: a\nname: first\nlogsource: {service: http}\ndetection:\n"
	             "    s: {url.path|endswith: x}\n    condition: s\n---\n"
	             "title: b\nname: second\nlogsource: {service: http}\ndetection:\n"
	             "    s: {url.path|contains: x}\n"
	             "    t: {client.ip|fieldref: server.ip}\n"
	             "    u: {url.query: unused}\n"
	             "    condition: s and not t\n---\n"
	             "title: c\nname: third\nlogsource: {product: configmgr}\ndetection:\n"
	             "    s: {url.path|startswith: /}\n    condition: s\n");
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){0});
	struct event *ev = calloc(1, sizeof(*ev));
	struct order order = {{0}, 0};

	event_begin(ev, EVENT_HTTP, 5);
	event_set_name(ev, FIELD_URL_PATH, "/x");
	sigma_detect(d, ev, on_hit_in_order, &order);
	assert_int_equal(order.count, 3);
	assert_string_equal(order.name[0], "first");
	assert_string_equal(order.name[1], "second");
	assert_string_equal(order.name[2], "third");
	event_begin(ev, EVENT_CONNECTION, 5);
	event_set_name(ev, FIELD_URL_PATH, "/x");
	sigma_detect(d, ev, on_hit_in_order, &order);
	assert_int_equal(order.count, 4);
	assert_string_equal(order.name[3], "third");
	free(ev);
	sigma_detector_close(d);
	sigma_free(set);
}

static bool wants(const struct sigma_set *set, enum event_kind kind, int count, ...)
{
	struct field_set present = {{0}};
	va_list args;

	va_start(args, count);
	while (count--)
		field_set_add(&present, (enum field)va_arg(args, int));
	va_end(args);
	return sigma_wants(set, kind, &present);
}

static void only_events_that_could_match_are_wanted(void **state)
{
	(void)state;
	struct sigma_set *set = load(
	        "title: a\nname: r0\nlogsource: {service: http}\ndetection:\n"
	        "    s: {url.path|contains: x, user.name: y, configmgr.server.authorized: false}\n"
	        "    f: {url.query: z}\n"
	        "    condition: s and not f\n---\n"
	        "title: b\nname: r1\nlogsource: {service: malformed}\ndetection:\n"
	        "    s: {configmgr.site.mode: https}\n    condition: s\n---\n"
	        "title: c\nname: r2\nlogsource: {service: http}\ndetection:\n"
	        "    s1: {file.name: x}\n    s2: {http.version: '1.0', server.port: 80}\n"
	        "    condition: 1 of s*\n");

	assert_false(wants(set, EVENT_HTTP, 0));
	assert_false(wants(set, EVENT_HTTP, 1, FIELD_URL_PATH));
	assert_true(wants(set, EVENT_HTTP, 2, FIELD_URL_PATH, FIELD_USER_NAME));
	assert_true(wants(set, EVENT_HTTP, 1, FIELD_FILE_NAME));
	assert_false(wants(set, EVENT_HTTP, 1, FIELD_HTTP_VERSION));
	assert_true(wants(set, EVENT_HTTP, 2, FIELD_HTTP_VERSION, FIELD_SERVER_PORT));
	assert_true(wants(set, EVENT_MALFORMED, 0));
	assert_false(wants(set, EVENT_CONNECTION, 1, FIELD_FILE_NAME));
	sigma_free(set);
}

/* A rule for all kinds of events must not make the packet path build those that it cannot hit. */
static void no_kind_is_wanted_that_cannot_have_the_facts(void **state)
{
	(void)state;
	struct sigma_set *set =
	        load("title: a\nname: r0\nlogsource: {category: network}\ndetection:\n"
	             "    s: {configmgr.ipsec.fallback: true}\n    condition: s\n");

	assert_true(wants(set, EVENT_CONNECTION, 0));
	assert_false(wants(set, EVENT_DNS, 2, FIELD_DNS_ID, FIELD_SERVER_IP));
	sigma_free(set);
	set = load("title: b\nname: r1\nlogsource: {category: network}\ndetection:\n"
	           "    s1: {dns.question.name: x}\n    s2: {configmgr.client.site_system: true}\n"
	           "    f: {configmgr.ipsec.fallback: true}\n"
	           "    condition: 1 of s* and not f\n");
	assert_true(wants(set, EVENT_DNS, 1, FIELD_DNS_QUESTION_NAME));
	assert_false(wants(set, EVENT_DNS, 1, FIELD_SERVER_IP));
	assert_true(wants(set, EVENT_CONNECTION, 0));
	sigma_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_kind_is_wanted_that_cannot_have_the_facts),
	        cmocka_unit_test(the_index_says_what_the_plain_walk_says),
	        cmocka_unit_test(hits_come_in_the_order_of_the_set_and_say_what_was_tested),
	        cmocka_unit_test(only_events_that_could_match_are_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
