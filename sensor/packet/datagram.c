/* Finding the dissector of a flow of datagrams, and showing them to it. */
#include "sensor/packet/datagram.h"

#include "sensor/packet/stream_state.h"

static bool has_port(const struct dissector *dissector, uint16_t port)
{
	for (const uint16_t *p = dissector->ports; *p; p++)
		if (*p == port)
			return true;
	return false;
}

bool datagram_is_read(uint8_t protocol)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		if ((*d)->layer == OVER_IP && has_port(*d, protocol))
			return true;
	return false;
}

static bool is_asked(const struct dissector *dissector, const struct packet *packet)
{
	if (packet->protocol == IP_PROTOCOL_UDP)
		return dissector->layer == OVER_UDP &&
		       (has_port(dissector, packet->destination_port) ||
		        has_port(dissector, packet->source_port));
	return dissector->layer == OVER_IP && has_port(dissector, packet->protocol);
}

static const struct dissector *probe_all(const struct packet *packet, enum side side)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		if (is_asked(*d, packet) && (*d)->probe(packet->payload, side) == YES)
			return *d;
	return NULL;
}

/* Nobody here reads such flows; their name is told by what a port carries and the first bytes. */
static enum stream_outcome leave(struct streams *s, struct flow *flow, const struct packet *packet)
{
	if (packet->protocol == IP_PROTOCOL_UDP)
		flow->protocol = protocol_by_first_datagram(packet->payload, packet->source_port,
		                                            packet->destination_port);
	if (!flow->protocol)
		count(s->bench->counters, COUNTER_FLOWS_UNDECIDED);
	flow->interest = FLOW_NO_INTEREST;
	return STREAM_NOT_WANTED;
}

enum stream_outcome datagram_packet(struct streams *s, struct flow *flow, enum side *side,
                                    const struct packet *packet)
{
	struct stream *st = stream_of(s, flow);
	enum verdict verdict;
	size_t used = 0;

	if (!packet->payload_length)
		return STREAM_CONTROL;
	if (!st) {
		const struct dissector *found = probe_all(packet, *side);

		if (!found && (found = probe_all(packet, !*side))) {
			/* The other side's words in this side's mouth: the ports misled us. */
			flow_swap_sides(flow);
			*side = !*side;
		}
		if (!found)
			return leave(s, flow, packet);
		st = stream_begin(s, flow);
		if (!st) {
			count(s->bench->counters, COUNTER_FLOWS_STATE_REFUSED);
			flow->interest = FLOW_NO_INTEREST;
			return STREAM_NOT_WANTED;
		}
		stream_attach(s, st, found);
	}
	stream_refresh_facts(st);
	st->dissection.missing = packet->payload_length - (uint32_t)packet->payload.len;
	verdict = st->dissector->data(&st->dissection, *side, packet->payload, &used);
	if (verdict == DONE || verdict == BAD)
		stream_finish(s, st);
	return STREAM_DATA;
}
