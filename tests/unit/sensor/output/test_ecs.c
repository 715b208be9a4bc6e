/* The names under which an alert is found: what it detects, and which rule it was. */
#include "sensor/output/ecs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#define DETECTION                                                                                  \
	"logsource: {service: http}\ndetection: {s: {http.request.method: GET}, condition: s}\n"

static const char *text_at(const cJSON *document, const char *object, const char *name)
{
	return cJSON_GetStringValue(
	        cJSON_GetObjectItem(cJSON_GetObjectItem(document, object), name));
}

static void on_hit(void *context, const struct sigma_hit *hit)
{
	struct ecs *writer = ecs_open(false);
	struct bytes text = ecs_alert(writer, hit);

	*(cJSON **)context = cJSON_ParseWithLength((const char *)text.at, text.len);
	ecs_close(writer);
}

/* The alert of a rule with these lines. */
static cJSON *alert_of(const char *rule)
{
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("t.yml", bytes_of(rule), &complaints);
	struct sigma_detector *detector = sigma_detector_open(set, (struct sigma_limits){0});
	struct event *ev = calloc(1, sizeof(*ev));
	cJSON *alert = NULL;

	assert_int_equal(complaints.errors, 0);
	event_begin(ev, EVENT_HTTP, 0);
	event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, "GET");
	sigma_detect(detector, ev, on_hit, &alert);
	assert_non_null(alert);
	free(ev);
	sigma_detector_close(detector);
	sigma_free(set);
	complaints_free(&complaints);
	return alert;
}

static void several_rules_of_one_detection_share_its_name(void **state)
{
	cJSON *alert = alert_of("title: Of many\nname: some-flood-distributed\n"
	                        "id: 0e95725d-7320-415d-80f7-004da920fc11\n"
	                        "custom: {reports_as: some-flood}\n" DETECTION);

	(void)state;
	assert_string_equal(text_at(alert, "event", "code"), "some-flood");
	assert_string_equal(text_at(alert, "event", "action"), "some-flood");
	assert_string_equal(text_at(alert, "rule", "id"), "some-flood");
	assert_string_equal(text_at(alert, "rule", "name"), "Of many");
	assert_string_equal(text_at(alert, "rule", "uuid"), "0e95725d-7320-415d-80f7-004da920fc11");
	cJSON_Delete(alert);
}

static void other_rules_have_their_own_name_or_what_is_next(void **state)
{
	static const struct {
		const char *rule, *code;
	} cases[] = {
	        {"title: T\nname: own-name\n" DETECTION, "own-name"},
	        {"title: T\nid: 0e95725d-7320-415d-80f7-004da920fc11\n" DETECTION,
	         "0e95725d-7320-415d-80f7-004da920fc11"},
	        {"title: T\n" DETECTION, "T"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cJSON *alert = alert_of(cases[i].rule);

		assert_string_equal(text_at(alert, "event", "code"), cases[i].code);
		assert_string_equal(text_at(alert, "rule", "id"), cases[i].code);
		cJSON_Delete(alert);
	}
}

static void keep_name(void *context, const struct sigma_hit *hit)
{
	struct bytes text = ecs_alert(context, hit);
	cJSON *alert = cJSON_ParseWithLength((const char *)text.at, text.len);

	assert_string_equal(text_at(alert, "rule", "name"), hit->rule->title);
	cJSON_Delete(alert);
}

/* What was kept of a rule is not told of the next one that lies in its place. */
static void rules_come_and_go(void **state)
{
	struct ecs *writer = ecs_open(false);
	struct event *ev = calloc(1, sizeof(*ev));

	(void)state;
	event_begin(ev, EVENT_HTTP, 0);
	event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, "GET");
	for (int i = 0; i < 4; i++) {
		char rule[512];
		struct complaints complaints = {0};

		snprintf(rule, sizeof(rule), "title: Number %d\nname: one\n" DETECTION, i);

		struct sigma_set *set = sigma_load_text("t.yml", bytes_of(rule), &complaints);
		struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){0});

		sigma_detect(d, ev, keep_name, writer);
		sigma_detect(d, ev, keep_name, writer);
		ecs_forget_rules(writer);
		sigma_detector_close(d);
		sigma_free(set);
		complaints_free(&complaints);
	}
	free(ev);
	ecs_close(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(several_rules_of_one_detection_share_its_name),
	        cmocka_unit_test(other_rules_have_their_own_name_or_what_is_next),
	        cmocka_unit_test(rules_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
