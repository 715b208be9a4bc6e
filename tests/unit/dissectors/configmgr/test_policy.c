/* Policy assignments (protocol reference, sections 3.6 and 9.4). */
#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define REQUEST(type)                                                                              \
	"<RequestAssignments SchemaVersion=\"1.00\" ACK=\"false\" RequestType=\"" type             \
	"\" ValidationRequested=\"CRC\"><Identification><Machine><ClientID>" CLIENT_GUID           \
	"</ClientID><FQDN>WS0042.corp.example</FQDN><NetBIOSName>WS0042</NetBIOSName><SID />"      \
	"</Machine><User /></Identification><PolicySource>SMS:C01</PolicySource><Resource "        \
	"ResourceType=\"Machine\" /><ServerCookie /></RequestAssignments>"

#define REPLY(type, signature, assignments)                                                        \
	"<ReplyAssignments SchemaVersion=\"1.00\" ReplyType=\"" type                               \
	"\"><Identification><Machine>"                                                             \
	"<ClientID>" CLIENT_GUID "</ClientID><FQDN>WS0042.corp.example</FQDN><NetBIOSName>WS0042"  \
	"</NetBIOSName><SID/></Machine><User/></Identification><PolicySource>SMS:C01"              \
	"</PolicySource><Resource ResourceType=\"Machine\"/><ServerCookie>2026-01-12 08:00:01.257" \
	"</ServerCookie>" signature assignments "</ReplyAssignments>"

#define REFERENCE(id)                                                                              \
	"<Reference PolicyAssignmentID=\"" id "\"><SignatureAlgorithm AlgID=\"32780\">"            \
	"1.2.840.113549.1.1.11</SignatureAlgorithm><SignatureValue>AABB</SignatureValue>"          \
	"</Reference>"

#define ASSIGNMENT(id, policies)                                                                   \
	"<PolicyAssignment PolicyAssignmentID=\"" id "\"><Condition><Expression "                  \
	"ExpressionLanguage=\"WQL\" ExpressionType=\"once\">SELECT * FROM CCM_Client</Expression>" \
	"</Condition>" policies "</PolicyAssignment>"

#define POLICY(attributes, location)                                                               \
	"<Policy " attributes " PolicyType=\"Machine\">" location "</Policy>"

#define NAA_HASH "SHA256:9374B7761DC44A5565A6E0AA8E233A8A8B10AFB55C064411467F7354166B3DF8"

#define NAA_POLICY                                                                                 \
	POLICY("PolicyID=\"{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10}\" PolicyVersion=\"5.00\" "       \
	       "PolicyCategory=\"NAAConfig\" PolicyFlags=\"30\"",                                  \
	       "<PolicyLocation PolicyHash=\"" NAA_HASH                                            \
	       "\" PolicyHashEx=\"SHA1:F72822E7626B50951D2EA1269634996D242D2432\">"                \
	       "<![CDATA[http://<mp>/SMS_MP/"                                                      \
	       ".sms_pol?{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10}.5_00]]>"                           \
	       "</PolicyLocation>")

#define SOFTWARE_POLICY                                                                            \
	POLICY("PolicyID=\"C0120003-C0100009-6F6BCC28\" PolicyVersion=\"1.00\" "                   \
	       "PolicyCategory=\"SoftwareDistribution\" PolicyFlags=\"0\"",                        \
	       "<PolicyLocation "                                                                  \
	       "PolicyHash=\"AABB\"><![CDATA[http://<mp>/SMS_MP/.sms_pol?x.1_00]]>"                \
	       "</PolicyLocation>")

static const struct event *ask(struct trial *t, const char *reply)
{
	return talk_xml(t, "MP_PolicyManager", REQUEST("Always"), reply);
}

