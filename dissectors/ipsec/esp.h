/* ESP of one flow, for whoever carries it: IP itself, UDP (RFC 3948), WESP. */
#ifndef CMTAP_DISSECTORS_IPSEC_ESP_H
#define CMTAP_DISSECTORS_IPSEC_ESP_H

#include "dissectors/ipsec/association.h"

struct esp_state {
	struct associations associations;
	/* Packets that came before it was known whether they are encrypted. */
	struct chain held;
	uint32_t held_count;
};

/* Takes one packet, from its SPI on. */
void esp_packet(struct dissection *d, struct esp_state *st, enum side from, struct bytes in);

/* The flow is over. */
void esp_end(struct dissection *d, struct esp_state *st);

#endif
