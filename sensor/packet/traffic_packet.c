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

/* Of a TCP connection only what its server gets matters; of datagrams nobody knows who serves whom.
 */
static void count_sample(struct traffic *t, enum traffic_fact fact, const struct flow *flow,
                         enum side from, uint32_t n)
{
	if (from == CLIENT || flow->key.protocol != IP_PROTOCOL_TCP)
		traffic_count(t, fact, flow_address(flow, from), flow_address(flow, !from), n);
}

/* Bytes are counted by samples: whenever so many have passed, whoever gets the packet at that place
 * counts as having got them all. That costs a subtraction a packet, and is right on average for
 * whoever gets many. */
#define SAMPLED_BYTES (64 * 1024)

void traffic_count_bytes(struct traffic *t, const struct flow *flow, enum side from, int64_t *left)
{
	uint32_t samples = (uint32_t)(-*left / SAMPLED_BYTES + 1);

	*left += (int64_t)samples * SAMPLED_BYTES;
	count_sample(t, TRAFFIC_KIBIBYTES, flow, from, samples * (SAMPLED_BYTES / 1024));
}

void traffic_count_packets(struct traffic *t, const struct flow *flow, enum side from)
{
	count_sample(t, TRAFFIC_PACKETS, flow, from, TRAFFIC_SAMPLED_PACKETS);
}
