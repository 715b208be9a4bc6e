/* Setting facts, and packing them into one piece.
 *
 * A packed event:
 *
 *    +--------+---------+-----------+----------------------------+------------------------------+
 *    | header | present | truncated | a value per present field, | items of lists, then texts   |
 *    |        | bitset  | bitset    | in field order             | and attachments, unaligned   |
 *    +--------+---------+-----------+----------------------------+------------------------------+
 *
 * Inside the record a view holds the offset of its bytes in place of their address. The record
 * never leaves the process, so the layout is the compiler's. */
#include "core/event.h"

struct packed {
	int64_t time;
	uint32_t kind, size;
	struct field_set present, truncated;
	struct bytes attached[ATTACHMENTS];
	union value value[];
};

static void mark(struct event *ev, enum field f, bool cut)
{
	field_set_add(&ev->present, f);
	if (cut)
		field_set_add(&ev->truncated, f);
	else
		field_set_remove(&ev->truncated, f);
}

static struct bytes cut_text(struct bytes text)
{
	return bytes_slice(text, 0, EVENT_TEXT_MAX);
}

void event_set_text(struct event *ev, enum field f, struct bytes text)
{
	ev->value[f].text = cut_text(text);
	mark(ev, f, text.len > EVENT_TEXT_MAX);
}

static size_t list_length(size_t count)
{
	return count < EVENT_LIST_MAX ? count : EVENT_LIST_MAX;
}

/* The items are the caller's: those that are too long are cut when they are packed. */
void event_set_texts(struct event *ev, enum field f, const struct bytes *at, size_t count)
{
	bool cut = count > EVENT_LIST_MAX;

	if (!count)
		return;
	count = list_length(count);
	for (size_t i = 0; i < count; i++)
		cut |= at[i].len > EVENT_TEXT_MAX;
	ev->value[f].texts = (struct texts){at, count};
	mark(ev, f, cut);
}

void event_set_integers(struct event *ev, enum field f, const int64_t *at, size_t count)
{
	if (!count)
		return;
	ev->value[f].integers = (struct integers){at, list_length(count)};
	mark(ev, f, count > EVENT_LIST_MAX);
}

void event_set_integer(struct event *ev, enum field f, int64_t value)
{
	ev->value[f].integer = value;
	field_set_add(&ev->present, f);
}

void event_set_addresses(struct event *ev, enum field f, const struct address *at, size_t count)
{
	if (!count)
		return;
	ev->value[f].addresses = (struct addresses){at, list_length(count)};
	mark(ev, f, count > EVENT_LIST_MAX);
}

void event_set_boolean(struct event *ev, enum field f, bool value)
{
	event_set_integer(ev, f, value);
}

void event_set_time(struct event *ev, enum field f, int64_t value)
{
	event_set_integer(ev, f, value);
}

void event_set_address(struct event *ev, enum field f, struct address value)
{
	ev->value[f].address = value;
	field_set_add(&ev->present, f);
}

void event_set_name(struct event *ev, enum field f, const char *name)
{
	if (name)
		event_set_text(ev, f, bytes_of(name));
}

struct bytes event_text(const struct event *ev, enum field f)
{
	return event_has(ev, f) ? ev->value[f].text : (struct bytes){0};
}

int64_t event_integer(const struct event *ev, enum field f, int64_t otherwise)
{
	return event_has(ev, f) ? ev->value[f].integer : otherwise;
}

bool event_text_is(const struct event *ev, enum field f, const char *text)
{
	return event_has(ev, f) && bytes_equal(ev->value[f].text, bytes_of(text));
}

void event_merge(struct event *ev, const struct event *more)
{
	FOR_EACH_PRESENT (f, &more->present) {
		if (event_has(ev, f))
			continue;
		ev->value[f] = more->value[f];
		field_set_add(&ev->present, f);
		if (field_set_has(&more->truncated, f))
			field_set_add(&ev->truncated, f);
	}
}

/* The bytes that a value keeps outside its slot: items and text. */
static void outside(enum field_type type, const union value *v, size_t *items, size_t *text)
{
	switch (type) {
	case TYPE_TEXT:
		*text += v->text.len;
		break;
	case TYPE_TEXTS:
		*items += v->texts.count * sizeof(struct bytes);
		for (size_t i = 0; i < v->texts.count; i++)
			*text += cut_text(v->texts.at[i]).len;
		break;
	case TYPE_INTEGERS:
		*items += v->integers.count * sizeof(int64_t);
		break;
	case TYPE_ADDRESSES:
		*items += v->addresses.count * sizeof(struct address);
		break;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_TIME:
		break;
	}
}

struct event_size event_measure(const struct event *ev)
{
	struct event_size size;
	size_t items = 0, text = 0, present = 0;

	FOR_EACH_PRESENT (f, &ev->present) {
		outside(field_info[f].type, &ev->value[f], &items, &text);
		present++;
	}
	for (int i = 0; i < ATTACHMENTS; i++)
		text += ev->attached[i].len;
	size.items_at = sizeof(struct packed) + present * sizeof(union value);
	size.text_at = size.items_at + items;
	size.bytes = (size.text_at + text + 15) & ~(size_t)15;
	return size;
}

