/* What every dissector needs from the packet path, spelled once. */
#include "dissectors/dissector.h"

struct event *dissection_event(struct dissection *d, enum event_kind kind)
{
	event_begin(&d->bench->event, kind, d->bench->now);
	d->bench->degraded = 0;
	return &d->bench->event;
}

void dissection_emit(struct dissection *d)
{
	struct workbench *bench = d->bench;

	if (!bench->wants(bench->context, bench->event.kind, &bench->event.present)) {
		count(bench->counters, COUNTER_EVENTS_OF_NO_INTEREST);
		return;
	}
	bench->emit(bench->context, d->flow, &bench->event, bench->degraded);
}

/* The fields of each set of setters that was asked for are found once. */
static const struct field_set *fields_of(unsigned setters)
{
	static const enum field any[] = {FIELD_EVENT_START, FIELD_EVENT_END, FIELD_EVENT_OUTCOME,
	                                 FIELD_CONFIGMGR_TRANSPORT_SECURITY};
	static _Thread_local struct {
		unsigned setters;
		struct field_set fields;
	} known[8];
	size_t i = 0;

	while (known[i].setters && known[i].setters != setters && i < 7)
		i++;
	if (known[i].setters == setters)
		return &known[i].fields;
	known[i].setters = setters;
	known[i].fields = (struct field_set){{0}};
	for (size_t k = 0; k < sizeof(any) / sizeof(*any); k++)
		field_set_add(&known[i].fields, any[k]);
	for (int f = 0; f < FIELD_COUNT; f++)
		if (setters >> field_info[f].setter & 1)
			field_set_add(&known[i].fields, (enum field)f);
	return &known[i].fields;
}

bool dissection_matters(struct dissection *d, unsigned setters)
{
	struct workbench *bench = d->bench;
	const struct field_set *to_come = fields_of(setters);
	struct field_set all = bench->event.present;

	for (size_t w = 0; w < FIELD_WORDS; w++)
		all.word[w] |= to_come->word[w];
	return bench->wants(bench->context, bench->event.kind, &all) &&
	       (!bench->matters || bench->matters(bench->context, d->flow, &bench->event, to_come));
}

void dissection_pass_over(struct dissection *d)
{
	count(d->bench->counters, COUNTER_EVENTS_OF_NO_INTEREST);
	if (d->bench->pass_over)
		d->bench->pass_over(d->bench->context);
}

void dissection_skip(struct dissection *d, enum side from, uint64_t n)
{
	if (__builtin_add_overflow(d->skip[from], n, &d->skip[from]))
		d->skip[from] = UINT64_MAX;
}

enum verdict dissection_resync(struct dissection *d, enum side from, struct reader *r,
                               uint64_t offset,
                               enum likeness (*probe)(struct bytes first, enum side from),
                               bool *found)
{
	uint64_t shown = offset - d->offset[from];
	uint64_t starts = shown < 64 ? d->starts >> shown : 0;
	size_t at = 0;

	*found = false;
	for (; starts; starts &= starts - 1) {
		size_t next = (size_t)__builtin_ctzll(starts);

		reader_skip(r, next - at);
		at = next;

		enum likeness likeness = reader_left(r) ? probe(reader_rest(r), from) : NO;

		*found = likeness == YES;
		if (likeness != NO)
			return *found ? OK : MORE;
	}
	reader_skip(r, reader_left(r));
	return OK;
}

bool dissection_unwrap(struct dissection *d, struct wrapped wrapped)
{
	struct workbench *bench = d->bench;

	if (bench->wrapped_count == WRAPPED_MAX)
		return false;
	bench->wrapped[bench->wrapped_count++] = wrapped;
	return true;
}

enum verdict dissection_malformed(struct dissection *d, const char *protocol, const char *what)
{
	struct event *ev = dissection_event(d, EVENT_MALFORMED);

	event_set_name(ev, FIELD_CONFIGMGR_MALFORMED_PROTOCOL, protocol);
	event_set_name(ev, FIELD_CONFIGMGR_MALFORMED_REASON, what);
	dissection_emit(d);
	return BAD;
}

bool is_usual_port(enum layer layer, uint16_t port)
{
	for (const struct dissector *const *d = dissectors; *d; d++)
		for (const uint16_t *p = (*d)->ports; (*d)->layer == layer && *p; p++)
			if (*p == port)
				return true;
	return false;
}
