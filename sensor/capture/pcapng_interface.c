/* Interface Description Blocks of pcapng, and the clocks they describe.
 *
 *      0               4       6       8              12 bytes
 *     +---------------+-------+-------+---------------+-----------------------------------+
 *     | 1, length     | link  | 0     | snap length   | options: code, length, value, pad |
 *     +---------------+-------+-------+---------------+-----------------------------------+
 *
 * draft-ietf-opsawg-pcapng, sections 3.5 and 4.2. if_tsresol is a byte: with its top bit clear, a
 * unit is 10^-n seconds, else 2^-n; 10^-6 where it is absent. if_tsoffset is a number of seconds to
 * add. The thread that owns the capture owns these. */
#include "sensor/capture/pcapng.h"

#define OPT_ENDOFOPT 0
#define IF_TSRESOL   9
#define IF_TSOFFSET  14

static uint16_t u16(struct reader *r, bool big_endian)
{
	return big_endian ? reader_u16be(r) : reader_u16le(r);
}

static uint32_t u32(struct reader *r, bool big_endian)
{
	return big_endian ? reader_u32be(r) : reader_u32le(r);
}

static void set_resolution(struct pcapng_interface *i, uint8_t tsresol)
{
	unsigned power = tsresol & 0x7f;

	i->multiplier = i->divisor = 1;
	i->shift = 0;
	if (tsresol & 0x80) {
		i->multiplier = SECOND;
		i->shift = (uint8_t)power;
		return;
	}
	for (; power < 9; power++)
		i->multiplier *= 10;
	/* Units of 10^-28 s or less are all zero nanoseconds in 64 bits. */
	for (; power > 9 && i->divisor < UINT64_MAX / 10; power--)
		i->divisor *= 10;
	if (power > 9)
		i->multiplier = 0;
}

const char *pcapng_read_interface(struct pcapng_interface *i, struct reader block, bool big_endian)
{
	*i = (struct pcapng_interface){.link_type = u16(&block, big_endian)};
	reader_skip(&block, 2);
	i->snap_length = u32(&block, big_endian);
	i->captured_most = captured_most(i->snap_length);
	set_resolution(i, 6);
	while (reader_ok(&block) && reader_left(&block)) {
		uint16_t code = u16(&block, big_endian), length = u16(&block, big_endian);
		struct reader value = reader_inside(&block, length);

		if (code == OPT_ENDOFOPT)
			break;
		reader_skip(&block, (4 - length % 4) % 4);
		if (code == IF_TSRESOL)
			set_resolution(i, reader_u8(&value));
		else if (code == IF_TSOFFSET)
			i->offset =
			        (int64_t)(big_endian ? reader_u64be(&value) : reader_u64le(&value));
		if (!reader_ok(&value))
			return "an interface with an option cut short";
	}
	if (i->divisor == 1 && !i->shift && !i->offset && i->multiplier)
		i->units_plain = (uint64_t)TIME_LATEST / i->multiplier;
	return reader_ok(&block) ? NULL : "an interface with an option cut short";
}

int64_t pcapng_wide_time(const struct pcapng_interface *i, uint64_t units)
{
	/* At most 2^64 * 10^9 and 2^63 * 10^9: far from 127 bits. */
	__int128 time =
	        (__int128)((unsigned __int128)units * i->multiplier / i->divisor >> i->shift);

	time += (__int128)i->offset * SECOND;
	if (time < 0)
		return 0;
	return time < TIME_LATEST ? (int64_t)time : TIME_LATEST;
}
