/* SMB version 1: one message, with the commands that are chained in it.
 *
 *     0        4     5         9       10       12         14           24    26    28    30
 *    +--------+-----+---------+-------+--------+----------+------------+-----+-----+-----+-----+
 *    | FF SMB | cmd | status  | flags | flags2 | PID high | signature  | TID | PID | UID | MID |
 *    +--------+-----+---------+-------+--------+----------+------------+-----+-----+-----+-----+
 *    | count of words(1) | words | count of bytes(2) | bytes |
 *    +-------------------+-------+-------------------+-------+
 *
 * MS-CIFS section 2.2.3; little endian. AndX commands begin their words with the next command and
 * its place, counted from the beginning of the header; 0xFF ends the chain. */
#include "dissectors/smb/smb1.h"
#include "dissectors/xml.h"

/* Both of these are followed by contents of a file. */
#define READ_WRITE_HEAD 63
#define CHAIN_MOST      16

static struct smb1_header read_header(struct bytes in)
{
	static const struct bytes placeholder = BYTES_INIT("BSRSPYL ");
	struct reader r = reader_over(in);
	struct smb1_header h = {0};

	reader_skip(&r, 4);
	h.command = reader_u8(&r);
	h.status = reader_u32le(&r);
	h.flags = reader_u8(&r);
	h.flags2 = reader_u16le(&r);
	h.pid = (uint32_t)reader_u16le(&r) << 16;

	struct bytes signature = reader_take(&r, 8);
	struct reader s = reader_over(signature);

	/* Before there is a key some clients put this where the signature belongs. */
	h.is_signed = h.flags2 & SMB_FLAGS2_SIGNATURE && reader_u64le(&s) &&
	              !bytes_equal(signature, placeholder);
	reader_skip(&r, 2);
	h.tid = reader_u16le(&r);
	h.pid |= reader_u16le(&r);
	h.uid = reader_u16le(&r);
	h.mid = reader_u16le(&r);
	h.unicode = h.flags2 & SMB_FLAGS2_UNICODE;
	if (!(h.flags2 & SMB_FLAGS2_NT_STATUS) && h.status)
		h.status = 0xe0000000u | (h.status & 0xff) << 16 | h.status >> 16;
	return h;
}

/* The block at a place of the message. False when it is not all there. */
static bool read_block(const struct smb_message *m, uint32_t at, struct smb1_block *b)
{
	struct reader r = reader_over(bytes_slice(m->in, at, m->in.len));
	uint8_t words = reader_u8(&r);

	b->words = reader_take(&r, 2u * words);

	uint16_t count = reader_u16le(&r);

	b->bytes_at = at + 3 + 2u * words;
	/* Of what is longer than is kept, or than a 16-bit count can say, only the words matter. */
	b->bytes = reader_peek(&r, count);
	return reader_ok(&r);
}

static bool is_andx(uint8_t command)
{
	switch (command) {
	case SMB_COM_OPEN_ANDX:
	case SMB_COM_READ_ANDX:
	case SMB_COM_WRITE_ANDX:
	case SMB_COM_SESSION_SETUP_ANDX:
	case SMB_COM_LOGOFF_ANDX:
	case SMB_COM_TREE_CONNECT_ANDX:
	case SMB_COM_NT_CREATE_ANDX:
		return true;
	default:
		return false;
	}
}

static void read_chain(struct dissection *d, enum side from, const struct smb1_header *h,
                       struct smb_message *m)
{
	struct smb1_block b = {.command = h->command};
	uint32_t at = SMB1_HEADER;

	for (int i = 0; i < CHAIN_MOST && b.command != SMB_COM_NO_ANDX_COMMAND; i++) {
		uint8_t command = b.command, next = SMB_COM_NO_ANDX_COMMAND;
		uint16_t place = 0;

		if (!read_block(m, at, &b)) {
			if (m->in.len == m->length)
				m->wrong = "block of words or bytes beyond the message";
			return;
		}
		if (is_andx(command) && b.words.len >= 4) {
			struct reader r = smb1_words(&b, 0);

			next = reader_u8(&r);
			reader_skip(&r, 1);
			place = reader_u16le(&r);
		}
		if (from == CLIENT)
			smb1_request(d, h, m, &b);
		else
			smb1_reply(d, h, m, &b);
		if (next != SMB_COM_NO_ANDX_COMMAND && place <= at)
			m->wrong = "chained command at an impossible place";
		if (m->wrong)
			return;
		at = place;
		b.command = next;
	}
}

enum verdict smb1_message(struct dissection *d, enum side from, uint32_t left,
                          struct smb_message *m)
{
	uint32_t needs = d->bench->limits.smb_message;
	struct smb1_header h;

	if (left < SMB1_HEADER + 3)
		m->wrong = "message shorter than its header";
	if (m->wrong)
		return OK;
	if (m->in.len < SMB1_HEADER)
		return MORE;
	h = read_header(m->in);
	if (h.flags >> 7 != (from == SERVER)) {
		m->wrong = "request from the server, or reply from the client";
		return OK;
	}
	if (h.command == (from == CLIENT ? SMB_COM_WRITE_ANDX : SMB_COM_READ_ANDX))
		needs = READ_WRITE_HEAD;
	else if (from == SERVER && h.command == SMB_COM_TRANSACTION2)
		needs = SMB1_HEADER + 3;
	if (m->in.len < needs && m->in.len < left)
		return MORE;
	read_chain(d, from, &h, m);
	return OK;
}

struct bytes smb1_text(struct dissection *d, const struct smb1_header *h, struct reader *r,
                       uint32_t bytes_at, struct bytes bytes)
{
	uint32_t at = bytes_at + (uint32_t)(bytes.len - reader_left(r));
	size_t n = 0;

	if (!h->unicode) {
		struct reader ahead = *r;
		struct bytes text = reader_until(&ahead, 0);

		if (reader_ok(&ahead)) {
			*r = ahead;
			return text;
		}
		return reader_take(r, reader_left(r));
	}
	if (at % 2)
		reader_skip(r, 1);

	struct reader ahead = *r;

	while (reader_left(&ahead) >= 2 && reader_u16le(&ahead))
		n += 2;

	struct bytes text = reader_take(r, n);

	reader_skip(r, reader_left(r) < 2 ? reader_left(r) : 2);
	return utf16_to_utf8(text, TEXT_UTF16LE, &d->bench->scratch);
}
