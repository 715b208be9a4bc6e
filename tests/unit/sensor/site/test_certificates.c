/* Certificates: what is read of one, what its chain and its names are worth, and what is forgotten.
 */
#include "sensor/site/certificates.h"

#include "core/clock.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* A certificate with its key. */
struct made {
	EVP_PKEY *key;
	X509 *x509;
};

static void set_name(X509_NAME *name, const char *common_name)
{
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1,
	                           -1, 0);
}

static void add_extension(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
}

/* Valid from 2020 to 2030; `issuer` NULL: signs itself. */
static struct made make(const char *name, const struct made *issuer, const char *names,
                        unsigned bits)
{
	struct made m = {EVP_RSA_gen(bits), X509_new()};

	X509_set_version(m.x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(m.x509), issuer ? 2 : 1);
	ASN1_TIME_set_string(X509_getm_notBefore(m.x509), "20200101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(m.x509), "20300101000000Z");
	set_name(X509_get_subject_name(m.x509), name);
	X509_set_issuer_name(m.x509, X509_get_subject_name(issuer ? issuer->x509 : m.x509));
	X509_set_pubkey(m.x509, m.key);
	add_extension(m.x509, NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
	if (names)
		add_extension(m.x509, NID_subject_alt_name, names);
	if (issuer)
		add_extension(m.x509, NID_ext_key_usage, "serverAuth,1.3.6.1.4.1.311.101");
	assert_true(X509_sign(m.x509, issuer ? issuer->key : m.key, EVP_sha256()) > 0);
	return m;
}

static void unmake(struct made *m)
{
	X509_free(m->x509);
	EVP_PKEY_free(m->key);
}

/* The list as TLS sends it; the caller frees its bytes. */
static struct bytes list_of(const struct made *m)
{
	unsigned char *der = NULL;
	int len = i2d_X509(m->x509, &der);
	uint8_t *list = malloc((size_t)len + 3);

	list[0] = (uint8_t)(len >> 16);
	list[1] = (uint8_t)(len >> 8);
	list[2] = (uint8_t)len;
	memcpy(list + 3, der, (size_t)len);
	OPENSSL_free(der);
	return (struct bytes){list, (size_t)len + 3};
}

static void drop(struct bytes list)
{
	free((void *)(uintptr_t)list.at);
}

static bool text_is(struct bytes text, const char *expected)
{
	return bytes_equal(text, bytes_of(expected));
}

static void what_a_certificate_says_is_told(void **state)
{
	struct counters counters = {0};
	struct certificates *all = certificates_open(16, &counters);
	struct made root = make("Lab Root", NULL, NULL, 2048);
	struct made leaf = make("mp01.corp.example", &root,
	                        "DNS:MP01.corp.example,DNS:*.web.corp.example,IP:192.0.2.20", 1024);
	struct bytes list = list_of(&leaf);
	const struct certificate *c = certificates_find(all, list, SECOND);

	(void)state;
	assert_true(c->readable);
	assert_true(text_is(c->subject, "CN=mp01.corp.example"));
	assert_true(text_is(c->issuer, "CN=Lab Root"));
	assert_true(text_is(c->serial, "2"));
	assert_true(text_is(c->name[0], "mp01.corp.example"));
	assert_int_equal(c->not_before, INT64_C(1577836800) * SECOND);
	assert_int_equal(c->not_after, INT64_C(1893456000) * SECOND);
	assert_int_equal(c->key_bits, 1024);
	assert_int_equal(c->weaknesses, WEAK_KEY);
	assert_true(c->server_usage && !c->client_usage && !c->self_signed);
	assert_true(text_is(c->usages.at[1], "1.3.6.1.4.1.311.101"));
	assert_int_equal(c->chain, CHAIN_UNKNOWN);
	assert_true(certificate_has_name(c, BYTES("mp01.CORP.example.")));
	assert_true(certificate_has_name(c, BYTES("a.web.corp.example")));
	assert_true(certificate_has_name(c, BYTES("192.0.2.20")));
	assert_false(certificate_has_name(c, BYTES("a.b.web.corp.example")));
	assert_false(certificate_has_name(c, BYTES("web.corp.example")));
	assert_ptr_equal(certificates_find(all, list, 2 * SECOND), c);
	assert_int_equal(counter_read(&counters, COUNTER_CERTIFICATES), 1);
	drop(list);
	unmake(&leaf);
	unmake(&root);
	certificates_close(all);
}

static void a_chain_ends_in_a_listed_anchor_or_not(void **state)
{
	struct counters counters = {0};
	struct certificates *all = certificates_open(16, &counters);
	struct made root = make("Lab Root", NULL, NULL, 2048);
	struct made evil = make("Lab Root", NULL, NULL, 2048);
	struct made good = make("mp01", &root, "DNS:mp01", 2048);
	struct made bad = make("mp01", &evil, "DNS:mp01", 2048);
	struct trust trust = {X509_STORE_new(), sk_X509_CRL_new_null()};
	struct bytes lists[] = {list_of(&good), list_of(&bad)};

	(void)state;
	X509_STORE_add_cert(trust.anchors, root.x509);
	certificates_trust(all, &trust);
	assert_int_equal(certificates_find(all, lists[0], SECOND)->chain, CHAIN_TRUSTED);
	assert_int_equal(certificates_find(all, lists[1], SECOND)->chain, CHAIN_UNTRUSTED);
	/* Other trust: everything is judged anew. */
	certificates_trust(all, NULL);
	assert_int_equal(certificates_find(all, lists[0], SECOND)->chain, CHAIN_UNKNOWN);
	drop(lists[0]);
	drop(lists[1]);
	X509_STORE_free(trust.anchors);
	sk_X509_CRL_free(trust.crls);
	unmake(&good);
	unmake(&bad);
	unmake(&evil);
	unmake(&root);
	certificates_close(all);
}

static void what_is_no_certificate_is_remembered_as_such(void **state)
{
	static const uint8_t list[] = {0, 0, 5, 0x30, 0x82, 0xff, 0xff, 1};
	static const uint8_t cut[] = {0, 0, 9, 0x30};
	struct counters counters = {0};
	struct certificates *all = certificates_open(16, &counters);

	(void)state;
	assert_null(certificates_find(all, (struct bytes){0}, SECOND));
	assert_null(certificates_find(all, (struct bytes){cut, sizeof(cut)}, SECOND));
	assert_false(certificates_find(all, (struct bytes){list, sizeof(list)}, SECOND)->readable);
	certificates_close(all);
}

static void the_longest_unseen_is_forgotten_but_never_the_latest(void **state)
{
	struct counters counters = {0};
	struct certificates *all = certificates_open(16, &counters);

	(void)state;
	for (uint8_t i = 0; i < 100; i++) {
		uint8_t list[] = {0, 0, 1, i}, other[] = {0, 0, 2, i, i};
		const struct certificate *c =
		        certificates_find(all, (struct bytes){list, sizeof(list)}, SECOND);
		uint8_t key = c->key[0];

		certificates_find(all, (struct bytes){other, sizeof(other)}, SECOND);
		assert_int_equal(c->key[0], key);
	}
	assert_int_equal(counter_read(&counters, COUNTER_CERTIFICATES_EVICTED), 200 - 16);
	certificates_close(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_a_certificate_says_is_told),
	        cmocka_unit_test(a_chain_ends_in_a_listed_anchor_or_not),
	        cmocka_unit_test(what_is_no_certificate_is_remembered_as_such),
	        cmocka_unit_test(the_longest_unseen_is_forgotten_but_never_the_latest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
