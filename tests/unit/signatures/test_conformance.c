/* Every case of tests/conformance/sigma-conformance-cases.json, detections and correlations.
 *
 * The cases use short field names of their own; each case maps them to real fields of a type that
 * fits the values in its event. A detection case passes when its rule is refused, matches or does
 * not, as expected; a correlation case when it fires at exactly the expected seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/yaml.h"
#include "signatures/sigma/sigma.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <time.h>

#define CASES_FILE "tests/conformance/sigma-conformance-cases.json"
#define NAMES_MAX  16
#define ITEMS_MAX  8
#define TEXT_MAX   256

/* U+E000, which no case uses. */
#define NUL_STAND_IN "\xee\x80\x80"

/* The world of one case. */
struct trial {
	struct sigma_name names[NAMES_MAX];
	size_t name_count;
	struct event *event;
	uint8_t text[NAMES_MAX][TEXT_MAX];
	struct bytes text_item[NAMES_MAX][ITEMS_MAX];
	int64_t integer_item[NAMES_MAX][ITEMS_MAX];
	struct complaints complaints;
	unsigned hits;
	int fired[32]; /* seconds */
};

static cJSON *cases;

static int read_cases(void **state)
{
	FILE *f = fopen(CASES_FILE, "rb");
	char *text = calloc(1, 1 << 20);

	(void)state;
	if (!f || !text || !fread(text, 1, (1 << 20) - 1, f))
		fail_msg("%s cannot be read: run tests from the top folder", CASES_FILE);
	fclose(f);
	for (char *nul; (nul = strstr(text, "\\u0000"));)
		memcpy(nul, "\\ue000", 6);
	cases = cJSON_Parse(text);
	free(text);
	return cases ? 0 : -1;
}

static int drop_cases(void **state)
{
	(void)state;
	cJSON_Delete(cases);
	return 0;
}

static bool parse_time(const char *text, int64_t *time)
{
	struct tm tm = {0};
	char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	*time = end ? timegm(&tm) * SECOND : 0;
	return end && !*end;
}

static enum field_type type_for(const cJSON *value, bool as_address)
{
	struct address a;
	int64_t time;

	if (!value || cJSON_IsNull(value))
		return TYPE_TEXT;
	if (cJSON_IsArray(value))
		return cJSON_IsNumber(value->child) ? TYPE_INTEGERS : TYPE_TEXTS;
	if (cJSON_IsNumber(value))
		return TYPE_INTEGER;
	if (cJSON_IsBool(value))
		return TYPE_BOOLEAN;
	if (parse_time(value->valuestring, &time))
		return TYPE_TIME;
	return as_address && address_parse(bytes_of(value->valuestring), &a) ? TYPE_ADDRESS
	                                                                     : TYPE_TEXT;
}

static bool is_taken(const struct trial *t, enum field f)
{
	for (size_t i = 0; i < t->name_count; i++)
		if (t->names[i].field == f)
			return true;
	return false;
}

static size_t name_add(struct trial *t, const char *name, enum field_type type)
{
	for (size_t i = 0; i < t->name_count; i++)
		if (!strcmp(t->names[i].name, name))
			return i;
	for (int f = 0; f < FIELD_COUNT; f++)
		if (field_info[f].type == type && field_info[f].setter < SETTER_SITE &&
		    !is_taken(t, (enum field)f)) {
			t->names[t->name_count] = (struct sigma_name){name, (enum field)f};
			return t->name_count++;
		}
	fail_msg("no field of type %s is left", field_type_name(type));
	return 0;
}

/* cJSON strings end at a NUL: it was read as NUL_STAND_IN, and becomes itself here. */
static struct bytes text_of(struct trial *t, size_t i, const cJSON *value)
{
	const char *from = value->valuestring;
	size_t n = 0;

	while (*from && n < TEXT_MAX) {
		bool is_nul = !strncmp(from, NUL_STAND_IN, 3);

		t->text[i][n++] = is_nul ? 0 : (uint8_t)*from;
		from += is_nul ? 3 : 1;
	}
	return (struct bytes){t->text[i], n};
}

static void set_field(struct trial *t, const cJSON *value, bool as_address)
{
	enum field_type type = type_for(value, as_address);
	size_t i = name_add(t, value->string, type);
	enum field f = t->names[i].field;
	struct address a;
	int64_t time;
	size_t n = 0;

	switch (type) {
	case TYPE_TEXT:
		event_set_text(t->event, f,
		               cJSON_IsNull(value) ? (struct bytes){0} : text_of(t, i, value));
		break;
	case TYPE_TEXTS:
		for (const cJSON *item = value->child; item; item = item->next)
			t->text_item[i][n++] = bytes_of(item->valuestring);
		event_set_texts(t->event, f, t->text_item[i], n);
		break;
	case TYPE_INTEGER:
		event_set_integer(t->event, f, (int64_t)value->valuedouble);
		break;
	case TYPE_INTEGERS:
		for (const cJSON *item = value->child; item; item = item->next)
			t->integer_item[i][n++] = (int64_t)item->valuedouble;
		event_set_integers(t->event, f, t->integer_item[i], n);
		break;
	case TYPE_BOOLEAN:
		event_set_boolean(t->event, f, cJSON_IsTrue(value));
		break;
	case TYPE_TIME:
		parse_time(value->valuestring, &time);
		event_set_time(t->event, f, time);
		break;
	case TYPE_ADDRESS:
		address_parse(bytes_of(value->valuestring), &a);
		event_set_address(t->event, f, a);
		break;
	case TYPE_ADDRESSES:
		break;
	}
}

