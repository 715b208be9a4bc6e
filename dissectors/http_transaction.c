/* Requests and their replies as one event each.
 *
 * A request's facts are packed into a chain and wait there; the reply is matched to the oldest
 * request that waits. That order is certain as long as every byte of the server was seen; after a
 * loss, what the client had received when it sent each request decides, and where that does not
 * decide, nothing is paired: a fact about the wrong request would be worse than none. */
#include "dissectors/http.h"

static struct http_pending *pending_at(struct http_state *st, unsigned i)
{
	return &st->pending[(st->first + i) % HTTP_PIPELINE_MAX];
}

/* The record of an event, in scratch memory. */
static void *pack(const struct event *ev, struct arena *scratch, size_t *bytes)
{
	size_t room = (size_t)2 * EVENT_ROOM_LEAST;
	void *record = arena_alloc(scratch, room);

	*bytes = record ? event_pack_into(ev, record, room) : 0;
	if (*bytes)
		return record;

	struct event_size size = event_measure(ev);

	record = arena_alloc(scratch, size.bytes);
	*bytes = size.bytes;
	if (record)
		event_pack(ev, &size, record);
	return record;
}

/* Packs the event of the workbench into the chain of a request, replacing what is there, in which
 * its views may lie. */
static void facts_store(struct dissection *d, struct http_pending *p)
{
	struct workbench *bench = d->bench;
	size_t mark = arena_mark(&bench->scratch), bytes;
	void *record = pack(&bench->event, &bench->scratch, &bytes);

	chain_free(&bench->blocks, &p->facts);
	p->degraded |= bench->degraded;
	if (!record || !chain_append(&bench->blocks, &p->facts, (struct bytes){record, bytes}))
		p->degraded |= DEGRADED_OVER_CAP;
	arena_return(&bench->scratch, mark);
}

/* The event of a request, back on the workbench, from where it is told or stored anew. False when
 * it was not kept. */
static bool facts_load(struct dissection *d, struct http_pending *p)
{
	struct workbench *bench = d->bench;
	void *record = chain_piece(&bench->blocks, &p->facts, &bench->scratch);

	if (!record)
		return false;
	event_unpack(&bench->event, record);
	bench->event.time = bench->now;
	bench->degraded = p->degraded;
	return true;
}

static void pending_pop(struct dissection *d, struct http_state *st)
{
	struct http_pending *p = pending_at(st, 0);

	chain_free(&d->bench->blocks, &p->facts);
	*p = (struct http_pending){0};
	st->first = (uint8_t)((st->first + 1) % HTTP_PIPELINE_MAX);
	if (!--st->count)
		st->request_open = false;
}

/* Tells of the oldest request that its reply was not seen. */
static void pending_give_up(struct dissection *d, struct http_state *st, unsigned why)
{
	struct http_pending *p = pending_at(st, 0);

	count(d->bench->counters, COUNTER_HTTP_UNANSWERED);
	/* Whether the server took the proof that this request carried, nobody saw. */
	if (p->attempt.complete && p->attempt.scheme != SCHEME_TOKEN)
		http_auth_lost(&st->auth, CLIENT);
	if (facts_load(d, p)) {
		d->bench->degraded |= why;
		event_set_time(&d->bench->event, FIELD_EVENT_END, d->bench->now);
		http_auth_state(&st->auth, p->attempt, d->flow->client, &d->bench->event);
		dissection_emit(d);
	} else if (p->passed_over) {
		dissection_pass_over(d);
	}
	http_auth_unanswered(d, &st->auth, p->attempt);
	pending_pop(d, st);
}

void http_requests_unanswered(struct dissection *d)
{
	struct http_state *st = d->state;

	while (st->count)
		pending_give_up(d, st, DEGRADED_UNANSWERED);
}

/* Whether anybody could want HTTP transactions that are not ConfigMgr's. The set of all their
 * fields is made once; wants() answers anew each time, for rules may be exchanged. */
static bool plain_http_wanted(const struct workbench *bench)
{
	static _Thread_local struct field_set set;
	static _Thread_local bool made;

	for (int f = 0; !made && f < FIELD_COUNT; f++)
		if (f == FIELD_CONFIGMGR_REVOCATION_ANSWER)
			continue; /* only few can have it */
		else if (field_info[f].setter == SETTER_HTTP ||
		         field_info[f].setter == SETTER_SENSOR ||
		         field_info[f].setter == SETTER_AUTHENTICATION)
			field_set_add(&set, (enum field)f);
	made = true;
	return bench->wants(bench->context, EVENT_HTTP, &set);
}

