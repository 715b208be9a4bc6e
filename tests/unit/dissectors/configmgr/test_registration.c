/* Registration and the site's answer (protocol reference, sections 3.5 and 9.3). */
#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

#define DATA(attributes, certificates)                                                             \
	"<ClientRegistrationRequest><Data HashAlgorithm=\"1.2.840.113549.1.1.11\" " attributes     \
	" TimeStamp=\"2026-01-12T08:00:00Z\"><AgentInformation AgentIdentity=\"CCMEXEC\" "         \
	"AgentVersion=\"5.00.9128.1000\" AgentType=\"0\" /><Certificates>" certificates            \
	"</Certificates><DiscoveryProperties><Property Name=\"Netbios Name\" Value=\"WS0042\" />"  \
	"<Property Name=\"FQ Name\" Value=\"WS0042.corp.example\" /><Property Name=\"Locale ID\" " \
	"Value=\"1033\" /><Property Name=\"InternetFlag\" Value=\"0\" /></DiscoveryProperties>"    \
	"</Data><Signature><SignatureValue>AABB</SignatureValue></Signature>"                      \
	"</ClientRegistrationRequest>"

#define SELF_SIGNED                                                                                \
	"<Encryption Encoding=\"HexBinary\" KeyType=\"1\">646566</Encryption>"                     \
	"<Signing Encoding=\"HexBinary\" KeyType=\"1\">616263</Signing>"

#define REGISTRATION DATA("SMSID=\"\" RequestType=\"Registration\"", SELF_SIGNED)

#define RESPONSE(status, approval)                                                                 \
	"<ClientRegistrationResponse ResponseType=\"Registration\" "                               \
	"TimeStamp=\"2026-01-12T08:00:01Z\" Status=\"" status "\" SMSID=\"" CLIENT_GUID            \
	"\" ApprovalStatus=\"" approval "\"/>"

static const struct event *register_client(struct trial *t, const char *request, const char *reply)
{
	return talk_xml(t, "MP_ClientRegistration", request, reply);
}

static void a_new_client_is_described(void **state)
{
	const struct event *ev = register_client(*state, REGISTRATION, RESPONSE("0", "1"));

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "registration");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "ClientRegistrationRequest");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_REGISTRATION_TYPE, "Registration");
	assert_field(ev, CONFIGMGR_REGISTRATION_AGENT, "CCMEXEC");
	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_TYPE, "self-signed");
	/* Of the signing certificate, not of the one for encryption. */
	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_SHA256, ABC_SHA256);
	assert_field(ev, CONFIGMGR_CLIENT_NAME, "WS0042");
	assert_field(ev, CONFIGMGR_CLIENT_FQDN, "WS0042.corp.example");
	assert_field(ev, CONFIGMGR_CLIENT_VERSION, "5.00.9128.1000");
	assert_field(ev, CONFIGMGR_GENERATION, "current");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "true");
	/* The id is the one that the site gave. */
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_REGISTRATION_STATUS, "registered");
	assert_field(ev, CONFIGMGR_REGISTRATION_APPROVAL, "approved");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void a_confirmation_brings_its_own_id(void **state)
{
	const struct event *ev = talk(
	        *state, (struct exchange){.method = "CCM_POST",
	                                  .target = "/ccm_system_altauth/request",
	                                  .body = ccm_message((struct ccm){
	                                          .endpoint = "MP_ClientRegistration",
	                                          .xml = DATA("SMSID=\"" CLIENT_GUID
	                                                      "\" RequestType=\"Confirmation\"",
	                                                      SELF_SIGNED)})});

	assert_field(ev, CONFIGMGR_REGISTRATION_TYPE, "Confirmation");
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "refused");
	assert_field(ev, CONFIGMGR_REGISTRATION_STATUS, "-");
	assert_field(ev, CONFIGMGR_REGISTRATION_APPROVAL, "-");
}

static void certificates_of_a_pki_are_told_apart(void **state)
{
	const struct event *ev = register_client(
	        *state,
	        DATA("SMSID=\"\" RequestType=\"Registration\"",
	             "<Signing Encoding=\"HexBinary\" KeyType=\"2\">616263</Signing>"),
	        RESPONSE("0", "1"));

	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_TYPE, "pki");
	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_SHA256, ABC_SHA256);
}

