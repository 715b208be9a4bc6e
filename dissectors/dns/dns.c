/* DNS over UDP: who asked for which name, and what was answered.
 *
 * A question waits until it is answered; both are one event. An answer belongs to the question of
 * the other side with the same id, name, type and class; one without a question (it refuses a
 * message that could not be read) to that with the same id. A second answer to one question is told
 * by itself: of two, one may be forged. A question that is sent again is the same. A flow has room
 * for limits.dns_questions of them; a further one takes the place of the oldest, which is told as
 * unanswered, and so are those that wait when the flow ends.
 *
 * Where nobody could use what is told, nothing is read, and the flow costs nothing any more: rules
 * that are loaded later see the flows that begin later. The state belongs to the worker that owns
 * the flow. */
#include "dissectors/dissector.h"
#include "dissectors/dns/message.h"

/* At most; limits.dns_questions. As many as fit in the place that a flow has for other protocols.
 */
#define QUESTIONS 6

struct pending {
	int64_t time;
	struct dns_question question;
	uint16_t id, flags;
	uint8_t from; /* enum side */
};

struct dns_state {
	struct pending pending[QUESTIONS]; /* the oldest first */
	uint8_t count;
	bool malformed[2]; /* told already, by side */
};

/* Whether anybody could want an event about DNS. The set of all its fields is made once; wants()
 * answers anew each time, for rules may be exchanged. */
static bool is_wanted(const struct workbench *bench)
{
	static _Thread_local struct field_set set;
	static _Thread_local bool made;

	for (int f = 0; !made && f < FIELD_COUNT; f++)
		if (field_info[f].setter == SETTER_DNS || field_info[f].setter == SETTER_SENSOR)
			field_set_add(&set, (enum field)f);
	made = true;
	return bench->wants(bench->context, EVENT_DNS, &set);
}

static void malformed(struct dissection *d, enum side from, const char *wrong)
{
	struct dns_state *st = d->state;

	if (!st->malformed[from])
		dissection_malformed(d, "dns", wrong);
	st->malformed[from] = true;
}

static void state_flags(struct event *ev, uint16_t flags, bool dnssec_ok, struct arena *arena)
{
	static const struct {
		uint16_t flag;
		const char *name;
	} names[] = {{0x0400, "AA"}, {DNS_FLAG_TRUNCATED, "TC"},
	             {0x0100, "RD"}, {0x0080, "RA"},
	             {0x0020, "AD"}, {0x0010, "CD"}};
	const size_t most = sizeof(names) / sizeof(*names);
	struct bytes *list = arena_alloc(arena, (most + 1) * sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; list && i < most; i++)
		if (flags & names[i].flag)
			list[count++] = bytes_of(names[i].name);
	if (list && dnssec_ok)
		list[count++] = BYTES("DO");
	event_set_texts(ev, FIELD_DNS_HEADER_FLAGS, list, count);
}

static void state_question(struct event *ev, const struct dns_question *q, struct arena *arena)
{
	if (!q->name.len)
		return;
	event_set_text(ev, FIELD_DNS_QUESTION_NAME, dns_name_print(&q->name, arena));
	event_set_text(ev, FIELD_DNS_QUESTION_TYPE, dns_number(DNS_TYPE, q->type, arena));
	event_set_text(ev, FIELD_DNS_QUESTION_CLASS, dns_number(DNS_CLASS, q->class, arena));
}

static void state_answer(struct dissection *d, struct event *ev, const struct dns_answer *a)
{
	event_set_text(ev, FIELD_DNS_RESPONSE_CODE,
	               dns_number(DNS_RCODE, a->code, &d->bench->scratch));
	event_set_texts(ev, FIELD_DNS_ANSWERS_NAME, a->name, a->count);
	event_set_texts(ev, FIELD_DNS_ANSWERS_TYPE, a->type, a->count);
	event_set_texts(ev, FIELD_DNS_ANSWERS_DATA, a->data, a->count);
	event_set_addresses(ev, FIELD_DNS_RESOLVED_IP, a->address, a->addresses);
	if (a->cut)
		d->bench->degraded |= DEGRADED_CUT;
	if (a->over_cap) {
		d->bench->degraded |= DEGRADED_OVER_CAP;
		count(d->bench->counters, COUNTER_DNS_ANSWERS_OVER_CAP);
	}
}

