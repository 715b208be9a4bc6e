/* TLS and SSL over TCP: the record layer (RFC 8446 section 5, RFC 5246 section 6, RFC 6101).
 *
 *     0      1          3          5
 *    +------+----------+----------+--------------------------------------------------------+
 *    | type | version  | length   | handshake 22, alert 21, ChangeCipherSpec 20,           |
 *    |      | 03 0x    | <= 18432 | application data 23, heartbeat 24                      |
 *    +------+----------+----------+--------------------------------------------------------+
 *
 * and the one record of SSL 2.0 that later clients sent first (RFC 5246 appendix E.2):
 *
 *     0                2          3
 *    +----------------+----------+---------------------------------------------------------+
 *    | 0x8000 + length| 01       | version, suites, session id, challenge                  |
 *    +----------------+----------+---------------------------------------------------------+
 *
 * Up to TLS 1.2 all of the handshake up to ChangeCipherSpec is readable; afterwards the kinds of
 * records still tell whether it was completed, and whether another one followed inside. The event
 * is told when the server's first words after the client's show that nothing more comes, or at the
 * end; then the flow is of no further interest. Bytes that were missed end the reading, as nobody
 * knows where the next record begins. The state belongs to the worker that owns the flow. */
#include "dissectors/tls/plain.h"

#define RECORD_MOST 18432 /* 2^14 + 2048 */
/* In TLS 1.3 an alert is shorter than this, a Finished longer. */
#define ALERT_MOST  40
/* Records of application data after which an event is told, whoever sent them. */
#define TELL_AFTER  8

enum record_type {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION_DATA = 23,
	RECORD_HEARTBEAT = 24,
};

#define ALERT_FATAL          2
#define ALERT_NO_CERTIFICATE 41 /* of SSL 3.0, in place of an empty list */

static bool is_finished(const struct tls_reader *t)
{
	return t->side[CLIENT].ciphered_handshakes && t->side[SERVER].ciphered_handshakes;
}

bool tls_is_established(const struct tls_reader *t)
{
	if (t->version == TLS_1_3)
		return t->side[SERVER].hello && (t->answered || t->side[CLIENT].application > 1);
	return t->version && is_finished(t);
}

/* Nothing that is still to come can change the event. */
static bool is_judged(const struct tls_reader *t)
{
	if (t->fatal || t->version == SSL_2_0)
		return true;
	if (!tls_is_established(t))
		return false;
	return t->version == TLS_1_3 || t->answered ||
	       t->side[CLIENT].application + t->side[SERVER].application >= TELL_AFTER;
}

static void application_data(struct tls_reader *t, enum side from)
{
	struct tls_side *here = &t->side[from];

	/* An alert of the client in place of its Finished ends the handshake. */
	if (t->version == TLS_1_3 && from == CLIENT && here->length <= ALERT_MOST)
		return;
	if (from == SERVER && t->side[CLIENT].application)
		t->answered = true;
	if (here->application < UINT8_MAX)
		here->application++;
}

static void change_cipher_spec(struct tls_reader *t, enum side from)
{
	if (t->version == TLS_1_3)
		return;
	if (from == SERVER && t->side[SERVER].hello && !t->side[SERVER].ciphered && !t->hello_done)
		t->resumed = true;
	t->side[from].ciphered = true;
}

static void alert(struct tls_reader *t, enum side from, uint8_t level, uint8_t description)
{
	struct tls_side *here = &t->side[from];

	if (here->alert_count < TLS_ALERTS)
		here->alerts[here->alert_count++] = description;
	if (level == ALERT_FATAL)
		t->fatal = true;
	if (from == CLIENT && description == ALERT_NO_CERTIFICATE)
		t->no_certificate = here->certificate = true;
}

/* The head of a record was read. */
static void begin_record(struct dissection *d, struct tls_reader *t, enum side from)
{
	struct tls_side *here = &t->side[from];

	switch (here->head[0]) {
	case RECORD_CHANGE_CIPHER_SPEC:
		change_cipher_spec(t, from);
		tls_plain_change(d, t, from);
		break;
	case RECORD_HANDSHAKE:
		if (here->ciphered && here->ciphered_handshakes < UINT8_MAX)
			here->ciphered_handshakes++;
		break;
	case RECORD_APPLICATION_DATA:
		application_data(t, from);
		break;
	default:
		break;
	}
}

