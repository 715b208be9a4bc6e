/* The facts of a flow, put into an event. */
#include "sensor/packet/flow_event.h"

#include "sensor/packet/community_id.h"

#define REASONS 8

/* Why an event may be incomplete, in words. */
static void set_degraded(const struct flow_facts *flow, struct event *ev, unsigned degraded,
                         struct arena *scratch)
{
	struct bytes *list;
	size_t n = 0;

	if (!degraded && !flow->midstream && !flow->conflict && !flow->lost[CLIENT] &&
	    !flow->lost[SERVER] && flow->seen[CLIENT] && flow->seen[SERVER])
		return;
	list = arena_alloc(scratch, sizeof(*list) * REASONS);
	if (!list)
		return;
	if (flow->midstream)
		list[n++] = BYTES("midstream");
	if (flow->lost[CLIENT] || flow->lost[SERVER])
		list[n++] = BYTES("gap");
	if (!flow->seen[CLIENT] || !flow->seen[SERVER])
		list[n++] = BYTES("one-sided");
	if (flow->conflict)
		list[n++] = BYTES("overlap");
	if (degraded & DEGRADED_UNANSWERED)
		list[n++] = BYTES("unanswered");
	if (degraded & DEGRADED_OVER_CAP)
		list[n++] = BYTES("over-cap");
	if (degraded & DEGRADED_CUT)
		list[n++] = BYTES("truncated");
	if (degraded & DEGRADED_UNPAIRED)
		list[n++] = BYTES("unpaired");
	event_set_texts(ev, FIELD_CONFIGMGR_DEGRADED, list, n);
}

/* As ECS wants it (RFC 7042): upper case, with hyphens. */
static struct bytes mac_text(struct arena *scratch, const uint8_t mac[6])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *to = arena_alloc(scratch, 18);

	if (!to)
		return (struct bytes){0};
	for (int i = 0; i < 6; i++) {
		to[3 * i] = (uint8_t)digits[mac[i] >> 4];
		to[3 * i + 1] = (uint8_t)digits[mac[i] & 15];
		to[3 * i + 2] = '-'; /* the last one is not part of the text */
	}
	return (struct bytes){to, 17};
}

void flow_event_endpoints(struct event *ev, const struct flow_facts *flow)
{
	event_set_address(ev, FIELD_SOURCE_IP, flow->address[CLIENT]);
	event_set_address(ev, FIELD_DESTINATION_IP, flow->address[SERVER]);
	event_set_address(ev, FIELD_CLIENT_IP, flow->address[CLIENT]);
	event_set_address(ev, FIELD_SERVER_IP, flow->address[SERVER]);
	if (flow->transport == IP_PROTOCOL_TCP || flow->transport == IP_PROTOCOL_UDP) {
		event_set_integer(ev, FIELD_SOURCE_PORT, flow->port[CLIENT]);
		event_set_integer(ev, FIELD_DESTINATION_PORT, flow->port[SERVER]);
		event_set_integer(ev, FIELD_CLIENT_PORT, flow->port[CLIENT]);
		event_set_integer(ev, FIELD_SERVER_PORT, flow->port[SERVER]);
	}
	event_set_integer(ev, FIELD_SOURCE_BYTES, (int64_t)flow->bytes[CLIENT]);
	event_set_integer(ev, FIELD_SOURCE_PACKETS, (int64_t)flow->packets[CLIENT]);
	event_set_integer(ev, FIELD_DESTINATION_BYTES, (int64_t)flow->bytes[SERVER]);
	event_set_integer(ev, FIELD_DESTINATION_PACKETS, (int64_t)flow->packets[SERVER]);
}

/* IANA's keywords of the protocols that have flows. */
static const struct {
	uint8_t protocol;
	struct bytes name;
} transports[] = {
        {IP_PROTOCOL_TCP, BYTES_INIT("tcp")},   {IP_PROTOCOL_UDP, BYTES_INIT("udp")},
        {IP_PROTOCOL_ESP, BYTES_INIT("esp")},   {IP_PROTOCOL_AH, BYTES_INIT("ah")},
        {IP_PROTOCOL_WESP, BYTES_INIT("wesp")},
};

#define TRANSPORTS (sizeof(transports) / sizeof(*transports))

static void set_transport(struct event *ev, uint8_t protocol)
{
	for (size_t i = 0; i < TRANSPORTS; i++)
		if (transports[i].protocol == protocol)
			event_set_text(ev, FIELD_NETWORK_TRANSPORT, transports[i].name);
}

static void set_tunnels(const struct flow_facts *flow, struct event *ev, struct arena *scratch)
{
	struct bytes *tunnels = arena_alloc(scratch, sizeof(*tunnels) * PACKET_TUNNELS);

	for (uint8_t i = 0; tunnels && i < flow->tunnel_count; i++)
		tunnels[i] = bytes_of(tunnel_name((enum tunnel)flow->tunnel[i]));
	if (tunnels)
		event_set_texts(ev, FIELD_CONFIGMGR_TUNNEL, tunnels, flow->tunnel_count);
}

