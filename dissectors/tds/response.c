/* The tokens of a server's answer to a login (MS-TDS 2.2.7).
 *
 *     0       1            3
 *    +-------+------------+---------------------------------------------------------+
 *    | token | length LE  | ERROR aa, INFO ab, LOGINACK ad, ENVCHANGE e3, SSPI ed   |
 *    +-------+------------+---------------------------------------------------------+
 *    | DONE fd, fe, ff: 12 bytes, the end    | FEDAUTHINFO ee: length of four bytes |
 *    +---------------------------------------+--------------------------------------+
 *
 * Reading stops at the first token that is none of these, and at the end of what is there: results
 * of a statement are of no interest. */
#include "dissectors/tds/tds.h"

#define TOKENS_MOST 64

enum token {
	TOKEN_ERROR = 0xaa,
	TOKEN_INFO = 0xab,
	TOKEN_LOGIN_ACK = 0xad,
	TOKEN_ENVIRONMENT_CHANGE = 0xe3,
	TOKEN_SSPI = 0xed,
	TOKEN_FEDERATED_INFO = 0xee,
};

#define CHANGE_DATABASE 1

static void read_change(struct dissection *d, struct reader *r)
{
	struct tds_state *st = d->state;
	bool database = reader_u8(r) == CHANGE_DATABASE;
	struct bytes name = reader_take(r, 2u * reader_u8(r));

	if (database && reader_ok(r) && name.len)
		tds_keep(d, &st->database, name);
}

static void decide(struct tds_state *st, bool accepted)
{
	if (st->decided)
		return;
	st->decided = true;
	st->accepted = accepted;
	logon_answered(&st->logon, accepted);
}

static void read_acknowledgment(struct dissection *d, struct reader *r)
{
	struct tds_state *st = d->state;

	reader_skip(r, 1);

	uint32_t version = reader_u32be(r);

	if (reader_ok(r) && !st->login.version)
		st->login.version = version;
	decide(st, true);
}

static void read_error(struct dissection *d, struct reader *r)
{
	struct tds_state *st = d->state;
	int32_t number = (int32_t)reader_u32le(r);

	if (!st->decided && reader_ok(r))
		st->error = number;
	decide(st, false);
}

void tds_response_read(struct dissection *d, struct bytes tokens)
{
	struct tds_state *st = d->state;
	struct reader r = reader_over(tokens);

	for (int i = 0; i < TOKENS_MOST && reader_left(&r); i++) {
		uint8_t token = reader_u8(&r);
		size_t length = token == TOKEN_FEDERATED_INFO ? reader_u32le(&r) : reader_u16le(&r);
		struct reader inside = reader_inside(&r, length);

		if (!reader_ok(&r))
			return;
		switch (token) {
		case TOKEN_ENVIRONMENT_CHANGE:
			read_change(d, &inside);
			break;
		case TOKEN_LOGIN_ACK:
			read_acknowledgment(d, &inside);
			break;
		case TOKEN_ERROR:
			read_error(d, &inside);
			break;
		case TOKEN_SSPI:
			logon_token(d, &st->logon, SERVER, reader_rest(&inside));
			break;
		case TOKEN_INFO:
		case TOKEN_FEDERATED_INFO:
			break;
		default:
			return;
		}
	}
}
