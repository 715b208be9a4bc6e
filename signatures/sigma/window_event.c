/* The event that stands for a window which ended by time alone: what it grouped by. One thread owns
 * a window. */
#include "signatures/sigma/window.h"

/* Where the event of a hit has the value of a key: chains lead to a field in the end. */
static enum field field_of(const struct correlation *what, unsigned key)
{
	const struct source *s = &what->member[0].key[key];

	while (s->is_key) {
		what = what->member[0].rule->correlation;
		s = &what->member[0].key[s->key];
	}
	return s->field;
}

static void made_set(struct correlator *c, enum field f, unsigned i)
{
	const struct key *k = &c->made_keys.at[i];

	switch (field_info[f].type) {
	case TYPE_TEXT:
		event_set_text(&c->made, f, k->value.text);
		break;
	case TYPE_TEXTS:
		c->text_item[i] = k->value.text;
		event_set_texts(&c->made, f, &c->text_item[i], 1);
		break;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_TIME:
		event_set_integer(&c->made, f, k->value.integer);
		break;
	case TYPE_INTEGERS:
		event_set_integers(&c->made, f, &k->value.integer, 1);
		break;
	case TYPE_ADDRESS:
		event_set_address(&c->made, f, k->value.address);
		break;
	case TYPE_ADDRESSES:
		c->made.value[f].addresses = (struct addresses){&k->value.address, 1};
		field_set_add(&c->made.present, f);
		break;
	}
}

void window_make_event(struct correlator *c, const struct window *w, const struct group *g)
{
	unsigned kind = w->rule->kinds ? (unsigned)__builtin_ctzll(w->rule->kinds) : 0;

	keys_unpack(group_keys(&c->groups, g, c->packed), &c->made_keys);
	event_begin(&c->made, (enum event_kind)kind, g->newest);
	for (unsigned i = 0; i < c->made_keys.count; i++)
		made_set(c, field_of(w->correlation, i), i);
}