/* Whether what was read of a head can be one of SSL 2.0, which only begins a connection. */
static bool is_sslv2(const struct tls_reader *t, enum side from)
{
	const struct tls_side *here = &t->side[from];

	if (here->begun || !(here->head[0] & 0x80))
		return false;
	return from == CLIENT ? here->head[2] == 1 : here->head[2] == 4;
}

static enum verdict begin_sslv2(struct dissection *d, struct tls_reader *t, enum side from)
{
	struct tls_side *here = &t->side[from];

	here->begun = here->sslv2 = true;
	here->length = (uint16_t)((here->head[0] & 0x7f) << 8 | here->head[1]);
	if (here->length < 3)
		return dissection_malformed(d, "tls",
		                            "record of SSL 2.0 with an impossible length");
	here->left = (uint16_t)(here->length - 3);
	if (from == SERVER)
		t->version = SSL_2_0;
	else if (!chain_append(&d->bench->blocks, &here->body, (struct bytes){&here->head[3], 2}))
		t->over_cap = t->full = true;
	return OK;
}

/* Takes the head of the next record, as far as it is there. */
static enum verdict read_head(struct dissection *d, struct tls_reader *t, enum side from,
                              struct reader *r)
{
	struct tls_side *here = &t->side[from];

	while (here->head_have < sizeof(here->head) && reader_left(r))
		here->head[here->head_have++] = reader_u8(r);
	if (here->head_have < sizeof(here->head))
		return OK;
	here->head_have = 0;
	if (is_sslv2(t, from))
		return begin_sslv2(d, t, from);
	here->begun = true;
	here->sslv2 = false;
	here->length = here->left = (uint16_t)(here->head[3] << 8 | here->head[4]);
	if (here->head[0] < RECORD_CHANGE_CIPHER_SPEC || here->head[0] > RECORD_HEARTBEAT ||
	    here->head[1] != 3 || here->length > RECORD_MOST)
		return dissection_malformed(d, "tls", "record of no known type, or too long");
	begin_record(d, t, from);
	return OK;
}

static enum verdict read_sslv2(struct dissection *d, struct tls_reader *t, struct bytes part)
{
	struct tls_side *here = &t->side[CLIENT];

	if (!chain_append(&d->bench->blocks, &here->body, part))
		t->over_cap = t->full = true;
	if (here->left)
		return OK;

	struct bytes body = chain_view(&d->bench->blocks, &here->body, &d->bench->scratch);
	enum verdict verdict = t->full ? OK : tls_handshake_sslv2(d, t, body);

	chain_free(&d->bench->blocks, &here->body);
	return verdict;
}

/* A part of what is in a record. */
static enum verdict read_part(struct dissection *d, struct tls_reader *t, enum side from,
                              struct bytes part)
{
	struct tls_side *here = &t->side[from];
	struct reader r = reader_over(part);

	if (tls_plain_part(d, t, from, part))
		return OK;
	if (here->sslv2)
		return from == CLIENT ? read_sslv2(d, t, part) : OK;
	if (here->ciphered)
		return OK;
	if (here->head[0] == RECORD_HANDSHAKE)
		return tls_handshake(d, t, from, part);
	while (here->head[0] == RECORD_ALERT && here->length == 2 && reader_left(&r)) {
		here->alert[here->alert_have++] = reader_u8(&r);
		if (here->alert_have < 2)
			continue;
		here->alert_have = 0;
		alert(t, from, here->alert[0], here->alert[1]);
	}
	return OK;
}

enum verdict tls_read(struct dissection *d, struct tls_reader *t, enum side from, struct bytes in)
{
	struct tls_side *here = &t->side[from];
	struct reader r = reader_over(in);
	enum verdict verdict = OK;

