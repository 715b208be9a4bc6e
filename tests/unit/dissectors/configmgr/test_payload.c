/* The payload of a CCM message: compressed, plain, encrypted, and where in it the body lies
 * (protocol reference, sections 3.1 and 3.3). */
#include "tests/unit/dissectors/configmgr/telling.h"

static void a_size_is_the_largest_that_was_seen(void **state)
{
	/* On the wire where nothing was gained by compressing, else what was inflated. */
	const struct event *ev = tell(*state, (struct ccm){.xml = REQUEST});

	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_MESSAGE_BYTES, 0),
	                 event_integer(ev, FIELD_HTTP_REQUEST_BODY_BYTES, -1));

	struct bytes large = utf16le(joined(BYTES(REQUEST), repeated(' ', 8192)));

	ev = tell(*state, (struct ccm){.payload = zipped(large)});
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_MESSAGE_BYTES, 0), large.len);
}

static void payloads_end_as_their_senders_like(void **state)
{
	/* Sections 0 and 3.1: NUL and CR LF, one of them, or nothing; with mark or without. */
	struct bytes xml = utf16le(BYTES(REQUEST));
	struct bytes forms[] = {
	        xml,
	        joined(xml, BYTES("\0\0")),
	        joined(xml, BYTES("\r\n")),
	        joined(xml, BYTES("\0\0\r\n")),
	        joined(xml, BYTES("\r\0\n\0")),
	        joined(joined(BYTES("\xff\xfe"), xml), BYTES("\0\0\r\n")),
	        utf16be(BYTES(REQUEST)),
	        BYTES(REQUEST),
	        BYTES(REQUEST "\0"),
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		assert_read(tell(*state, (struct ccm){.payload = zipped(forms[i])}));
		/* Uncompressed, whatever the hook says or does not say. */
		assert_read(tell(*state, (struct ccm){.payload = forms[i]}));
		assert_read(tell(*state, (struct ccm){.payload = forms[i], .hooks = ""}));
		assert_read(tell(*state, (struct ccm){.payload = zipped(forms[i]), .hooks = ""}));
	}
}

static void compression_of_every_level_is_known(void **state)
{
	/* What deflate's levels put in the header's second byte is only a hint. */
	struct bytes payload = zipped(payload_of(REQUEST));

	assert_int_equal(payload.at[0], 0x78);
	assert_read(tell(*state, (struct ccm){.payload = payload}));
	payload = joined(BYTES("\x78\x01"), bytes_slice(payload, 2, payload.len));
	assert_read(tell(*state, (struct ccm){.payload = payload}));
	payload = joined(BYTES("\x78\xda"), bytes_slice(payload, 2, payload.len));
	assert_read(tell(*state, (struct ccm){.payload = payload}));
}

static void payloads_that_cannot_be_inflated_are_malformed(void **state)
{
	struct bytes payload = zipped(payload_of(REQUEST));
	struct bytes wrong = joined(bytes_slice(payload, 0, payload.len - 1), BYTES("\xee"));

	assert_malformed(tell(*state, (struct ccm){.payload = wrong}), "cannot be inflated");
	wrong = bytes_slice(payload, 0, payload.len - 6);
	assert_malformed(tell(*state, (struct ccm){.payload = wrong}), "ends too early");
	assert_malformed(tell(*state, (struct ccm){.payload = BYTES("no zlib")}), "is not");
}

static void a_payload_that_is_no_xml_says_nothing_by_itself(void **state)
{
	const struct event *ev = tell(*state, (struct ccm){.endpoint = "MP_RelayEndpoint",
	                                                   .payload = BYTES("\x01\x02"),
	                                                   .hooks = ""});

	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "-");
	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "state_message");
}

static void broken_xml_in_a_payload_is_malformed(void **state)
{
	assert_malformed(tell(*state, (struct ccm){.xml = "<Report><ReportHeader></Report>"}),
	                 "not well-formed");
	assert_malformed(tell(*state, (struct ccm){.payload = utf16le(BYTES("<Report><Repo"))}),
	                 "ends before its root");
	assert_malformed(tell(*state, (struct ccm){.xml = "<!DOCTYPE a><Report/>"}),
	                 "not well-formed");
}

static void encrypted_payloads_are_told_and_not_read(void **state)
{
	/* ContentInfo with contentType envelopedData (RFC 5652 section 3): as in section 9.5. */
	struct bytes cms = joined(BYTES("\x30\x82\x06\xc3\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
	                                "\x03\xa0\x82\x06\xb4\x30\x82\x06\xb0\x02\x01\x00"),
	                          repeated(0x5a, 1700));
	const struct event *ev;

	ev = tell(*state, (struct ccm){.endpoint = "MP_HinvEndpoint",
	                               .payload = cms,
	                               .hooks = "<Hook2 Name=\"encrypt\"/>"});
	assert_field(ev, CONFIGMGR_MESSAGE_ENCRYPTED, "true");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "-");
	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "hardware_inventory");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	/* By the hook alone, and by the bytes alone. */
	ev = tell(*state, (struct ccm){.endpoint = "MP_HinvEndpoint",
	                               .payload = repeated(0xa5, 100),
	                               .hooks = "<Hook3 Name=\"zlib-compress\"/>"
	                                        "<Hook2 Name=\"ENCRYPT\"/>"});
	assert_field(ev, CONFIGMGR_MESSAGE_ENCRYPTED, "true");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	ev = tell(*state, (struct ccm){.endpoint = "MP_HinvEndpoint", .payload = cms});
	assert_field(ev, CONFIGMGR_MESSAGE_ENCRYPTED, "true");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void old_xpress_payloads_are_left_alone(void **state)
{
	const struct event *ev = tell(*state, (struct ccm){.endpoint = "MP_DdrEndpoint",
	                                                   .payload = repeated(0x33, 64),
	                                                   .hooks = "<Hook Name=\"compress\"/>"});

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "discovery");
	assert_field(ev, CONFIGMGR_MESSAGE_READABLE, "-");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

