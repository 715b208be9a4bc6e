/* SMB over TCP 445 and over NetBIOS sessions (139): finds where each message begins and ends.
 *
 *     0      1                4
 *    +------+----------------+---------------------------------+
 *    | type | length, BE     | message of so many bytes        |   RFC 1002 section 4.3.1
 *    +------+----------------+---------------------------------+
 *
 * Type 0 is a message; 0x81 to 0x85 open and keep a NetBIOS session. A message begins with FF 'SMB'
 * (version 1), FE 'SMB' (version 2 and 3, several may follow each other in a compound), FD 'SMB'
 * (encrypted) or FC 'SMB' (compressed). Of reads and writes only the beginning is read; the packet
 * path skips what they carry. After lost bytes reading goes on at the next frame that starts a
 * segment. The state belongs to the worker that owns the flow. */
#include "dissectors/smb/smb.h"

#define SESSION_MESSAGE    0x00
#define SESSION_REQUEST    0x81
#define SESSION_KEEP_ALIVE 0x85

#define NETBIOS_NAME_ENCODED 34 /* its length, 32 letters, an empty label */

static struct smb_side *side_of(struct dissection *d, enum side from)
{
	return &((struct smb_state *)d->state)->side[from];
}

/* FE 'SMB' and its header tell the direction. */
static enum likeness version2_likeness(struct reader *r, enum side from)
{
	uint16_t size = reader_u16le(r);

	reader_skip(r, 10);

	uint32_t flags = reader_u32le(r);

	if (!reader_ok(r))
		return MAYBE;
	return size == 64 && (flags & 1) == (from == SERVER) ? YES : NO;
}

static enum likeness version1_likeness(struct reader *r, enum side from)
{
	reader_skip(r, 5);

	uint8_t flags = reader_u8(r);

	if (!reader_ok(r))
		return MAYBE;
	return flags >> 7 == (from == SERVER) ? YES : NO;
}

static enum likeness message_likeness(struct reader *r, enum side from)
{
	static const uint8_t name[] = {'S', 'M', 'B'};
	uint8_t version = reader_u8(r);

	if (version < 0xfc && reader_ok(r))
		return NO;
	for (size_t i = 0; i < sizeof(name); i++)
		if (reader_u8(r) != name[i] && reader_ok(r))
			return NO;
	if (!reader_ok(r))
		return MAYBE;
	return version == 0xfe   ? version2_likeness(r, from)
	       : version == 0xff ? version1_likeness(r, from)
	                         : YES;
}

static enum likeness smb_probe(struct bytes first, enum side from)
{
	struct reader r = reader_over(first);
	uint8_t type = reader_u8(&r);
	uint32_t length = reader_u24be(&r);

	/* A NetBIOS session: the names of both ends, or their acceptance before the first reply. */
	if (type == SESSION_REQUEST && from == CLIENT)
		return !reader_ok(&r) ? MAYBE : length == 2 * NETBIOS_NAME_ENCODED ? YES : NO;
	if (type == 0x82 && from == SERVER && !length) {
		type = reader_u8(&r);
		length = reader_u24be(&r);
	}
	if (type != SESSION_MESSAGE || !first.len)
		return first.len ? NO : MAYBE;
	if (!reader_ok(&r))
		return MAYBE;
	return length < 32 ? NO : message_likeness(&r, from);
}

/* Half a byte is a letter from A on (RFC 1001 section 14.1); the last byte is the kind of name. */
static void keep_called_name(struct smb_state *st, struct bytes encoded)
{
	struct reader r = reader_over(encoded);
	uint8_t name[15];
	size_t len = 0;

	reader_skip(&r, 1);
	for (size_t i = 0; i < sizeof(name); i++) {
		uint8_t high = reader_u8(&r), low = reader_u8(&r);

		if (high < 'A' || high > 'P' || low < 'A' || low > 'P')
			return;
		name[i] = (uint8_t)((high - 'A') << 4 | (low - 'A'));
		if (name[i] != ' ')
			len = i + 1;
	}
	if (reader_ok(&r) && len)
		smb_text_set(&st->netname, (struct bytes){name, len});
}

