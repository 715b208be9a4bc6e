/* Which keys a connection has, when they change, and where what they open goes. */
#include "dissectors/tls/plain.h"

#include "dissectors/tls/names.h"

#include <openssl/crypto.h>

/* Records of a client in a row that may stay closed at the beginning of TLS 1.3: early data that
 * the server did not want (RFC 8446 section 4.2.10). */
#define EARLY_RECORDS 64

enum {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION_DATA = 23,
};

enum {
	MESSAGE_FINISHED = 20,
	MESSAGE_KEY_UPDATE = 24,
};

static struct tls_plain *plain_of(struct dissection *d, const struct tls_reader *t)
{
	return (struct tls_plain *)block_at(&d->bench->blocks, t->plain);
}

static void drop(struct dissection *d, struct tls_reader *t)
{
	struct tls_plain *p = plain_of(d, t);

	tls_inside_end(d, p);
	for (int side = CLIENT; side <= SERVER; side++)
		chain_free(&d->bench->blocks, &p->record[side]);
	OPENSSL_cleanse(p, sizeof(*p));
	block_give(&d->bench->blocks, t->plain);
	t->plain = 0;
}

static struct bytes random_of(const struct tls_plain *p)
{
	return (struct bytes){p->random[CLIENT], TLS_RANDOM};
}

void tls_plain_client_hello(struct dissection *d, struct tls_reader *t,
                            const struct tls_hello *hello)
{
	_Static_assert(sizeof(struct tls_plain) <= BLOCK_SIZE, "does not fit into a block");
	if (!t->opens || !d->bench->secrets || t->plain || hello->random.len != TLS_RANDOM)
		return;
	t->plain = block_take(&d->bench->blocks, 0);
	if (t->plain)
		memcpy(plain_of(d, t)->random[CLIENT], hello->random.at, TLS_RANDOM);
}

/* The keys of application data of a side, or of its handshake. */
static bool take_secret(struct dissection *d, struct tls_plain *p, enum side side, bool traffic)
{
	static const enum tls_secret kinds[2][2] = {
	        {SECRET_CLIENT_HANDSHAKE, SECRET_SERVER_HANDSHAKE},
	        {SECRET_CLIENT_TRAFFIC, SECRET_SERVER_TRAFFIC},
	};
	struct bytes secret =
	        tls_secrets_find(d->bench->secrets, kinds[traffic][side], random_of(p));
	struct tls_keys *keys = &p->keys[side];

	if (secret.len != tls_hash_size(p->suite.prf))
		return false;
	keys->traffic = traffic;
	memcpy(keys->secret, secret.at, secret.len);
	return tls_keys_of_secret(p, keys);
}

static bool take_master(struct dissection *d, struct tls_plain *p, enum side side)
{
	struct bytes master = tls_secrets_find(d->bench->secrets, SECRET_MASTER, random_of(p));

	return p->suite.cipher != CIPHERS && master.len && tls_keys_of_master(p, side, master);
}

/* What both hellos together say about the records behind them. */
static void take_suite(struct dissection *d, struct tls_plain *p, const struct tls_hello *hello)
{
	struct reader suite = reader_over(hello->suites);

	memcpy(p->random[SERVER], hello->random.at, TLS_RANDOM);
	p->suite = tls_suite_of(tls_suite_name(reader_u16be(&suite), &d->bench->scratch));
	p->separate_mac = hello->separate_mac;
	p->client = CHANNEL_UNKNOWN;
}

static bool begin(struct dissection *d, struct tls_plain *p, const struct tls_hello *hello)
{
	take_suite(d, p, hello);
	p->resumed = hello->has_key;
	if (p->suite.cipher == CIPHERS)
		return false;
	if (p->version == TLS_1_2)
		return tls_secrets_find(d->bench->secrets, SECRET_MASTER, random_of(p)).len;
	if (p->version != TLS_1_3)
		return false;
	for (int side = CLIENT; side <= SERVER; side++)
		if (!take_secret(d, p, (enum side)side, false) &&
		    !take_secret(d, p, (enum side)side, true))
			return false;
	return true;
}

void tls_plain_server_hello(struct dissection *d, struct tls_reader *t,
                            const struct tls_hello *hello)
{
	struct tls_plain *p;

	if (!t->plain)
		return;
	p = plain_of(d, t);
	p->version = t->version;
	if (begin(d, p, hello)) {
		count(d->bench->counters, COUNTER_TLS_DECRYPTED);
		return;
	}
	count(d->bench->counters, COUNTER_TLS_NOT_DECRYPTED);
	drop(d, t);
}

void tls_plain_change(struct dissection *d, struct tls_reader *t, enum side from)
{
	struct tls_plain *p;

	if (!t->plain)
		return;
	p = plain_of(d, t);
	/* Once there are keys, the message itself is ciphered and comes by its record. */
	if (p->version != TLS_1_3 && !p->keys[from].active && !take_master(d, p, from))
		drop(d, t);
}

/* Certificate of TLS 1.3 (context<1> list<3>) or of 1.2 (list<3>): is any in it? */
static bool has_certificate(struct bytes body, bool has_context)
{
	struct reader r = reader_over(body);

	if (has_context)
		reader_skip(&r, reader_u8(&r));
	return reader_u24be(&r) && reader_ok(&r);
}

/* A message of another handshake inside the first, up to TLS 1.2: its keys come with its own
 * ChangeCipherSpec. */
static void renegotiate(struct dissection *d, struct tls_plain *p, enum side from, uint8_t type,
                        struct bytes body)
{
	struct tls_hello hello;

