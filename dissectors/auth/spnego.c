/* SPNEGO (RFC 4178) and the framing of GSS-API tokens (RFC 2743 section 3.1), or none:
 *
 *    60 len 06 len <mechanism> ...        InitialContextToken; with SPNEGO's identifier:
 *       a0 len 30 len                     NegTokenInit
 *          a0 30 06...                      mechTypes, the most wanted first
 *          a1                               reqFlags
 *          a2 04 <token>                    mechToken, of the first mechanism
 *          a3                               mechListMIC, or negHints (MS-SPNG section 2.2.1)
 *    a1 len 30 len                        NegTokenResp, without frame
 *       a0 0a <state>                       negState
 *       a1 06 <mechanism>                   supportedMech
 *       a2 04 <token>                       responseToken
 *       a3 04                               mechListMIC
 *    "NTLMSSP" 00 ...                     NTLM by itself
 *    6e len ...                           a Kerberos AP-REQ by itself
 *
 * Nothing is kept here; views are of the token. */
#include "dissectors/auth/spnego.h"

#include "dissectors/auth/der.h"

static const struct bytes spnego_oid = BYTES_INIT("\x2b\x06\x01\x05\x05\x02");

/* The mechanisms by their object identifiers. */
static const struct {
	struct bytes oid;
	enum gss_mechanism mechanism;
} mechanisms[] = {
        {BYTES_INIT("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"), GSS_NTLM},     /* MS-SPNG 1.9 */
        {BYTES_INIT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), GSS_KERBEROS},     /* RFC 4121 */
        {BYTES_INIT("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"), GSS_KERBEROS},     /* MS-SPNG 1.9 */
        {BYTES_INIT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"), GSS_KERBEROS}, /* user to user */
};

static enum gss_mechanism by_oid(struct bytes oid)
{
	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++)
		if (bytes_equal(oid, mechanisms[i].oid))
			return mechanisms[i].mechanism;
	return GSS_OTHER;
}

/* A token of one mechanism: it says itself which. */
static void read_inner(struct gss_token *t, struct bytes token)
{
	struct reader r = reader_over(token);

	t->inner = token;
	if (bytes_equal(reader_peek(&r, 8), BYTES("NTLMSSP\0"))) {
		t->mechanism = GSS_NTLM;
		return;
	}
	if (der_next_is(&r, DER_APPLICATION(14)) || der_next_is(&r, DER_APPLICATION(15))) {
		t->mechanism = GSS_KERBEROS;
		return;
	}
	if (!der_next_is(&r, DER_APPLICATION(0)))
		return; /* of the mechanism that was chosen */

	struct reader body = der_inside(&r, DER_APPLICATION(0));
	struct reader oid = der_inside(&body, DER_OBJECT);

	if (!reader_ok(&oid)) {
		t->mechanism = GSS_NONE;
		return;
	}
	t->mechanism = by_oid(reader_rest(&oid));
	t->inner = reader_rest(&body);
}

static bool read_init(struct gss_token *t, struct reader *r)
{
	struct reader choice = der_inside(r, DER_CONTEXT(0));
	struct reader sequence = der_inside(&choice, DER_SEQUENCE);
	struct reader types = der_optional(&sequence, DER_CONTEXT(0));

	t->initial = true;
	t->mechanism = GSS_UNDECIDED;
	if (reader_left(&types)) {
		struct reader list = der_inside(&types, DER_SEQUENCE);
		struct reader first = der_inside(&list, DER_OBJECT);

		if (!reader_ok(&first))
			return false;
		/* Where several are offered, the other side chooses. */
		if (!reader_left(&list))
			t->mechanism = by_oid(reader_rest(&first));
	}
	der_optional(&sequence, DER_CONTEXT(1));

	struct reader token = der_optional(&sequence, DER_CONTEXT(2));

	if (reader_left(&token)) {
		struct reader string = der_inside(&token, DER_OCTET_STRING);

		read_inner(t, reader_rest(&string));
		return reader_ok(&string);
	}
	return reader_ok(&token);
}

static bool read_response(struct gss_token *t, struct reader *r)
{
	struct reader choice = der_inside(r, DER_CONTEXT(1));
	struct reader sequence = der_inside(&choice, DER_SEQUENCE);
	struct reader state = der_optional(&sequence, DER_CONTEXT(0));

	t->mechanism = GSS_UNDECIDED;
	if (reader_left(&state)) {
		int32_t value = der_integer(&state, DER_ENUMERATED);

		if (!reader_ok(&state) || value < 0 || value > GSS_REQUEST_MIC)
			return false;
		t->state = (enum gss_state)value;
	}

	struct reader chosen = der_optional(&sequence, DER_CONTEXT(1));

	if (reader_left(&chosen)) {
		struct reader oid = der_inside(&chosen, DER_OBJECT);

		if (!reader_ok(&oid))
			return false;
		t->mechanism = by_oid(reader_rest(&oid));
	}

	struct reader token = der_optional(&sequence, DER_CONTEXT(2));

	if (reader_left(&token)) {
		struct reader string = der_inside(&token, DER_OCTET_STRING);

		read_inner(t, reader_rest(&string));
		return reader_ok(&string);
	}
	return reader_ok(&token);
}

struct gss_token gss_token_read(struct bytes token)
{
	const struct gss_token none = {.state = GSS_STATE_ABSENT};
	struct gss_token t = none;
	struct reader r = reader_over(token);

	if (der_next_is(&r, DER_CONTEXT(1)))
		return read_response(&t, &r) ? t : none;
	if (der_next_is(&r, DER_CONTEXT(0)))
		return read_init(&t, &r) ? t : none;
	if (der_next_is(&r, DER_APPLICATION(0))) {
		struct reader ahead = r;
		struct reader body = der_inside(&ahead, DER_APPLICATION(0));
		struct reader oid = der_inside(&body, DER_OBJECT);

		if (reader_ok(&oid) && bytes_equal(reader_rest(&oid), spnego_oid)) {
			bool ok = der_next_is(&body, DER_CONTEXT(1)) ? read_response(&t, &body)
			                                             : read_init(&t, &body);

			return ok ? t : none;
		}
	}
	read_inner(&t, token);
	return t.mechanism == GSS_NONE ? none : t;
}
