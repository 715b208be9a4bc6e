/* IKE and AuthIP: who asks whom for protection, what is offered, and what is chosen of it.
 *
 *    UDP 500     a message
 *    UDP 4500    zero 32 | a message, or ESP, or zero 30 | 2 | WESP, or one byte 0xff to keep a
 *                translation alive                                    RFC 3948, 2; RFC 5840, 2.1
 *
 * A request waits until it is answered; both are one event. What only belongs to an exchange that
 * was told of (the later messages of a main mode) adds nothing. A request that is sent again is
 * told as unanswered, though an answer may still come: then that is told too. A flow has room for
 * four exchanges; a fifth takes the place of one that is over, else of the oldest, which is told as
 * unanswered. Between packets a request lies in a chain of blocks. The state belongs to the worker
 * that owns the flow. */
#include "core/reader.h"
#include "dissectors/ipsec/ike_message.h"
#include "dissectors/ipsec/wesp.h"

#define EXCHANGES    4
/* Of a request that waits; those larger are read as far as that. */
#define REQUEST_MOST 4096

#define PORT_NAT_TRAVERSAL   4500
#define PROTOCOL_WESP_IN_UDP 2
#define RESERVED_SPIS        255

#define ERROR_INVALID_KE_PAYLOAD 17

struct exchange {
	uint8_t spi[8]; /* the initiator's */
	uint32_t message_id;
	uint8_t type, from; /* enum side */
	bool used, answered, over, continued;
	bool told;       /* as unanswered */
	uint16_t notify; /* of an answer after which the initiator may try again */
	uint32_t repeats;
	int64_t first, last;
	struct chain request;
};

struct isakmp_state {
	struct exchange exchange[EXCHANGES];
	bool malformed[2]; /* told already, by side */
	struct esp_state esp, wesp;
};

/* The first exchange of two peers, in which proposals can be read. */
static bool is_phase_1(const struct ike_header *h)
{
	return h->exchange == IKE_MAIN_MODE || h->exchange == IKE_AGGRESSIVE_MODE ||
	       h->exchange == IKE_BASE || h->exchange == IKE_SA_INIT ||
	       (h->exchange == AUTHIP_MAIN_MODE && !h->message_id);
}

/* Those that come later, of which only the header can be read. */
static bool is_phase_2(const struct ike_header *h)
{
	return h->exchange == IKE_QUICK_MODE || h->exchange == IKE_NEW_GROUP ||
	       h->exchange == IKE_AUTH || h->exchange == IKE_CREATE_CHILD_SA ||
	       h->exchange == AUTHIP_QUICK_MODE || h->exchange == AUTHIP_EXTENDED_MODE ||
	       (h->exchange == AUTHIP_MAIN_MODE && h->message_id);
}

static struct exchange *find(struct isakmp_state *st, const struct ike_header *h, enum side from)
{
	for (size_t i = 0; i < EXCHANGES; i++) {
		struct exchange *e = &st->exchange[i];

		if (e->used && e->from == from && e->type == h->exchange &&
		    e->message_id == h->message_id && !memcmp(e->spi, h->initiator.at, 8))
			return e;
	}
	return NULL;
}

/* Of a first exchange with this initiator, that the other side than `from` answers. */
static struct exchange *find_phase_1(struct isakmp_state *st, const struct ike_header *h,
                                     enum side from)
{
	for (size_t i = 0; i < EXCHANGES; i++) {
		struct exchange *e = &st->exchange[i];

		if (e->used && !e->over && e->from != from && !e->message_id &&
		    !memcmp(e->spi, h->initiator.at, 8))
			return e;
	}
	return NULL;
}

static struct bytes hexadecimal(struct arena *scratch, struct bytes b)
{
	struct reader r = reader_over(b);
	uint64_t value = reader_u64be(&r);

	return value ? arena_print(scratch, "%016llx", (unsigned long long)value)
	             : (struct bytes){0};
}

static void set_text(struct event *ev, enum field f, struct bytes text)
{
	if (text.len)
		event_set_text(ev, f, text);
}

static void set_list(struct event *ev, enum field f, const struct ike_list *list,
                     struct arena *scratch)
{
	struct bytes *at = arena_alloc(scratch, sizeof(*at) * IKE_LIST);

	if (!at)
		return;
	memcpy(at, list->at, sizeof(list->at));
	event_set_texts(ev, f, at, list->count);
}

