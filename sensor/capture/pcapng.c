/* Our reader of pcapng files: any number of sections, each of either byte order and with its own
 * interfaces, each of which has its own link type and clock.
 *
 *      0               4               8                              length - 4     length
 *     +---------------+---------------+------------------------------+---------------+
 *     | type          | length        | body, padded to 4 bytes      | length again  |
 *     +---------------+---------------+------------------------------+---------------+
 *       0a0d0d0a Section Header      | 1a2b3c4d | 1, minor | section length (8) | options
 *       1 Interface Description      | link (2), 0 (2) | snap length | options
 *       6 Enhanced Packet            | interface | time high | time low | captured | length | bytes
 *       3 Simple Packet              | length | bytes
 *       2 Packet (obsolete)          | interface (2), drops (2) | time high | ... as Enhanced
 *
 * draft-ietf-opsawg-pcapng. All other blocks are skipped, whatever is in them. Frames are views
 * into the input's buffer. The thread that owns the capture owns this state. */
#include "sensor/capture/pcapng.h"

#include <stdlib.h>

#define SECTION_HEADER   0x0a0d0d0aU
#define BYTE_ORDER_MAGIC 0x1a2b3c4dU
#define INTERFACE        1
#define PACKET_OBSOLETE  2
#define PACKET_SIMPLE    3
#define PACKET_ENHANCED  6

#define BLOCK_HEADER   8
#define BLOCK_LEAST    12 /* type, and length at both ends */
#define SECTION_LEAST  28
#define BLOCK_MOST     (CAPTURED_MOST + (64U << 10)) /* for blocks we look into */
#define INTERFACES_MAX 65536 /* of one section; the obsolete block's limit */

_Static_assert(BLOCK_MOST <= INPUT_MOST, "a block we look into must fit into the window");

enum step {
	STEP_FRAME, /* one frame more */
	STEP_NONE,  /* a block without a frame */
	STEP_MORE,  /* the window is too short */
	STEP_BAD,   /* the file is malformed here, and the problem is noted */
};

static inline uint32_t u32(struct reader *r, bool big_endian)
{
	return big_endian ? reader_u32be(r) : reader_u32le(r);
}

/* `at` says where in the window the block starts. */
static enum step bad_length(struct source *s, size_t at, uint32_t length)
{
	source_malformed(s, at, "a block of %u bytes, expected a multiple of 4, 12 or more",
	                 length);
	return STEP_BAD;
}

static enum step bad_trailer(struct source *s, size_t at, uint32_t length, uint32_t again)
{
	source_malformed(s, at, "a block of %u bytes that ends as one of %u", length, again);
	return STEP_BAD;
}

/* Reads a Section Header, of which the byte order shows only behind its length. */
static enum step section(struct source *s, struct reader *r, size_t at, size_t *need)
{
	struct pcapng_state *p = &s->pcapng;
	struct reader head = *r;

	reader_skip(&head, 4);

	struct reader length_bytes = reader_inside(&head, 4), magic = head;
	bool big = reader_u32be(&magic) == BYTE_ORDER_MAGIC;
	uint32_t length = u32(&length_bytes, big), order = u32(&head, big);
	uint16_t major = big ? reader_u16be(&head) : reader_u16le(&head);

	reader_skip(&head, 10); /* minor version, section length */
	if (!reader_ok(&head)) {
		*need = SECTION_LEAST - 4;
		return STEP_MORE;
	}
	if (order != BYTE_ORDER_MAGIC || major != 1) {
		source_malformed(s, at, "a section of version %u, expected 1 of either byte order",
		                 order == BYTE_ORDER_MAGIC ? major : 0);
		return STEP_BAD;
	}
	if (length < SECTION_LEAST || length % 4)
		return bad_length(s, at, length);
	p->big_endian = big;
	p->interface_count = 0;
	p->skip = length - SECTION_LEAST;
	p->trailer = length;
	*r = head;
	return STEP_NONE;
}

