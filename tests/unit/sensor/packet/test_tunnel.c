/* Tests of the decoder's tunnels: GRE, ERSPAN, VXLAN, GENEVE, IP in IP, nested and too many. */
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

static void wrap_outer(uint8_t protocol, bool ipv6)
{
	if (ipv6)
		wrap_ipv6(lab, protocol, TUNNEL6A, TUNNEL6B);
	else
		wrap_ipv4(lab, protocol, TUNNEL4A, TUNNEL4B);
	wrap_ethernet(lab, ipv6 ? 0x86dd : 0x0800);
}

/* The usual segment, read through these tunnels, and all ways of cutting the frame. */
static void expect_inside(bool ipv6, size_t payload, size_t count, const enum tunnel *tunnel)
{
	uint64_t before = lab_counted(lab, COUNTER_DECODE_TUNNELS);

	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_segment(lab, ipv6, payload);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_TUNNELS), before + 1);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
	assert_int_equal(lab->packet.tunnel_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lab->packet.tunnel[i], tunnel[i]);
	lab_cut_everywhere(lab);
}

static void expect_inside_one(bool ipv6, enum tunnel tunnel)
{
	expect_inside(ipv6, 20, 1, &tunnel);
}

static void expect_ordinary_udp(uint16_t port, size_t payload)
{
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_int_equal(lab->packet.protocol, IP_PROTOCOL_UDP);
	assert_int_equal(lab->packet.destination_port, port);
	assert_int_equal(lab->packet.payload.len, payload);
	assert_int_equal(lab->packet.tunnel_count, 0);
	lab_cut_everywhere(lab);
}

static void gre_is_read_with_each_set_of_options(void **state)
{
	static const char *const options[] = {
	        "0000", "8000", "2000", "1000", "a000", "b000", "3000", "9000",
	};

	(void)state;
	for (size_t i = 0; i < 4 * sizeof(options) / sizeof(*options); i++) {
		bool ipv6 = i % 2, outer6 = i / 2 % 2;
		uint8_t flags = (uint8_t)hex_digit((uint8_t)options[i / 4][0]);

		wrap_segment(lab, ipv6, 20);
		for (uint8_t bit = 8; bit; bit >>= 1)
			if (flags & bit)
				wrap_hex(lab, "00000001");
		wrap_hex(lab, ipv6 ? "86dd" : "0800");
		wrap_hex(lab, options[i / 4]);
		wrap_outer(47, outer6);
		expect_inside_one(ipv6, TUNNEL_GRE);
	}
}

static void gre_carries_ethernet_and_mpls(void **state)
{
	static const enum tunnel both[] = {TUNNEL_GRE, TUNNEL_MPLS};

	(void)state;
	wrap_segment(lab, false, 20);
	wrap_ethernet(lab, 0x0800);
	wrap_hex(lab, "2000 6558 00138801"); /* NVGRE */
	wrap_outer(47, false);
	expect_inside_one(false, TUNNEL_GRE);

	wrap_segment(lab, true, 20);
	wrap_hex(lab, "00010140");
	wrap_hex(lab, "0000 8847");
	wrap_outer(47, false);
	expect_inside(true, 20, 2, both);
}

static void gre_that_is_not_ours_to_read_is_another_transport(void **state)
{
	static const char *const gre[] = {
	        "3001 880b 0000 0001 00000001", /* PPTP */
	        "4000 0800 0000 0000",          /* source route */
	        "0000 883e 00000000",           /* WCCP */
	        "0000 0000",                    /* keepalive */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(gre) / sizeof(*gre); i++) {
		lab_payload(lab, 0);
		wrap_hex(lab, gre[i]);
		wrap_outer(47, false);
		assert_int_equal(lab_decode(lab), DECODE_OTHER);
		assert_int_equal(lab->packet.protocol, 47);
		assert_int_equal(lab->packet.tunnel_count, 0);
		assert_true(address_equal(lab->packet.source, address_at(TUNNEL4A)));
		lab_cut_everywhere(lab);
	}
}

