/* Packing an event into one piece, and back.
 *
 * A packed event; numbers in brackets are bytes:
 *
 *    +-------------+---------------+------------------+---------------+
 *    | header [64] | truncated     | a number [8] per | an address    |
 *    |             | bitset, where | integer, boolean | [16] per      |
 *    |             | there is any  | and time         | address       |
 *    +-------------+---------------+------------------+---------------+
 *    | per list: count [8] and     | per text: length | bytes of the  |
 *    | items: numbers, addresses   | [2] and bytes    | texts of      |
 *    | or views of texts           |                  | lists         |
 *    +-----------------------------+------------------+---------------+
 *    | per attachment, where there is any: length [4] and bytes       |
 *    +----------------------------------------------------------------+
 *
 * Each part is in the order of fields, and what is present says what there is: so nothing says
 * where a value is. The record never leaves the process, so the layout is the compiler's, and it is
 * small, since it goes from the cache of one processor to that of another. */
#include "core/event.h"

struct packed {
	int64_t time;
	uint16_t kind;
	bool truncated, attached; /* there is any */
	struct field_set present;
};

_Static_assert(EVENT_TEXT_MAX <= UINT16_MAX, "the length of a text fits its two bytes");
_Static_assert(EVENT_ROOM_LEAST >= sizeof(struct packed) + sizeof(struct field_set) +
                                           FIELD_COUNT * sizeof(union value),
               "what is not text and no item has room");

/* The fields of each class, made before main(): a set with all of them at once would need the list
 * of fields once for each of its words. */
enum class { NUMBER, ADDRESS, TEXT, LIST, CLASSES };

static struct field_set of_class[CLASSES];

__attribute__((constructor)) static void make_classes(void)
{
	static const enum class classes[] = {
	        [TYPE_INTEGER] = NUMBER,  [TYPE_BOOLEAN] = NUMBER, [TYPE_TIME] = NUMBER,
	        [TYPE_ADDRESS] = ADDRESS, [TYPE_TEXT] = TEXT,      [TYPE_TEXTS] = LIST,
	        [TYPE_INTEGERS] = LIST,   [TYPE_ADDRESSES] = LIST,
	};

	for (int f = 0; f < FIELD_COUNT; f++)
		field_set_add(&of_class[classes[field_info[f].type]], (enum field)f);
}

/* The fields of a set that are of a class. A `break` would leave only those of one word. */
#define FOR_EACH_OF(f, class, set)                                                                 \
	for (unsigned word_ = 0; word_ < FIELD_WORDS; word_++)                                     \
		for (uint64_t f, rest_ = (set)->word[word_] & of_class[class].word[word_];         \
		     rest_ && (f = word_ * 64 + (unsigned)__builtin_ctzll(rest_), true);           \
		     rest_ &= rest_ - 1)

static bool any(const struct field_set *set)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < FIELD_WORDS; i++)
		all |= set->word[i];
	return all;
}

static bool any_attached(const struct event *ev)
{
	size_t all = 0;

	for (int i = 0; i < ATTACHMENTS; i++)
		all |= ev->attached[i].len;
	return all;
}

static size_t cut_length(struct bytes text)
{
	return text.len < EVENT_TEXT_MAX ? text.len : EVENT_TEXT_MAX;
}

static size_t item_size(enum field_type type)
{
	return type == TYPE_TEXTS       ? sizeof(struct bytes)
	       : type == TYPE_ADDRESSES ? sizeof(struct address)
	                                : sizeof(int64_t);
}

/* A list with its items and their texts. */
static size_t list_size(enum field f, const union value *v)
{
	size_t size = sizeof(uint64_t) + v->texts.count * item_size(field_info[f].type);

	for (size_t i = 0; field_info[f].type == TYPE_TEXTS && i < v->texts.count; i++)
		size += cut_length(v->texts.at[i]);
	return size;
}

/* How many bits are set: most often few, and not every processor counts them by itself. */
static size_t ones(uint64_t word)
{
	size_t n = 0;

	for (; word; word &= word - 1)
		n++;
	return n;
}

struct event_size event_measure(const struct event *ev)
{
	size_t bytes = sizeof(struct packed);

