/* What a certificate says of itself, as texts and numbers (RFC 5280). */
#include "core/address.h"
#include "core/clock.h"
#include "sensor/site/certificate_private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <time.h>

/* Subjects in words that tools understand: short names, a comma and a blank between, UTF-8. */
#define NAME_FORM                                                                                  \
	(XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL |   \
	 ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN | ASN1_STRFLGS_DUMP_DER)

#define RSA_LEAST 2048
#define EC_LEAST  224

/* A copy in the record; an empty text, and `cut`, when it is full. */
static struct bytes keep(struct certificate *c, const void *text, size_t len, bool lower)
{
	char *to = &c->text[c->text_used];

	if (len > sizeof(c->text) - c->text_used) {
		c->cut = true;
		return (struct bytes){0};
	}
	memcpy(to, text, len);
	for (size_t i = 0; lower && i < len; i++)
		to[i] = (char)ascii_lower((uint8_t)to[i]);
	c->text_used += len;
	return (struct bytes){(const uint8_t *)to, len};
}

static struct bytes name_text(struct certificate *c, const X509_NAME *name)
{
	BIO *memory = BIO_new(BIO_s_mem());
	struct bytes text = {0};
	char *at;

	if (memory && X509_NAME_print_ex(memory, name, 0, NAME_FORM) >= 0) {
		long len = BIO_get_mem_data(memory, &at);

		if (len > 0)
			text = keep(c, at, len < 512 ? (size_t)len : 512, false);
	}
	BIO_free(memory);
	return text;
}

static void add_word(struct certificate *c, struct certificate_words *words, const void *text,
                     size_t len)
{
	struct bytes kept;

	if (words->count == CERTIFICATE_LISTS) {
		c->cut = true;
		return;
	}
	kept = keep(c, text, len, false);
	if (kept.len)
		words->at[words->count++] = kept;
}

static void common_names(struct certificate *c, const X509_NAME *name)
{
	for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) {
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
		unsigned char *text = NULL;
		int len = ASN1_STRING_to_UTF8(&text, value);

		if (len > 0)
			add_word(c, &c->common_names, text, (size_t)len);
		OPENSSL_free(text);
	}
}

static void add_name(struct certificate *c, struct bytes name)
{
	if (!name.len)
		return;
	if (c->name_count < CERTIFICATE_NAMES)
		c->name[c->name_count++] = name;
	else
		c->cut = true;
}

static void add_address(struct certificate *c, const ASN1_OCTET_STRING *octets)
{
	char text[ADDRESS_TEXT_MAX];
	struct bytes raw = {ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets)};

	if (raw.len != 4 && raw.len != 16)
		return;
	address_print(address_from(raw), text);
	add_name(c, keep(c, text, strlen(text), false));
}

static void alternative_names(struct certificate *c, X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_IPADD)
			add_address(c, name->d.iPAddress);
		if (name->type != GEN_DNS)
			continue;
		c->has_dns_names = true;
		add_name(c, keep(c, ASN1_STRING_get0_data(name->d.dNSName),
		                 (size_t)ASN1_STRING_length(name->d.dNSName), true));
	}
	GENERAL_NAMES_free(names);
}

static void usages(struct certificate *c, X509 *x509)
{
	EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);

	c->has_usages = list != NULL;
	for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++) {
		const ASN1_OBJECT *object = sk_ASN1_OBJECT_value(list, i);
		int nid = OBJ_obj2nid(object);
		char text[80];

		c->server_usage |= nid == NID_server_auth || nid == NID_anyExtendedKeyUsage;
		c->client_usage |= nid == NID_client_auth || nid == NID_anyExtendedKeyUsage;
		if (nid != NID_undef)
			snprintf(text, sizeof(text), "%s", OBJ_nid2sn(nid));
		else
			OBJ_obj2txt(text, sizeof(text), object, 1);
		add_word(c, &c->usages, text, strlen(text));
	}
	EXTENDED_KEY_USAGE_free(list);
}

int64_t certificate_time(const ASN1_TIME *time)
{
	struct tm parts;
	int64_t seconds;

	if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
		return 0;
	seconds = (int64_t)timegm(&parts);
	/* What is beyond the year 2262 has no nanoseconds in 64 bits. */
	if (seconds > INT64_MAX / SECOND)
		return INT64_MAX;
	return seconds < INT64_MIN / SECOND ? INT64_MIN : seconds * SECOND;
}

