/* TDS over TCP: packets, and what is in them (MS-TDS 2.2.3).
 *
 *     0      1        2            4       6      7        8
 *    +------+--------+------------+-------+------+--------+-----------------------------+
 *    | type | status | length BE  | SPID  | id   | window | a part of a message         |
 *    +------+--------+------------+-------+------+--------+-----------------------------+
 *
 * A message ends with the packet whose status says so. A connection goes like this:
 *
 *    client                             server
 *    PRELOGIN (12)              -->
 *                               <--     PRELOGIN as response (04)
 *    TLS inside PRELOGIN (12)  <-->     TLS inside PRELOGIN (12)      unless neither wants it
 *    LOGIN7 (10), in TLS or not -->
 *    SSPI (11)                 <-->     SSPI token in a response (04)  Windows authentication
 *                               <--     LOGINACK or ERROR (04)
 *
 * Where only the login is protected, the server's answer to it is readable again. After the
 * handshake TLS records stand in the stream as they are, without packets around them; their first
 * byte (14 to 18) is no type of packet. All of it is shown to the reader of TLS, which tells of the
 * handshake in an event of its own. TDS 8 begins with TLS and is none of this dissector's. Once the
 * login is answered, or everything is in TLS, nothing further is of interest. After a loss
 * nobody knows where the next packet begins, so what is known is told and reading ends. */
#include "dissectors/tds/tds.h"

#define RECORD_HEADER 5
#define RECORD_FIRST  0x14
#define RECORD_LAST   0x18
#define RECORD_MOST   18432
/* Total length, then length and type of a header: how batches and calls have begun since 7.2. */
#define ALL_HEADERS   10

struct packet_head {
	uint8_t type, status;
	uint16_t length;
};

static struct packet_head read_head(struct reader *r)
{
	struct packet_head head;

	head.type = reader_u8(r);
	head.status = reader_u8(r);
	head.length = reader_u16be(r);
	reader_skip(r, 4);
	return head;
}

static bool is_record(uint8_t first)
{
	return first >= RECORD_FIRST && first <= RECORD_LAST;
}

/* The options begin with VERSION, whose length is fixed (2.2.6.5). */
static enum likeness prelogin_likeness(struct reader *r)
{
	uint8_t token = reader_u8(r);
	uint16_t offset = reader_u16be(r), length = reader_u16be(r);

	if (!reader_ok(r))
		return MAYBE;
	return token == 0 && offset >= 6 && offset < 128 && length == 6 ? YES : NO;
}

static enum likeness handshake_likeness(struct reader *r)
{
	uint8_t type = reader_u8(r), major = reader_u8(r);

	if (!reader_ok(r))
		return MAYBE;
	return type == 0x16 && major == 3 ? YES : NO;
}

static enum likeness login_likeness(struct reader *r, struct packet_head head)
{
	uint32_t length = reader_u32le(r), version = reader_u32le(r);
	uint8_t major = (uint8_t)(version >> 24);

	if (!reader_ok(r))
		return MAYBE;
	return length + TDS_HEADER >= head.length && length < 131072 && major >= 0x70 &&
	                       major <= 0x74
	               ? YES
	               : NO;
}

/* A batch or call of a connection whose login was not seen. */
static enum likeness request_likeness(struct reader *r)
{
	uint32_t total = reader_u32le(r), length = reader_u32le(r);
	uint16_t type = reader_u16le(r);

	if (!reader_ok(r))
		return MAYBE;
	return total >= ALL_HEADERS && total < 512 && length >= 6 && length <= total - 4 &&
	                       type >= 1 && type <= 3
	               ? YES
	               : NO;
}

static enum likeness tds_probe(struct bytes first, enum side from)
{
	struct reader r = reader_over(first), again;
	struct packet_head head = read_head(&r);
	enum likeness likeness;

