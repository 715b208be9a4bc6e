/* NTLMSSP (MS-NLMP section 2.2.1).
 *
 *     0                8       12
 *    +----------------+-------+---------------------------------------------------------------+
 *    | "NTLMSSP" 00   | type  | AUTHENTICATE: LM, NT, domain, user, workstation, session key, |
 *    |                | LE    | each length(2) capacity(2) offset(4); flags(4); payload       |
 *    +----------------+-------+---------------------------------------------------------------+
 *
 * Offsets count from the start of the message. Texts are UTF-16LE when flag 0x1 is set. */
#include "dissectors/ntlm.h"

#include "core/reader.h"
#include "dissectors/xml.h"

#define NTLMSSP_NEGOTIATE_UNICODE 0x1

/* Where a field's text stands in the message. */
static struct bytes field_text(struct reader *r, struct bytes message)
{
	uint16_t len = reader_u16le(r);

	reader_skip(r, 2);

	uint32_t offset = reader_u32le(r);
	struct bytes text = bytes_slice(message, offset, len);

	if (text.len != len)
		r->short_read = true;
	return text;
}

static struct bytes as_utf8(struct bytes text, bool unicode, struct arena *arena)
{
	return unicode ? utf16_to_utf8(text, TEXT_UTF16LE, arena) : text;
}

static struct ntlm read_authenticate(struct reader *r, struct bytes message, struct arena *arena)
{
	struct ntlm n = {.type = NTLM_AUTHENTICATE};

	reader_skip(r, 16); /* LM and NT responses */

	struct bytes domain = field_text(r, message);
	struct bytes user = field_text(r, message);
	struct bytes workstation = field_text(r, message);

	reader_skip(r, 8); /* session key */

	bool unicode = reader_u32le(r) & NTLMSSP_NEGOTIATE_UNICODE;

	if (!reader_ok(r))
		return (struct ntlm){0};
	n.domain = as_utf8(domain, unicode, arena);
	n.user = as_utf8(user, unicode, arena);
	n.workstation = as_utf8(workstation, unicode, arena);
	return n;
}

struct ntlm ntlm_read(struct bytes token, struct arena *arena)
{
	ptrdiff_t at = bytes_find(token, BYTES("NTLMSSP\0"));
	struct bytes message = bytes_slice(token, at < 0 ? token.len : (size_t)at, token.len);
	struct reader r = reader_over(message);

	reader_skip(&r, 8);

	uint32_t type = reader_u32le(&r);

	if (!reader_ok(&r) || type < NTLM_NEGOTIATE || type > NTLM_AUTHENTICATE)
		return (struct ntlm){0};
	if (type == NTLM_AUTHENTICATE)
		return read_authenticate(&r, message, arena);
	return (struct ntlm){.type = (enum ntlm_type)type};
}
