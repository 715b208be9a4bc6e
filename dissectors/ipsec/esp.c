/* ESP: packets counted by association, and read where they turn out to be readable.
 *
 *    SPI 32 | sequence number 32 | payload | padding | its length 8 | next header 8 | check value
 *
 * (RFC 4303 section 2, bits). Until it is known whether an association encrypts, its packets wait
 * in a chain, so that a connection inside one that does not is read from its first segment on. The
 * state belongs to the worker that owns the flow. */
#include "dissectors/ipsec/esp.h"

#include "core/reader.h"

/* What stands in the chain before each packet that waits. */
struct held {
	int64_t time;
	uint32_t spi, len;
	enum side from;
};

static void hold(struct dissection *d, struct esp_state *st, const struct association *a,
                 struct bytes in, int64_t time)
{
	struct held head = {time, a->spi, (uint32_t)in.len, (enum side)a->from};

	if (st->held_count >= d->bench->limits.esp_packets ||
	    !chain_append(&d->bench->blocks, &st->held,
	                  (struct bytes){(const uint8_t *)&head, sizeof(head)})) {
		count(d->bench->counters, COUNTER_IPSEC_NOT_HELD);
		return;
	}
	if (!chain_append(&d->bench->blocks, &st->held, in)) {
		/* Half a record would be worse than none. */
		chain_free(&d->bench->blocks, &st->held);
		st->held_count = 0;
		count(d->bench->counters, COUNTER_IPSEC_NOT_HELD);
		return;
	}
	st->held_count++;
}

static void unwrap(struct dissection *d, struct esp_state *st, struct association *a,
                   struct bytes in, int64_t time)
{
	struct wrapped wrapped = {
	        .wrapping = WRAPPED_IN_ESP, .from = (enum side)a->from, .time = time};

	if (!esp_open(&a->evidence, in, &wrapped.protocol, &wrapped.bytes))
		return;
	if (!a->inside)
		a->inside = wrapped.protocol;
	association_direct(&st->associations, wrapped.protocol, wrapped.bytes, wrapped.from);
	if (dissection_unwrap(d, wrapped))
		count(d->bench->counters, COUNTER_IPSEC_UNWRAPPED);
}

static struct association *find(struct esp_state *st, const struct held *head)
{
	for (size_t i = 0; i < ASSOCIATIONS; i++) {
		struct association *a = &st->associations.at[i];

		if (a->packets && a->spi == head->spi && a->from == head->from)
			return a;
	}
	return NULL;
}

/* Reads what waited of associations that are readable, drops what waited of encrypted ones, and
 * keeps the rest. */
static void release(struct dissection *d, struct esp_state *st)
{
	struct bytes all = chain_view(&d->bench->blocks, &st->held, &d->bench->scratch);
	/* A view of a block does not outlive the chain. */
	struct reader r = reader_over(arena_copy(&d->bench->scratch, all));

	chain_free(&d->bench->blocks, &st->held);
	st->held_count = 0;
	while (reader_left(&r)) {
		struct held head;
		struct bytes at = reader_take(&r, sizeof(head)), in;
		struct association *a;

		if (at.len != sizeof(head))
			return;
		memcpy(&head, at.at, sizeof(head));
		in = reader_take(&r, head.len);
		a = find(st, &head);
		if (a && a->protection == PROTECTION_NULL)
			unwrap(d, st, a, in, head.time);
		else if (a && a->protection == PROTECTION_UNKNOWN)
			hold(d, st, a, in, head.time);
	}
}

/* What is known of one direction helps to judge the other. */
static bool spread(struct dissection *d, struct esp_state *st, const struct association *known)
{
	bool any = false;

	for (size_t i = 0; i < ASSOCIATIONS; i++) {
		struct association *a = &st->associations.at[i];

		if (!a->packets || a->protection != PROTECTION_UNKNOWN ||
		    !esp_agrees(&a->evidence, &known->evidence))
			continue;
		a->protection = PROTECTION_NULL;
		count(d->bench->counters, COUNTER_IPSEC_NULL);
		any = true;
	}
	return any;
}

