/* One capture file being read: its bytes, its format, and the frames in it.
 *
 * A format is a `struct source_format`; pcap.c and pcapng.c are ours, other.c is libpcap's. The
 * thread that owns the capture owns its sources. */
#ifndef CMTAP_SENSOR_CAPTURE_SOURCE_H
#define CMTAP_SENSOR_CAPTURE_SOURCE_H

#include "core/clock.h"
#include "sensor/capture/capture.h"
#include "sensor/capture/input.h"

/* Bytes of one frame: what a file may hold that says nothing of it, and what we take from one whose
 * snap length announces more. The largest frames there are (BIG TCP) have 512 KiB. */
#define CAPTURED_USUAL 262144U
#define CAPTURED_MOST  (1U << 20)

/* Times later than this (the year 2223) are cut to it, so that adding a timeout never overflows. */
#define TIME_LATEST (INT64_C(8000000000) * SECOND)

struct source;

struct source_format {
	const char *name;
	bool views_live; /* views of a batch live as long as the buffer of the input they lie in */
	/* Reads the file header; false leaves the reason in `problem`. NULL where there is nothing
	 * to do. */
	bool (*open)(struct source *s);
	/* Fills a batch; its views live until the next call. CAPTURE_END leaves in `problem` why
	 * the file could not be read to its end, if so. */
	enum capture_status (*batch)(struct source *s, struct frame batch[CAPTURE_BATCH],
	                             size_t *count);
	void (*close)(struct source *s);
};

extern const struct source_format format_pcap, format_pcapng, format_other;

/* What a pcap file header says. */
struct pcap_state {
	bool big_endian;
	uint16_t link_type;
	uint32_t captured_most;
	int64_t fraction; /* nanoseconds a unit of the fraction of a second has */
};

/* What the sections and interfaces of a pcapng file said so far. */
struct pcapng_state {
	bool big_endian;
	uint32_t skip, trailer; /* bytes to skip, then the block length to be found again; or 0 */
	struct pcapng_interface *interfaces;
	uint32_t interface_count, interface_room;
	int64_t last_time; /* for Simple Packet Blocks, which have none */
};

struct other_state;

struct source {
	struct input input;
	const struct source_format *format;
	struct pcap_state pcap;
	struct pcapng_state pcapng;
	struct other_state *other;
	char problem[2 * INPUT_PROBLEM_MAX]; /* why the file could not be read to its end */
};

enum source_opened {
	SOURCE_OPEN,
	SOURCE_UNREADABLE, /* the system refuses it */
	SOURCE_UNKNOWN,    /* it is no capture file */
	SOURCE_BROKEN,     /* it is one, but not a usable one */
};

/* Opens a file and reads its header, with a buffer of `size` bytes. On anything but SOURCE_OPEN
 * `problem` says what is wrong; source_close() is due in all cases. */
enum source_opened source_open(struct source *s, const char *path, size_t size,
                               uint64_t *bytes_read);

/* The same over bytes in memory, for tests. */
enum source_opened source_open_memory(struct source *s, struct bytes memory, size_t size);

/* The next frames. Afterwards, at CAPTURE_END, `problem` is empty or says why it came early. */
enum capture_status source_batch(struct source *s, struct frame batch[CAPTURE_BATCH],
                                 size_t *count);

void source_close(struct source *s);

/* --- for formats --- */

/* Waits until the window holds the `need` bytes of a file header; false, with a problem, when the
 * file ends before. */
bool source_header(struct source *s, size_t need);

/* Makes the window `need` bytes long; a file that ends before is cut off, unless the window is
 * empty: then it has ended well. */
enum capture_status source_more(struct source *s, size_t need);

/* Notes that the file ends in the middle of a record, unless something worse was noted. */
void source_cut_off(struct source *s);

/* Notes that the record at the window's start, or `at` bytes behind it, breaks the format. */
void source_malformed(struct source *s, size_t at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* How much of a frame a file with this snap length may hold. */
uint32_t captured_most(uint32_t snap_length);

#endif
