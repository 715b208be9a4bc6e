/* The servers that an answer names: which of them are known in the role they are named for, and
 * learning those of a site. The detector thread runs it. */
#include "sensor/site/site_private.h"

static struct texts texts_of(const struct event *ev, enum field f)
{
	return event_has(ev, f) ? ev->value[f].texts : (struct texts){0};
}

void site_judge_names(struct site_subject *s)
{
	static const struct {
		enum field field;
		enum site_role role;
	} lists[] = {
	        {FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, ROLE_MANAGEMENT_POINT},
	        {FIELD_CONFIGMGR_NAMED_DISTRIBUTION_POINTS, ROLE_DISTRIBUTION_POINT},
	        {FIELD_CONFIGMGR_NAMED_SOFTWARE_UPDATE_POINTS, ROLE_SOFTWARE_UPDATE_POINT},
	};
	struct bytes *unauthorized =
	        arena_alloc(s->scratch, 3 * EVENT_LIST_MAX * sizeof(*unauthorized));
	size_t n = 0;

	if (!unauthorized)
		return;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct texts names = texts_of(s->ev, lists[i].field);

		if (s->m->listed)
			n += site_names_not_listed(s, names, lists[i].role, unauthorized + n);
		else if (lists[i].role == ROLE_MANAGEMENT_POINT)
			n += site_names_not_learned(s, names, unauthorized + n);
	}
	event_set_texts(s->ev, FIELD_CONFIGMGR_NAMED_UNAUTHORIZED, unauthorized, n);
	if (n && s->m->listed)
		site_state_baseline(s, "listed",
		                    arena_print(s->scratch,
		                                "%zu of the named servers %s not listed in "
		                                "the site file in that role",
		                                n, n == 1 ? "is" : "are"));
}

void site_learn_names(struct site_subject *s)
{
	if (!site_believed(s))
		return;

	struct texts names = texts_of(s->ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS);
	struct learned_site *site = site_find(s->m, s->code, true);

	for (size_t i = 0; site && i < names.count; i++) {
		struct told_name *told = site_told(site, names.at[i]);

		if (!told && site->management_count < NAMES_MAX) {
			told = &site->management[site->management_count++];
			site_name_set(&told->name, names.at[i]);
		}
		if (told)
			site_witness(&told->clients, s->client_address);
	}
}