	if (type == MESSAGE_CLIENT_HELLO && from == CLIENT && !tls_client_hello(body, &hello)) {
		memcpy(p->random[CLIENT], hello.random.at, TLS_RANDOM);
	} else if (type == MESSAGE_SERVER_HELLO && from == SERVER &&
	           !tls_server_hello(body, &hello)) {
		take_suite(d, p, &hello);
		p->renegotiated = true;
	} else if (type == MESSAGE_CERTIFICATE && from == CLIENT && has_certificate(body, false)) {
		p->client = CHANNEL_CERTIFIED;
	}
}

/* The first message of a record of handshake. */
static bool handshake(struct dissection *d, struct tls_plain *p, enum side from, struct bytes in)
{
	struct reader r = reader_over(in);
	struct tls_keys *keys = &p->keys[from];
	uint8_t type = reader_u8(&r);
	uint32_t length = reader_u24be(&r);
	struct bytes body = reader_peek(&r, length);

	if (p->version != TLS_1_3) {
		renegotiate(d, p, from, type, body);
		return true;
	}
	if (keys->traffic)
		return type != MESSAGE_KEY_UPDATE || tls_keys_update(p, keys);
	if (from == CLIENT && type == MESSAGE_CERTIFICATE)
		p->client = has_certificate(body, true) ? CHANNEL_CERTIFIED : CHANNEL_ANONYMOUS;
	else if (from == CLIENT && type == MESSAGE_FINISHED && !p->resumed &&
	         p->client == CHANNEL_UNKNOWN)
		p->client = CHANNEL_ANONYMOUS;
	return true;
}

/* Up to TLS 1.2 the handshake in clear tells whether the client showed a certificate. */
static void judge_client(const struct tls_reader *t, struct tls_plain *p)
{
	if (p->version == TLS_1_3 || p->client != CHANNEL_UNKNOWN || t->resumed || t->over_cap ||
	    p->renegotiated)
		return;
	p->client = t->side[CLIENT].certificate && !t->no_certificate ? CHANNEL_CERTIFIED
	                                                              : CHANNEL_ANONYMOUS;
}

/* Takes what was in a record; false when nothing further can be read. */
static bool take(struct dissection *d, struct tls_reader *t, struct tls_plain *p, enum side from,
                 const struct tls_opened *opened)
{
	switch (opened->type) {
	case RECORD_APPLICATION_DATA:
		judge_client(t, p);
		tls_inside_feed(d, p, from, opened->bytes);
		return !p->inside.over;
	case RECORD_HANDSHAKE:
		return handshake(d, p, from, opened->bytes);
	case RECORD_CHANGE_CIPHER_SPEC:
		return take_master(d, p, from);
	case RECORD_ALERT:
		tls_inside_closed(d, p, from, false);
		return true;
	default:
		return true;
	}
}

/* Opens a record; in TLS 1.3 the first that the keys of the handshake do not fit is the first of
 * application data. */
static bool decrypt(struct dissection *d, struct tls_plain *p, enum side from,
                    const uint8_t head[5], struct bytes body, struct tls_opened *opened)
{
	struct tls_keys before = p->keys[from];
	bool opens = tls_open_record(d, p, from, head, body, opened);

	if (!opens && p->version == TLS_1_3 && !before.traffic) {
		opens = take_secret(d, p, from, true) &&
		        tls_open_record(d, p, from, head, body, opened);
		if (!opens)
			p->keys[from] = before;
	}
	OPENSSL_cleanse(&before, sizeof(before));
	return opens;
}

static void whole(struct dissection *d, struct tls_reader *t, enum side from, struct bytes body)
{
	struct tls_plain *p = plain_of(d, t);
	struct tls_opened opened;

	if (decrypt(d, p, from, t->side[from].head, body, &opened)) {
		p->refused = 0;
		count(d->bench->counters, COUNTER_TLS_RECORDS_OPENED);
		if (!take(d, t, p, from, &opened))
			drop(d, t);
		return;
	}
	count(d->bench->counters, COUNTER_TLS_RECORDS_REFUSED);
	if (from == CLIENT && p->version == TLS_1_3 && !p->keys[CLIENT].traffic &&
	    p->refused++ < EARLY_RECORDS)
		return;
	tls_plain_lost(d, t, from);
}

bool tls_plain_part(struct dissection *d, struct tls_reader *t, enum side from, struct bytes part)
{
	struct tls_side *here = &t->side[from];
	struct blocks *blocks = &d->bench->blocks;
	struct tls_plain *p;

	if (!t->plain)
		return false;
	p = plain_of(d, t);
	if (!p->keys[from].active || here->sslv2 ||
	    (p->version == TLS_1_3
	             ? here->head[0] != RECORD_APPLICATION_DATA
	             : here->head[0] == RECORD_CHANGE_CIPHER_SPEC && here->length == 1))
		return false;
	if (here->left || p->record[from].len) {
		if (!chain_append(blocks, &p->record[from], part)) {
			tls_plain_lost(d, t, from);
			return true;
		}
		if (here->left)
			return true;
		part = chain_view(blocks, &p->record[from], &d->bench->scratch);
		/* A view of a block does not outlive the chain. */
		part = arena_copy(&d->bench->scratch, part);
		chain_free(blocks, &p->record[from]);
	}
	whole(d, t, from, part);
	return true;
}

void tls_plain_lost(struct dissection *d, struct tls_reader *t, enum side from)
{
	if (!t->plain)
		return;
	tls_inside_closed(d, plain_of(d, t), from, true);
	drop(d, t);
}

void tls_plain_closed(struct dissection *d, struct tls_reader *t, enum side from)
{
	if (t->plain)
		tls_inside_closed(d, plain_of(d, t), from, false);
}

void tls_plain_end(struct dissection *d, struct tls_reader *t)
{
	if (t->plain)
		drop(d, t);
}
