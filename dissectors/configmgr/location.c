/* Location requests and replies: which servers a client is told to use (http.md section 3.8).
 *
 *    <ContentLocationReply Hash><Sites><Site><MPSite SiteCode/><LocationRecords>
 *        <LocationRecord><URL Name/><SMBPath Name/><ServerRemoteName/><DPType/>...
 *    <WSUSLocationReply>... <LocationRecord WSUSURL ServerName/>
 *    <EnumerateMPLocationReply>, <LocalMPLocationReply>, <AssignedSiteReply>, <SiteInfoReply>:
 *        MP names in InternetName, IntranetName, DefaultMP; capabilities */
#include "dissectors/configmgr/reading.h"

struct location {
	struct text_list distribution, management, update;
	struct integer_list ssl_state;
	struct text_list record; /* names of the record being read */
	bool peer;               /* the record is a client that shares its cache */
};

static void keep_site_code(struct reading *r, struct bytes code)
{
	if (code.len && !event_has(r->ev, FIELD_CONFIGMGR_SITE_CODE))
		keep_field(r, FIELD_CONFIGMGR_SITE_CODE, code);
}

static void keep_ssl_state(struct reading *r, struct integer_list *list,
                           const char *const *attributes)
{
	int64_t state;

	if (bytes_equal_fold(xml_attribute(attributes, "Name"), BYTES("SSLState")) &&
	    bytes_to_i64(xml_attribute(attributes, "Value"), &state))
		integer_list_add(r, list, state);
}

static void content_start(struct reading *r, const char *element, const char *const *attributes,
                          unsigned depth)
{
	struct location *l = r->state;

	if (!depth) {
		keep_attribute(r, FIELD_CONFIGMGR_CONTENT_HASH, attributes, "Hash");
	} else if (!strcmp(element, "MPSite")) {
		keep_site_code(r, xml_attribute(attributes, "SiteCode"));
	} else if (!strcmp(element, "LocationRecord")) {
		l->record.count = 0;
		l->peer = false;
	} else if (!strcmp(element, "URL")) {
		text_list_add(r, &l->record, url_host(xml_attribute(attributes, "Name")), true);
		text_list_add(r, &l->record, url_host(xml_attribute(attributes, "Signature")),
		              true);
	} else if (!strcmp(element, "Property")) {
		keep_ssl_state(r, &l->ssl_state, attributes);
	}
}

static void content_end(struct reading *r, const char *element, struct bytes text, unsigned depth)
{
	struct location *l = r->state;

	(void)depth;
	if (!strcmp(element, "ServerRemoteName")) {
		text_list_add(r, &l->record, bytes_trim(text), true);
	} else if (!strcmp(element, "DPType")) {
		l->peer = bytes_equal_fold(bytes_trim(text), BYTES("CLIENT"));
	} else if (!strcmp(element, "LocationRecord") && !l->peer) {
		for (size_t i = 0; i < l->record.count; i++)
			text_list_add(r, &l->distribution, l->record.at[i], true);
	}
}

static void update_start(struct reading *r, const char *element, const char *const *attributes,
                         unsigned depth)
{
	struct location *l = r->state;

	(void)depth;
	if (!strcmp(element, "MPSite")) {
		keep_site_code(r, xml_attribute(attributes, "SiteCode"));
	} else if (!strcmp(element, "LocationRecord")) {
		text_list_add(r, &l->update, url_host(xml_attribute(attributes, "WSUSURL")), true);
		text_list_add(r, &l->update, xml_attribute(attributes, "ServerName"), true);
	}
}

static void management_start(struct reading *r, const char *element, const char *const *attributes,
                             unsigned depth)
{
	struct location *l = r->state;

	(void)depth;
	if (!strcmp(element, "MPSite") || !strcmp(element, "Site"))
		keep_site_code(r, xml_attribute(attributes, "SiteCode"));
	else if (!strcmp(element, "InternetName") || !strcmp(element, "IntranetName"))
		text_list_add(r, &l->management, url_host(xml_attribute(attributes, "Value")),
		              true);
	else if (!strcmp(element, "MP") || !strcmp(element, "DefaultMP")) {
		text_list_add(r, &l->management, url_host(xml_attribute(attributes, "Name")), true);
		text_list_add(r, &l->management, url_host(xml_attribute(attributes, "FQDN")), true);
	} else if (!strcmp(element, "Property")) {
		keep_ssl_state(r, &l->ssl_state, attributes);
	}
}

