/* The stream inside TLS: shows it to the HTTP dissector as the packet path shows that of TCP.
 *
 * Nothing is ever lost in the middle of it: records cannot be opened behind a loss, so the stream
 * ends there. */
#include "dissectors/http.h"
#include "dissectors/tls/plain.h"

#define PROBE_BYTES 64

extern const struct dissector http;

static void refresh(struct dissection *d, struct tls_plain *p)
{
	struct tls_inside *in = &p->inside;

	in->facts = *d->flow;
	in->facts.security = "tls";
	in->facts.protocol = http.name;
	in->facts.decrypted = true;
	in->facts.client = p->client;
	in->dissection.bench = d->bench;
	in->dissection.flow = &in->facts;
	in->dissection.state = block_at(&d->bench->blocks, in->state);
	in->dissection.starts = 1;
}

static void end(struct dissection *d, struct tls_inside *in)
{
	for (int side = CLIENT; side <= SERVER; side++)
		chain_free(&d->bench->blocks, &in->left[side]);
	if (in->state)
		block_give(&d->bench->blocks, in->state);
	in->state = 0;
	in->over = true;
}

/* HTTP/2 begins with what looks like a request of HTTP/1.x (RFC 9113 section 3.4). */
static bool is_http_2(struct bytes first)
{
	return bytes_equal(bytes_slice(first, 0, 14), BYTES("PRI * HTTP/2.0"));
}

/* Whether the first bytes are HTTP; then its dissector is begun. */
static enum likeness begin(struct dissection *d, struct tls_inside *in, enum side from,
                           struct bytes first)
{
	enum likeness likeness = http.probe(first, from);

	_Static_assert(sizeof(struct http_state) <= BLOCK_SIZE, "does not fit into a block");
	if (likeness == MAYBE && first.len >= PROBE_BYTES)
		likeness = NO;
	if (likeness == YES && is_http_2(first))
		likeness = NO;
	if (likeness == NO)
		count(d->bench->counters, COUNTER_TLS_NOT_HTTP);
	if (likeness != YES)
		return likeness;
	in->state = block_take(&d->bench->blocks, 0);
	return in->state ? YES : NO;
}

static struct bytes pass_over(struct tls_inside *in, enum side from, struct bytes bytes)
{
	uint64_t *skip = &in->dissection.skip[from];
	size_t n = *skip < bytes.len ? (size_t)*skip : bytes.len;

	*skip -= n;
	in->dissection.offset[from] += n;
	return bytes_slice(bytes, n, bytes.len);
}

/* Shows bytes until nothing more is consumed; what is left then. */
static struct bytes show(struct dissection *d, struct tls_plain *p, enum side from,
                         struct bytes bytes)
{
	struct tls_inside *in = &p->inside;
	enum verdict verdict = OK;
	unsigned stuck = 0;

	refresh(d, p);
	in->dissection.answered[from] = in->dissection.offset[!from];
	while (bytes.len && verdict == OK) {
		size_t before = bytes.len, used = 0;

		verdict = http.data(&in->dissection, from, bytes, &used);
		in->dissection.offset[from] += used;
		bytes = pass_over(in, from, bytes_slice(bytes, used, bytes.len));
		stuck = bytes.len == before ? stuck + 1 : 0;
		if (stuck > 2)
			verdict = BAD;
	}
	if (verdict == OK || verdict == MORE)
		return bytes;
	http.end(&in->dissection);
	end(d, in);
	return (struct bytes){0};
}

void tls_inside_feed(struct dissection *d, struct tls_plain *p, enum side from, struct bytes bytes)
{
	struct tls_inside *in = &p->inside;
	struct blocks *blocks = &d->bench->blocks;
	struct chain kept = {0};

	bytes = pass_over(in, from, bytes);
	if (in->over || !bytes.len)
		return;
	if (in->left[from].len) {
		if (!chain_append(blocks, &in->left[from], bytes)) {
			tls_inside_end(d, p);
			return;
		}
		bytes = chain_view(blocks, &in->left[from], &d->bench->scratch);
	}
	if (!in->state) {
		enum likeness likeness = begin(d, in, from, bytes);

		if (likeness == NO) {
			end(d, in);
			return;
		}
		if (likeness == YES)
			bytes = show(d, p, from, bytes);
	} else {
		bytes = show(d, p, from, bytes);
	}
	if (in->over || bytes.len == in->left[from].len)
		return;
	/* The view may be one of the chain that is given back. */
	if (bytes.len && !chain_append(blocks, &kept, bytes)) {
		tls_inside_end(d, p);
		return;
	}
	chain_free(blocks, &in->left[from]);
	in->left[from] = kept;
}

void tls_inside_closed(struct dissection *d, struct tls_plain *p, enum side from, bool lost)
{
	struct tls_inside *in = &p->inside;

	if (in->over || !in->state)
		return;
	refresh(d, p);
	if (lost) {
		in->facts.lost[from] = true;
		http.gap(&in->dissection, from, 1);
		/* Nothing comes any more that could say that something is missing. */
		dissection_event(&in->dissection, EVENT_LOSS);
		dissection_emit(&in->dissection);
	} else {
		http.closed(&in->dissection, from);
	}
}

void tls_inside_end(struct dissection *d, struct tls_plain *p)
{
	struct tls_inside *in = &p->inside;

	if (in->state) {
		refresh(d, p);
		http.end(&in->dissection);
	}
	end(d, in);
}
