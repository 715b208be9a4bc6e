/* HTTP/1.x: finds where each message begins and ends, on both sides of a connection.
 *
 *    request  = head [body]        head = start line, header lines, empty line     (RFC 9112)
 *    reply    = head [body]        body = Content-Length bytes
 *                                       | *( size CRLF chunk CRLF ) "0" CRLF *trailer CRLF
 *                                       | everything until the server closes
 *
 * Bodies are kept only as far as somebody asked for them; of all others the packet path is told to
 * skip the declared length. After lost bytes reading goes on at the next head that starts a
 * segment. The state belongs to the worker that owns the flow. */
#include "dissectors/http.h"

#include "core/reader.h"
#include "dissectors/inflate.h"

#define CHUNK_LINE_MAX 256

static enum likeness http_probe(struct bytes first, enum side from)
{
	return (enum likeness)(from == CLIENT ? http_request_likeness(first)
	                                      : http_reply_likeness(first));
}

static struct http_message *message_of(struct dissection *d, enum side from)
{
	return &((struct http_state *)d->state)->message[from];
}

static enum http_coding coding_of(struct bytes value)
{
	static const struct {
		struct bytes name;
		enum http_coding coding;
	} codings[] = {{BYTES_INIT("gzip"), CODING_GZIP},
	               {BYTES_INIT("x-gzip"), CODING_GZIP},
	               {BYTES_INIT("deflate"), CODING_DEFLATE},
	               {BYTES_INIT("identity"), CODING_NONE}};

	if (!value.at)
		return CODING_NONE;
	for (size_t i = 0; i < sizeof(codings) / sizeof(*codings); i++)
		if (bytes_equal_fold(value, codings[i].name))
			return codings[i].coding;
	return CODING_OTHER;
}

/* The stream breaks the protocol. The event that says so takes the place of the one that is being
 * built. */
static enum verdict broken(struct dissection *d, const char *what)
{
	http_reply_pause(d);
	return dissection_malformed(d, "http", what);
}

/* The kept bytes without their content coding; empty and not whole when that cannot be undone. */
static struct configmgr_body decoded(struct dissection *d, struct http_message *m, struct bytes raw)
{
	const struct dissector_limits *limits = &d->bench->limits;
	struct inflate_caps caps = {limits->inflate_bytes, limits->inflate_ratio};
	struct configmgr_body body = {raw, !m->over_cap && !m->lost};
	enum inflate_form form = INFLATE_GZIP;

	if (m->coding == CODING_NONE || !raw.len)
		return body;
	if (m->coding == CODING_OTHER)
		return (struct configmgr_body){0};
	if (m->coding == CODING_DEFLATE)
		form = looks_like_zlib(raw) ? INFLATE_ZLIB : INFLATE_RAW;

	enum inflate_result result = inflate_bytes(d->bench->inflater, form, raw, caps,
	                                           &d->bench->scratch, &body.bytes, NULL);

	if (result == INFLATE_OVER_CAP) {
		count(d->bench->counters, COUNTER_INFLATE_OVER_CAP);
		m->over_cap = true;
	}
	body.whole = body.whole && result == INFLATED;
	return body;
}

/* The message has ended: hands its body over and makes ready for the next. */
static void message_end(struct dissection *d, enum side from, struct bytes raw)
{
	struct http_message *m = message_of(d, from);
	struct configmgr_body body = {0};
	bool known = m->owned || !m->length;

	if (m->owned)
		body = decoded(d, m, raw);
	else
		body.whole = !m->length;
	if (from == CLIENT)
		http_request_end(d, body);
	else
		http_reply_end(d, known, body);
	chain_free(&d->bench->blocks, &m->body);
	*m = (struct http_message){.step = STEP_HEAD};
}

static void message_end_kept(struct dissection *d, enum side from)
{
	message_end(d, from,
	            chain_view(&d->bench->blocks, &message_of(d, from)->body, &d->bench->scratch));
}

/* Keeps what is wanted of a piece of a body. */
static void keep(struct dissection *d, struct http_message *m, struct bytes piece)
{
	struct bytes part = bytes_slice(piece, 0, m->wanted);

	if (!m->wanted)
		return;
	if (chain_append(&d->bench->blocks, &m->body, part))
		m->wanted -= (uint32_t)part.len;
	else
		m->wanted = 0;
	if (m->wanted)
		return;
	m->over_cap = true;
	/* Where only the beginning was asked for, leaving out the rest is no loss. */
	if (!m->prefix)
		count(d->bench->counters, COUNTER_HTTP_BODY_OVER_CAP);
}

