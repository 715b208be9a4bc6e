/* DNS messages.
 *
 *    message  = header *question *record        of answers, authorities, additional
 *    header   = id 16, flags 16, four counts 16            RFC 1035, 4.1.1
 *    question = name, type 16, class 16                    4.1.2
 *    record   = name, type 16, class 16, ttl 32, length 16, data   4.1.3
 *
 * Names in data are compressed only where RFC 1035 defines the type; they are read all the same
 * where others did it. */
#include "dissectors/dns/message.h"

#include "core/event.h"

#define TEXT_MOST    2048 /* bytes of the text of one record */
#define HEX_MOST     64   /* bytes of data of a type without a form of its own */
#define RECORD_LEAST 11

#define OVER_THE_END "record that runs over the end of its message"

struct record {
	uint16_t type, class, length;
	uint32_t ttl;
};

bool dns_header_read(struct reader *r, struct dns_header *h)
{
	h->id = reader_u16be(r);
	h->flags = reader_u16be(r);
	h->questions = reader_u16be(r);
	h->answers = reader_u16be(r);
	h->authorities = reader_u16be(r);
	h->additionals = reader_u16be(r);
	return reader_ok(r);
}

const char *dns_question_read(struct bytes message, const struct dns_header *h, struct reader *r,
                              struct dns_question *q)
{
	const char *wrong = NULL;

	q->name.len = 0;
	if (dns_opcode(h) == DNS_OPCODE_DSO || !h->questions)
		return NULL;
	wrong = dns_name_read(message, r, &q->name);
	q->type = reader_u16be(r);
	q->class = reader_u16be(r);
	for (unsigned i = 1; i < h->questions && !wrong && reader_ok(r); i++) {
		wrong = dns_name_skip(r);
		reader_skip(r, 4);
	}
	return wrong          ? wrong
	       : reader_ok(r) ? NULL
	                      : "question that runs over the end of its message";
}

/* What is between a record's name and its data. */
static const char *record_read(struct reader *r, struct record *record)
{
	record->type = reader_u16be(r);
	record->class = reader_u16be(r);
	record->ttl = reader_u32be(r);
	record->length = reader_u16be(r);
	if (reader_left(r) < record->length)
		r->short_read = true;
	return reader_ok(r) ? NULL : OVER_THE_END;
}

/* A name in data, as text. */
static const char *name_text(struct bytes message, struct reader *r, struct arena *arena,
                             struct bytes *text)
{
	struct dns_name name;
	const char *wrong = dns_name_read(message, r, &name);

	if (!wrong)
		*text = dns_name_print(&name, arena);
	return wrong;
}

#define PRINTED(b) (int)(b).len, (const char *)(b).at

/* preference or priority, then a name: MX; SVCB and HTTPS, whose parameters are left out */
static const char *numbered_text(struct bytes message, struct reader *r, struct arena *arena,
                                 struct bytes *text)
{
	unsigned number = reader_u16be(r);
	struct bytes name = {0};
	const char *wrong = name_text(message, r, arena, &name);

	*text = arena_print(arena, "%u %.*s", number, PRINTED(name));
	return wrong;
}

static const char *srv_text(struct bytes message, struct reader *r, struct arena *arena,
                            struct bytes *text)
{
	unsigned priority = reader_u16be(r), weight = reader_u16be(r), port = reader_u16be(r);
	struct bytes name = {0};
	const char *wrong = name_text(message, r, arena, &name);

	*text = arena_print(arena, "%u %u %u %.*s", priority, weight, port, PRINTED(name));
	return wrong;
}

static const char *soa_text(struct bytes message, struct reader *r, struct arena *arena,
                            struct bytes *text)
{
	struct bytes primary = {0}, mailbox = {0};
	const char *wrong = name_text(message, r, arena, &primary);
	uint32_t number[5];

	if (!wrong)
		wrong = name_text(message, r, arena, &mailbox);
	for (size_t i = 0; i < 5; i++)
		number[i] = reader_u32be(r);
	*text = arena_print(arena, "%.*s %.*s %u %u %u %u %u", PRINTED(primary), PRINTED(mailbox),
	                    number[0], number[1], number[2], number[3], number[4]);
	return wrong;
}

/* Character strings, one behind the other: what was divided only because a string holds 255 bytes
 * is whole again. */
static const char *strings_text(struct bytes data, struct arena *arena, struct dns_answer *a,
                                struct bytes *text)
{
	struct reader r = reader_over(data);
	size_t room = data.len * 4 < TEXT_MOST ? data.len * 4 : TEXT_MOST, len = 0;
	uint8_t *to = arena_alloc(arena, room + 4);

	while (reader_left(&r)) {
		struct bytes string = reader_take(&r, reader_u8(&r));

		for (size_t i = 0; to && i < string.len && len < room; i++)
			len += dns_escape(string.at[i], ' ', string.at[i] == '\\', to + len);
		a->over_cap = a->over_cap || len >= TEXT_MOST;
	}
	*text = !to ? (struct bytes){0} : len ? (struct bytes){to, len} : BYTES("\"\"");
	return reader_ok(&r) ? NULL : "character string that runs over the end of its record";
}

