/* Where packets come from: files, folders, standard input, live interfaces.
 *
 * A capture hands out batches of views. The views of a batch live until the next call. One thread
 * owns a capture. */
#ifndef CMTAP_SENSOR_CAPTURE_CAPTURE_H
#define CMTAP_SENSOR_CAPTURE_CAPTURE_H

#include "core/complaint.h"
#include "core/counter.h"
#include "sensor/packet/plain.h"

#define CAPTURE_BATCH 64

/* One captured frame: a cache line, since frames go from one processor to another. */
struct frame {
	int64_t time;         /* nanoseconds since 1970 UTC */
	struct bytes data;    /* what was captured of it */
	uint32_t wire_length; /* its length on the wire */
	uint16_t link_type;   /* LINKTYPE_ value, as in pcap files */
	struct plain plain;   /* what its headers say, if they are plain ones */
};

_Static_assert(sizeof(struct frame) == 64, "a frame is a cache line");

enum capture_status {
	CAPTURE_PACKETS, /* the batch holds at least one frame */
	CAPTURE_IDLE,    /* nothing now; live only */
	CAPTURE_END,     /* nothing more will come */
};

struct capture;

/* Files and folders (all files in them, recursively, in name order), `-` for standard input, as one
 * run in packet-time order. A file that is missing, unreadable or of no known type is a complaint.
 * NULL when there are complaints. */
struct capture *capture_open_files(const char *const *paths, size_t count,
                                   struct complaints *complaints);

struct capture_live_options {
	unsigned snap_length, buffer_bytes;
	bool promiscuous;
};

/* One interface, by libpcap. NULL with a complaint when it cannot be opened. */
struct capture *capture_open_live(const char *interface, struct capture_live_options options,
                                  struct complaints *complaints);

/* The next frames, at most CAPTURE_BATCH, and what their headers say where they are plain. In live
 * captures it waits up to about 100 ms for the first frame. */
enum capture_status capture_next(struct capture *c, const struct frame **batch, size_t *count);

/* Adds what the capture counted since the last call: drops, files, failed files. */
void capture_count(struct capture *c, struct counters *counters);

/* How far a file capture is: bytes read and bytes in all files, 0 where unknown. Any thread may
 * ask. */
void capture_progress(const struct capture *c, uint64_t *done, uint64_t *total);

/* What went wrong while reading, such as a file cut off in the middle: one line a file, with its
 * name; empty when nothing did. Ask after CAPTURE_END. */
const struct complaints *capture_problems(const struct capture *c);

void capture_close(struct capture *c);

#endif
