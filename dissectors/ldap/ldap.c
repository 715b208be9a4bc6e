/* LDAP over TCP: its messages, of which those that bind are read (RFC 4511).
 *
 *    LDAPMessage = 30 length { 02 length ID, operation, [A0 controls] }      (section 4.1.1)
 *
 * in BER with definite lengths of up to four bytes; the operation's tag is of the application
 * class. Everything but binds and the request for TLS is passed over by its length.
 *
 * Three things may take the place of messages. Behind StartTLS comes TLS, which is shown to the
 * reader of TLS. After a bind by SASL a security layer may wrap everything: a length of four bytes
 * stands before each piece, the first of which is zero. Reading ends there without a complaint.
 * After a loss, reading goes on at the next message that begins a segment. */
#include "dissectors/ldap/ldap.h"

#include "dissectors/auth/der.h"

#define CLASS           0xc0
#define APPLICATION     0x40
#define TLS_HANDSHAKE   0x16
#define STARTTLS        "1.3.6.1.4.1.1466.20037"
#define NAME_OF_REQUEST 0x80

struct ldap_message {
	uint32_t id;
	uint8_t operation;
	uint64_t total;  /* bytes of the whole message */
	uint64_t behind; /* bytes before the operation's content */
	uint64_t length; /* of that content */
};

/* A length in BER; false when it is indefinite or takes more than four bytes. */
static bool read_length(struct reader *r, uint64_t *length)
{
	uint8_t first = reader_u8(r);

	*length = first;
	if (first < 0x80)
		return true;
	*length = 0;
	for (int i = 0; i < first - 0x80; i++) {
		if (i == 4)
			return false;
		*length = *length << 8 | reader_u8(r);
	}
	return first != 0x80;
}

/* The head of a message up to the content of its operation. OK, MORE or BAD. */
static enum verdict read_head(struct bytes in, struct ldap_message *m)
{
	struct reader r = reader_over(in);
	uint64_t id;
	bool good = reader_u8(&r) == DER_SEQUENCE || !reader_ok(&r);

	good &= read_length(&r, &m->total);
	m->total += in.len - reader_left(&r);
	good &= reader_u8(&r) == DER_INTEGER || !reader_ok(&r);
	good &= read_length(&r, &id) && id <= 4 && (id || !reader_ok(&r));
	if (!good)
		return BAD;
	m->id = 0;
	for (uint64_t i = 0; i < id; i++)
		m->id = m->id << 8 | reader_u8(&r);
	m->operation = reader_u8(&r);
	if (reader_ok(&r) && (m->operation & CLASS) != APPLICATION)
		return BAD;
	good = read_length(&r, &m->length);
	m->behind = in.len - reader_left(&r);
	if (!reader_ok(&r))
		return good ? MORE : BAD;
	return good && m->behind + m->length <= m->total ? OK : BAD;
}

/* How the content of an operation begins, by its tag: 0 where this side does not send it. */
static uint8_t first_inside(uint8_t operation, enum side from)
{
	static const uint8_t request[] = {
	        [0x60 - 0x60] = DER_INTEGER,      /* bind: version */
	        [0x63 - 0x60] = DER_OCTET_STRING, /* search: base */
	        [0x66 - 0x60] = DER_OCTET_STRING, /* modify, add, rename, compare: name */
	        [0x68 - 0x60] = DER_OCTET_STRING, [0x6c - 0x60] = DER_OCTET_STRING,
	        [0x6e - 0x60] = DER_OCTET_STRING, [0x77 - 0x60] = NAME_OF_REQUEST,
	};
	static const uint8_t response[] = {
	        [0x61 - 0x60] = DER_ENUMERATED,   /* of most: the result */
	        [0x64 - 0x60] = DER_OCTET_STRING, /* entry, reference */
	        [0x65 - 0x60] = DER_ENUMERATED,   [0x67 - 0x60] = DER_ENUMERATED,
	        [0x69 - 0x60] = DER_ENUMERATED,   [0x6b - 0x60] = DER_ENUMERATED,
	        [0x6d - 0x60] = DER_ENUMERATED,   [0x6f - 0x60] = DER_ENUMERATED,
	        [0x73 - 0x60] = DER_OCTET_STRING, [0x78 - 0x60] = DER_ENUMERATED,
	};
	const uint8_t *table = from == CLIENT ? request : response;
	size_t count = from == CLIENT ? sizeof(request) : sizeof(response);

	return operation >= 0x60 && operation - 0x60u < count ? table[operation - 0x60] : 0;
}

static enum likeness ldap_probe(struct bytes first, enum side from)
{
	struct ldap_message m;
	struct bytes inside;
	enum verdict verdict = read_head(first, &m);
	uint8_t expected;

	if (verdict != OK)
		return verdict == MORE ? MAYBE : NO;
	expected = first_inside(m.operation, from);
	inside = bytes_slice(first, (size_t)m.behind, first.len);
	if (!expected || !m.length)
		return NO;
	if (!inside.len)
		return MAYBE;
	return inside.at[0] == expected ? YES : NO;
}

