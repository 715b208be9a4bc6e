/* The event of a handshake: made of the messages that were kept, and of what was seen behind them.
 */
#include "dissectors/tls/fingerprint_cache.h"
#include "dissectors/tls/hello.h"
#include "dissectors/tls/names.h"
#include "dissectors/tls/tls.h"

/* The messages, taken apart. */
struct kept {
	bool has_client, has_server;
	struct tls_hello client, server;
	struct bytes certificates[2]; /* by enum side */
};

static struct kept read_kept(struct dissection *d, const struct tls_reader *t)
{
	struct kept kept = {0};
	struct reader r = reader_over(chain_view(&d->bench->blocks, &t->kept, &d->bench->scratch));

	while (reader_left(&r)) {
		uint8_t what = reader_u8(&r);
		struct bytes body = reader_take(&r, reader_u24be(&r));

		if (!reader_ok(&r))
			break;
		switch (what) {
		case KEPT_CLIENT_HELLO:
			kept.has_client = !tls_client_hello(body, &kept.client);
			break;
		case KEPT_SSLV2_HELLO:
			kept.has_client = !tls_sslv2_hello(body, &kept.client);
			break;
		case KEPT_SERVER_HELLO:
			kept.has_server = !tls_server_hello(body, &kept.server);
			break;
		case KEPT_CLIENT_CERTIFICATES:
			kept.certificates[CLIENT] = body;
			break;
		case KEPT_SERVER_CERTIFICATES:
			kept.certificates[SERVER] = body;
			break;
		default:
			break;
		}
	}
	return kept;
}

/* A list of names of numbers of two bytes, without those of RFC 8701. In the hello of SSL 2.0
 * suites have three: those of SSL 3.0 and later begin with 0, the others have no names here. */
static void set_names(struct dissection *d, enum field f, struct bytes numbers, size_t each,
                      struct bytes (*name)(uint16_t number, struct arena *arena))
{
	struct arena *scratch = &d->bench->scratch;
	struct reader r = reader_over(numbers);
	size_t room = numbers.len / each, n = 0;
	struct bytes *names;

	/* One more than an event takes, so that the cut is marked. */
	room = room <= EVENT_LIST_MAX ? room : EVENT_LIST_MAX + 1;
	names = arena_alloc(scratch, (room + 1) * sizeof(*names));
	while (names && n < room && reader_left(&r) >= each) {
		uint8_t kind = each == 3 ? reader_u8(&r) : 0;
		uint16_t number = reader_u16be(&r);

		if (kind)
			names[n++] = arena_print(scratch, "0x%02x%04x", kind, number);
		else if (!tls_is_grease(number))
			names[n++] = name(number, scratch);
	}
	event_set_texts(&d->bench->event, f, names, n);
}

static struct bytes version_name(uint16_t version, struct arena *arena)
{
	const char *name = tls_version_name(version);

	return name ? bytes_of(name) : arena_print(arena, "0x%04x", version);
}

static void set_extensions(struct dissection *d, enum field f, const struct tls_hello *hello)
{
	size_t room = EVENT_LIST_MAX + 1;
	int64_t *types = arena_alloc(&d->bench->scratch, room * sizeof(*types));
	struct reader r = reader_over(hello->extensions);
	struct bytes data;
	uint16_t type;
	size_t n = 0;

	while (types && n < room && tls_next_extension(&r, &type, &data))
		types[n++] = type;
	event_set_integers(&d->bench->event, f, types, n);
}

static struct bytes lower(struct bytes text, struct arena *arena)
{
	uint8_t *to = arena_alloc(arena, text.len + 1);

	for (size_t i = 0; to && i < text.len; i++)
		to[i] = ascii_lower(text.at[i]);
	return (struct bytes){to, to ? text.len : 0};
}

static void set_protocols(struct dissection *d, enum field f, struct bytes protocols)
{
	struct reader r = reader_over(protocols);
	size_t room = protocols.len / 2 + 1, n = 0;
	struct bytes *names;

	room = room <= EVENT_LIST_MAX ? room : EVENT_LIST_MAX + 1;
	names = arena_alloc(&d->bench->scratch, room * sizeof(*names));
	while (names && n < room && reader_left(&r)) {
		struct bytes name = reader_take(&r, reader_u8(&r));

		if (reader_ok(&r) && name.len)
			names[n++] = name;
	}
	event_set_texts(&d->bench->event, f, names, n);
}

