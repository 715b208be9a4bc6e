/* Setting lists, and merging events. */
#include "core/event.h"

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
	event_mark(ev, f, cut);
}

void event_set_integers(struct event *ev, enum field f, const int64_t *at, size_t count)
{
	if (!count)
		return;
	ev->value[f].integers = (struct integers){at, list_length(count)};
	event_mark(ev, f, count > EVENT_LIST_MAX);
}

void event_set_addresses(struct event *ev, enum field f, const struct address *at, size_t count)
{
	if (!count)
		return;
	ev->value[f].addresses = (struct addresses){at, list_length(count)};
	event_mark(ev, f, count > EVENT_LIST_MAX);
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