static enum verdict step_frame(struct dissection *d, enum side from, struct reader *r)
{
	struct smb_side *side = side_of(d, from);
	struct reader ahead = *r;
	uint8_t type = reader_u8(&ahead);
	uint32_t length = reader_u24be(&ahead);

	if (!reader_ok(&ahead))
		return MORE;
	if (type == SESSION_MESSAGE) {
		*r = ahead;
		side->left = length;
		side->step = length ? STEP_MESSAGE : STEP_FRAME;
		side->related_session = side->related_tree = side->related_file =
		        (struct record_reference){0};
		return OK;
	}
	if (type < SESSION_REQUEST || type > SESSION_KEEP_ALIVE || length > 256)
		return dissection_malformed(d, "smb", "no packet of the NetBIOS session service");

	struct bytes body = reader_take(&ahead, length);

	if (!reader_ok(&ahead))
		return MORE;
	if (type == SESSION_REQUEST)
		keep_called_name(d->state, bytes_slice(body, 0, NETBIOS_NAME_ENCODED));
	*r = ahead;
	return OK;
}

/* Passes over bytes, those that are there and those to come. */
static void pass(struct dissection *d, enum side from, struct reader *r, uint32_t n)
{
	size_t here = n < reader_left(r) ? n : reader_left(r);

	reader_skip(r, here);
	if (n > here)
		dissection_skip(d, from, n - here);
}

static void message_done(struct smb_side *side, uint32_t length)
{
	side->left -= length;
	side->step = side->left ? STEP_MESSAGE : STEP_FRAME;
}

/* FD 'SMB' (MS-SMB2 section 2.2.41): nothing can be read but whose session it is. */
static enum verdict encrypted_message(struct dissection *d, enum side from, struct smb_message *m)
{
	struct reader r = reader_over(m->in);
	struct smb_session *session;

	if (m->length < 52)
		m->wrong = "encrypted message shorter than its header";
	if (m->length < 52)
		return OK;
	if (m->in.len < 52)
		return MORE;
	reader_skip(&r, 44);

	uint64_t id = reader_u64le(&r);

	session = smb_session_by_id(d, id);
	if (!session && (session = smb_session_new(d)))
		session->id = id;
	if (session)
		session->transformed[from] = true;
	if (!((struct smb_state *)d->state)->clear)
		d->carriage = CARRIED_IN_SMB;
	return OK;
}

static enum verdict read_message(struct dissection *d, enum side from, struct smb_message *m,
                                 uint32_t left)
{
	static const struct bytes name = BYTES_INIT("SMB");

	if (left < 4 || !bytes_equal(bytes_slice(m->in, 1, 3), name))
		return dissection_malformed(d, "smb", "message does not begin as SMB does");
	/* Before anything was opened nobody knows whether it will be encrypted. */
	if (d->carriage == CARRIED_CLEAR && !((struct smb_state *)d->state)->clear)
		d->carriage = CARRIED_UNKNOWN;
	switch (m->in.at[0]) {
	case 0xfe:
		return smb2_message(d, from, left, m);
	case 0xff:
		return smb1_message(d, from, left, m);
	case 0xfd:
		return encrypted_message(d, from, m);
	case 0xfc:
		return smb_compressed_message(d, from, left, m);
	default:
		return dissection_malformed(d, "smb", "message of an unknown version");
	}
}

/* The rest of the frame can still be told by its length, so one bad message ends nothing: it could
 * have been sent to make us look away. */
static void tell_wrong(struct dissection *d, const char *wrong)
{
	struct smb_state *st = d->state;

	if (!st->malformed)
		dissection_malformed(d, "smb", wrong);
	st->malformed = true;
}

