/* The making of security tokens. */
#include "tests/support/token.h"

#include "tests/support/message.h"

#define NONE ((struct bytes){0})

struct bytes le(uint64_t value, size_t len)
{
	uint8_t b[8];

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(value >> 8 * i);
	return joined((struct bytes){b, len}, NONE);
}

struct bytes der(uint8_t tag, struct bytes content)
{
	uint8_t head[4] = {tag, (uint8_t)content.len};
	size_t n = 2;

	if (content.len >= 0x100) {
		head[1] = 0x82;
		head[2] = (uint8_t)(content.len >> 8);
		head[3] = (uint8_t)content.len;
		n = 4;
	} else if (content.len >= 0x80) {
		head[1] = 0x81;
		head[2] = (uint8_t)content.len;
		n = 3;
	}
	return joined((struct bytes){head, n}, content);
}

struct bytes av_pair(uint16_t id, struct bytes value)
{
	return joined(joined(le(id, 2), le(value.len, 2)), value);
}

struct bytes av_text(uint16_t id, const char *text)
{
	return av_pair(id, utf16le(bytes_of(text)));
}

static struct bytes field(size_t len, size_t offset)
{
	return joined(joined(le(len, 2), le(len, 2)), le(offset, 4));
}

struct bytes ntlm_negotiate(uint32_t flags)
{
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(1, 4));

	return joined(joined(m, le(flags, 4)), joined(field(0, 0), field(0, 0)));
}

struct bytes ntlm_challenge(uint32_t flags, struct bytes challenge, struct bytes pairs)
{
	struct bytes target = utf16le(BYTES("CORP"));
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(2, 4));

	m = joined(m, joined(field(target.len, 56), le(flags, 4)));
	m = joined(m, joined(challenge, le(0, 8)));
	m = joined(m, joined(field(pairs.len, 56 + target.len), le(0, 8)));
	return joined(m, joined(target, pairs));
}

struct bytes ntlm_authenticate(struct ntlm_proof p)
{
	struct bytes part[5] = {p.lm, p.nt};
	const char *names[] = {p.domain, p.user, p.workstation};
	struct bytes m = joined(BYTES("NTLMSSP\0"), le(3, 4)), payload = NONE;
	size_t at = 88;

	for (int i = 0; i < 3; i++)
		part[2 + i] = p.oem ? bytes_of(names[i]) : utf16le(bytes_of(names[i]));
	for (int i = 0; i < 5; i++) {
		m = joined(m, field(part[i].len, at));
		payload = joined(payload, part[i]);
		at += part[i].len;
	}
	m = joined(m, joined(field(0, at), le(p.flags | (p.oem ? 2 : 1), 4)));
	m = joined(m, joined(le(0, 8), repeated(0x4d, 16)));
	return joined(m, payload);
}

struct bytes ntlm_response_2(struct bytes proof, struct bytes pairs)
{
	struct bytes head = joined(BYTES("\x01\x01\0\0\0\0\0\0"), le(0x01d90000, 8));

	head = joined(proof, joined(head, joined(le(0x1122334455667788, 8), le(0, 4))));
	return joined(head, joined(pairs, le(0, 8)));
}

struct bytes spnego_init(struct bytes oid, struct bytes oid_2, struct bytes token)
{
	struct bytes types = der(0x06, oid), init;

	if (oid_2.len)
		types = joined(types, der(0x06, oid_2));
	init = der(0xa0, der(0x30, types));
	if (token.len)
		init = joined(init, der(0xa2, der(0x04, token)));
	init = der(0xa0, der(0x30, init));
	return der(0x60, joined(der(0x06, BYTES("\x2b\x06\x01\x05\x05\x02")), init));
}

struct bytes spnego_response(int state, struct bytes oid, struct bytes token)
{
	struct bytes response = NONE;

	if (state >= 0)
		response = der(0xa0, der(0x0a, le((uint64_t)state, 1)));
	if (oid.len)
		response = joined(response, der(0xa1, der(0x06, oid)));
	if (token.len)
		response = joined(response, der(0xa2, der(0x04, token)));
	return der(0xa1, der(0x30, response));
}

struct bytes kerberos_request(const char *realm, const char *service, const char *host,
                              uint8_t encryption)
{
	struct bytes names =
	        joined(der(0x1b, bytes_of(service)), *host ? der(0x1b, bytes_of(host)) : NONE);
	struct bytes sname = joined(der(0xa0, der(0x02, le(2, 1))), der(0xa1, der(0x30, names)));
	struct bytes cipher = joined(der(0xa0, der(0x02, le(encryption, 1))),
	                             der(0xa2, der(0x04, repeated(0xee, 300))));
	struct bytes ticket = der(0xa0, der(0x02, le(5, 1)));
	struct bytes request = der(0xa0, der(0x02, le(5, 1)));

	ticket = joined(ticket, der(0xa1, der(0x1b, bytes_of(realm))));
	ticket = joined(ticket, joined(der(0xa2, der(0x30, sname)), der(0xa3, der(0x30, cipher))));
	request = joined(request, der(0xa1, der(0x02, le(14, 1))));
	request = joined(request, der(0xa2, der(0x03, joined(le(0, 1), le(0x20, 4)))));
	request = joined(request, der(0xa3, der(0x61, der(0x30, ticket))));
	request = joined(request, der(0xa4, der(0x30, cipher)));
	request = der(0x6e, der(0x30, request));
	return der(0x60, joined(der(0x06, OID_KERBEROS), joined(BYTES("\x01\x00"), request)));
}