/* Gives the names in a detection that its event does not have a field too: of text. */
static void map_names(struct trial *t, const struct yaml_node *n)
{
	if (n->kind == YAML_SCALAR)
		return;
	for (size_t i = 0; i < n->count; i++) {
		if (n->kind == YAML_MAPPING) {
			static char names[NAMES_MAX][32];
			const char *key = yaml_text(n->key[i]);
			size_t len = strcspn(key, "|");

			snprintf(names[t->name_count], sizeof(names[0]), "%.*s", (int)len, key);
			if (len)
				name_add(t, names[t->name_count], TYPE_TEXT);
			if (strstr(key, "fieldref"))
				name_add(t, yaml_text(n->item[i]), TYPE_TEXT);
		}
		map_names(t, n->item[i]);
	}
}

static void on_hit(void *context, const struct sigma_hit *hit)
{
	struct trial *t = context;

	if (t->hits < 32)
		t->fired[t->hits] = (int)(hit->event->time / SECOND);
	t->hits++;
}

static struct yaml_document *map_detection(struct trial *t, const char *detection)
{
	struct complaints ignored = {0};
	struct yaml_document *doc = yaml_read_text("case", bytes_of(detection), &ignored);

	for (size_t i = 0; doc && i < doc->root->count; i++)
		map_names(t, doc->root->item[i]);
	complaints_free(&ignored);
	return doc;
}

static struct sigma_set *load(struct trial *t, const char *text)
{
	struct sigma_options options = {.names = t->names, .name_count = t->name_count};

	return sigma_load_text_with(&options, "case.yml", bytes_of(text), &t->complaints);
}

/* "yes", "no" or "reject". */
static const char *outcome(struct trial *t, const char *detection)
{
	char rule[4096];
	size_t n = (size_t)snprintf(rule, sizeof(rule),
	                            "title: case\nid: 0d7f1f0e-5d0c-4a52-9d0a-3a3c8f0b6a51\n"
	                            "logsource: {product: configmgr, category: network, service: "
	                            "http}\ndetection:\n");
	struct sigma_set *set;
	struct sigma_detector *d;
	const char *result = "reject";

	for (const char *c = detection, *end; *c; c = end + (*end == '\n')) {
		end = c + strcspn(c, "\n");
		n += (size_t)snprintf(rule + n, sizeof(rule) - n, "    %.*s\n", (int)(end - c), c);
	}
	set = load(t, rule);
	if (sigma_rule_count(set)) {
		assert_int_equal(t->complaints.errors, 0);
		d = sigma_detector_open(set, (struct sigma_limits){0});
		sigma_detect(d, t->event, on_hit, t);
		result = t->hits ? "yes" : "no";
		if (t->hits)
			assert_true(sigma_wants(set, t->event->kind, &t->event->present));
		sigma_detector_close(d);
	} else {
		assert_true(t->complaints.errors > 0);
	}
	sigma_free(set);
	return result;
}

static bool detection_passes(const cJSON *one, bool as_address)
{
	const char *expected = cJSON_GetObjectItem(one, "expect")->valuestring;
	const char *detection = cJSON_GetObjectItem(one, "detection")->valuestring;
	struct trial *t = calloc(1, sizeof(*t));
	struct event *ev = calloc(1, sizeof(*ev));
	struct yaml_document *doc;
	const char *result;
	bool passes;

	event_begin(ev, EVENT_HTTP, 0);
	t->event = ev;
	for (const cJSON *v = cJSON_GetObjectItem(one, "event")->child; v; v = v->next)
		set_field(t, v, as_address);
	doc = map_detection(t, detection);
	result = outcome(t, detection);
	passes = !strcmp(result, expected);
	if (!passes) {
		print_error("%s: expected %s, got %s\n%s\n",
		            cJSON_GetObjectItem(one, "id")->valuestring, expected, result,
		            detection);
		complaints_print(&t->complaints, stderr);
	}
	complaints_free(&t->complaints);
	yaml_document_free(doc);
	free(ev);
	free(t);
	return passes;
}

static void every_detection_case_is_decided_as_the_specification_says(void **state)
{
	(void)state;
	const cJSON *list = cJSON_GetObjectItem(cases, "detection_cases");
	unsigned failed = 0;

	assert_int_equal(cJSON_GetArraySize(list), 102);
	for (const cJSON *one = list->child; one; one = one->next)
		failed += !detection_passes(one, false);
	assert_int_equal(failed, 0);
}