	if (any(&ev->truncated))
		bytes += sizeof(struct field_set);
	for (unsigned i = 0; i < FIELD_WORDS; i++) {
		bytes += sizeof(int64_t) * ones(ev->present.word[i] & of_class[NUMBER].word[i]);
		bytes += sizeof(struct address) *
		         ones(ev->present.word[i] & of_class[ADDRESS].word[i]);
	}
	FOR_EACH_OF (f, LIST, &ev->present)
		bytes += list_size((enum field)f, &ev->value[f]);
	FOR_EACH_OF (f, TEXT, &ev->present)
		bytes += sizeof(uint16_t) + ev->value[f].text.len;
	for (int i = 0; i < ATTACHMENTS && any_attached(ev); i++)
		bytes += sizeof(uint32_t) + ev->attached[i].len;
	return (struct event_size){(bytes + 7) & ~(size_t)7};
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

/* The text or list that takes most, or FIELD_COUNT. */
static enum field largest(const struct event *ev)
{
	uint64_t found = FIELD_COUNT;
	size_t most = 0, size;

	FOR_EACH_OF (f, TEXT, &ev->present) {
		if (ev->value[f].text.len > most) {
			most = ev->value[f].text.len;
			found = f;
		}
	}
	FOR_EACH_OF (f, LIST, &ev->present) {
		size = list_size((enum field)f, &ev->value[f]);
		if (size > most) {
			most = size;
			found = f;
		}
	}
	return (enum field)found;
}

struct event_size event_fit(struct event *ev, size_t most)
{
	struct event_size size;

	for (int i = 0; i < ATTACHMENTS; i++)
		if (ev->attached[i].len > most / 4)
			ev->attached[i].len = 0;
	while (size = event_measure(ev), size.bytes > most) {
		enum field f = largest(ev);

		if (f == FIELD_COUNT)
			break;
		halve(ev, f);
	}
	return size;
}

/* Where the next part goes, and where room ends. */
struct packing {
	uint8_t *at, *end;
};

static bool has_room(const struct packing *p, size_t size)
{
	return (size_t)(p->end - p->at) >= size;
}

static void put(struct packing *p, const void *from, size_t size)
{
	memcpy(p->at, from, size);
	p->at += size;
}

/* Most texts are short: two moves that overlap are sooner done than a call. */
#define MOVE_ENDS(type, to, from, len)                                                             \
	do {                                                                                       \
		type first_, last_;                                                                \
		memcpy(&first_, from, sizeof(type));                                               \
		memcpy(&last_, (from) + (len) - sizeof(type), sizeof(type));                       \
		memcpy(to, &first_, sizeof(type));                                                 \
		memcpy((to) + (len) - sizeof(type), &last_, sizeof(type));                         \
	} while (0)

static inline __attribute__((always_inline)) void put_text(struct packing *p, const uint8_t *from,
                                                           size_t len)
{
	if (len > 2 * sizeof(uint64_t))
		memcpy(p->at, from, len);
	else if (len >= sizeof(uint64_t))
		MOVE_ENDS(uint64_t, p->at, from, len);
	else if (len >= sizeof(uint32_t))
		MOVE_ENDS(uint32_t, p->at, from, len);
	else if (len >= sizeof(uint16_t))
		MOVE_ENDS(uint16_t, p->at, from, len);
	else if (len)
		*p->at = *from;
	p->at += len;
}

/* One by one: lists are short, and a copy of unknown length would take longer. */
static void put_item(struct packing *p, enum field_type type, const union value *v, size_t i)
{
	struct bytes text;

	if (type == TYPE_INTEGERS) {
		put(p, &v->integers.at[i], sizeof(int64_t));
	} else if (type == TYPE_ADDRESSES) {
		put(p, &v->addresses.at[i], sizeof(struct address));
	} else {
		text = (struct bytes){NULL, cut_length(v->texts.at[i])};
		put(p, &text, sizeof(text));
	}
}

static bool put_lists(struct packing *p, const struct event *ev)
{
	FOR_EACH_OF (f, LIST, &ev->present) {
		enum field_type type = field_info[f].type;
		uint64_t count = ev->value[f].texts.count;

		if (!has_room(p, sizeof(count) + count * item_size(type)))
			return false;
		put(p, &count, sizeof(count));
		for (size_t i = 0; i < count; i++)
			put_item(p, type, &ev->value[f], i);
	}
	return true;
}

static bool put_texts(struct packing *p, const struct event *ev)
{
	FOR_EACH_OF (f, TEXT, &ev->present) {
		struct bytes text = ev->value[f].text;
		uint16_t len = (uint16_t)text.len;

		if (!has_room(p, sizeof(len) + text.len))
			return false;
		put(p, &len, sizeof(len));
		put_text(p, text.at, text.len);
	}
	FOR_EACH_OF (f, LIST, &ev->present) {
		const struct texts *list = &ev->value[f].texts;

		for (size_t i = 0; field_info[f].type == TYPE_TEXTS && i < list->count; i++) {
			if (!has_room(p, cut_length(list->at[i])))
				return false;
			put_text(p, list->at[i].at, cut_length(list->at[i]));
		}
	}
	return true;
}

static bool put_attachments(struct packing *p, const struct event *ev)
{
	for (int i = 0; i < ATTACHMENTS; i++) {
		uint32_t len = (uint32_t)ev->attached[i].len;

		if (!has_room(p, sizeof(len) + ev->attached[i].len))
			return false;
		put(p, &len, sizeof(len));
		put_text(p, ev->attached[i].at, len);
	}
	return true;
}

/* There is room for what is of fixed size. Returns the size of the record, or 0. */
static size_t pack(const struct event *ev, uint8_t *to, size_t room)
{
	struct packing p = {to + sizeof(struct packed), to + room};
	struct packed *record = (struct packed *)(void *)to;

	*record = (struct packed){
	        .time = ev->time,
	        .kind = (uint16_t)ev->kind,
	        .truncated = any(&ev->truncated),
	        .attached = any_attached(ev),
	        .present = ev->present,
	};
	if (record->truncated)
		put(&p, &ev->truncated, sizeof(ev->truncated));
	FOR_EACH_OF (f, NUMBER, &ev->present)
		put(&p, &ev->value[f].integer, sizeof(int64_t));
	FOR_EACH_OF (f, ADDRESS, &ev->present)
		put(&p, &ev->value[f].address, sizeof(struct address));
	if (!put_lists(&p, ev) || !put_texts(&p, ev))
		return 0;
	if (record->attached && !put_attachments(&p, ev))
		return 0;
	return ((size_t)(p.at - to) + 7) & ~(size_t)7;
}

void event_pack(const struct event *ev, const struct event_size *size, void *to)
{
	pack(ev, to, size->bytes);
}

size_t event_pack_into(const struct event *ev, void *to, size_t room)
{
	return room >= EVENT_ROOM_LEAST ? pack(ev, to, room & ~(size_t)7) : 0;
}

static void take(uint8_t **from, void *to, size_t size)
{
	memcpy(to, *from, size);
	*from += size;
}

static struct bytes take_view(uint8_t **from, size_t size)
{
	struct bytes view = {*from, size};