static void begin_body(struct dissection *d, enum side from, const struct http_head *head)
{
	static const enum http_step first_step[] = {
	        [BODY_NONE] = STEP_HEAD,
	        [BODY_LENGTH] = STEP_BODY,
	        [BODY_CHUNKED] = STEP_CHUNK_SIZE,
	        [BODY_UNTIL_CLOSE] = STEP_UNTIL_CLOSE,
	};
	struct http_message *m = message_of(d, from);

	m->coding = coding_of(head->header[HTTP_CONTENT_ENCODING]);
	m->step = first_step[head->body];
	m->remaining = m->length = head->body == BODY_LENGTH ? head->length : 0;
	m->counted_length = head->body != BODY_LENGTH;
	m->owned = m->wanted > 0;
	m->prefix = m->wanted < d->bench->limits.body;
	/* One byte more than is wanted tells a body of just that size from a longer one. */
	if (m->wanted)
		m->wanted++;
	if (head->body == BODY_NONE)
		message_end(d, from, (struct bytes){0});
}

static const char *read_head(enum side from, struct bytes in, struct http_head *head)
{
	return from == CLIENT ? http_request_head(in, head) : http_reply_head(in, head);
}

static enum verdict begin_request(struct dissection *d, const struct http_head *head)
{
	http_request_begin(d, head);
	begin_body(d, CLIENT, head);
	return OK;
}

static enum verdict begin_reply(struct dissection *d, struct http_head *head, uint64_t offset)
{
	struct http_state *st = d->state;

	if (head->status == 101)
		return DONE;
	if (!http_reply_begin(d, head, offset))
		return OK;

	const struct http_pending *request = st->reply_paired ? &st->pending[st->first] : NULL;

	if (request && request->tunnel && head->status < 300)
		return DONE;
	if (request && request->head_only)
		head->body = BODY_NONE;
	begin_body(d, SERVER, head);
	return OK;
}

static enum verdict step_head(struct dissection *d, enum side from, struct reader *r,
                              uint64_t offset)
{
	struct http_message *m = message_of(d, from);
	struct bytes in = reader_rest(r);

	/* Empty lines between messages are forgiven (RFC 9112 section 2.2). */
	if (!m->scanned && (in.at[0] == '\r' || in.at[0] == '\n')) {
		reader_skip(r, 1);
		return OK;
	}

	struct http_head head;
	const char *wrong = NULL;

	/* Most heads are whole and right: reading one finds its end. */
	if (m->scanned || read_head(from, in, &head) || !head.bytes) {
		size_t length = http_head_length(in, m->scanned);

		if (!length && in.len > d->bench->limits.http_head)
			return broken(d, "head larger than limits.http_head");
		if (!length) {
			m->scanned = (uint32_t)in.len;
			return MORE;
		}
		wrong = read_head(from, bytes_slice(in, 0, length), &head);
		head.bytes = length;
	}
	m->scanned = 0;
	reader_skip(r, head.bytes);
	if (wrong)
		return broken(d, wrong);
	return from == CLIENT ? begin_request(d, &head) : begin_reply(d, &head, offset);
}

/* Where nobody needs the rest of a body, the packet path passes over it. */
static bool pass_over(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);

	if (m->wanted || m->remaining <= reader_left(r))
		return false;
	dissection_skip(d, from, m->remaining - reader_left(r));
	if (m->counted_length)
		m->length += m->remaining;
	m->remaining = 0;
	reader_skip(r, reader_left(r));
	return true;
}

static enum verdict step_body(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);

	/* The usual small body that came in one piece is read where it lies. */
	if (m->owned && !m->body.len && m->remaining < m->wanted &&
	    m->remaining <= reader_left(r)) {
		message_end(d, from, reader_take(r, m->remaining));
		return OK;
	}
	if (pass_over(d, from, r)) {
		message_end_kept(d, from);
		return OK;
	}

	struct bytes piece =
	        reader_take(r, m->remaining < reader_left(r) ? m->remaining : reader_left(r));

	keep(d, m, piece);
	m->remaining -= piece.len;
	if (!m->remaining)
		message_end_kept(d, from);
	return OK;
}

static enum verdict step_until_close(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);
	struct bytes piece = reader_take(r, reader_left(r));

	keep(d, m, piece);
	m->length += piece.len;
	return OK;
}

/* chunk-size [ chunk-ext ] CRLF */
static enum verdict step_chunk_size(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);
	struct bytes rest = reader_rest(r);
	size_t digits = 0;
	uint64_t size = 0;

	if (!memchr(rest.at, '\n', rest.len)) {
		if (rest.len > CHUNK_LINE_MAX)
			return broken(d, "chunk size line without an end");
		return MORE;
	}

	struct bytes line = reader_until(r, '\n');

	for (; digits < line.len && hex_digit(line.at[digits]) >= 0; digits++) {
		if (size >> 60)
			return broken(d, "chunk size beyond 64 bits");
		size = size << 4 | (uint64_t)hex_digit(line.at[digits]);
	}
	if (!digits)
		return broken(d, "chunk size is no hexadecimal number");
	m->remaining = size;
	m->step = size ? STEP_CHUNK : STEP_TRAILERS;
	return OK;
}

