/* What anybody may ask a management point: the table of the protocol reference's section 4. */
#include "tests/support/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define AUT "/SMS_MP/.sms_aut?"

static void an_mp_list_names_servers_builds_and_modes(void **state)
{
	/* Section 9.1. */
	const struct event *ev = talk_get(
	        *state, AUT "MPLIST",
	        "<MPList><MP Name=\"CM01.CORP.EXAMPLE\" FQDN=\"CM01.corp.example\"><Version>9128"
	        "</Version><Capabilities SchemaVersion=\"1.0\"><Property Name=\"SSLState\" "
	        "Value=\"0\"/></Capabilities></MP></MPList>");

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "mp_list");
	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "MPLIST");
	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_SERVER_ROLE, "management-point");
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "CM01.corp.example");
	assert_field(ev, CONFIGMGR_MP_BUILD, "9128");
	assert_field(ev, CONFIGMGR_MP_SSL_STATE, "0");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void a_list_of_several_keeps_their_order(void **state)
{
	const struct event *ev = talk_get(
	        *state, AUT "MPLIST2",
	        "<MPList><MP Name=\"CM01\" FQDN=\"cm01.corp.example\" "
	        "SiteCode=\"C01\"><Version>9128"
	        "</Version><Capabilities><Property Name=\"SSLState\" Value=\"63\"/><Property "
	        "Name=\"AuthMethod\" Value=\"1024\"/></Capabilities></MP><MP Name=\"CM02\"><FQDN>"
	        "cm02.corp.example</FQDN><Version>9106</Version><Capabilities><Property "
	        "Name=\"SSLState\" Value=\"0\"/></Capabilities></MP></MPList>");

	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "MPLIST2");
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS,
	             "cm01.corp.example CM02 cm02.corp.example");
	assert_field(ev, CONFIGMGR_MP_BUILD, "9128 9106");
	assert_field(ev, CONFIGMGR_MP_SSL_STATE, "63 0");
	assert_field(ev, CONFIGMGR_SITE_CODE, "C01");
}

static void a_list_in_utf16_says_the_same(void **state)
{
	struct bytes list = utf16le(BYTES("<MPList><MP Name=\"CM01\"/></MPList>"));
	const struct event *ev =
	        talk(*state, (struct exchange){.target = AUT "MPLIST", .reply = list});

	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "CM01");
	ev = talk(*state, (struct exchange){.target = AUT "MPLIST",
	                                    .reply = joined(BYTES("\xff\xfe"), list)});
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "CM01");
}

static void a_list_of_a_named_site_names_the_site(void **state)
{
	const struct event *ev = talk_get(*state, AUT "MPLIST1&PS1", "<MPList/>");

	assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, "MPLIST1");
	assert_field(ev, CONFIGMGR_SITE_CODE, "PS1");
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "-");
}

static void every_query_of_the_reference_is_known(void **state)
{
	static const char *const queries[][3] = {
	        {"MPLIST", "MPLIST", "mp_list"},
	        {"mplist", "MPLIST", "mp_list"},
	        {"MPLIST1&C01", "MPLIST1", "mp_list"},
	        {"MPLIST2", "MPLIST2", "mp_list"},
	        {"MPCERT", "MPCERT", "mp_certificate"},
	        {"MPCERT1", "MPCERT1", "mp_certificate"},
	        {"MPCERT2", "MPCERT2", "mp_certificate"},
	        {"MPKEYINFORMATION", "MPKEYINFORMATION", "mp_key_information"},
	        {"mpkeyinformationex", "MPKEYINFORMATIONEX", "mp_key_information"},
	        {"MPKEYINFORMATIONMEDIA", "MPKEYINFORMATIONMEDIA", "mp_key_information"},
	        {"MPTRK", "MPTRK", "trusted_root_key"},
	        {"SITESIGNCERT", "SITESIGNCERT", "site_signing_certificate"},
	        {"sitesigncert", "SITESIGNCERT", "site_signing_certificate"},
	        {"SMSTRC", "SMSTRC", "mp_trace"},
	        {"MPLOCATION&ir=10.20.30.42&ip=10.20.30.0", "MPLOCATION", "mp_location"},
	        {"GETCLIENTAFFINITY&" CLIENT_GUID, "GETCLIENTAFFINITY", "client_affinity"},
	        {"SOMETHINGELSE", "-", "mp_information"},
	        {"", "-", "mp_information"},
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		const struct event *ev = talk(
		        *state,
		        (struct exchange){.target = (const char *)made(AUT "%s", queries[i][0]).at,
		                          .status = 404});

		assert_field(ev, CONFIGMGR_MESSAGE_OPERATION, queries[i][1]);
		assert_field(ev, CONFIGMGR_MESSAGE_TYPE, queries[i][2]);
		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "failed");
	}
}

static void only_the_certificate_query_of_2003_tells_a_generation(void **state)
{
	assert_field(talk_get(*state, AUT "MPCERT1", ""), CONFIGMGR_GENERATION, "2003");
	assert_field(talk_get(*state, AUT "MPCERT", ""), CONFIGMGR_GENERATION, "-");
	assert_field(talk_get(*state, AUT "MPCERT2", ""), CONFIGMGR_GENERATION, "-");
}

