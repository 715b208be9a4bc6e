/* Telling ESP that hides nothing from ESP that does, by its bytes (RFC 5879). */
#include "dissectors/ipsec/esp_null.h"

#include "tests/support/guard.h"
#include "tests/support/ipsec_bytes.h"
#include "tests/support/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	size_t vector, check;
} framings[] = {{0, 12}, {0, 16}, {0, 20}, {0, 24}, {0, 32}, {8, 12}, {8, 16}, {8, 24}};

/* Shows a packet, behind SPI and sequence number and at a guard page. */
static enum esp_verdict show(struct esp_evidence *e, enum side from, struct bytes packet)
{
	return esp_judge(e, ipsec_address(from), ipsec_address(!from),
	                 guarded(bytes_slice(packet, 8, packet.len)));
}

static struct bytes segment(unsigned i)
{
	static const char *const payloads[] = {
	        "", "", "GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\n", "x", "12", "and so on"};

	return tcp_segment(CLIENT, 1000 + i, i ? 0x10 : 0x02, payloads[i % 6]);
}

static void three_segments_of_tcp_are_enough_under_any_framing(void **state)
{
	(void)state;
	for (size_t f = 0; f < sizeof(framings) / sizeof(*framings); f++) {
		struct esp_evidence e = {0};
		enum esp_verdict verdict = ESP_UNDECIDED;
		unsigned packets = 0;
		struct bytes packet = {0}, inside;
		uint8_t protocol;

		for (; verdict == ESP_UNDECIDED && packets < 8; packets++) {
			packet = esp_null(0x1234567, packets + 1, 6, segment(packets),
			                  framings[f].vector, framings[f].check);
			verdict = show(&e, CLIENT, packet);
		}
		assert_int_equal(verdict, ESP_IS_NULL);
		assert_in_range(packets, 2, 3);
		assert_int_equal(e.integrity_bytes, framings[f].check);
		assert_true(esp_open(&e, bytes_slice(packet, 8, packet.len), &protocol, &inside));
		assert_int_equal(protocol, 6);
		assert_true(bytes_equal(inside, segment(packets - 1)));
	}
}

static void one_packet_is_never_enough(void **state)
{
	struct esp_evidence e = {0};
	struct bytes inside = ipv4_packet(CLIENT, 17, udp_datagram(CLIENT, "a"));

	(void)state;
	assert_int_equal(show(&e, CLIENT, esp_null(1000, 1, 4, inside, 0, 12)), ESP_UNDECIDED);
}

static void udp_icmp_and_tunnels_are_known(void **state)
{
	struct bytes inside[] = {udp_datagram(CLIENT, "query"), icmp_echo(1),
	                         ipv4_packet(CLIENT, 17, udp_datagram(CLIENT, "query"))};
	const uint8_t protocol[] = {17, 1, 4};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct esp_evidence e = {0};

		for (uint32_t packet = 1; packet < 3; packet++)
			show(&e, CLIENT, esp_null(4096, packet, protocol[i], inside[i], 0, 16));
		assert_int_equal(show(&e, CLIENT, esp_null(4096, 3, protocol[i], inside[i], 0, 16)),
		                 ESP_IS_NULL);
	}
}

/* Behind a NAT the pseudo-header of the sender is not known. */
static void wrong_checksums_take_longer_and_hide_nothing(void **state)
{
	struct esp_evidence e = {0};
	enum esp_verdict verdict = ESP_UNDECIDED;

	(void)state;
	for (uint32_t i = 0; i < 5 && verdict == ESP_UNDECIDED; i++)
		verdict = esp_judge(&e, ipsec_address(SERVER), ipsec_address(SERVER),
		                    bytes_slice(esp_null(4096, i, 6, segment(i), 0, 12), 8, 4096));
	assert_int_equal(verdict, ESP_IS_NULL);
}

