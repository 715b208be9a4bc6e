/* CCM messages: the multipart frame and the envelope (protocol reference, sections 3.1 to 3.4). */
#include "tests/unit/dissectors/configmgr/telling.h"

static void the_frame_is_as_the_reference_counts_it(void **state)
{
	struct bytes m = ccm_message((struct ccm){.xml = REQUEST});

	(void)state;
	/* 30 bytes of delimiter, 44 of part header: the byte order mark stands at 74. */
	assert_true(bytes_equal(bytes_slice(m, 0, 30), BYTES("--" BOUNDARY "\r\n")));
	assert_true(bytes_equal(bytes_slice(m, 74, 4), BYTES("\xff\xfe<\0")));
	assert_true(bytes_ends_with_fold(m, BYTES("\r\n--" BOUNDARY "--")));
}

static void the_envelope_says_who_sends_what_to_whom(void **state)
{
	const struct event *ev = tell(
	        *state,
	        (struct ccm){.endpoint = "MP_LocationManager",
	                     .xml = REQUEST,
	                     .envelope = "<SourceID>guid:{3b1c7a52-9f0e-4d46-8c2b-6e7719d0a4f1}"
	                                 "</SourceID>"});

	assert_read(ev);
	assert_field(ev, CONFIGMGR_MESSAGE_ENDPOINT, "MP_LocationManager");
	assert_field(ev, CONFIGMGR_MESSAGE_ID, "{7D0C2C3E-51B4-4B1F-9A39-0E1B5D0D7A11}");
	assert_field(ev, CONFIGMGR_MESSAGE_REPLY_TO, "direct:WS0042:SccmMessaging");
	assert_field(ev, CONFIGMGR_MESSAGE_MODE, "Sync");
	assert_field(ev, CONFIGMGR_MESSAGE_SIGNED, "false");
	assert_field(ev, CONFIGMGR_MESSAGE_ENCRYPTED, "-");
	assert_field(ev, CONFIGMGR_CLIENT_NAME, "WS0042");
	/* As sent, and in its one normal form. */
	assert_field(ev, CONFIGMGR_MESSAGE_SOURCE_ID,
	             "guid:{3b1c7a52-9f0e-4d46-8c2b-6e7719d0a4f1}");
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_SERVER_ROLE, "management-point");
}

static void a_source_that_is_no_id_stays_as_sent_alone(void **state)
{
	/* The location service's SQL injection (sections 3.8 and 9.11), and other things. */
	static const char *const sources[] = {
	        "GUID:00000000-0000-0000-0000-000000000000'; SELECT 1 --",
	        "GUID:3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F11",
	        "GUID:3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F",
	        "GUID:3B1C7A52-9F0E-4D46-8C2B_6E7719D0A4F1",
	        "GUID:",
	        "x",
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		struct bytes source = made("<SourceID>%s</SourceID>", sources[i]);
		const struct event *ev = tell(
		        *state, (struct ccm){.xml = REQUEST, .envelope = (const char *)source.at});

		assert_field(ev, CONFIGMGR_MESSAGE_SOURCE_ID, sources[i]);
		assert_field(ev, CONFIGMGR_CLIENT_GUID, "-");
	}
}

static void an_id_has_one_normal_form(void **state)
{
	static const char *const sources[] = {
	        CLIENT_GUID,
	        "guid:3b1c7a52-9f0e-4d46-8c2b-6e7719d0a4f1",
	        "GUID:{3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F1}",
	        "{3b1c7a52-9F0E-4d46-8C2B-6E7719D0A4F1}",
	        "3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F1",
	        " GUID:3B1C7A52-9F0E-4D46-8C2B-6E7719D0A4F1\r\n",
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		struct bytes source = made("<SourceID>%s</SourceID>", sources[i]);

		assert_field(tell(*state, (struct ccm){.xml = REQUEST,
		                                       .envelope = (const char *)source.at}),
		             CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	}
}

static void part_headers_may_be_written_in_any_way(void **state)
{
	static const char *const heads[][2] = {
	        {"content-type: text/plain; charset=UTF-16\r\n",
	         "content-type: application/octet-stream\r\n"},
	        {"Content-Type: text/plain; charset=UTF-16\r\n",
	         "Content-Type: application/octet-stream\r\n"},
	        /* Metasploit. */
	        {"Content-Type: text/plain; charset=UTF-16\r\nContent-Transfer-Encoding: "
	         "binary\r\n",
	         "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n"},
	        /* Boot media and their thieves. */
	        {"Content-Disposition: form-data; name=\"Msg\"\r\nContent-Type: text/plain\r\n",
	         "Content-Disposition: form-data; name=\"RequestAssignments\"\r\n"},
	        {"X: y\r\n", "X: y\r\n"},
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		assert_read(tell(*state, (struct ccm){.xml = REQUEST,
		                                      .text_head = heads[i][0],
		                                      .payload_head = heads[i][1]}));
}

static void senders_choose_their_boundary(void **state)
{
	static const char *const boundaries[] = {"------------8dc0a1b2c3d4e5f", "x", "a--b",
	                                         "0123456789012345678901234567890123456789"
	                                         "012345678901234567890123456789"};

	for (size_t i = 0; i < sizeof(boundaries) / sizeof(*boundaries); i++)
		assert_read(tell(*state, (struct ccm){.xml = REQUEST, .boundary = boundaries[i]}));
}

static void a_line_end_may_follow_the_closing_boundary(void **state)
{
	assert_read(tell(*state, (struct ccm){.xml = REQUEST, .tail = "\r\n--" BOUNDARY "--\r\n"}));
}

static void a_missing_closing_boundary_is_malformed(void **state)
{
	static const char *const tails[] = {"", "\r\n", "\r\n--" BOUNDARY,
	                                    "\r\n--" BOUNDARY "\r\n"};

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		const struct event *ev =
		        tell(*state, (struct ccm){.xml = REQUEST, .tail = tails[i]});

		assert_malformed(ev, "closing boundary");
		/* What it says is read all the same. */
		assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "site_assignment");
	}
}

