/* Capture files made byte by byte, and what a source reads from them: for the tests of
 * sensor/capture. */
#ifndef CMTAP_TESTS_CAPTURE_SAMPLES_H
#define CMTAP_TESTS_CAPTURE_SAMPLES_H

#include "sensor/capture/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LINK_ETHERNET 1
#define LINK_RAW      101
#define LARGE_BUFFER  65536

/* Bytes under construction. */
struct sample {
	uint8_t *at;
	size_t len, room;
	bool big_endian; /* how put_u16 and its like write */
};

static inline void put(struct sample *s, const void *bytes, size_t len)
{
	if (s->len + len > s->room) {
		s->room = 2 * (s->len + len);
		s->at = realloc(s->at, s->room);
		assert_non_null(s->at);
	}
	if (len)
		memcpy(s->at + s->len, bytes, len);
	s->len += len;
}

static inline void put_number(struct sample *s, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		size_t shift = 8 * (s->big_endian ? size - 1 - i : i);
		uint8_t byte = (uint8_t)(value >> shift);

		put(s, &byte, 1);
	}
}

static inline void put_u16(struct sample *s, uint16_t value)
{
	put_number(s, value, 2);
}

static inline void put_u32(struct sample *s, uint32_t value)
{
	put_number(s, value, 4);
}

static inline void put_fill(struct sample *s, uint8_t byte, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(s, &byte, 1);
}

static inline struct bytes sample_bytes(const struct sample *s)
{
	return (struct bytes){s->at, s->len};
}

static inline void sample_free(struct sample *s)
{
	free(s->at);
	*s = (struct sample){0};
}

/* --- pcap --- */

static inline void put_pcap_header(struct sample *s, uint32_t magic, uint32_t snap)
{
	put_u32(s, magic);
	put_u16(s, 2);
	put_u16(s, 4);
	put_fill(s, 0, 8);
	put_u32(s, snap);
	put_u32(s, LINK_ETHERNET);
}

/* A packet of `len` bytes, all of value `fill`. */
static inline void put_pcap_packet(struct sample *s, uint32_t seconds, uint32_t fraction,
                                   uint32_t len, uint8_t fill)
{
	put_u32(s, seconds);
	put_u32(s, fraction);
	put_u32(s, len);
	put_u32(s, len);
	put_fill(s, fill, len);
}

/* --- pcapng --- */

static inline void put_block(struct sample *s, uint32_t type, const struct sample *body)
{
	size_t padding = (4 - body->len % 4) % 4, length = 12 + body->len + padding;

	put_u32(s, type);
	put_u32(s, (uint32_t)length);
	put(s, body->at, body->len);
	put_fill(s, 0, padding);
	put_u32(s, (uint32_t)length);
}

static inline void put_section(struct sample *s)
{
	struct sample body = {.big_endian = s->big_endian};

	put_u32(&body, 0x1a2b3c4d);
	put_u16(&body, 1);
	put_u16(&body, 0);
	put_fill(&body, 0xff, 8);
	put_block(s, 0x0a0d0d0a, &body);
	sample_free(&body);
}

/* `resolution` < 0 leaves if_tsresol out, `offset` 0 if_tsoffset. */
static inline void put_interface(struct sample *s, uint16_t link_type, int resolution,
                                 int64_t offset)
{
	struct sample body = {.big_endian = s->big_endian};

	put_u16(&body, link_type);
	put_u16(&body, 0);
	put_u32(&body, 0);
	put_u16(&body, 2); /* if_name, odd on purpose */
	put_u16(&body, 3);
	put(&body, "eth\0", 4);
	if (resolution >= 0) {
		uint8_t value[4] = {(uint8_t)resolution};

		put_u16(&body, 9);
		put_u16(&body, 1);
		put(&body, value, 4);
	}
	if (offset) {
		put_u16(&body, 14);
		put_u16(&body, 8);
		put_number(&body, (uint64_t)offset, 8);
	}
	put_u32(&body, 0);
	put_block(s, 1, &body);
	sample_free(&body);
}

static inline void put_enhanced(struct sample *s, uint32_t interface, uint64_t units, uint32_t len,
                                uint8_t fill)
{
	struct sample body = {.big_endian = s->big_endian};

	put_u32(&body, interface);
	put_u32(&body, (uint32_t)(units >> 32));
	put_u32(&body, (uint32_t)units);
	put_u32(&body, len);
	put_u32(&body, len);
	put_fill(&body, fill, len);
	put_block(s, 6, &body);
	sample_free(&body);
}

/* A Simple Packet Block of a packet of `length` bytes, of which `captured` are there. */
static inline void put_simple(struct sample *s, uint32_t length, uint32_t captured)
{
	struct sample body = {.big_endian = s->big_endian};

	put_u32(&body, length);
	put_fill(&body, 0x55, captured);
	put_block(s, 3, &body);
	sample_free(&body);
}

/* --- what was read --- */

#define SEEN_MAX 4096

struct seen_frame {
	int64_t time;
	uint32_t wire_length, captured;
	uint16_t link_type;
	uint8_t first; /* byte, 0 where there is none */
};

struct seen {
	size_t count;
	uint64_t hash; /* of all times, lengths and bytes */
	struct seen_frame frame[SEEN_MAX];
	char problem[sizeof(((struct source *)0)->problem)];
};

static inline uint64_t hash_more(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static inline void see(struct seen *seen, const struct frame *f)
{
	seen->hash = hash_more(seen->hash, &f->time, sizeof(f->time));
	seen->hash = hash_more(seen->hash, &f->wire_length, sizeof(f->wire_length));
	seen->hash = hash_more(seen->hash, f->data.at, f->data.len);
	if (seen->count < SEEN_MAX)
		seen->frame[seen->count] = (struct seen_frame){
		        f->time,
		        f->wire_length,
		        (uint32_t)f->data.len,
		        f->link_type,
		        f->data.len ? f->data.at[0] : 0,
		};
	seen->count++;
}

/* Reads a source to its end and closes it. */
static inline void read_to_end(struct source *s, struct seen *seen)
{
	struct frame batch[CAPTURE_BATCH];
	size_t count;

	*seen = (struct seen){0};
	while (source_batch(s, batch, &count) != CAPTURE_END)
		for (size_t i = 0; i < count; i++)
			see(seen, &batch[i]);
	assert_int_equal(count, 0);
	snprintf(seen->problem, sizeof(seen->problem), "%s", s->problem);
	source_close(s);
}

/* Opens bytes as a file that must be readable, and reads all of it. */
static inline void read_sample(const struct sample *sample, size_t buffer, struct seen *seen)
{
	struct source source;

	assert_int_equal(source_open_memory(&source, sample_bytes(sample), buffer), SOURCE_OPEN);
	read_to_end(&source, seen);
}

/* Opens bytes as a file, which must turn out as `expected` and say `problem`. */
static inline void assert_refused(const struct sample *sample, enum source_opened expected,
                                  const char *problem)
{
	struct source source;

	assert_int_equal(source_open_memory(&source, sample_bytes(sample), LARGE_BUFFER), expected);
	assert_non_null(strstr(source.problem, problem));
	source_close(&source);
}

#endif
