/* What every event says of the flow it was seen on: endpoints, network, and why it may be
 * incomplete. */
#ifndef CMTAP_SENSOR_PACKET_FLOW_EVENT_H
#define CMTAP_SENSOR_PACKET_FLOW_EVENT_H

#include "core/event.h"
#include "sensor/packet/flow.h"

/* Adds the endpoints. */
void flow_event_endpoints(struct event *ev, const struct flow_facts *flow);

/* Adds the rest; what is made up for it lives in `scratch`. */
void flow_event_rest(struct event *ev, const struct flow_facts *flow, unsigned degraded,
                     struct arena *scratch);

/* The fields that both may add, with the one that is made by whoever reads the event; and of these
 * the rest. */
void flow_event_fields(struct field_set *all, struct field_set *rest);

/* Begins the event that tells of a flow which is over; its endpoints are still to be added. */
void flow_event_connection(struct event *ev, const struct flow *flow, int64_t now);

/* Adds the Community ID of an event's endpoints and transport, as text in `scratch`. A digest of
 * facts that are there already: made by whoever reads the event, to spare the packet path. */
void flow_event_community_id(struct event *ev, struct arena *scratch);

#endif