static void erspan_of_each_type_is_read(void **state)
{
	static const char *const erspan[] = {
	        "0000 88be",                                                       /* I */
	        "1000 88be 00000001 1001 0064 00000000",                           /* II */
	        "1000 22eb 00000001 2001 0064 00000000 00000000",                  /* III */
	        "1000 22eb 00000001 2001 0064 00000000 00000001 0000000000000000", /* III, O */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(erspan) / sizeof(*erspan); i++) {
		wrap_segment(lab, false, 20);
		wrap_ethernet(lab, 0x0800);
		wrap_hex(lab, erspan[i]);
		wrap_outer(47, i % 2);
		expect_inside_one(false, TUNNEL_ERSPAN);
	}
	/* type III with IP and no Ethernet */
	wrap_segment(lab, true, 20);
	wrap_hex(lab, "1000 22eb 00000001 2001 0064 00000000 0000 0800");
	wrap_outer(47, false);
	expect_inside_one(true, TUNNEL_ERSPAN);
}

static void erspan_of_the_wrong_version_is_malformed(void **state)
{
	static const char *const erspan[] = {
	        "1000 88be 00000001 2001 0064 00000000",
	        "1000 22eb 00000001 1001 0064 00000000 00000000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(erspan) / sizeof(*erspan); i++) {
		wrap_segment(lab, false, 20);
		wrap_ethernet(lab, 0x0800);
		wrap_hex(lab, erspan[i]);
		wrap_outer(47, false);
		lab_expect(lab, COUNTER_MALFORMED_TUNNEL);
	}
}

static void a_packet_that_erspan_says_it_cut_is_used_as_far_as_it_goes(void **state)
{
	(void)state;
	for (int said = 0; said < 2; said++) {
		wrap_segment(lab, false, 1000);
		wrap_ethernet(lab, 0x0800);
		lab_bytes(lab, bytes_slice(lab_frame(lab), 0, 64));
		wrap_hex(lab, said ? "1000 88be 00000001 1001 0464 00000000"
		                   : "1000 88be 00000001 1001 0064 00000000");
		wrap_outer(47, false);
		if (!said) {
			lab_expect(lab, COUNTER_MALFORMED_IP);
			continue;
		}
		assert_int_equal(lab_decode(lab), DECODE_PACKET);
		assert_int_equal(lab->packet.payload.len, 10);
		assert_int_equal(lab->packet.payload_length, 1000);
	}
}

static void vxlan_is_read_on_both_of_its_ports(void **state)
{
	static const struct {
		uint16_t port;
		const char *header;
	} row[] = {
	        {4789, "08000000 00000100"},
	        {8472, "08000000 00000100"},
	        {4789, "88080064 00000100"}, /* with a group policy */
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(row) / sizeof(*row); i++) {
		bool outer6 = i % 2;

		wrap_segment(lab, false, 20);
		wrap_ethernet(lab, 0x0800);
		wrap_hex(lab, row[i / 2].header);
		wrap_udp(lab, 50000, row[i / 2].port);
		wrap_outer(17, outer6);
		expect_inside_one(false, TUNNEL_VXLAN);
	}
}

static void a_tunnel_over_ipv6_may_leave_its_udp_checksum_out(void **state)
{
	(void)state;
	wrap_segment(lab, false, 20);
	wrap_ethernet(lab, 0x0800);
	wrap_hex(lab, "08000000 00000100");
	wrap_udp(lab, 50000, 4789);
	size_t checksum = LAB_ROOM - lab->from;
	wrap_outer(17, true);
	put_u16(lab->room + LAB_ROOM - checksum + 6, 0);
	expect_inside_one(false, TUNNEL_VXLAN);
}

static void geneve_is_read_with_and_without_options(void **state)
{
	static const char *const geneve[] = {
	        "0000 6558 00000100",
	        "0340 6558 00000100 0102 80 01 00000000 0102 01 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(geneve) / sizeof(*geneve); i++) {
		wrap_segment(lab, true, 20);
		wrap_ethernet(lab, 0x86dd);
		wrap_hex(lab, geneve[i]);
		wrap_udp(lab, 50000, 6081);
		wrap_outer(17, false);
		expect_inside_one(true, TUNNEL_GENEVE);
	}
	wrap_segment(lab, false, 20);
	wrap_hex(lab, "0000 0800 00000100");
	wrap_udp(lab, 50000, 6081);
	wrap_outer(17, false);
	expect_inside_one(false, TUNNEL_GENEVE);
}

