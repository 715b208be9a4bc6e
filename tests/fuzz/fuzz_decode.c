/* Fuzzes the decoder with several frames on one link, so that fragments meet.
 *
 *     link 1 | options 1 | (length 2 | frame)*
 *
 * Each frame is decoded from memory of its own size. The outcome must be counted exactly when the
 * decoder is the one to count it, and the payload must lie in the frame or in the scratch arena.
 * Seeds: seed_decode.py makes them from captures. */
#include "core/clock.h"
#include "core/reader.h"
#include "sensor/capture/capture.h"
#include "sensor/packet/decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t links[] = {1, 113, 276, 101, 0, 108, 12, 228, 147};

enum {
	OPTION_NO_CHECKSUMS = 0x01,
	OPTION_SHALLOW = 0x02, /* a small depth limit */
	OPTION_SNAPPED = 0x04, /* the wire had more than the capture */
	OPTION_SLOW = 0x08,    /* much time between frames */
	OPTION_POOR = 0x10,    /* few blocks and datagrams */
};

static void check(bool fits)
{
	if (!fits)
		abort();
}

static uint64_t outcomes(const struct counters *c)
{
	return counters_group(c, GROUP_DISSECTED) + counters_group(c, GROUP_NO_INTEREST) +
	       counters_group(c, GROUP_MALFORMED) + counters_group(c, GROUP_OVER_CAP);
}

static bool lies_in(struct bytes part, const uint8_t *at, size_t len)
{
	return part.at >= at && part.at + part.len <= at + len;
}

/* Reads all of the payload and says where it lies. */
static void check_packet(const struct packet *p, struct bytes frame, const struct arena *scratch)
{
	volatile uint8_t sum = 0;

	check(p->payload.len <= p->payload_length);
	check(p->vlan_count <= PACKET_VLANS && p->tunnel_count <= PACKET_TUNNELS);
	check(!p->payload.len || lies_in(p->payload, frame.at, frame.len) ||
	      lies_in(p->payload, scratch->base, scratch->used));
	for (size_t i = 0; i < p->payload.len; i++)
		sum = (uint8_t)(sum + p->payload.at[i]);
}

/* The short way for plain frames says what the walk said. */
static void check_plain(struct decoder *d, struct counters *counters, struct frame frame,
                        enum decode_outcome outcome, const struct packet *walked)
{
	struct counters before = *counters;
	struct packet plain;

	plain_look(&frame, 1);
	if (!frame.plain.payload_at)
		return;
	check(outcome == DECODE_PACKET && decode(d, &frame, &plain) == DECODE_PACKET);
	*counters = before;
	check(!memcmp(&plain.source, &walked->source, sizeof(plain.source)));
	check(!memcmp(&plain.destination, &walked->destination, sizeof(plain.destination)));
	check(plain.source_port == walked->source_port && plain.tcp_flags == walked->tcp_flags);
	check(plain.tcp_sequence == walked->tcp_sequence);
	check(plain.payload.len == walked->payload.len);
	check(plain.payload_length == walked->payload_length);
	check(plain.segment.len == walked->segment.len);
	check(plain.bad_checksum == walked->bad_checksum);
}

static void decode_one(struct decoder *d, struct counters *counters, struct arena *scratch,
                       struct frame frame)
{
	struct packet packet;
	uint64_t before = outcomes(counters);
	uint8_t *copy = malloc(frame.data.len + !frame.data.len);

	check(copy != NULL);
	if (frame.data.len)
		memcpy(copy, frame.data.at, frame.data.len);
	frame.data.at = copy;

	enum decode_outcome outcome = decode(d, &frame, &packet);

	check_plain(d, counters, frame, outcome, &packet);
	if (outcome == DECODE_PACKET)
		decode_verify(d, &packet);

	check(outcomes(counters) - before == (outcome == DECODE_NONE));
	if (outcome != DECODE_NONE)
		check_packet(&packet, frame.data, scratch);
	if (outcome == DECODE_OTHER)
		check(!packet.source_port && !packet.destination_port);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes){data, size});
	uint16_t link = links[reader_u8(&r) % (sizeof(links) / sizeof(*links))];
	uint8_t options = reader_u8(&r);
	struct decode_limits limits = {
	        .tunnel_depth = options & OPTION_SHALLOW ? 2 : 16,
	        .fragments = options & OPTION_POOR ? 2 : 64,
	        .fragment_timeout = 30 * SECOND,
	        .verify_checksums = !(options & OPTION_NO_CHECKSUMS),
	};
	struct blocks blocks;
	struct arena scratch;
	struct counters counters = {0};
	int64_t time = 0;

	check(blocks_open(&blocks, options & OPTION_POOR ? 16 : 1024));
	check(arena_open(&scratch, 1 << 18));

	struct decoder *d = decoder_open(limits, &blocks, &scratch, &counters);

	check(d != NULL);
	while (reader_left(&r) > 2) {
		size_t length = reader_u16be(&r);
		struct bytes bytes =
		        reader_take(&r, length < reader_left(&r) ? length : reader_left(&r));

		decode_one(d, &counters, &scratch,
		           (struct frame){
		                   .time = time,
		                   .data = bytes,
		                   .wire_length = (uint32_t)bytes.len +
		                                  (options & OPTION_SNAPPED ? 64 : 0),
		                   .link_type = link,
		           });
		time += options & OPTION_SLOW ? 20 * SECOND : MILLISECOND;
		arena_reset(&scratch);
	}
	decoder_expire(d, INT64_MAX);
	decoder_close(d);
	check(!blocks.used);
	blocks_close(&blocks);
	arena_close(&scratch);
	return 0;
}