/* Halves a text or a list; a list of one goes altogether. */
static void halve(struct event *ev, enum field f)
{
	union value *v = &ev->value[f];

	field_set_add(&ev->truncated, f);
	if (field_info[f].type == TYPE_TEXT)
		v->text.len /= 2;
	else
		v->texts.count /= 2; /* the same place in all three lists */
	if (field_type_is_list(field_info[f].type) && !v->texts.count)
		event_clear(ev, f);
}

struct event_size event_fit(struct event *ev, size_t most)
{
	struct event_size packed;

	for (int i = 0; i < ATTACHMENTS; i++)
		if (ev->attached[i].len > most / 4)
			ev->attached[i].len = 0;
	while (packed = event_measure(ev), packed.bytes > most) {
		enum field largest = FIELD_COUNT;
		size_t size = 0;

		FOR_EACH_PRESENT (f, &ev->present) {
			size_t items = 0, text = 0;

			outside(field_info[f].type, &ev->value[f], &items, &text);
			if (items + text > size) {
				size = items + text;
				largest = f;
			}
		}
		if (largest == FIELD_COUNT)
			break;
		halve(ev, largest);
	}
	return packed;
}

/* Where the next items and the next text go while packing. */
struct packing {
	uint8_t *base;
	size_t items_at, text_at;
};

static struct bytes pack_text(struct packing *p, struct bytes text)
{
	size_t at = p->text_at;

	if (text.len)
		memcpy(p->base + at, text.at, text.len);
	p->text_at += text.len;
	return (struct bytes){(const uint8_t *)at, text.len};
}

static const void *pack_items(struct packing *p, const void *items, size_t size)
{
	size_t at = p->items_at;

	memcpy(p->base + at, items, size);
	p->items_at += size;
	return (const void *)at;
}

static union value pack_value(struct packing *p, enum field_type type, const union value *v)
{
	union value packed = *v;

	switch (type) {
	case TYPE_TEXT:
		packed.text = pack_text(p, v->text);
		break;
	case TYPE_TEXTS: {
		struct bytes *items = (struct bytes *)(p->base + p->items_at);

		packed.texts.at = (const struct bytes *)p->items_at;
		p->items_at += v->texts.count * sizeof(struct bytes);
		for (size_t i = 0; i < v->texts.count; i++)
			items[i] = pack_text(p, cut_text(v->texts.at[i]));
		break;
	}
	case TYPE_INTEGERS:
		packed.integers.at =
		        pack_items(p, v->integers.at, v->integers.count * sizeof(int64_t));
		break;
	case TYPE_ADDRESSES:
		packed.addresses.at =
		        pack_items(p, v->addresses.at, v->addresses.count * sizeof(struct address));
		break;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_TIME:
		break;
	}
	return packed;
}

void event_pack(const struct event *ev, const struct event_size *size, void *to)
{
	struct packed *record = to;
	struct packing p = {to, size->items_at, size->text_at};
	unsigned n = 0;

	record->size = (uint32_t)size->bytes;
	record->kind = ev->kind;
	record->time = ev->time;
	record->present = ev->present;
	record->truncated = ev->truncated;
	FOR_EACH_PRESENT (f, &ev->present)
		record->value[n++] = pack_value(&p, field_info[f].type, &ev->value[f]);
	for (int i = 0; i < ATTACHMENTS; i++)
		record->attached[i] = pack_text(&p, ev->attached[i]);
}

static struct bytes restore_text(uint8_t *base, struct bytes text)
{
	return (struct bytes){base + (size_t)text.at, text.len};
}

static void restore_value(uint8_t *base, enum field_type type, union value *v)
{
	switch (type) {
	case TYPE_TEXT:
		v->text = restore_text(base, v->text);
		break;
	case TYPE_TEXTS: {
		struct bytes *items = (struct bytes *)(base + (size_t)v->texts.at);

		for (size_t i = 0; i < v->texts.count; i++)
			items[i] = restore_text(base, items[i]);
		v->texts.at = items;
		break;
	}
	case TYPE_INTEGERS:
		v->integers.at = (const int64_t *)(base + (size_t)v->integers.at);
		break;
	case TYPE_ADDRESSES:
		v->addresses.at = (const struct address *)(base + (size_t)v->addresses.at);
		break;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_TIME:
		break;
	}
}

void event_unpack(struct event *ev, void *record)
{
	struct packed *packed = record;
	unsigned n = 0;

	ev->kind = (enum event_kind)packed->kind;
	ev->time = packed->time;
	ev->present = packed->present;
	ev->truncated = packed->truncated;
	FOR_EACH_PRESENT (f, &ev->present) {
		ev->value[f] = packed->value[n++];
		restore_value(record, field_info[f].type, &ev->value[f]);
	}
	for (int i = 0; i < ATTACHMENTS; i++)
		ev->attached[i] = restore_text(record, packed->attached[i]);
}