static void udp_on_a_tunnel_port_without_a_tunnel_header_is_ordinary(void **state)
{
	static const struct {
		uint16_t port;
		const char *payload;
	} row[] = {
	        {4789, ""},
	        {4789, "08"},
	        {4789, "00000000 00000100 020000000001 020000000002 0800"}, /* no I flag */
	        {4789, "08000000 00000101 020000000001 020000000002 0800"}, /* not zero */
	        {4789, "08000001 00000100 020000000001 020000000002 0800"}, /* not zero */
	        {8472, "0c000000 00000100 020000000001 020000000002 0800"}, /* another flag */
	        {4789, "08000000 00000100 020000000001 020000000002 08"},   /* no Ethernet */
	        {6081, "00006558"},
	        {6081, "40006558 00000100 020000000001 020000000002 0800"}, /* version 1 */
	        {6081, "00001234 00000100 020000000001 020000000002 0800"}, /* unknown protocol */
	        {6081, "3f006558 00000100 020000000001 020000000002 0800"}, /* options too long */
	        {6081, "01006558 00000100 01028001 020000000001 0200 00000002 0800"},
	        {4788, "08000000 00000100 020000000001 020000000002 0800"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		lab_payload(lab, 0);
		wrap_hex(lab, row[i].payload);

		size_t payload = lab_frame(lab).len;

		wrap_udp(lab, 50000, row[i].port);
		wrap_outer(17, false);
		expect_ordinary_udp(row[i].port, payload);
	}
}

static void ip_is_read_inside_ip(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		bool ipv6 = i % 2, outer6 = i / 2;

		wrap_segment(lab, ipv6, 20);
		wrap_outer(ipv6 ? 41 : 4, outer6);
		expect_inside_one(ipv6, TUNNEL_IPIP);
	}
}

static void nested_tunnels_are_read_and_kept_outermost_first(void **state)
{
	static const enum tunnel order[] = {TUNNEL_MPLS, TUNNEL_ERSPAN, TUNNEL_VXLAN, TUNNEL_GRE,
	                                    TUNNEL_IPIP, TUNNEL_GENEVE, TUNNEL_PPPOE};

	(void)state;
	wrap_segment(lab, false, 20);
	wrap_pppoe(lab, "0021");
	wrap_hex(lab, "0000 6558 00000100");
	wrap_udp(lab, 50000, 6081);
	wrap_ipv4(lab, 17, TUNNEL4A, TUNNEL4B);
	wrap_ipv6(lab, 4, TUNNEL6A, TUNNEL6B);
	wrap_hex(lab, "0000 86dd");
	wrap_ipv4(lab, 47, TUNNEL4A, TUNNEL4B);
	wrap_hex(lab, "020000000003 020000000004 8100 006e 0800");
	wrap_hex(lab, "08000000 00000100");
	wrap_udp(lab, 50000, 4789);
	wrap_ipv6(lab, 17, TUNNEL6A, TUNNEL6B);
	wrap_ethernet(lab, 0x86dd);
	wrap_hex(lab, "1000 88be 00000001 1001 0064 00000000");
	wrap_ipv4(lab, 47, TUNNEL4A, TUNNEL4B);
	wrap_hex(lab, "00010140");
	wrap_hex(lab, "020000000005 020000000006 8100 00c8 8847");
	expect_inside(false, 20, 7, order);
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
	assert_int_equal(lab->packet.vlan_count, 2);
	assert_int_equal(lab->packet.vlan[0], 200);
	assert_int_equal(lab->packet.vlan[1], 110);
	assert_int_equal(lab->packet.source_mac.at[5], 6);
}

static void wrap_vlan(void)
{
	wrap_hex(lab, "0001 8100");
}

static void wrap_ip_in_ip(void)
{
	wrap_ipv4(lab, 4, TUNNEL4A, TUNNEL4B);
}

static void wrap_gre(void)
{
	wrap_hex(lab, "0000 0800");
	wrap_ipv4(lab, 47, TUNNEL4A, TUNNEL4B);
}

static void wrap_vxlan(void)
{
	wrap_ethernet(lab, 0x0800);
	wrap_hex(lab, "08000000 00000100");
	wrap_udp(lab, 50000, 4789);
	wrap_ipv4(lab, 17, TUNNEL4A, TUNNEL4B);
}

static void wrap_label(void)
{
	wrap_hex(lab, "00010040");
}