/* A CRL, or what an OCSP responder says: few requests of many, told by how Windows asks. */
static bool asks_for_revocation(const struct http_head *head, const struct http_target *target)
{
	return bytes_ends_with_fold(target->path, BYTES(".crl")) ||
	       bytes_starts_with_fold(head->header[HTTP_USER_AGENT],
	                              BYTES("Microsoft-CryptoAPI/")) ||
	       bytes_starts_with_fold(head->header[HTTP_CONTENT_TYPE],
	                              BYTES("application/ocsp-request"));
}

/* The same of one of them, by what its first line says. */
static bool plain_request_matters(struct dissection *d, struct http_pending *p)
{
	unsigned setters = 1u << SETTER_HTTP | 1u << SETTER_AUTHENTICATION;

	if (!plain_http_wanted(d->bench))
		return false;
	p->passed_over = !dissection_matters(d, setters);
	return !p->passed_over;
}

static void set_if_there(struct event *ev, enum field f, struct bytes value)
{
	if (value.at)
		event_set_text(ev, f, value);
}

/* What a request line says, and who asks. */
static void set_request_line(struct event *ev, const struct http_head *head,
                             const struct http_target *target)
{
	event_set_text(ev, FIELD_HTTP_VERSION, head->version);
	event_set_text(ev, FIELD_HTTP_REQUEST_METHOD, head->method);
	event_set_text(ev, FIELD_URL_ORIGINAL, head->target);
	event_set_text(ev, FIELD_URL_PATH, target->path);
	set_if_there(ev, FIELD_URL_QUERY, target->query);
	set_if_there(ev, FIELD_USER_AGENT_ORIGINAL, head->header[HTTP_USER_AGENT]);
}

static void set_request_facts(struct dissection *d, const struct http_head *head,
                              const struct http_target *target)
{
	struct http_state *st = d->state;
	struct arena *scratch = &d->bench->scratch;
	struct event *ev = &d->bench->event;
	struct bytes host = target->host;
	uint64_t first, total;
	bool has_total;

	if (!host.len)
		host = http_host(head->header[HTTP_HOST], scratch);
	event_set_time(ev, FIELD_EVENT_START, d->bench->now);
	if (host.len)
		event_set_text(ev, FIELD_URL_DOMAIN, host);
	if (http_head_has(head, HTTP_CONTENT_TYPE))
		event_set_text(ev, FIELD_HTTP_REQUEST_MIME_TYPE,
		               http_mime_type(head->header[HTTP_CONTENT_TYPE], scratch));
	if (head->body == BODY_LENGTH)
		event_set_integer(ev, FIELD_HTTP_REQUEST_BODY_BYTES, (int64_t)head->length);
	event_set_integer(ev, FIELD_CONFIGMGR_HTTP_TRANSACTION, st->transactions);
	event_set_name(ev, FIELD_CONFIGMGR_HTTP_TARGET_FORM, target->form);
	if (http_head_has(head, HTTP_SOAP_ACTION)) {
		struct bytes action = bytes_trim(head->header[HTTP_SOAP_ACTION]);

		if (action.len >= 2 && action.at[0] == '"')
			action = bytes_slice(action, 1, action.len - 2);
		event_set_text(ev, FIELD_CONFIGMGR_HTTP_SOAP_ACTION, action);
	}
	if (http_content_range(head->header[HTTP_CONTENT_RANGE], &first, &total, &has_total))
		event_set_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_FIRST, (int64_t)first);
}

static struct http_pending *pending_push(struct dissection *d, struct http_state *st)
{
	uint32_t cap = d->bench->limits.http_pipeline;

	if (cap > HTTP_PIPELINE_MAX)
		cap = HTTP_PIPELINE_MAX;
	while (st->count && st->count >= cap) {
		count(d->bench->counters, COUNTER_HTTP_PIPELINE_OVER_CAP);
		if (!st->reply_open)
			st->unpaired++;
		st->reply_open = st->reply_paired = false;
		pending_give_up(d, st, DEGRADED_OVER_CAP);
	}
	return pending_at(st, st->count++);
}