static void state_offer(struct dissection *d, struct event *ev, const struct ike_message *request)
{
	const struct ike_offer *offer = &request->offer;
	struct arena *scratch = &d->bench->scratch;

	set_list(ev, FIELD_CONFIGMGR_IKE_OFFERED_ENCRYPTION, &offer->encryption, scratch);
	set_list(ev, FIELD_CONFIGMGR_IKE_OFFERED_INTEGRITY, &offer->integrity, scratch);
	set_list(ev, FIELD_CONFIGMGR_IKE_OFFERED_PRF, &offer->prf, scratch);
	set_list(ev, FIELD_CONFIGMGR_IKE_OFFERED_GROUP, &offer->group, scratch);
	set_list(ev, FIELD_CONFIGMGR_IKE_OFFERED_AUTHENTICATION, &offer->authentication, scratch);
	set_text(ev, FIELD_CONFIGMGR_IKE_IDENTITY_INITIATOR, request->identity);
	if (offer->encryption.cut || offer->integrity.cut || offer->group.cut || request->cut)
		d->bench->degraded |= DEGRADED_CUT;
}

/* A choice is one of each; an answer with several has chosen nothing. */
static void set_chosen(struct event *ev, enum field f, const struct ike_list *list)
{
	if (list->count == 1)
		event_set_text(ev, f, list->at[0]);
}

static void state_choice(struct dissection *d, struct event *ev, const struct ike_message *reply)
{
	const struct ike_offer *offer = &reply->offer;

	set_chosen(ev, FIELD_CONFIGMGR_IKE_CHOSEN_ENCRYPTION, &offer->encryption);
	set_chosen(ev, FIELD_CONFIGMGR_IKE_CHOSEN_INTEGRITY, &offer->integrity);
	set_chosen(ev, FIELD_CONFIGMGR_IKE_CHOSEN_PRF, &offer->prf);
	set_chosen(ev, FIELD_CONFIGMGR_IKE_CHOSEN_GROUP, &offer->group);
	set_chosen(ev, FIELD_CONFIGMGR_IKE_CHOSEN_AUTHENTICATION, &offer->authentication);
	if (offer->lifetime)
		event_set_integer(ev, FIELD_CONFIGMGR_IKE_CHOSEN_LIFETIME, offer->lifetime);
	set_text(ev, FIELD_CONFIGMGR_IKE_IDENTITY_RESPONDER, reply->identity);
	set_list(ev, FIELD_CONFIGMGR_IKE_NOTIFY, &reply->notify, &d->bench->scratch);
	if (reply->cut)
		d->bench->degraded |= DEGRADED_CUT;
}

static const char *outcome_of(const struct exchange *e, const struct ike_message *reply)
{
	if (!reply)
		return e && e->answered ? "refused" : "unanswered";
	return reply->error ? "refused" : reply->has_offer ? "chosen" : "answered";
}

static void state_header(struct dissection *d, struct event *ev, const struct ike_header *h)
{
	struct arena *scratch = &d->bench->scratch;
	const char *name = ike_name(IKE_EXCHANGE, h->exchange);

	event_set_name(ev, FIELD_CONFIGMGR_IPSEC_PROTOCOL, ike_is_authip(h) ? "authip" : "ike");
	event_set_name(ev, FIELD_CONFIGMGR_IKE_VERSION, ike_is_version_2(h) ? "2.0" : "1.0");
	set_text(ev, FIELD_CONFIGMGR_IKE_EXCHANGE,
	         name ? bytes_of(name) : arena_print(scratch, "%u", h->exchange));
	event_set_integer(ev, FIELD_CONFIGMGR_IKE_MESSAGE_ID, h->message_id);
	set_text(ev, FIELD_CONFIGMGR_IKE_INITIATOR_SPI, hexadecimal(scratch, h->initiator));
	set_text(ev, FIELD_CONFIGMGR_IKE_RESPONDER_SPI, hexadecimal(scratch, h->responder));
}

