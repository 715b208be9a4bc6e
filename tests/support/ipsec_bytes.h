/* ESP, AH and WESP packets for tests, and the packets they carry. */
#ifndef CMTAP_TESTS_SUPPORT_IPSEC_BYTES_H
#define CMTAP_TESTS_SUPPORT_IPSEC_BYTES_H

#include "core/address.h"
#include "dissectors/dissector.h"

/* Addresses as in a trial. */
struct address ipsec_address(enum side side);

/* A TCP segment with a good checksum, from one side of a trial to the other. */
struct bytes tcp_segment(enum side from, uint32_t sequence, uint8_t flags, const char *payload);
struct bytes udp_datagram(enum side from, const char *payload);
struct bytes icmp_echo(uint16_t sequence);
/* An IPv4 packet around a segment. */
struct bytes ipv4_packet(enum side from, uint8_t protocol, struct bytes inside);

/* ESP with NULL encryption: an initialization vector and a check value of any bytes, of these
 * sizes. */
struct bytes esp_null(uint32_t spi, uint32_t sequence, uint8_t protocol, struct bytes inside,
                      size_t vector, size_t check);
/* ESP with `size` bytes of AES-128 behind its header, another key for each SPI. */
struct bytes esp_encrypted(uint32_t spi, uint32_t sequence, size_t size);
struct bytes ah_packet(uint32_t spi, uint32_t sequence, uint8_t protocol, struct bytes inside,
                       size_t check);
/* WESP around ESP that was made by esp_null() with the same sizes. */
struct bytes wesp_packet_of(uint8_t protocol, uint8_t flags, struct bytes packet, size_t vector,
                            size_t check);

#endif