/* Tells of a question, an answer (NULL: there is none), or both. */
static void tell(struct dissection *d, const struct pending *p, const struct dns_answer *a,
                 unsigned degraded)
{
	struct arena *arena = &d->bench->scratch;
	struct event *ev = dissection_event(d, EVENT_DNS);
	struct dns_header h = {.flags = p->flags};

	d->bench->degraded = degraded;
	event_set_time(ev, FIELD_EVENT_START, p->time);
	event_set_text(ev, FIELD_DNS_ID, arena_print(arena, "%u", p->id));
	event_set_name(ev, FIELD_DNS_TYPE, a ? "answer" : "query");
	event_set_text(ev, FIELD_DNS_OP_CODE, dns_number(DNS_OPCODE, dns_opcode(&h), arena));
	state_flags(ev, p->flags, a && a->dnssec_ok, arena);
	state_question(ev, &p->question, arena);
	if (a) {
		event_set_time(ev, FIELD_EVENT_END, d->bench->now);
		state_answer(d, ev, a);
	}
	dissection_emit(d);
}

static void forget(struct dns_state *st, size_t i)
{
	st->count--;
	memmove(&st->pending[i], &st->pending[i + 1], (st->count - i) * sizeof(*st->pending));
}

static bool same_question(const struct dns_question *a, const struct dns_question *b)
{
	return a->type == b->type && a->class == b->class && dns_name_equal(&a->name, &b->name);
}

/* The question of a side with this id; an answer without a question belongs to any. Its place, or
 * `count` when there is none. */
static size_t find(const struct dns_state *st, enum side from, uint16_t id,
                   const struct dns_question *q, bool any)
{
	size_t i = 0;

	while (i < st->count && !(st->pending[i].from == from && st->pending[i].id == id &&
	                          (any || same_question(&st->pending[i].question, q))))
		i++;
	return i;
}

static void take_question(struct dissection *d, enum side from, const struct dns_header *h,
                          const struct dns_question *q)
{
	struct dns_state *st = d->state;
	size_t most = d->bench->limits.dns_questions;

	if (find(st, from, h->id, q, false) < st->count)
		return;
	if (most > QUESTIONS)
		most = QUESTIONS;
	if (st->count >= most) {
		count(d->bench->counters, COUNTER_DNS_QUESTIONS_OVER_CAP);
		tell(d, &st->pending[0], NULL, DEGRADED_UNANSWERED | DEGRADED_OVER_CAP);
		forget(st, 0);
	}
	st->pending[st->count++] = (struct pending){.time = d->bench->now,
	                                            .question = *q,
	                                            .id = h->id,
	                                            .flags = h->flags,
	                                            .from = (uint8_t)from};
}

static void take_answer(struct dissection *d, enum side from, const struct dns_header *h,
                        const struct dns_question *q, const struct dns_answer *a)
{
	struct dns_state *st = d->state;
	size_t place = find(st, !from, h->id, q, !q->name.len);
	bool paired = place < st->count;
	struct pending both = {.time = d->bench->now, .question = *q, .id = h->id};

	if (paired) {
		both = st->pending[place];
		forget(st, place);
	}
	both.flags = h->flags;
	tell(d, &both, a, paired ? 0 : DEGRADED_UNPAIRED);
}

static enum verdict dns_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct reader r = reader_over(in);
	struct dns_header h;
	struct dns_question q;
	struct dns_answer a;
	const char *wrong;

	(void)used;
	if (!is_wanted(d->bench))
		return DONE;
	wrong = dns_header_read(&r, &h) ? dns_question_read(in, &h, &r, &q)
	                                : "message shorter than its header";
	if (!wrong && h.flags & DNS_FLAG_RESPONSE)
		wrong = dns_answer_read(in, &h, &r, d->bench->limits.dns_answers, d->missing > 0,
		                        &d->bench->scratch, &a);
	if (wrong && (reader_ok(&r) || !d->missing))
		malformed(d, from, wrong);
	else if (!wrong && h.flags & DNS_FLAG_RESPONSE)
		take_answer(d, from, &h, &q, &a);
	else if (!wrong)
		take_question(d, from, &h, &q);
	return OK;
}

static void dns_end(struct dissection *d)
{
	struct dns_state *st = d->state;

	for (size_t i = 0; i < st->count; i++)
		tell(d, &st->pending[i], NULL, DEGRADED_UNANSWERED);
	st->count = 0;
}

/* A header with a sane count of questions. What only a server says turns the flow around. */
static enum likeness dns_probe(struct bytes first, enum side from)
{
	struct reader r = reader_over(first);
	struct dns_header h;

	if (!dns_header_read(&r, &h) || h.questions > 16)
		return NO;
	if (!h.questions && !h.answers && !(h.flags & DNS_FLAG_RESPONSE) && !h.additionals)
		return NO;
	return (h.flags & DNS_FLAG_RESPONSE) == 0 || from == SERVER ? YES : NO;
}

const struct dissector dns = {
        .name = "dns",
        .layer = OVER_UDP,
        .ports = (const uint16_t[]){53, 0},
        .state_size = sizeof(struct dns_state),
        .probe = dns_probe,
        .data = dns_data,
        .end = dns_end,
};
