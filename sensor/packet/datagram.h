/* Datagrams: messages that arrive whole, of UDP and of the protocols that IP carries itself.
 *
 * The first datagram of a flow decides which dissector reads the flow, and the dissector is shown
 * each of them as it comes. Its state lies in one of the places that streams have. One worker owns
 * all of it. */
#ifndef CMTAP_SENSOR_PACKET_DATAGRAM_H
#define CMTAP_SENSOR_PACKET_DATAGRAM_H

#include "sensor/packet/stream.h"

/* Whether a dissector reads what IP carries under this protocol number. */
bool datagram_is_read(uint8_t protocol);

/* Takes one packet, not of TCP, of a flow that is not yet of no interest. The first one may tell
 * that its sender is the other side than it was taken for; then `side` says so too. */
enum stream_outcome datagram_packet(struct streams *s, struct flow *flow, enum side *side,
                                    const struct packet *packet);

#endif
