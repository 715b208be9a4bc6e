/* Messages of the handshake, put together from records (RFC 8446 section 4, RFC 5246 section 7.4).
 *
 *    type(1) length(3) body
 *
 * A message may lie in several records, and a record hold several messages. Messages that the event
 * is made of are kept in one chain of blocks until it is told; of all others only their coming
 * counts. In TLS 1.3 nothing after ServerHello is readable. */
#include "dissectors/tls/plain.h"

#define NAMED_CURVE 3

static void over_cap(struct dissection *d, struct tls_reader *t)
{
	t->over_cap = true;
	count(d->bench->counters, COUNTER_TLS_OVER_CAP);
}

static void keep(struct dissection *d, struct tls_reader *t, enum tls_kept what, struct bytes body)
{
	uint8_t head[4] = {(uint8_t)what, (uint8_t)(body.len >> 16), (uint8_t)(body.len >> 8),
	                   (uint8_t)body.len};
	struct blocks *blocks = &d->bench->blocks;

	t->full = t->full || t->kept.len + body.len + sizeof(head) > d->bench->limits.tls_handshake;
	if (!t->full && chain_append(blocks, &t->kept, (struct bytes){head, sizeof(head)}) &&
	    chain_append(blocks, &t->kept, body))
		return;
	t->full = true;
	over_cap(d, t);
}

static enum verdict client_hello(struct dissection *d, struct tls_reader *t, enum tls_kept what,
                                 struct bytes body)
{
	struct tls_hello hello;
	const char *wrong = what == KEPT_SSLV2_HELLO ? tls_sslv2_hello(body, &hello)
	                                             : tls_client_hello(body, &hello);

	if (wrong)
		return dissection_malformed(d, "tls", wrong);
	/* A second one follows a HelloRetryRequest; what a client is like shows in the first. */
	if (t->side[CLIENT].hello)
		return OK;
	t->side[CLIENT].hello = true;
	tls_plain_client_hello(d, t, &hello);
	keep(d, t, what, body);
	return OK;
}

static enum verdict server_hello(struct dissection *d, struct tls_reader *t, struct bytes body)
{
	struct tls_hello hello;
	const char *wrong = tls_server_hello(body, &hello);

	if (wrong)
		return dissection_malformed(d, "tls", wrong);
	if (t->side[SERVER].hello)
		return OK;
	t->version = tls_chosen_version(&hello);
	if (t->version == TLS_1_3) {
		/* ChangeCipherSpec has no meaning there (RFC 8446 appendix D.4). */
		t->side[CLIENT].ciphered = t->side[SERVER].ciphered = false;
		t->side[CLIENT].ciphered_handshakes = 0;
		t->side[CLIENT].application = 0; /* what came before was early data */
	}
	if (tls_hello_is_retry(&hello))
		return OK;

	struct reader suite = reader_over(hello.suites);

	t->suite = reader_u16be(&suite);
	t->side[SERVER].hello = true;
	tls_plain_server_hello(d, t, &hello);
	keep(d, t, KEPT_SERVER_HELLO, body);
	return OK;
}

/* certificate_list<3> of certificate<3> (RFC 5246 section 7.4.2). */
static enum verdict certificates(struct dissection *d, struct tls_reader *t, enum side from,
                                 struct bytes body)
{
	struct reader r = reader_over(body);
	uint32_t length = reader_u24be(&r);

	if (!reader_ok(&r) || length > reader_left(&r))
		return dissection_malformed(d, "tls", "list of certificates ends before its time");
	if (t->side[from].certificate)
		return OK;
	t->side[from].certificate = true;
	if (from == CLIENT)
		t->no_certificate = !length;
	if (length)
		keep(d, t, from == CLIENT ? KEPT_CLIENT_CERTIFICATES : KEPT_SERVER_CERTIFICATES,
		     reader_take(&r, length));
	return OK;
}

/* An ephemeral key over a named curve: 03, curve(2) (RFC 8422 section 5.4). Whether the suite is
 * one that has such a key is asked when the event is made. */
