/* The paths of every ConfigMgr role (protocol reference, http.md section 1).
 *
 *    /<directory><variant>/<rest>        variant: _windowsauth, _tokenauth, _altauth
 *    /<prefix><directory>[drive]$/...    prefix: nocert_, ccmtokenauth_; drive: 2003 and 2007 */
#include "dissectors/configmgr/endpoint.h"

#include "core/reader.h"

#define MP  "management-point"
#define DP  "distribution-point"
#define SUP "software-update-point"

/* clang-format off */
static const struct configmgr_endpoint endpoints[] = {
	{BYTES_INIT("sms_mp"), "/.sms_aut", READ_AUTH, MP, "mp_information"},
	{BYTES_INIT("sms_mp"), "/.sms_pol", READ_POLICY, MP, "policy_body"},
	{BYTES_INIT("sms_mp"), "/.sms_dcm", READ_NOTHING, MP, "configuration_item"},
	{BYTES_INIT("ccm_system"), "/request", READ_MESSAGE, MP, "ccm_message"},
	{BYTES_INIT("ccm_system"), "", READ_NOTHING, MP, "probe"},
	{BYTES_INIT("ccm_system"), "/", READ_NOTHING, MP, "probe"},
	{BYTES_INIT("ccm_sts"), NULL, READ_NOTHING, MP, "token_request"},
	{BYTES_INIT("ccm_incoming"), NULL, READ_UPLOAD, MP, "upload"},
	{BYTES_INIT("ccm_client"), NULL, READ_NOTHING, MP, "client_installer"},
	{BYTES_INIT("bgb"), "/handler.ashx", READ_NOTHING, "notification-server", "notification"},
	{BYTES_INIT("cmuserservice"), NULL, READ_NOTHING, MP, "user_service"},
	{BYTES_INIT("sms_dp_smspkg$"), NULL, READ_CONTENT, DP, "content"},
	{BYTES_INIT("sms_dp_smssig$"), NULL, READ_CONTENT, DP, "content_signature"},
	{BYTES_INIT("sccm_branchcache$"), NULL, READ_NOTHING, "peer-cache-source", "peer_content"},
	{BYTES_INIT("downloadrestservice.svc"), NULL, READ_NOTHING, DP, "cloud_content"},
	{BYTES_INIT("sms_mcs*"), NULL, READ_NOTHING, DP, "multicast"},
	{BYTES_INIT("sms_fsp"), "/.sms_fsp", READ_FALLBACK, "fallback-status-point", "fallback_status"},
	{BYTES_INIT("sms_slp"), NULL, READ_NOTHING, "server-locator-point", "server_locator"},
	{BYTES_INIT("smssmp"), NULL, READ_NOTHING, "state-migration-point", "state_migration"},
	{BYTES_INIT("adminservice"), NULL, READ_NOTHING, "sms-provider", "admin_service"},
	{BYTES_INIT("ccm_proxy_mutualauth"), NULL, READ_NOTHING, "cloud-management-gateway", "proxied"},
	{BYTES_INIT("ccm_proxy_serverauth"), NULL, READ_NOTHING, "cloud-management-gateway", "proxied"},
	{BYTES_INIT("smsreporting_*"), NULL, READ_NOTHING, "reporting-point", "report_view"},
	{BYTES_INIT("enrollmentserver"), NULL, READ_NOTHING, "enrollment-point", "enrollment"},
	{BYTES_INIT("enrollmentservice"), NULL, READ_NOTHING, "enrollment-point", "enrollment"},
	{BYTES_INIT("cmapplicationcatalog"), NULL, READ_NOTHING, "application-catalog", "application_catalog"},
	{BYTES_INIT("cmapplicationcatalogsvc"), NULL, READ_NOTHING, "application-catalog", "application_catalog"},
	{BYTES_INIT("cmcertificateregistration"), NULL, READ_NOTHING, "enrollment-point", "certificate_registration"},
	{BYTES_INIT("clientwebservice"), "/client.asmx", READ_UPDATE, SUP, "update_metadata"},
	{BYTES_INIT("simpleauthwebservice"), "/simpleauth.asmx", READ_UPDATE, SUP, "update_authorization"},
	{BYTES_INIT("reportingwebservice"), "/reportingwebservice.asmx", READ_UPDATE, SUP, "update_reporting"},
	{BYTES_INIT("serversyncwebservice"), NULL, READ_UPDATE, SUP, "update_synchronization"},
	{BYTES_INIT("dssauthwebservice"), NULL, READ_UPDATE, SUP, "update_synchronization"},
	{BYTES_INIT("apiremoting30"), NULL, READ_UPDATE, SUP, "update_administration"},
	{BYTES_INIT("selfupdate"), "/wuident.cab", READ_NOTHING, SUP, "update_agent"},
	{BYTES_INIT("content"), NULL, READ_NOTHING, SUP, "update_file"},
};
/* clang-format on */

