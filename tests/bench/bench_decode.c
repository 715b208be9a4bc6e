/* How long decoding one packet takes, on warm data, without the capture and without flows.
 *
 *     gcc -std=c17 -D_GNU_SOURCE -I. -O3 -fPIE -pie tests/bench/bench_decode.c \
 *         $(find core sensor/packet -name "*.c") -lcrypto -lyaml -lm -o build/bench_decode
 *
 * Prints the best of some rounds: what the code costs, not what else the machine did. */
#include "core/checksum.h"
#include "core/clock.h"
#include "sensor/capture/capture.h"
#include "sensor/packet/community_id.h"
#include "sensor/packet/decode.h"

#include <stdio.h>
#include <time.h>

#define PACKETS 64
#define ROUNDS  200
#define REPEATS 500

static uint8_t store[PACKETS][2048];
static uint64_t sum;

static void put(uint8_t **at, const char *hex)
{
	for (; hex[0] && hex[1]; hex += hex[0] == ' ' ? 1 : 2)
		if (hex[0] != ' ')
			*(*at)++ = (uint8_t)(hex_digit((uint8_t)hex[0]) << 4 |
			                     hex_digit((uint8_t)hex[1]));
}

static size_t fill(uint8_t *frame, const char *headers, size_t payload)
{
	uint8_t *at = frame;

	put(&at, headers);
	memset(at, 0x5a, payload);
	return (size_t)(at - frame) + payload;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(const char *name, const char *headers, size_t payload, bool verify)
{
	struct frame frame[PACKETS];
	struct blocks blocks;
	struct arena scratch;
	struct counters counters = {0};
	struct packet packet;
	double best = 1e18;
	uint64_t packets = 0;

	if (!blocks_open(&blocks, 64) || !arena_open(&scratch, 1 << 20))
		return;

	struct decoder *d = decoder_open((struct decode_limits){16, 64, SECOND, verify}, &blocks,
	                                 &scratch, &counters);
	for (size_t i = 0; i < PACKETS; i++) {
		size_t len = fill(store[i], headers, payload);

		frame[i] = (struct frame){1, {store[i], len}, (uint32_t)len, 1, {0}};
	}
	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		for (int repeat = 0; repeat < REPEATS; repeat++)
			for (size_t i = 0; i < PACKETS; i++) {
				plain_look(&frame[i], 1);
				packets += decode(d, &frame[i], &packet) == DECODE_PACKET;
				sum += packet.source_port + packet.payload.len;
			}
		double each = (now() - start) / (REPEATS * PACKETS);

		best = each < best ? each : best;
	}
	printf("%-44s %7.1f ns%s\n", name, best,
	       packets == (uint64_t)ROUNDS * REPEATS * PACKETS ? "" : "  (no packet!)");
	decoder_close(d);
	arena_close(&scratch);
	blocks_close(&blocks);
}

static void measure_community_id(void)
{
	struct address a = {{1, 2, 3}}, b = {{4, 5, 6}};
	char text[COMMUNITY_ID_MAX];
	double start = now();

	for (int i = 0; i < 1000000; i++) {
		community_id(a, (uint16_t)i, b, 80, 6, text);
		sum += (uint8_t)text[5];
	}
	printf("%-44s %7.1f ns\n", "Community ID", (now() - start) / 1e6);
}

#define ETHERNET "020000000001 020000000002 "
#define IPV4     "0800 4500 05dc 0001 4000 4006 0000 c0000201 c0000202 "
#define TCP      "c001 0050 00000001 00000002 5018 ffff 0000 0000 "

int main(void)
{
	measure("Ethernet, IPv4, TCP, 1460 bytes", ETHERNET IPV4 TCP, 1460, false);
	measure("the same, checksums verified", ETHERNET IPV4 TCP, 1460, true);
	measure("Ethernet, VLAN, IPv4, TCP", ETHERNET "8100 006e " IPV4 TCP, 1460, false);
	measure("Ethernet, IPv6, TCP",
	        ETHERNET "86dd 60000000 05b4 0640 20010db8000000000000000000000001 "
	                 "20010db8000000000000000000000002 " TCP,
	        1440, false);
	measure("Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP",
	        ETHERNET "0800 4500 060e 0001 4000 4011 0000 c0000201 c0000202 "
	                 "c001 12b5 05fa 0000 0800000000000100 " ETHERNET IPV4 TCP,
	        1460, false);
	measure_community_id();
	return sum == 0;
}
