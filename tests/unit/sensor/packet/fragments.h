/* Fragments for the tests of reassembly: one TCP segment, sent in parts of a test's choice. */
#ifndef CMTAP_TESTS_UNIT_SENSOR_PACKET_FRAGMENTS_H
#define CMTAP_TESTS_UNIT_SENSOR_PACKET_FRAGMENTS_H

#include "sensor/packet/defragment.h"
#include "tests/unit/sensor/packet/frames.h"

static struct lab *lab;
static uint8_t segment[DATAGRAM_MAX + 100]; /* what is sent in fragments */
static size_t segment_length;

/* A TCP segment with this payload, as IP carries it. */
static inline void segment_make(bool ipv6, size_t payload)
{
	size_t header = ipv6 ? 40 : 20;

	wrap_segment(lab, ipv6, payload);

	struct bytes packet = lab_frame(lab);

	segment_length = packet.len - header;
	memcpy(segment, packet.at + header, segment_length);
}

struct part {
	size_t offset, length;
};

static const char *other_client; /* instead of the usual one */

static inline enum decode_outcome decode_bytes_at(bool ipv6, uint32_t id, struct bytes b,
                                                  size_t offset, bool more)
{
	const char *client = ipv6 ? CLIENT6 : CLIENT4;

	if (other_client)
		client = other_client;
	lab_bytes(lab, b);
	if (ipv6) {
		uint8_t *h = wrap(lab, 8);

		h[0] = 6;
		put_u16(h + 2, offset | more);
		put_u32(h + 4, id);
		wrap_ipv6(lab, 44, client, SERVER6);
	} else {
		wrap_ipv4_full(lab, 6, client, SERVER4, 0, (uint16_t)id,
		               (uint16_t)(offset / 8 | (more ? 0x2000 : 0)));
	}
	wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
	return lab_decode(lab);
}

/* Sends one part of the segment. */
static inline enum decode_outcome decode_part(bool ipv6, uint32_t id, size_t offset, size_t length)
{
	return decode_bytes_at(ipv6, id, (struct bytes){segment + offset, length}, offset,
	                       offset + length < segment_length);
}

static inline void expect_waiting(bool ipv6, uint32_t id, size_t offset, size_t length)
{
	uint64_t before = lab_counted(lab, COUNTER_DISSECTED_FRAGMENT);

	assert_int_equal(decode_part(ipv6, id, offset, length), DECODE_NONE);
	assert_int_equal(lab_counted(lab, COUNTER_DISSECTED_FRAGMENT), before + 1);
}

static inline void expect_whole(bool ipv6, uint32_t id, size_t offset, size_t length)
{
	uint64_t before = lab_counted(lab, COUNTER_FRAGMENTS_COMPLETED);

	assert_int_equal(decode_part(ipv6, id, offset, length), DECODE_PACKET);
	assert_segment(lab, ipv6, segment_length - 20);
	assert_int_equal(lab_counted(lab, COUNTER_FRAGMENTS_COMPLETED), before + 1);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
	arena_reset(&lab->scratch);
}

#endif
