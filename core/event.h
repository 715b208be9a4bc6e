/* An event: what a dissector saw, as a set of facts.
 *
 * An event is a kind, a packet time and values in numbered slots, one for each field of fields.def,
 * with a bitset that says which are there. Values are scalars or views; whoever sets a view keeps
 * its bytes alive until the event is packed or dropped. Packing (event_record.c) makes one
 * contiguous record that can wait in a chain or cross a ring; unpacking gives the slots back, as
 * views into that record. One thread owns an event. */
#ifndef CMTAP_CORE_EVENT_H
#define CMTAP_CORE_EVENT_H

#include "core/address.h"
#include "core/arena.h"
#include "core/field.h"

/* Longer texts are cut to this; the cut is marked in `truncated`. */
#define EVENT_TEXT_MAX 8192
/* Longer lists are cut to this, and marked likewise. */
#define EVENT_LIST_MAX 512

#define FIELD_WORDS ((FIELD_COUNT + 63) / 64)

struct field_set {
	uint64_t word[FIELD_WORDS];
};

/* A list of texts or integers. */
struct texts {
	const struct bytes *at;
	size_t count;
};

struct integers {
	const int64_t *at;
	size_t count;
};

struct addresses {
	const struct address *at;
	size_t count;
};

union value {
	int64_t integer; /* INTEGER, BOOLEAN, TIME */
	struct bytes text;
	struct texts texts;
	struct integers integers;
	struct address address;
	struct addresses addresses;
};

/* Bytes that go with an event to whoever can read them off the packet path. They are no fact: no
 * rule tests them and no document shows them. */
enum attachment { ATTACHED_CLIENT_CERTIFICATES, ATTACHED_SERVER_CERTIFICATES, ATTACHMENTS };

struct event {
	enum event_kind kind;
	int64_t time; /* packet time at which the fact became known */
	struct field_set present, truncated;
	struct bytes attached[ATTACHMENTS];
	union value value[FIELD_COUNT];
};

static inline bool field_set_has(const struct field_set *set, enum field f)
{
	return set->word[f / 64] >> (f % 64) & 1;
}

static inline void field_set_add(struct field_set *set, enum field f)
{
	set->word[f / 64] |= UINT64_C(1) << (f % 64);
}

static inline void field_set_remove(struct field_set *set, enum field f)
{
	set->word[f / 64] &= ~(UINT64_C(1) << (f % 64));
}

/* The first field at or after `f` in the set, or FIELD_COUNT. */
static inline enum field field_set_next(const struct field_set *set, unsigned f)
{
	while (f < FIELD_COUNT) {
		uint64_t rest = set->word[f / 64] >> (f % 64);

		if (rest)
			return (enum field)(f + (unsigned)__builtin_ctzll(rest));
		f = (f / 64 + 1) * 64;
	}
	return FIELD_COUNT;
}

#define FOR_EACH_PRESENT(f, set)                                                                   \
	for (enum field f = field_set_next(set, 0); f < FIELD_COUNT;                               \
	     f = field_set_next(set, (unsigned)f + 1))

static inline bool event_has(const struct event *ev, enum field f)
{
	return field_set_has(&ev->present, f);
}

/* Starts an event without facts. */
static inline void event_begin(struct event *ev, enum event_kind kind, int64_t time)
{
	ev->kind = kind;
	ev->time = time;
	memset(&ev->present, 0, sizeof(ev->present));
	memset(&ev->truncated, 0, sizeof(ev->truncated));
	memset(&ev->attached, 0, sizeof(ev->attached));
}

static inline void event_mark(struct event *ev, enum field f, bool cut)
{
	field_set_add(&ev->present, f);
	if (__builtin_expect(cut, false))
		field_set_add(&ev->truncated, f);
	else
		field_set_remove(&ev->truncated, f);
}

/* Each sets a field of the matching type; setting again replaces. Empty lists are not set. */
static inline void event_set_text(struct event *ev, enum field f, struct bytes text)
{
	bool cut = text.len > EVENT_TEXT_MAX;

	ev->value[f].text = (struct bytes){text.at, cut ? EVENT_TEXT_MAX : text.len};
	event_mark(ev, f, cut);
}

static inline void event_set_integer(struct event *ev, enum field f, int64_t value)
{
	ev->value[f].integer = value;
	field_set_add(&ev->present, f);
}

static inline void event_set_boolean(struct event *ev, enum field f, bool value)
{
	event_set_integer(ev, f, value);
}

static inline void event_set_time(struct event *ev, enum field f, int64_t value)
{
	event_set_integer(ev, f, value);
}

static inline void event_set_address(struct event *ev, enum field f, struct address value)
{
	ev->value[f].address = value;
	field_set_add(&ev->present, f);
}

void event_set_texts(struct event *ev, enum field f, const struct bytes *at, size_t count);
void event_set_integers(struct event *ev, enum field f, const int64_t *at, size_t count);
void event_set_addresses(struct event *ev, enum field f, const struct address *at, size_t count);

/* A text that lives as long as the program: a name out of a table. NULL sets nothing. */
static inline void event_set_name(struct event *ev, enum field f, const char *name)
{
	if (name)
		event_set_text(ev, f, bytes_of(name));
}

static inline void event_clear(struct event *ev, enum field f)
{
	field_set_remove(&ev->present, f);
	field_set_remove(&ev->truncated, f);
}

/* The value of a text field, empty when absent. */
static inline struct bytes event_text(const struct event *ev, enum field f)
{
	return event_has(ev, f) ? ev->value[f].text : (struct bytes){0};
}

/* The value of an integer, boolean or time field, `otherwise` when absent. */
static inline int64_t event_integer(const struct event *ev, enum field f, int64_t otherwise)
{
	return event_has(ev, f) ? ev->value[f].integer : otherwise;
}

/* The text field is present and is exactly this. */
static inline bool event_text_is(const struct event *ev, enum field f, const char *text)
{
	return event_has(ev, f) && bytes_equal(ev->value[f].text, bytes_of(text));
}

/* Adds to `ev` the facts of `more` that it does not have yet. Views are shared, not copied. */
void event_merge(struct event *ev, const struct event *more);

/* How large the packed record will be, a multiple of 8. */
struct event_size {
	size_t bytes;
};

struct event_size event_measure(const struct event *ev);

/* Makes the packed record take at most `most` bytes: leaves out attachments that alone are more
 * than a quarter of it, then halves the largest texts and lists, and marks them. A fact that
 * somebody made too large must not take the whole event with it. Returns the size that is left. */
struct event_size event_fit(struct event *ev, size_t most);

/* Packs an event that has not changed since it was measured into size->bytes bytes at `to`, aligned
 * to 8. */
void event_pack(const struct event *ev, const struct event_size *size, void *to);

/* Packs an event that was not measured, and returns the size of its record; 0 when it may need more
 * than `room` bytes, of which any may have been written. Nothing fits into less than
 * EVENT_ROOM_LEAST; most events need no more than twice that. */
size_t event_pack_into(const struct event *ev, void *to, size_t room);
#define EVENT_ROOM_LEAST 8192

/* Restores an event from a record that was packed in this process. It completes views in the
 * record; the values live as long as the record. */
void event_unpack(struct event *ev, void *record);

#endif
