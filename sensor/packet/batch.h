/* A batch of frames on its way to its flows: decoded as far as somebody will want it, with the
 * memory of the flow table asked for, and with what was found broken, in the order of the frames.
 */
#ifndef CMTAP_SENSOR_PACKET_BATCH_H
#define CMTAP_SENSOR_PACKET_BATCH_H

#include "sensor/packet/flow.h"
#include "sensor/packet/plain_flow.h"

/* Faults of one batch that can wait for their turn. */
#define BATCH_FAULTS (2 * CAPTURE_BATCH)

/* A packet of a batch, or a plain frame that becomes one only where somebody reads it. */
struct batch_item {
	const struct frame *plain; /* NULL: `packet` is decoded */
	uint64_t hash;             /* of the key of its flow */
	uint32_t place;            /* where its flow probably lies, or TABLE_NONE */
	struct packet packet;
};

/* Something broken, found while a batch was decoded. */
struct batch_fault {
	enum packet_fault what;
	struct address source, destination;
	int64_t time;
	size_t before; /* the item of the batch that comes next */
};

struct batch {
	struct batch_item item[CAPTURE_BATCH];
	size_t count;
	struct batch_fault fault[BATCH_FAULTS];
	size_t fault_count;
	const struct frame *decoding; /* NULL: none is */
};

/* Decodes frames that are not plain, keeps those that have a flow, and brings what the flow table
 * knows of them nearer. Counts what is seen and what has no flow. */
void batch_take(struct batch *b, const struct frame *frames, size_t count, struct decoder *decoder,
                const struct flows *flows, struct counters *counters);

/* Notes a fault that the decoder told of, until the turn of the next item has come. False, and not
 * noted, where no batch is being decoded or too many faults wait. */
bool batch_note_fault(struct batch *b, enum packet_fault what, struct address source,
                      struct address destination);

/* What to look for where the flow of an item is looked for. */
static inline void batch_lookup(const struct batch_item *item, struct flow_lookup *lookup)
{
	if (item->plain)
		plain_flow(item->plain, lookup);
	else
		flow_lookup(&item->packet, lookup);
	lookup->place = item->place;
}

#endif
