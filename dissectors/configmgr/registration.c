/* Registration: a client makes itself known, and the site says what it thinks of it.
 *
 *    <ClientRegistrationRequest><Data SMSID RequestType>               (http.md section 3.5)
 *        <AgentInformation AgentIdentity AgentVersion AgentType/>
 *        <Certificates><Signing KeyType>hex DER</Signing>...</Certificates>
 *        <DiscoveryProperties><Property Name Value/>...
 *    <ClientRegistrationResponse Status SMSID ApprovalStatus/> */
#include "dissectors/configmgr/reading.h"
#include "dissectors/digest.h"

static void keep_property(struct reading *r, const char *const *attributes)
{
	struct bytes name = xml_attribute(attributes, "Name");

	if (bytes_equal_fold(name, BYTES("Netbios Name")))
		keep_attribute(r, FIELD_CONFIGMGR_CLIENT_NAME, attributes, "Value");
	else if (bytes_equal_fold(name, BYTES("FQ Name")))
		keep_attribute(r, FIELD_CONFIGMGR_CLIENT_FQDN, attributes, "Value");
}

static void keep_key_type(struct reading *r, const char *const *attributes)
{
	int64_t type = integer_attribute(attributes, "KeyType", 0);

	if (type == 1 || type == 2)
		event_set_name(r->ev, FIELD_CONFIGMGR_REGISTRATION_KEY_TYPE,
		               type == 1 ? "self-signed" : "pki");
}

static void request_start(struct reading *r, const char *element, const char *const *attributes,
                          unsigned depth)
{
	(void)depth;
	if (!strcmp(element, "Data")) {
		keep_attribute(r, FIELD_CONFIGMGR_REGISTRATION_TYPE, attributes, "RequestType");
		keep_guid(r, xml_attribute(attributes, "SMSID"));
	} else if (!strcmp(element, "AgentInformation")) {
		struct bytes version = xml_attribute(attributes, "AgentVersion");

		keep_attribute(r, FIELD_CONFIGMGR_REGISTRATION_AGENT, attributes, "AgentIdentity");
		keep_field(r, FIELD_CONFIGMGR_CLIENT_VERSION, version);
		event_set_name(r->ev, FIELD_CONFIGMGR_GENERATION, generation_of(version));
	} else if (!strcmp(element, "Signing")) {
		keep_key_type(r, attributes);
	} else if (!strcmp(element, "Property")) {
		keep_property(r, attributes);
	}
}

static void request_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	(void)depth;
	if (strcmp(element, "Signing") != 0 || !text.len)
		return;

	struct arena *scratch = &r->d->bench->scratch;
	struct bytes der = hex_decode(text, scratch);

	if (der.len)
		event_set_text(r->ev, FIELD_CONFIGMGR_REGISTRATION_KEY_SHA256,
		               sha256_hex(der, scratch));
}

static const char *status_name(int64_t status)
{
	static const char *const names[] = {"registered", "pending", "reset", "error",
	                                    "certificate-reset"};

	return status >= 0 && status < 5 ? names[status] : NULL;
}

static const char *approval_name(int64_t approval)
{
	static const char *const names[] = {"unknown", "pending", "approved", "not-applicable",
	                                    "approved-by-entra"};

	return approval >= -1 && approval < 4 ? names[approval + 1] : NULL;
}

static void response_start(struct reading *r, const char *element, const char *const *attributes,
                           unsigned depth)
{
	(void)element;
	if (depth)
		return;
	event_set_name(r->ev, FIELD_CONFIGMGR_REGISTRATION_STATUS,
	               status_name(integer_attribute(attributes, "Status", -1)));
	event_set_name(r->ev, FIELD_CONFIGMGR_REGISTRATION_APPROVAL,
	               approval_name(integer_attribute(attributes, "ApprovalStatus", -2)));
	keep_guid(r, xml_attribute(attributes, "SMSID"));
}

const struct payload_reader registration_readers[] = {
        {"ClientRegistrationRequest", "registration", 0, request_start, request_end, NULL},
        {"ClientRegistrationResponse", "registration", 0, response_start, NULL, NULL},
        {0},
};
