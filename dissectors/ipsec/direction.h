/* Which side of an association asks and which answers, by what is inside a readable packet. */
#ifndef CMTAP_DISSECTORS_IPSEC_DIRECTION_H
#define CMTAP_DISSECTORS_IPSEC_DIRECTION_H

#include "dissectors/dissector.h"

/* True when the packet tells who is client; then *client is that side. `protocol` and `inside` are
 * what the packet carries. Associations have no client of their own: who speaks first in a capture
 * is chance, and what they carry is all that tells. */
bool direction_inside(uint8_t protocol, struct bytes inside, enum side from, enum side *client);

#endif