void http_request_begin(struct dissection *d, const struct http_head *head)
{
	struct http_state *st = d->state;
	struct http_pending *p = pending_push(d, st);
	struct http_target target = http_target_read(head->target, &d->bench->scratch);
	struct event *ev = dissection_event(d, EVENT_HTTP);

	count(d->bench->counters, COUNTER_HTTP_TRANSACTIONS);
	st->transactions++;
	*p = (struct http_pending){.answered = d->answered[CLIENT]};
	p->head_only = bytes_equal(head->method, BYTES("HEAD"));
	p->tunnel = bytes_equal(head->method, BYTES("CONNECT"));
	p->attempt = http_auth_request(d, &st->auth, head);
	st->request_open = true;

	bool ours = configmgr_request(d, head, target.path, target.query, ev, &p->configmgr);

	st->message[CLIENT].wanted = p->configmgr.request_wanted;
	if (ours)
		count(d->bench->counters, COUNTER_CONFIGMGR_TRANSACTIONS);
	set_request_line(ev, head, &target);
	if (ours || asks_for_revocation(head, &target) || plain_request_matters(d, p)) {
		set_request_facts(d, head, &target);
		facts_store(d, p);
	}
	/* Makes an event of its own: that of the request is stored by now. */
	http_auth_requested(d, &st->auth, p->attempt);
}

void http_request_end(struct dissection *d, struct configmgr_body body)
{
	struct http_state *st = d->state;
	const struct http_message *m = &st->message[CLIENT];
	struct http_pending *p = st->count ? pending_at(st, st->count - 1u) : NULL;

	if (!st->request_open || !p)
		return;
	st->request_open = false;
	if (!p->configmgr.request_wanted && !(m->counted_length && m->length))
		return;
	if (!facts_load(d, p))
		return;
	if (m->counted_length)
		event_set_integer(&d->bench->event, FIELD_HTTP_REQUEST_BODY_BYTES,
		                  (int64_t)m->length);
	if (m->over_cap)
		d->bench->degraded |= DEGRADED_OVER_CAP;
	if (m->lost)
		d->bench->degraded |= DEGRADED_CUT;
	if (p->configmgr.request_wanted)
		configmgr_request_body(d, &d->bench->event, &p->configmgr, body);
	facts_store(d, p);
}

/* Which request a reply belongs to. */
enum pairing {
	PAIRED,   /* the first that waits */
	TOLD_OF,  /* one that was told as unanswered already */
	UNPAIRED, /* one that was not seen, or nobody knows which */
};

/* Finds the request of a reply that begins at `offset` of the server's stream. */
static enum pairing find_request(struct dissection *d, struct http_state *st, uint64_t offset)
{
	bool certain = !st->resync;

	st->resync = false;
	if (st->unpaired) {
		st->unpaired--;
		return TOLD_OF;
	}
	if (certain)
		return st->count ? PAIRED : UNPAIRED;
	/* Requests behind the first that were sent when this reply had not begun yet, but after an
	 * earlier one was received: the replies to those before them are lost. */
	while (st->count > 1 && pending_at(st, 1)->answered <= offset &&
	       pending_at(st, 1)->answered > pending_at(st, 0)->answered)
		pending_give_up(d, st, DEGRADED_UNANSWERED);
	if (st->count == 1 && pending_at(st, 0)->answered <= offset)
		return PAIRED;
	if (st->count > 1)
		http_requests_unanswered(d);
	return UNPAIRED;
}

/* Fetched to find out whether a certificate was revoked (RFC 5280 section 4.2.1.13, RFC 6960). */
static const struct {
	struct bytes type;
	const char *answer;
} answers[] = {{BYTES_INIT("application/pkix-crl"), "crl"},
               {BYTES_INIT("application/x-pkcs7-crl"), "crl"},
               {BYTES_INIT("application/ocsp-response"), "ocsp"}};

static bool answers_revocation(const struct http_head *head)
{
	bool does = false;

	for (size_t i = 0; head->status == 200 && i < sizeof(answers) / sizeof(*answers); i++)
		does |= bytes_starts_with_fold(head->header[HTTP_CONTENT_TYPE], answers[i].type);
	return does;
}

static void set_revocation_answer(struct event *ev, unsigned status)
{
	struct bytes type = event_text(ev, FIELD_HTTP_RESPONSE_MIME_TYPE);

	if (status == 304 && bytes_ends_with_fold(event_text(ev, FIELD_URL_PATH), BYTES(".crl")))
		event_set_name(ev, FIELD_CONFIGMGR_REVOCATION_ANSWER, "crl");
	for (size_t i = 0; status == 200 && i < sizeof(answers) / sizeof(*answers); i++)
		if (bytes_equal(type, answers[i].type))
			event_set_name(ev, FIELD_CONFIGMGR_REVOCATION_ANSWER, answers[i].answer);
}