static void key_information_gives_the_digests_of_what_it_holds(void **state)
{
	/* The digest of the three bytes "abc", from FIPS 180. */
	const struct event *ev = talk_get(
	        *state, AUT "MPKEYINFORMATION",
	        "<MPKEYINFORMATION><MACHINENAME>CM01</MACHINENAME><FQDN>CM01.corp.example</FQDN>"
	        "<SITECODE>C01</SITECODE><AssignmentSiteCode>C02</AssignmentSiteCode>"
	        "<TRUSTEDROOTKEY Signature=\"\">616263</TRUSTEDROOTKEY><MPCERTIFICATE "
	        "Signature=\"AABB\">61 62\r\n63</MPCERTIFICATE><UnknownMachines "
	        "x86UnknownMachineGUID=\"6b0d0e0a-0000-4000-8000-00000000c0a1\" "
	        "x64UnknownMachineGUID=\"6b0d0e0a-0000-4000-8000-00000000c0a2\">CM01.corp.example"
	        "</UnknownMachines></MPKEYINFORMATION>");
	const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "mp_key_information");
	assert_field(ev, CONFIGMGR_SITE_CODE, "C01");
	assert_field(ev, CONFIGMGR_MP_NAME, "CM01.corp.example");
	assert_field(ev, CONFIGMGR_KEY_ROOT_SHA256, abc);
	assert_field(ev, CONFIGMGR_KEY_MP_SHA256, abc);
	assert_field(ev, CONFIGMGR_KEY_SIGNED, "true");
	/* It names itself; it is no list. */
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "-");
}

static void a_key_without_signature_says_so(void **state)
{
	const struct event *ev =
	        talk_get(*state, AUT "MPKEYINFORMATIONEX",
	                 "<MPKEYINFORMATION><MPCERTIFICATE Signature=\"\">616263</MPCERTIFICATE>"
	                 "</MPKEYINFORMATION>");

	assert_field(ev, CONFIGMGR_KEY_SIGNED, "false");
	ev = talk_get(*state, AUT "MPKEYINFORMATION",
	              "<MPKEYINFORMATION><MPCERTIFICATE>616263</MPCERTIFICATE></MPKEYINFORMATION>");
	assert_field(ev, CONFIGMGR_KEY_SIGNED, "false");
}

static void certificates_give_their_digests(void **state)
{
	static const struct {
		const char *query, *reply;
		enum field field;
	} cases[] = {
	        {AUT "MPCERT", "<MPCertificate><Certificate>616263</Certificate></MPCertificate>",
	         FIELD_CONFIGMGR_KEY_MP_SHA256},
	        {AUT "MPCERT2",
	         "<MPCertificates><Certificate1>616263</Certificate1><Certificate2>646566"
	         "</Certificate2></MPCertificates>",
	         FIELD_CONFIGMGR_KEY_MP_SHA256},
	        {AUT "MPTRK",
	         "<KEYDATA><TRUSTEDROOTKEY Signature=\"AA\">616263</TRUSTEDROOTKEY></KEYDATA>",
	         FIELD_CONFIGMGR_KEY_ROOT_SHA256},
	        {AUT "SITESIGNCERT",
	         "<X509Data><X509Certificate EncodingType=\"hexBinary\">616263</X509Certificate>"
	         "</X509Data>",
	         FIELD_CONFIGMGR_KEY_SITE_SHA256},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct event *ev = talk_get(*state, cases[i].query, cases[i].reply);

		assert_string_equal(
		        field_as_text(ev, cases[i].field),
		        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	}
}

static void an_empty_key_has_no_digest(void **state)
{
	const struct event *ev =
	        talk_get(*state, AUT "MPKEYINFORMATION",
	                 "<MPKEYINFORMATION><TRUSTEDROOTKEY Signature=\"\"> </TRUSTEDROOTKEY>"
	                 "<MPCERTIFICATE Signature=\"\"></MPCERTIFICATE></MPKEYINFORMATION>");

	assert_field(ev, CONFIGMGR_KEY_ROOT_SHA256, "-");
	assert_field(ev, CONFIGMGR_KEY_MP_SHA256, "-");
}

/* Forty kilobytes on the wire once kept a worker busy for seconds. */
static void names_repeated_without_end_are_read_in_time(void **state)
{
	struct trial *t = *state;
	struct bytes list = BYTES("<MPList>"), many = repeated(' ', 4 << 20);
	struct bytes again = BYTES("<MP Name='aaaaaaaaaaaa99999'/>");
	clock_t begun = clock();
	const struct event *ev;

	for (int i = 0; i < 510; i++)
		list = joined(list, made("<MP Name='aaaaaaaaaaaa%05d'/>", i));
	for (size_t at = 0; at + again.len <= many.len; at += again.len)
		memcpy((uint8_t *)(uintptr_t)many.at + at, again.at, again.len);
	t->bench.limits.inflate_ratio = 1100;
	ev = talk(t,
	          (struct exchange){
	                  .target = AUT "MPLIST",
	                  .reply_headers = "Content-Encoding: gzip\r\n",
	                  .reply = zipped_as(joined(joined(list, many), BYTES("</MPList>")), 31)});
	assert_int_equal(ev->value[FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS].texts.count, 511);
	assert_true(clock() - begun < 2 * CLOCKS_PER_SEC);
}

static void a_boot_location_names_the_management_point(void **state)
{
	const struct event *ev =
	        talk_get(*state, AUT "MPLOCATION&ir=10.20.30.42&ip=10.20.30.0",
	                 "<MPLocation MP=\"http://CM01.corp.example\" SiteCode=\"C01\" "
	                 "AssignedSiteCode=\"C01\" MPCertificatesEx=\"3082\" "
	                 "x86UnknownMachineGUID=\"6b0d0e0a-0000-4000-8000-00000000c0a1\"/>");

	assert_field(ev, CONFIGMGR_MESSAGE_TYPE, "mp_location");
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "CM01.corp.example");
	assert_field(ev, CONFIGMGR_SITE_CODE, "C01");
}

