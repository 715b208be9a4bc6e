/* What anyone may ask an MP without proof: MP lists, certificates and keys (http.md section 4).
 *
 *    <MPList><MP Name FQDN SiteCode><Version/><Capabilities><Property Name="SSLState" Value/>...
 *    <MPCertificate><Certificate/>      <MPCertificates><Certificate1/><Certificate2/>
 *    <MPKEYINFORMATION>MACHINENAME, FQDN, SITECODE, TRUSTEDROOTKEY@Signature,
 * MPCERTIFICATE@Signature <KEYDATA><TRUSTEDROOTKEY/>         <X509Data><X509Certificate/>
 *
 * Keys and certificates are hexadecimal text; their SHA-256 is the fact. */
#include "dissectors/configmgr/reading.h"
#include "dissectors/digest.h"

struct list {
	struct text_list name, build;
	struct integer_list ssl_state;
};

static void list_start(struct reading *r, const char *element, const char *const *attributes,
                       unsigned depth)
{
	struct list *l = r->state;
	int64_t state;

	(void)depth;
	if (!strcmp(element, "MP")) {
		struct bytes full = xml_attribute(attributes, "FQDN");

		text_list_add(r, &l->name, full.len ? full : xml_attribute(attributes, "Name"),
		              true);
		if (!event_has(r->ev, FIELD_CONFIGMGR_SITE_CODE))
			keep_attribute(r, FIELD_CONFIGMGR_SITE_CODE, attributes, "SiteCode");
	} else if (!strcmp(element, "Property") &&
	           bytes_equal_fold(xml_attribute(attributes, "Name"), BYTES("SSLState")) &&
	           bytes_to_i64(xml_attribute(attributes, "Value"), &state)) {
		integer_list_add(r, &l->ssl_state, state);
	}
}

static void list_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	struct list *l = r->state;

	(void)depth;
	if (!strcmp(element, "Version"))
		text_list_add(r, &l->build, bytes_trim(text), true);
	else if (!strcmp(element, "FQDN"))
		text_list_add(r, &l->name, bytes_trim(text), true);
}

static void list_finish(struct reading *r)
{
	struct list *l = r->state;

	text_list_set(r, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, &l->name);
	text_list_set(r, FIELD_CONFIGMGR_MP_BUILD, &l->build);
	integer_list_set(r, FIELD_CONFIGMGR_MP_SSL_STATE, &l->ssl_state);
}

/* The certificate goes with the event, as a list of one: whose it is, its parser tells. */
static void attach(struct reading *r, struct bytes certificate)
{
	uint8_t *list = arena_alloc(&r->d->bench->scratch, certificate.len + 3);

	if (!list || certificate.len >> 16)
		return;
	list[0] = 0;
	list[1] = (uint8_t)(certificate.len >> 8);
	list[2] = (uint8_t)certificate.len;
	memcpy(list + 3, certificate.at, certificate.len);
	r->ev->attached[ATTACHED_SERVER_CERTIFICATES] = (struct bytes){list, certificate.len + 3};
}

static void keep_digest(struct reading *r, enum field f, struct bytes hex)
{
	struct arena *scratch = &r->d->bench->scratch;
	struct bytes raw = hex_decode(bytes_trim(hex), scratch);

	if (!raw.len)
		return;
	event_set_text(r->ev, f, sha256_hex(raw, scratch));
	if (f == FIELD_CONFIGMGR_KEY_MP_SHA256)
		attach(r, raw);
}

static void key_start(struct reading *r, const char *element, const char *const *attributes,
                      unsigned depth)
{
	(void)depth;
	if (!strcmp(element, "MPCERTIFICATE"))
		event_set_boolean(r->ev, FIELD_CONFIGMGR_KEY_SIGNED,
		                  xml_attribute(attributes, "Signature").len > 0);
}

static void key_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	static const struct {
		const char *element;
		enum field field;
	} digests[] = {
	        {"TRUSTEDROOTKEY", FIELD_CONFIGMGR_KEY_ROOT_SHA256},
	        {"MPCERTIFICATE", FIELD_CONFIGMGR_KEY_MP_SHA256},
	        {"Certificate", FIELD_CONFIGMGR_KEY_MP_SHA256},
	        {"Certificate1", FIELD_CONFIGMGR_KEY_MP_SHA256},
	        {"X509Certificate", FIELD_CONFIGMGR_KEY_SITE_SHA256},
	};
	(void)depth;
	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++)
		if (!strcmp(element, digests[i].element))
			keep_digest(r, digests[i].field, text);
	if (!strcmp(element, "SITECODE"))
		keep_field(r, FIELD_CONFIGMGR_SITE_CODE, text);
	else if (!strcmp(element, "FQDN"))
		keep_field(r, FIELD_CONFIGMGR_MP_NAME, text);
}

#define KEY(root, type)                                                                            \
	{                                                                                          \
		root, type, 0, key_start, key_end, NULL                                            \
	}

const struct payload_reader key_readers[] = {
        {"MPList", "mp_list", sizeof(struct list), list_start, list_end, list_finish},
        KEY("MPCertificate", "mp_certificate"),
        KEY("MPCertificates", "mp_certificate"),
        KEY("MPKEYINFORMATION", "mp_key_information"),
        KEY("KEYDATA", "trusted_root_key"),
        KEY("X509Data", "site_signing_certificate"),
        {0},
};
