/* What dissectors' events count as. A dissector that comes later needs a line here. */
#include "sensor/packet/traffic.h"

struct countable {
	enum event_kind kind;
	enum field field;
	const char *value;
	enum traffic_fact fact;
};

/* The first that fits. Inventory is judged one by one, never by its number a second. */
static const struct countable countables[] = {
        {EVENT_HTTP, FIELD_CONFIGMGR_MESSAGE_TYPE, "registration", TRAFFIC_REGISTRATIONS},
        {EVENT_HTTP, FIELD_CONFIGMGR_MESSAGE_TYPE, "fallback_status", TRAFFIC_STATUS},
        {EVENT_HTTP, FIELD_CONFIGMGR_MESSAGE_TYPE, "state_message", TRAFFIC_STATUS},
        {EVENT_HTTP, FIELD_CONFIGMGR_MESSAGE_TYPE, "status_message", TRAFFIC_STATUS},
        {EVENT_HTTP, FIELD_HTTP_REQUEST_METHOD, "CCM_POST", TRAFFIC_MESSAGES},
};

static const struct countable *countable_as(const struct event *ev)
{
	for (size_t i = 0; i < sizeof(countables) / sizeof(*countables); i++)
		if (ev->kind == countables[i].kind &&
		    event_text_is(ev, countables[i].field, countables[i].value))
			return &countables[i];
	return NULL;
}

bool traffic_event_counts(const struct event *ev)
{
	return countable_as(ev);
}

void traffic_count_event(struct traffic *t, const struct event *ev)
{
	const struct countable *c = countable_as(ev);

	if (c && event_has(ev, FIELD_CLIENT_IP) && event_has(ev, FIELD_SERVER_IP))
		traffic_count(t, c->fact, &ev->value[FIELD_CLIENT_IP].address,
		              &ev->value[FIELD_SERVER_IP].address, 1);
}
