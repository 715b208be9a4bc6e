/* ISAKMP messages: the header and the chain of payloads behind it.
 *
 *    initiator SPI 64 | responder SPI 64 | next payload 8 | version 8 | exchange type 8 | flags 8
 *    | message id 32 | length 32 | payloads                           RFC 2408, 3.1; RFC 7296, 3.1
 *    payload: next payload 8 | critical 1, zero 7 | length 16 | body
 *
 * AuthIP [MS-AIPS] has the header of version 1 and exchange types from 243 on; its first payload
 * is Crypto, which where nothing is encrypted yet is followed by the others in clear. Stateless. */
#include "dissectors/ipsec/ike_message.h"

#include "core/reader.h"

#define PAYLOADS_MAX 64

#define VERSION_1 0x10
#define VERSION_2 0x20

#define FLAG_1_ENCRYPTED 0x01
#define FLAG_2_RESPONSE  0x20

enum payload {
	PAYLOAD_1_SA = 1,
	PAYLOAD_1_ID = 5,
	PAYLOAD_1_NOTIFY = 11,
	PAYLOAD_1_VENDOR = 13,
	PAYLOAD_2_SA = 33,
	PAYLOAD_2_NOTIFY = 41,
	PAYLOAD_2_VENDOR = 43,
	PAYLOAD_2_ENCRYPTED = 46,
	PAYLOAD_2_ENCRYPTED_FRAGMENT = 53,
	PAYLOAD_1_FRAGMENT = 132,
};

/* Notifications below this are errors. */
#define NOTIFY_STATUS_1 8192
#define NOTIFY_STATUS_2 16384
#define NOTIFY_COOKIE   16390

#define ID_IPV4_ADDR 1
#define ID_FQDN      2
#define ID_USER_FQDN 3
#define ID_IPV6_ADDR 5

bool ike_header_read(struct bytes in, struct ike_header *h)
{
	struct reader r = reader_over(in);

	h->initiator = reader_take(&r, 8);
	h->responder = reader_take(&r, 8);
	h->next = reader_u8(&r);
	h->version = reader_u8(&r);
	h->exchange = reader_u8(&r);
	h->flags = reader_u8(&r);
	h->message_id = reader_u32be(&r);
	h->length = reader_u32be(&r);
	return reader_ok(&r);
}

bool ike_is_version_2(const struct ike_header *h)
{
	return (h->version & 0xf0) == VERSION_2;
}

bool ike_is_authip(const struct ike_header *h)
{
	return !ike_is_version_2(h) && h->exchange >= AUTHIP_MAIN_MODE;
}

bool ike_is_first(const struct ike_header *h)
{
	static const uint8_t zero[8];

	return !memcmp(h->responder.at, zero, sizeof(zero));
}

bool ike_is_reply(const struct ike_header *h)
{
	if (ike_is_version_2(h))
		return h->flags & FLAG_2_RESPONSE;
	return !ike_is_first(h) && h->next == PAYLOAD_1_SA && !(h->flags & FLAG_1_ENCRYPTED) &&
	       (h->exchange == IKE_MAIN_MODE || h->exchange == IKE_AGGRESSIVE_MODE);
}

static void read_vendor(struct ike_message *m, struct bytes id, struct arena *scratch)
{
	const char *name = ike_vendor(id);
	struct reader r = reader_over(id);
	uint8_t text[33];
	size_t n = 0;

	if (name) {
		ike_list_add(&m->vendors, bytes_of(name));
		return;
	}
	while (reader_left(&r) && n < 32) {
		uint8_t byte = reader_u8(&r);

		text[n++] = (uint8_t) "0123456789abcdef"[byte >> 4];
		text[n++] = (uint8_t) "0123456789abcdef"[byte & 15];
	}
	ike_list_add(&m->vendors, arena_copy(scratch, (struct bytes){text, n}));
}