static enum verdict step_chunk(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);

	if (pass_over(d, from, r)) {
		m->step = STEP_CHUNK_END;
		return OK;
	}

	struct bytes piece =
	        reader_take(r, m->remaining < reader_left(r) ? m->remaining : reader_left(r));

	keep(d, m, piece);
	m->length += piece.len;
	m->remaining -= piece.len;
	if (!m->remaining)
		m->step = STEP_CHUNK_END;
	return OK;
}

/* The CRLF behind a chunk; and trailer lines up to the empty one. */
static enum verdict step_line(struct dissection *d, enum side from, struct reader *r)
{
	struct http_message *m = message_of(d, from);
	struct bytes rest = reader_rest(r);

	if (!memchr(rest.at, '\n', rest.len))
		return rest.len > d->bench->limits.http_head
		               ? broken(d, "line without an end in a chunked body")
		               : MORE;

	struct bytes line = bytes_trim(reader_until(r, '\n'));

	if (m->step == STEP_CHUNK_END && line.len)
		return broken(d, "chunk longer than its size");
	if (m->step == STEP_CHUNK_END)
		m->step = STEP_CHUNK_SIZE;
	else if (!line.len)
		message_end_kept(d, from);
	return OK;
}

static enum verdict step_lost(struct dissection *d, enum side from, struct reader *r,
                              uint64_t offset)
{
	bool found;
	enum verdict verdict = dissection_resync(d, from, r, offset, http_probe, &found);

	if (found)
		*message_of(d, from) = (struct http_message){.step = STEP_HEAD};
	return verdict;
}

static enum verdict step(struct dissection *d, enum side from, struct reader *r, uint64_t offset)
{
	switch (message_of(d, from)->step) {
	case STEP_HEAD:
		return step_head(d, from, r, offset);
	case STEP_BODY:
		return step_body(d, from, r);
	case STEP_UNTIL_CLOSE:
		return step_until_close(d, from, r);
	case STEP_CHUNK_SIZE:
		return step_chunk_size(d, from, r);
	case STEP_CHUNK:
		return step_chunk(d, from, r);
	case STEP_CHUNK_END:
	case STEP_TRAILERS:
		return step_line(d, from, r);
	case STEP_LOST:
		return step_lost(d, from, r, offset);
	}
	return BAD;
}

/* The first bytes seen of a side may be the middle of something. */
static void begin_midstream(struct dissection *d, enum side from)
{
	struct http_state *st = d->state;

	message_of(d, from)->step = STEP_LOST;
	st->resync = true;
	http_auth_lost(&st->auth, CLIENT);
}

static enum verdict http_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct http_state *st = d->state;
	struct reader r = reader_over(in);
	enum verdict verdict = OK;

	if (!st->begun[from] && (d->flow->midstream || d->offset[from]))
		begin_midstream(d, from);
	st->begun[from] = true;
	while (verdict == OK && reader_left(&r) && !d->skip[from])
		verdict = step(d, from, &r, d->offset[from] + in.len - reader_left(&r));
	http_reply_pause(d);
	*used = in.len - reader_left(&r);
	return verdict;
}

static void http_gap(struct dissection *d, enum side from, uint64_t lost)
{
	struct http_state *st = d->state;
	struct http_message *m = message_of(d, from);

	http_auth_lost(&st->auth, from);
	if (from == SERVER)
		st->resync = true;
	if (m->step != STEP_HEAD && m->step != STEP_LOST) {
		m->lost = true;
		m->length += m->counted_length ? lost : 0;
		message_end_kept(d, from);
	}
	m->step = STEP_LOST;
	m->scanned = 0;
}

static void http_closed(struct dissection *d, enum side from)
{
	struct http_message *m = message_of(d, from);

	if (m->step == STEP_UNTIL_CLOSE) {
		message_end_kept(d, from);
	} else if (m->step != STEP_HEAD && m->step != STEP_LOST) {
		m->lost = true;
		message_end_kept(d, from);
	}
	if (from == SERVER)
		http_requests_unanswered(d);
}

static void http_end(struct dissection *d)
{
	http_closed(d, CLIENT);
	http_closed(d, SERVER);
}

const struct dissector http = {
        .name = "http",
        .layer = OVER_TCP,
        .ports = (const uint16_t[]){80, 8080, 8530, 8003, 0},
        .state_size = sizeof(struct http_state),
        .probe = http_probe,
        .data = http_data,
        .gap = http_gap,
        .closed = http_closed,
        .end = http_end,
};
