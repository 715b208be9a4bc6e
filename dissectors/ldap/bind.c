/* The logons of LDAP: requests to bind and their answers (RFC 4511 section 4.2, RFC 4513).
 *
 *    BindRequest  = version INTEGER, name OCTET STRING, one of
 *                   [0] password                                             simple
 *                   [3] SEQUENCE { mechanism, credentials OPTIONAL }         SASL
 *                   [9] [10] [11] token                                      Sicily
 *    BindResponse = code ENUMERATED, matched name, message, [3] referral OPTIONAL,
 *                   [7] serverSaslCreds OPTIONAL
 *
 * Sicily (MS-ADTS section 5.1.1.1.3) asks for packages, then carries raw NTLMSSP; every answer to
 * it says success, and the server's token stands where the matched name would. Of a simple bind's
 * password only is told that there was one: a bind with a name and without a password is anonymous
 * (RFC 4513 section 5.1.2). */
#include "dissectors/auth/der.h"
#include "dissectors/ldap/ldap.h"

#define AUTH_SIMPLE 0x80
#define AUTH_SASL   0xa3
#define SICILY_ASK  0x89 /* package discovery, negotiate, response */
#define SICILY_LAST 0x8b
#define REFERRAL    0xa3
#define CREDENTIALS 0x87

enum result {
	SUCCESS = 0,
	AUTH_METHOD_NOT_SUPPORTED = 7,
	STRONGER_AUTH_REQUIRED = 8,
	CONFIDENTIALITY_REQUIRED = 13,
	SASL_BIND_IN_PROGRESS = 14,
	NO_SUCH_OBJECT = 32,
	INVALID_DN_SYNTAX = 34,
	INAPPROPRIATE_AUTHENTICATION = 48,
	INVALID_CREDENTIALS = 49,
	INSUFFICIENT_ACCESS_RIGHTS = 50,
	UNWILLING_TO_PERFORM = 53,
};

/* Whether the code is a judgment of the logon, and not one of a server in trouble. */
static bool is_refusal(int32_t code)
{
	switch (code) {
	case AUTH_METHOD_NOT_SUPPORTED:
	case STRONGER_AUTH_REQUIRED:
	case CONFIDENTIALITY_REQUIRED:
	case NO_SUCH_OBJECT:
	case INVALID_DN_SYNTAX:
	case INAPPROPRIATE_AUTHENTICATION:
	case INVALID_CREDENTIALS:
	case INSUFFICIENT_ACCESS_RIGHTS:
	case UNWILLING_TO_PERFORM:
		return true;
	default:
		return false;
	}
}

void ldap_tell(struct dissection *d)
{
	struct ldap_state *st = d->state;

	logon_emit(d, &st->logon, "ldap", NULL, NULL);
	st->logon = (struct logon){0};
	st->waits = false;
}

/* A name, DOMAIN\user or user@domain; active directories take all three. */
static void take_simple(struct dissection *d, struct bytes name, bool has_password)
{
	struct ldap_state *st = d->state;
	ptrdiff_t slash = bytes_find(name, BYTES("\\"));
	struct bytes domain = {0};

	/* In a distinguished name, which has an equals sign, a backslash escapes. */
	if (slash > 0 && bytes_find(name, BYTES("=")) < 0) {
		domain = bytes_slice(name, 0, (size_t)slash);
		name = bytes_slice(name, (size_t)slash + 1, name.len);
	}
	if (!has_password)
		name = domain = (struct bytes){0};
	ldap_tell(d);
	logon_simple(d, &st->logon, name, domain);
}

static void take_sasl(struct dissection *d, struct bytes mechanism, struct bytes token)
{
	struct ldap_state *st = d->state;
	bool kerberos = bytes_equal(mechanism, BYTES("GSSAPI"));

	/* GSSAPI goes on with messages about the security layer, which are no logon. */
	if (kerberos && st->logon.step == LOGON_PROVED)
		return;
	if (kerberos || bytes_equal(mechanism, BYTES("GSS-SPNEGO")) ||
	    bytes_equal(mechanism, BYTES("NTLM")))
		logon_token(d, &st->logon, CLIENT, token);
}

const char *ldap_bind_request(struct dissection *d, uint32_t id, struct bytes content)
{
	struct ldap_state *st = d->state;
	struct reader r = reader_over(content), name, choice;
	uint8_t tag;

	der_integer(&r, DER_INTEGER);
	name = der_inside(&r, DER_OCTET_STRING);
	tag = reader_left(&r) ? reader_peek(&r, 1).at[0] : 0;
	choice = der_inside(&r, tag);
	if (!reader_ok(&r))
		return "bind request without version, name and choice of authentication";
	/* The one before was never answered. */
	if (st->waits)
		ldap_tell(d);
	st->sicily = tag >= SICILY_ASK && tag <= SICILY_LAST;
	if (tag == AUTH_SIMPLE) {
		take_simple(d, reader_rest(&name), reader_left(&choice) > 0);
	} else if (tag == AUTH_SASL) {
		struct reader mechanism = der_inside(&choice, DER_OCTET_STRING);
		struct reader token = der_optional(&choice, DER_OCTET_STRING);

		if (!reader_ok(&choice))
			return "bind request by SASL without mechanism";
		take_sasl(d, reader_rest(&mechanism), reader_rest(&token));
	} else if (st->sicily) {
		logon_token(d, &st->logon, CLIENT, reader_rest(&choice));
	}
	if (tag != AUTH_SIMPLE)
		st->may_be_wrapped = true;
	st->asked = id;
	st->waits = true;
	if (logon_is_due(d, &st->logon))
		ldap_tell(d);
	return NULL;
}

/* An answer whose request was missed: somebody logged on, and that is all that is known. What it
 * says is not told: a code of success may stand for a step of Sicily. */
static void tell_unpaired(struct dissection *d)
{
	struct event *ev = dissection_event(d, EVENT_AUTHENTICATION);

	event_set_time(ev, FIELD_EVENT_END, d->bench->now);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_CARRIER, "ldap");
	d->bench->degraded |= DEGRADED_UNPAIRED;
	dissection_emit(d);
}

const char *ldap_bind_response(struct dissection *d, uint32_t id, struct bytes content)
{
	struct ldap_state *st = d->state;
	struct reader r = reader_over(content), matched, token;
	int32_t code = der_integer(&r, DER_ENUMERATED);

	matched = der_inside(&r, DER_OCTET_STRING);
	der_inside(&r, DER_OCTET_STRING);
	der_optional(&r, REFERRAL);
	token = der_optional(&r, CREDENTIALS);
	if (!reader_ok(&r))
		return "bind response without code, name and message";
	if (!st->waits || id != st->asked) {
		if (code != SASL_BIND_IN_PROGRESS)
			tell_unpaired(d);
		return NULL;
	}
	st->waits = false;
	logon_token(d, &st->logon, SERVER, reader_rest(st->sicily ? &matched : &token));
	if (code == SASL_BIND_IN_PROGRESS ||
	    (st->sicily && code == SUCCESS && st->logon.step < LOGON_PROVED))
		return NULL;
	if (code == SUCCESS || is_refusal(code))
		logon_answered(&st->logon, code == SUCCESS);
	ldap_tell(d);
	return NULL;
}
