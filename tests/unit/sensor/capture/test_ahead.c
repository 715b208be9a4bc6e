/* Reading ahead gives the same frames as reading in place, whatever the records look like, however
 * slow the reader is, and wherever it stops. */
#include "samples.h"
#include "sensor/capture/ahead.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define AHEAD_LEAST  (9u << 20) /* of a file that is read ahead */
#define SMALL_BUFFER (64u << 10)

static char path[] = "/tmp/cmtap-ahead-XXXXXX";
static struct seen plainly, ahead;

static int make_file(void **state)
{
	int fd;

	(void)state;
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	fd = mkstemp(path);
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_sample(struct sample *s)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, s->at, s->len), s->len);
	close(fd);
	sample_free(s);
}

static void read_in_place(struct seen *seen)
{
	struct source source;

	assert_int_equal(source_open(&source, path, SMALL_BUFFER, NULL), SOURCE_OPEN);
	read_to_end(&source, seen);
}

/* Reads all frames ahead, asleep for a while after each `pause` batches; 0: never. */
static void read_ahead(struct seen *seen, unsigned pause)
{
	struct source source;
	const struct frame *frames;
	enum capture_status status;
	size_t count;

	*seen = (struct seen){0};
	assert_int_equal(source_open(&source, path, SMALL_BUFFER, NULL), SOURCE_OPEN);

	struct ahead *a = ahead_open(&source);

	assert_non_null(a);
	for (unsigned n = 1; (status = ahead_next(a, &frames, &count)) != CAPTURE_END; n++) {
		assert_true(count <= CAPTURE_BATCH);
		assert_int_equal(status == CAPTURE_PACKETS, count > 0);
		if (pause && n % pause == 0)
			usleep(500);
		for (size_t i = 0; i < count; i++)
			see(seen, &frames[i]);
	}
	assert_int_equal(ahead_next(a, &frames, &count), CAPTURE_END);
	ahead_close(a);
	snprintf(seen->problem, sizeof(seen->problem), "%s", source.problem);
	source_close(&source);
}

static void assert_same(void)
{
	static const unsigned pauses[] = {0, 1, 37};

	read_in_place(&plainly);
	assert_true(plainly.count > 0);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		read_ahead(&ahead, plainly.count > 100000 && pauses[i] == 1 ? 200 : pauses[i]);
		assert_int_equal(ahead.count, plainly.count);
		assert_int_equal(ahead.hash, plainly.hash);
		assert_string_equal(ahead.problem, plainly.problem);
	}
}

static void records_of_all_sizes(void **state)
{
	static const uint32_t sizes[] = {60, 1514, 0, 64, 9000, 1, 200, 1514, 1514, 65000};
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; s.len < AHEAD_LEAST; i++)
		put_pcap_packet(&s, 1000 + i, i, sizes[(i * 7 + i / 11) % 10], (uint8_t)i);
	write_sample(&s);
	assert_same();
}

/* More frames than a piece has places for, in each buffer. */
static void records_of_no_bytes(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; s.len < AHEAD_LEAST; i++)
		put_pcap_packet(&s, i, 0, 0, 0);
	write_sample(&s);
	assert_same();
}

/* Each is larger than the buffers are at first. */
static void records_larger_than_a_buffer(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 1 << 20);
	for (uint32_t i = 0; s.len < 3 * AHEAD_LEAST; i++)
		put_pcap_packet(&s, i, 0, i % 3 ? 60 : SMALL_BUFFER + i * 5000, (uint8_t)i);
	write_sample(&s);
	assert_same();
}

static void a_file_cut_off_in_a_record(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; s.len < AHEAD_LEAST; i++)
		put_pcap_packet(&s, i, 0, 1000, (uint8_t)i);
	s.len -= 500;
	write_sample(&s);
	assert_same();
	assert_non_null(strstr(ahead.problem, "cut off"));
}

