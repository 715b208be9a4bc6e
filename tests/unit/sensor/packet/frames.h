/* Frames for the tests of the decoder, wrapped from the inside out, and a decoder to feed them to.
 *
 *     struct lab *lab = lab_open(LAB_LIMITS);
 *     lab_payload(lab, 100);
 *     wrap_tcp(lab, 49153, 80);
 *     wrap_ipv4(lab, 6, "192.0.2.1", "192.0.2.2");
 *     wrap_ethernet(lab, 0x0800);
 *     assert_int_equal(lab_decode(lab), DECODE_PACKET);
 *
 * A frame is decoded from where it ends at a page that cannot be read, so that one byte too many is
 * a crash. Lengths and checksums are right unless a test spoils them. */
#ifndef CMTAP_TESTS_UNIT_SENSOR_PACKET_FRAMES_H
#define CMTAP_TESTS_UNIT_SENSOR_PACKET_FRAMES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/clock.h"
#include "sensor/capture/capture.h"
#include "sensor/packet/decode.h"
#include "sensor/packet/flow.h"
#include "sensor/packet/plain_flow.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LAB_ROOM  70000
#define LAB_PAGES ((LAB_ROOM + 4095) / 4096 * 4096)

#define LAB_LIMITS                                                                                 \
	((struct decode_limits){.tunnel_depth = 16,                                                \
	                        .fragments = 8,                                                    \
	                        .fragment_timeout = 30 * SECOND,                                   \
	                        .verify_checksums = true})

enum { LINK_ETHERNET = 1 };

struct lab {
	struct blocks blocks;
	struct arena scratch;
	struct counters counters;
	struct decoder *decoder;
	struct packet packet;
	uint8_t room[LAB_ROOM]; /* the frame stands at its end and grows downwards */
	size_t from;
	uint8_t *guarded; /* pages, and behind them one that cannot be read */
	uint16_t link;
	uint32_t wire_extra; /* bytes that the wire had and the capture has not */
	int64_t time;
};

static inline struct lab *lab_open(struct decode_limits limits)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	assert_true(blocks_open(&lab->blocks, 4096));
	assert_true(arena_open(&lab->scratch, 1 << 20));
	lab->decoder = decoder_open(limits, &lab->blocks, &lab->scratch, &lab->counters);
	assert_non_null(lab->decoder);
	lab->guarded = mmap(NULL, LAB_PAGES + 4096, PROT_READ | PROT_WRITE,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(lab->guarded != MAP_FAILED);
	assert_int_equal(mprotect(lab->guarded + LAB_PAGES, 4096, PROT_NONE), 0);
	lab->from = LAB_ROOM;
	lab->link = LINK_ETHERNET;
	lab->time = 1000 * SECOND;
	return lab;
}

static inline void lab_close(struct lab *lab)
{
	decoder_close(lab->decoder);
	assert_int_equal(lab->blocks.used, 0);
	blocks_close(&lab->blocks);
	arena_close(&lab->scratch);
	munmap(lab->guarded, LAB_PAGES + 4096);
	free(lab);
}

static inline struct bytes lab_frame(const struct lab *lab)
{
	return (struct bytes){lab->room + lab->from, LAB_ROOM - lab->from};
}

/* How often a packet was counted in one of the groups of outcomes. */
static inline uint64_t lab_outcomes(const struct lab *lab)
{
	return counters_group(&lab->counters, GROUP_DISSECTED) +
	       counters_group(&lab->counters, GROUP_NO_INTEREST) +
	       counters_group(&lab->counters, GROUP_MALFORMED) +
	       counters_group(&lab->counters, GROUP_OVER_CAP);
}

static inline uint64_t lab_counted(const struct lab *lab, enum counter which)
{
	return counter_read(&lab->counters, which);
}

/* The length of the AH header at which the decoder stopped; 0 when it is none, or not whole. */
static inline size_t lab_authentication_header(const struct lab *lab)
{
	struct bytes b = lab->packet.payload;
	size_t header = b.len < 2 ? 0 : (b.at[1] + (size_t)2) * 4;

	return lab->packet.protocol == IP_PROTOCOL_AH && header <= b.len ? header : 0;
}

/* Goes on behind that header, as its dissector makes it. */
static inline enum decode_outcome lab_unwrap(struct lab *lab)
{
	struct packet outer = lab->packet;
	size_t header = lab_authentication_header(lab);
	struct packet_inside inside = {
	        .protocol = outer.payload.at[0],
	        .tunnel = TUNNEL_AH,
	        .bytes = bytes_slice(outer.payload, header, outer.payload.len),
	        .missing = outer.payload_length - (uint32_t)outer.payload.len,
	        .time = outer.time,
	};

	return decode_inside(lab->decoder, &outer, &inside, &lab->packet);
}

