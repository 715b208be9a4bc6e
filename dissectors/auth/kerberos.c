/* Kerberos messages in GSS-API tokens (RFC 4121 section 4.1, RFC 4120 sections 5.3 and 5.5).
 *
 *    [01 00] 6e SEQUENCE { a0 pvno, a1 type 14, a2 options, a3 61 ticket, a4 authenticator } AP-REQ
 *            ticket = SEQUENCE { a0 5, a1 realm, a2 SEQUENCE { a0 type, a1 SEQUENCE OF name },
 *                                a3 SEQUENCE { a0 encryption type, a1 key version, a2 cipher } }
 *    [02 00] 6f ... AP-REP [03 00] 7e ... KRB-ERROR
 *
 * Views are of the message. */
#include "dissectors/auth/kerberos.h"

#include "dissectors/auth/der.h"

#define AP_REQ    DER_APPLICATION(14)
#define AP_REP    DER_APPLICATION(15)
#define TICKET    DER_APPLICATION(1)
#define KRB_ERROR DER_APPLICATION(30)

static const struct {
	int32_t type;
	const char *name;
} encryptions[] = {
        {1, "des-cbc-crc"},
        {2, "des-cbc-md4"},
        {3, "des-cbc-md5"},
        {16, "des3-cbc-sha1"},
        {17, "aes128-cts-hmac-sha1-96"},
        {18, "aes256-cts-hmac-sha1-96"},
        {19, "aes128-cts-hmac-sha256-128"},
        {20, "aes256-cts-hmac-sha384-192"},
        {23, "rc4-hmac"},
        {24, "rc4-hmac-exp"},
        {25, "camellia128-cts-cmac"},
        {26, "camellia256-cts-cmac"},
};

const char *kerberos_encryption_name(int32_t type)
{
	for (size_t i = 0; i < sizeof(encryptions) / sizeof(*encryptions); i++)
		if (encryptions[i].type == type)
			return encryptions[i].name;
	return NULL;
}

static struct bytes string_in(struct reader *r, uint8_t context)
{
	struct reader outer = der_inside(r, context);
	struct reader text = der_inside(&outer, DER_GENERAL_STRING);

	if (!reader_ok(&text))
		r->short_read = true;
	return reader_rest(&text);
}

static void read_name(struct reader *ticket, struct kerberos *k)
{
	struct reader outer = der_inside(ticket, DER_CONTEXT(2));
	struct reader name = der_inside(&outer, DER_SEQUENCE);

	der_inside(&name, DER_CONTEXT(0));

	struct reader parts = der_inside(&name, DER_CONTEXT(1));
	struct reader list = der_inside(&parts, DER_SEQUENCE);

	for (int i = 0; i < 2 && reader_left(&list); i++) {
		struct reader text = der_inside(&list, DER_GENERAL_STRING);

		k->name[i] = reader_rest(&text);
	}
	if (!reader_ok(&list))
		ticket->short_read = true;
}

static struct kerberos read_ap_req(struct reader *r)
{
	struct kerberos k = {.type = KERBEROS_AP_REQ};
	struct reader outer = der_inside(r, AP_REQ);
	struct reader request = der_inside(&outer, DER_SEQUENCE);

	for (uint8_t i = 0; i < 3; i++)
		der_inside(&request, DER_CONTEXT(i));

	struct reader context = der_inside(&request, DER_CONTEXT(3));
	struct reader application = der_inside(&context, TICKET);
	struct reader ticket = der_inside(&application, DER_SEQUENCE);

	der_inside(&ticket, DER_CONTEXT(0));
	k.realm = string_in(&ticket, DER_CONTEXT(1));
	read_name(&ticket, &k);

	struct reader part = der_inside(&ticket, DER_CONTEXT(3));
	struct reader encrypted = der_inside(&part, DER_SEQUENCE);
	struct reader type = der_inside(&encrypted, DER_CONTEXT(0));

	k.encryption = der_integer(&type, DER_INTEGER);
	if (!reader_ok(&ticket) || !reader_ok(&type))
		return (struct kerberos){0};
	return k;
}

struct kerberos kerberos_read(struct bytes message)
{
	struct reader r = reader_over(message);
	struct bytes id = reader_peek(&r, 2);

	if (id.len == 2 && id.at[0] <= 3 && !id.at[1])
		reader_skip(&r, 2);
	if (der_next_is(&r, AP_REQ))
		return read_ap_req(&r);
	if (der_next_is(&r, AP_REP))
		return (struct kerberos){.type = KERBEROS_AP_REP};
	if (der_next_is(&r, KRB_ERROR))
		return (struct kerberos){.type = KERBEROS_ERROR};
	return (struct kerberos){0};
}
