/* Compares what the decoder reads in captures with what tshark reads, packet by packet: addresses,
 * ports, sequence numbers, flags, payload lengths and VLAN ids. The captures are those in data/
 * and, where there are any, those in the folder that CMTAP_CAPTURES names. */
#include "tests/unit/sensor/packet/frames.h"

#include "core/reader.h"

#include <glob.h>
#include <stdio.h>
#include <unistd.h>

#define DATA     "tests/unit/sensor/packet/data/"
#define CAPTURES "/work/shared/captures"
#define MERGED   "build/test_against_tshark.pcap"

/* The fields that tshark is asked for; each may hold several values with commas between. */
enum {
	PROTOCOLS,
	IP_SOURCE,
	IP_DESTINATION,
	IPV6_SOURCE,
	IPV6_DESTINATION,
	TCP_SOURCE,
	TCP_DESTINATION,
	TCP_SEQUENCE,
	TCP_FLAGS,
	TCP_LENGTH,
	UDP_SOURCE,
	UDP_DESTINATION,
	UDP_LENGTH,
	VLAN,
	SERVICE_VLAN,
	FIELDS
};

#define TSHARK                                                                                     \
	"tshark -n -r %s -o tcp.relative_sequence_numbers:FALSE -T fields -E occurrence=a "        \
	"-E aggregator=, -e frame.protocols -e ip.src -e ip.dst -e ipv6.src -e ipv6.dst "          \
	"-e tcp.srcport -e tcp.dstport -e tcp.seq_raw -e tcp.flags -e tcp.len -e udp.srcport "     \
	"-e udp.dstport -e udp.length -e vlan.id -e ieee8021ad.id 2>/dev/null"

/* What tshark says of one packet. */
struct told {
	char *field[FIELDS];
	int ip, ipv6, tcp, udp; /* how many of each up to the innermost */
	bool ipv6_last;         /* the innermost is IPv6 */
	int transport;          /* 6, 17, or 0 */
};

static bool is_token(const char *token, size_t n, const char *name)
{
	return n == strlen(name) && !memcmp(token, name, n);
}

/* Walks the protocols that tshark found down to the innermost transport. */
static void told_walk(struct told *t)
{
	const char *at = t->field[PROTOCOLS];

	while (*at) {
		size_t n = strcspn(at, ":");

		/* What an ICMP error quotes is not a layer. */
		if (is_token(at, n, "icmp") || is_token(at, n, "icmpv6"))
			return;
		if (is_token(at, n, "ip") || is_token(at, n, "ipv6")) {
			t->ipv6_last = n == 4;
			t->ip += !t->ipv6_last;
			t->ipv6 += t->ipv6_last;
			t->transport = 0;
		} else if (is_token(at, n, "tcp")) {
			t->tcp++;
			t->transport = 6;
		} else if (is_token(at, n, "udp")) {
			t->udp++;
			t->transport = 17;
		}
		at += n + (at[n] == ':');
	}
}

/* Value number `which`, from 1, of a field. */
static const char *told_value(const struct told *t, int field, int which)
{
	static char value[64];
	const char *at = t->field[field];

	while (--which > 0) {
		at = strchr(at, ',');
		assert_non_null(at);
		at++;
	}
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, ","), at);
	return value;
}

static unsigned long told_number(const struct told *t, int field, int which)
{
	return strtoul(told_value(t, field, which), NULL, 0);
}

static void check_transport(const struct told *t, const struct packet *p)
{
	assert_int_equal(p->protocol, t->transport);
	if (t->transport == 17) {
		assert_int_equal(p->source_port, told_number(t, UDP_SOURCE, t->udp));
		assert_int_equal(p->destination_port, told_number(t, UDP_DESTINATION, t->udp));
		assert_int_equal(p->payload_length + 8, told_number(t, UDP_LENGTH, t->udp));
		return;
	}
	assert_int_equal(p->source_port, told_number(t, TCP_SOURCE, t->tcp));
	assert_int_equal(p->destination_port, told_number(t, TCP_DESTINATION, t->tcp));
	assert_int_equal(p->tcp_sequence, told_number(t, TCP_SEQUENCE, t->tcp));
	assert_int_equal(p->tcp_flags, told_number(t, TCP_FLAGS, t->tcp) & 0xff);
	assert_int_equal(p->payload_length, told_number(t, TCP_LENGTH, t->tcp));
}

static void check_vlans(const struct told *t, const struct packet *p)
{
	int field = *t->field[SERVICE_VLAN] ? SERVICE_VLAN : VLAN;

	assert_int_equal(p->vlan_count > 0, *t->field[field] != 0);
	if (p->vlan_count > 0)
		assert_int_equal(p->vlan[0], told_number(t, field, 1));
	if (p->vlan_count > 1)
		assert_int_equal(p->vlan[1], told_number(t, VLAN, field == SERVICE_VLAN ? 1 : 2));
}