/* A request for an extended operation: is it StartTLS (RFC 4511 section 4.14)? */
static const char *extended_request(struct ldap_state *st, struct bytes content)
{
	struct reader r = reader_over(content);
	struct reader name = der_inside(&r, NAME_OF_REQUEST);

	if (!reader_ok(&r))
		return "extended request without name";
	if (bytes_equal(reader_rest(&name), BYTES(STARTTLS)))
		st->starttls = true;
	return NULL;
}

static bool is_in_tls(const struct ldap_state *st)
{
	return st->secured[CLIENT] || st->secured[SERVER];
}

static enum verdict broken(struct dissection *d, const char *what)
{
	ldap_tell(d);
	return dissection_malformed(d, "ldap", what);
}

/* Whether the message is of interest, and not too large for it. */
static bool is_wanted(struct dissection *d, enum side from, const struct ldap_message *m)
{
	if (m->operation != (from == CLIENT ? LDAP_BIND_REQUEST : LDAP_BIND_RESPONSE) &&
	    (from != CLIENT || m->operation != LDAP_EXTENDED_REQUEST))
		return false;
	if (m->total <= d->bench->limits.ldap_message)
		return true;
	count(d->bench->counters, COUNTER_LDAP_MESSAGE_OVER_CAP);
	logon_lost(&((struct ldap_state *)d->state)->logon);
	return false;
}

static enum verdict one_message(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct ldap_message m;
	const char *wrong;
	enum verdict verdict = read_head(in, &m);

	if (verdict != OK)
		return verdict == MORE ? MORE : broken(d, "bytes that are no message");
	if (!is_wanted(d, from, &m)) {
		size_t here = m.total < in.len ? (size_t)m.total : in.len;

		*used += here;
		if (m.total > here)
			dissection_skip(d, from, m.total - here);
		return OK;
	}
	if (in.len < m.total)
		return MORE;
	*used += (size_t)m.total;

	struct bytes content = bytes_slice(in, (size_t)m.behind, (size_t)(m.behind + m.length));

	if (m.operation == LDAP_BIND_REQUEST)
		wrong = ldap_bind_request(d, m.id, content);
	else if (m.operation == LDAP_BIND_RESPONSE)
		wrong = ldap_bind_response(d, m.id, content);
	else
		wrong = extended_request(d->state, content);
	return wrong ? broken(d, wrong) : OK;
}

/* Where the next message begins is not known: looks for it. */
static enum verdict find_message(struct dissection *d, enum side from, struct bytes in,
                                 size_t *used)
{
	struct ldap_state *st = d->state;
	struct reader r = reader_over(in);
	bool found;
	enum verdict verdict = dissection_resync(d, from, &r, d->offset[from], ldap_probe, &found);

	*used = in.len - reader_left(&r);
	st->lost[from] = !found;
	return verdict;
}

static enum verdict ldap_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct ldap_state *st = d->state;

	*used = 0;
	if (st->over)
		return DONE;
	if (st->starttls && in.at[0] == TLS_HANDSHAKE && !st->secured[from]) {
		ldap_tell(d);
		st->secured[from] = true;
		d->carriage = CARRIED_IN_TLS;
	}
	if (st->secured[from]) {
		*used = in.len;
		return tls_read(d, &st->tls, from, in);
	}
	if (!st->begun[from] && (d->flow->midstream || d->offset[from]))
		st->lost[from] = st->may_be_wrapped = true;
	st->begun[from] = true;
	if (st->lost[from]) {
		enum verdict verdict = find_message(d, from, in, used);

		if (verdict != OK || st->lost[from] || *used == in.len)
			return verdict;
	}
	in = bytes_slice(in, *used, in.len);
	if (st->may_be_wrapped && in.at[0] != DER_SEQUENCE) {
		ldap_tell(d);
		return DONE;
	}
	return one_message(d, from, in, used);
}

static void ldap_gap(struct dissection *d, enum side from, uint64_t lost)
{
	struct ldap_state *st = d->state;

	(void)lost;
	if (is_in_tls(st)) {
		tls_lost(d, &st->tls, from);
		st->over = true;
	}
	/* The lost bytes may have held the server's answer. */
	if (from == SERVER && st->logon.step == LOGON_PROVED)
		ldap_tell(d);
	logon_lost(&st->logon);
	st->lost[from] = st->may_be_wrapped = true;
}

static void ldap_closed(struct dissection *d, enum side from)
{
	struct ldap_state *st = d->state;

	if (is_in_tls(st))
		tls_closed(d, &st->tls, from);
	if (from == SERVER)
		ldap_tell(d);
}

static void ldap_end(struct dissection *d)
{
	struct ldap_state *st = d->state;

	ldap_tell(d);
	if (is_in_tls(st))
		tls_end(d, &st->tls);
}

const struct dissector ldap_tcp = {
        .name = "ldap",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){389, 3268, 0},
        .state_size = sizeof(struct ldap_state),
        .probe = ldap_probe,
        .data = ldap_data,
        .gap = ldap_gap,
        .closed = ldap_closed,
        .end = ldap_end,
};