	if (first.len && head.type != TDS_PRELOGIN && head.type != TDS_RESPONSE &&
	    head.type != TDS_LOGIN7 && head.type != TDS_SQL_BATCH && head.type != TDS_RPC)
		return NO;
	if (head.status & 0xe0 || (from == SERVER) != (head.type == TDS_RESPONSE)) {
		/* The server's part of a handshake comes in the client's type. */
		if (head.status & 0xe0 || from == CLIENT || head.type != TDS_PRELOGIN)
			return NO;
	}
	if (!reader_ok(&r))
		return MAYBE;
	if (head.length <= TDS_HEADER)
		return NO;
	switch (head.type) {
	case TDS_PRELOGIN:
		again = r;
		likeness = handshake_likeness(&again);
		return likeness == NO && from == CLIENT ? prelogin_likeness(&r) : likeness;
	case TDS_RESPONSE:
		return prelogin_likeness(&r);
	case TDS_LOGIN7:
		return login_likeness(&r, head);
	default:
		return request_likeness(&r);
	}
}

/* Nothing further is of interest. Where everything is in TLS, its event is waited for too. */
static bool is_over(const struct tds_state *st)
{
	return st->lost || (st->told && (st->tls_read || tds_settled(st) != SETTLED_ALL));
}

/* TLS of one side, wherever it stands. */
static enum verdict read_tls(struct dissection *d, enum side from, struct bytes in)
{
	struct tds_state *st = d->state;

	/* Where TLS breaks its format that is told, and TDS goes on. */
	if (!st->tls_read)
		st->tls_read = tls_read(d, &st->tls, from, in) != OK;
	return is_over(st) ? DONE : OK;
}

/* What is left of TLS in a packet or record. */
static enum verdict go_on_with_tls(struct dissection *d, enum side from, struct bytes in,
                                   size_t *used)
{
	struct tds_state *st = d->state;

	in = bytes_slice(in, 0, st->tls_left[from]);
	st->tls_left[from] = (uint16_t)(st->tls_left[from] - in.len);
	*used = in.len;
	return read_tls(d, from, in);
}

/* Everything that could be told is known. */
static enum verdict tell_and_end(struct dissection *d)
{
	tds_tell(d);
	return DONE;
}

/* A TLS record outside of packets: the whole of it goes to the reader of TLS. */
static enum verdict begin_record(struct dissection *d, enum side from, struct bytes in)
{
	struct tds_state *st = d->state;
	struct reader r = reader_over(in);
	uint16_t length;

	reader_skip(&r, 1);

	uint8_t major = reader_u8(&r);

	reader_skip(&r, 1);
	length = reader_u16be(&r);
	if (!reader_ok(&r))
		return MORE;
	if (major != 3 || length > RECORD_MOST)
		return dissection_malformed(d, "tds", "TLS record of an impossible length");
	st->records[from] = true;
	st->tls_left[from] = (uint16_t)(length + RECORD_HEADER);
	if (tds_settled(st) == SETTLED_ALL && st->records[CLIENT] && st->records[SERVER])
		tds_tell(d);
	return OK;
}

/* Puts the parts of a message together. MORE when it is not whole, BAD when it breaks its frame. */
static enum verdict whole_message(struct dissection *d, struct bytes in, struct bytes *message,
                                  size_t *used)
{
	struct reader r = reader_over(in);
	struct packet_head head, first = {0};
	uint8_t *joined = NULL;
	size_t len = 0;

	do {
		struct bytes part;

		head = read_head(&r);
		if (!reader_ok(&r))
			return MORE;
		if (!first.length)
			first = head;
		if (head.type != first.type || head.length < TDS_HEADER)
			return BAD;
		part = reader_take(&r, (size_t)(head.length - TDS_HEADER));
		if (!reader_ok(&r))
			return MORE;
		*message = part;
		if (head.status & TDS_END_OF_MESSAGE && !joined)
			break;
		if (!joined)
			joined = arena_alloc(&d->bench->scratch, in.len);
		if (!joined)
			return BAD;
		if (part.len)
			memcpy(joined + len, part.at, part.len);
		len += part.len;
		*message = (struct bytes){joined, len};
	} while (!(head.status & TDS_END_OF_MESSAGE));
	*used = in.len - reader_left(&r);
	return OK;
}

static enum verdict broken(struct dissection *d, const char *what)
{
	tds_tell(d);
	return dissection_malformed(d, "tds", what);
}

static enum verdict read_prelogin(struct dissection *d, enum side from, struct bytes in,
                                  size_t *used)
{
	struct bytes message;
	enum verdict verdict = whole_message(d, in, &message, used);

	if (verdict == BAD || (verdict == OK && !tds_prelogin_read(d->state, from, message)))
		return broken(d, "PRELOGIN whose options lie outside of it");
	return verdict;
}

