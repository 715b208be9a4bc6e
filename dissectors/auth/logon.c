/* What becomes known of one logon, token by token, and how it is told. */
#include "dissectors/auth/logon.h"

#include "core/reader.h"
#include "dissectors/auth/kerberos.h"
#include "dissectors/auth/ntlmssp.h"
#include "dissectors/auth/spnego.h"
#include "dissectors/digest.h"
#include "dissectors/xml.h"

#define MSV_AV_FLAG_MIC 0x2 /* the authenticate message has an integrity code (MS-NLMP 2.2.2.1) */

static const char *const mechanism_name[] = {
        [LOGON_NONE] = NULL,           [LOGON_NEGOTIATE] = "negotiate", [LOGON_NTLM] = "ntlm",
        [LOGON_KERBEROS] = "kerberos", [LOGON_SIMPLE] = "simple",       [LOGON_OTHER] = "other",
};

static const char *const version_name[] = {
        [NTLM_VERSION_UNKNOWN] = NULL,
        [NTLM_VERSION_1] = "v1",
        [NTLM_VERSION_1_SESSION] = "v1-session",
        [NTLM_VERSION_2] = "v2",
        [NTLM_VERSION_LM] = "lm",
};

/* The longest beginning of a UTF-8 text that has room and does not cut a character. */
static size_t keep(char *to, size_t room, struct bytes text, bool *cut)
{
	size_t len = text.len;

	if (len > room) {
		*cut = true;
		for (len = room; len && (text.at[len] & 0xc0) == 0x80;)
			len--;
	}
	if (len)
		memcpy(to, text.at, len);
	return len;
}

static void keep_name(struct logon_name *name, struct bytes text)
{
	*name = (struct logon_name){0};
	name->len = (uint8_t)keep(name->text, sizeof(name->text), text, &name->cut);
}

static void keep_service(struct logon_service *service, struct bytes text)
{
	*service = (struct logon_service){0};
	service->len = (uint8_t)keep(service->text, sizeof(service->text), text, &service->cut);
}

/* The beginning of a text of the wire as UTF-8: names are short, fields may claim 64 KiB. */
static struct bytes as_utf8(struct dissection *d, struct bytes text, bool unicode)
{
	text = bytes_slice(text, 0, unicode ? 512 : 256);
	return unicode ? utf16_to_utf8(text, TEXT_UTF16LE, &d->bench->scratch) : text;
}

/* A fingerprint of what must not be printed. `label` keeps fingerprints of different things apart.
 */
static struct logon_fingerprint fingerprint(struct dissection *d, struct bytes label,
                                            struct bytes secret)
{
	struct logon_fingerprint f = {0};
	struct arena *scratch = &d->bench->scratch;
	uint8_t *joined = secret.len ? arena_alloc(scratch, label.len + secret.len) : NULL;

	if (!joined)
		return f;
	memcpy(joined, label.at, label.len);
	memcpy(joined + label.len, secret.at, secret.len);

	struct bytes hex = sha256_hex((struct bytes){joined, label.len + secret.len}, scratch);

	f.known = hex.len >= LOGON_FINGERPRINT;
	if (f.known)
		memcpy(f.text, hex.at, LOGON_FINGERPRINT);
	return f;
}

static enum ntlm_version version_of(const struct ntlmssp *n)
{
	bool client_challenge = n->lm.len == 24;

	if (n->version_2)
		return NTLM_VERSION_2;
	if (n->nt.len != 24)
		return n->lm.len == 24 ? NTLM_VERSION_LM : NTLM_VERSION_UNKNOWN;
	/* An LM response of eight bytes and zeros is a client challenge (MS-NLMP 3.3.1). */
	for (size_t i = 8; i < n->lm.len; i++)
		client_challenge &= !n->lm.at[i];
	return client_challenge ? NTLM_VERSION_1_SESSION : NTLM_VERSION_1;
}

