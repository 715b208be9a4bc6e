/* AH: packets that are authenticated and not encrypted, read like any others.
 *
 *    next header 8 | bytes / 4 - 2, 8 | zero 16 | SPI 32 | sequence number 32 | check value
 *
 * (RFC 4302 section 2, bits). What follows may be ESP: then AH is not all the protection there is,
 * and the event says so. The state belongs to the worker that owns the flow. */
#include "core/reader.h"
#include "dissectors/ipsec/association.h"

#define FIXED 12

struct ah_state {
	struct associations associations;
};

static enum likeness ah_probe(struct bytes first, enum side from)
{
	(void)from;
	return first.len ? YES : NO;
}

static enum verdict ah_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	struct ah_state *st = d->state;
	struct reader r = reader_over(in);
	uint8_t next = reader_u8(&r);
	size_t length = (reader_u8(&r) + (size_t)2) * 4;
	struct wrapped wrapped = {.protocol = next,
	                          .wrapping = WRAPPED_IN_AH,
	                          .from = from,
	                          .missing = d->missing,
	                          .time = d->bench->now};
	struct association *a;
	uint32_t spi;

	(void)used;
	reader_skip(&r, 2);
	spi = reader_u32be(&r);
	reader_skip(&r, 4);
	if (length > FIXED)
		reader_skip(&r, length - FIXED);
	if (!reader_ok(&r) || length < FIXED) {
		if (!d->missing)
			dissection_malformed(d, "ah", "header shorter or longer than it says");
		return OK;
	}
	st->associations.protocol = "ah";
	st->associations.evidence = "header";
	a = association_count(d, &st->associations, from, spi, in.len + d->missing);
	a->protection = PROTECTION_NONE;
	a->evidence.integrity_bytes = (uint8_t)(length - FIXED > 255 ? 255 : length - FIXED);
	if (!a->inside)
		a->inside = next;
	wrapped.bytes = reader_rest(&r);
	association_direct(&st->associations, next, wrapped.bytes, from);
	association_found(d, &st->associations, a);
	if (dissection_unwrap(d, wrapped))
		count(d->bench->counters, COUNTER_IPSEC_UNWRAPPED);
	return OK;
}

static void ah_end(struct dissection *d)
{
	struct ah_state *st = d->state;

	associations_end(d, &st->associations);
}

const struct dissector ah = {
        .name = "ah",
        .layer = OVER_IP,
        .ports = (const uint16_t[]){51, 0},
        .state_size = sizeof(struct ah_state),
        .probe = ah_probe,
        .data = ah_data,
        .end = ah_end,
};