static void a_body_that_is_not_multipart_is_malformed(void **state)
{
	static const char *const bodies[] = {
	        "<Msg/>", "x", "--", "\xff\xfe<\0", "-\r\n-\r\n", "--boundary without an end"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_malformed(tell_bytes(*state, bytes_of(bodies[i])), "not multipart");
}

static void a_first_part_that_is_no_xml_is_malformed(void **state)
{
	assert_malformed(tell(*state, (struct ccm){.xml = REQUEST,
	                                           .text = utf16le(BYTES("<Msg><ID></Msg>"))}),
	                 "Msg part");
	assert_malformed(
	        tell(*state, (struct ccm){.xml = REQUEST, .text = utf16le(BYTES("<Msg><ID>x"))}),
	        "Msg part");
}

static void the_first_part_may_be_of_any_encoding(void **state)
{
	struct bytes text = BYTES("<Msg><ID>x</ID><TargetEndpoint>MP_LocationManager"
	                          "</TargetEndpoint><Hooks><Hook3 Name='zlib-compress'/></Hooks>"
	                          "</Msg>");
	struct bytes forms[] = {text, utf16le(text), utf16be(text),
	                        joined(BYTES("\xfe\xff"), utf16be(text)),
	                        joined(BYTES("\xef\xbb\xbf"), text)};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct event *ev =
		        tell(*state, (struct ccm){.xml = REQUEST, .text = forms[i]});

		assert_read(ev);
		assert_field(ev, CONFIGMGR_MESSAGE_ID, "x");
	}
}