	*from += size;
	return view;
}

/* The lists, whose texts come later. */
static void take_lists(uint8_t **from, struct event *ev)
{
	FOR_EACH_OF (f, LIST, &ev->present) {
		uint64_t count;

		take(from, &count, sizeof(count));
		ev->value[f].texts = (struct texts){(const struct bytes *)(void *)*from, count};
		*from += count * item_size(field_info[f].type);
	}
}

static void take_texts(uint8_t **from, struct event *ev)
{
	FOR_EACH_OF (f, TEXT, &ev->present) {
		uint16_t len;

		take(from, &len, sizeof(len));
		ev->value[f].text = take_view(from, len);
	}
	FOR_EACH_OF (f, LIST, &ev->present) {
		struct bytes *items = (struct bytes *)(uintptr_t)ev->value[f].texts.at;
		size_t count = ev->value[f].texts.count;

		for (size_t i = 0; field_info[f].type == TYPE_TEXTS && i < count; i++)
			items[i] = take_view(from, items[i].len);
	}
}

void event_unpack(struct event *ev, void *record)
{
	const struct packed *packed = record;
	uint8_t *from = (uint8_t *)record + sizeof(*packed);

	event_begin(ev, (enum event_kind)packed->kind, packed->time);
	ev->present = packed->present;
	if (packed->truncated)
		take(&from, &ev->truncated, sizeof(ev->truncated));
	FOR_EACH_OF (f, NUMBER, &ev->present)
		take(&from, &ev->value[f].integer, sizeof(int64_t));
	FOR_EACH_OF (f, ADDRESS, &ev->present)
		take(&from, &ev->value[f].address, sizeof(struct address));
	take_lists(&from, ev);
	take_texts(&from, ev);
	for (int i = 0; packed->attached && i < ATTACHMENTS; i++) {
		uint32_t len;

		take(&from, &len, sizeof(len));
		ev->attached[i] = take_view(&from, len);
	}
}
