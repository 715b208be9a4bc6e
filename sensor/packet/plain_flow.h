/* The key of the flow of a plain frame: in line, since it is made of every one. */
#ifndef CMTAP_SENSOR_PACKET_PLAIN_FLOW_H
#define CMTAP_SENSOR_PACKET_PLAIN_FLOW_H

#include "core/reader.h"
#include "sensor/capture/capture.h"
#include "sensor/packet/flow_key.h"

/* Behind 14 bytes of Ethernet and the first 8 of IPv6. */
#define PLAIN_IPV6_ADDRESSES 22

/* One of the two addresses of a plain frame of IPv6: 0 is the source. */
static inline struct bytes plain_ipv6_address(struct bytes frame, size_t which)
{
	struct reader r = reader_over(frame);

	reader_skip(&r, PLAIN_IPV6_ADDRESSES + which * 16);
	return reader_take(&r, 16);
}

static inline struct flow_end_point plain_ipv4_end(uint32_t raw, uint16_t port)
{
	return (struct flow_end_point){0, (uint64_t)raw << 32 | 0xffff0000u, port};
}

static inline struct flow_end_point plain_ipv6_end(struct bytes address, uint16_t port)
{
	struct address a = address_from(address);

	return (struct flow_end_point){address_half(&a, 0), address_half(&a, 1), port};
}

/* Where the frame comes from, and where it goes to. */
static inline struct flow_end_point plain_end(struct bytes frame, const struct plain *p,
                                              bool destination)
{
	uint16_t port = destination ? p->destination_port : p->source_port;

	if (p->ipv6)
		return plain_ipv6_end(plain_ipv6_address(frame, destination), port);
	return plain_ipv4_end(destination ? p->destination : p->source, port);
}

static inline bool plain_is_turned(struct bytes frame, const struct plain *p)
{
	return flow_is_turned(plain_end(frame, p, false), plain_end(frame, p, true));
}

/* The words of the key, once `turned` is known. */
static inline struct flow_words plain_words(struct bytes frame, const struct plain *p)
{
	return flow_words_of(plain_end(frame, p, false), plain_end(frame, p, true), p->protocol,
	                     p->turned);
}

/* What a frame keeps of the hash of a key: as much as a table needs. */
static inline uint32_t plain_hash_of(struct flow_words words)
{
	return (uint32_t)(hash_five(words.at) >> 32);
}

/* The hash of the key, as far as a table needs it. */
static inline uint64_t plain_hash(const struct frame *frame)
{
	return (uint64_t)frame->plain.hash << 32;
}

/* What to look for where the flow of a plain frame is looked for. */
static inline void plain_flow(const struct frame *frame, struct flow_lookup *lookup)
{
	struct flow_words words = plain_words(frame->data, &frame->plain);

	lookup->hash = plain_hash(frame);
	lookup->sender = frame->plain.turned;
	lookup->place = TABLE_NONE;
	memcpy(&lookup->key, &words, sizeof(words));
}

#endif