static void set_client(struct dissection *d, const struct tls_hello *h)
{
	struct event *ev = &d->bench->event;
	struct arena *scratch = &d->bench->scratch;
	uint8_t version[2] = {(uint8_t)(h->version >> 8), (uint8_t)h->version};
	struct tls_client_fingerprints made =
	        tls_client_fingerprints(d->bench->fingerprints, h, scratch);

	set_names(d, FIELD_TLS_CLIENT_SUPPORTED_CIPHERS, h->suites, h->of_sslv2 ? 3 : 2,
	          tls_suite_name);
	set_names(d, FIELD_CONFIGMGR_TLS_GROUPS_OFFERED, h->groups, 2, tls_group_name);
	set_names(d, FIELD_CONFIGMGR_TLS_VERSIONS_OFFERED,
	          h->versions.len ? h->versions : (struct bytes){version, sizeof(version)}, 2,
	          version_name);
	set_extensions(d, FIELD_CONFIGMGR_TLS_EXTENSIONS_CLIENT, h);
	set_protocols(d, FIELD_CONFIGMGR_TLS_PROTOCOLS_OFFERED, h->protocols);
	if (made.ja3.len)
		event_set_text(ev, FIELD_TLS_CLIENT_JA3, made.ja3);
	if (made.ja4.len)
		event_set_text(ev, FIELD_CONFIGMGR_TLS_JA4, made.ja4);
	event_set_boolean(ev, FIELD_CONFIGMGR_TLS_SSLV2_HELLO, h->of_sslv2);
}

static void set_version(struct event *ev, uint16_t version)
{
	const char *name = tls_version_name(version);

	if (!name)
		return;
	event_set_name(ev, FIELD_TLS_VERSION, name);
	event_set_name(ev, FIELD_TLS_VERSION_PROTOCOL, version <= SSL_3_0 ? "ssl" : "tls");
}

static void set_suite(struct dissection *d, uint16_t suite)
{
	struct arena *scratch = &d->bench->scratch;
	struct bytes name = tls_suite_name(suite, scratch);
	struct bytes *words = arena_alloc(scratch, TLS_WEAKNESSES * sizeof(*words));

	event_set_text(&d->bench->event, FIELD_TLS_CIPHER, name);
	if (words)
		event_set_texts(&d->bench->event, FIELD_CONFIGMGR_TLS_WEAKNESS, words,
		                tls_suite_weaknesses(name, words));
}

/* How a session was resumed, where both hellos were seen. */
static const char *resumption(const struct tls_reader *t, const struct kept *kept)
{
	if (t->version == TLS_1_3)
		return kept->server.has_key ? "psk" : NULL;
	if (!t->resumed)
		return NULL;
	/* A client with a ticket makes up the session id that the server repeats (RFC 5077 3.4). */
	return kept->has_client && kept->client.has_ticket ? "ticket" : "session-id";
}

static void set_server(struct dissection *d, const struct tls_reader *t, const struct kept *kept)
{
	struct event *ev = &d->bench->event;
	const struct tls_hello *h = &kept->server;
	struct reader protocol = reader_over(h->protocols);
	struct bytes name = reader_take(&protocol, reader_u8(&protocol));
	struct bytes ja3s = tls_server_fingerprint(d->bench->fingerprints, h, &d->bench->scratch);
	bool full = t->side[SERVER].certificate || t->hello_done;

	set_suite(d, t->suite);
	set_extensions(d, FIELD_CONFIGMGR_TLS_EXTENSIONS_SERVER, h);
	if (ja3s.len)
		event_set_text(ev, FIELD_TLS_SERVER_JA3S, ja3s);
	if (name.len)
		event_set_text(ev, FIELD_TLS_NEXT_PROTOCOL, name);
	if (h->has_share)
		event_set_text(ev, FIELD_TLS_CURVE, tls_group_name(h->group, &d->bench->scratch));
	else if (t->group && bytes_find(event_text(ev, FIELD_TLS_CIPHER), BYTES("_ECDH")) >= 0)
		event_set_text(ev, FIELD_TLS_CURVE, tls_group_name(t->group, &d->bench->scratch));
	if (t->version == TLS_1_3 || t->resumed || full)
		event_set_boolean(ev, FIELD_TLS_RESUMED, resumption(t, kept) != NULL);
	event_set_name(ev, FIELD_CONFIGMGR_TLS_RESUMPTION, resumption(t, kept));
}

