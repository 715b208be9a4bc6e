/* Anchors and CRLs from files, PEM (any number in a file) or DER (one). */
#include "sensor/site/trust.h"

#include "sensor/site/site_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

static size_t add_anchor(struct trust *trust, X509 *certificate)
{
	bool added = certificate && trust->anchors &&
	             X509_STORE_add_cert(trust->anchors, certificate) == 1;

	X509_free(certificate);
	return added;
}

static size_t read_anchors(struct trust *trust, BIO *file)
{
	size_t n = 0;
	X509 *certificate;

	if (!trust->anchors)
		trust->anchors = X509_STORE_new();
	while ((certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)))
		n += add_anchor(trust, certificate);
	if (n || BIO_seek(file, 0) != 0)
		return n;
	return add_anchor(trust, d2i_X509_bio(file, NULL));
}

static size_t add_crl(struct trust *trust, X509_CRL *crl)
{
	if (crl && sk_X509_CRL_push(trust->crls, crl) > 0)
		return 1;
	X509_CRL_free(crl);
	return 0;
}

static size_t read_crls(struct trust *trust, BIO *file)
{
	size_t n = 0;
	X509_CRL *crl;

	while ((crl = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL)))
		n += add_crl(trust, crl);
	if (n || BIO_seek(file, 0) != 0)
		return n;
	return add_crl(trust, d2i_X509_CRL_bio(file, NULL));
}

static void read_files(struct trust *trust, const struct site_texts *paths, const char *expected,
                       size_t (*read)(struct trust *trust, BIO *file),
                       struct complaints *complaints)
{
	for (size_t i = 0; i < paths->count; i++) {
		BIO *file = BIO_new_file(paths->at[i], "rb");

		if (!file || !read(trust, file))
			complain(complaints, paths->at[i], 0, 0, "%s, expected it in PEM or DER",
			         expected);
		BIO_free(file);
	}
	ERR_clear_error();
}

struct trust *trust_read(const struct site_file *sites, struct complaints *complaints)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (!trust)
		return NULL;
	trust->crls = sk_X509_CRL_new_null();
	if (!trust->crls) {
		trust_free(trust);
		return NULL;
	}
	read_files(trust, &sites->anchors, "there is no certificate in it", read_anchors,
	           complaints);
	read_files(trust, &sites->crls, "there is no list of revoked certificates in it", read_crls,
	           complaints);
	return trust;
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	X509_STORE_free(trust->anchors);
	sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
	free(trust);
}