static void set_network(const struct flow_facts *flow, struct event *ev, struct arena *scratch)
{
	event_set_text(ev, FIELD_NETWORK_TYPE,
	               address_is_v4(flow->address[CLIENT]) ? BYTES("ipv4") : BYTES("ipv6"));
	set_transport(ev, flow->transport);
	event_set_name(ev, FIELD_NETWORK_PROTOCOL, flow->protocol);
	if (!event_has(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY))
		event_set_name(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, flow->security);
	if (flow->decrypted)
		event_set_boolean(ev, FIELD_CONFIGMGR_TRANSPORT_DECRYPTED, true);
	if (flow->vlan_count)
		event_set_text(ev, FIELD_NETWORK_VLAN_ID,
		               arena_print(scratch, "%u", flow->vlan[0]));
	if (flow->vlan_count > 1)
		event_set_text(ev, FIELD_NETWORK_INNER_VLAN_ID,
		               arena_print(scratch, "%u", flow->vlan[1]));
	if (flow->has_mac) {
		event_set_text(ev, FIELD_SOURCE_MAC, mac_text(scratch, flow->mac[CLIENT]));
		event_set_text(ev, FIELD_DESTINATION_MAC, mac_text(scratch, flow->mac[SERVER]));
	}
	if (flow->tunnel_count)
		set_tunnels(flow, ev, scratch);
}

static const char *connection_state(const struct flow *flow)
{
	if (flow->tcp & SEEN_RST)
		return "reset";
	if (flow->tcp & (SEEN_FIN_CLIENT | SEEN_FIN_SERVER))
		return "closed";
	if (flow->midstream)
		return "midstream";
	return flow->tcp & SEEN_HANDSHAKE ? "established" : "attempted";
}

void flow_event_rest(struct event *ev, const struct flow_facts *flow, unsigned degraded,
                     struct arena *scratch)
{
	set_network(flow, ev, scratch);
	set_degraded(flow, ev, degraded, scratch);
}

void flow_event_fields(struct field_set *all, struct field_set *rest)
{
	static const enum field endpoints[] = {
	        FIELD_SOURCE_IP,      FIELD_DESTINATION_IP,    FIELD_CLIENT_IP,
	        FIELD_SERVER_IP,      FIELD_SOURCE_PORT,       FIELD_DESTINATION_PORT,
	        FIELD_CLIENT_PORT,    FIELD_SERVER_PORT,       FIELD_SOURCE_BYTES,
	        FIELD_SOURCE_PACKETS, FIELD_DESTINATION_BYTES, FIELD_DESTINATION_PACKETS,
	};
	static const enum field others[] = {
	        FIELD_NETWORK_TYPE,
	        FIELD_NETWORK_TRANSPORT,
	        FIELD_NETWORK_PROTOCOL,
	        FIELD_NETWORK_VLAN_ID,
	        FIELD_NETWORK_INNER_VLAN_ID,
	        FIELD_NETWORK_COMMUNITY_ID,
	        FIELD_SOURCE_MAC,
	        FIELD_DESTINATION_MAC,
	        FIELD_CONFIGMGR_TRANSPORT_SECURITY,
	        FIELD_CONFIGMGR_TRANSPORT_DECRYPTED,
	        FIELD_CONFIGMGR_TUNNEL,
	        FIELD_CONFIGMGR_DEGRADED,
	};

	*rest = (struct field_set){{0}};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		field_set_add(rest, others[i]);
	*all = *rest;
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++)
		field_set_add(all, endpoints[i]);
}

/* Frames count with their headers, so that acknowledgements of what the other sent are not taken
 * for sending. */
static const char *sender(const struct flow *flow)
{
	for (int side = CLIENT; side <= SERVER; side++)
		if (flow->bytes[side] / 2 > flow->bytes[!side])
			return side == CLIENT ? "client" : "server";
	return NULL;
}

void flow_event_connection(struct event *ev, const struct flow *flow, int64_t now)
{
	event_begin(ev, EVENT_CONNECTION, now);
	event_set_time(ev, FIELD_EVENT_START, flow->first_time);
	event_set_time(ev, FIELD_EVENT_END, flow->last_time);
	if (flow->key.protocol != IP_PROTOCOL_TCP)
		return;
	event_set_name(ev, FIELD_CONFIGMGR_CONNECTION_STATE, connection_state(flow));
	event_set_name(ev, FIELD_CONFIGMGR_CONNECTION_SENDER, sender(flow));
	/* Said here already, since nobody wants connections of which it is not known. */
	event_set_name(ev, FIELD_NETWORK_PROTOCOL, flow->protocol);
}

void flow_event_community_id(struct event *ev, struct arena *scratch)
{
	char id[COMMUNITY_ID_MAX];

	for (size_t i = 0; i < TRANSPORTS; i++) {
		if (!bytes_equal(event_text(ev, FIELD_NETWORK_TRANSPORT), transports[i].name))
			continue;
		community_id(ev->value[FIELD_CLIENT_IP].address,
		             (uint16_t)event_integer(ev, FIELD_CLIENT_PORT, 0),
		             ev->value[FIELD_SERVER_IP].address,
		             (uint16_t)event_integer(ev, FIELD_SERVER_PORT, 0),
		             transports[i].protocol, id);
		event_set_text(ev, FIELD_NETWORK_COMMUNITY_ID, arena_copy(scratch, bytes_of(id)));
		return;
	}
}
