/* Which protocol first bytes are: ours, those we only recognise, and neither. */
#include "dissectors/dissector.h"
#include "tests/support/guard.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_name(const char *name, const char *expected)
{
	if (!expected)
		assert_null(name);
	else if (!name)
		fail_msg("expected %s", expected);
	else
		assert_string_equal(name, expected);
}

static void every_dissector_is_complete(void **state)
{
	(void)state;
	assert_non_null(dissectors[0]);
	for (const struct dissector *const *d = dissectors; *d; d++) {
		assert_non_null((*d)->name);
		assert_non_null((*d)->ports);
		assert_non_null((*d)->probe);
		assert_non_null((*d)->data);
		assert_non_null((*d)->end);
		assert_true((*d)->state_size > 0);
		if ((*d)->layer != OVER_TCP)
			continue;
		assert_non_null((*d)->gap);
		assert_non_null((*d)->closed);
	}
}

/* Whatever a prefix of a stream says must still hold when more is known. */
static void a_probe_changes_its_mind_only_from_maybe(void **state)
{
	static const struct bytes firsts[] = {
	        BYTES_INIT("GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n"),
	        BYTES_INIT("CCM_POST /ccm_system/request HTTP/1.1\r\n"),
	        BYTES_INIT("BITS_POST http://cm01/x HTTP/1.1\r\n"),
	        BYTES_INIT("HTTP/1.1 200 OK\r\n"),
	        BYTES_INIT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
	        BYTES_INIT("SSH-2.0-OpenSSH_9.2\r\n"),
	        BYTES_INIT("some text that is none of all these and goes on for quite a while"),
	        BYTES_INIT("\0\0\0\0\0\0\0\0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(firsts) / sizeof(*firsts); i++) {
		for (const struct dissector *const *d = dissectors; *d; d++) {
			/* A datagram is shown whole, or not at all. */
			if ((*d)->layer != OVER_TCP)
				continue;
			for (enum side side = CLIENT; side <= SERVER; side++) {
				enum likeness before = MAYBE;

				for (size_t len = 1; len <= firsts[i].len; len++) {
					struct bytes first = bytes_slice(firsts[i], 0, len);
					enum likeness now = (*d)->probe(guarded(first), side);

					if (before != MAYBE)
						assert_int_equal(now, before);
					before = now;
				}
			}
		}
	}
}

static void http_is_known_by_its_first_line(void **state)
{
	static const struct {
		const char *first;
		enum side from;
		enum likeness likeness;
	} cases[] = {
	        {"GET /", CLIENT, YES},        {"CCM_POST /ccm_system", CLIENT, YES},
	        {"BITS_POST h", CLIENT, YES},  {"OPTIONS *", CLIENT, YES},
	        {"PROPFIND /", CLIENT, YES},   {"GET", CLIENT, MAYBE},
	        {"G", CLIENT, MAYBE},          {"GET ", CLIENT, MAYBE},
	        {"GET x", CLIENT, NO},         {"A /", CLIENT, NO},
	        {"\x16\x03", CLIENT, NO},      {"SSH-2.0 x", CLIENT, NO},
	        {"HTTP/1.1 200", SERVER, YES}, {"HTTP/1.0 404", SERVER, YES},
	        {"HTTP", SERVER, MAYBE},       {"HTTP/2", SERVER, NO},
	        {"GET /", SERVER, NO},         {"HTTP/1.1 200", CLIENT, NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		        dissectors[0]->probe(guarded(bytes_of(cases[i].first)), cases[i].from),
		        cases[i].likeness);
}

static void streams_of_others_are_named_by_their_first_bytes(void **state)
{
	static const struct {
		struct bytes first;
		const char *name;
	} cases[] = {
	        {BYTES_INIT("\x16\x03\x01"), "tls"},
	        {BYTES_INIT("\x16\x03\x03\x00\x50"), "tls"},
	        {BYTES_INIT("SSH-2.0"), "ssh"},
	        {BYTES_INIT("\x03\x00\x00\x13\x0e\xe0"), "rdp"},
	        {BYTES_INIT("\x30\x84\x00\x00\x00\x10"), "ldap"},
	        {BYTES_INIT("220 mail"), "ftp"},
	        {BYTES_INIT("GET / HTTP/1.1"), NULL},
	        {BYTES_INIT("\x16\x02\x01"), NULL},
	        {BYTES_INIT(""), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_name(protocol_by_first_bytes(guarded(cases[i].first), CLIENT),
		            cases[i].name);
		/* A pattern cut short names nothing. */
		if (cases[i].name)
			assert_null(protocol_by_first_bytes(
			        guarded(bytes_slice(cases[i].first, 0, 1)), CLIENT));
	}
}

static void datagrams_need_the_port_and_the_bytes(void **state)
{
	/* A DNS query for one name; the same as NBNS and mDNS. */
	struct bytes dns = BYTES("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x00");
	struct bytes nothing = BYTES("\x12\x34\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00");
	struct bytes many = BYTES("\x12\x34\x01\x00\xff\xff\x00\x00\x00\x00\x00\x00");
	struct bytes tftp = BYTES("\x00\x01SMSBoot\\x64\\wdsnbp.com\x00octet\x00");

	(void)state;
	assert_name(protocol_by_first_datagram(guarded(dns), 50000, 53), "dns");
	assert_name(protocol_by_first_datagram(guarded(dns), 53, 50000), "dns");
	assert_name(protocol_by_first_datagram(guarded(dns), 50000, 137), "netbios-ns");
	assert_name(protocol_by_first_datagram(guarded(dns), 5353, 5353), "mdns");
	assert_name(protocol_by_first_datagram(guarded(dns), 50000, 50001), NULL);
	assert_name(protocol_by_first_datagram(guarded(nothing), 50000, 53), NULL);
	assert_name(protocol_by_first_datagram(guarded(many), 50000, 53), NULL);
	assert_name(protocol_by_first_datagram(guarded(tftp), 50000, 69), "tftp");
	assert_name(protocol_by_first_datagram(guarded(BYTES("\x00\x09xx")), 50000, 69), NULL);
}

static void datagrams_of_any_length_are_looked_at_safely(void **state)
{
	static const uint16_t ports[] = {53,  67,  69,   123,  137,  161,  443,
	                                 500, 514, 1900, 4011, 4500, 5353, 5355};

	(void)state;
	for (size_t len = 0; len < 300; len++)
		for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
			protocol_by_first_datagram(guarded(repeated(1, len)), 50000, ports[i]);
			protocol_by_first_datagram(guarded(repeated(0x40, len)), ports[i], 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_dissector_is_complete),
	        cmocka_unit_test(a_probe_changes_its_mind_only_from_maybe),
	        cmocka_unit_test(http_is_known_by_its_first_line),
	        cmocka_unit_test(streams_of_others_are_named_by_their_first_bytes),
	        cmocka_unit_test(datagrams_need_the_port_and_the_bytes),
	        cmocka_unit_test(datagrams_of_any_length_are_looked_at_safely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