static void a_signature_is_the_hook_clientauth(void **state)
{
	static const struct {
		const char *hooks, *is_signed;
	} cases[] = {
	        {"<Hook2 Name=\"clientauth\"><Property Name=\"AuthSenderMachine\">WS0042</Property>"
	         "<Property Name=\"PublicKey\">0602</Property></Hook2>"
	         "<Hook3 Name=\"zlib-compress\"/>",
	         "true"},
	        {"<Hook3 Name=\"zlib-compress\"/><Hook2 Name=\"clientauth\"/>", "true"},
	        {"<Hook3 Name=\"zlib-compress\"/><Hook Name=\"authenticate\"/>", "false"},
	        {"<Hook3 Name=\"zlib-compress\"/>", "false"},
	        {"<Hook3 Name=\"zlib-compress\"/><Nested Name=\"clientauth\"/>", "false"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_field(tell(*state, (struct ccm){.xml = REQUEST, .hooks = cases[i].hooks}),
		             CONFIGMGR_MESSAGE_SIGNED, cases[i].is_signed);
}

static void an_endpoint_tells_the_type_of_what_cannot_be_read(void **state)
{
	/* Section 3.4. */
	static const char *const types[][2] = {
	        {"MP_ClientRegistration", "registration"},
	        {"MP_PolicyManager", "policy_assignment"},
	        {"MP_LocationManager", "location_request"},
	        {"MP_DdrEndpoint", "discovery"},
	        {"MP_HinvEndpoint", "hardware_inventory"},
	        {"mp_hinvendpoint", "hardware_inventory"},
	        {"MP_SinvEndpoint", "software_inventory"},
	        {"MP_SinvCollFileEndpoint", "file_collection"},
	        {"MP_RelayEndpoint", "state_message"},
	        {"MP_StatusManager", "status_message"},
	        {"StatusReceiver", "status_message"},
	        {"MP_AppStateManager", "application_state"},
	        {"MP_DriverManager", "driver_catalog"},
	        {"MP_TokenManager", "token_request"},
	        {"MP_SomethingNew", "ccm_message"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct event *ev =
		        tell(*state, (struct ccm){.endpoint = types[i][0], .no_payload = true});

		assert_field(ev, CONFIGMGR_MESSAGE_ENDPOINT, types[i][0]);
		assert_field(ev, CONFIGMGR_MESSAGE_TYPE, types[i][1]);
		assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	}
}

static void a_message_cut_by_a_cap_is_not_called_malformed(void **state)
{
	struct trial *t = *state;
	struct bytes noise = repeated(0, 20000);
	struct bytes message;
	uint32_t x = 1;

	for (size_t i = 0; i < noise.len; i++)
		((uint8_t *)(uintptr_t)noise.at)[i] =
		        (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
	message = ccm_message((struct ccm){.payload = zipped(joined(payload_of(REQUEST), noise))});
	assert_true(message.len > 12000);
	for (uint32_t cap = 100; cap < message.len; cap += 97) {
		const struct event *ev;

		t->bench.limits.body = cap;
		ev = tell_bytes(t, message);
		assert_true(is_degraded(ev));
		assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	}
}

static void a_message_whose_connection_breaks_is_not_called_malformed(void **state)
{
	struct bytes message = ccm_message((struct ccm){.xml = REQUEST});

	(void)state;
	for (size_t len = 0; len < message.len; len += 7) {
		struct trial t;

		trial_open(&t);
		trial_handshake(&t);
		trial_send(&t, CLIENT,
		           joined(made("CCM_POST /ccm_system/request HTTP/1.1\r\n"
		                       "Content-Length: %zu\r\n\r\n",
		                       message.len),
		                  bytes_slice(message, 0, len)));
		trial_end(&t);
		assert_int_equal(trial_http_count(&t), 1);
		assert_true(is_degraded(trial_http(&t, 0)));
		assert_field(trial_http(&t, 0), CONFIGMGR_MALFORMED_REASON, "-");
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

static void replies_are_read_like_requests(void **state)
{
	const struct event *ev = talk_xml(*state, "MP_LocationManager", REQUEST,
	                                  "<AssignedSiteReply><Site SiteCode=\"C01\"/>"
	                                  "</AssignedSiteReply>");

	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_SITE_CODE, "C01");
	/* The request's envelope stays: the reply's endpoint and id are not its own. */
	assert_field(ev, CONFIGMGR_MESSAGE_ENDPOINT, "MP_LocationManager");
	assert_field(ev, CONFIGMGR_MESSAGE_ID, "{7D0C2C3E-51B4-4B1F-9A39-0E1B5D0D7A11}");
	assert_field(ev, CONFIGMGR_CLIENT_NAME, "WS0042");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "AssignedSiteRequest");
}

static void a_reply_without_a_body_is_a_refusal(void **state)
{
	const struct event *ev =
	        talk(*state, (struct exchange){.method = "CCM_POST",
	                                       .target = "/ccm_system/request",
	                                       .body = ccm_message((struct ccm){.xml = REQUEST})});

	assert_field(ev, HTTP_RESPONSE_STATUS_CODE, "200");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "refused");
}

static void a_broken_reply_is_the_servers_fault(void **state)
{
	const struct event *ev = talk_ccm(*state, (struct ccm){.xml = REQUEST},
	                                  (struct ccm){.xml = "<AssignedSiteReply>"});

	assert_field(ev, CONFIGMGR_MALFORMED_SOURCE, "192.0.2.20");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "true");
}

static void a_reply_may_carry_no_message(void **state)
{
	static const char *const replies[] = {"NoReply", "<html>it works</html>", "\r\n"};

	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		const struct event *ev = talk(
		        *state, (struct exchange){.method = "CCM_POST",
		                                  .target = "/ccm_system/request",
		                                  .body = ccm_message((struct ccm){.xml = REQUEST}),
		                                  .reply = bytes_of(replies[i])});

		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
		assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	}
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_frame_is_as_the_reference_counts_it),
	        TALK(the_envelope_says_who_sends_what_to_whom),
	        TALK(a_source_that_is_no_id_stays_as_sent_alone),
	        TALK(an_id_has_one_normal_form),
	        TALK(part_headers_may_be_written_in_any_way),
	        TALK(senders_choose_their_boundary),
	        TALK(a_line_end_may_follow_the_closing_boundary),
	        TALK(a_missing_closing_boundary_is_malformed),
	        TALK(a_body_that_is_not_multipart_is_malformed),
	        TALK(a_first_part_that_is_no_xml_is_malformed),
	        TALK(the_first_part_may_be_of_any_encoding),
	        TALK(a_signature_is_the_hook_clientauth),
	        TALK(an_endpoint_tells_the_type_of_what_cannot_be_read),
	        TALK(a_message_cut_by_a_cap_is_not_called_malformed),
	        cmocka_unit_test(a_message_whose_connection_breaks_is_not_called_malformed),
	        TALK(replies_are_read_like_requests),
	        TALK(a_reply_without_a_body_is_a_refusal),
	        TALK(a_broken_reply_is_the_servers_fault),
	        TALK(a_reply_may_carry_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
