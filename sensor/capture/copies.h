/* Frames copied out of memory that libpcap owns, for a batch. The thread that owns the capture owns
 * them. */
#ifndef CMTAP_SENSOR_CAPTURE_COPIES_H
#define CMTAP_SENSOR_CAPTURE_COPIES_H

#include "sensor/capture/capture.h"

#include <pcap/pcap.h>

struct copies {
	uint8_t *bytes; /* room for a whole batch of the largest frames; touched as far as used */
	size_t size, used;
	uint32_t frame_most; /* longer frames are cut to this */
	uint16_t link_type;
	bool nanoseconds; /* of libpcap's time stamps; else microseconds */
	struct frame *batch;
	size_t count;
};

/* Room for frames of up to `frame_most` bytes from `pcap`. False when there is no memory. */
bool copies_open(struct copies *c, pcap_t *pcap, uint32_t frame_most);
void copies_close(struct copies *c);

/* Fills `batch` by one pcap_dispatch() and returns what that returned; `c->count` frames came. */
int copies_fill(struct copies *c, pcap_t *pcap, struct frame batch[CAPTURE_BATCH]);

#endif
