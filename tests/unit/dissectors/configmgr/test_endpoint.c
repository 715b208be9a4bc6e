/* Every path of the protocol reference, section 1: whose it is, and what it is for. */
#include "dissectors/configmgr/endpoint.h"
#include "tests/support/guard.h"
#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MP  "management-point"
#define DP  "distribution-point"
#define SUP "software-update-point"

static const struct {
	const char *path, *role, *type;
} paths[] = {
        /* 1.1 */
        {"/SMS_MP/.sms_aut", MP, "mp_information"},
        {"/SMS_MP/.sms_pol", MP, "policy_body"},
        {"/SMS_MP/.sms_dcm", MP, "configuration_item"},
        {"/SMS_MP_WindowsAuth/.sms_pol", MP, "policy_body"},
        {"/SMS_MP_TokenAuth/.sms_pol", MP, "policy_body"},
        {"/SMS_MP_AltAuth/.sms_pol", MP, "policy_body"},
        {"/SMS_MP_AltAuth/.sms_aut", MP, "mp_information"},
        {"/ccm_system/request", MP, "ccm_message"},
        {"/ccm_system_windowsauth/request", MP, "ccm_message"},
        {"/CCM_System_TokenAuth/request", MP, "ccm_message"},
        {"/CCM_System_AltAuth/request", MP, "ccm_message"},
        {"/ccm_system", MP, "probe"},
        {"/ccm_system/", MP, "probe"},
        {"/ccm_system_windowsauth", MP, "probe"},
        {"/ccm_system_altauth/", MP, "probe"},
        {"/CCM_STS", MP, "token_request"},
        {"/CCM_Incoming/{4E1D0B8A-60C7-4B3B-9A7E-2D3C1B7F5E01}", MP, "upload"},
        {"/CCM_Client/ccmsetup.exe", MP, "client_installer"},
        {"/CCM_Client/ccmsetup.cab", MP, "client_installer"},
        {"/CCM_Client/i386/client.msi", MP, "client_installer"},
        {"/CCM_Client/x64/client.msi", MP, "client_installer"},
        {"/bgb/handler.ashx", "notification-server", "notification"},
        {"/CMUserService/applicationviewservice.asmx", MP, "user_service"},
        {"/CMUserService_WindowsAuth/applicationviewservice.asmx", MP, "user_service"},
        /* 1.2 */
        {"/SMS_DP_SMSPKG$", DP, "content"},
        {"/SMS_DP_SMSPKG$/C0100012/sccm", DP, "content"},
        {"/SMS_DP_SMSPKG$/Datalib", DP, "content"},
        {"/NOCERT_SMS_DP_SMSPKG$/C0100012/sccm", DP, "content"},
        {"/NOCERT_SMS_DP_SMSSIG$/C0100012.3.tar", DP, "content_signature"},
        {"/CCMTOKENAUTH_SMS_DP_SMSPKG$/C0100012/sccm", DP, "content"},
        {"/CCMTOKENAUTH_SMS_DP_SMSSIG$/C0100012.3.tar", DP, "content_signature"},
        {"/SMS_DP_SMSSIG$/C0100012.3.tar", DP, "content_signature"},
        {"/SMS_DP_SMSPKGE$/ABC00123/setup.exe", DP, "content"},
        {"/SCCM_BranchCache$/C0100012/sccm", "peer-cache-source", "peer_content"},
        {"/downloadrestservice.svc/getcontentxmlsecure", DP, "cloud_content"},
        {"/SMSReporting_C01", "reporting-point", "report_view"},
        /* 1.3 */
        {"/SMS_FSP/.sms_fsp", "fallback-status-point", "fallback_status"},
        {"/SMS_SLP/slp.dll", "server-locator-point", "server_locator"},
        {"/SMSSMP/anything", "state-migration-point", "state_migration"},
        {"/SMS_MCS_something/x", DP, "multicast"},
        {"/AdminService/v1.0/Device", "sms-provider", "admin_service"},
        {"/AdminService/wmi/SMS_Admin", "sms-provider", "admin_service"},
        {"/AdminService_TokenAuth/v1.0/Device", "sms-provider", "admin_service"},
        {"/CCM_Proxy_MutualAuth/72057594037927939/ccm_system/request", "cloud-management-gateway",
         "proxied"},
        {"/CCM_Proxy_ServerAuth/72057594037927939/CCM_STS", "cloud-management-gateway", "proxied"},
        {"/CCM_Proxy_ServerAuth/AADAuthInfo", "cloud-management-gateway", "proxied"},
        {"/EnrollmentServer/x", "enrollment-point", "enrollment"},
        {"/EnrollmentService/x", "enrollment-point", "enrollment"},
        {"/CMApplicationCatalog", "application-catalog", "application_catalog"},
        {"/CMApplicationCatalogSvc/x", "application-catalog", "application_catalog"},
        {"/CMCertificateRegistration/x", "enrollment-point", "certificate_registration"},
        /* 1.4 */
        {"/SimpleAuthWebService/SimpleAuth.asmx", SUP, "update_authorization"},
        {"/ClientWebService/client.asmx", SUP, "update_metadata"},
        {"/ReportingWebService/ReportingWebService.asmx", SUP, "update_reporting"},
        {"/ServerSyncWebService/ServerSyncWebService.asmx", SUP, "update_synchronization"},
        {"/DssAuthWebService/DssAuthWebService.asmx", SUP, "update_synchronization"},
        {"/ApiRemoting30/WebService.asmx", SUP, "update_administration"},
        {"/Content/3F/5B8E0F7C0BE2D9F1A6A4C8D0E1B2C3D4E5F6A73F.cab", SUP, "update_file"},
        {"/SelfUpdate/wuident.cab", SUP, "update_agent"},
};

