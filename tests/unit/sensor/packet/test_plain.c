/* Which frames are plain. That the short way and the walk say the same of them is checked of every
 * frame of these and all other tests of the decoder, by lab_decode(). */
#include "tests/unit/sensor/packet/frames.h"

static struct lab *lab;

static int setup(void **state)
{
	(void)state;
	lab = lab_open(LAB_LIMITS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lab_close(lab);
	return 0;
}

/* Decodes what was built by the walk and, where it is plain, by the short way too. */
static bool is_plain(void)
{
	struct bytes b = lab_frame(lab);
	struct frame frame = {
	        .data = b,
	        .wire_length = (uint32_t)b.len + lab->wire_extra,
	        .link_type = lab->link,
	};

	lab_decode(lab);
	plain_look(&frame, 1);
	return frame.plain.payload_at;
}

static void build(bool ipv6, uint8_t protocol, size_t payload)
{
	lab_payload(lab, payload);
	if (protocol == IP_PROTOCOL_TCP)
		wrap_tcp(lab, 49153, 80);
	else
		wrap_udp(lab, 49153, 53);
	if (ipv6)
		wrap_ipv6(lab, protocol, CLIENT6, SERVER6);
	else
		wrap_ipv4(lab, protocol, CLIENT4, SERVER4);
}

static void tcp_and_udp_over_both_families_are_plain(void **state)
{
	static const size_t payloads[] = {0, 1, 100, 1460, 60000};

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++)
		for (int ipv6 = 0; ipv6 < 2; ipv6++)
			for (int udp = 0; udp < 2; udp++) {
				build(ipv6, udp ? IP_PROTOCOL_UDP : IP_PROTOCOL_TCP, payloads[i]);
				wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
				assert_true(is_plain());
				lab_cut_everywhere(lab);
			}
}

static void padding_behind_the_datagram_is_not_part_of_it(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		lab->from = LAB_ROOM;
		memset(wrap(lab, 10), 0xee, 10);

		size_t behind = lab->from;

		lab->from = LAB_ROOM;
		build(ipv6, IP_PROTOCOL_TCP, 20);
		/* The datagram ends where the padding begins. */
		memmove(lab->room + lab->from - 10, lab->room + lab->from, LAB_ROOM - lab->from);
		lab->from -= 10;
		memset(lab->room + behind, 0xee, 10);
		wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
		assert_true(is_plain());
		assert_int_equal(lab->packet.payload.len, 20);
	}
}

static void a_wrong_checksum_of_the_ip_header_is_marked(void **state)
{
	uint64_t before = lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM);

	(void)state;
	build(false, IP_PROTOCOL_UDP, 20);
	lab->room[lab->from + 10] ^= 1;
	wrap_ethernet(lab, 0x0800);
	assert_true(is_plain());
	assert_true(lab->packet.bad_checksum);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), before + 1);
}

/* One byte at a time is made wrong: what is still called plain must be read alike. */
static void frames_with_a_wrong_byte_are_read_alike_or_not_at_all(void **state)
{
	unsigned plain = 0;

	(void)state;
	for (int ipv6 = 0; ipv6 < 2; ipv6++)
		for (int udp = 0; udp < 2; udp++)
			for (size_t at = 0; at < 14 + 40 + 20; at++)
				for (unsigned bit = 0; bit < 8; bit++) {
					build(ipv6, udp ? IP_PROTOCOL_UDP : IP_PROTOCOL_TCP, 40);
					wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
					lab->room[lab->from + at] ^= (uint8_t)(1u << bit);
					plain += is_plain();
					lab->time += 100 * SECOND;
					decoder_expire(lab->decoder, lab->time);
					arena_reset(&lab->scratch);
				}
	assert_true(plain > 500);
}

static void what_is_tagged_tunnelled_cut_or_of_another_link_is_not_plain(void **state)
{
	(void)state;
	build(false, IP_PROTOCOL_TCP, 40);
	wrap_hex(lab, "006e 0800");
	wrap_ethernet(lab, 0x8100);
	assert_false(is_plain());

	lab_payload(lab, 40);
	wrap_udp(lab, 49153, 4789);
	wrap_ipv4(lab, IP_PROTOCOL_UDP, CLIENT4, SERVER4);
	wrap_ethernet(lab, 0x0800);
	assert_false(is_plain());

	build(false, IP_PROTOCOL_TCP, 40);
	wrap_ethernet(lab, 0x0800);
	lab->wire_extra = 1;
	assert_false(is_plain());
	lab->wire_extra = 0;

	build(false, IP_PROTOCOL_TCP, 40);
	lab->link = 101;
	assert_false(is_plain());
	lab->link = LINK_ETHERNET;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(tcp_and_udp_over_both_families_are_plain, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(padding_behind_the_datagram_is_not_part_of_it,
	                                        setup, teardown),
	        cmocka_unit_test_setup_teardown(a_wrong_checksum_of_the_ip_header_is_marked, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(
	                frames_with_a_wrong_byte_are_read_alike_or_not_at_all, setup, teardown),
	        cmocka_unit_test_setup_teardown(
	                what_is_tagged_tunnelled_cut_or_of_another_link_is_not_plain, setup,
	                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
