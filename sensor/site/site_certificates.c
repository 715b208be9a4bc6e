/* What certificates say, and what speaks against them: the time, the name, the listed anchors, CRLs
 * and pins, and what the server showed before.
 *
 * The detector thread runs it. */
#include "core/hash.h"
#include "sensor/site/site_private.h"

/* The fields of one side's certificate. */
struct side_fields {
	enum field hash, subject, common_name, issuer, names, serial, not_before, not_after,
	        key_algorithm, key_size, signature, validity, chain, revocation, weaknesses, usages,
	        self_signed;
};

#define FIELDS_OF(side)                                                                            \
	{                                                                                          \
		FIELD_TLS_##side##_HASH_SHA256, FIELD_TLS_##side##_X509_SUBJECT,                   \
		        FIELD_TLS_##side##_X509_COMMON_NAME, FIELD_TLS_##side##_X509_ISSUER,       \
		        FIELD_TLS_##side##_X509_ALTERNATIVE_NAMES,                                 \
		        FIELD_TLS_##side##_X509_SERIAL_NUMBER, FIELD_TLS_##side##_X509_NOT_BEFORE, \
		        FIELD_TLS_##side##_X509_NOT_AFTER,                                         \
		        FIELD_TLS_##side##_X509_PUBLIC_KEY_ALGORITHM,                              \
		        FIELD_TLS_##side##_X509_PUBLIC_KEY_SIZE,                                   \
		        FIELD_TLS_##side##_X509_SIGNATURE_ALGORITHM,                               \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_VALIDITY,                             \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_CHAIN,                                \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_REVOCATION,                           \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_WEAKNESSES,                           \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_USAGES,                               \
		        FIELD_CONFIGMGR_CERTIFICATE_##side##_SELF_SIGNED                           \
	}

static const struct side_fields fields_of[ATTACHMENTS] = {
        [ATTACHED_CLIENT_CERTIFICATES] = FIELDS_OF(CLIENT),
        [ATTACHED_SERVER_CERTIFICATES] = FIELDS_OF(SERVER),
};

static void set_text(struct event *ev, enum field f, struct bytes text)
{
	if (text.len)
		event_set_text(ev, f, text);
}

static void describe(struct event *ev, const struct side_fields *f, const struct certificate *c)
{
	set_text(ev, f->hash, c->hash_text);
	set_text(ev, f->subject, c->subject);
	set_text(ev, f->issuer, c->issuer);
	set_text(ev, f->serial, c->serial);
	event_set_texts(ev, f->common_name, c->common_names.at, c->common_names.count);
	event_set_texts(ev, f->names, c->name, c->name_count);
	event_set_texts(ev, f->usages, c->usages.at, c->usages.count);
	event_set_time(ev, f->not_before, c->not_before);
	event_set_time(ev, f->not_after, c->not_after);
	event_set_name(ev, f->key_algorithm, c->key_algorithm);
	event_set_name(ev, f->signature, c->signature_algorithm);
	if (c->key_bits)
		event_set_integer(ev, f->key_size, c->key_bits);
	event_set_boolean(ev, f->self_signed, c->self_signed);
}

void site_state_certificates(struct site_subject *s)
{
	for (int side = 0; side < ATTACHMENTS; side++) {
		const struct certificate *c =
		        certificates_find(s->m->certificates, s->ev->attached[side], s->ev->time);

		if (!c || !c->readable)
			continue;
		s->shown[side] = c;
		describe(s->ev, &fields_of[side], c);
		if (side == ATTACHED_SERVER_CERTIFICATES)
			event_set_boolean(s->ev,
			                  FIELD_CONFIGMGR_CERTIFICATE_SERVER_CONFIGMGR_ISSUED,
			                  c->configmgr_issued);
	}
}

static const char *validity(const struct certificate *c, int64_t time)
{
	if (time < c->not_before)
		return "not-yet-valid";
	return time > c->not_after ? "expired" : "valid";
}

static const char *revocation(const struct certificate *c, int64_t time)
{
	if (c->revocation == REVOCATION_REVOKED)
		return "revoked";
	if (c->revocation == REVOCATION_GOOD && time >= c->good_from && time <= c->good_until)
		return "good";
	return "unknown";
}

static void judge_weaknesses(struct site_subject *s, const struct certificate *c, int side)
{
	bool usage = side == ATTACHED_SERVER_CERTIFICATES ? c->server_usage : c->client_usage;
	struct bytes *words = arena_alloc(s->scratch, 8 * sizeof(*words));
	size_t n = 0;

	if (!words)
		return;
	if (c->weaknesses & WEAK_MD5)
		words[n++] = BYTES("md5-signature");
	if (c->weaknesses & WEAK_SHA1)
		words[n++] = BYTES("sha1-signature");
	if (c->weaknesses & WEAK_KEY)
		words[n++] = BYTES("short-key");
	if (!c->has_usages)
		words[n++] = BYTES("no-usage");
	else if (!usage)
		words[n++] = BYTES("wrong-usage");
	event_set_texts(s->ev, fields_of[side].weaknesses, words, n);
}