static void no_encrypted_packet_is_taken_for_readable(void **state)
{
	struct esp_evidence forever = {0}, ten = {0};

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct bytes packet = esp_encrypted(4096 + i / 100, i, 18 + i * 7919 % 1400);

		if (i % 10 == 0)
			ten = (struct esp_evidence){0};
		assert_int_not_equal(show(&ten, CLIENT, packet), ESP_IS_NULL);
		assert_int_not_equal(show(&forever, CLIENT, packet), ESP_IS_NULL);
		forever.judged = 0;
		if (i % 10 == 9)
			assert_int_equal(ten.judged, 10);
	}
}

static void ten_encrypted_packets_are_enough(void **state)
{
	struct esp_evidence e = {0};

	(void)state;
	for (uint32_t i = 1; i < 10; i++)
		assert_int_equal(show(&e, CLIENT, esp_encrypted(4096, i, 100)), ESP_UNDECIDED);
	assert_int_equal(show(&e, CLIENT, esp_encrypted(4096, 10, 100)), ESP_IS_ENCRYPTED);
}

static void a_few_are_enough_when_no_more_come(void **state)
{
	struct esp_evidence e = {0}, readable = {0};

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(esp_judge_few(&e), ESP_UNDECIDED);
		show(&e, CLIENT, esp_encrypted(4096, i, 100));
	}
	assert_int_equal(esp_judge_few(&e), ESP_IS_ENCRYPTED);
	show(&readable, CLIENT, esp_null(4096, 1, 6, segment(2), 0, 16));
	readable.judged = 9;
	assert_int_equal(esp_judge_few(&readable), ESP_UNDECIDED);
}

static void dummies_decide_nothing(void **state)
{
	struct esp_evidence e = {0};

	(void)state;
	for (uint32_t i = 0; i < 70; i++)
		assert_int_equal(show(&e, CLIENT, esp_null(4096, i, 59, BYTES("noise"), 0, 16)),
		                 ESP_UNDECIDED);
	assert_int_equal(e.judged, 0);
}

static void one_direction_helps_to_judge_the_other(void **state)
{
	struct esp_evidence known = {0}, other = {0}, random = {0};

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		show(&known, CLIENT, esp_null(4096, i, 6, segment(i), 0, 16));
	assert_false(esp_agrees(&other, &known));
	show(&other, SERVER, esp_null(5000, 1, 6, tcp_segment(SERVER, 1, 0x12, ""), 0, 16));
	assert_true(esp_agrees(&other, &known));
	assert_int_equal(other.integrity_bytes, 16);
	show(&random, SERVER, esp_encrypted(5000, 1, 100));
	assert_false(esp_agrees(&random, &known));
	assert_false(esp_agrees(&other, &(struct esp_evidence){0}));
}

static void packets_of_any_size_are_survived(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < 300; size++) {
		struct esp_evidence e = {0};
		struct bytes random = esp_encrypted(size, 1, size), inside;
		uint8_t protocol;

		show(&e, CLIENT, random);
		for (uint8_t fill = 0; fill < 64; fill++)
			show(&e, CLIENT, repeated(fill, size + 8));
		for (uint8_t guess = 0; guess <= ESP_GUESSES; guess++) {
			e.guess = guess;
			esp_open(&e, guarded(bytes_slice(random, 8, size)), &protocol, &inside);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(three_segments_of_tcp_are_enough_under_any_framing),
	        cmocka_unit_test(one_packet_is_never_enough),
	        cmocka_unit_test(udp_icmp_and_tunnels_are_known),
	        cmocka_unit_test(wrong_checksums_take_longer_and_hide_nothing),
	        cmocka_unit_test(no_encrypted_packet_is_taken_for_readable),
	        cmocka_unit_test(ten_encrypted_packets_are_enough),
	        cmocka_unit_test(a_few_are_enough_when_no_more_come),
	        cmocka_unit_test(dummies_decide_nothing),
	        cmocka_unit_test(one_direction_helps_to_judge_the_other),
	        cmocka_unit_test(packets_of_any_size_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