static void key_exchange(struct tls_reader *t, struct bytes body)
{
	struct reader r = reader_over(body);
	uint8_t type = reader_u8(&r);
	uint16_t curve = reader_u16be(&r);

	if (reader_ok(&r) && type == NAMED_CURVE)
		t->group = curve;
}

static enum verdict message(struct dissection *d, struct tls_reader *t, enum side from,
                            uint8_t type, struct bytes body)
{
	switch (type) {
	case MESSAGE_CLIENT_HELLO:
		if (from == SERVER)
			return dissection_malformed(d, "tls", "ClientHello of a server");
		return client_hello(d, t, KEPT_CLIENT_HELLO, body);
	case MESSAGE_SERVER_HELLO:
		if (from == CLIENT)
			return dissection_malformed(d, "tls", "ServerHello of a client");
		return server_hello(d, t, body);
	case MESSAGE_CERTIFICATE:
		return certificates(d, t, from, body);
	case MESSAGE_SERVER_KEY_EXCHANGE:
		if (from == SERVER)
			key_exchange(t, body);
		return OK;
	case MESSAGE_CERTIFICATE_REQUEST:
		t->requested |= from == SERVER;
		return OK;
	case MESSAGE_SERVER_HELLO_DONE:
		t->hello_done |= from == SERVER;
		return OK;
	default:
		return OK;
	}
}

/* The head of the next message, which may come byte by byte. */
static void begin_message(struct dissection *d, struct tls_reader *t, struct tls_side *here,
                          struct reader *r)
{
	while (here->begin_have < sizeof(here->begin) && reader_left(r))
		here->begin[here->begin_have++] = reader_u8(r);
	if (here->begin_have < sizeof(here->begin))
		return;
	here->need =
	        (uint32_t)here->begin[1] << 16 | (uint32_t)here->begin[2] << 8 | here->begin[3];
	if (here->need <= d->bench->limits.tls_handshake)
		return;
	over_cap(d, t);
	here->skip = here->need;
	here->begin_have = 0;
}

static void pass_over(struct tls_side *here, struct reader *r)
{
	size_t n = here->skip < reader_left(r) ? here->skip : reader_left(r);

	reader_skip(r, n);
	here->skip -= (uint32_t)n;
}

/* Keeps a part of a message until the rest comes. */
static void keep_part(struct dissection *d, struct tls_reader *t, struct tls_side *here,
                      struct reader *r)
{
	uint32_t missing = here->need - here->body.len;
	struct bytes part = reader_peek(r, missing);

	if (chain_append(&d->bench->blocks, &here->body, part)) {
		reader_skip(r, part.len);
		return;
	}
	over_cap(d, t);
	chain_free(&d->bench->blocks, &here->body);
	here->skip = missing;
	here->begin_have = 0;
}

enum verdict tls_handshake(struct dissection *d, struct tls_reader *t, enum side from,
                           struct bytes in)
{
	struct tls_side *here = &t->side[from];
	struct reader r = reader_over(in);
	enum verdict verdict = OK;

	while (verdict == OK && (reader_left(&r) || here->begin_have == sizeof(here->begin))) {
		struct bytes body;

		if (here->skip) {
			pass_over(here, &r);
			continue;
		}
		if (here->begin_have < sizeof(here->begin)) {
			begin_message(d, t, here, &r);
			continue;
		}
		if (here->body.len || reader_left(&r) < here->need) {
			keep_part(d, t, here, &r);
			if (here->begin_have < sizeof(here->begin))
				continue;
			if (here->body.len < here->need)
				return OK;
			body = chain_view(&d->bench->blocks, &here->body, &d->bench->scratch);
		} else {
			body = reader_take(&r, here->need);
		}
		here->begin_have = 0;
		if (body.len == here->need)
			verdict = message(d, t, from, here->begin[0], body);
		else
			over_cap(d, t); /* no room to put it together */
		chain_free(&d->bench->blocks, &here->body);
	}
	return verdict;
}

enum verdict tls_handshake_sslv2(struct dissection *d, struct tls_reader *t, struct bytes body)
{
	return client_hello(d, t, KEPT_SSLV2_HELLO, body);
}
