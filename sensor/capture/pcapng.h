/* What pcapng.c and pcapng_interface.c share: interfaces and their clocks. The thread that owns the
 * capture owns them. */
#ifndef CMTAP_SENSOR_CAPTURE_PCAPNG_H
#define CMTAP_SENSOR_CAPTURE_PCAPNG_H

#include "sensor/capture/source.h"

/* An interface of a pcapng section, and how its clock counts. */
struct pcapng_interface {
	uint16_t link_type;
	uint32_t captured_most;
	uint32_t snap_length; /* 0: none */
	/* Nanoseconds are units * multiplier / divisor >> shift. */
	uint64_t multiplier, divisor;
	uint8_t shift;
	uint64_t units_plain; /* up to so many units a plain product in 64 bits will do */
	int64_t offset;       /* seconds */
};

/* Reads what follows the head of an Interface Description Block. NULL, or what is wrong. */
const char *pcapng_read_interface(struct pcapng_interface *i, struct reader block, bool big_endian);

/* The time of a timestamp of this interface where the plain product does not do. */
int64_t pcapng_wide_time(const struct pcapng_interface *i, uint64_t units);

static inline int64_t pcapng_time(const struct pcapng_interface *i, uint64_t units)
{
	if (__builtin_expect(units <= i->units_plain, 1))
		return (int64_t)(units * i->multiplier);
	return pcapng_wide_time(i, units);
}

#endif