static void check_addresses(const struct told *t, const struct packet *p)
{
	int which = t->ipv6_last ? t->ipv6 : t->ip;
	char text[ADDRESS_TEXT_MAX];

	assert_string_equal(address_print(p->source, text),
	                    told_value(t, t->ipv6_last ? IPV6_SOURCE : IP_SOURCE, which));
	assert_string_equal(address_print(p->destination, text),
	                    told_value(t, t->ipv6_last ? IPV6_DESTINATION : IP_DESTINATION, which));
}

static void check_packet(struct lab *lab, struct told *t, const struct frame *frame)
{
	uint64_t waiting = lab_counted(lab, COUNTER_DISSECTED_FRAGMENT);
	enum decode_outcome outcome;

	told_walk(t);
	lab->time = frame->time;
	lab->wire_extra = frame->wire_length - (uint32_t)frame->data.len;
	lab->link = frame->link_type;
	outcome = lab_decode_bytes(lab, frame->data);
	if (outcome == DECODE_NONE) {
		assert_int_equal(t->transport, 0);
		if (lab_counted(lab, COUNTER_DISSECTED_FRAGMENT) == waiting)
			assert_int_equal(t->ip + t->ipv6, 0);
		return;
	}
	check_addresses(t, &lab->packet);
	check_vlans(t, &lab->packet);
	assert_int_equal(outcome == DECODE_PACKET, t->transport != 0);
	if (outcome == DECODE_PACKET)
		check_transport(t, &lab->packet);
	arena_reset(&lab->scratch);
}

/* Reads one record of a little-endian pcap file with microseconds. */
static bool record_read(FILE *file, struct frame *frame)
{
	static uint8_t data[LAB_ROOM];
	uint8_t header[16];

	if (fread(header, 1, sizeof(header), file) != sizeof(header))
		return false;

	struct reader r = reader_over((struct bytes){header, sizeof(header)});
	int64_t seconds = reader_u32le(&r), microseconds = reader_u32le(&r);
	uint32_t captured = reader_u32le(&r);

	frame->time = seconds * SECOND + microseconds * MICROSECOND;
	frame->wire_length = reader_u32le(&r);
	assert_true(captured <= sizeof(data));
	frame->data = (struct bytes){data, fread(data, 1, captured, file)};
	assert_int_equal(frame->data.len, captured);
	return true;
}

static void check_file(const char *name)
{
	struct lab *lab = lab_open(LAB_LIMITS);
	char command[1024], *line = NULL;
	uint8_t header[24];
	size_t room = 0, packets = 0;
	struct frame frame;
	FILE *file = fopen(name, "rb"), *tshark;

	print_message("%s\n", name);
	assert_non_null(file);
	assert_int_equal(fread(header, 1, sizeof(header), file), sizeof(header));
	assert_memory_equal(header, "\xd4\xc3\xb2\xa1", 4);
	frame.link_type = header[20] | (uint16_t)(header[21] << 8);
	assert_true(snprintf(command, sizeof(command), TSHARK, name) < (int)sizeof(command));
	tshark = popen(command, "r");
	assert_non_null(tshark);
	while (record_read(file, &frame)) {
		struct told told = {0};
		char *rest;

		packets++;
		if (getline(&line, &room, tshark) < 0)
			fail_msg("%s: tshark ends before packet %zu", name, packets);
		line[strcspn(line, "\n")] = 0;
		rest = line;
		for (int i = 0; i < FIELDS; i++) {
			told.field[i] = strsep(&rest, "\t");
			assert_non_null(told.field[i]);
		}
		check_packet(lab, &told, &frame);
	}
	assert_int_equal(getline(&line, &room, tshark), -1);
	assert_int_equal(pclose(tshark), 0);
	assert_true(packets > 0);
	assert_int_equal(lab_counted(lab, COUNTER_DECODE_BAD_CHECKSUM), 0);
	decoder_expire(lab->decoder, INT64_MAX);
	print_message("\t%zu packets agree\n", packets);
	free(line);
	fclose(file);
	lab_close(lab);
}

static void need(const char *command)
{
	if (system(command) != 0) {
		print_message("not here: %s\n", command);
		skip();
	}
}

static void our_captures_are_read_as_tshark_reads_them(void **state)
{
	glob_t files;

	(void)state;
	need("command -v tshark >/dev/null");
	assert_int_equal(glob(DATA "*.pcap", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i]);
	globfree(&files);
}

static void captures_from_elsewhere_are_read_as_tshark_reads_them(void **state)
{
	const char *folder = getenv("CMTAP_CAPTURES");
	char command[1024];

	(void)state;
	need("command -v tshark mergecap >/dev/null");
	snprintf(command, sizeof(command), "ls %s/*.pcap >/dev/null 2>&1",
	         folder ? folder : CAPTURES);
	need(command);
	/* one run of tshark for all of them */
	snprintf(command, sizeof(command),
	         "mkdir -p build && mergecap -a -F pcap -w " MERGED " %s/*.pcap",
	         folder ? folder : CAPTURES);
	assert_int_equal(system(command), 0);
	check_file(MERGED);
	unlink(MERGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(our_captures_are_read_as_tshark_reads_them),
	        cmocka_unit_test(captures_from_elsewhere_are_read_as_tshark_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
