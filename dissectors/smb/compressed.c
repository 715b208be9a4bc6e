/* Compressed messages of SMB 3.1.1: what of them is not compressed.
 *
 *     0        4              8           10      12                 16
 *    +--------+--------------+-----------+-------+------------------+-----------------------------+
 *    | FC SMB | size         | algorithm | flags | offset or length | bytes                       |
 *    +--------+--------------+-----------+-------+------------------+-----------------------------+
 *
 * MS-SMB2 section 2.2.42; little endian. Not chained: `offset` bytes are as they are, behind them
 * stands the rest, which has `size` bytes when it is unpacked. Chained (flags 1): `size` is that of
 * the whole message, and what follows is the first of several parts; one without compression
 * (algorithm 0) has `length` bytes as they are. Senders leave the heads of reads and writes as they
 * are, so names are hidden at worst, and the bytes of files are counted. Nothing is unpacked. */
#include "dissectors/smb/smb.h"

#define HEAD         16
#define FLAG_CHAINED 1
#define MESSAGE_MOST 0xffffffu /* what a frame can say of its length */

enum verdict smb_compressed_message(struct dissection *d, enum side from, uint32_t left,
                                    struct smb_message *m)
{
	struct reader r = reader_over(m->in);
	struct smb_message inside = {0};
	uint32_t most = d->bench->limits.smb_message;
	enum verdict verdict;

	m->length = left;
	reader_skip(&r, 4);

	uint64_t size = reader_u32le(&r);
	uint16_t algorithm = reader_u16le(&r), flags = reader_u16le(&r);
	uint32_t plain = reader_u32le(&r);

	if (left < HEAD)
		m->wrong = "compressed message shorter than its header";
	if (m->wrong)
		return OK;
	if (!reader_ok(&r))
		return MORE;
	if (!(flags & FLAG_CHAINED))
		size += plain;
	else if (algorithm)
		plain = 0;
	if (plain > left - HEAD || size > MESSAGE_MOST || plain > size)
		m->wrong = "compressed message of impossible size";
	if (m->wrong || !plain)
		return OK;
	if (reader_left(&r) < plain && reader_left(&r) < most)
		return MORE;
	inside.in = reader_peek(&r, plain);
	verdict = smb2_message(d, from, (uint32_t)size, &inside);
	/* More of it is not there to be read: the rest is compressed. */
	if (verdict == MORE)
		count(d->bench->counters, COUNTER_SMB_MESSAGE_OVER_CAP);
	m->wrong = inside.wrong;
	return verdict == MORE ? OK : verdict;
}
