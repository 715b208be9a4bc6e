/* NTLMSSP messages (MS-NLMP section 2.2.1) and NTLMv2 responses (2.2.2.7).
 *
 *     0        8       12
 *    +--------+-------+------------------------------------------------------------------------+
 *    |NTLMSSP0| 1     | flags(4) domain(8) workstation(8) version(8)                  NEGOTIATE|
 *    |        | 2     | target(8) flags(4) challenge(8) reserved(8) info(8) version(8) CHALLENGE|
 *    |        | 3     | lm(8) nt(8) domain(8) user(8) workstation(8) key(8)        AUTHENTICATE|
 *    |        |       | flags(4) version(8) mic(16); old senders end before key or flags       |
 *    +--------+-------+------------------------------------------------------------------------+
 *    field(8) = length(2) capacity(2) offset(4); offsets count from the start of the message
 *
 *    response of version 2: proof(16) 01 01 zero(6) time(8) client challenge(8) zero(4) AV pairs
 *    AV pair: id(2) length(2) value; id 0 ends the list
 *
 * All is little endian. Fields may lie anywhere, also over one another. */
#include "dissectors/auth/ntlmssp.h"

#include "core/reader.h"

#define MSV_AV_EOL               0
#define MSV_AV_NB_COMPUTER_NAME  1
#define MSV_AV_NB_DOMAIN_NAME    2
#define MSV_AV_DNS_COMPUTER_NAME 3
#define MSV_AV_DNS_DOMAIN_NAME   4
#define MSV_AV_FLAGS             6
#define MSV_AV_TARGET_NAME       9
#define MSV_AV_CHANNEL_BINDINGS  10

#define RESPONSE_1   24 /* bytes of an NT response of version 1 */
#define RESPONSE_2   44 /* where its AV pairs begin in one of version 2 */
#define PAYLOAD_NONE UINT32_MAX

/* One message being read: where its payload begins tells which fields its head has. */
struct message {
	struct reader head;
	struct bytes whole;
	uint32_t payload;
};

static struct bytes field(struct message *m)
{
	uint16_t len = reader_u16le(&m->head);

	reader_skip(&m->head, 2);

	uint32_t offset = reader_u32le(&m->head);
	struct bytes value = bytes_slice(m->whole, offset, len);

	if (value.len != len)
		m->head.short_read = true;
	if (len && offset < m->payload)
		m->payload = offset;
	return value;
}

/* Whether the head goes on for `n` bytes before the payload, or the message's end. */
static bool head_has(const struct message *m, size_t n)
{
	size_t at = m->whole.len - reader_left(&m->head);

	return reader_left(&m->head) >= n && (m->payload == PAYLOAD_NONE || at + n <= m->payload);
}

static bool read_pairs(struct bytes list, struct ntlmssp_pairs *pairs)
{
	struct reader r = reader_over(list);

	while (reader_left(&r)) {
		uint16_t id = reader_u16le(&r), len = reader_u16le(&r);
		struct reader value = reader_inside(&r, len);
		struct bytes text = reader_rest(&value);

		if (!reader_ok(&r) || id == MSV_AV_EOL)
			break;
		switch (id) {
		case MSV_AV_NB_COMPUTER_NAME:
			pairs->computer = text;
			break;
		case MSV_AV_NB_DOMAIN_NAME:
			pairs->domain = text;
			break;
		case MSV_AV_DNS_COMPUTER_NAME:
			pairs->dns_computer = text;
			break;
		case MSV_AV_DNS_DOMAIN_NAME:
			pairs->dns_domain = text;
			break;
		case MSV_AV_TARGET_NAME:
			pairs->target = text;
			break;
		case MSV_AV_FLAGS:
			pairs->flags = reader_u32le(&value);
			break;
		case MSV_AV_CHANNEL_BINDINGS:
			for (size_t i = 0; i < text.len; i++)
				pairs->bound |= text.at[i] != 0;
			break;
		default:
			break;
		}
	}
	return reader_ok(&r);
}

bool ntlmssp_response(struct bytes nt, struct ntlmssp *n)
{
	struct reader r = reader_over(nt);

	n->nt = n->proof = nt;
	n->version_2 = nt.len > RESPONSE_1;
	if (!n->version_2)
		return true;
	n->proof = reader_take(&r, 16);
	reader_skip(&r, RESPONSE_2 - 16);
	return reader_ok(&r) && read_pairs(reader_rest(&r), &n->pairs);
}

static bool read_negotiate(struct message *m, struct ntlmssp *n)
{
	n->has_flags = reader_left(&m->head) >= 4;
	n->flags = n->has_flags ? reader_u32le(&m->head) : 0;
	return true;
}

static bool read_challenge(struct message *m, struct ntlmssp *n)
{
	struct bytes target = field(m);

	n->has_flags = true;
	n->flags = reader_u32le(&m->head);
	n->challenge = reader_take(&m->head, 8);
	n->unicode = n->flags & NTLMSSP_NEGOTIATE_UNICODE;
	n->domain = target;
	if (!head_has(m, 16))
		return reader_ok(&m->head);
	reader_skip(&m->head, 8);

	struct bytes info = field(m);

	return reader_ok(&m->head) && read_pairs(info, &n->pairs);
}

static bool read_authenticate(struct message *m, struct ntlmssp *n)
{
	struct bytes nt;

	n->lm = field(m);
	nt = field(m);
	n->domain = field(m);
	n->user = field(m);
	n->workstation = field(m);
	if (head_has(m, 8))
		field(m); /* the session key, encrypted */
	n->has_flags = head_has(m, 4);
	n->flags = n->has_flags ? reader_u32le(&m->head) : 0;
	n->unicode = n->flags & NTLMSSP_NEGOTIATE_UNICODE;
	return reader_ok(&m->head) && ntlmssp_response(nt, n);
}

struct ntlmssp ntlmssp_read(struct bytes message)
{
	struct message m = {reader_over(message), message, PAYLOAD_NONE};
	struct ntlmssp n = {0};
	bool ok = bytes_equal(reader_take(&m.head, 8), BYTES("NTLMSSP\0"));
	uint32_t type = reader_u32le(&m.head);

	if (!ok || !reader_ok(&m.head))
		return n;
	if (type == NTLMSSP_NEGOTIATE)
		ok = read_negotiate(&m, &n);
	else if (type == NTLMSSP_CHALLENGE)
		ok = read_challenge(&m, &n);
	else if (type == NTLMSSP_AUTHENTICATE)
		ok = read_authenticate(&m, &n);
	else
		return n;
	if (!ok)
		return (struct ntlmssp){0};
	n.type = (enum ntlmssp_type)type;
	return n;
}