static void set_reply_facts(struct dissection *d, const struct http_head *head)
{
	struct event *ev = &d->bench->event;
	uint64_t first, total;
	bool has_total = false;

	event_set_integer(ev, FIELD_HTTP_RESPONSE_STATUS_CODE, head->status);
	if (http_head_has(head, HTTP_CONTENT_TYPE))
		event_set_text(ev, FIELD_HTTP_RESPONSE_MIME_TYPE,
		               http_mime_type(head->header[HTTP_CONTENT_TYPE], &d->bench->scratch));
	set_revocation_answer(ev, head->status);
	set_if_there(ev, FIELD_CONFIGMGR_HTTP_SERVER, head->header[HTTP_SERVER]);
	if (http_content_range(head->header[HTTP_CONTENT_RANGE], &first, &total, &has_total)) {
		event_set_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_FIRST, (int64_t)first);
		if (has_total)
			event_set_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_TOTAL, (int64_t)total);
	}
}

/* A reply whose request was not seen: what it says of itself is all there is. */
static void emit_unpaired(struct dissection *d, const struct http_head *head)
{
	if (!plain_http_wanted(d->bench))
		return;
	dissection_event(d, EVENT_HTTP);
	d->bench->degraded = DEGRADED_UNPAIRED;
	event_set_time(&d->bench->event, FIELD_EVENT_START, d->bench->now);
	event_set_time(&d->bench->event, FIELD_EVENT_END, d->bench->now);
	set_reply_facts(d, head);
	dissection_emit(d);
}

bool http_reply_begin(struct dissection *d, const struct http_head *head, uint64_t offset)
{
	struct http_state *st = d->state;

	if (head->status < 200)
		return false;
	enum pairing pairing = find_request(d, st, offset);

	st->reply_paired = pairing == PAIRED;
	st->reply_open = true;
	st->reply_status = head->status;
	if (pairing == UNPAIRED)
		emit_unpaired(d, head);
	if (pairing != PAIRED)
		return true;

	struct http_pending *p = pending_at(st, 0);

	http_auth_reply(d, &st->auth, p->attempt, head);
	st->message[SERVER].wanted = head->status < 300 ? p->configmgr.reply_wanted : 0;
	if (facts_load(d, p)) {
		set_reply_facts(d, head);
		st->reply_held = true;
	} else if (p->passed_over && answers_revocation(head)) {
		/* It matters who got it; what was asked did not. */
		p->passed_over = false;
		event_set_time(dissection_event(d, EVENT_HTTP), FIELD_EVENT_START, d->bench->now);
		set_reply_facts(d, head);
		st->reply_held = true;
	}
	return true;
}

void http_reply_pause(struct dissection *d)
{
	struct http_state *st = d->state;

	if (st->reply_held)
		facts_store(d, pending_at(st, 0));
	st->reply_held = false;
}

void http_reply_end(struct dissection *d, bool body_known, struct configmgr_body body)
{
	struct http_state *st = d->state;
	const struct http_message *m = &st->message[SERVER];
	bool paired = st->reply_open && st->reply_paired && st->count;

	st->reply_open = st->reply_paired = false;
	if (!paired)
		return;

	struct http_pending *p = pending_at(st, 0);

	if (st->reply_held || facts_load(d, p)) {
		struct event *ev = &d->bench->event;
		struct configmgr_reply reply = {
		        .status = st->reply_status,
		        .body_known = body_known,
		        .length = m->length,
		        .body = body,
		};

		event_set_time(ev, FIELD_EVENT_END, d->bench->now);
		event_set_integer(ev, FIELD_HTTP_RESPONSE_BODY_BYTES, (int64_t)m->length);
		http_auth_state(&st->auth, p->attempt, d->flow->client, ev);
		if (m->over_cap && !m->prefix)
			d->bench->degraded |= DEGRADED_OVER_CAP;
		if (m->lost)
			d->bench->degraded |= DEGRADED_CUT;
		if (p->configmgr.endpoint)
			configmgr_reply(d, ev, &p->configmgr, &reply);
		dissection_emit(d);
	} else if (p->passed_over) {
		dissection_pass_over(d);
	}
	st->reply_held = false;
	pending_pop(d, st);
}
