/* The Internet checksum: the one's complement sum of 16-bit words (RFC 1071).
 *
 *     pseudo-header    source | destination | length of the segment | zero | protocol
 *
 * Wider words have the same one's complement sum once they are folded, in either byte order (RFC
 * 1071, 2(B) and 2(C)), so bytes are added as they lie, 32 bits at a time into 64, which no packet
 * overflows. Stateless. */
#include "core/checksum.h"

#include "core/reader.h"

#include <arpa/inet.h>

/* Bytes added side by side: sums that do not wait for each other, in whole vector registers. */
#define STRIDE 64

static uint64_t strides_add(uint64_t sum, struct reader *r)
{
	uint64_t word[STRIDE / 8], lane[STRIDE / 8] = {0};

	while (reader_left(r) >= STRIDE) {
		memcpy(word, reader_take(r, STRIDE).at, STRIDE);
		for (size_t i = 0; i < STRIDE / 8; i++)
			lane[i] += (word[i] & 0xffffffff) + (word[i] >> 32);
	}
	for (size_t i = 0; i < STRIDE / 8; i++)
		sum += lane[i];
	return sum;
}

uint64_t checksum_add(uint64_t sum, struct bytes b)
{
	struct reader r = reader_over(b);
	uint32_t word;

	if (b.len >= STRIDE)
		sum = strides_add(sum, &r);
	while (reader_left(&r) >= 4) {
		memcpy(&word, reader_take(&r, 4).at, 4);
		sum += word;
	}
	if (reader_left(&r)) {
		struct bytes rest = reader_rest(&r);

		word = 0;
		memcpy(&word, rest.at, rest.len);
		sum += word;
	}
	return sum;
}

bool checksum_fits(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return sum == 0xffff;
}

bool checksum_fits_transport(struct address source, struct address destination, uint8_t protocol,
                             struct bytes segment)
{
	/* The first 12 bytes of a v4-mapped address add 0xffff, which is nothing in one's
	 * complement, so that one pseudo-header serves both families. */
	struct {
		struct address source, destination;
		uint32_t length, protocol;
	} pseudo = {source, destination, htonl((uint32_t)segment.len), htonl(protocol)};
	uint64_t sum = checksum_add(0, (struct bytes){(const uint8_t *)&pseudo, sizeof(pseudo)});

	return checksum_fits(checksum_add(sum, segment));
}
