/* Whether ESP hides what it carries, by looking at it: the method of RFC 5879.
 *
 *     initialization vector 0 or 8 | payload | padding 1, 2, 3 ... | its length 8, bits
 *     | next header 8 | integrity check value 12 to 32
 *
 * Nothing in a packet says whether it is encrypted, how long its check value is, or whether there
 * is an initialization vector (AES-GMAC has one). Each combination is a guess; a packet that makes
 * sense under a guess counts for it as many bits as would have had to be so by chance. Several
 * packets of one association must agree before it is believed. Stateless but for the record that
 * lies with the association. */
#ifndef CMTAP_DISSECTORS_IPSEC_ESP_NULL_H
#define CMTAP_DISSECTORS_IPSEC_ESP_NULL_H

#include "core/address.h"

#define ESP_GUESSES 10

struct esp_evidence {
	uint8_t bits[ESP_GUESSES];    /* for each guess */
	uint8_t packets[ESP_GUESSES]; /* that made sense under it */
	uint8_t judged;               /* packets that were looked at */
	uint8_t guess;                /* the one that was believed, + 1 */
	uint8_t integrity_bytes;      /* of the check value under that guess */
};

enum esp_verdict { ESP_UNDECIDED, ESP_IS_NULL, ESP_IS_ENCRYPTED };

/* Judges one packet more; `in` is what follows SPI and sequence number. */
enum esp_verdict esp_judge(struct esp_evidence *e, struct address source,
                           struct address destination, struct bytes in);

/* No more packets will come: what the few say that were judged. */
enum esp_verdict esp_judge_few(const struct esp_evidence *e);

/* The other direction was proved to be readable under a guess: one packet that makes sense under
 * the same is enough. */
bool esp_agrees(struct esp_evidence *e, const struct esp_evidence *other);

/* What is inside a packet of an association that is readable. False where it makes no sense, or is
 * a dummy (RFC 4303 section 2.6). */
bool esp_open(const struct esp_evidence *e, struct bytes in, uint8_t *protocol,
              struct bytes *inside);

#endif