/* What the short way says of a plain frame must be what the walk said of it, in `lab->packet`. */
static inline void lab_check_plain(struct lab *lab, struct frame frame, enum decode_outcome outcome)
{
	struct counters before = lab->counters;
	const struct packet *walked = &lab->packet;
	struct flow_lookup by_walk, by_plain;
	struct packet plain;

	plain_look(&frame, 1);
	if (!frame.plain.payload_at)
		return;
	assert_int_equal(outcome, DECODE_PACKET);
	assert_int_equal(decode(lab->decoder, &frame, &plain), DECODE_PACKET);
	lab->counters = before;
	assert_int_equal(plain.time, walked->time);
	assert_int_equal(plain.wire_length, walked->wire_length);
	assert_memory_equal(&plain.source, &walked->source, sizeof(plain.source));
	assert_memory_equal(&plain.destination, &walked->destination, sizeof(plain.destination));
	assert_int_equal(plain.source_port, walked->source_port);
	assert_int_equal(plain.destination_port, walked->destination_port);
	assert_int_equal(plain.protocol, walked->protocol);
	assert_int_equal(plain.tcp_flags, walked->tcp_flags);
	assert_int_equal(plain.tcp_sequence, walked->tcp_sequence);
	assert_int_equal(plain.tcp_acknowledgment, walked->tcp_acknowledgment);
	assert_int_equal(plain.payload.len, walked->payload.len);
	assert_int_equal(plain.payload_length, walked->payload_length);
	assert_true(!plain.payload.len || plain.payload.at == walked->payload.at);
	assert_int_equal(plain.segment.len, walked->segment.len);
	assert_true(!plain.segment.len || plain.segment.at == walked->segment.at);
	assert_int_equal(plain.bad_checksum, walked->bad_checksum);
	assert_int_equal(plain.source_mac.len, 6);
	assert_ptr_equal(plain.source_mac.at, walked->source_mac.at);
	assert_int_equal(plain.destination_mac.len, 6);
	assert_ptr_equal(plain.destination_mac.at, walked->destination_mac.at);
	assert_int_equal(walked->vlan_count + walked->tunnel_count, 0);
	assert_int_equal(plain.vlan_count + plain.tunnel_count, 0);
	assert_memory_equal(plain.vlan, walked->vlan, sizeof(plain.vlan));
	assert_memory_equal(plain.tunnel, walked->tunnel, sizeof(plain.tunnel));

	flow_lookup(walked, &by_walk);
	plain_flow(&frame, &by_plain);
	assert_memory_equal(&by_plain.key, &by_walk.key, sizeof(by_walk.key));
	assert_int_equal(by_plain.hash >> 32, by_walk.hash >> 32);
	assert_int_equal(by_plain.sender, by_walk.sender);
}

/* Decodes bytes that stand at the guard page, and checks that an outcome was counted exactly when
 * the decoder is the one to count it. */
static inline enum decode_outcome lab_decode_bytes(struct lab *lab, struct bytes b)
{
	uint64_t before = lab_outcomes(lab);
	uint8_t *at = lab->guarded + LAB_PAGES - b.len;
	struct frame frame = {
	        .time = lab->time,
	        .data = {at, b.len},
	        .wire_length = (uint32_t)b.len + lab->wire_extra,
	        .link_type = lab->link,
	};

	if (b.len)
		memcpy(at, b.at, b.len);

	enum decode_outcome outcome = decode(lab->decoder, &frame, &lab->packet);

	lab_check_plain(lab, frame, outcome);
	while (outcome == DECODE_OTHER && lab_authentication_header(lab))
		outcome = lab_unwrap(lab);
	if (outcome == DECODE_PACKET)
		decode_verify(lab->decoder, &lab->packet);

	assert_int_equal(lab_outcomes(lab) - before, outcome == DECODE_NONE);
	return outcome;
}

/* Decodes the frame that was built. */
static inline enum decode_outcome lab_decode(struct lab *lab)
{
	return lab_decode_bytes(lab, lab_frame(lab));
}

/* Decodes the frame that was built, which must end in this outcome counter. */
static inline void lab_expect(struct lab *lab, enum counter which)
{
	uint64_t before = lab_counted(lab, which);

	assert_int_equal(lab_decode(lab), DECODE_NONE);
	if (lab_counted(lab, which) != before + 1)
		for (unsigned i = 0; i < COUNTER_COUNT; i++)
			if (lab->counters.value[i])
				print_message("%s %llu\n", counter_info[i].name,
				              (unsigned long long)lab->counters.value[i]);
	assert_int_equal(lab_counted(lab, which), before + 1);
}