/* Many turns of all buffers go by between two packets, with nothing in them. */
static void blocks_without_packets_between_packets(void **state)
{
	struct sample s = {0}, large = {0};

	(void)state;
	put_section(&s);
	put_interface(&s, LINK_ETHERNET, -1, 0);
	put_fill(&large, 0x55, 3 << 20);
	for (uint32_t i = 0; s.len < 2 * AHEAD_LEAST; i++) {
		for (uint32_t n = 0; n <= i * 300; n++)
			put_enhanced(&s, 0, i, 60 + n % 100, (uint8_t)n);
		put_block(&s, 0x0bad, &large);
	}
	put_enhanced(&s, 0, 99, 60, 9);
	sample_free(&large);
	write_sample(&s);
	assert_same();
}

/* Nobody waits for the other when the reader has had enough, wherever it stands. */
static void stopping_early(void **state)
{
	struct sample s = {0};

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; s.len < AHEAD_LEAST; i++)
		put_pcap_packet(&s, i, 0, 1000, (uint8_t)i);
	write_sample(&s);
	for (unsigned batches = 0; batches < 40; batches++) {
		struct source source;
		const struct frame *frames;
		size_t count;

		assert_int_equal(source_open(&source, path, SMALL_BUFFER, NULL), SOURCE_OPEN);

		struct ahead *a = ahead_open(&source);

		assert_non_null(a);
		for (unsigned n = 0; n < batches; n++)
			ahead_next(a, &frames, &count);
		if (batches % 3 == 0)
			usleep(2000);
		ahead_close(a);
		source_close(&source);
	}
}

/* The signals that the thread of that name blocks; 0 when there is none. */
static unsigned long long blocked_by(const char *name)
{
	unsigned long long blocked = 0;
	char line[128], status[64];
	DIR *tasks = opendir("/proc/self/task");

	assert_non_null(tasks);
	for (struct dirent *task; (task = readdir(tasks));) {
		bool is_it = false;

		snprintf(status, sizeof(status), "/proc/self/task/%.20s/status", task->d_name);

		FILE *file = fopen(status, "r");

		while (file && fgets(line, sizeof(line), file)) {
			if (!strncmp(line, "Name:\t", 6))
				is_it = !strncmp(line + 6, name, strlen(name));
			if (is_it && !strncmp(line, "SigBlk:", 7))
				blocked = strtoull(line + 7, NULL, 16);
		}
		if (file)
			fclose(file);
	}
	closedir(tasks);
	return blocked;
}

/* A stop is for the thread that waits for it: one that took it by itself would end the process. */
static void signals_are_left_to_others(void **state)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
	struct sample s = {0};
	struct source source;
	const struct frame *frames;
	unsigned long long blocked;
	size_t count;
	sigset_t ours;

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; s.len < AHEAD_LEAST; i++)
		put_pcap_packet(&s, i, 0, 1000, (uint8_t)i);
	write_sample(&s);
	assert_int_equal(source_open(&source, path, SMALL_BUFFER, NULL), SOURCE_OPEN);

	struct ahead *a = ahead_open(&source);

	assert_non_null(a);
	assert_int_equal(ahead_next(a, &frames, &count), CAPTURE_PACKETS);
	blocked = blocked_by("cmtap-reader");
	pthread_sigmask(SIG_BLOCK, NULL, &ours);
	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++) {
		assert_true(blocked >> (stops[i] - 1) & 1);
		assert_false(sigismember(&ours, stops[i]));
	}
	ahead_close(a);
	source_close(&source);
}

static void small_files_are_read_in_place(void **state)
{
	struct sample s = {0};
	struct source source;

	(void)state;
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	put_pcap_packet(&s, 1, 0, 1000, 1);
	write_sample(&s);
	assert_int_equal(source_open(&source, path, SMALL_BUFFER, NULL), SOURCE_OPEN);
	assert_null(ahead_open(&source));
	read_to_end(&source, &ahead);
	assert_int_equal(ahead.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(records_of_all_sizes),
	        cmocka_unit_test(records_of_no_bytes),
	        cmocka_unit_test(records_larger_than_a_buffer),
	        cmocka_unit_test(a_file_cut_off_in_a_record),
	        cmocka_unit_test(blocks_without_packets_between_packets),
	        cmocka_unit_test(stopping_early),
	        cmocka_unit_test(signals_are_left_to_others),
	        cmocka_unit_test(small_files_are_read_in_place),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