/* The proof of an NTLM logon, from an AUTHENTICATE message or from bare responses. */
static void take_proof(struct dissection *d, struct logon *logon, const struct ntlmssp *n,
                       struct bytes user, struct bytes domain)
{
	logon->mechanism = LOGON_NTLM;
	logon->step = LOGON_PROVED;
	logon_account_set(&logon->account, user, domain);
	if (logon->account.anonymous)
		return;
	logon->version = version_of(n);
	logon->response = fingerprint(d, BYTES("cmtap ntlm response "),
	                              logon->version == NTLM_VERSION_LM ? n->lm : n->proof);
	logon->mic = n->pairs.flags & MSV_AV_FLAG_MIC;
	logon->channel_bindings = n->pairs.bound;
	if (n->version_2)
		keep_service(&logon->service, as_utf8(d, n->pairs.target, true));
}

static void take_flags(struct logon *logon, const struct ntlmssp *n)
{
	if (!n->has_flags)
		return;
	logon->has_flags = true;
	logon->flags = n->flags;
}

static void take_challenge(struct dissection *d, struct logon *logon, const struct ntlmssp *n)
{
	logon->mechanism = LOGON_NTLM;
	logon->step = LOGON_CHALLENGED;
	take_flags(logon, n);
	logon->challenge = fingerprint(d, BYTES("cmtap ntlm challenge "), n->challenge);
	keep_name(&logon->computer, as_utf8(d, n->pairs.computer, true));
	keep_name(&logon->dns_computer, as_utf8(d, n->pairs.dns_computer, true));
	keep_name(&logon->target_domain, as_utf8(d, n->pairs.domain, true));
}

static void read_ntlm(struct dissection *d, struct logon *logon, enum side from,
                      struct bytes message)
{
	struct ntlmssp n = ntlmssp_read(message);

	if (from == CLIENT && n.type == NTLMSSP_NEGOTIATE) {
		logon->mechanism = LOGON_NTLM;
		logon->step = LOGON_BEGUN;
		take_flags(logon, &n);
	} else if (from == SERVER && n.type == NTLMSSP_CHALLENGE && logon->step < LOGON_PROVED) {
		take_challenge(d, logon, &n);
	} else if (from == CLIENT && n.type == NTLMSSP_AUTHENTICATE) {
		take_flags(logon, &n);
		keep_name(&logon->workstation, as_utf8(d, n.workstation, n.unicode));
		take_proof(d, logon, &n, as_utf8(d, n.user, n.unicode),
		           as_utf8(d, n.domain, n.unicode));
	}
}

static void take_ticket(struct dissection *d, struct logon *logon, const struct kerberos *k)
{
	struct bytes service = k->name[0];

	if (k->name[1].len)
		service = arena_print(
		        &d->bench->scratch, "%.*s/%.*s", (int)bytes_slice(k->name[0], 0, 128).len,
		        (const char *)k->name[0].at, (int)bytes_slice(k->name[1], 0, 256).len,
		        (const char *)k->name[1].at);
	logon->mechanism = LOGON_KERBEROS;
	logon->step = LOGON_PROVED;
	logon->ticket = k->encryption;
	keep_service(&logon->service, service);
	keep_name(&logon->realm, k->realm);
}

static void read_kerberos(struct dissection *d, struct logon *logon, enum side from,
                          struct bytes message)
{
	struct kerberos k = kerberos_read(message);

	if (from == CLIENT && k.type == KERBEROS_AP_REQ)
		take_ticket(d, logon, &k);
	else if (from == SERVER && logon->step == LOGON_PROVED && k.type == KERBEROS_AP_REP)
		logon_answered(logon, true);
	else if (from == SERVER && logon->step == LOGON_PROVED && k.type == KERBEROS_ERROR)
		logon_answered(logon, false);
}

/* Whether a token of the client is the first of a new logon. */
static bool begins(const struct logon *logon, const struct gss_token *t)
{
	if (t->initial || logon->step == LOGON_NOTHING)
		return true;
	if (t->mechanism == GSS_NTLM)
		return ntlmssp_read(t->inner).type == NTLMSSP_NEGOTIATE;
	/* A Kerberos logon is a single token of the client. */
	return t->mechanism == GSS_KERBEROS && logon->step == LOGON_PROVED &&
	       kerberos_read(t->inner).type == KERBEROS_AP_REQ;
}