/* --- from the inside out ---------------------------------------------------------------------- */

/* Puts room for `n` bytes before the frame and returns it, zeroed. */
static inline uint8_t *wrap(struct lab *lab, size_t n)
{
	assert_true(lab->from >= n);
	lab->from -= n;
	memset(lab->room + lab->from, 0, n);
	return lab->room + lab->from;
}

/* Puts bytes, written as hexadecimal digits with blanks, before the frame. */
static inline void wrap_hex(struct lab *lab, const char *hex)
{
	uint8_t bytes[256];
	size_t n = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		assert_true(n < sizeof(bytes));
		bytes[n++] =
		        (uint8_t)(hex_digit((uint8_t)hex[0]) << 4 | hex_digit((uint8_t)hex[1]));
		hex++;
	}
	memcpy(wrap(lab, n), bytes, n);
}

static inline void put_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, value >> 16);
	put_u16(at + 2, value);
}

/* The checksum of RFC 1071, slowly and another way than the code under test. */
static inline uint16_t sum_u16(uint32_t sum, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sum += i % 2 ? at[i] : at[i] * 256u;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

/* Starts a new frame with `n` bytes that differ from their neighbours. */
static inline void lab_payload(struct lab *lab, size_t n)
{
	lab->from = LAB_ROOM;
	uint8_t *at = wrap(lab, n);

	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)(i * 7 + i / 251);
}

/* Starts a new frame with these bytes. */
static inline void lab_bytes(struct lab *lab, struct bytes b)
{
	lab->from = LAB_ROOM;
	if (b.len)
		memcpy(wrap(lab, b.len), b.at, b.len);
}

static inline void wrap_tcp(struct lab *lab, uint16_t source, uint16_t destination)
{
	uint8_t *h = wrap(lab, 20);

	put_u16(h, source);
	put_u16(h + 2, destination);
	put_u32(h + 4, 0x01020304);
	put_u32(h + 8, 0x05060708);
	h[12] = 0x50;
	h[13] = TCP_ACK | TCP_PSH;
	put_u16(h + 14, 0xffff);
}

static inline void wrap_udp(struct lab *lab, uint16_t source, uint16_t destination)
{
	size_t length = lab_frame(lab).len + 8;
	uint8_t *h = wrap(lab, 8);

	put_u16(h, source);
	put_u16(h + 2, destination);
	put_u16(h + 4, length);
}

/* Fills in the checksum of the TCP or UDP header that begins the frame. */
static inline void wrap_transport_checksum(struct lab *lab, uint8_t protocol,
                                           const struct address *source,
                                           const struct address *destination)
{
	uint8_t *h = lab->room + lab->from;
	size_t length = LAB_ROOM - lab->from, place = protocol == 6 ? 16 : 6;

	if ((protocol != 6 && protocol != 17) || length < place + 2)
		return;
	uint32_t sum = sum_u16(sum_u16(0, source->at, 16), destination->at, 16);
	uint16_t whole = sum_u16(sum + protocol + (uint32_t)length, h, length);

	put_u16(h + place, whole == 0xffff && protocol == 17 ? 0xffff : 0xffffu - whole);
}

static inline struct address address_at(const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_of(text), &a));
	return a;
}

/* An IPv4 header with `options` bytes of no-operation options around what there is, which fills
 * checksums in unless it is a fragment: `fragment` is the field with flags and offset. */
static inline void wrap_ipv4_full(struct lab *lab, uint8_t protocol, const char *source,
                                  const char *destination, size_t options, uint16_t id,
                                  uint16_t fragment)
{
	struct address from = address_at(source), to = address_at(destination);

	if (!(fragment & 0x3fff))
		wrap_transport_checksum(lab, protocol, &from, &to);

	size_t total = lab_frame(lab).len + 20 + options;
	uint8_t *h = wrap(lab, 20 + options);

	h[0] = (uint8_t)(0x45 + options / 4);
	put_u16(h + 2, total);
	put_u16(h + 4, id);
	put_u16(h + 6, fragment);
	h[8] = 64;
	h[9] = protocol;
	memcpy(h + 12, from.at + 12, 4);
	memcpy(h + 16, to.at + 12, 4);
	memset(h + 20, 1, options);
	put_u16(h + 10, 0xffffu - sum_u16(0, h, 20 + options));
}