static void the_reference_example_is_read(void **state)
{
	const struct event *ev = ask(*state, REPLY("Full", "", ASSIGNMENT("{1}", NAA_POLICY)));

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "policy_assignment");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "RequestAssignments");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_POLICY_REQUEST_TYPE, "Always");
	assert_field(ev, CONFIGMGR_POLICY_REPLY_TYPE, "Full");
	assert_field(ev, CONFIGMGR_POLICY_COUNT, "1");
	assert_field(ev, CONFIGMGR_POLICY_ID, "{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10}");
	assert_field(ev, CONFIGMGR_POLICY_VERSION, "5.00");
	assert_field(ev, CONFIGMGR_POLICY_CATEGORY, "NAAConfig");
	assert_field(ev, CONFIGMGR_POLICY_FLAGS, "30");
	assert_field(ev, CONFIGMGR_POLICY_HASH, NAA_HASH);
	assert_field(ev, CONFIGMGR_POLICY_LOCATION, "<mp>");
	assert_field(ev, CONFIGMGR_POLICY_SIGNED, "false");
	assert_field(ev, CONFIGMGR_SITE_CODE, "C01");
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_CLIENT_NAME, "WS0042");
	assert_field(ev, CONFIGMGR_CLIENT_FQDN, "WS0042.corp.example");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void a_request_tells_whether_it_wants_everything(void **state)
{
	const struct event *ev =
	        talk_xml(*state, "MP_PolicyManager", REQUEST("OnUpdate"), REPLY("Delta", "", ""));

	assert_field(ev, CONFIGMGR_POLICY_REQUEST_TYPE, "OnUpdate");
	assert_field(ev, CONFIGMGR_POLICY_REPLY_TYPE, "Delta");
}

static void a_delta_without_policies_is_empty(void **state)
{
	const struct event *ev = ask(*state, REPLY("Delta", "", ""));

	assert_field(ev, CONFIGMGR_POLICY_COUNT, "0");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "empty");
	assert_field(ev, CONFIGMGR_POLICY_ID, "-");
	assert_field(ev, CONFIGMGR_POLICY_SIGNED, "-");
}

static void lists_of_policies_stay_in_step(void **state)
{
	const struct event *ev =
	        ask(*state, REPLY("Full", "",
	                          ASSIGNMENT("{1}", NAA_POLICY) ASSIGNMENT("{2}", SOFTWARE_POLICY)
	                                  ASSIGNMENT("{3}", NAA_POLICY)));

	assert_field(ev, CONFIGMGR_POLICY_COUNT, "3");
	assert_field(ev, CONFIGMGR_POLICY_ID,
	             "{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10} C0120003-C0100009-6F6BCC28 "
	             "{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B6A10}");
	assert_field(ev, CONFIGMGR_POLICY_VERSION, "5.00 1.00 5.00");
	assert_field(ev, CONFIGMGR_POLICY_FLAGS, "30 0 30");
	assert_field(ev, CONFIGMGR_POLICY_HASH, NAA_HASH " AABB " NAA_HASH);
	/* These two are without repetition. */
	assert_field(ev, CONFIGMGR_POLICY_CATEGORY, "NAAConfig SoftwareDistribution");
	assert_field(ev, CONFIGMGR_POLICY_LOCATION, "<mp>");
}

static void a_policy_without_a_part_does_not_shift_the_others(void **state)
{
	const struct event *ev = ask(
	        *state,
	        REPLY("Full", "",
	              ASSIGNMENT("{1}", POLICY("PolicyID=\"a\"", "")) ASSIGNMENT(
	                      "{2}", POLICY("PolicyID=\"b\" PolicyVersion=\"2\" "
	                                    "PolicyFlags=\"4\"",
	                                    "<PolicyLocation PolicyHash=\"BB\">http://<![CDATA[<mp>"
	                                    "/]]></PolicyLocation><PolicyLocation "
	                                    "PolicyHash=\"B2\"/>"))
	                      ASSIGNMENT("{3}", POLICY("PolicyVersion=\"3\"", "<PolicyLocation/>"))
	                              ASSIGNMENT("{4}",
	                                         POLICY("PolicyID=\"d\"",
	                                                "<PolicyLocation PolicyHash=\"DD\"/>"))));

	assert_field(ev, CONFIGMGR_POLICY_COUNT, "4");
	assert_field(ev, CONFIGMGR_POLICY_ID, "a b  d");
	assert_field(ev, CONFIGMGR_POLICY_VERSION, " 2 3 ");
	assert_field(ev, CONFIGMGR_POLICY_FLAGS, "0 4 0 0");
	assert_field(ev, CONFIGMGR_POLICY_HASH, " BB  DD");
}