/* A readable association of this flow, which says how another is probably framed. */
static const struct association *readable(const struct esp_state *st)
{
	for (size_t i = 0; i < ASSOCIATIONS; i++)
		if (st->associations.at[i].packets &&
		    st->associations.at[i].protection == PROTECTION_NULL)
			return &st->associations.at[i];
	return NULL;
}

static void judge(struct dissection *d, struct esp_state *st, struct association *a,
                  struct bytes in)
{
	const struct flow_facts *flow = d->flow;
	const struct association *known = readable(st);
	enum esp_verdict verdict =
	        esp_judge(&a->evidence, flow->address[a->from], flow->address[!a->from], in);

	if (verdict == ESP_UNDECIDED && known && esp_agrees(&a->evidence, &known->evidence))
		verdict = ESP_IS_NULL;
	if (verdict == ESP_IS_NULL) {
		a->protection = PROTECTION_NULL;
		count(d->bench->counters, COUNTER_IPSEC_NULL);
		spread(d, st, a);
	} else if (verdict == ESP_IS_ENCRYPTED) {
		a->protection = PROTECTION_ENCRYPTED;
		count(d->bench->counters, COUNTER_IPSEC_ENCRYPTED);
	}
}

void esp_packet(struct dissection *d, struct esp_state *st, enum side from, struct bytes in)
{
	struct reader r = reader_over(in);
	uint32_t spi = reader_u32be(&r);
	struct association *a;
	struct bytes body;

	reader_skip(&r, 4);
	body = reader_rest(&r);
	/* Without its end nothing can be said of a packet. */
	if (!reader_ok(&r) || (!d->missing && body.len < 4)) {
		if (!d->missing)
			dissection_malformed(d, "esp", "shorter than its header");
		return;
	}
	if (!st->associations.protocol)
		st->associations.protocol = "esp";
	a = association_count(d, &st->associations, from, spi, in.len + d->missing);
	if (a->protection != PROTECTION_UNKNOWN)
		association_found(d, &st->associations, a);
	if (a->protection == PROTECTION_ENCRYPTED || d->missing)
		return;
	if (a->protection == PROTECTION_NULL) {
		unwrap(d, st, a, body, d->bench->now);
		return;
	}
	hold(d, st, a, body, d->bench->now);
	judge(d, st, a, body);
	if (a->protection == PROTECTION_UNKNOWN)
		return;
	release(d, st);
	association_found(d, &st->associations, a);
}

void esp_end(struct dissection *d, struct esp_state *st)
{
	chain_free(&d->bench->blocks, &st->held);
	for (size_t i = 0; i < ASSOCIATIONS; i++) {
		struct association *a = &st->associations.at[i];

		if (a->packets && a->protection == PROTECTION_UNKNOWN &&
		    esp_judge_few(&a->evidence) == ESP_IS_ENCRYPTED)
			a->protection = PROTECTION_ENCRYPTED;
	}
	associations_end(d, &st->associations);
}

/* SPIs up to 255 are reserved (RFC 4303 section 2.1). */
static enum likeness esp_probe(struct bytes first, enum side from)
{
	struct reader r = reader_over(first);

	(void)from;
	return reader_u32be(&r) > 255 ? YES : NO;
}

static enum verdict esp_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	(void)used;
	esp_packet(d, d->state, from, in);
	return OK;
}

static void esp_over(struct dissection *d)
{
	esp_end(d, d->state);
}

const struct dissector esp = {
        .name = "esp",
        .layer = OVER_IP,
        .ports = (const uint16_t[]){50, 0},
        .state_size = sizeof(struct esp_state),
        .probe = esp_probe,
        .data = esp_data,
        .end = esp_over,
};
