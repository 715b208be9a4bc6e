/* The Community ID of a flow, version 1: one name for it in every tool. */
#ifndef CMTAP_SENSOR_PACKET_COMMUNITY_ID_H
#define CMTAP_SENSOR_PACKET_COMMUNITY_ID_H

#include "core/address.h"

#define COMMUNITY_ID_MAX 31 /* "1:", 28 letters, NUL */

/* The id of a flow with seed 0, as every tool has it by default. Both directions give the same. For
 * ICMP of either family the ports are the message's type and code; for protocols without ports they
 * do not count. Nothing is allocated, and any thread may ask. */
void community_id(struct address source, uint16_t source_port, struct address destination,
                  uint16_t destination_port, uint8_t protocol, char text[COMMUNITY_ID_MAX]);

/* The same for sites that chose a seed of their own. */
void community_id_seeded(uint16_t seed, struct address source, uint16_t source_port,
                         struct address destination, uint16_t destination_port, uint8_t protocol,
                         char text[COMMUNITY_ID_MAX]);

#endif