/* As the crypto library of Go names them, which is what ECS asks for. */
static const char *signature_name(int nid)
{
	static const struct {
		int nid;
		const char *name;
	} names[] = {
	        {NID_md2WithRSAEncryption, "MD2-RSA"},
	        {NID_md4WithRSAEncryption, "MD4-RSA"},
	        {NID_md5WithRSAEncryption, "MD5-RSA"},
	        {NID_sha1WithRSAEncryption, "SHA1-RSA"},
	        {NID_sha1WithRSA, "SHA1-RSA"},
	        {NID_sha224WithRSAEncryption, "SHA224-RSA"},
	        {NID_sha256WithRSAEncryption, "SHA256-RSA"},
	        {NID_sha384WithRSAEncryption, "SHA384-RSA"},
	        {NID_sha512WithRSAEncryption, "SHA512-RSA"},
	        {NID_rsassaPss, "RSAPSS"},
	        {NID_dsaWithSHA1, "DSA-SHA1"},
	        {NID_dsa_with_SHA256, "DSA-SHA256"},
	        {NID_ecdsa_with_SHA1, "ECDSA-SHA1"},
	        {NID_ecdsa_with_SHA256, "ECDSA-SHA256"},
	        {NID_ecdsa_with_SHA384, "ECDSA-SHA384"},
	        {NID_ecdsa_with_SHA512, "ECDSA-SHA512"},
	        {NID_ED25519, "Ed25519"},
	        {NID_ED448, "Ed448"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].nid == nid)
			return names[i].name;
	return nid == NID_undef ? NULL : OBJ_nid2ln(nid);
}

static const char *key_name(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		return "RSA";
	case EVP_PKEY_DSA:
		return "DSA";
	case EVP_PKEY_EC:
		return "ECDSA";
	case EVP_PKEY_ED25519:
		return "Ed25519";
	case EVP_PKEY_ED448:
		return "Ed448";
	default:
		return NULL;
	}
}

static bool is_self_signed(X509 *x509)
{
	return X509_self_signed(x509, 1) == 1;
}

unsigned certificate_weaknesses(X509 *x509)
{
	const EVP_PKEY *key = X509_get0_pubkey(x509);
	int digest = NID_undef, bits = key ? EVP_PKEY_get_bits(key) : 0;
	int kind = key ? EVP_PKEY_get_base_id(key) : NID_undef;
	unsigned weaknesses = 0;

	if (key && (kind == EVP_PKEY_EC ? bits < EC_LEAST
	                                : kind != EVP_PKEY_ED25519 && kind != EVP_PKEY_ED448 &&
	                                          bits < RSA_LEAST))
		weaknesses |= WEAK_KEY;
	/* Nobody relies on the signature that a root makes under itself. */
	if (is_self_signed(x509) || !X509_get_signature_info(x509, &digest, NULL, NULL, NULL))
		return weaknesses;
	if (digest == NID_md5 || digest == NID_md4 || digest == NID_md2)
		weaknesses |= WEAK_MD5;
	if (digest == NID_sha1)
		weaknesses |= WEAK_SHA1;
	return weaknesses;
}

static void serial_and_hash(struct certificate *c, const X509 *x509)
{
	static const char digits[] = "0123456789ABCDEF";
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
	char *text = number ? BN_bn2hex(number) : NULL;
	char hash[64];

	if (text) {
		size_t len = strlen(text), zero = len > 1 && text[0] == '0';

		c->serial = keep(c, &text[zero], len - zero < 80 ? len - zero : 80, false);
	}
	OPENSSL_free(text);
	BN_free(number);
	for (size_t i = 0; i < sizeof(c->hash); i++) {
		hash[2 * i] = digits[c->hash[i] >> 4];
		hash[2 * i + 1] = digits[c->hash[i] & 15];
	}
	c->hash_text = keep(c, hash, sizeof(hash), false);
}

/* The root that the site server makes for enhanced HTTP, and what it issues. */
static bool is_configmgr_issued(const struct certificate *c)
{
	return bytes_equal(c->issuer, BYTES("CN=SMS Issuing"));
}

void certificate_describe(struct certificate *c, X509 *x509)
{
	const EVP_PKEY *key;

	if (!x509) {
		ERR_clear_error();
		return;
	}
	c->readable = true;
	serial_and_hash(c, x509);
	c->subject = name_text(c, X509_get_subject_name(x509));
	c->issuer = name_text(c, X509_get_issuer_name(x509));
	c->not_before = certificate_time(X509_get0_notBefore(x509));
	c->not_after = certificate_time(X509_get0_notAfter(x509));
	c->signature_algorithm = signature_name(X509_get_signature_nid(x509));
	key = X509_get0_pubkey(x509);
	if (key) {
		c->key_algorithm = key_name(key);
		c->key_bits = EVP_PKEY_get_bits(key);
	}
	c->self_signed = is_self_signed(x509);
	c->configmgr_issued = is_configmgr_issued(c);
	c->weaknesses = certificate_weaknesses(x509);
	common_names(c, X509_get_subject_name(x509));
	usages(c, x509);
	alternative_names(c, x509);
	ERR_clear_error();
}
