/* Fuzz target: any text as a rule file; what loads is asked of two events, at some times, and gives
 * place to another detector in between, as at a reload. */
#include "core/clock.h"
#include "signatures/sigma/sigma.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_hit(void *context, const struct sigma_hit *hit)
{
	(void)context;
	if (!hit->rule->title || hit->rule->disabled || hit->rule->silent || !hit->event)
		abort();
}

static void on_reason(void *context, const struct sigma_reason *reason)
{
	*(bool *)context = reason->held;
}

static struct event *make_event(enum event_kind kind)
{
	static const struct bytes list[] = {{(const uint8_t *)"abc", 3},
	                                    {(const uint8_t *)"\xc3\x84\xff", 3}};
	struct event *ev = calloc(1, sizeof(*ev));

	if (!ev)
		abort();
	event_begin(ev, kind, 1767225600 * SECOND);
	event_set_name(ev, FIELD_URL_PATH, "/SMS_MP/.sms_aut?mplist");
	event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, "CCM_POST");
	event_set_integer(ev, FIELD_SERVER_PORT, 80);
	event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, true);
	event_set_address(ev, FIELD_CLIENT_IP,
	                  address_from((struct bytes){(const uint8_t *)"\x0a\1\2\3", 4}));
	event_set_time(ev, FIELD_EVENT_START, ev->time);
	event_set_texts(ev, FIELD_CONFIGMGR_POLICY_ID, list, 2);
	return ev;
}

static struct sigma_detector *exchanged(const struct sigma_set *set, struct sigma_detector *before)
{
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){1u << 19});

	sigma_detector_inherit(d, before);
	sigma_detector_close(before);
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct event *events[2];
	struct complaints complaints = {0};
	struct sigma_set *set = sigma_load_text("fuzz", (struct bytes){data, size}, &complaints);
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){1u << 20});
	bool last;

	for (int i = 0; i < 2 && !events[i]; i++)
		events[i] = make_event(i ? EVENT_CONNECTION : EVENT_HTTP);
	for (int i = 0; i < 8 && sigma_rule_count(set); i++) {
		events[i % 2]->time = (1767225600 + i / 2 * 45) * SECOND;
		if (i == 5)
			d = exchanged(set, d);
		sigma_detect(d, events[i % 2], on_hit, NULL);
	}
	sigma_advance(d, 1767225600 * SECOND + DAY, on_hit, NULL);
	for (size_t i = 0; i < sigma_rule_count(set); i++)
		sigma_explain(d, sigma_rule_at(set, i), events[0], on_reason, &last);
	sigma_detector_close(d);
	sigma_free(set);
	complaints_free(&complaints);
	return 0;
}
