/* The Internet checksum: the one's complement sum of 16-bit words (RFC 1071).
 *
 *     pseudo-header    source | destination | length of the segment | zero | protocol
 *
 * Wider words have the same one's complement sum once they are folded, in either byte order (RFC
 * 1071, 2(B) and 2(C)), so bytes are added as a little-endian machine finds them, the halves of 64
 * bits into 64, which no packet overflows. Stateless. */
#include "core/checksum.h"

#include "core/reader.h"

#include <arpa/inet.h>
#include <endian.h>

/* Bytes added side by side: sums that do not wait for each other, in whole vector registers. */
#define STRIDE 64
#define LANES  (STRIDE / sizeof(uint64_t))

static inline uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return le64toh(word);
}

static inline uint64_t halves(uint64_t word)
{
	return (word & 0xffffffff) + (word >> 32);
}

/* The sum of lower halves is what the upper halves leave of the sum of all words, which may
 * overflow: neither sum of halves can. */
static uint64_t strides_add(uint64_t sum, struct reader *r)
{
	uint64_t all[LANES] = {0}, upper[LANES] = {0};

	while (reader_left(r) >= STRIDE) {
		const uint8_t *at = reader_take(r, STRIDE).at;

		for (size_t i = 0; i < LANES; i++) {
			uint64_t word = word_at(at + i * sizeof(word));

			all[i] += word;
			upper[i] += word >> 32;
		}
	}
	for (size_t i = 0; i < LANES; i++)
		sum += upper[i] + (all[i] - (upper[i] << 32));
	return sum;
}

uint64_t checksum_add(uint64_t sum, struct bytes b)
{
	struct reader r = reader_over(b);
	size_t rest = b.len % sizeof(uint64_t);
	uint64_t word = 0;

	if (b.len >= 2 * STRIDE)
		sum = strides_add(sum, &r);
	while (reader_left(&r) >= sizeof(word))
		sum += halves(word_at(reader_take(&r, sizeof(word)).at));
	if (!rest)
		return sum;
	/* The last bytes: what is before them in a word is shifted out of it. */
	if (b.len > sizeof(word))
		return sum + halves(word_at(b.at + b.len - sizeof(word)) >> 8 * (8 - rest));
	memcpy(&word, b.at, b.len);
	return sum + halves(le64toh(word));
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
	uint64_t sum = halves(word_at(source.at)) + halves(word_at(source.at + 8)) +
	               halves(word_at(destination.at)) + halves(word_at(destination.at + 8));

	sum += le32toh(htonl((uint32_t)segment.len)) + (uint64_t)le32toh(htonl(protocol));
	return checksum_fits(checksum_add(sum, segment));
}