static bool read_notify(struct ike_message *m, struct bytes body, struct arena *scratch)
{
	struct reader r = reader_over(body);
	bool second = ike_is_version_2(&m->header);
	uint16_t type;

	reader_skip(&r, second ? 2 : 6); /* domain, protocol, size of the SPI */
	type = reader_u16be(&r);
	if (!reader_ok(&r))
		return false;
	ike_list_add_number(&m->notify, second ? IKE2_NOTIFY : IKE1_NOTIFY, type, scratch);
	if (type < (second ? NOTIFY_STATUS_2 : NOTIFY_STATUS_1) && !m->error)
		m->error = type;
	m->cookie |= second && type == NOTIFY_COOKIE;
	return true;
}

/* Names and addresses; what else an identity may be is not text. */
static void read_identity(struct ike_message *m, struct bytes body, struct arena *scratch)
{
	struct reader r = reader_over(body);
	uint8_t type = reader_u8(&r);
	char text[ADDRESS_TEXT_MAX];
	struct bytes value;

	reader_skip(&r, 3);
	value = reader_rest(&r);
	if (type == ID_FQDN || type == ID_USER_FQDN)
		m->identity = value;
	else if ((type == ID_IPV4_ADDR && value.len == 4) ||
	         (type == ID_IPV6_ADDR && value.len == 16))
		m->identity =
		        arena_copy(scratch, bytes_of(address_print(address_from(value), text)));
}

static const char *read_payload(struct ike_message *m, uint8_t type, struct bytes body,
                                struct arena *scratch)
{
	bool second = ike_is_version_2(&m->header);

	if (type == (second ? PAYLOAD_2_SA : PAYLOAD_1_SA)) {
		m->has_offer = true;
		return ike_offer_read(&m->header, body, scratch, &m->offer);
	}
	if (type == (second ? PAYLOAD_2_VENDOR : PAYLOAD_1_VENDOR))
		read_vendor(m, body, scratch);
	else if (type == (second ? PAYLOAD_2_NOTIFY : PAYLOAD_1_NOTIFY))
		return read_notify(m, body, scratch) ? NULL : "notification without a type";
	else if (!second && type == PAYLOAD_1_ID)
		read_identity(m, body, scratch);
	return NULL;
}

static bool is_opaque(const struct ike_header *h, uint8_t type)
{
	return ike_is_version_2(h)
	               ? type == PAYLOAD_2_ENCRYPTED || type == PAYLOAD_2_ENCRYPTED_FRAGMENT
	               : type == PAYLOAD_1_FRAGMENT;
}

const char *ike_message_read(struct bytes in, uint32_t missing, struct arena *scratch,
                             struct ike_message *m)
{
	struct reader r;
	uint8_t type;

	*m = (struct ike_message){0};
	if (!ike_header_read(in, &m->header))
		return "shorter than its header";
	if (!ike_is_version_2(&m->header) && (m->header.version & 0xf0) != VERSION_1)
		return "version that is neither 1 nor 2";
	if (m->header.length < IKE_HEADER || m->header.length > in.len + (uint64_t)missing)
		return "length that does not fit the datagram";
	m->encrypted = !ike_is_version_2(&m->header) && m->header.flags & FLAG_1_ENCRYPTED;
	r = reader_over(bytes_slice(in, IKE_HEADER, m->header.length - IKE_HEADER));
	type = m->header.next;
	for (int n = 0; type && !m->encrypted; n++) {
		uint8_t next = reader_u8(&r);
		size_t length;
		struct bytes body;
		const char *wrong;

		reader_skip(&r, 1);
		length = reader_u16be(&r);
		m->encrypted = is_opaque(&m->header, type);
		m->cut |= n == PAYLOADS_MAX;
		if (m->encrypted || m->cut)
			break;
		body = reader_take(&r, length < 4 ? 0 : length - 4);
		if (!reader_ok(&r) && missing) {
			m->cut = true;
			break;
		}
		if (!reader_ok(&r) || length < 4)
			return "payload that does not fit the message";
		wrong = read_payload(m, type, body, scratch);
		if (wrong)
			return wrong;
		type = next;
	}
	return NULL;
}
