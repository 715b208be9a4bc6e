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

void dissection_skip(struct dissection *d, enum side from, uint64_t n)
{
	if (__builtin_add_overflow(d->skip[from], n, &d->skip[from]))
		d->skip[from] = UINT64_MAX;
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
