/* Files that only libpcap reads: pcap of old versions or with other magic numbers (Kuznetsov's,
 * Navtel's). It reads through our input, so that these too may be packed or come from a pipe. The
 * thread that owns the capture owns this state. */
#include "sensor/capture/copies.h"
#include "sensor/capture/source.h"

#include <stdio.h>
#include <stdlib.h>

struct other_state {
	pcap_t *pcap;
	struct copies copies;
};

static ssize_t read_input(void *cookie, char *to, size_t room)
{
	struct input *in = cookie;
	enum input_status status = input_wait(in, 1);
	struct reader r = input_reader(in);
	struct bytes some = reader_peek(&r, room);

	if (status == INPUT_FAILED)
		return -1;
	if (some.len)
		memcpy(to, some.at, some.len);
	reader_skip(&r, some.len);
	input_advance(in, &r);
	return (ssize_t)some.len;
}

/* The magic numbers that libpcap knows and we leave to it. */
static bool is_pcap_of_a_kind(struct bytes first)
{
	static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0xa12b3c4d};
	struct reader little = reader_over(first), big = little;
	uint32_t magic_little = reader_u32le(&little), magic_big = reader_u32be(&big);

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magic_little == magics[i] || magic_big == magics[i])
			return true;
	return false;
}

static bool other_open(struct source *s)
{
	struct reader window = input_reader(&s->input);
	char error[PCAP_ERRBUF_SIZE] = "out of memory";
	FILE *file;

	if (!is_pcap_of_a_kind(reader_peek(&window, 4)))
		return false;
	s->other = calloc(1, sizeof(*s->other));
	file = fopencookie(&s->input, "r", (cookie_io_functions_t){.read = read_input});
	if (s->other && file)
		s->other->pcap = pcap_fopen_offline_with_tstamp_precision(
		        file, PCAP_TSTAMP_PRECISION_NANO, error);
	if (file && (!s->other || !s->other->pcap))
		fclose(file);
	if (s->other && s->other->pcap &&
	    copies_open(&s->other->copies, s->other->pcap, CAPTURED_USUAL))
		return true;
	snprintf(s->problem, sizeof(s->problem), "%.200s", error);
	return false;
}

static enum capture_status other_batch(struct source *s, struct frame batch[CAPTURE_BATCH],
                                       size_t *count)
{
	struct other_state *other = s->other;

	if (s->problem[0])
		return CAPTURE_END;
	if (copies_fill(&other->copies, other->pcap, batch) < 0)
		snprintf(s->problem, sizeof(s->problem), "%.200s", pcap_geterr(other->pcap));
	*count = other->copies.count;
	return *count ? CAPTURE_PACKETS : CAPTURE_END;
}

static void other_close(struct source *s)
{
	if (s->other && s->other->pcap)
		pcap_close(s->other->pcap);
	if (s->other)
		copies_close(&s->other->copies);
	free(s->other);
	s->other = NULL;
}

const struct source_format format_other = {
        .name = "pcap, by libpcap",
        .open = other_open,
        .batch = other_batch,
        .close = other_close,
};
