/* A bounded reader of DER: the framing of GSS-API tokens, SPNEGO and Kerberos.
 *
 *    element = tag(1) length(1, or 0x81..0x84 and as many bytes) content     (X.690 section 8.1)
 *
 * Tags of more than one byte and lengths that are not told (0x80) do not occur in these protocols
 * and are errors. An error is a short read of the reader, which stays set. */
#ifndef CMTAP_DISSECTORS_AUTH_DER_H
#define CMTAP_DISSECTORS_AUTH_DER_H

#include "core/reader.h"

#define DER_INTEGER        0x02
#define DER_OCTET_STRING   0x04
#define DER_OBJECT         0x06
#define DER_ENUMERATED     0x0a
#define DER_GENERAL_STRING 0x1b
#define DER_SEQUENCE       0x30
#define DER_APPLICATION(n) (0x60 | (n))
#define DER_CONTEXT(n)     (0xa0 | (n))

/* Whether the next element has this tag. */
static inline bool der_next_is(const struct reader *r, uint8_t tag)
{
	struct bytes next = reader_peek(r, 1);

	return next.len && next.at[0] == tag;
}

/* A reader over the content of the next element, which is consumed; it must have this tag. */
struct reader der_inside(struct reader *r, uint8_t tag);

/* The same where the element may be missing: then the reader is empty and nothing is consumed. */
struct reader der_optional(struct reader *r, uint8_t tag);

/* An INTEGER or ENUMERATED of at most four bytes. */
int32_t der_integer(struct reader *r, uint8_t tag);

#endif
