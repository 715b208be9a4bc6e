/* Our readers against libpcap's: the same times, lengths and bytes from the same files.
 *
 * The files are those below pcaps/ and below the folder that CMTAP_TEST_CAPTURES names, and what
 * editcap and mergecap (of Wireshark) make of them, where these are installed. */
#include "samples.h"

#include <fts.h>
#include <pcap/pcap.h>
#include <unistd.h>

static struct seen ours, theirs;

/* libpcap's view of a file; false where it cannot read it. */
static bool read_by_libpcap(const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
	        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const u_char *bytes;

	theirs = (struct seen){0};
	if (!pcap)
		return false;
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		struct frame frame = {
		        .time = (int64_t)header->ts.tv_sec * SECOND + header->ts.tv_usec,
		        .data = {bytes, header->caplen},
		        .wire_length = header->len,
		};

		see(&theirs, &frame);
	}
	pcap_close(pcap);
	return true;
}

static void read_by_us(const char *path, size_t buffer)
{
	struct source source;

	assert_int_equal(source_open(&source, path, buffer, NULL), SOURCE_OPEN);
	assert_ptr_not_equal(source.format, &format_other);
	read_to_end(&source, &ours);
	assert_string_equal(ours.problem, "");
}

static void assert_same(const char *path)
{
	static const size_t buffers[] = {100, 5000, 262144};

	for (size_t i = 0; i < sizeof(buffers) / sizeof(*buffers); i++) {
		read_by_us(path, buffers[i]);
		if (ours.count != theirs.count || ours.hash != theirs.hash)
			fail_msg("%s: %zu packets, libpcap reads %zu", path, ours.count,
			         theirs.count);
	}
}

static bool is_installed(const char *program)
{
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

/* The file in other formats holds the same packets. */
static void assert_same_when_converted(const char *path)
{
	static const char *const formats[] = {"pcapng", "nsecpcap"};

	for (size_t i = 0; i < 2; i++) {
		char converted[] = "/tmp/cmtap-converted-XXXXXX", command[4400];
		int fd = mkstemp(converted);

		assert_true(fd >= 0);
		close(fd);
		snprintf(command, sizeof(command), "editcap -F %s '%s' %s 2>/dev/null", formats[i],
		         path, converted);
		if (system(command) == 0)
			assert_same(converted);
		unlink(converted);
	}
}

/* All captures below a folder; how many there were. */
static size_t compare_folder(const char *folder, bool convert)
{
	char path[4096];
	char *roots[] = {path, NULL};
	size_t count = 0;

	snprintf(path, sizeof(path), "%s", folder);

	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	for (FTSENT *entry = walk ? fts_read(walk) : NULL; entry; entry = fts_read(walk)) {
		if (entry->fts_info != FTS_F || !read_by_libpcap(entry->fts_path))
			continue;
		assert_same(entry->fts_path);
		if (convert)
			assert_same_when_converted(entry->fts_path);
		count++;
	}
	if (walk)
		fts_close(walk);
	return count;
}

static void every_capture_at_hand_reads_the_same(void **state)
{
	const char *more = getenv("CMTAP_TEST_CAPTURES");
	bool convert = is_installed("editcap");
	size_t count = compare_folder("pcaps", convert);

	(void)state;
	if (more)
		count += compare_folder(more, convert);
	print_message("%zu captures compared\n", count);
}

/* Writes 1000 packets of odd sizes by libpcap itself. */
static void write_by_libpcap(const char *path, int precision)
{
	static const uint8_t bytes[3000] = {1, 2, 3};
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, precision);
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

	assert_non_null(dumper);
	for (unsigned i = 0; i < 1000; i++) {
		struct pcap_pkthdr header = {
		        .ts = {1790000000 + i / 10, i * 7919 % 1000000},
		        .caplen = i * 37 % 3000,
		        .len = i * 37 % 3000 + i % 3,
		};

		pcap_dump((u_char *)dumper, &header, bytes);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

static void what_libpcap_writes_reads_the_same(void **state)
{
	static const int precisions[] = {PCAP_TSTAMP_PRECISION_MICRO, PCAP_TSTAMP_PRECISION_NANO};
	bool convert = is_installed("editcap");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char path[] = "/tmp/cmtap-written-XXXXXX";
		int fd = mkstemp(path);

		assert_true(fd >= 0);
		close(fd);
		write_by_libpcap(path, precisions[i]);
		assert_true(read_by_libpcap(path));
		assert_int_equal(theirs.count, 1000);
		assert_same(path);
		if (convert)
			assert_same_when_converted(path);
		unlink(path);
	}
}

static void a_file_of_several_interfaces_reads_the_same(void **state)
{
	char one[] = "/tmp/cmtap-one-XXXXXX", two[] = "/tmp/cmtap-two-XXXXXX",
	     merged[] = "/tmp/cmtap-merged-XXXXXX", command[200];
	int fd[] = {mkstemp(one), mkstemp(two), mkstemp(merged)};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		close(fd[i]);
	write_by_libpcap(one, PCAP_TSTAMP_PRECISION_MICRO);
	write_by_libpcap(two, PCAP_TSTAMP_PRECISION_NANO);
	snprintf(command, sizeof(command), "mergecap -I none -F pcapng -w %s %s %s 2>/dev/null",
	         merged, one, two);
	if (is_installed("mergecap") && system(command) == 0) {
		assert_true(read_by_libpcap(merged));
		assert_int_equal(theirs.count, 2000);
		assert_same(merged);
	}
	unlink(one);
	unlink(two);
	unlink(merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_capture_at_hand_reads_the_same),
	        cmocka_unit_test(what_libpcap_writes_reads_the_same),
	        cmocka_unit_test(a_file_of_several_interfaces_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