static void set_alerts(struct dissection *d, enum field f, const struct tls_side *side)
{
	struct bytes *names = arena_alloc(&d->bench->scratch, TLS_ALERTS * sizeof(*names));

	for (uint8_t i = 0; names && i < side->alert_count; i++) {
		const char *name = tls_alert_name(side->alerts[i]);

		names[i] = name ? bytes_of(name)
		                : arena_print(&d->bench->scratch, "%u", side->alerts[i]);
	}
	if (names)
		event_set_texts(&d->bench->event, f, names, side->alert_count);
}

static bool is_renegotiated(const struct tls_reader *t)
{
	return t->side[CLIENT].ciphered_handshakes > 1 || t->side[SERVER].ciphered_handshakes > 1;
}

/* A server that asks for a certificate only for some paths does so after the first request: so that
 * none was asked for is known once the server has answered that. */
static bool was_not_requested(const struct dissection *d, const struct tls_reader *t)
{
	const struct flow_facts *flow = d->flow;

	return t->hello_done && t->side[SERVER].certificate && !t->requested && t->answered &&
	       !is_renegotiated(t) && !t->over_cap && !flow->midstream && !flow->lost[CLIENT] &&
	       !flow->lost[SERVER];
}

static void set_client_authentication(struct dissection *d, const struct tls_reader *t)
{
	const char *state = NULL;

	if (t->requested && t->side[CLIENT].certificate)
		state = t->no_certificate ? "empty" : "presented";
	else if (was_not_requested(d, t))
		state = "not-requested";
	event_set_name(&d->bench->event, FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION, state);
	if (t->hello_done && !t->over_cap)
		event_set_boolean(&d->bench->event, FIELD_CONFIGMGR_TLS_CERTIFICATE_REQUESTED,
		                  t->requested);
}

static void set_outcome(struct dissection *d, const struct tls_reader *t)
{
	struct event *ev = &d->bench->event;
	bool closed = t->side[CLIENT].closed || t->side[SERVER].closed;

	if (tls_is_established(t))
		event_set_boolean(ev, FIELD_TLS_ESTABLISHED, true);
	else if (t->fatal || (closed && !d->flow->lost[CLIENT] && !d->flow->lost[SERVER]))
		event_set_boolean(ev, FIELD_TLS_ESTABLISHED, false);
	if (t->version && t->version != TLS_1_3 && tls_is_established(t))
		event_set_boolean(ev, FIELD_CONFIGMGR_TLS_RENEGOTIATED, is_renegotiated(t));
	set_alerts(d, FIELD_CONFIGMGR_TLS_ALERT_CLIENT, &t->side[CLIENT]);
	set_alerts(d, FIELD_CONFIGMGR_TLS_ALERT_SERVER, &t->side[SERVER]);
}

void tls_tell(struct dissection *d, struct tls_reader *t)
{
	struct event *ev;
	struct kept kept;

	if (t->told)
		return;
	t->told = true;
	kept = read_kept(d, t);
	/* That a handshake could not be read for a loss is worth telling too. */
	if (!kept.has_client && !kept.has_server && !d->flow->lost[CLIENT] &&
	    !d->flow->lost[SERVER])
		return;
	count(d->bench->counters, COUNTER_TLS_HANDSHAKES);
	ev = dissection_event(d, EVENT_TLS);
	event_set_time(ev, FIELD_EVENT_START, t->begun);
	event_set_time(ev, FIELD_EVENT_END, d->bench->now);
	event_set_name(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "tls");
	ev->attached[ATTACHED_CLIENT_CERTIFICATES] = kept.certificates[CLIENT];
	ev->attached[ATTACHED_SERVER_CERTIFICATES] = kept.certificates[SERVER];
	if (kept.has_client && kept.client.server_name.len)
		event_set_text(ev, FIELD_TLS_CLIENT_SERVER_NAME,
		               lower(kept.client.server_name, &d->bench->scratch));
	/* Few handshakes are of site systems. */
	if (!dissection_matters(d, 1u << SETTER_TLS)) {
		dissection_pass_over(d);
		return;
	}
	if (kept.has_client)
		set_client(d, &kept.client);
	if (t->version)
		set_version(ev, t->version);
	if (kept.has_server)
		set_server(d, t, &kept);
	set_outcome(d, t);
	set_client_authentication(d, t);
	if (t->over_cap)
		d->bench->degraded |= DEGRADED_OVER_CAP;
	if (!t->version)
		d->bench->degraded |= DEGRADED_UNANSWERED;
	dissection_emit(d);
}
