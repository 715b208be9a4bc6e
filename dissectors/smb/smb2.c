/* SMB 2 and 3: one message, or one of a compound.
 *
 *     0        4            6              8            12           16
 *    +--------+------------+--------------+------------+------------+-----------+
 *    | FE SMB | size (64)  | CreditCharge | Status     | Command, credits       |
 *    +--------+------------+--------------+------------+-----------+------------+
 *    | Flags (16)          | NextCommand (20)          | MessageId (24)         |
 *    +---------------------+---------------------------+------------------------+
 *    | AsyncId, or process and TreeId (36)             | SessionId (40)         |
 *    +-------------------------------------------------+------------------------+
 *    | Signature (48)                                                           |
 *    +--------------------------------------------------------------------------+
 *
 * MS-SMB2 section 2.2.1; little endian. NextCommand is where the next message of a compound begins.
 * Where a place in a message is given, it counts from the beginning of its header. */
#include "dissectors/smb/smb2.h"
#include "dissectors/xml.h"

/* How much of a message must be there before it can be read; what is longer than is kept is read
 * as far as it is kept. READ and WRITE carry contents of files, behind these many bytes. */
static uint32_t request_needs(unsigned command)
{
	switch (command) {
	case SMB2_NEGOTIATE:
	case SMB2_SESSION_SETUP:
	case SMB2_TREE_CONNECT:
	case SMB2_CREATE:
	case SMB2_QUERY_DIRECTORY:
	case SMB2_SET_INFO:
		return UINT32_MAX;
	case SMB2_CLOSE:
		return SMB2_HEADER + 24;
	case SMB2_READ:
	case SMB2_WRITE:
		return SMB2_HEADER + 48;
	case SMB2_IOCTL:
		return SMB2_HEADER + 56;
	default:
		return SMB2_HEADER;
	}
}

static uint32_t reply_needs(unsigned command)
{
	switch (command) {
	case SMB2_NEGOTIATE:
	case SMB2_SESSION_SETUP:
		return UINT32_MAX;
	case SMB2_TREE_CONNECT:
	case SMB2_READ:
	case SMB2_WRITE:
		return SMB2_HEADER + 16;
	case SMB2_CREATE:
		return SMB2_HEADER + 88;
	case SMB2_IOCTL:
		return SMB2_HEADER + 48;
	default:
		return SMB2_HEADER;
	}
}

static struct smb2_header read_header(struct bytes in)
{
	struct reader r = reader_over(in);
	struct smb2_header h = {0};
	uint64_t signature[2];

	reader_skip(&r, 8);
	h.status = reader_u32le(&r);
	h.command = reader_u16le(&r);
	reader_skip(&r, 2);
	h.flags = reader_u32le(&r);
	h.next = reader_u32le(&r);
	h.message_id = reader_u64le(&r);
	reader_skip(&r, 4);
	h.tree_id = reader_u32le(&r);
	h.session_id = reader_u64le(&r);
	signature[0] = reader_u64le(&r);
	signature[1] = reader_u64le(&r);
	h.is_signed = h.flags & SMB2_FLAGS_SIGNED && (signature[0] || signature[1]);
	return h;
}

static const char *header_wrong(const struct smb2_header *h, enum side from, struct bytes in,
                                uint32_t left)
{
	static const struct bytes magic = BYTES_INIT("\xfeSMB\x40\0");
	struct reader r = reader_over(in);

	if (!bytes_equal(reader_take(&r, magic.len), magic))
		return "header of a message is not that of SMB 2";
	if ((h->flags & SMB2_FLAGS_SERVER_TO_REDIR) != (from == SERVER))
		return "request from the server, or reply from the client";
	if (h->next && (h->next < SMB2_HEADER || h->next > left || h->next % 8))
		return "next message of a compound at an impossible place";
	return NULL;
}

enum verdict smb2_message(struct dissection *d, enum side from, uint32_t left,
                          struct smb_message *m)
{
	struct smb2_header h;
	uint32_t needs, most = d->bench->limits.smb_message;

	if (left < SMB2_HEADER)
		m->wrong = "message shorter than its header";
	if (m->wrong)
		return OK;
	if (m->in.len < SMB2_HEADER)
		return MORE;
	h = read_header(m->in);
	m->wrong = header_wrong(&h, from, m->in, left);
	if (m->wrong)
		return OK;
	m->length = h.next ? h.next : left;
	needs = from == CLIENT ? request_needs(h.command) : reply_needs(h.command);
	if (needs > most && needs == UINT32_MAX)
		needs = most;
	if (m->in.len < needs && m->in.len < m->length)
		return MORE;
	m->in = bytes_slice(m->in, 0, m->length);
	if (from == CLIENT)
		smb2_request(d, &h, m);
	else
		smb2_reply(d, &h, m);
	return OK;
}

struct bytes smb_part(struct dissection *d, struct smb_message *m, uint64_t at, uint64_t length)
{
	if (at > m->length || length > m->length - at) {
		m->wrong = "part of a message beyond its end";
		return (struct bytes){0};
	}
	if (at > m->in.len || length > m->in.len - at) {
		count(d->bench->counters, COUNTER_SMB_MESSAGE_OVER_CAP);
		return (struct bytes){0};
	}
	return bytes_slice(m->in, (size_t)at, (size_t)length);
}

struct bytes smb_utf16(struct dissection *d, struct bytes text)
{
	return utf16_to_utf8(text, TEXT_UTF16LE, &d->bench->scratch);
}
