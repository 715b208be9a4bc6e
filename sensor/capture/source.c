/* Opening of capture files: what kind it is, and what to say when it is none. The thread that owns
 * the capture owns its sources. */
#include "sensor/capture/source.h"

#include <stdarg.h>
#include <stdio.h>

#define MAGIC_PCAP_MICRO 0xa1b2c3d4
#define MAGIC_PCAP_NANO  0xa1b23c4d
#define MAGIC_PCAPNG     0x0a0d0d0a

/* Files that people mistake for captures we read, by their first bytes. */
static const struct {
	uint8_t length, magic[6];
	const char *what;
} known_others[] = {
        {4, {0x28, 0xb5, 0x2f, 0xfd}, "it is packed with zstd; unpack it, or pipe it to '-'"},
        {6, {0xfd, '7', 'z', 'X', 'Z', 0}, "it is packed with xz; unpack it, or pipe it to '-'"},
        {3, {'B', 'Z', 'h'}, "it is packed with bzip2; unpack it, or pipe it to '-'"},
        {4, {0x04, 0x22, 0x4d, 0x18}, "it is packed with lz4; unpack it, or pipe it to '-'"},
        {4, {'P', 'K', 3, 4}, "it is a zip archive; unpack it"},
        {5, {'s', 'n', 'o', 'o', 'p'}, "it is a snoop capture; convert it with editcap"},
        {4, {'G', 'M', 'B', 'U'}, "it is a Network Monitor capture; convert it with editcap"},
        {4, {'R', 'T', 'S', 'S'}, "it is a Network Monitor capture; convert it with editcap"},
};

void source_malformed(struct source *s, size_t at, const char *format, ...)
{
	char what[INPUT_PROBLEM_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(s->problem, sizeof(s->problem), "byte %llu: %s; the rest of the file is not read",
	         (unsigned long long)s->input.offset + at, what);
}

uint32_t captured_most(uint32_t snap_length)
{
	if (snap_length <= CAPTURED_USUAL)
		return CAPTURED_USUAL;
	return snap_length < CAPTURED_MOST ? snap_length : CAPTURED_MOST;
}

bool source_header(struct source *s, size_t need)
{
	enum input_status status = input_wait(&s->input, need);

	if (status == INPUT_FAILED)
		snprintf(s->problem, sizeof(s->problem), "%s", s->input.problem);
	else if (status != INPUT_READY)
		snprintf(s->problem, sizeof(s->problem), "cut off in the middle of its header");
	return status == INPUT_READY;
}

void source_cut_off(struct source *s)
{
	if (!s->problem[0])
		snprintf(s->problem, sizeof(s->problem),
		         "byte %llu: cut off in the middle of a record, read to the last whole "
		         "packet",
		         (unsigned long long)s->input.offset);
}

enum capture_status source_more(struct source *s, size_t need)
{
	enum input_status status = input_more(&s->input, need);

	if (status == INPUT_READY)
		return CAPTURE_PACKETS;
	if (status == INPUT_WAITING)
		return CAPTURE_IDLE;
	if (status == INPUT_FAILED)
		snprintf(s->problem, sizeof(s->problem),
		         "byte %llu: %s, read to the last whole packet",
		         (unsigned long long)s->input.offset, s->input.problem);
	else if (s->input.end > s->input.start)
		source_cut_off(s);
	return CAPTURE_END;
}

/* Which format reads the file that starts with `first`. pcap files of old versions, with other
 * magic numbers, and everything unknown are put to libpcap. */
static const struct source_format *format_of(struct bytes first)
{
	struct reader little = reader_over(first), big = little;
	uint32_t magic_little = reader_u32le(&little), magic_big = reader_u32be(&big);

	if (magic_big == MAGIC_PCAPNG)
		return &format_pcapng;
	if (magic_little == MAGIC_PCAP_MICRO || magic_little == MAGIC_PCAP_NANO)
		return reader_u32le(&little) == (4U << 16 | 2) ? &format_pcap : &format_other;
	if (magic_big == MAGIC_PCAP_MICRO || magic_big == MAGIC_PCAP_NANO)
		return reader_u32be(&big) == (2U << 16 | 4) ? &format_pcap : &format_other;
	return &format_other;
}

static void describe_unknown(struct source *s, struct bytes first)
{
	const char *what = "this is no capture file";

	if (!first.len)
		what = "the file is empty";
	for (size_t i = 0; i < sizeof(known_others) / sizeof(*known_others); i++) {
		struct bytes magic = {known_others[i].magic, known_others[i].length};

		if (bytes_equal(bytes_slice(first, 0, magic.len), magic))
			what = known_others[i].what;
	}
	snprintf(s->problem, sizeof(s->problem), "%s; expected pcap or pcapng, plain or gzip'ed",
	         what);
}

static enum source_opened identify(struct source *s)
{
	enum input_status status = input_wait(&s->input, 8);
	struct reader window = input_reader(&s->input);
	struct bytes first = reader_peek(&window, 8);

	if (status == INPUT_FAILED) {
		snprintf(s->problem, sizeof(s->problem), "%s", s->input.problem);
		return s->input.unpacker ? SOURCE_BROKEN : SOURCE_UNREADABLE;
	}
	s->format = format_of(first);
	if (s->format->open(s))
		return SOURCE_OPEN;
	if (s->problem[0])
		return SOURCE_BROKEN;
	describe_unknown(s, first);
	return SOURCE_UNKNOWN;
}

enum source_opened source_open(struct source *s, const char *path, size_t size,
                               uint64_t *bytes_read)
{
	*s = (struct source){0};
	if (input_open(&s->input, path, size, bytes_read))
		return identify(s);
	snprintf(s->problem, sizeof(s->problem), "%s", s->input.problem);
	return SOURCE_UNREADABLE;
}

enum source_opened source_open_memory(struct source *s, struct bytes memory, size_t size)
{
	*s = (struct source){0};
	if (input_open_memory(&s->input, memory, size))
		return identify(s);
	snprintf(s->problem, sizeof(s->problem), "%s", s->input.problem);
	return SOURCE_UNREADABLE;
}

enum capture_status source_batch(struct source *s, struct frame batch[CAPTURE_BATCH], size_t *count)
{
	*count = 0;
	return s->format->batch(s, batch, count);
}

void source_close(struct source *s)
{
	if (s->format && s->format->close)
		s->format->close(s);
	input_close(&s->input);
	s->format = NULL;
}