#define SHORT_REPORT "<Report><ReportHeader></ReportHeader><ReportBody></ReportBody></Report>"

static void the_body_is_found_behind_attachments(void **state)
{
	/* The report of a tool stands twice in the payload (section 3.1). */
	struct bytes first = payload_of(SHORT_REPORT);
	struct bytes payload = joined(first, payload_of(REQUEST));
	struct bytes body = made("<Attachment Type=\"ByteRange\" Name=\"403838f7\" Length=\"%zu\" "
	                         "Offset=\"0\"/><Attachment Length=\"2\" Offset=\"0\"/>"
	                         "<Body Type=\"ByteRange\" Length=\"%zu\" Offset=\"%zu\"/>",
	                         first.len - 2, payload.len - first.len - 2, first.len);

	assert_read(tell(*state,
	                 (struct ccm){.payload = zipped(payload), .body = (const char *)body.at}));
}

static void lengths_that_are_too_short_are_forgiven(void **state)
{
	static const char *const bodies[] = {
	        "<Body Type=\"ByteRange\" Length=\"728\" Offset=\"0\"/>",
	        "<Body Length=\"1\" Offset=\"0\"/>",
	        "<Body Length=\"0\" Offset=\"0\"/>",
	        "<Body Offset=\"0\"/>",
	        "<Body/>",
	        "<Nobody/>"};
	struct bytes payload = zipped(joined(payload_of(REQUEST), repeated(0, 1000)));

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_read(tell(*state, (struct ccm){.payload = payload, .body = bodies[i]}));
}

static void lengths_beyond_the_payload_are_malformed(void **state)
{
	static const char *const bodies[] = {
	        "<Body Length=\"100000\" Offset=\"0\"/>", "<Body Length=\"10\" Offset=\"99999\"/>",
	        "<Body Length=\"9223372036854775807\" Offset=\"9223372036854775807\"/>",
	        "<Body Length=\"4294967296\" Offset=\"4294967295\"/>"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_malformed(tell(*state, (struct ccm){.xml = REQUEST, .body = bodies[i]}),
		                 "runs past");
}

static void impossible_lengths_harm_nothing(void **state)
{
	static const char *const bodies[] = {
	        "<Body Length=\"-1\" Offset=\"0\"/>",
	        "<Body Length=\"-9223372036854775808\" Offset=\"-1\"/>",
	        "<Body Length=\"x\" Offset=\"y\"/>", "<Body Length=\"99999999999999999999\"/>"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_read(tell(*state, (struct ccm){.xml = REQUEST, .body = bodies[i]}));
}

static void a_declared_size_counts_when_it_is_larger(void **state)
{
	/* A cap that stops inflating must not hide an oversized upload. */
	const struct event *ev =
	        tell(*state, (struct ccm){.xml = REQUEST,
	                                  .body = "<Body Length=\"50000000\" Offset=\"0\"/>"});

	assert_field(ev, CONFIGMGR_MESSAGE_BYTES, "50000000");
}

static void a_bomb_stops_at_the_cap_and_is_marked(void **state)
{
	struct trial *t = *state;
	struct bytes bomb = zipped(joined(utf16le(BYTES("<Report>")), repeated(' ', 40 << 20)));
	const struct event *ev = tell(t, (struct ccm){.payload = bomb});

	assert_true(is_degraded(ev));
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
	assert_int_equal(counter_read(&t->counters, COUNTER_INFLATE_OVER_CAP), 1);
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TALK(a_size_is_the_largest_that_was_seen),
	        TALK(payloads_end_as_their_senders_like),
	        TALK(compression_of_every_level_is_known),
	        TALK(payloads_that_cannot_be_inflated_are_malformed),
	        TALK(a_payload_that_is_no_xml_says_nothing_by_itself),
	        TALK(broken_xml_in_a_payload_is_malformed),
	        TALK(encrypted_payloads_are_told_and_not_read),
	        TALK(old_xpress_payloads_are_left_alone),
	        TALK(the_body_is_found_behind_attachments),
	        TALK(lengths_that_are_too_short_are_forgiven),
	        TALK(lengths_beyond_the_payload_are_malformed),
	        TALK(impossible_lengths_harm_nothing),
	        TALK(a_declared_size_counts_when_it_is_larger),
	        TALK(a_bomb_stops_at_the_cap_and_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
