/* Wrapped ESP of one flow, for whoever carries it: IP itself, or UDP. */
#ifndef CMTAP_DISSECTORS_IPSEC_WESP_H
#define CMTAP_DISSECTORS_IPSEC_WESP_H

#include "dissectors/ipsec/esp.h"

/* Takes one packet, from the WESP header on. */
void wesp_packet(struct dissection *d, struct esp_state *st, enum side from, struct bytes in);

#endif
