/* Bench contender: libpcap's loop over a capture file, counting packets and bytes and nothing else.
 * loop_libpcap FILE */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

struct sum {
	uint64_t packets, bytes;
};

static void add(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct sum *sum = (struct sum *)(void *)user;

	(void)bytes;
	sum->packets++;
	sum->bytes += header->len;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE] = "usage: loop_libpcap FILE";
	struct sum sum = {0, 0};
	pcap_t *pcap = argc > 1 ? pcap_open_offline(argv[1], error) : NULL;

	if (!pcap) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	pcap_loop(pcap, -1, add, (u_char *)&sum);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", sum.packets, sum.bytes);
	pcap_close(pcap);
	return 0;
}