static void assert_endpoint(struct bytes path, const char *role, const char *type)
{
	struct endpoint_path p = endpoint_find(guarded(path));

	if (!p.endpoint)
		fail_msg("%.*s is nobody's", (int)path.len, (const char *)path.at);
	assert_string_equal(p.endpoint->role, role);
	assert_string_equal(p.endpoint->type, type);
}

static void every_path_of_the_reference_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_endpoint(bytes_of(paths[i].path), paths[i].role, paths[i].type);
}

/* IIS does not tell letter case apart, and tools mix it. */
static void letter_case_does_not_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct bytes lower = made("%s", paths[i].path), upper = made("%s", paths[i].path);

		for (size_t c = 0; c < lower.len; c++) {
			uint8_t *l = (uint8_t *)(uintptr_t)lower.at + c;
			uint8_t *u = (uint8_t *)(uintptr_t)upper.at + c;

			*l = ascii_lower(*l);
			if (*u >= 'a' && *u <= 'z')
				*u = (uint8_t)(*u - 'a' + 'A');
		}
		assert_endpoint(lower, paths[i].role, paths[i].type);
		assert_endpoint(upper, paths[i].role, paths[i].type);
	}
}

static void paths_of_others_are_nobodys(void **state)
{
	static const char *const others[] = {
	        "",
	        "/",
	        "sms_mp/.sms_aut",
	        "/index.html",
	        "/content/page.html",
	        "/content/3f/logo.png",
	        "/Content/3F/5B8E0F7C0BE2D9F1A6A4C8D0E1B2C3D4E5F6A73.cab",
	        "/Content/3F/XB8E0F7C0BE2D9F1A6A4C8D0E1B2C3D4E5F6A73F.cab",
	        "/Content/3F2/5B8E0F7C0BE2D9F1A6A4C8D0E1B2C3D4E5F6A73F.cab",
	        "/sms_mp/.sms_autx",
	        "/sms_mp/",
	        "/sms_mpx/.sms_aut",
	        "/x/sms_mp/.sms_aut",
	        "/ccm_systemx/request",
	        "/ccm_system/other",
	        "/sms_dp_smspkg",
	        "/sms_dp_smspkgee$/x",
	        "/bgb/other.ashx",
	        "/selfupdate/other.cab",
	        "/clientwebservice/other.asmx",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_null(endpoint_find(guarded(bytes_of(others[i]))).endpoint);
}

static void variants_of_a_directory_are_told(void **state)
{
	struct endpoint_path p;

	(void)state;
	p = endpoint_find(BYTES("/SMS_MP_WindowsAuth/.sms_pol"));
	assert_true(p.windows_auth && !p.token_auth && !p.alternate_auth && !p.no_certificate);
	p = endpoint_find(BYTES("/ccm_system_tokenauth/request"));
	assert_true(p.token_auth && !p.windows_auth && !p.alternate_auth);
	p = endpoint_find(BYTES("/ccm_system_AltAuth/request"));
	assert_true(p.alternate_auth && !p.windows_auth && !p.token_auth);
	p = endpoint_find(BYTES("/NoCert_sms_dp_smspkg$/x"));
	assert_true(p.no_certificate && !p.token_auth && !p.drive);
	p = endpoint_find(BYTES("/ccmtokenauth_SMS_DP_SMSSIG$/x"));
	assert_true(p.token_auth && !p.no_certificate);
	p = endpoint_find(BYTES("/SMS_MP/.sms_pol"));
	assert_false(p.windows_auth || p.token_auth || p.alternate_auth || p.no_certificate);
}

static void the_drive_of_an_old_distribution_point_is_told(void **state)
{
	(void)state;
	for (char drive = 'c'; drive <= 'z'; drive++) {
		struct endpoint_path p =
		        endpoint_find(made("/SMS_DP_SMSPKG%c$/ABC00123/setup.exe", drive - 32));

		assert_int_equal(p.drive, drive);
		assert_string_equal(p.endpoint->type, "content");
		assert_true(bytes_equal(p.rest, BYTES("/ABC00123/setup.exe")));
	}
	assert_int_equal(endpoint_find(BYTES("/SMS_DP_SMSPKG$/x")).drive, 0);
}

static void a_percent_sign_in_a_path_is_no_obstacle(void **state)
{
	struct trial *t = *state;
	const struct event *ev =
	        talk_get(t, "/sms_dp_smspkg%24/C0100012/sccm?/setup.cmd", "content");

	assert_field(ev, CONFIGMGR_SERVER_ROLE, DP);
	assert_field(ev, CONFIGMGR_CONTENT_ID, "C0100012");
	ev = talk_get(t, "/%53MS_MP/.sms_aut?MPLIST", "<MPList/>");
	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "mp_list");
}

