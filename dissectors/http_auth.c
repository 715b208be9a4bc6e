/* Authentication on an HTTP connection (RFC 9110 section 11, RFC 4559, MS-NTHT). */
#include "dissectors/http_auth.h"

#include "dissectors/digest.h"
#include "dissectors/ntlm.h"

static const char *const scheme_name[] = {
        [SCHEME_BASIC] = "basic",         [SCHEME_NTLM] = "ntlm",
        [SCHEME_NEGOTIATE] = "negotiate", [SCHEME_KERBEROS] = "kerberos",
        [SCHEME_BEARER] = "bearer",       [SCHEME_OTHER] = "other",
        [SCHEME_TOKEN] = "token",         [SCHEME_NONE] = NULL,
};

static void keep_name(struct account_name *to, struct bytes name)
{
	to->len = (uint8_t)(name.len < sizeof(to->text) ? name.len : sizeof(to->text));
	if (to->len)
		memcpy(to->text, name.at, to->len);
}

static void keep_account(struct http_auth *auth, struct bytes domain, struct bytes user,
                         struct bytes workstation)
{
	keep_name(&auth->domain, domain);
	keep_name(&auth->user, user);
	keep_name(&auth->workstation, workstation);
}

/* The name alone: the password behind the colon is not even looked at. */
static void keep_basic_account(struct http_auth *auth, struct bytes token, struct arena *scratch)
{
	struct bytes pair = base64_decode(token, scratch);
	ptrdiff_t colon = bytes_find(pair, BYTES(":"));
	struct bytes user = bytes_slice(pair, 0, colon < 0 ? 0 : (size_t)colon);
	ptrdiff_t slash = bytes_find(user, BYTES("\\"));

	if (slash < 0)
		keep_account(auth, (struct bytes){0}, user, (struct bytes){0});
	else
		keep_account(auth, bytes_slice(user, 0, (size_t)slash),
		             bytes_slice(user, (size_t)slash + 1, user.len), (struct bytes){0});
}

/* A Negotiate or NTLM token: which mechanism it is, and whether it is the final proof. */
static struct auth_attempt read_token(struct http_auth *auth, enum auth_scheme scheme,
                                      struct bytes token, struct arena *scratch)
{
	/* The mechanism's object identifier, 1.2.840.113554.1.2.2 (RFC 4121), in DER. */
	static const uint8_t kerberos[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
	struct bytes raw = base64_decode(token, scratch);
	struct ntlm ntlm = ntlm_read(raw, scratch);

	if (ntlm.type == NTLM_AUTHENTICATE) {
		keep_account(auth, ntlm.domain, ntlm.user, ntlm.workstation);
		/* An empty user is an anonymous logon: it proves nothing. */
		return (struct auth_attempt){SCHEME_NTLM, ntlm.user.len > 0};
	}
	if (ntlm.type != NTLM_NONE || scheme == SCHEME_NTLM)
		return (struct auth_attempt){SCHEME_NTLM, false};
	if (bytes_find(raw, (struct bytes){kerberos, sizeof(kerberos)}) >= 0)
		scheme = SCHEME_KERBEROS;
	return (struct auth_attempt){scheme, raw.len > 0};
}

struct auth_attempt http_auth_request(struct http_auth *auth, const struct http_head *head,
                                      struct arena *scratch)
{
	struct bytes value = head->header[HTTP_AUTHORIZATION];
	ptrdiff_t blank = bytes_find(value, BYTES(" "));
	struct bytes scheme = bytes_slice(value, 0, blank < 0 ? value.len : (size_t)blank);
	struct bytes token = bytes_trim(bytes_slice(value, scheme.len, value.len));

	if (!value.at) {
		bool id = http_head_has(head, HTTP_CCM_CLIENT_ID) &&
		          http_head_has(head, HTTP_CCM_CLIENT_ID_SIGNATURE);
		bool signed_token = http_head_has(head, HTTP_CLIENT_TOKEN) &&
		                    http_head_has(head, HTTP_CLIENT_TOKEN_SIGNATURE);

		if (id || signed_token)
			return (struct auth_attempt){SCHEME_TOKEN, true};
		return (struct auth_attempt){0};
	}
	if (bytes_equal_fold(scheme, BYTES("NTLM")))
		return read_token(auth, SCHEME_NTLM, token, scratch);
	if (bytes_equal_fold(scheme, BYTES("Negotiate")))
		return read_token(auth, SCHEME_NEGOTIATE, token, scratch);
	if (bytes_equal_fold(scheme, BYTES("Basic"))) {
		keep_basic_account(auth, token, scratch);
		return (struct auth_attempt){SCHEME_BASIC, true};
	}
	if (bytes_equal_fold(scheme, BYTES("Bearer")))
		return (struct auth_attempt){SCHEME_BEARER, true};
	return (struct auth_attempt){SCHEME_OTHER, true};
}

void http_auth_reply(struct http_auth *auth, struct auth_attempt attempt, unsigned status)
{
	bool accepted = status != 401 && status != 407 && status < 500;

	if (!attempt.complete || !accepted || attempt.scheme == SCHEME_TOKEN)
		return;
	auth->state = AUTH_AUTHENTICATED;
	auth->scheme = attempt.scheme;
}

void http_auth_lost(struct http_auth *auth)
{
	if (auth->state == AUTH_ANONYMOUS)
		auth->state = AUTH_UNKNOWN;
}

static struct bytes name_view(const struct account_name *name)
{
	return (struct bytes){(const uint8_t *)name->text, name->len};
}

void http_auth_state(const struct http_auth *auth, struct auth_attempt attempt, struct event *ev)
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
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_STATE, state_name[state]);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_SCHEME, scheme_name[scheme]);
	if (auth->user.len)
		event_set_text(ev, FIELD_USER_NAME, name_view(&auth->user));
	if (auth->domain.len)
		event_set_text(ev, FIELD_USER_DOMAIN, name_view(&auth->domain));
	if (auth->workstation.len)
		event_set_text(ev, FIELD_CONFIGMGR_AUTH_WORKSTATION, name_view(&auth->workstation));
}
