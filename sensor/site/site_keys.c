/* Certificates and keys that management points tell clients over HTTP: are they those of before?
 *
 * A certificate belongs to the management point that the reply names, or that is its subject: so
 * several behind one address are several, and none of them has changed. The trusted root key and
 * the signing certificate belong to the site. The detector thread runs it. */
#include "core/clock.h"
#include "core/hash.h"
#include "sensor/site/site_private.h"

#define TOLD_MOST 3

/* One key of a reply, and where it is remembered; NULL: nowhere yet. */
struct told_key {
	const char *what;
	struct bytes hash; /* SHA-256 in hexadecimal */
	struct learned_key *known;
};

static uint64_t place_of(const struct site_subject *s)
{
	struct bytes name = event_text(s->ev, FIELD_CONFIGMGR_MP_NAME);
	const struct certificate *c;
	struct site_name lower = {0};

	if (name.len) {
		site_name_set(&lower, name);
		return hash_bytes(site_name_view(&lower)) | 1;
	}
	c = certificates_find(s->m->certificates, s->ev->attached[ATTACHED_SERVER_CERTIFICATES],
	                      s->ev->time);
	return c && c->readable && c->subject.len ? hash_bytes(c->subject) | 1 : 0;
}

/* The record of a place among some; with `make` a free one where there is none. */
static struct learned_key *find(struct learned_key *keys, size_t count, uint64_t place, bool make)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i].place == place)
			return &keys[i];
	for (size_t i = 0; make && i < count; i++)
		if (!keys[i].place) {
			keys[i].place = place;
			return &keys[i];
		}
	return NULL;
}

static size_t read_told(struct site_subject *s, struct told_key told[TOLD_MOST], bool make)
{
	struct learned_server *server = site_server_find(s->m, s->server_address, false);
	struct learned_site *site = s->code[0] ? site_find(s->m, s->code, make) : NULL;
	struct bytes hash = event_text(s->ev, FIELD_CONFIGMGR_KEY_MP_SHA256);
	uint64_t place = hash.len ? place_of(s) : 0;
	size_t n = 0;

	if (place)
		told[n++] = (struct told_key){
		        "mp-certificate", hash,
		        server ? find(server->key, CERTIFICATES_MAX, place, make) : NULL};
	hash = event_text(s->ev, FIELD_CONFIGMGR_KEY_ROOT_SHA256);
	if (hash.len && site)
		told[n++] = (struct told_key){"trusted-root-key", hash, &site->root};
	hash = event_text(s->ev, FIELD_CONFIGMGR_KEY_SITE_SHA256);
	if (hash.len && site)
		told[n++] = (struct told_key){"site-signing-certificate", hash, &site->signing};
	return n;
}

/* Pins are of all certificates of a server: only where there is no TLS one that is none of them is
 * another one. */
static const struct site_server *pinned(const struct site_subject *s)
{
	const struct site_server *server =
	        s->m->listed ? site_file_by_address(s->m->listed, s->server_address) : NULL;

	return server && server->certificates.count ? server : NULL;
}

static bool has_changed(const struct site_subject *s, const struct told_key *told)
{
	const struct site_server *server = pinned(s);
	const char *mode = server ? server->site->mode : NULL;

	if (server && !strcmp(told->what, "mp-certificate")) {
		if (site_is_pinned(server, told->hash))
			return false;
		if (mode && !strcmp(mode, "http"))
			return true;
	}
	return told->known && told->known->last &&
	       !bytes_equal(told->hash, (struct bytes){told->known->hash, KEY_TEXT});
}

void site_judge_keys(struct site_subject *s)
{
	struct bytes *what = arena_alloc(s->scratch, TOLD_MOST * sizeof(*what));
	struct bytes *before = arena_alloc(s->scratch, TOLD_MOST * sizeof(*before));
	struct told_key told[TOLD_MOST];
	size_t count, changed = 0, known = 0;

	if (!what || !before || !site_believed(s))
		return;
	count = read_told(s, told, false);
	for (size_t i = 0; i < count; i++) {
		if (!has_changed(s, &told[i]))
			continue;
		what[changed++] = bytes_of(told[i].what);
		if (told[i].known && told[i].known->last)
			before[known++] = arena_copy(s->scratch,
			                             (struct bytes){told[i].known->hash, KEY_TEXT});
	}
	event_set_texts(s->ev, FIELD_CONFIGMGR_KEY_CHANGED, what, changed);
	event_set_texts(s->ev, FIELD_CONFIGMGR_KEY_BEFORE, before, known);
}

/* As with certificates of TLS: after a day without the old one, the new one is what it has. */
static void learn(struct learned_key *k, struct bytes hash, int64_t now)
{
	if (hash.len != KEY_TEXT)
		return;
	if (!k->last)
		memcpy(k->hash, hash.at, KEY_TEXT);
	if (!memcmp(k->hash, hash.at, KEY_TEXT)) {
		k->last = now;
		return;
	}
	if (memcmp(k->other, hash.at, KEY_TEXT) != 0) {
		memcpy(k->other, hash.at, KEY_TEXT);
		k->other_first = now;
	}
	if (now - k->other_first >= DAY && k->last < k->other_first) {
		memcpy(k->hash, hash.at, KEY_TEXT);
		k->last = now;
	}
}

void site_learn_keys(struct site_subject *s)
{
	struct told_key told[TOLD_MOST];
	size_t count = site_believed(s) ? read_told(s, told, true) : 0;

	for (size_t i = 0; i < count; i++)
		if (told[i].known)
			learn(told[i].known, told[i].hash, s->ev->time);
}
