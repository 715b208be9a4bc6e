/* What packets of flows count as. */
#include "sensor/packet/traffic_packet.h"

void traffic_count_opening(struct traffic *t, const struct flow *flow, uint8_t was, enum side side)
{
	uint8_t now = flow->tcp & ~was;
	const struct address *client = flow_address(flow, CLIENT),
	                     *server = flow_address(flow, SERVER);

	if (now & SEEN_SYN)
		traffic_count(t, TRAFFIC_ATTEMPTED, client, server, 1);
	if (now & SEEN_SYN_ACK)
		traffic_answered(t, server);
	/* Who acknowledges has been answered, whether or not that was captured. */
	if (now & SEEN_HANDSHAKE && flow->tcp & SEEN_SYN)
		traffic_count(t, TRAFFIC_COMPLETED, client, server, 1);
	if (now & SEEN_RST && side == SERVER && flow->tcp & SEEN_SYN &&
	    !(was & (SEEN_SYN_ACK | SEEN_HANDSHAKE)))
		traffic_count(t, TRAFFIC_REFUSED, client, server, 1);
}

/* Bytes are counted by samples: whenever so many have passed, whoever gets the packet at that place
 * counts as having got them all. That costs a subtraction a packet, and is right on average for
 * whoever gets many. */
#define SAMPLED_BYTES (64 * 1024)

void traffic_count_bytes(struct traffic *t, const struct flow *flow, enum side from, int64_t *left)
{
	uint32_t samples = (uint32_t)(-*left / SAMPLED_BYTES + 1);

	*left += (int64_t)samples * SAMPLED_BYTES;
	/* Of a TCP connection only what its server gets matters; of datagrams nobody knows who
	 * serves whom. */
	if (from == CLIENT || flow->key.protocol != IP_PROTOCOL_TCP)
		traffic_count(t, TRAFFIC_KIBIBYTES, flow_address(flow, from),
		              flow_address(flow, !from), samples * (SAMPLED_BYTES / 1024));
}
