/* What a flow carries, when none of our own probes knows: nDPI is asked, a bounded number of times.
 */
#ifndef CMTAP_SENSOR_PACKET_IDENTIFY_H
#define CMTAP_SENSOR_PACKET_IDENTIFY_H

#include "sensor/packet/flow.h"

struct identifier;

#define IDENTIFY_NONE UINT32_MAX

/* `flows` that may be asked about at the same time, `packets` of each. nDPI makes its tables
 * `at_once`, in a thread of its own, or when it is first asked. NULL when memory ran out or when
 * nDPI cannot be had; everything works without. */
struct identifier *identifier_open(uint32_t flows, uint32_t packets, bool at_once);
void identifier_close(struct identifier *i);

/* A place for a flow to be asked about, or IDENTIFY_NONE when all are taken. */
uint32_t identifier_begin(struct identifier *i);

/* Shows nDPI one packet with data. True when the question is settled, with `*name` the protocol in
 * lower case (NULL: unknown), and the place is free again. */
bool identifier_ask(struct identifier *i, uint32_t place, const struct packet *packet,
                    const char **name);

/* The flow ended before the question was settled: nDPI's best guess, or NULL. */
const char *identifier_give_up(struct identifier *i, uint32_t place);

#endif
