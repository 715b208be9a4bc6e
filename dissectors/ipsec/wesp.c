/* WESP: ESP behind a header that says whether it is encrypted.
 *
 *    next header 8 | header length 8 | trailer length 8 | version 2, encrypted 1, padded 1, zero 4
 *    [ padding 32, if padded ]
 *    ESP: SPI 32 | sequence number 32 | [ initialization vector ] | payload | padding
 *         | its length 8 | next header 8 | check value
 *
 * (RFC 5840 section 2, bits). Header length counts from the first byte to where the payload begins,
 * trailer length is that of the check value; all three are 0 where the packet is encrypted. The
 * state belongs to the worker that owns the flow. */
#include "dissectors/ipsec/wesp.h"

#include "core/reader.h"

#define VERSION   0xc0
#define ENCRYPTED 0x20
#define PADDED    0x10

/* Bytes of the WESP and ESP headers, and of the ESP trailer without its check value. */
#define HEADERS 12
#define TRAILER 2

/* The payload between header and trailer as the WESP header gives them; false where that does not
 * fit the packet. */
static bool open_up(struct bytes in, size_t header, size_t check, uint8_t next,
                    struct bytes *inside)
{
	struct reader r;
	uint8_t padding, protocol;

	if (header < HEADERS || header + TRAILER + check > in.len)
		return false;
	r = reader_over(bytes_slice(in, in.len - check - TRAILER, TRAILER));
	padding = reader_u8(&r);
	protocol = reader_u8(&r);
	/* A header that says another protocol than the authenticated trailer is a forgery
	 * (section 2). */
	if (protocol != next || header + padding + TRAILER + check > in.len)
		return false;
	*inside = bytes_slice(in, header, in.len - header - padding - TRAILER - check);
	return true;
}

void wesp_packet(struct dissection *d, struct esp_state *st, enum side from, struct bytes in)
{
	struct reader r = reader_over(in);
	uint8_t next = reader_u8(&r), header = reader_u8(&r), check = reader_u8(&r);
	uint8_t flags = reader_u8(&r);
	struct wrapped wrapped = {
	        .protocol = next, .wrapping = WRAPPED_IN_WESP, .from = from, .time = d->bench->now};
	struct association *a;
	uint32_t spi;

	if (flags & PADDED)
		reader_skip(&r, 4);
	spi = reader_u32be(&r);
	reader_skip(&r, 4);
	if (!reader_ok(&r) || flags & VERSION ||
	    (!(flags & ENCRYPTED) && !d->missing &&
	     !open_up(in, header, check, next, &wrapped.bytes))) {
		if (!d->missing)
			dissection_malformed(d, "wesp", "lengths that do not fit the packet");
		return;
	}
	st->associations.protocol = "wesp";
	st->associations.evidence = "header";
	a = association_count(d, &st->associations, from, spi, in.len + d->missing);
	a->protection = flags & ENCRYPTED ? PROTECTION_ENCRYPTED : PROTECTION_NULL;
	if (!(flags & ENCRYPTED)) {
		a->evidence.integrity_bytes = check;
		if (!a->inside)
			a->inside = next;
		if (wrapped.bytes.at)
			association_direct(&st->associations, next, wrapped.bytes, from);
	}
	association_found(d, &st->associations, a);
	if (wrapped.bytes.at && dissection_unwrap(d, wrapped))
		count(d->bench->counters, COUNTER_IPSEC_UNWRAPPED);
}

static enum likeness wesp_probe(struct bytes first, enum side from)
{
	(void)from;
	return first.len >= HEADERS && !(first.at[3] & VERSION) ? YES : NO;
}

static enum verdict wesp_data(struct dissection *d, enum side from, struct bytes in, size_t *used)
{
	(void)used;
	wesp_packet(d, d->state, from, in);
	return OK;
}

static void wesp_over(struct dissection *d)
{
	esp_end(d, d->state);
}

const struct dissector wesp = {
        .name = "wesp",
        .layer = OVER_IP,
        .ports = (const uint16_t[]){141, 0},
        .state_size = sizeof(struct esp_state),
        .probe = wesp_probe,
        .data = wesp_data,
        .end = wesp_over,
};
