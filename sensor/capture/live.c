/* Packets of a live interface, by libpcap and its TPACKET_V3 ring.
 *
 * The kernel hands over blocks of packets: when a block is full, or when its timeout has passed, so
 * that a quiet interface does not keep packets back. We never block in libpcap: poll() waits, so
 * that a stop is prompt, and after a stop the caller goes on until CAPTURE_IDLE, which empties the
 * ring. The thread that owns the capture owns this state. */
#include "sensor/capture/live.h"

#include "core/clock.h"
#include "sensor/capture/copies.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>

#define BLOCK_TIMEOUT  100 /* milliseconds until a partly filled block is handed over */
#define FRAME_MOST     262144U
#define NAMES_SHOWN    16
#define STATS_INTERVAL (200 * MILLISECOND) /* reading the counters costs system calls */

struct live {
	pcap_t *pcap;
	struct copies copies;
	int fd;
	bool idle, gone;
	int64_t stats_read; /* wall time */
	struct pcap_stat told;
	char interface[64];
};

/* Names what there is, the nearest first of all. */
static void complain_unknown(struct complaints *complaints, const char *interface)
{
	struct if_nameindex *all = if_nameindex();
	const char *names[NAMES_SHOWN];
	char list[NAMES_SHOWN * (IF_NAMESIZE + 2) + 1] = "";
	size_t count = 0, used = 0;

	for (struct if_nameindex *i = all; i && i->if_index && count < NAMES_SHOWN; i++) {
		names[count++] = i->if_name;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "",
		                         i->if_name);
	}

	const char *near = nearest_name(interface, names, count);

	complain(complaints, interface, 0, 0,
	         "there is no such network interface%s%s%s; expected one of: %s",
	         near ? ", perhaps " : "", near ? near : "", near ? " was meant" : "", list);
	if (all)
		if_freenameindex(all);
}

static void complain_refused(struct complaints *complaints, const char *interface, int error,
                             const char *detail)
{
	switch (error) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		complain_unknown(complaints, interface);
		break;
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		complain(complaints, interface, 0, 0,
		         "no permission to capture; run as root, or give the program the "
		         "capabilities cap_net_raw and cap_net_admin");
		break;
	case PCAP_ERROR_IFACE_NOT_UP:
		complain(complaints, interface, 0, 0,
		         "the interface is down; expected it to be up");
		break;
	default:
		complain(complaints, interface, 0, 0, "%s%s%s", pcap_statustostr(error),
		         detail && *detail ? ": " : "", detail ? detail : "");
	}
}

/* Sets everything up; 0 or more when that worked, else a libpcap error. */
static int activate(struct live *l, struct capture_live_options options)
{
	unsigned snap = options.snap_length;

	if (!snap || snap > FRAME_MOST)
		snap = FRAME_MOST;
	pcap_set_snaplen(l->pcap, (int)snap);
	pcap_set_promisc(l->pcap, options.promiscuous);
	pcap_set_timeout(l->pcap, BLOCK_TIMEOUT);
	if (options.buffer_bytes)
		pcap_set_buffer_size(l->pcap, options.buffer_bytes < INT_MAX
		                                      ? (int)options.buffer_bytes
		                                      : INT_MAX);
	pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO);

	int result = pcap_activate(l->pcap);

	if (result >= 0 && !copies_open(&l->copies, l->pcap, snap))
		return PCAP_ERROR;
	return result;
}

struct live *live_open(const char *interface, struct capture_live_options options,
                       struct complaints *complaints)
{
	struct live *l = calloc(1, sizeof(*l));
	char error[PCAP_ERRBUF_SIZE] = "out of memory";

	if (l)
		l->pcap = pcap_create(interface, error);
	if (!l || !l->pcap) {
		complain(complaints, interface, 0, 0, "%s", error);
		free(l);
		return NULL;
	}

	int result = activate(l, options);

	if (result >= 0 && pcap_setnonblock(l->pcap, 1, error) < 0)
		result = PCAP_ERROR;
	if (result < 0) {
		complain_refused(complaints, interface, result, pcap_geterr(l->pcap));
		live_close(l);
		return NULL;
	}
	if (result > 0)
		complain_mildly(complaints, interface, 0, 0, "%s", pcap_statustostr(result));
	l->fd = pcap_get_selectable_fd(l->pcap);
	snprintf(l->interface, sizeof(l->interface), "%s", interface);
	return l;
}

enum capture_status live_next(struct live *l, struct frame batch[CAPTURE_BATCH], size_t *count,
                              struct complaints *problems)
{
	struct pollfd poll_for = {.fd = l->fd, .events = POLLIN};
	int result = l->gone ? PCAP_ERROR : copies_fill(&l->copies, l->pcap, batch);

	if (!result && poll(&poll_for, 1, BLOCK_TIMEOUT) > 0)
		result = copies_fill(&l->copies, l->pcap, batch);
	if (result < 0 && !l->gone) {
		l->gone = true;
		complain(problems, l->interface, 0, 0, "%s", pcap_geterr(l->pcap));
	}
	*count = l->copies.count;
	if (*count) {
		l->copies.count = 0;
		l->idle = false;
		return CAPTURE_PACKETS;
	}
	l->idle = true;
	return l->gone ? CAPTURE_END : CAPTURE_IDLE;
}

void live_count(struct live *l, struct counters *counters)
{
	struct pcap_stat now;
	int64_t time = wall_clock();

	/* Whoever counts at the end was told before that there is nothing more. */
	if (!l->idle && time - l->stats_read < STATS_INTERVAL && time >= l->stats_read)
		return;
	l->stats_read = time;
	if (pcap_stats(l->pcap, &now))
		return;
	/* 32-bit counters that wrap around: so do the differences. */
	counter_add(counters, COUNTER_CAPTURE_KERNEL_DROPPED, now.ps_drop - l->told.ps_drop);
	counter_add(counters, COUNTER_CAPTURE_INTERFACE_DROPPED, now.ps_ifdrop - l->told.ps_ifdrop);
	l->told = now;
}

void live_close(struct live *l)
{
	if (l->pcap)
		pcap_close(l->pcap);
	copies_close(&l->copies);
	free(l);
}
