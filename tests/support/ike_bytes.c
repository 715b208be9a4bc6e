/* The making of IKE messages, in memory that is never given back. */
#include "tests/support/ike_bytes.h"

#include "tests/support/message.h"

static struct bytes number(uint64_t value, size_t bytes)
{
	struct bytes b = repeated(0, bytes);

	for (size_t i = 0; i < bytes; i++)
		((uint8_t *)(uintptr_t)b.at)[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return b;
}

struct bytes ike_message_of(struct ike m)
{
	struct bytes b = joined(number(m.initiator, 8), number(m.responder, 8));

	b = joined(b, number(m.payloads.len ? m.first : 0, 1));
	b = joined(b, number(m.version == 2 ? 0x20 : 0x10, 1));
	b = joined(b, number(m.exchange, 1));
	b = joined(b, number(m.flags, 1));
	b = joined(b, number(m.message_id, 4));
	b = joined(b, number(m.length ? m.length : 28 + m.payloads.len, 4));
	return joined(b, m.payloads);
}

struct bytes ike_payload(uint8_t next, struct bytes body)
{
	return joined(joined(number(next, 1), number(0, 1)), joined(number(body.len + 4, 2), body));
}

static struct bytes transform_1(const uint16_t *attributes, size_t number_of, bool last)
{
	struct bytes body = joined(number(number_of, 1), joined(number(1, 1), number(0, 2)));

	for (; *attributes; attributes += 2)
		body = joined(body,
		              joined(number(0x8000u | attributes[0], 2), number(attributes[1], 2)));
	return ike_payload(last ? 0 : 3, body);
}

struct bytes ike1_offer(const uint16_t *const *transforms, size_t count)
{
	struct bytes all = {0}, proposal;

	for (size_t i = 0; i < count; i++)
		all = joined(all, transform_1(transforms[i], i + 1, i + 1 == count));
	proposal =
	        joined(number(1, 1), joined(number(1, 1), joined(number(0, 1), number(count, 1))));
	return joined(joined(number(1, 4), number(1, 4)), ike_payload(0, joined(proposal, all)));
}

struct bytes ike2_offer(const uint16_t (*transforms)[3], size_t count)
{
	struct bytes all = {0}, proposal;

	for (size_t i = 0; i < count; i++) {
		struct bytes body = joined(number(transforms[i][0], 1), number(0, 1));

		body = joined(body, number(transforms[i][1], 2));
		if (transforms[i][2])
			body = joined(body, joined(number(0x800e, 2), number(transforms[i][2], 2)));
		all = joined(all, ike_payload(i + 1 == count ? 0 : 3, body));
	}
	proposal =
	        joined(number(1, 1), joined(number(1, 1), joined(number(0, 1), number(count, 1))));
	return ike_payload(0, joined(proposal, all));
}

struct bytes ike_marked(struct bytes message)
{
	return joined(number(0, 4), message);
}