static enum verdict read_login(struct dissection *d, struct bytes in, size_t *used)
{
	struct bytes message;
	enum verdict verdict = whole_message(d, in, &message, used);
	const char *wrong = verdict == BAD ? "LOGIN7 in packets of other types" : NULL;

	if (verdict == OK)
		wrong = tds_login_read(d, message);
	return wrong ? broken(d, wrong) : verdict;
}

static enum verdict read_sspi(struct dissection *d, struct bytes in, size_t *used)
{
	struct bytes message;
	enum verdict verdict = whole_message(d, in, &message, used);

	if (verdict == BAD)
		return broken(d, "SSPI message in packets of other types");
	if (verdict == OK)
		tds_token(d, message);
	return verdict;
}

/* Of a response the first packet says what became of the login; the others are passed over. */
static enum verdict read_response(struct dissection *d, struct bytes in, struct packet_head head,
                                  size_t *used)
{
	struct tds_state *st = d->state;

	if (in.len < head.length)
		return MORE;
	*used = head.length;
	st->clear_answer = true;
	tds_response_read(d, bytes_slice(in, TDS_HEADER, (size_t)(head.length - TDS_HEADER)));
	return st->decided ? tell_and_end(d) : OK;
}

static enum verdict one_packet(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct tds_state *st = d->state;
	struct reader r = reader_over(in);
	struct packet_head head = read_head(&r);
	uint8_t begin = reader_u8(&r);

	if (in.len < TDS_HEADER)
		return MORE;
	if (head.length < TDS_HEADER)
		return broken(d, "packet shorter than its header");
	if (in.len == TDS_HEADER && head.length > TDS_HEADER)
		return MORE;
	if (head.type == TDS_PRELOGIN && is_record(begin)) {
		st->handshake[from] = true;
		st->tls_left[from] = (uint16_t)(head.length - TDS_HEADER);
		*used = TDS_HEADER;
		return OK;
	}
	if ((head.type == TDS_RESPONSE) != (from == SERVER))
		return broken(d, "packet of a type that its sender does not use");
	switch (head.type) {
	case TDS_PRELOGIN:
		return read_prelogin(d, CLIENT, in, used);
	case TDS_RESPONSE:
		/* No token has so low a number as an option of PRELOGIN. */
		if (begin <= 0x0f && !st->prelogin[SERVER].seen)
			return read_prelogin(d, SERVER, in, used);
		return read_response(d, in, head, used);
	case TDS_LOGIN7:
		return read_login(d, in, used);
	case TDS_SSPI:
		return read_sspi(d, in, used);
	case TDS_SQL_BATCH:
	case TDS_RPC:
	case TDS_BULK_LOAD:
	case TDS_TRANSACTION:
		st->request = head.type;
		*used = in.len;
		return tell_and_end(d);
	case TDS_OLD_LOGIN:
	case TDS_ATTENTION:
	case TDS_FEDERATED_TOKEN:
		*used = TDS_HEADER;
		dissection_skip(d, from, (uint64_t)(head.length - TDS_HEADER));
		return OK;
	default:
		return broken(d, "packet of a type that does not exist");
	}
}

static enum verdict tds_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct tds_state *st = d->state;

	*used = 0;
	if (is_over(st))
		return DONE;
	if (st->tls_left[from])
		return go_on_with_tls(d, from, in, used);
	if (is_record(in.at[0]))
		return begin_record(d, from, in);
	return one_packet(d, from, in, used);
}

static void tds_gap(struct dissection *d, enum side from, uint64_t lost)
{
	struct tds_state *st = d->state;

	(void)lost;
	tds_tell(d);
	if (st->tls.begun)
		tls_lost(d, &st->tls, from);
	st->lost = true;
}

static void tds_closed(struct dissection *d, enum side from)
{
	struct tds_state *st = d->state;

	tls_closed(d, &st->tls, from);
}

static void tds_end(struct dissection *d)
{
	struct tds_state *st = d->state;

	tds_tell(d);
	if (st->tls.begun)
		tls_end(d, &st->tls);
}

const struct dissector tds_tcp = {
        .name = "tds",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){1433, 0},
        .state_size = sizeof(struct tds_state),
        .probe = tds_probe,
        .data = tds_data,
        .gap = tds_gap,
        .closed = tds_closed,
        .end = tds_end,
};