bool site_is_pinned(const struct site_server *server, struct bytes hash)
{
	for (size_t i = 0; i < server->certificates.count; i++) {
		struct bytes pin = bytes_of(server->certificates.at[i]);

		if (bytes_starts_with_fold(pin, BYTES("sha256:")))
			pin = bytes_slice(pin, 7, pin.len);
		if (bytes_equal_fold(pin, hash))
			return true;
	}
	return false;
}

static void judge_chain(struct site_subject *s, const struct certificate *c, int side)
{
	const struct site_server *server = s->addressed;

	if (side == ATTACHED_SERVER_CERTIFICATES && server && site_is_pinned(server, c->hash_text))
		event_set_name(s->ev, fields_of[side].chain, "trusted");
	else if (c->chain != CHAIN_UNKNOWN)
		event_set_name(s->ev, fields_of[side].chain,
		               c->chain == CHAIN_TRUSTED ? "trusted" : "untrusted");
}

/* Does a name fit? That none does is only known where the hello was seen whole, and all names are.
 */
static void judge_name(struct site_subject *s, const struct certificate *c)
{
	struct event *ev = s->ev;
	struct bytes asked = event_text(ev, FIELD_TLS_CLIENT_SERVER_NAME);
	struct bytes listed = bytes_of(s->addressed ? s->addressed->name : NULL);
	struct bytes learned = s->server ? site_name_view(&s->server->name) : (struct bytes){0};
	struct bytes names[] = {asked, listed, learned};
	char address[ADDRESS_TEXT_MAX];
	bool any = false, fits;

	address_print(s->server_address, address);
	fits = certificate_has_name(c, bytes_of(address));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		any |= names[i].len != 0;
		fits = fits || (names[i].len && certificate_has_name(c, names[i]));
	}
	if (fits)
		event_set_boolean(ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_NAME_FITS, true);
	else if (any && !c->cut && event_has(ev, FIELD_TLS_CLIENT_SUPPORTED_CIPHERS))
		event_set_boolean(ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_NAME_FITS, false);
}

void site_judge_certificates(struct site_subject *s)
{
	const struct trust *trust = s->m->listed ? s->m->listed->trust : NULL;
	int64_t time = event_integer(s->ev, FIELD_EVENT_START, s->ev->time);

	if (!event_integer(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, false))
		return;
	for (int side = 0; side < ATTACHMENTS; side++) {
		const struct certificate *c = s->shown[side];

		if (!c)
			continue;
		event_set_name(s->ev, fields_of[side].validity, validity(c, time));
		judge_weaknesses(s, c, side);
		judge_chain(s, c, side);
		if (trust && sk_X509_CRL_num(trust->crls))
			event_set_name(s->ev, fields_of[side].revocation, revocation(c, time));
	}
	if (s->shown[ATTACHED_SERVER_CERTIFICATES])
		judge_name(s, s->shown[ATTACHED_SERVER_CERTIFICATES]);
}

/* Another server behind the same address, such as a load balancer's: both certificates are good for
 * the name that was asked for, and they are of different names. Without pins nobody knows better.
 */
static bool may_be_of_another(const struct site_subject *s, const struct certificate *c,
                              const struct learned_certificate *known)
{
	return known->fits && known->subject != hash_bytes(c->subject) &&
	       event_text_is(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_VALIDITY, "valid") &&
	       event_integer(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_NAME_FITS, false) &&
	       !event_text_is(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_CHAIN, "untrusted");
}

/* Pins decide where there are any; else what was seen first, until it was not seen for a day. */
void site_judge_change(struct site_subject *s)
{
	const struct certificate *c = s->shown[ATTACHED_SERVER_CERTIFICATES];
	const struct site_server *server = s->addressed;
	const struct learned_certificate *known;

	if (!c || !event_integer(s->ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, false))
		return;
	if (server && server->certificates.count) {
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_CHANGED,
		                  !site_is_pinned(server, c->hash_text));
		return;
	}
	known = site_certificate_find(s);
	if (known &&
	    (!memcmp(known->hash, c->hash, sizeof(c->hash)) || !may_be_of_another(s, c, known)))
		event_set_boolean(s->ev, FIELD_CONFIGMGR_CERTIFICATE_SERVER_CHANGED,
		                  memcmp(known->hash, c->hash, sizeof(c->hash)) != 0);
}
