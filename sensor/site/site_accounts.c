/* Accounts: which of them belong to the site, and does one log on from its own host?
 *
 * The operator lists accounts with the addresses they may come from. The computer account of a site
 * system needs no list of its own: NAME$ is that of the server whose name begins with NAME, listed
 * or, without a site file, as several clients call it. The detector thread runs it. */
#include "sensor/site/site_private.h"

static const char *const kind_name[] = {
        [ACCOUNT_COMPUTER] = "computer",
        [ACCOUNT_PUSH] = "push",
        [ACCOUNT_SENDER] = "sender",
};

/* The name of the account by itself: user@domain is another way to write it. */
static struct bytes user_of(const struct event *ev)
{
	struct bytes user = event_text(ev, FIELD_USER_NAME);
	ptrdiff_t at = bytes_find(user, BYTES("@"));

	return at < 0 ? user : bytes_slice(user, 0, (size_t)at);
}

/* Listed as NAME or DOMAIN\NAME. A domain is compared where both sides tell one, by its first
 * label: a logon may give the NetBIOS name or the full one. */
static bool is_account(const char *listed, struct bytes user, struct bytes domain)
{
	struct bytes name = bytes_of(listed);
	ptrdiff_t slash = bytes_find(name, BYTES("\\"));

	if (slash < 0)
		return bytes_equal_fold(name, user);
	return bytes_equal_fold(bytes_slice(name, (size_t)slash + 1, name.len), user) &&
	       (!domain.len ||
	        bytes_equal_fold(site_first_label(bytes_slice(name, 0, (size_t)slash)),
	                         site_first_label(domain)));
}

/* Whether an address is among some; `*family`: there is one of its family at all. */
static bool among(const struct address *at, size_t count, struct address a, bool *family)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		found |= address_equal(at[i], a);
		*family |= address_is_v4(at[i]) == address_is_v4(a);
	}
	return found;
}

static void state_host(struct site_subject *s, const char *source, bool own, struct bytes of)
{
	char text[ADDRESS_TEXT_MAX];

	event_set_boolean(s->ev, FIELD_CONFIGMGR_ACCOUNT_HOST_LISTED, own);
	site_state_baseline(s, source,
	                    arena_print(s->scratch, "%s is %s address of %.*s",
	                                address_print(s->client_address, text), own ? "an" : "no",
	                                (int)of.len, (const char *)of.at));
}

/* The accounts of the list. */
static bool listed_account(struct site_subject *s, struct bytes user)
{
	const struct site_file *listed = s->m->listed;
	struct bytes domain = event_text(s->ev, FIELD_USER_DOMAIN);
	const struct site_account *found = NULL;
	bool own = false, family = false;

	/* One account may stand there several times. */
	for (size_t i = 0; i < listed->account_count; i++) {
		const struct site_account *a = &listed->account[i];

		if (!is_account(a->name, user, domain))
			continue;
		found = found ? found : a;
		own |= among(a->address, a->address_count, s->client_address, &family);
	}
	if (!found)
		return false;
	event_set_name(s->ev, FIELD_CONFIGMGR_ACCOUNT_KIND, kind_name[found->kind]);
	/* Where no address of this family is listed, nobody can say. */
	if (family)
		state_host(s, "listed", own, bytes_of(found->name));
	return true;
}

/* The computer account of a listed site system. */
static void listed_computer(struct site_subject *s, struct bytes host)
{
	const struct site_file *listed = s->m->listed;
	const struct site_server *found = NULL;
	bool own = false, family = false;

	for (size_t i = 0; i < listed->site_count; i++)
		for (size_t j = 0; j < listed->site[i].server_count; j++) {
			const struct site_server *server = &listed->site[i].server[j];

			if (!server->name ||
			    !bytes_equal_fold(site_first_label(bytes_of(server->name)), host))
				continue;
			found = server;
			own |= among(server->address, server->address_count, s->client_address,
			             &family);
		}
	if (!found)
		return;
	event_set_name(s->ev, FIELD_CONFIGMGR_ACCOUNT_KIND, kind_name[ACCOUNT_COMPUTER]);
	if (family)
		state_host(s, "listed", own, bytes_of(found->name));
}

/* The computer account of a server that several clients call by that name. */
static void learned_computer(struct site_subject *s, struct bytes host)
{
	const struct learned_server *found = NULL;
	bool own = false;

	for (uint32_t i = 0; i < s->m->server_count; i++) {
		const struct learned_server *server = &s->m->server[i];

		if (server->clients.count < ENOUGH_WITNESSES ||
		    address_is_v4(server->address) != address_is_v4(s->client_address) ||
		    !bytes_equal_fold(site_first_label(site_name_view(&server->name)), host))
			continue;
		found = server;
		own |= address_equal(server->address, s->client_address);
	}
	if (!found)
		return;
	event_set_name(s->ev, FIELD_CONFIGMGR_ACCOUNT_KIND, kind_name[ACCOUNT_COMPUTER]);

	state_host(s, "learned", own, site_name_view(&found->name));
}

void site_state_account(struct site_subject *s)
{
	struct bytes user = user_of(s->ev);

	if (!user.len || field_set_has(&s->ev->truncated, FIELD_USER_NAME))
		return;
	if (s->m->listed && listed_account(s, user))
		return;
	if (user.at[user.len - 1] != '$')
		return;
	if (s->m->listed)
		listed_computer(s, bytes_slice(user, 0, user.len - 1));
	else
		learned_computer(s, bytes_slice(user, 0, user.len - 1));
}