static enum step interface(struct source *s, struct reader body, size_t at)
{
	struct pcapng_state *p = &s->pcapng;
	const char *wrong = "more than 65536 interfaces";

	if (p->interface_count == p->interface_room && p->interface_room < INTERFACES_MAX) {
		uint32_t room = p->interface_room ? p->interface_room * 2 : 4;
		struct pcapng_interface *more = realloc(p->interfaces, room * sizeof(*more));

		if (more) {
			p->interfaces = more;
			p->interface_room = room;
		}
	}
	if (p->interface_count < p->interface_room)
		wrong = pcapng_read_interface(&p->interfaces[p->interface_count++], body,
		                              p->big_endian);
	if (!wrong)
		return STEP_NONE;
	source_malformed(s, at, "%s", wrong);
	return STEP_BAD;
}

/* What a packet block says before its bytes. */
struct packet_head {
	uint32_t interface, captured, length;
	uint64_t time;
	bool has_time;
};

static inline struct packet_head read_head(struct reader *body, uint32_t type, bool big)
{
	struct packet_head head = {.has_time = type != PACKET_SIMPLE};

	if (type == PACKET_SIMPLE) {
		head.length = u32(body, big);
		head.captured = head.length;
		return head;
	}
	if (type == PACKET_ENHANCED) {
		head.interface = u32(body, big);
	} else {
		head.interface = big ? reader_u16be(body) : reader_u16le(body);
		reader_skip(body, 2); /* drops */
	}
	head.time = (uint64_t)u32(body, big) << 32;
	head.time |= u32(body, big);
	head.captured = u32(body, big);
	head.length = u32(body, big);
	return head;
}

static enum step bad_packet(struct source *s, size_t at, const struct packet_head *head)
{
	if (head->interface >= s->pcapng.interface_count)
		source_malformed(s, at, "a packet of interface %u, which was not described",
		                 head->interface);
	else
		source_malformed(s, at,
		                 "a packet of %u captured bytes, more than its block or the snap "
		                 "length of %u allows",
		                 head->captured, s->pcapng.interfaces[head->interface].snap_length);
	return STEP_BAD;
}

static inline enum step packet(struct source *s, uint32_t type, struct reader body, size_t at,
                               bool big, struct frame *frame)
{
	struct pcapng_state *p = &s->pcapng;
	struct packet_head head = read_head(&body, type, big);

	if (head.interface >= p->interface_count)
		return bad_packet(s, at, &head);

	const struct pcapng_interface *i = &p->interfaces[head.interface];

	if (type == PACKET_SIMPLE && i->snap_length && i->snap_length < head.captured)
		head.captured = i->snap_length;

	struct bytes data = reader_take(&body, head.captured);

	if (!reader_ok(&body) || head.captured > i->captured_most)
		return bad_packet(s, at, &head);
	if (head.has_time)
		p->last_time = pcapng_time(i, head.time);
	*frame = (struct frame){
	        .time = p->last_time,
	        .data = data,
	        .wire_length = head.length > head.captured ? head.length : head.captured,
	        .link_type = i->link_type,
	};
	return STEP_FRAME;
}

/* Reads one block, or the head of one to be skipped. `at` is its place in the window; `r` moves on
 * only when it was read. */
static inline enum step block(struct source *s, struct reader *r, size_t at, bool big,
                              struct frame *frame, size_t *need)
{
	struct reader ahead = *r;
	uint32_t type = u32(&ahead, big), length = u32(&ahead, big);