static void a_key_type_that_nobody_knows_is_not_named(void **state)
{
	const struct event *ev = register_client(*state,
	                                         DATA("SMSID=\"\" RequestType=\"Registration\"",
	                                              "<Signing KeyType=\"7\">6162"
	                                              "</Signing>"),
	                                         RESPONSE("0", "1"));

	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_TYPE, "-");
}

static void a_certificate_without_bytes_has_no_digest(void **state)
{
	static const char *const requests[] = {
	        DATA("SMSID=\"\" RequestType=\"Registration\"",
	             "<Signing KeyType=\"1\"></Signing>"),
	        DATA("SMSID=\"\" RequestType=\"Registration\"",
	             "<Signing KeyType=\"1\"> \r\n</Signing>"),
	        DATA("SMSID=\"\" RequestType=\"Registration\"",
	             "<Signing KeyType=\"1\">none</Signing>"),
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		assert_field(register_client(*state, requests[i], RESPONSE("0", "1")),
		             CONFIGMGR_REGISTRATION_KEY_SHA256, "-");
}

static void every_status_and_approval_has_its_name(void **state)
{
	static const struct {
		const char *reply, *status, *approval;
	} cases[] = {
	        {RESPONSE("0", "1"), "registered", "approved"},
	        {RESPONSE("1", "0"), "pending", "pending"},
	        {RESPONSE("2", "2"), "reset", "not-applicable"},
	        {RESPONSE("3", "-1"), "error", "unknown"},
	        {RESPONSE("4", "3"), "certificate-reset", "approved-by-entra"},
	        {RESPONSE("5", "4"), "-", "-"},
	        {RESPONSE("-1", "-2"), "-", "-"},
	        {RESPONSE("", "x"), "-", "-"},
	        {"<ClientRegistrationResponse SMSID=\"" CLIENT_GUID "\"/>", "-", "-"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct event *ev = register_client(*state, REGISTRATION, cases[i].reply);

		assert_field(ev, CONFIGMGR_REGISTRATION_STATUS, cases[i].status);
		assert_field(ev, CONFIGMGR_REGISTRATION_APPROVAL, cases[i].approval);
	}
}

static void versions_tell_the_generation(void **state)
{
	/* The reference's section 0: 2.50 is SMS 2003, 4.00 is 2007, 5.00 by its build. */
	static const char *const cases[][2] = {
	        {"2.50.4253.3000", "2003"},
	        {"4.00.6487.2000", "2007"},
	        {"5.00.7711.0000", "2012"},
	        {"5.00.8239.1000", "2012"},
	        {"5.00.8325.0000", "current"},
	        {"5.00.9128.1000", "current"},
	        {"5.00.9128", "current"},
	        {"6.00.1.1", "-"},
	        {"5.00", "-"},
	        {"5", "-"},
	        {"five", "-"},
	        {"5.x.9128.1", "-"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes request = made("<ClientRegistrationRequest><Data><AgentInformation "
		                            "AgentVersion=\"%s\"/></Data>"
		                            "</ClientRegistrationRequest>",
		                            cases[i][0]);
		const struct event *ev =
		        register_client(*state, (const char *)request.at, RESPONSE("0", "1"));

		assert_field(ev, CONFIGMGR_GENERATION, cases[i][1]);
		assert_field(ev, CONFIGMGR_CLIENT_VERSION, cases[i][0]);
	}
}

/* Each leg of the NTLM dance carries the whole message (section 8.1). */
static void a_challenged_registration_is_described_and_has_no_answer(void **state)
{
	const struct event *ev =
	        talk(*state, (struct exchange){.method = "CCM_POST",
	                                       .target = "/ccm_system_windowsauth/request",
	                                       .body = ccm_message((struct ccm){
	                                               .endpoint = "MP_ClientRegistration",
	                                               .xml = REGISTRATION}),
	                                       .status = 401,
	                                       .reply_headers = "WWW-Authenticate: NTLM\r\n"});

	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "challenged");
	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "registration");
	assert_field(ev, CONFIGMGR_REGISTRATION_KEY_SHA256, ABC_SHA256);
	assert_field(ev, CONFIGMGR_REGISTRATION_STATUS, "-");
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TALK(a_new_client_is_described),
	        TALK(a_confirmation_brings_its_own_id),
	        TALK(certificates_of_a_pki_are_told_apart),
	        TALK(a_key_type_that_nobody_knows_is_not_named),
	        TALK(a_certificate_without_bytes_has_no_digest),
	        TALK(every_status_and_approval_has_its_name),
	        TALK(versions_tell_the_generation),
	        TALK(a_challenged_registration_is_described_and_has_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