void logon_token(struct dissection *d, struct logon *logon, enum side from, struct bytes token)
{
	static const enum logon_mechanism mechanisms[] = {
	        [GSS_UNDECIDED] = LOGON_NEGOTIATE,
	        [GSS_NTLM] = LOGON_NTLM,
	        [GSS_KERBEROS] = LOGON_KERBEROS,
	        [GSS_OTHER] = LOGON_OTHER,
	};
	struct gss_token t = gss_token_read(token);

	if (t.mechanism == GSS_NONE)
		return;
	if (from == CLIENT && begins(logon, &t))
		*logon = (struct logon){.first_time = d->bench->now, .step = LOGON_BEGUN};
	else if (from == SERVER && t.initial)
		return; /* what the server could do, before anybody asked */
	if (logon->mechanism == LOGON_NONE ||
	    (logon->step < LOGON_PROVED && t.mechanism != GSS_UNDECIDED))
		logon->mechanism = (uint8_t)mechanisms[t.mechanism];
	if (t.inner.len && (t.mechanism == GSS_NTLM || logon->mechanism == LOGON_NTLM))
		read_ntlm(d, logon, from, t.inner);
	else if (t.inner.len && (t.mechanism == GSS_KERBEROS || logon->mechanism == LOGON_KERBEROS))
		read_kerberos(d, logon, from, t.inner);
	if (from == SERVER && t.state == GSS_REJECT)
		logon_answered(logon, false);
	else if (from == SERVER && t.state == GSS_ACCEPT_COMPLETED && logon->step == LOGON_PROVED)
		logon_answered(logon, true);
}

void logon_responses(struct dissection *d, struct logon *logon, struct bytes challenge,
                     struct bytes lm, struct bytes nt, struct bytes user, struct bytes domain)
{
	struct ntlmssp n = {.lm = lm};

	*logon = (struct logon){.first_time = d->bench->now};
	if (!ntlmssp_response(nt, &n))
		return;
	logon->challenge = fingerprint(d, BYTES("cmtap ntlm challenge "), challenge);
	take_proof(d, logon, &n, user, domain);
}

void logon_simple(struct dissection *d, struct logon *logon, struct bytes user, struct bytes domain)
{
	*logon = (struct logon){
	        .first_time = d->bench->now, .mechanism = LOGON_SIMPLE, .step = LOGON_PROVED};
	logon_account_set(&logon->account, user, domain);
}

void logon_account_set(struct logon_account *account, struct bytes user, struct bytes domain)
{
	keep_name(&account->user, user);
	keep_name(&account->domain, domain);
	account->anonymous = !user.len;
}

void logon_lost(struct logon *logon)
{
	/* Which challenge a later response answers is not known any more. */
	if (logon->step != LOGON_PROVED)
		*logon = (struct logon){0};
	logon->unseen = true;
}

void logon_answered(struct logon *logon, bool accepted)
{
	logon->outcome = accepted ? LOGON_ACCEPTED : LOGON_REFUSED;
}

bool logon_is_due(const struct dissection *d, const struct logon *logon)
{
	return logon->step == LOGON_PROVED && !logon->told && !d->flow->seen[SERVER];
}

static void set_text(struct event *ev, enum field f, const char *text, size_t len, bool cut)
{
	if (!len)
		return;
	event_set_text(ev, f, (struct bytes){(const uint8_t *)text, len});
	if (cut)
		field_set_add(&ev->truncated, f);
}

static void set_name(struct event *ev, enum field f, const struct logon_name *name)
{
	set_text(ev, f, name->text, name->len, name->cut);
}

/* The host of class/host[:port][/name] (MS-ADTS section 5.1.1.4). */
static struct bytes host_of(struct bytes service)
{
	struct reader r = reader_over(service);

	reader_until(&r, '/');
	if (!reader_ok(&r))
		return (struct bytes){0};

	struct bytes host = reader_rest(&r);
	ptrdiff_t slash = bytes_find(host, BYTES("/"));
	ptrdiff_t colon = bytes_find(host, BYTES(":"));

