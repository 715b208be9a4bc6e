/* Our reader of pcap files, with microseconds or nanoseconds, of either byte order.
 *
 *      0               4               8              12              16       24 bytes
 *     +---------------+-------+-------+---------------+---------------+--------+---------------+
 *     | magic number  | 2     | 4     | reserved      | reserved      | snap   | FCS, link type|
 *     +---------------+-------+-------+---------------+---------------+--------+---------------+
 *     | seconds       | fraction      | captured      | length        | captured bytes ...     |
 *     +---------------+---------------+---------------+---------------+------------------------+
 *       ... the second line repeated, without padding
 *
 * draft-ietf-opsawg-pcap; all in the byte order that the magic number shows. Frames are views into
 * the input's buffer. The thread that owns the capture owns this state. */
#include "sensor/capture/source.h"

#define FILE_HEADER   24
#define RECORD_HEADER 16
#define MAGIC_MICRO   0xa1b2c3d4U
#define MAGIC_NANO    0xa1b23c4dU

static inline uint32_t u32(struct reader *r, bool big_endian)
{
	return big_endian ? reader_u32be(r) : reader_u32le(r);
}

static bool pcap_open(struct source *s)
{
	struct pcap_state *p = &s->pcap;

	if (!source_header(s, FILE_HEADER))
		return false;

	struct reader r = input_reader(&s->input), magic = r;
	uint32_t value = reader_u32be(&magic);

	p->big_endian = value == MAGIC_MICRO || value == MAGIC_NANO;
	p->fraction = u32(&r, p->big_endian) == MAGIC_NANO ? 1 : MICROSECOND;
	reader_skip(&r, 12); /* version, and two fields that nobody fills */
	p->captured_most = captured_most(u32(&r, p->big_endian));
	p->link_type = (uint16_t)u32(&r, p->big_endian);
	input_advance(&s->input, &r);
	return true;
}

/* As many frames of the window as there are and as the batch takes. `need` is how long the window
 * must be to hold one more. */
static inline size_t records(struct source *s, bool big_endian, struct frame *batch, size_t *need)
{
	const struct pcap_state p = s->pcap;
	struct reader r = input_reader(&s->input);
	size_t count = 0;

	while (count < CAPTURE_BATCH) {
		struct reader record = r;
		struct reader header = reader_inside(&record, RECORD_HEADER);
		int64_t seconds = u32(&header, big_endian);
		int64_t fraction = u32(&header, big_endian);
		uint32_t captured = u32(&header, big_endian);
		uint32_t length = u32(&header, big_endian);
		struct bytes data = reader_take(&record, captured);

		if (!reader_ok(&record)) {
			*need = RECORD_HEADER + (size_t)captured;
			break;
		}
		if (captured > p.captured_most)
			break;
		batch[count++] = (struct frame){
		        .time = seconds * SECOND + fraction * p.fraction,
		        .data = data,
		        .wire_length = length > captured ? length : captured,
		        .link_type = p.link_type,
		};
		r = record;
	}
	input_advance(&s->input, &r);
	return count;
}

/* The captured length that the record at the window's start announces. */
static uint32_t captured_ahead(const struct source *s)
{
	struct reader r = input_reader(&s->input);

	reader_skip(&r, 8);
	return u32(&r, s->pcap.big_endian);
}

static enum capture_status pcap_batch(struct source *s, struct frame batch[CAPTURE_BATCH],
                                      size_t *count)
{
	enum capture_status status = CAPTURE_PACKETS;

	while (status == CAPTURE_PACKETS) {
		size_t need = 0;

		/* Two calls, so that the compiler makes a loop for each byte order. */
		if (s->pcap.big_endian)
			*count = records(s, true, batch, &need);
		else
			*count = records(s, false, batch, &need);
		if (*count)
			return CAPTURE_PACKETS;

		uint32_t captured = captured_ahead(s);

		if (captured > s->pcap.captured_most) {
			source_malformed(s, 0, "a packet of %u captured bytes, expected at most %u",
			                 captured, s->pcap.captured_most);
			return CAPTURE_END;
		}
		status = source_more(s, need);
	}
	return status;
}

const struct source_format format_pcap = {
        .name = "pcap",
        .views_live = true,
        .open = pcap_open,
        .batch = pcap_batch,
};
