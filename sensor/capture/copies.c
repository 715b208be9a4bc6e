/* Copying of frames that live in libpcap's memory only while its callback runs. */
#include "sensor/capture/copies.h"

#include "core/clock.h"

#include <sys/mman.h>

/* libpcap tells link types by numbers of its own, which differ from those in files in a few cases;
 * of these only raw IP matters here. */
#define LINKTYPE_RAW 101

static uint16_t link_type_of(int dlt)
{
	return dlt == DLT_RAW ? LINKTYPE_RAW : (uint16_t)dlt;
}

bool copies_open(struct copies *c, pcap_t *pcap, uint32_t frame_most)
{
	*c = (struct copies){
	        .size = (size_t)CAPTURE_BATCH * frame_most,
	        .frame_most = frame_most,
	        .link_type = link_type_of(pcap_datalink(pcap)),
	        .nanoseconds = pcap_get_tstamp_precision(pcap) == PCAP_TSTAMP_PRECISION_NANO,
	};

	void *bytes = mmap(NULL, c->size, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	c->bytes = bytes == MAP_FAILED ? NULL : bytes;
	return c->bytes;
}

void copies_close(struct copies *c)
{
	if (c->bytes)
		munmap(c->bytes, c->size);
	*c = (struct copies){0};
}

static void copy_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct copies *c = (struct copies *)(void *)user;
	uint32_t length = header->caplen < c->frame_most ? header->caplen : c->frame_most;
	int64_t unit = c->nanoseconds ? 1 : MICROSECOND;
	int64_t time = (int64_t)header->ts.tv_sec * SECOND + (int64_t)header->ts.tv_usec * unit;

	if (length)
		memcpy(c->bytes + c->used, bytes, length);
	c->batch[c->count++] = (struct frame){
	        .time = time > 0 ? time : 0,
	        .data = {c->bytes + c->used, length},
	        .wire_length = header->len > length ? header->len : length,
	        .link_type = c->link_type,
	};
	c->used += length;
}

int copies_fill(struct copies *c, pcap_t *pcap, struct frame batch[CAPTURE_BATCH])
{
	c->batch = batch;
	c->count = c->used = 0;
	return pcap_dispatch(pcap, CAPTURE_BATCH, copy_frame, (u_char *)c);
}