/* All of them have an underscore. */
struct variant {
	struct bytes text;
	size_t flag; /* offset of the flag in struct endpoint_path */
};

static const struct variant suffixes[] = {
        {BYTES_INIT("_windowsauth"), offsetof(struct endpoint_path, windows_auth)},
        {BYTES_INIT("_tokenauth"), offsetof(struct endpoint_path, token_auth)},
        {BYTES_INIT("_altauth"), offsetof(struct endpoint_path, alternate_auth)},
};

static const struct variant prefixes[] = {
        {BYTES_INIT("nocert_"), offsetof(struct endpoint_path, no_certificate)},
        {BYTES_INIT("ccmtokenauth_"), offsetof(struct endpoint_path, token_auth)},
};

static void set_flag(struct endpoint_path *p, size_t flag)
{
	*(bool *)((char *)p + flag) = true;
}

/* Takes prefix, suffix and drive letter off the directory and remembers them. */
static struct bytes plain_directory(struct bytes directory, struct endpoint_path *p)
{
	if (bytes_find(directory, BYTES("_")) < 0)
		return directory;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct bytes text = prefixes[i].text;

		if (bytes_starts_with_fold(directory, text)) {
			directory = bytes_slice(directory, text.len, directory.len);
			set_flag(p, prefixes[i].flag);
		}
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		struct bytes text = suffixes[i].text;

		if (bytes_ends_with_fold(directory, text)) {
			directory.len -= text.len;
			set_flag(p, suffixes[i].flag);
		}
	}
	/* SMS_DP_SMSPKGE$: the drive's letter stands before the dollar sign. */
	if (directory.len == sizeof("sms_dp_smspkge$") - 1 &&
	    bytes_starts_with_fold(directory, BYTES("sms_dp_smspkg"))) {
		p->drive = (char)ascii_lower(directory.at[directory.len - 2]);
		return BYTES("sms_dp_smspkg$");
	}
	return directory;
}

static bool fits(struct bytes text, struct bytes p)
{
	if (p.at[p.len - 1] == '*')
		return bytes_starts_with_fold(text, bytes_slice(p, 0, p.len - 1));
	return bytes_equal_fold(text, p);
}

/* /Content/<XX>/<40 hex digits>.<extension>: the only form in which that common word is WSUS. */
static bool is_update_file(struct bytes rest)
{
	struct reader r = reader_over(rest);
	size_t digits = 0;

	reader_skip(&r, 1);
	if (reader_until(&r, '/').len != 2)
		return false;

	struct bytes name = reader_until(&r, '.');

	while (digits < name.len && hex_digit(name.at[digits]) >= 0)
		digits++;
	return reader_ok(&r) && name.len == 40 && digits == 40;
}

struct endpoint_path endpoint_find(struct bytes path)
{
	struct endpoint_path p = {0};
	struct bytes inner = bytes_slice(path, 1, path.len);
	ptrdiff_t slash = bytes_find(inner, BYTES("/"));
	struct bytes directory = bytes_slice(inner, 0, slash < 0 ? inner.len : (size_t)slash);

	if (!path.len || path.at[0] != '/' || !directory.len)
		return p;
	p.rest = bytes_slice(inner, directory.len, inner.len);
	directory = plain_directory(directory, &p);
	if (!directory.len)
		return p;

	/* The first letter tells most of them apart. */
	uint8_t first = ascii_lower(directory.at[0]);

	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++) {
		const struct configmgr_endpoint *e = &endpoints[i];

		if (e->directory.at[0] != first)
			continue;
		if (!fits(directory, e->directory) ||
		    (e->rest && !bytes_equal_fold(p.rest, bytes_of(e->rest))))
			continue;
		if (!strcmp(e->type, "update_file") && !is_update_file(p.rest))
			continue;
		p.endpoint = e;
		break;
	}
	return p;
}