static void addresses_are_decided_like_their_texts(void **state)
{
	(void)state;
	unsigned failed = 0;

	for (const cJSON *one = cJSON_GetObjectItem(cases, "detection_cases")->child; one;
	     one = one->next)
		failed += !detection_passes(one, true);
	assert_int_equal(failed, 0);
}

/* A base rule that matches events marked with its name. */
static size_t base_rule(char *to, size_t size, const char *name)
{
	return (size_t)snprintf(to, size,
	                        "title: base %s\nname: %s\nlogsource: {service: http}\ndetection:\n"
	                        "    s: {rule: '%s'}\n    condition: s\n---\n",
	                        name, name, name);
}

static size_t correlation_rule(char *to, size_t size, const char *name, const cJSON *correlation)
{
	cJSON *copy = cJSON_Duplicate(correlation, 1);
	size_t n;

	cJSON_DeleteItemFromObject(copy, "where many is");

	char *text = cJSON_Print(copy);

	for (char *c = text; *c; c++)
		*c = *c == '\t' ? ' ' : *c;
	n = (size_t)snprintf(to, size, "title: %s\nname: %s\ncorrelation: %s\n---\n", name, name,
	                     text);
	free(text);
	cJSON_Delete(copy);
	return n;
}

static void feed(struct trial *t, struct sigma_detector *d, const cJSON *events)
{
	for (const cJSON *one = events->child; one; one = one->next) {
		double seconds = cJSON_GetObjectItem(one, "t")->valuedouble;

		event_begin(t->event, EVENT_HTTP, (int64_t)(seconds * (double)SECOND));
		for (const cJSON *v = one->child; v; v = v->next)
			if (strcmp(v->string, "t") != 0)
				set_field(t, v, false);
		sigma_detect(d, t->event, on_hit, t);
	}
}

static bool fires_as_expected(const struct trial *t, const cJSON *fires_at)
{
	const cJSON *due = fires_at->child;

	for (unsigned i = 0; i < t->hits; i++, due = due->next)
		if (!due || t->fired[i] != (int)due->valuedouble)
			return false;
	return !due;
}

static bool correlation_passes(const cJSON *one)
{
	static const char *const names[] = {"rule", "src", "dst", "user"};
	const cJSON *correlation = cJSON_GetObjectItem(one, "correlation");
	const cJSON *inner = cJSON_GetObjectItem(correlation, "where many is");
	struct trial *t = calloc(1, sizeof(*t));
	char text[8192];
	size_t n = 0;
	bool passes;

	t->event = calloc(1, sizeof(*t->event));
	for (size_t i = 0; i < 4; i++)
		name_add(t, names[i], TYPE_TEXT);
	n += base_rule(text + n, sizeof(text) - n, "a");
	n += base_rule(text + n, sizeof(text) - n, "b");
	n += base_rule(text + n, sizeof(text) - n, "c");
	if (inner)
		n += correlation_rule(text + n, sizeof(text) - n, "many", inner);
	correlation_rule(text + n, sizeof(text) - n, "outer", correlation);

	struct sigma_set *set = load(t, text);
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){0});

	if (sigma_rule_by_name(set, "outer")) {
		/* Base rules that nothing refers to raise alerts of their own: leave them out. */
		for (const cJSON *e = cJSON_GetObjectItem(one, "events")->child; e; e = e->next)
			assert_non_null(sigma_rule_by_name(
			        set, cJSON_GetObjectItem(e, "rule")->valuestring));
		feed(t, d, cJSON_GetObjectItem(one, "events"));
	}
	passes = sigma_rule_by_name(set, "outer") && !t->complaints.errors &&
	         fires_as_expected(t, cJSON_GetObjectItem(one, "fires_at"));
	if (!passes) {
		print_error("%s: fired %u times, first at %d\n%s\n",
		            cJSON_GetObjectItem(one, "id")->valuestring, t->hits, t->fired[0],
		            text);
		complaints_print(&t->complaints, stderr);
	}
	sigma_detector_close(d);
	sigma_free(set);
	complaints_free(&t->complaints);
	free(t->event);
	free(t);
	return passes;
}

static void every_correlation_case_fires_when_it_should(void **state)
{
	(void)state;
	const cJSON *list = cJSON_GetObjectItem(cases, "correlation_cases");
	unsigned failed = 0;

	assert_int_equal(cJSON_GetArraySize(list), 18);
	for (const cJSON *one = list->child; one; one = one->next)
		failed += !correlation_passes(one);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_detection_case_is_decided_as_the_specification_says),
	        cmocka_unit_test(addresses_are_decided_like_their_texts),
	        cmocka_unit_test(every_correlation_case_fires_when_it_should),
	};

	return cmocka_run_group_tests(tests, read_cases, drop_cases);
}