/* Tells of an exchange by what is there of it. */
static void tell(struct dissection *d, const struct exchange *e, const struct ike_message *request,
                 const struct ike_message *reply)
{
	struct event *ev = dissection_event(d, EVENT_IPSEC);
	struct ike_header header = {0};
	struct ike_list vendors = {0};

	if (request)
		header = request->header;
	if (reply)
		header = reply->header;
	/* In version 1 a refusal comes in an exchange of its own; this is about what it refuses. */
	header.exchange = e->type;
	header.message_id = e->message_id;

	event_set_time(ev, FIELD_EVENT_START, e->first);
	event_set_time(ev, FIELD_EVENT_END, e->last);
	state_header(d, ev, &header);
	event_set_name(ev, FIELD_CONFIGMGR_IKE_OUTCOME, outcome_of(e, reply));
	event_set_integer(ev, FIELD_CONFIGMGR_IKE_REPEATS, e->repeats);
	if (e->notify) {
		ike_list_add_number(&vendors, IKE2_NOTIFY, e->notify, &d->bench->scratch);
		set_list(ev, FIELD_CONFIGMGR_IKE_NOTIFY, &vendors, &d->bench->scratch);
		vendors.count = 0;
	}
	if (request)
		state_offer(d, ev, request);
	if (reply)
		state_choice(d, ev, reply);
	for (size_t i = 0; request && i < request->vendors.count; i++)
		ike_list_add(&vendors, request->vendors.at[i]);
	for (size_t i = 0; reply && i < reply->vendors.count; i++)
		ike_list_add(&vendors, reply->vendors.at[i]);
	set_list(ev, FIELD_CONFIGMGR_IKE_VENDORS, &vendors, &d->bench->scratch);
	if (!reply && !e->answered)
		d->bench->degraded |= DEGRADED_UNANSWERED;
	if (!request)
		d->bench->degraded |= DEGRADED_UNPAIRED;
	dissection_emit(d);
}

/* The request that waits, read again; NULL when there was no room to keep it. */
static const struct ike_message *request_of(struct dissection *d, const struct exchange *e,
                                            struct ike_message *request)
{
	struct arena *scratch = &d->bench->scratch;
	struct bytes in = chain_view(&d->bench->blocks, &e->request, scratch);
	struct ike_header h;

	if (!ike_header_read(in, &h))
		return NULL;
	ike_message_read(in, h.length > in.len ? h.length - (uint32_t)in.len : 0, scratch, request);
	return request;
}

/* Tells of an exchange that nobody will answer any more. */
static void give_up(struct dissection *d, struct exchange *e)
{
	struct ike_message *request = arena_alloc(&d->bench->scratch, sizeof(*request));
	const struct ike_message *asked = request ? request_of(d, e, request) : NULL;

	if (asked && !e->over && !e->told)
		tell(d, e, asked, NULL);
	chain_free(&d->bench->blocks, &e->request);
	e->used = false;
}

static struct exchange *begin(struct dissection *d, struct isakmp_state *st,
                              const struct ike_header *h, enum side from)
{
	struct exchange *e = &st->exchange[0];

	for (size_t i = 0; i < EXCHANGES && e->used; i++) {
		struct exchange *other = &st->exchange[i];

		if (!other->used || other->over > e->over ||
		    (other->over == e->over && other->first < e->first))
			e = other;
	}
	if (e->used)
		give_up(d, e);
	*e = (struct exchange){.used = true,
	                       .from = (uint8_t)from,
	                       .type = h->exchange,
	                       .message_id = h->message_id,
	                       .first = d->bench->now,
	                       .last = d->bench->now};
	memcpy(e->spi, h->initiator.at, sizeof(e->spi));
	return e;
}

static void take_request(struct dissection *d, struct isakmp_state *st, enum side from,
                         const struct ike_message *m, struct bytes in)
{
	struct exchange *e = find(st, &m->header, from);
	bool again = e;

	if (!e) {
		e = begin(d, st, &m->header, from);
		if (is_phase_1(&m->header))
			count(d->bench->counters, COUNTER_IKE_INITIATED);
	}
	if (!again && m->header.exchange == IKE_AUTH && m->header.message_id == 1)
		count(d->bench->counters, COUNTER_IKE_CONTINUED);
	e->last = d->bench->now;
	if (e->over)
		return;
	e->repeats += again && !e->answered;
	/* After an answer that asks for it the request is another. */
	chain_free(&d->bench->blocks, &e->request);
	chain_append(&d->bench->blocks, &e->request, bytes_slice(in, 0, REQUEST_MOST));
	/* Who repeats a request has had no answer for a while, and may soon do without. */
	if (e->repeats && !e->answered && !e->told) {
		e->told = true;
		tell(d, e, m, NULL);
	}
}

static bool may_try_again(const struct ike_message *m)
{
	return m->cookie || (ike_is_version_2(&m->header) && m->error == ERROR_INVALID_KE_PAYLOAD);
}

/* `e` is what it answers, NULL where that was not seen. */
static void take_reply(struct dissection *d, struct isakmp_state *st, enum side from,
                       struct exchange *e, const struct ike_message *m)
{
	struct ike_message *request = arena_alloc(&d->bench->scratch, sizeof(*request));