	if (!t->begun)
		t->begun = d->bench->now;
	while (verdict == OK && (!t->told || t->plain) && reader_left(&r)) {
		if (!here->left) {
			verdict = read_head(d, t, from, &r);
		} else {
			struct bytes part = reader_peek(&r, here->left);

			reader_skip(&r, part.len);
			here->left = (uint16_t)(here->left - part.len);
			verdict = read_part(d, t, from, part);
		}
		if (verdict == OK && is_judged(t))
			tls_tell(d, t);
	}
	if (verdict == BAD) {
		tls_tell(d, t);
		tls_plain_end(d, t);
	}
	return verdict == OK && t->told && !t->plain ? DONE : verdict;
}

void tls_lost(struct dissection *d, struct tls_reader *t, enum side from)
{
	tls_tell(d, t);
	tls_plain_lost(d, t, from);
}

void tls_closed(struct dissection *d, struct tls_reader *t, enum side from)
{
	t->side[from].closed = true;
	tls_plain_closed(d, t, from);
}

void tls_end(struct dissection *d, struct tls_reader *t)
{
	tls_tell(d, t);
	tls_plain_end(d, t);
	chain_free(&d->bench->blocks, &t->kept);
	for (int side = CLIENT; side <= SERVER; side++)
		chain_free(&d->bench->blocks, &t->side[side].body);
}

/* The bytes that are there, in a record with a hello of the right side. */
static enum likeness hello_likeness(struct bytes first, enum side from)
{
	struct reader r = reader_over(first);
	uint8_t type = reader_u8(&r), major = reader_u8(&r), minor = reader_u8(&r);
	uint16_t length = reader_u16be(&r);

	if (type != RECORD_HANDSHAKE || (first.len > 1 && major != 3) || minor > 4)
		return NO;
	if (!reader_ok(&r))
		return MAYBE;
	if (!length || length > RECORD_MOST)
		return NO;

	/* Type and length of the message, its version: as far as they lie in the first record. */
	struct bytes begin = reader_peek(&r, length);
	struct reader inside = reader_over(begin);
	uint8_t message = reader_u8(&inside), high = reader_u8(&inside);

	reader_skip(&inside, 2);

	uint8_t version = reader_u8(&inside);

	if (begin.len && message != (from == CLIENT ? MESSAGE_CLIENT_HELLO : MESSAGE_SERVER_HELLO))
		return NO;
	if (high || (begin.len > 4 && version != 3))
		return NO;
	return begin.len == length || begin.len > 4 ? YES : MAYBE;
}

static enum likeness sslv2_likeness(struct bytes first)
{
	struct reader r = reader_over(first);
	uint16_t length = reader_u16be(&r) & 0x7fff;
	uint8_t message = reader_u8(&r);
	uint16_t version = reader_u16be(&r), suites = reader_u16be(&r), id = reader_u16be(&r),
	         challenge = reader_u16be(&r);

	if (first.len && !(first.at[0] & 0x80))
		return NO;
	if ((first.len > 2 && message != 1) ||
	    (first.len > 4 && version != SSL_2_0 && version >> 8 != 3))
		return NO;
	if (!reader_ok(&r))
		return MAYBE;
	if (!suites || suites % 3 || (id && id != 16) || challenge < 16 || challenge > 32)
		return NO;
	return length == 9 + suites + id + challenge ? YES : NO;
}

enum likeness tls_likeness(struct bytes first, enum side from)
{
	enum likeness likeness = hello_likeness(first, from);

	return likeness == NO && from == CLIENT ? sslv2_likeness(first) : likeness;
}

static enum verdict tls_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct tls_reader *t = d->state;

	*used = in.len;
	t->opens = true;
	return tls_read(d, t, from, in);
}

static void tls_gap(struct dissection *d, enum side from, uint64_t lost)
{
	(void)lost;
	tls_lost(d, d->state, from);
}

static void tls_side_closed(struct dissection *d, enum side from)
{
	tls_closed(d, d->state, from);
}

static void tls_over(struct dissection *d)
{
	tls_end(d, d->state);
}

const struct dissector tls_tcp = {
        .name = "tls",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){443, 8531, 10123, 636, 3269, 0},
        .state_size = sizeof(struct tls_reader),
        .probe = tls_likeness,
        .data = tls_data,
        .gap = tls_gap,
        .closed = tls_side_closed,
        .end = tls_over,
};
