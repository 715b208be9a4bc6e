/* Security association payloads: what one side offers, or what the other has chosen of it.
 *
 *    version 1    DOI 32 | situation 32 | proposals                 RFC 2408, 3.4 to 3.6, bits
 *    proposal     next 8 | 0 8 | length 16 | number 8 | protocol 8 | SPI size 8 | transforms 8
 *                 | SPI | transforms
 *    transform    next 8 | 0 8 | length 16 | number 8 | id 8 | 0 16 | attributes     version 1
 *                 next 8 | 0 8 | length 16 | type 8 | 0 8 | id 16 | attributes       version 2
 *    attribute    1 1 | type 15 | value 16, or 0 1 | type 15 | length 16 | value
 *
 * In version 1 each transform is a whole suite; in version 2 (RFC 7296 section 3.3) a proposal is
 * one, and its transforms are the choices of each type. Stateless. */
#include "core/reader.h"
#include "dissectors/ipsec/ike_message.h"

#define PROPOSALS_MAX  32
#define TRANSFORMS_MAX 255
#define ATTRIBUTES_MAX 32

#define DOI_IPSEC 1

/* Attributes of version 1 (RFC 2409, appendix A), and the only one of version 2. */
#define ATTRIBUTE_ENCRYPTION     1
#define ATTRIBUTE_HASH           2
#define ATTRIBUTE_AUTHENTICATION 3
#define ATTRIBUTE_GROUP          4
#define ATTRIBUTE_LIFE_TYPE      11
#define ATTRIBUTE_LIFE_DURATION  12
#define ATTRIBUTE_KEY_LENGTH     14
#define LIFE_SECONDS             1

/* Transform types of version 2 (RFC 7296 section 3.3.2). */
#define TRANSFORM_ENCRYPTION 1
#define TRANSFORM_PRF        2
#define TRANSFORM_INTEGRITY  3
#define TRANSFORM_GROUP      4

void ike_list_add(struct ike_list *list, struct bytes text)
{
	for (size_t i = 0; i < list->count; i++)
		if (bytes_equal(list->at[i], text))
			return;
	if (!text.len)
		return;
	if (list->count == IKE_LIST)
		list->cut = true;
	else
		list->at[list->count++] = text;
}

void ike_list_add_number(struct ike_list *list, enum ike_numbers kind, uint16_t number,
                         struct arena *scratch)
{
	const char *name = ike_name(kind, number);

	ike_list_add(list, name ? bytes_of(name) : arena_print(scratch, "%u", number));
}

static void add_encryption(struct ike_offer *offer, enum ike_numbers kind, uint16_t number,
                           uint32_t key_length, struct arena *scratch)
{
	const char *name = ike_name(kind, number);

	if (name && key_length)
		ike_list_add(&offer->encryption,
		             arena_print(scratch, "%s-%u", name, (unsigned)key_length));
	else
		ike_list_add_number(&offer->encryption, kind, number, scratch);
}

/* One attribute; values longer than 32 bits give their last 32, which no known one has. */
static uint16_t read_attribute(struct reader *r, uint32_t *value)
{
	uint16_t type = reader_u16be(r), second = reader_u16be(r);

	*value = second;
	if (!(type & 0x8000)) {
		struct reader v = reader_inside(r, second);

		for (*value = 0; reader_left(&v);)
			*value = *value << 8 | reader_u8(&v);
	}
	return type & 0x7fff;
}

