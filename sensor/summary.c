/* Numbers for people. */
#include "sensor/summary.h"

#include "core/clock.h"

#include <inttypes.h>

/* 1234567 as 1,234,567. */
static const char *grouped(uint64_t n, char text[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, n), at = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = 0;
	return text;
}

static double seconds(int64_t elapsed)
{
	return elapsed > 0 ? (double)elapsed / (double)SECOND : 1e-9;
}

void summary_progress(const struct counters *sum, uint64_t bytes_done, uint64_t bytes_total,
                      int64_t elapsed)
{
	double packets = (double)counter_read(sum, COUNTER_PACKETS_SEEN);
	double share = bytes_total ? (double)bytes_done / (double)bytes_total : 0;
	char text[32];

	fprintf(stderr, "\r\033[K%s packets, %.1f MB, %.2f M packets/s",
	        grouped((uint64_t)packets, text), (double)bytes_done / 1e6,
	        packets / seconds(elapsed) / 1e6);
	if (share > 0)
		fprintf(stderr, ", %.0f %%, %.0f s left", share * 100,
		        seconds(elapsed) * (1 - share) / share);
	fflush(stderr);
}

static void print_counter(const struct counters *sum, enum counter c, const char *indent, FILE *to)
{
	char text[32];

	if (counter_read(sum, c))
		fprintf(to, "%s%-34s %14s  %s\n", indent, counter_info[c].name,
		        grouped(counter_read(sum, c), text), counter_info[c].meaning);
}

void summary_counters(const struct counters *sum, FILE *to)
{
	for (int c = 0; c < COUNTER_COUNT; c++)
		print_counter(sum, (enum counter)c, "", to);
}

static void print_group(const struct counters *sum, enum counter_group group, const char *name,
                        FILE *to)
{
	uint64_t of_group = counters_group(sum, group);
	char text[32];

	fprintf(to, "  %-36s %12s\n", name, grouped(of_group, text));
	for (int c = 0; of_group && c < COUNTER_COUNT; c++)
		if (counter_info[c].group == group)
			print_counter(sum, (enum counter)c, "    ", to);
}

/* Counters that say that something was lost, cut or given up. */
static const enum counter losses[] = {
        COUNTER_CAPTURE_KERNEL_DROPPED,
        COUNTER_CAPTURE_INTERFACE_DROPPED,
        COUNTER_CAPTURE_FILES_FAILED,
        COUNTER_DECODE_BAD_CHECKSUM,
        COUNTER_FRAGMENTS_EXPIRED,
        COUNTER_FRAGMENTS_EVICTED,
        COUNTER_FRAGMENTS_OVERLAPPING,
        COUNTER_FLOWS_MIDSTREAM,
        COUNTER_FLOWS_EVICTED,
        COUNTER_FLOWS_ONE_SIDED,
        COUNTER_FLOWS_STATE_REFUSED,
        COUNTER_STREAM_GAPS,
        COUNTER_STREAM_BYTES_LOST,
        COUNTER_STREAM_OVERLAPS,
        COUNTER_STREAM_LEFT_OVER_CAP,
        COUNTER_HTTP_UNANSWERED,
        COUNTER_HTTP_PIPELINE_OVER_CAP,
        COUNTER_HTTP_BODY_OVER_CAP,
        COUNTER_INFLATE_OVER_CAP,
        COUNTER_CONFIGMGR_MALFORMED,
        COUNTER_XML_OVER_CAP,
        COUNTER_EVENTS_DROPPED,
        COUNTER_EVENTS_CUT,
        COUNTER_ALERTS_THROTTLED,
        COUNTER_ALERTS_SUPPRESSED,
        COUNTER_CORRELATION_LATE,
        COUNTER_CORRELATION_ROUGHENED,
        COUNTER_CORRELATION_EVICTED,
        COUNTER_REGEX_GIVEN_UP,
        COUNTER_THROTTLE_EVICTED,
        COUNTER_DOCUMENTS_LOST,
        COUNTER_SITE_EVICTED,
};

void summary_run(const struct counters *sum, int64_t elapsed, FILE *to)
{
	uint64_t packets = counter_read(sum, COUNTER_PACKETS_SEEN);
	uint64_t accounted = 0;
	char a[32], b[32];

	fprintf(to, "%s packets, %.1f MB in %.2f s (%.2f M packets/s), %s flows\n",
	        grouped(packets, a), (double)counter_read(sum, COUNTER_BYTES_SEEN) / 1e6,
	        seconds(elapsed), (double)packets / seconds(elapsed) / 1e6,
	        grouped(counter_read(sum, COUNTER_FLOWS_CREATED), b));
	fprintf(to, "what became of the packets\n");
	print_group(sum, GROUP_DISSECTED, "dissected", to);
	print_group(sum, GROUP_NO_INTEREST, "of no interest", to);
	print_group(sum, GROUP_MALFORMED, "malformed", to);
	print_group(sum, GROUP_OVER_CAP, "over a cap", to);
	for (int group = GROUP_DISSECTED; group <= GROUP_OVER_CAP; group++)
		accounted += counters_group(sum, (enum counter_group)group);
	if (accounted != packets)
		fprintf(to, "  the ledger does not balance: %s packets, %s accounted for\n",
		        grouped(packets, a), grouped(accounted, b));
	fprintf(to, "missing, cut or given up\n");
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++)
		print_counter(sum, losses[i], "  ", to);
}