static void an_answer_without_a_body_is_empty(void **state)
{
	const struct event *ev = talk_get(*state, AUT "MPLIST", "");

	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "empty");
	assert_field(ev, CONFIGMGR_MP_BUILD, "-");
}

static void an_answer_that_is_no_xml_says_nothing(void **state)
{
	const struct event *ev = talk_get(*state, AUT "SMSTRC", "OK");

	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "answered");
	assert_field(ev, CONFIGMGR_MALFORMED_REASON, "-");
}

static void a_refusal_is_not_read(void **state)
{
	const struct event *ev = talk(
	        *state, (struct exchange){.target = AUT "MPLIST",
	                                  .status = 403,
	                                  .reply = BYTES("<MPList><MP Name=\"x\"/></MPList>")});

	assert_field(ev, CONFIGMGR_MESSAGE_OUTCOME, "refused");
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "-");
}

static void a_list_that_ends_too_early_is_malformed(void **state)
{
	const struct event *ev =
	        talk_get(*state, AUT "MPLIST", "<MPList><MP Name=\"CM01\"/><MP Name=\"CM02");

	assert_field(ev, CONFIGMGR_MALFORMED_PROTOCOL, "configmgr");
	assert_field(ev, CONFIGMGR_MALFORMED_SOURCE, "192.0.2.20");
	assert_non_null(strstr(field_as_text(ev, FIELD_CONFIGMGR_MALFORMED_REASON), "ends before"));
	assert_field(ev, CONFIGMGR_NAMED_MANAGEMENT_POINTS, "CM01");
}

static void who_asks_is_told_by_the_headers(void **state)
{
	const struct event *ev = talk(
	        *state, (struct exchange){.target = "/SMS_MP/.sms_dcm?Id&DocumentId=x&Version=1",
	                                  .headers = "CCMClientID: " CLIENT_GUID "\r\n"
	                                             "CCMClientIDSignature: AABB\r\n"});

	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_MESSAGE_SIGNED, "true");
	ev = talk(*state, (struct exchange){.target = "/SMS_MP/.sms_pol?{5F1F6C0E-1B59-4C39-9E0D-"
	                                              "9D4B7F2B6A10}.5_00",
	                                    .headers = "ClientToken: "
	                                               "guid:3b1c7a52-9f0e-4d46-8c2b-6e7719d0a4f1;"
	                                               "2026-01-12T08:00:05Z;2\r\n"
	                                               "ClientTokenSignature: AABB\r\n"});
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_MESSAGE_SIGNED, "true");
	/* SharpSCCM's form. */
	ev = talk(*state, (struct exchange){.target = "/SMS_MP/.sms_pol?x.1_00",
	                                    .headers = "ClientToken: {3B1C7A52-9F0E-4D46-8C2B-"
	                                               "6E7719D0A4F1};2026-01-12\r\n"});
	assert_field(ev, CONFIGMGR_CLIENT_GUID, CLIENT_GUID);
	assert_field(ev, CONFIGMGR_MESSAGE_SIGNED, "-");
}

#define TALK(name) cmocka_unit_test_setup_teardown(name, trial_setup, trial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TALK(an_mp_list_names_servers_builds_and_modes),
	        TALK(a_list_of_several_keeps_their_order),
	        TALK(a_list_in_utf16_says_the_same),
	        TALK(a_list_of_a_named_site_names_the_site),
	        TALK(every_query_of_the_reference_is_known),
	        TALK(only_the_certificate_query_of_2003_tells_a_generation),
	        TALK(key_information_gives_the_digests_of_what_it_holds),
	        TALK(a_key_without_signature_says_so),
	        TALK(certificates_give_their_digests),
	        TALK(an_empty_key_has_no_digest),
	        TALK(names_repeated_without_end_are_read_in_time),
	        TALK(a_boot_location_names_the_management_point),
	        TALK(an_answer_without_a_body_is_empty),
	        TALK(an_answer_that_is_no_xml_says_nothing),
	        TALK(a_refusal_is_not_read),
	        TALK(a_list_that_ends_too_early_is_malformed),
	        TALK(who_asks_is_told_by_the_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
