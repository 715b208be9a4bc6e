/* Judging without a list: does a server, or a name, contradict what several clients were told
 * before?
 *
 * The baseline of a site are the names of management points that enough different clients were
 * told. The detector thread runs it. */
#include "sensor/site/site_private.h"

void site_state_baseline(struct site_subject *s, const char *source, struct bytes evidence)
{
	event_set_name(s->ev, FIELD_CONFIGMGR_BASELINE_SOURCE, source);
	if (evidence.len)
		event_set_text(s->ev, FIELD_CONFIGMGR_BASELINE_EVIDENCE, evidence);
}

/* At least two, and at least half as many as were told the best known name. */
uint8_t site_enough(const struct learned_site *site)
{
	uint8_t best = 0;

	for (uint8_t i = 0; i < site->management_count; i++)
		if (site->management[i].clients.count > best)
			best = site->management[i].clients.count;
	if (best < ENOUGH_WITNESSES)
		return 0;
	return best / 2 > ENOUGH_WITNESSES ? best / 2 : ENOUGH_WITNESSES;
}

/* The management points that the learned clients of a site were told of, in words. */
static struct bytes site_baseline_in_words(const struct site_subject *s,
                                           const struct learned_site *site)
{
	char names[512] = "";
	uint8_t least = site_enough(site), witnesses_count = 0;
	size_t n = 0;

	for (uint8_t i = 0; i < site->management_count; i++) {
		const struct told_name *told = &site->management[i];

		if (told->clients.count < least || n + told->name.len + 3 > sizeof(names))
			continue;
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.*s", n ? ", " : "",
		                      told->name.len, told->name.text);
		if (told->clients.count > witnesses_count)
			witnesses_count = told->clients.count;
	}
	return arena_print(s->scratch,
	                   "learned: %u%s clients were told before that the management points of "
	                   "site %s are %s",
	                   witnesses_count, witnesses_count == WITNESSES_MAX ? " or more" : "",
	                   site->code, names);
}

/* Whether another server of the same address family is known by this name. */
static bool name_is_taken(const struct site_subject *s, struct bytes name)
{
	for (uint32_t i = 0; i < s->m->server_count; i++) {
		const struct learned_server *server = &s->m->server[i];

		if (bytes_equal_fold(site_name_view(&server->name), name) &&
		    server->clients.count >= ENOUGH_WITNESSES &&
		    address_is_v4(server->address) == address_is_v4(s->server_address) &&
		    !address_equal(server->address, s->server_address))
			return true;
	}
	return false;
}

/* Without a list: does this management point contradict what clients of its site were told? */
void site_judge_learned(struct site_subject *s)
{
	struct learned_site *site = site_find(s->m, s->code, false);
	struct bytes host = event_text(s->ev, FIELD_URL_DOMAIN);
	struct address literal;

	if (!site || s->role != ROLE_MANAGEMENT_POINT || !host.len || !site_enough(site))
		return;

	struct told_name *told = site_told(site, host);
	bool known_name = told && told->clients.count >= site_enough(site);
	bool established = s->server && s->server->clients.count >= ENOUGH_WITNESSES;

	/* A client that calls its server by address tells nothing about names. */
	if (established || (address_parse(host, &literal) && !s->server))
		known_name = true;
	event_set_boolean(s->ev, FIELD_CONFIGMGR_SERVER_AUTHORIZED,
	                  known_name && !name_is_taken(s, host));
	site_state_baseline(s, "learned", site_baseline_in_words(s, site));
}

size_t site_names_not_learned(struct site_subject *s, struct texts names,
                              struct bytes *unauthorized)
{
	struct learned_site *site = site_find(s->m, s->code, false);
	size_t n = 0;

	if (!site || !site_enough(site))
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		struct told_name *told = site_told(site, names.at[i]);

		if (!told || told->clients.count < site_enough(site))
			unauthorized[n++] = names.at[i];
	}
	if (n)
		site_state_baseline(s, "learned", site_baseline_in_words(s, site));
	return n;
}