	*need = BLOCK_LEAST;
	if (!reader_ok(&ahead))
		return STEP_MORE;
	if (type == SECTION_HEADER)
		return section(s, r, at, need);
	if (length < BLOCK_LEAST || length % 4)
		return bad_length(s, at, length);
	if (type != PACKET_ENHANCED && type != INTERFACE && type != PACKET_SIMPLE &&
	    type != PACKET_OBSOLETE) {
		s->pcapng.skip = length - BLOCK_LEAST;
		s->pcapng.trailer = length;
		*r = ahead;
		return STEP_NONE;
	}
	if (length > BLOCK_MOST) {
		source_malformed(s, at, "a block of %u bytes, expected at most %u", length,
		                 BLOCK_MOST);
		return STEP_BAD;
	}

	struct reader body = reader_inside(&ahead, length - BLOCK_LEAST);
	uint32_t again = u32(&ahead, big);

	*need = length;
	if (!reader_ok(&ahead))
		return STEP_MORE;
	if (again != length)
		return bad_trailer(s, at, length, again);
	*r = ahead;
	if (type == INTERFACE)
		return interface(s, body, at);
	return packet(s, type, body, at, big, frame);
}

/* Goes on with a block of which the rest does not matter. */
static enum step skip(struct source *s, struct reader *r, size_t at, size_t *need)
{
	struct pcapng_state *p = &s->pcapng;
	size_t some = reader_peek(r, p->skip).len;

	*need = 1;
	reader_skip(r, some);
	p->skip -= (uint32_t)some;
	if (p->skip)
		return STEP_MORE;

	struct reader ahead = *r;
	uint32_t again = u32(&ahead, p->big_endian);

	*need = 4;
	if (!reader_ok(&ahead))
		return STEP_MORE;
	if (again != p->trailer)
		return bad_trailer(s, at + some, p->trailer, again);
	p->trailer = 0;
	*r = ahead;
	return STEP_NONE;
}

/* Goes through the blocks of the window, all of one byte order, until the batch is full, the order
 * changes, or a step says that it cannot go on. */
static inline enum step blocks(struct source *s, bool big, struct frame *batch, size_t *count,
                               size_t *need)
{
	struct reader r = input_reader(&s->input);
	size_t window = reader_left(&r);
	enum step step = STEP_NONE;

	while (*count < CAPTURE_BATCH && s->pcapng.big_endian == big && step <= STEP_NONE) {
		size_t at = window - reader_left(&r);

		if (s->pcapng.trailer)
			step = skip(s, &r, at, need);
		else
			step = block(s, &r, at, big, &batch[*count], need);
		*count += step == STEP_FRAME;
	}
	input_advance(&s->input, &r);
	return step;
}

static enum capture_status pcapng_batch(struct source *s, struct frame batch[CAPTURE_BATCH],
                                        size_t *count)
{
	/* A problem that came up behind the frames of the batch before ends the file now. */
	enum capture_status status = s->problem[0] ? CAPTURE_END : CAPTURE_PACKETS;

	while (status == CAPTURE_PACKETS) {
		size_t need = 0;
		/* Two calls, so that the compiler makes a loop for each byte order. */
		enum step step = s->pcapng.big_endian ? blocks(s, true, batch, count, &need)
		                                      : blocks(s, false, batch, count, &need);

		if (*count)
			return CAPTURE_PACKETS;
		if (step == STEP_BAD)
			return CAPTURE_END;
		if (step == STEP_MORE)
			status = source_more(s, need);
	}
	if (status == CAPTURE_END && s->pcapng.trailer)
		source_cut_off(s);
	return status;
}

static bool pcapng_open(struct source *s)
{
	struct reader window;
	size_t need = 0;

	if (!source_header(s, SECTION_LEAST))
		return false;
	window = input_reader(&s->input);
	if (section(s, &window, 0, &need) != STEP_NONE)
		return false;
	input_advance(&s->input, &window);
	return true;
}

static void pcapng_close(struct source *s)
{
	free(s->pcapng.interfaces);
	s->pcapng = (struct pcapng_state){0};
}

const struct source_format format_pcapng = {
        .name = "pcapng",
        .views_live = true,
        .open = pcapng_open,
        .batch = pcapng_batch,
        .close = pcapng_close,
};