static void what_is_not_configmgrs_has_no_facts_of_it(void **state)
{
	const struct event *ev = talk_get(*state, "/index.html?MPLIST", "<MPList/>");

	FOR_EACH_PRESENT (f, &ev->present)
		assert_int_not_equal(field_info[f].setter, SETTER_CONFIGMGR);
}

static void a_token_path_leaves_open_who_asked(void **state)
{
	struct trial *t = *state;
	const struct event *ev = talk_get(t, "/SMS_DP_SMSPKG$/C0100012/sccm?/a", "x");

	assert_field(ev, CONFIGMGR_AUTH_STATE, "anonymous");
	/* The token's header has no known name (reference, appendix C 1). */
	ev = talk_get(t, "/CCMTOKENAUTH_SMS_DP_SMSPKG$/C0100012/sccm?/a", "x");
	assert_field(ev, CONFIGMGR_AUTH_STATE, "-");
}

static void a_web_service_is_told_by_its_operation(void **state)
{
	const struct event *ev = talk(
	        *state, (struct exchange){.method = "POST",
	                                  .target = "/ClientWebService/client.asmx",
	                                  .headers = "SOAPAction: \"http://www.microsoft.com/"
	                                             "SoftwareDistribution/Server/ClientWebService/"
	                                             "SyncUpdates\"\r\nContent-Type: text/xml\r\n",
	                                  .body = BYTES("<soap/>")});

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "update_metadata");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "SyncUpdates");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_SERVER_ROLE, SUP);
}

static void the_status_says_how_a_request_ended(void **state)
{
	static const struct {
		int status;
		const char *outcome;
	} cases[] = {{200, "answered"},   {206, "answered"},   {304, "unchanged"},
	             {401, "challenged"}, {407, "challenged"}, {403, "refused"},
	             {404, "failed"},     {405, "failed"},     {500, "failed"},
	             {503, "failed"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_field(talk(*state, (struct exchange){.target = "/CCM_Client/ccmsetup.exe",
		                                            .method = "HEAD",
		                                            .status = cases[i].status}),
		             CONFIGMGR_MESSAGE_OUTCOME, cases[i].outcome);
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_path_of_the_reference_is_known),
	        cmocka_unit_test(letter_case_does_not_count),
	        cmocka_unit_test(paths_of_others_are_nobodys),
	        cmocka_unit_test(variants_of_a_directory_are_told),
	        cmocka_unit_test(the_drive_of_an_old_distribution_point_is_told),
	        TALK(a_percent_sign_in_a_path_is_no_obstacle),
	        TALK(what_is_not_configmgrs_has_no_facts_of_it),
	        TALK(a_token_path_leaves_open_who_asked),
	        TALK(a_web_service_is_told_by_its_operation),
	        TALK(the_status_says_how_a_request_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