static void management_end(struct reading *r, const char *element, struct bytes text,
                           unsigned depth)
{
	struct location *l = r->state;

	(void)depth;
	if (!strcmp(element, "SiteCode"))
		keep_site_code(r, bytes_trim(text));
	else if (!strcmp(element, "DefaultMP") || !strcmp(element, "ServerRemoteName"))
		text_list_add(r, &l->management, url_host(bytes_trim(text)), true);
}

/* <MPLocation MP SiteCode/>, for boot media. */
static void boot_start(struct reading *r, const char *element, const char *const *attributes,
                       unsigned depth)
{
	struct location *l = r->state;

	(void)element;
	if (depth)
		return;
	text_list_add(r, &l->management, url_host(xml_attribute(attributes, "MP")), true);
	keep_site_code(r, xml_attribute(attributes, "SiteCode"));
}

static void location_finish(struct reading *r)
{
	struct location *l = r->state;

	text_list_set(r, FIELD_CONFIGMGR_NAMED_DISTRIBUTION_POINTS, &l->distribution);
	text_list_set(r, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, &l->management);
	text_list_set(r, FIELD_CONFIGMGR_NAMED_SOFTWARE_UPDATE_POINTS, &l->update);
	integer_list_set(r, FIELD_CONFIGMGR_MP_SSL_STATE, &l->ssl_state);
}

static void request_start(struct reading *r, const char *element, const char *const *attributes,
                          unsigned depth)
{
	(void)depth;
	if (!strcmp(element, "Package") || !strcmp(element, "Content")) {
		keep_attribute(r, FIELD_CONFIGMGR_CONTENT_ID, attributes, "ID");
		keep_attribute(r, FIELD_CONFIGMGR_CONTENT_VERSION, attributes, "Version");
	} else if (!strcmp(element, "AssignedSite")) {
		keep_site_code(r, xml_attribute(attributes, "SiteCode"));
	} else if (!strcmp(element, "SiteCode")) {
		keep_site_code(r, xml_attribute(attributes, "Name"));
	}
}

#define REQUEST(root, type)                                                                        \
	{                                                                                          \
		root, type, 0, request_start, NULL, NULL                                           \
	}
#define REPLY(root, type, start, end)                                                              \
	{                                                                                          \
		root, type, sizeof(struct location), start, end, location_finish                   \
	}

const struct payload_reader location_readers[] = {
        REQUEST("ContentLocationRequest", "content_location"),
        REQUEST("WSUSLocationRequest", "update_location"),
        REQUEST("SiteInformationRequest", "site_information"),
        REQUEST("AssignedSiteRequest", "site_assignment"),
        REQUEST("EnumerateMPLocationRequest", "mp_location"),
        REQUEST("LocalMPLocationRequest", "mp_location"),
        REQUEST("PortalInformationRequest", "portal_location"),
        REQUEST("UpdateSFRequest", "peer_update"),
        REQUEST("TokenServicesRequest", "token_location"),
        REQUEST("AppStateServicesRequest", "application_state"),
        REQUEST("DriverCatalogRequest", "driver_catalog"),
        REPLY("ContentLocationReply", "content_location", content_start, content_end),
        REPLY("WSUSLocationReply", "update_location", update_start, NULL),
        REPLY("SiteInfoReply", "site_information", management_start, management_end),
        REPLY("AssignedSiteReply", "site_assignment", management_start, management_end),
        REPLY("EnumerateMPLocationReply", "mp_location", management_start, management_end),
        REPLY("LocalMPLocationReply", "mp_location", management_start, management_end),
        REPLY("MPLocation", "mp_location", boot_start, NULL),
        {0},
};