	/* A request that comes after its answer must not be taken for one without. */
	if (!e)
		e = begin(d, st, &m->header, !from);
	if (e->over || !request)
		return;
	if (!e->answered && !e->message_id)
		count(d->bench->counters, COUNTER_IKE_ANSWERED);
	e->answered = true;
	e->last = d->bench->now;
	if (may_try_again(m)) {
		e->notify = m->error;
		return;
	}
	e->over = true;
	e->notify = 0;
	tell(d, e, request_of(d, e, request), m);
	chain_free(&d->bench->blocks, &e->request);
}

/* A later message of a main or aggressive mode. */
static void go_on(struct dissection *d, struct exchange *e)
{
	if (!e || e->continued)
		return;
	e->continued = true;
	count(d->bench->counters, COUNTER_IKE_CONTINUED);
}

static void take_message(struct dissection *d, struct isakmp_state *st, enum side from,
                         const struct ike_message *m, struct bytes in)
{
	const struct ike_header *h = &m->header;
	struct exchange *e = find(st, h, !from);
	bool second = ike_is_version_2(h);

	if (is_phase_1(h)) {
		bool reply = second ? ike_is_reply(h) : !ike_is_first(h) && !find(st, h, from);

		if (reply && (e || m->has_offer || m->error))
			take_reply(d, st, from, e, m);
		else if (!reply && ike_is_first(h))
			take_request(d, st, from, m, in);
		else if (!reply)
			go_on(d, find(st, h, from));
	} else if (is_phase_2(h)) {
		if (second ? ike_is_reply(h) : e != NULL)
			take_reply(d, st, from, e, m);
		else
			take_request(d, st, from, m, in);
	} else if (h->exchange == IKE_INFORMATIONAL_1 && m->error) {
		/* In version 1 a refusal is a message of its own. */
		e = find_phase_1(st, h, from);
		if (e)
			take_reply(d, st, from, e, m);
	}
}

/* One datagram of port 500, or what follows the marker on port 4500. */
static void take_isakmp(struct dissection *d, struct isakmp_state *st, enum side from,
                        struct bytes in)
{
	struct ike_message *m = arena_alloc(&d->bench->scratch, sizeof(*m));
	const char *wrong = m ? ike_message_read(in, d->missing, &d->bench->scratch, m) : NULL;

	if (wrong && !st->malformed[from] && !(d->missing && in.len < IKE_HEADER)) {
		st->malformed[from] = true;
		dissection_malformed(d, "isakmp", wrong);
	}
	if (m && !wrong)
		take_message(d, st, from, m, in);
}

static bool is_nat_traversal(const struct flow_facts *flow)
{
	return flow->port[CLIENT] == PORT_NAT_TRAVERSAL || flow->port[SERVER] == PORT_NAT_TRAVERSAL;
}

static enum verdict isakmp_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct isakmp_state *st = d->state;
	struct reader r = reader_over(in);
	uint32_t marker;

	(void)used;
	if (!is_nat_traversal(d->flow)) {
		take_isakmp(d, st, from, in);
		return OK;
	}
	marker = reader_u32be(&r);
	if (!reader_ok(&r)) /* to keep a translation alive */
		return OK;
	if (!marker)
		take_isakmp(d, st, from, reader_rest(&r));
	else if (marker == PROTOCOL_WESP_IN_UDP)
		wesp_packet(d, &st->wesp, from, reader_rest(&r));
	else if (marker > RESERVED_SPIS)
		esp_packet(d, &st->esp, from, in);
	return OK;
}

static void isakmp_end(struct dissection *d)
{
	struct isakmp_state *st = d->state;

	for (size_t i = 0; i < EXCHANGES; i++)
		if (st->exchange[i].used)
			give_up(d, &st->exchange[i]);
	esp_end(d, &st->esp);
	esp_end(d, &st->wesp);
}

/* Anything on these ports is read: one strange datagram must not blind for those behind it. What
 * only a responder says turns the flow around. */
static enum likeness isakmp_probe(struct bytes first, enum side from)
{
	struct reader r = reader_over(first);
	struct ike_header h;
	struct bytes message = first;

	if (!reader_u32be(&r) && reader_ok(&r))
		message = reader_rest(&r);
	if (ike_header_read(message, &h) && h.length == message.len && ike_is_reply(&h))
		return from == SERVER ? YES : NO;
	return first.len ? YES : NO;
}

const struct dissector isakmp = {
        .name = "isakmp",
        .layer = OVER_UDP,
        .ports = (const uint16_t[]){500, 4500, 0},
        .state_size = sizeof(struct isakmp_state),
        .probe = isakmp_probe,
        .data = isakmp_data,
        .end = isakmp_end,
};