/* \# length hexadecimal: RFC 3597, 5 */
static struct bytes unknown_text(struct bytes data, struct arena *arena, struct dns_answer *a)
{
	static const char digit[] = "0123456789abcdef";
	size_t most = data.len < HEX_MOST ? data.len : HEX_MOST, len = 0;
	char hex[2 * HEX_MOST];

	for (size_t i = 0; i < most; i++) {
		hex[len++] = digit[data.at[i] >> 4];
		hex[len++] = digit[data.at[i] & 15];
	}
	a->over_cap = a->over_cap || data.len > HEX_MOST;
	return arena_print(arena, "\\# %zu%s%.*s", data.len, len ? " " : "", (int)len, hex);
}

static const char *address_text(struct bytes data, size_t size, struct arena *arena,
                                struct dns_answer *a, struct bytes *text)
{
	char printed[ADDRESS_TEXT_MAX];
	struct address address = address_from(data);

	if (data.len != size)
		return "address of a wrong size";
	*text = arena_copy(arena, bytes_of(address_print(address, printed)));
	/* ECS wants each once. */
	for (size_t i = 0; i < a->addresses; i++)
		if (address_equal(a->address[i], address))
			return NULL;
	a->address[a->addresses++] = address;
	return NULL;
}

/* The data of a record as text. `r` stands before it. */
static const char *data_text(struct bytes message, struct reader r, const struct record *record,
                             struct arena *arena, struct dns_answer *a, struct bytes *text)
{
	struct bytes data = reader_peek(&r, record->length);
	size_t before = reader_left(&r);
	const char *wrong = NULL;

	/* What an update asks for may have none. */
	switch (record->length ? record->type : 0) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
		wrong = name_text(message, &r, arena, text);
		break;
	case DNS_MX:
	case DNS_SVCB:
	case DNS_HTTPS:
		wrong = numbered_text(message, &r, arena, text);
		break;
	case DNS_SRV:
		wrong = srv_text(message, &r, arena, text);
		break;
	case DNS_SOA:
		wrong = soa_text(message, &r, arena, text);
		break;
	case DNS_TXT:
	case DNS_SPF:
		return strings_text(data, arena, a, text);
	case DNS_A:
	case DNS_AAAA:
		if (record->class == DNS_CLASS_IN)
			return address_text(data, record->type == DNS_A ? 4 : 16, arena, a, text);
		/* fall through */
	default:
		*text = unknown_text(data, arena, a);
		return NULL;
	}
	if (!wrong && (!reader_ok(&r) || before - reader_left(&r) > data.len))
		return "data that runs over the end of its record";
	return wrong;
}

/* One record of the answer. */
static const char *take_record(struct bytes message, struct reader *r, struct arena *arena,
                               struct dns_answer *a)
{
	struct dns_name name;
	struct record record;
	struct bytes data = {0};
	const char *wrong = dns_name_read(message, r, &name);

	if (!wrong)
		wrong = record_read(r, &record);
	if (!wrong)
		wrong = data_text(message, *r, &record, arena, a, &data);
	if (wrong)
		return wrong;
	reader_skip(r, record.length);
	a->name[a->count] = dns_name_print(&name, arena);
	a->type[a->count] = dns_number(DNS_TYPE, record.type, arena);
	a->data[a->count] = data;
	a->count++;
	return NULL;
}

/* A record of which only what EDNS says matters. */
static const char *pass_record(struct reader *r, struct dns_answer *a)
{
	struct record record;
	const char *wrong = dns_name_skip(r);

	if (!wrong)
		wrong = record_read(r, &record);
	if (wrong)
		return wrong;
	reader_skip(r, record.length);
	if (record.type == DNS_OPT) {
		a->code |= (uint16_t)(record.ttl >> 24 << 4);
		a->dnssec_ok = record.ttl & 0x8000;
	}
	return NULL;
}

static bool make_room(struct dns_answer *a, size_t records, struct arena *arena)
{
	if (!records)
		return true;
	a->name = arena_alloc(arena, records * sizeof(*a->name));
	a->type = arena_alloc(arena, records * sizeof(*a->type));
	a->data = arena_alloc(arena, records * sizeof(*a->data));
	a->address = arena_alloc(arena, records * sizeof(*a->address));
	return a->name && a->type && a->data && a->address;
}

const char *dns_answer_read(struct bytes message, const struct dns_header *h, struct reader *r,
                            size_t most, bool cut, struct arena *arena, struct dns_answer *a)
{
	size_t records = (size_t)h->answers + h->authorities + h->additionals;
	size_t taken = h->answers < most ? h->answers : most;
	const char *wrong = NULL;

	*a = (struct dns_answer){.code = h->flags & 15};
	if (dns_opcode(h) == DNS_OPCODE_DSO)
		return NULL;
	if (taken > reader_left(r) / RECORD_LEAST)
		taken = reader_left(r) / RECORD_LEAST + 1;
	if (!make_room(a, taken, arena))
		taken = 0;
	a->over_cap = h->answers > most || (h->answers && !taken);
	for (size_t i = 0; i < records && !wrong; i++)
		wrong = i < taken ? take_record(message, r, arena, a) : pass_record(r, a);
	a->cut = wrong && !reader_ok(r) && (cut || h->flags & DNS_FLAG_TRUNCATED);
	return a->cut ? NULL : wrong;
}
