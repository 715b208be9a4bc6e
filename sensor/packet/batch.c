/* Decoding of a batch before the first of its packets is worked on.
 *
 * The slots of the flow table are asked for while frames are decoded, and the flows when all slots
 * are asked for: so the memory of 64 flows is on its way at the same time. The worker owns a batch.
 */
#include "sensor/packet/batch.h"

#include "sensor/packet/datagram.h"

/* Of a plain frame the hash is known. Its addresses lie in the frame where they are those of IPv6.
 */
static inline void take_plain(struct batch_item *item, const struct frame *frame)
{
	item->plain = frame;
	item->hash = plain_hash(frame);
	if (frame->plain.ipv6)
		bytes_prefetch(frame->data, PLAIN_IPV6_ADDRESSES + 1);
}

/* False when the frame has no flow. */
static bool take_other(struct batch *b, struct batch_item *item, const struct frame *frame,
                       struct decoder *decoder, struct counters *counters)
{
	struct flow_lookup lookup;
	enum decode_outcome outcome;

	b->decoding = frame;
	outcome = decode(decoder, frame, &item->packet);
	b->decoding = NULL;
	if (outcome == DECODE_NONE)
		return false;
	if (outcome == DECODE_OTHER && !datagram_is_read(item->packet.protocol)) {
		count(counters, COUNTER_NO_INTEREST_TRANSPORT);
		return false;
	}
	flow_lookup(&item->packet, &lookup);
	item->plain = NULL;
	item->hash = lookup.hash;
	return true;
}

void batch_take(struct batch *b, const struct frame *frames, size_t count, struct decoder *decoder,
                const struct flows *flows, struct counters *counters)
{
	uint64_t bytes = 0;

	b->count = b->fault_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct batch_item *item = &b->item[b->count];

		bytes += frames[i].wire_length;
		if (frames[i].plain.payload_at)
			take_plain(item, &frames[i]);
		else if (!take_other(b, item, &frames[i], decoder, counters))
			continue;
		flow_prefetch(flows, item->hash);
		b->count++;
	}
	for (size_t i = 0; i < b->count; i++)
		b->item[i].place = flow_prefetch_place(flows, b->item[i].hash);
	counter_add(counters, COUNTER_PACKETS_SEEN, count);
	counter_add(counters, COUNTER_BYTES_SEEN, bytes);
}

bool batch_note_fault(struct batch *b, enum packet_fault what, struct address source,
                      struct address destination)
{
	if (!b->decoding || b->fault_count == BATCH_FAULTS)
		return false;
	b->fault[b->fault_count++] = (struct batch_fault){
	        .what = what,
	        .source = source,
	        .destination = destination,
	        .time = b->decoding->time,
	        .before = b->count,
	};
	return true;
}
