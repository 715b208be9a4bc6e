/* Authentication on an HTTP connection (RFC 9110 section 11, RFC 4559, MS-NTHT). */
#include "dissectors/http_auth.h"

#include "dissectors/digest.h"

static const char *const scheme_name[] = {
        [SCHEME_BASIC] = "basic",
        [SCHEME_NTLM] = "ntlm",
        [SCHEME_NEGOTIATE] = "negotiate",
        [SCHEME_KERBEROS] = "kerberos",
        [SCHEME_BEARER] = "bearer",
        [SCHEME_OTHER] = "other",
        [SCHEME_CERTIFICATE] = "certificate",
        [SCHEME_TOKEN] = "token",
        [SCHEME_NONE] = NULL,
};

/* The name alone: the password behind the colon is not even looked at. */
static void keep_basic_account(struct dissection *d, struct http_auth *auth, struct bytes token)
{
	struct bytes pair = base64_decode(token, &d->bench->scratch);
	ptrdiff_t colon = bytes_find(pair, BYTES(":"));
	struct bytes user = bytes_slice(pair, 0, colon < 0 ? 0 : (size_t)colon);
	ptrdiff_t slash = bytes_find(user, BYTES("\\"));
	struct bytes domain = bytes_slice(user, 0, slash < 0 ? 0 : (size_t)slash);

	auth->logon = (struct logon){0};
	logon_account_set(&auth->logon.account,
	                  bytes_slice(user, slash < 0 ? 0 : (size_t)slash + 1, user.len), domain);
}

/* A Negotiate or NTLM token: which mechanism it is, and whether it is the final proof. */
static struct auth_attempt read_token(struct dissection *d, struct http_auth *auth,
                                      enum auth_scheme scheme, struct bytes token)
{
	struct bytes raw = base64_decode(token, &d->bench->scratch);
	struct logon *logon = &auth->logon;

	logon_token(d, logon, CLIENT, raw);

	bool proof = raw.len && logon->step == LOGON_PROVED;

	if (logon->mechanism == LOGON_NTLM || scheme == SCHEME_NTLM)
		/* A logon without account is anonymous: it proves nothing. */
		return (struct auth_attempt){SCHEME_NTLM, proof && !logon->account.anonymous,
		                             proof};
	if (logon->mechanism == LOGON_KERBEROS)
		scheme = SCHEME_KERBEROS;
	return (struct auth_attempt){scheme, raw.len > 0, proof};
}

struct auth_attempt http_auth_request(struct dissection *d, struct http_auth *auth,
                                      const struct http_head *head)
{
	struct bytes value = head->header[HTTP_AUTHORIZATION];

	if (!value.at) {
		bool id = http_head_has(head, HTTP_CCM_CLIENT_ID) &&
		          http_head_has(head, HTTP_CCM_CLIENT_ID_SIGNATURE);
		bool signed_token = http_head_has(head, HTTP_CLIENT_TOKEN) &&
		                    http_head_has(head, HTTP_CLIENT_TOKEN_SIGNATURE);

		if (id || signed_token)
			return (struct auth_attempt){SCHEME_TOKEN, true, false};
		return (struct auth_attempt){0};
	}

	ptrdiff_t blank = bytes_find(value, BYTES(" "));
	struct bytes scheme = bytes_slice(value, 0, blank < 0 ? value.len : (size_t)blank);
	struct bytes token = bytes_trim(bytes_slice(value, scheme.len, value.len));

	if (bytes_equal_fold(scheme, BYTES("NTLM")))
		return read_token(d, auth, SCHEME_NTLM, token);
	if (bytes_equal_fold(scheme, BYTES("Negotiate")))
		return read_token(d, auth, SCHEME_NEGOTIATE, token);
	if (bytes_equal_fold(scheme, BYTES("Basic"))) {
		keep_basic_account(d, auth, token);
		return (struct auth_attempt){SCHEME_BASIC, true, false};
	}
	if (bytes_equal_fold(scheme, BYTES("Bearer")))
		return (struct auth_attempt){SCHEME_BEARER, true, false};
	return (struct auth_attempt){SCHEME_OTHER, true, false};
}

/* The token of a WWW-Authenticate header: a challenge, or the server's last word. */
static void read_challenge(struct dissection *d, struct http_auth *auth, struct bytes challenge)
{
	ptrdiff_t blank = bytes_find(challenge, BYTES(" "));
	struct bytes scheme = bytes_slice(challenge, 0, blank < 0 ? 0 : (size_t)blank);
	struct bytes token = bytes_trim(bytes_slice(challenge, scheme.len, challenge.len));

	if (bytes_equal_fold(scheme, BYTES("NTLM")) || bytes_equal_fold(scheme, BYTES("Negotiate")))
		logon_token(d, &auth->logon, SERVER, base64_decode(token, &d->bench->scratch));
}

void http_auth_reply(struct dissection *d, struct http_auth *auth, struct auth_attempt attempt,
                     const struct http_head *head)
{
	bool refused = head->status == 401 || head->status == 407;
	bool failed = head->status >= 500;

	if (head->challenge.len)
		read_challenge(d, auth, head->challenge);
	if (attempt.proof) {
		if (!failed)
			logon_answered(&auth->logon, !refused);
		logon_emit(d, &auth->logon, "http", NULL, NULL);
	}
	if (!attempt.complete || refused || failed || attempt.scheme == SCHEME_TOKEN)
		return;
	auth->state = AUTH_AUTHENTICATED;
	auth->scheme = attempt.scheme;
}

void http_auth_requested(struct dissection *d, struct http_auth *auth, struct auth_attempt attempt)
{
	if (attempt.proof && logon_is_due(d, &auth->logon))
		logon_emit(d, &auth->logon, "http", NULL, NULL);
}

void http_auth_unanswered(struct dissection *d, struct http_auth *auth, struct auth_attempt attempt)
{
	if (attempt.proof)
		logon_emit(d, &auth->logon, "http", NULL, NULL);
}

void http_auth_lost(struct http_auth *auth, enum side from)
{
	logon_lost(&auth->logon);
	if (from == CLIENT && auth->state == AUTH_ANONYMOUS)
		auth->state = AUTH_UNKNOWN;
}

void http_auth_state(const struct http_auth *auth, struct auth_attempt attempt,
                     enum channel_client channel, struct event *ev)
{
	static const char *const state_name[] = {
	        [AUTH_ANONYMOUS] = "anonymous",
	        [AUTH_UNKNOWN] = NULL,
	        [AUTH_AUTHENTICATED] = "authenticated",
	};
	enum auth_state state = auth->state;
	enum auth_scheme scheme = state == AUTH_AUTHENTICATED ? auth->scheme : attempt.scheme;

	if (state != AUTH_AUTHENTICATED && attempt.scheme == SCHEME_TOKEN)
		state = AUTH_AUTHENTICATED;
	if (state == AUTH_ANONYMOUS && channel == CHANNEL_CERTIFIED) {
		state = AUTH_AUTHENTICATED;
		scheme = SCHEME_CERTIFICATE;
	} else if (state == AUTH_ANONYMOUS && channel == CHANNEL_UNKNOWN) {
		state = AUTH_UNKNOWN;
	}
	logon_facts(&auth->logon, ev);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_STATE, state_name[state]);
	event_clear(ev, FIELD_CONFIGMGR_AUTH_SCHEME);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_SCHEME, scheme_name[scheme]);
}