static void more_encapsulations_than_allowed_are_over_the_cap(void **state)
{
	static const struct {
		void (*wrap)(void);
		const char *inside, *outside;
		unsigned more; /* encapsulations that `inside` adds */
	} row[] = {
	        {wrap_vlan, "0001 0800", "020000000001 020000000002 8100", 1},
	        {wrap_ip_in_ip, "", "020000000001 020000000002 0800", 0},
	        {wrap_gre, "", "020000000001 020000000002 0800", 0},
	        {wrap_vxlan, "", "020000000001 020000000002 0800", 0},
	        {wrap_label, "00010140", "020000000001 020000000002 8847", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		for (unsigned depth = 15; depth <= 18; depth++) {
			wrap_segment(lab, false, 20);
			wrap_hex(lab, row[i].inside);
			for (unsigned n = row[i].more; n < depth; n++)
				row[i].wrap();
			wrap_hex(lab, row[i].outside);
			if (depth > 16) {
				lab_expect(lab, COUNTER_OVER_CAP_DEPTH);
				continue;
			}
			assert_int_equal(lab_decode(lab), DECODE_PACKET);
			assert_segment(lab, false, 20);
			assert_true(lab->packet.tunnel_count <= PACKET_TUNNELS);
		}
	}
}

static void no_encapsulation_is_read_when_none_is_allowed(void **state)
{
	static const struct {
		uint16_t type;
		const char *header;
	} row[] = {
	        {0x8100, "006e 0800"},
	        {0x8847, "00010140"},
	        {0x8864, "1100 0001 003e 0021"},
	        {0x0800, "4500 0050 0001 0000 4004 0000 c6336401 c6336402"},
	        {0x0800, "4500 0054 0001 0000 402f 0000 c6336401 c6336402 0000 0800"},
	        {0x0800, "4500 0054 0001 0000 402f 0000 c6336401 c6336402 0000 88be"},
	        {0x0800, "4500 0068 0001 0000 4033 0000 c6336401 c6336402 "
	                 "0404 0000 00000100 00000001 000000000000000000000000"},
	        {0x86dd, "60000000 0044 2b40 20010db8000000000000000000000001 "
	                 "20010db8000000000000000000000002 0400 0000 00000000"},
	        {0x86dd, "60000000 0044 2c40 20010db8000000000000000000000001 "
	                 "20010db8000000000000000000000002 0400 0000 00000000"},
	};
	struct decode_limits limits = LAB_LIMITS;

	(void)state;
	lab_close(lab);
	limits.tunnel_depth = 0;
	lab = lab_open(limits);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		wrap_segment(lab, false, 20);
		wrap_hex(lab, row[i].header);
		wrap_ethernet(lab, row[i].type);
		lab_expect(lab, COUNTER_OVER_CAP_DEPTH);
	}
	wrap_segment(lab, false, 20);
	wrap_ethernet(lab, 0x0800);
	assert_int_equal(lab_decode(lab), DECODE_PACKET);
}

static void another_transport_inside_a_tunnel_has_no_ports(void **state)
{
	(void)state;
	lab_payload(lab, 30);
	wrap_ipv4(lab, 1, CLIENT4, SERVER4);
	wrap_vxlan();
	wrap_ethernet(lab, 0x0800);
	assert_int_equal(lab_decode(lab), DECODE_OTHER);
	assert_int_equal(lab->packet.protocol, 1);
	assert_int_equal(lab->packet.source_port + lab->packet.destination_port, 0);
	assert_true(address_equal(lab->packet.source, address_at(CLIENT4)));
	assert_int_equal(lab->packet.tunnel_count, 1);
}

static void every_tunnel_has_a_name(void **state)
{
	(void)state;
	for (enum tunnel t = TUNNEL_MPLS; t <= TUNNEL_IPIP; t++)
		assert_non_null(tunnel_name(t));
	assert_string_equal(tunnel_name(TUNNEL_ERSPAN), "erspan");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(gre_is_read_with_each_set_of_options),
	        TEST(gre_carries_ethernet_and_mpls),
	        TEST(gre_that_is_not_ours_to_read_is_another_transport),
	        TEST(erspan_of_each_type_is_read),
	        TEST(erspan_of_the_wrong_version_is_malformed),
	        TEST(a_packet_that_erspan_says_it_cut_is_used_as_far_as_it_goes),
	        TEST(vxlan_is_read_on_both_of_its_ports),
	        TEST(a_tunnel_over_ipv6_may_leave_its_udp_checksum_out),
	        TEST(geneve_is_read_with_and_without_options),
	        TEST(udp_on_a_tunnel_port_without_a_tunnel_header_is_ordinary),
	        TEST(ip_is_read_inside_ip),
	        TEST(nested_tunnels_are_read_and_kept_outermost_first),
	        TEST(more_encapsulations_than_allowed_are_over_the_cap),
	        TEST(no_encapsulation_is_read_when_none_is_allowed),
	        TEST(another_transport_inside_a_tunnel_has_no_ports),
	        TEST(every_tunnel_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