static enum verdict step_message(struct dissection *d, enum side from, struct reader *r)
{
	struct smb_side *side = side_of(d, from);
	uint32_t left = side->left;
	struct smb_message m = {.in = reader_peek(r, left), .length = left};
	enum verdict verdict;

	if (m.in.len < 4 && m.in.len < left)
		return MORE;
	verdict = read_message(d, from, &m, left);
	if (verdict != OK)
		return verdict;
	if (!m.wrong && m.data_length &&
	    (m.data_at > m.length || m.data_length > m.length - m.data_at))
		m.wrong = "data beyond the message";
	if (m.wrong) {
		tell_wrong(d, m.wrong);
		m.length = left;
		m.data_length = 0;
	}

	const struct smb_file *file = m.data_length ? smb_file_at(d, m.file) : NULL;

	if (!file || !(file->facts & FILE_IS_PIPE)) {
		message_done(side, m.length);
		pass(d, from, r, m.length);
		return OK;
	}
	side->step = STEP_DATA;
	side->file = m.file;
	side->before = m.data_at;
	side->data = m.data_length;
	side->behind = m.length - m.data_at - m.data_length;
	return OK;
}

static enum verdict step_data(struct dissection *d, enum side from, struct reader *r)
{
	struct smb_side *side = side_of(d, from);
	uint32_t length = side->before;
	struct smb_file *file;

	if (side->before) {
		side->before = 0;
		side->left -= length;
		pass(d, from, r, length);
		return OK;
	}

	struct bytes piece =
	        reader_take(r, side->data < reader_left(r) ? side->data : reader_left(r));

	side->data -= (uint32_t)piece.len;
	side->left -= (uint32_t)piece.len;
	file = smb_file_at(d, side->file);
	if (file)
		smb_pipe_data(d, from, file, piece);
	if (!side->data) {
		pass(d, from, r, side->behind);
		message_done(side, side->behind);
	}
	return OK;
}

static enum verdict step_resync(struct dissection *d, enum side from, struct reader *r,
                                uint64_t offset)
{
	bool found;
	enum verdict verdict = dissection_resync(d, from, r, offset, smb_probe, &found);

	if (found)
		side_of(d, from)->step = STEP_FRAME;
	return verdict;
}

static enum verdict step(struct dissection *d, enum side from, struct reader *r, uint64_t offset)
{
	switch (side_of(d, from)->step) {
	case STEP_FRAME:
		return step_frame(d, from, r);
	case STEP_MESSAGE:
		return step_message(d, from, r);
	case STEP_DATA:
		return step_data(d, from, r);
	case STEP_RESYNC:
		return step_resync(d, from, r, offset);
	}
	return BAD;
}

static enum verdict smb_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct smb_side *side = side_of(d, from);
	struct reader r = reader_over(in);
	enum verdict verdict = OK;

	if (!side->begun && (d->flow->midstream || d->offset[from]))
		side->step = STEP_RESYNC;
	side->begun = true;
	while (verdict == OK && reader_left(&r) && !d->skip[from])
		verdict = step(d, from, &r, d->offset[from] + in.len - reader_left(&r));
	*used = in.len - reader_left(&r);
	return verdict;
}

static void smb_gap(struct dissection *d, enum side from, uint64_t lost)
{
	struct smb_side *side = side_of(d, from);

	(void)lost;
	smb_pipes_lost(d, from);
	if (d->flow->lost[!from])
		smb_forget(d);
	*side = (struct smb_side){.step = STEP_RESYNC, .begun = true};
}

static void smb_closed(struct dissection *d, enum side from)
{
	(void)d;
	(void)from;
}

static void smb_end(struct dissection *d)
{
	smb_connection_end(d);
}

const struct dissector smb = {
        .name = "smb",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){445, 139, 0},
        .state_size = sizeof(struct smb_state),
        .probe = smb_probe,
        .data = smb_data,
        .gap = smb_gap,
        .closed = smb_closed,
        .end = smb_end,
};