	if (slash >= 0)
		host = bytes_slice(host, 0, (size_t)slash);
	/* An IPv6 address has several colons and no port. */
	if (colon >= 0 &&
	    bytes_find(bytes_slice(host, (size_t)colon + 1, host.len), BYTES(":")) < 0)
		host = bytes_slice(host, 0, (size_t)colon);
	return host;
}

void logon_account_facts(const struct logon_account *account, struct event *ev)
{
	const struct logon_name *user = &account->user;

	set_name(ev, FIELD_USER_NAME, user);
	set_name(ev, FIELD_USER_DOMAIN, &account->domain);
	if (account->anonymous)
		event_set_boolean(ev, FIELD_CONFIGMGR_AUTH_ANONYMOUS, true);
	if (user->len && !user->cut)
		event_set_boolean(ev, FIELD_CONFIGMGR_AUTH_COMPUTER,
		                  user->text[user->len - 1] == '$');
}

static void ntlm_facts(const struct logon *logon, struct event *ev)
{
	set_name(ev, FIELD_CONFIGMGR_AUTH_WORKSTATION, &logon->workstation);
	set_name(ev, FIELD_CONFIGMGR_AUTH_TARGET_NAME, &logon->computer);
	set_name(ev, FIELD_CONFIGMGR_AUTH_TARGET_DNS_NAME, &logon->dns_computer);
	set_name(ev, FIELD_CONFIGMGR_AUTH_TARGET_DOMAIN, &logon->target_domain);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_NTLM_VERSION, version_name[logon->version]);
	if (logon->has_flags)
		event_set_integer(ev, FIELD_CONFIGMGR_AUTH_NTLM_FLAGS, logon->flags);
	if (logon->version == NTLM_VERSION_2) {
		event_set_boolean(ev, FIELD_CONFIGMGR_AUTH_NTLM_MIC, logon->mic);
		event_set_boolean(ev, FIELD_CONFIGMGR_AUTH_NTLM_BINDINGS, logon->channel_bindings);
	}
	if (logon->challenge.known)
		set_text(ev, FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE, logon->challenge.text,
		         LOGON_FINGERPRINT, false);
	if (logon->response.known)
		set_text(ev, FIELD_CONFIGMGR_AUTH_NTLM_RESPONSE, logon->response.text,
		         LOGON_FINGERPRINT, false);
}

void logon_facts(const struct logon *logon, struct event *ev)
{
	struct bytes service = {(const uint8_t *)logon->service.text, logon->service.len};
	struct bytes host = host_of(service);

	event_set_name(ev, FIELD_CONFIGMGR_AUTH_SCHEME, mechanism_name[logon->mechanism]);
	logon_account_facts(&logon->account, ev);
	if (logon->mechanism == LOGON_NTLM)
		ntlm_facts(logon, ev);
	set_text(ev, FIELD_CONFIGMGR_AUTH_SERVICE, logon->service.text, service.len,
	         logon->service.cut);
	if (host.len && !logon->service.cut)
		event_set_text(ev, FIELD_CONFIGMGR_AUTH_SERVICE_HOST, host);
	set_name(ev, FIELD_CONFIGMGR_AUTH_KERBEROS_REALM, &logon->realm);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_KERBEROS_ENCRYPTION,
	               kerberos_encryption_name(logon->ticket));
}

void logon_emit(struct dissection *d, struct logon *logon, const char *carrier,
                void (*more)(const void *context, struct event *ev), const void *context)
{
	struct event *ev;

	if (logon->told || logon->step != LOGON_PROVED)
		return;
	logon->told = true;
	ev = dissection_event(d, EVENT_AUTHENTICATION);
	if (logon->first_time)
		event_set_time(ev, FIELD_EVENT_START, logon->first_time);
	event_set_time(ev, FIELD_EVENT_END, d->bench->now);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_CARRIER, carrier);
	if (logon->outcome == LOGON_UNKNOWN)
		d->bench->degraded |= DEGRADED_UNANSWERED;
	else
		event_set_name(ev, FIELD_EVENT_OUTCOME,
		               logon->outcome == LOGON_ACCEPTED ? "success" : "failure");
	logon_facts(logon, ev);
	if (more)
		more(context, ev);
	count(d->bench->counters, COUNTER_LOGONS);
	dissection_emit(d);
}