static inline void wrap_ipv4(struct lab *lab, uint8_t protocol, const char *source,
                             const char *destination)
{
	wrap_ipv4_full(lab, protocol, source, destination, 0, 1, 0x4000);
}

/* An IPv6 header around what there is, which fills in checksums when TCP or UDP follows at once. */
static inline void wrap_ipv6(struct lab *lab, uint8_t next, const char *source,
                             const char *destination)
{
	struct address from = address_at(source), to = address_at(destination);
	size_t length = lab_frame(lab).len;

	wrap_transport_checksum(lab, next, &from, &to);

	uint8_t *h = wrap(lab, 40);

	h[0] = 0x60;
	put_u16(h + 4, length);
	h[6] = next;
	h[7] = 64;
	memcpy(h + 8, from.at, 16);
	memcpy(h + 24, to.at, 16);
}

/* An IPv6 extension header of `n` bytes (a multiple of 8) of zeros: empty options, or a route that
 * is at its end. */
static inline void wrap_extension(struct lab *lab, uint8_t next, size_t n)
{
	uint8_t *h = wrap(lab, n);

	h[0] = next;
	h[1] = (uint8_t)(n / 8 - 1);
}

#define CLIENT4  "192.0.2.11"
#define SERVER4  "192.0.2.20"
#define CLIENT6  "2001:db8:1::11"
#define SERVER6  "2001:db8:1::20"
#define TUNNEL4A "198.51.100.1"
#define TUNNEL4B "198.51.100.2"
#define TUNNEL6A "2001:db8:ff::1"
#define TUNNEL6B "2001:db8:ff::2"

static inline void wrap_ethernet(struct lab *lab, uint16_t type)
{
	put_u16(wrap(lab, 2), type);
	wrap_hex(lab, "020000000001 020000000002");
}

/* A PPPoE session that carries this PPP protocol, and Ethernet. */
static inline void wrap_pppoe(struct lab *lab, const char *protocol)
{
	wrap_hex(lab, protocol);

	size_t length = lab_frame(lab).len;

	put_u16(wrap(lab, 2), length);
	wrap_hex(lab, "1100 0001");
	wrap_ethernet(lab, 0x8864);
}

/* TCP of the usual client to the usual server, with its IPv6 checksum. */
static inline void wrap_tcp6(struct lab *lab)
{
	struct address from = address_at(CLIENT6), to = address_at(SERVER6);

	wrap_tcp(lab, 49153, 80);
	wrap_transport_checksum(lab, 6, &from, &to);
}

/* A TCP segment of the usual client to the usual server in IPv4 or IPv6, with checksums. */
static inline void wrap_segment(struct lab *lab, bool ipv6, size_t payload)
{
	lab_payload(lab, payload);
	wrap_tcp(lab, 49153, 80);
	if (ipv6)
		wrap_ipv6(lab, 6, CLIENT6, SERVER6);
	else
		wrap_ipv4(lab, 6, CLIENT4, SERVER4);
}

/* Checks that the decoded packet is that of wrap_segment(). */
static inline void assert_segment(const struct lab *lab, bool ipv6, size_t payload)
{
	const struct packet *p = &lab->packet;

	assert_true(address_equal(p->source, address_at(ipv6 ? CLIENT6 : CLIENT4)));
	assert_true(address_equal(p->destination, address_at(ipv6 ? SERVER6 : SERVER4)));
	assert_int_equal(p->protocol, IP_PROTOCOL_TCP);
	assert_int_equal(p->source_port, 49153);
	assert_int_equal(p->destination_port, 80);
	assert_int_equal(p->tcp_sequence, 0x01020304);
	assert_int_equal(p->tcp_acknowledgment, 0x05060708);
	assert_int_equal(p->tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p->payload.len, payload);
	assert_int_equal(p->payload_length, payload);
	for (size_t i = 0; i < payload; i++)
		assert_int_equal(p->payload.at[i], (uint8_t)(i * 7 + i / 251));
	assert_false(p->bad_checksum);
}

/* Decodes the frame cut off after each byte, as a capture with a snap length would, and as a wire
 * that ended there would: never a byte too many is read, and one outcome is counted for each. */
static inline void lab_cut_everywhere(struct lab *lab)
{
	struct bytes whole = lab_frame(lab);

	for (size_t n = 0; n < whole.len; n++) {
		lab->wire_extra = (uint32_t)(whole.len - n);
		lab_decode_bytes(lab, bytes_slice(whole, 0, n));
		lab->wire_extra = 0;
		lab_decode_bytes(lab, bytes_slice(whole, 0, n));
		arena_reset(&lab->scratch);
	}
}

#endif