/* What the attributes of a transform of version 1 say. */
static bool read_suite(struct reader r, bool authip, struct arena *scratch, struct ike_offer *offer)
{
	uint32_t value, encryption = 0, key_length = 0, life_type = 0;

	for (int n = 0; reader_left(&r) && n < ATTRIBUTES_MAX; n++) {
		uint16_t type = read_attribute(&r, &value);

		if (!reader_ok(&r))
			return false;
		switch (type) {
		case ATTRIBUTE_ENCRYPTION:
			encryption = value;
			break;
		case ATTRIBUTE_KEY_LENGTH:
			key_length = value;
			break;
		case ATTRIBUTE_HASH:
			ike_list_add_number(&offer->integrity, IKE1_HASH, (uint16_t)value, scratch);
			break;
		case ATTRIBUTE_GROUP:
			ike_list_add_number(&offer->group, IKE_GROUP, (uint16_t)value, scratch);
			break;
		case ATTRIBUTE_AUTHENTICATION:
			/* AuthIP has a payload of its own for that. */
			if (!authip)
				ike_list_add_number(&offer->authentication, IKE1_AUTHENTICATION,
				                    (uint16_t)value, scratch);
			break;
		case ATTRIBUTE_LIFE_TYPE:
			life_type = value;
			break;
		case ATTRIBUTE_LIFE_DURATION:
			if (life_type == LIFE_SECONDS && !offer->lifetime)
				offer->lifetime = value;
			break;
		default:
			break;
		}
	}
	if (encryption)
		add_encryption(offer, IKE1_ENCRYPTION, (uint16_t)encryption, key_length, scratch);
	return true;
}

/* What one transform of version 2 says. */
static bool read_choice(uint8_t type, uint16_t id, struct reader r, struct arena *scratch,
                        struct ike_offer *offer)
{
	uint32_t value, key_length = 0;

	for (int n = 0; reader_left(&r) && n < ATTRIBUTES_MAX; n++)
		if (read_attribute(&r, &value) == ATTRIBUTE_KEY_LENGTH)
			key_length = value;
	if (!reader_ok(&r))
		return false;
	if (type == TRANSFORM_ENCRYPTION)
		add_encryption(offer, IKE2_ENCRYPTION, id, key_length, scratch);
	else if (type == TRANSFORM_PRF)
		ike_list_add_number(&offer->prf, IKE2_PRF, id, scratch);
	else if (type == TRANSFORM_INTEGRITY)
		ike_list_add_number(&offer->integrity, IKE2_INTEGRITY, id, scratch);
	else if (type == TRANSFORM_GROUP)
		ike_list_add_number(&offer->group, IKE_GROUP, id, scratch);
	return true;
}

static bool read_transforms(const struct ike_header *h, struct reader r, uint8_t count,
                            struct arena *scratch, struct ike_offer *offer)
{
	for (unsigned n = 0; n < count && reader_left(&r); n++) {
		struct reader t;
		size_t length;
		uint8_t type;
		uint16_t id;

		reader_skip(&r, 2);
		length = reader_u16be(&r);
		if (length < 8)
			return false;
		t = reader_inside(&r, length - 4);
		type = reader_u8(&t);
		reader_skip(&t, 1);
		id = reader_u16be(&t);
		if (!reader_ok(&t) ||
		    !(ike_is_version_2(h) ? read_choice(type, id, t, scratch, offer)
		                          : read_suite(t, ike_is_authip(h), scratch, offer)))
			return false;
	}
	return true;
}

const char *ike_offer_read(const struct ike_header *h, struct bytes body, struct arena *scratch,
                           struct ike_offer *offer)
{
	struct reader r = reader_over(body);

	if (!ike_is_version_2(h)) {
		/* Other domains of interpretation have transforms of their own. */
		if (reader_u32be(&r) != DOI_IPSEC)
			return reader_ok(&r) ? NULL : "security association without a domain";
		reader_skip(&r, 4);
	}
	for (; reader_left(&r) && offer->proposals < PROPOSALS_MAX; offer->proposals++) {
		struct reader p;
		size_t length, spi;
		uint8_t transforms;

		reader_skip(&r, 2);
		length = reader_u16be(&r);
		if (length < 8)
			return "proposal shorter than its header";
		p = reader_inside(&r, length - 4);
		reader_skip(&p, 2);
		spi = reader_u8(&p);
		transforms = reader_u8(&p);
		reader_skip(&p, spi);
		if (!reader_ok(&p))
			return "proposal longer than its payload";
		if (!read_transforms(h, p, transforms, scratch, offer))
			return "transform that does not fit its proposal";
	}
	return reader_ok(&r) ? NULL : "proposal cut short";
}