static void every_assignment_must_be_signed(void **state)
{
	static const struct {
		const char *reply, *is_signed;
	} cases[] = {
	        {REPLY("Full", "<Signature>" REFERENCE("{1}") "</Signature>",
	               ASSIGNMENT("{1}", NAA_POLICY)),
	         "true"},
	        {REPLY("Full", "<Signature>" REFERENCE("{1}") REFERENCE("{2}") "</Signature>",
	               ASSIGNMENT("{1}", NAA_POLICY) ASSIGNMENT("{2}", SOFTWARE_POLICY)),
	         "true"},
	        {REPLY("Full", "<Signature>" REFERENCE("{1}") "</Signature>",
	               ASSIGNMENT("{1}", NAA_POLICY) ASSIGNMENT("{2}", SOFTWARE_POLICY)),
	         "false"},
	        {REPLY("Full", "<Signature></Signature>", ASSIGNMENT("{1}", NAA_POLICY)), "false"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_field(ask(*state, cases[i].reply), CONFIGMGR_POLICY_SIGNED,
		             cases[i].is_signed);
}

/* A concrete host in place of <mp> is a rogue's sign. */
static void hosts_of_locations_are_told(void **state)
{
	static const char *const cases[][2] = {
	        {"http://evil.example/SMS_MP/.sms_pol?x.1_00", "evil.example"},
	        {"https://evil.example:8443/SMS_MP/.sms_pol?x", "evil.example"},
	        {"http://192.0.2.66:80/x", "192.0.2.66"},
	        {"http://[2001:db8::66]:80/x", "2001:db8::66"},
	        {"http://[2001:db8::66]/x", "2001:db8::66"},
	        {" \r\n http://evil.example/x\r\n", "evil.example"},
	        {"http://<mp>/SMS_MP_TokenAuth/.sms_pol?x", "<mp>"},
	        {"http://evil.example", "evil.example"},
	        {"evil.example", "evil.example"},
	        {"", "-"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bytes reply =
		        made("<ReplyAssignments><PolicyAssignment><Policy><PolicyLocation>"
		             "<![CDATA[%s]]></PolicyLocation></Policy></PolicyAssignment>"
		             "</ReplyAssignments>",
		             cases[i][0]);

		assert_field(ask(*state, (const char *)reply.at), CONFIGMGR_POLICY_LOCATION,
		             cases[i][1]);
	}
}

static void more_policies_than_a_list_holds_are_counted_and_the_cut_is_marked(void **state)
{
	struct bytes reply = BYTES("<ReplyAssignments>");
	const struct event *ev;

	for (int i = 0; i < EVENT_LIST_MAX + 10; i++)
		reply = joined(reply, made("<PolicyAssignment><Policy PolicyID=\"%d\" "
		                           "PolicyVersion=\"1\"><PolicyLocation PolicyHash=\"A\"/>"
		                           "</Policy></PolicyAssignment>",
		                           i));
	reply = joined(reply, BYTES("</ReplyAssignments>"));
	ev = ask(*state, (const char *)reply.at);
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_POLICY_COUNT, 0), EVENT_LIST_MAX + 10);
	assert_int_equal(ev->value[FIELD_CONFIGMGR_POLICY_ID].texts.count, EVENT_LIST_MAX);
	assert_true(field_set_has(&ev->truncated, FIELD_CONFIGMGR_POLICY_ID));
	assert_true(field_set_has(&ev->truncated, FIELD_CONFIGMGR_POLICY_FLAGS));
	assert_true(field_set_has(&ev->truncated, FIELD_CONFIGMGR_POLICY_HASH));
	assert_false(field_set_has(&ev->truncated, FIELD_CONFIGMGR_POLICY_CATEGORY));
}

static void a_reply_cut_short_tells_what_there_was(void **state)
{
	struct trial *t = *state;
	static const char reply[] =
	        REPLY("Full", "", ASSIGNMENT("{1}", NAA_POLICY) ASSIGNMENT("{2}", SOFTWARE_POLICY));
	struct bytes message = ccm_message(
	        (struct ccm){.is_reply = true, .hooks = "", .payload = utf16le(BYTES(reply))});
	const struct event *ev;

	trial_send(t, CLIENT, BYTES("CCM_POST /ccm_system/request HTTP/1.1\r\n\r\n"));
	trial_send(t, SERVER,
	           joined(made("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", message.len),
	                  bytes_slice(message, 0, message.len - 300)));
	trial_end(t);
	ev = trial_http(t, 0);
	assert_true(is_degraded(ev));
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	assert_non_null(strstr(field_as_text(ev, FIELD_CONFIGMGR_POLICY_ID), "{5F1F6C0E"));
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TALK(the_reference_example_is_read),
	        TALK(a_request_tells_whether_it_wants_everything),
	        TALK(a_delta_without_policies_is_empty),
	        TALK(lists_of_policies_stay_in_step),
	        TALK(a_policy_without_a_part_does_not_shift_the_others),
	        TALK(every_assignment_must_be_signed),
	        TALK(hosts_of_locations_are_told),
	        TALK(more_policies_than_a_list_holds_are_counted_and_the_cut_is_marked),
	        TALK(a_reply_cut_short_tells_what_there_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
