/* What others say of a certificate: does its chain end in a listed anchor, has its issuer revoked
 * it?
 *
 * Times are left out here: they are compared with the time of each handshake, while the rest is
 * judged once. */
#include "sensor/site/certificate_private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define CHAIN_DEPTH 8

/* The chain up to an anchor, or NULL. Old algorithms and odd extensions do not break it: they have
 * facts of their own. An intermediate that is listed is an anchor too. */
static STACK_OF(X509) * chain_of(X509 *first, STACK_OF(X509) * others, X509_STORE *anchors)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *chain = NULL;
	X509_VERIFY_PARAM *parameters;

	if (!context || X509_STORE_CTX_init(context, anchors, first, others) != 1) {
		X509_STORE_CTX_free(context);
		return NULL;
	}
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME |
	                                                X509_V_FLAG_PARTIAL_CHAIN |
	                                                X509_V_FLAG_IGNORE_CRITICAL);
	X509_VERIFY_PARAM_set_depth(parameters, CHAIN_DEPTH);
	X509_VERIFY_PARAM_set_auth_level(parameters, 0);
	if (X509_verify_cert(context) == 1)
		chain = X509_STORE_CTX_get1_chain(context);
	X509_STORE_CTX_free(context);
	return chain;
}

/* The newest of the listed CRLs of this issuer. */
static X509_CRL *crl_of(const X509 *certificate, const struct trust *trust)
{
	X509_CRL *newest = NULL;

	for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(trust->crls, i);

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)))
			continue;
		if (!newest || certificate_time(X509_CRL_get0_lastUpdate(crl)) >
		                       certificate_time(X509_CRL_get0_lastUpdate(newest)))
			newest = crl;
	}
	return newest;
}

/* A serial on any list of its issuer is revoked, however old the list. */
static bool is_revoked(X509 *certificate, const struct trust *trust)
{
	X509_REVOKED *entry;

	for (int i = 0; i < sk_X509_CRL_num(trust->crls); i++)
		if (X509_CRL_get0_by_cert(sk_X509_CRL_value(trust->crls, i), &entry, certificate) ==
		    1)
			return true;
	return false;
}

/* Adds what the lists say of one certificate of the chain. */
static void judge_revocation(struct certificate *record, X509 *certificate,
                             const struct trust *trust)
{
	const X509_CRL *crl = crl_of(certificate, trust);
	int64_t from, until;

	if (is_revoked(certificate, trust)) {
		record->revocation = REVOCATION_REVOKED;
		return;
	}
	if (!crl || record->revocation == REVOCATION_REVOKED)
		return;
	from = certificate_time(X509_CRL_get0_lastUpdate(crl));
	until = certificate_time(X509_CRL_get0_nextUpdate(crl));
	record->revocation = REVOCATION_GOOD;
	record->good_from = from;
	record->good_until = until ? until : INT64_MAX;
}

void certificate_judge(struct certificate *record, X509 *first, STACK_OF(X509) * others,
                       const struct trust *trust)
{
	STACK_OF(X509) *chain = NULL;

	for (int i = 0; i < sk_X509_num(others); i++)
		record->weaknesses |= certificate_weaknesses(sk_X509_value(others, i));
	if (trust && trust->anchors) {
		chain = chain_of(first, others, trust->anchors);
		record->chain = chain ? CHAIN_TRUSTED : CHAIN_UNTRUSTED;
	}
	if (trust) {
		judge_revocation(record, first, trust);
		for (int i = 0; i < sk_X509_num(others); i++)
			if (is_revoked(sk_X509_value(others, i), trust))
				record->revocation = REVOCATION_REVOKED;
	}
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
}
