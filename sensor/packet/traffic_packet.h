/* What packets of flows count as: connections that open, bytes, and packets. One thread owns the
 * counts. */
#ifndef CMTAP_SENSOR_PACKET_TRAFFIC_PACKET_H
#define CMTAP_SENSOR_PACKET_TRAFFIC_PACKET_H

#include "sensor/packet/flow.h"
#include "sensor/packet/traffic.h"

/* What a packet of `side` says of its connection's opening, `was` being what was known of it before
 * (flow->tcp). */
void traffic_count_opening(struct traffic *t, const struct flow *flow, uint8_t was, enum side side);

/* Counts the samples of bytes that are due, `*left` being how many are left until the next one: not
 * above 0. They count for whoever gets this packet. */
void traffic_count_bytes(struct traffic *t, const struct flow *flow, enum side from, int64_t *left);

/* Counts a packet that stands for so many, for whoever gets it. Their number is prime, so that it
 * keeps no step with packets and acknowledgements in turn. */
#define TRAFFIC_SAMPLED_PACKETS 61
void traffic_count_packets(struct traffic *t, const struct flow *flow, enum side from);

#endif
