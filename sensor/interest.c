/* Asking the rules and the site model about an event, by its fields and then by its values. */
#include "sensor/interest.h"

#include "sensor/packet/flow_event.h"
#include "sensor/site/site_model.h"

/* Peers of IPsec and names of management points are remembered beside servers. */
#define REACH_OF_SERVERS 4

/* More than what flow_event_rest() adds. */
#define REST_BYTES 4096

bool interest_open(struct interest *in, uint32_t servers, size_t largest, struct counters *counters)
{
	in->largest = largest;
	flow_event_fields(&in->flow, &in->rest);
	for (int f = 0; f < FIELD_COUNT; f++)
		if (field_type_is_list(field_info[f].type))
			field_set_add(&in->lists, (enum field)f);
	return site_reach_open(&in->reach, servers * REACH_OF_SERVERS, counters);
}

void interest_close(struct interest *in)
{
	site_reach_close(&in->reach);
}

static const struct sigma_set *signatures(const struct interest *in)
{
	return atomic_load_explicit(in->signatures, memory_order_acquire);
}

bool interest_in_fields(const struct interest *in, enum event_kind kind,
                        const struct field_set *present)
{
	const struct sigma_set *set = signatures(in);
	struct field_set all = *present;

	if (in->every_event || site_model_wants(kind, present))
		return true;
	for (size_t w = 0; w < FIELD_WORDS; w++)
		all.word[w] |= in->flow.word[w];
	return set && sigma_wants(set, kind, &all);
}

/* What is cut to fit may match where the whole does not. It is measured only where many texts could
 * make it that long. */
static bool may_be_cut(const struct interest *in, const struct event *ev)
{
	size_t texts = FIELD_COUNT;

	for (size_t w = 0; w < FIELD_WORDS; w++) {
		uint64_t lists = ev->present.word[w] & in->lists.word[w];

		for (; lists; lists &= lists - 1) /* the same place in all three kinds */
			texts += ev->value[w * 64 + (size_t)__builtin_ctzll(lists)].texts.count;
	}
	return texts * EVENT_TEXT_MAX > in->largest / 2 &&
	       event_measure(ev).bytes + REST_BYTES > in->largest;
}

static const struct site_file *listed_in(const struct interest *in)
{
	return atomic_load_explicit(in->listed, memory_order_acquire);
}

static bool rules_want(const struct interest *in, const struct site_file *listed,
                       const struct event *ev, const struct field_set *to_come)
{
	const struct sigma_set *set = signatures(in);
	struct field_set open = in->rest;

	if (!set)
		return false;
	/* Said by a dissector, it stays. */
	if (event_has(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY))
		field_set_remove(&open, FIELD_CONFIGMGR_TRANSPORT_SECURITY);
	for (size_t w = 0; w < FIELD_WORDS && to_come; w++)
		open.word[w] |= to_come->word[w] & ~ev->present.word[w];
	site_reach_fields(&in->reach, listed, ev, &open);
	return sigma_wants_event(set, ev, &open);
}

bool interest_in_part(const struct interest *in, const struct event *ev,
                      const struct field_set *to_come)
{
	const struct site_file *listed = listed_in(in);

	return in->every_event || site_reach_teaches(&in->reach, listed, ev) ||
	       rules_want(in, listed, ev, to_come);
}

bool interest_in_event(struct interest *in, const struct event *ev)
{
	const struct site_file *listed = listed_in(in);
	bool teaches = site_reach_teaches(&in->reach, listed, ev);

	if (teaches)
		site_reach_learn(&in->reach, ev);
	return teaches || in->every_event || rules_want(in, listed, ev, NULL) || may_be_cut(in, ev);
}
