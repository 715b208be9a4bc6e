/* The Internet checksum of IP, TCP and UDP (RFC 1071). */
#ifndef CMTAP_CORE_CHECKSUM_H
#define CMTAP_CORE_CHECKSUM_H

#include "core/address.h"

/* Adds bytes to a sum that begins with 0. Bytes added after an odd number of bytes would be added
 * at the wrong place: all pieces but the last must be even. */
uint64_t checksum_add(uint64_t sum, struct bytes b);

/* Whether a sum over bytes that include their own checksum says that they are as they were sent. */
bool checksum_fits(uint64_t sum);

/* The same for a TCP or UDP segment with the pseudo-header of RFC 9293 (3.1) or RFC 8200 (8.1). */
bool checksum_fits_transport(struct address source, struct address destination, uint8_t protocol,
                             struct bytes segment);

#endif
