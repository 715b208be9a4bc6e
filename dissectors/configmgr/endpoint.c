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
	{"sms_mp", "/.sms_aut", READ_AUTH, MP, "mp_information"},
	{"sms_mp", "/.sms_pol", READ_POLICY, MP, "policy_body"},
	{"sms_mp", "/.sms_dcm", READ_NOTHING, MP, "configuration_item"},
	{"ccm_system", "/request", READ_MESSAGE, MP, "ccm_message"},
	{"ccm_system", "", READ_NOTHING, MP, "probe"},
	{"ccm_system", "/", READ_NOTHING, MP, "probe"},
	{"ccm_sts", NULL, READ_NOTHING, MP, "token_request"},
	{"ccm_incoming", NULL, READ_UPLOAD, MP, "upload"},
	{"ccm_client", NULL, READ_NOTHING, MP, "client_installer"},
	{"bgb", "/handler.ashx", READ_NOTHING, "notification-server", "notification"},
	{"cmuserservice", NULL, READ_NOTHING, MP, "user_service"},
	{"sms_dp_smspkg$", NULL, READ_CONTENT, DP, "content"},
	{"sms_dp_smssig$", NULL, READ_CONTENT, DP, "content_signature"},
	{"sccm_branchcache$", NULL, READ_NOTHING, "peer-cache-source", "peer_content"},
	{"downloadrestservice.svc", NULL, READ_NOTHING, DP, "cloud_content"},
	{"sms_mcs*", NULL, READ_NOTHING, DP, "multicast"},
	{"sms_fsp", "/.sms_fsp", READ_FALLBACK, "fallback-status-point", "fallback_status"},
	{"sms_slp", NULL, READ_NOTHING, "server-locator-point", "server_locator"},
	{"smssmp", NULL, READ_NOTHING, "state-migration-point", "state_migration"},
	{"adminservice", NULL, READ_NOTHING, "sms-provider", "admin_service"},
	{"ccm_proxy_mutualauth", NULL, READ_NOTHING, "cloud-management-gateway", "proxied"},
	{"ccm_proxy_serverauth", NULL, READ_NOTHING, "cloud-management-gateway", "proxied"},
	{"smsreporting_*", NULL, READ_NOTHING, "reporting-point", "report_view"},
	{"enrollmentserver", NULL, READ_NOTHING, "enrollment-point", "enrollment"},
	{"enrollmentservice", NULL, READ_NOTHING, "enrollment-point", "enrollment"},
	{"cmapplicationcatalog", NULL, READ_NOTHING, "application-catalog", "application_catalog"},
	{"cmapplicationcatalogsvc", NULL, READ_NOTHING, "application-catalog", "application_catalog"},
	{"cmcertificateregistration", NULL, READ_NOTHING, "enrollment-point", "certificate_registration"},
	{"clientwebservice", "/client.asmx", READ_UPDATE, SUP, "update_metadata"},
	{"simpleauthwebservice", "/simpleauth.asmx", READ_UPDATE, SUP, "update_authorization"},
	{"reportingwebservice", "/reportingwebservice.asmx", READ_UPDATE, SUP, "update_reporting"},
	{"serversyncwebservice", NULL, READ_UPDATE, SUP, "update_synchronization"},
	{"dssauthwebservice", NULL, READ_UPDATE, SUP, "update_synchronization"},
	{"apiremoting30", NULL, READ_UPDATE, SUP, "update_administration"},
	{"selfupdate", "/wuident.cab", READ_NOTHING, SUP, "update_agent"},
	{"content", NULL, READ_NOTHING, SUP, "update_file"},
};
/* clang-format on */

struct variant {
	const char *text;
	size_t flag; /* offset of the flag in struct endpoint_path */
};

static const struct variant suffixes[] = {
        {"_windowsauth", offsetof(struct endpoint_path, windows_auth)},
        {"_tokenauth", offsetof(struct endpoint_path, token_auth)},
        {"_altauth", offsetof(struct endpoint_path, alternate_auth)},
};

static const struct variant prefixes[] = {
        {"nocert_", offsetof(struct endpoint_path, no_certificate)},
        {"ccmtokenauth_", offsetof(struct endpoint_path, token_auth)},
};

static void set_flag(struct endpoint_path *p, size_t flag)
{
	*(bool *)((char *)p + flag) = true;
}

/* Takes prefix, suffix and drive letter off the directory and remembers them. */
static struct bytes plain_directory(struct bytes directory, struct endpoint_path *p)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct bytes text = bytes_of(prefixes[i].text);

		if (bytes_starts_with_fold(directory, text)) {
			directory = bytes_slice(directory, text.len, directory.len);
			set_flag(p, prefixes[i].flag);
		}
	}
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		struct bytes text = bytes_of(suffixes[i].text);

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

static bool fits(struct bytes text, const char *pattern)
{
	struct bytes p = bytes_of(pattern);

	if (p.len && p.at[p.len - 1] == '*')
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
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(*endpoints); i++) {
		const struct configmgr_endpoint *e = &endpoints[i];

		if (!fits(directory, e->directory) || (e->rest && !fits(p.rest, e->rest)))
			continue;
		if (!strcmp(e->type, "update_file") && !is_update_file(p.rest))
			continue;
		p.endpoint = e;
		break;
	}
	return p;
}
