/* Where the bytes of a capture come from: memory, files, pipes, gzip. */
#include "samples.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

static struct seen seen, expected;

static void put_packets(struct sample *s, uint32_t count)
{
	put_pcap_header(s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; i < count; i++)
		put_pcap_packet(s, i, i, i * 7 % 101, (uint8_t)i);
}

/* Adds one gzip member that holds `plain`. */
static void put_packed(struct sample *s, struct bytes plain)
{
	z_stream z = {0};
	uint8_t *packed = malloc(plain.len + 1000);

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)plain.at;
	z.avail_in = (unsigned)plain.len;
	z.next_out = packed;
	z.avail_out = (unsigned)plain.len + 1000;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	put(s, packed, z.total_out);
	deflateEnd(&z);
	free(packed);
}

static void a_gzip_file_reads_like_the_file_inside(void **state)
{
	struct sample plain = {0}, packed = {0};

	(void)state;
	put_packets(&plain, 500);
	put_packed(&packed, sample_bytes(&plain));
	read_sample(&plain, LARGE_BUFFER, &expected);
	for (size_t buffer = 2; buffer < 300; buffer++) {
		read_sample(&packed, buffer, &seen);
		assert_string_equal(seen.problem, "");
		assert_int_equal(seen.count, 500);
		assert_int_equal(seen.hash, expected.hash);
	}
	sample_free(&plain);
	sample_free(&packed);
}

static void concatenated_gzip_members_are_one_file(void **state)
{
	struct sample plain = {0};

	(void)state;
	put_packets(&plain, 50);
	read_sample(&plain, LARGE_BUFFER, &expected);
	for (size_t split = 0; split <= plain.len; split += 37) {
		struct sample packed = {0};

		put_packed(&packed, bytes_slice(sample_bytes(&plain), 0, split));
		put_packed(&packed, (struct bytes){0});
		put_packed(&packed, bytes_slice(sample_bytes(&plain), split, plain.len));
		put_fill(&packed, 0, 512); /* the padding of tapes */
		for (size_t buffer = 2; buffer < 40; buffer++) {
			read_sample(&packed, buffer, &seen);
			assert_string_equal(seen.problem, "");
			assert_int_equal(seen.hash, expected.hash);
		}
		sample_free(&packed);
	}
	sample_free(&plain);
}

static void a_cut_gzip_file_is_read_as_far_as_it_goes(void **state)
{
	struct sample plain = {0}, packed = {0};
	size_t most = 0;

	(void)state;
	put_packets(&plain, 100);
	put_packed(&packed, sample_bytes(&plain));
	for (size_t cut = 2; cut < packed.len; cut++) {
		struct sample part = {.at = packed.at, .len = cut};
		struct source source;
		enum source_opened opened = source_open_memory(&source, sample_bytes(&part), 64);

		if (opened != SOURCE_OPEN) {
			assert_int_equal(opened, SOURCE_BROKEN);
			source_close(&source);
			continue;
		}
		read_to_end(&source, &seen);
		assert_non_null(strstr(seen.problem, "cut off in the middle of the gzip data"));
		assert_true(seen.count >= most);
		most = seen.count;
	}
	assert_int_equal(most, 100); /* the checksum alone was missing */
	sample_free(&plain);
	sample_free(&packed);
}

static void damaged_gzip_data_is_said_so(void **state)
{
	struct sample plain = {0}, packed = {0};

	(void)state;
	put_packets(&plain, 100);
	put_packed(&packed, sample_bytes(&plain));
	packed.at[packed.len - 8] ^= 1; /* of the checksum */
	read_sample(&packed, 64, &seen);
	assert_int_equal(seen.count, 100);
	assert_non_null(strstr(seen.problem, "damaged gzip data"));
	packed.at[packed.len - 8] ^= 1;
	put(&packed, "rest", 4);
	read_sample(&packed, 64, &seen);
	assert_int_equal(seen.count, 100);
	assert_non_null(strstr(seen.problem, "followed by something else"));
	sample_free(&plain);
	sample_free(&packed);
}

static void what_is_no_capture_is_said_so(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *problem;
	} cases[] = {
	        {"", 0, "the file is empty"},
	        {"x", 1, "this is no capture file"},
	        {"\xd4\xc3\xb2", 3, "this is no capture file"},
	        {"hello, world", 12, "this is no capture file"},
	        {"\x28\xb5\x2f\xfd....", 8, "zstd"},
	        {"\xfd"
	         "7zXZ\0..",
	         8, "xz"},
	        {"BZh91AY&", 8, "bzip2"},
	        {"PK\3\4....", 8, "zip archive"},
	        {"snoop\0\0\0", 8, "snoop"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sample s = {0}, packed = {0};

		put(&s, cases[i].bytes, cases[i].len);
		assert_refused(&s, SOURCE_UNKNOWN, cases[i].problem);
		assert_refused(&s, SOURCE_UNKNOWN, "expected pcap or pcapng");
		put_packed(&packed, sample_bytes(&s));
		assert_refused(&packed, SOURCE_UNKNOWN, "expected pcap or pcapng");
		sample_free(&s);
		sample_free(&packed);
	}
}

struct writer {
	const struct sample *sample;
	int fd;
	size_t piece;
};

static void *write_slowly(void *arg)
{
	struct writer *w = arg;

	for (size_t at = 0; at < w->sample->len; at += w->piece) {
		struct bytes piece = bytes_slice(sample_bytes(w->sample), at, w->piece);

		assert_int_equal(write(w->fd, piece.at, piece.len), piece.len);
		if (at % 1024 < w->piece)
			usleep(1000);
	}
	close(w->fd);
	return NULL;
}

static void a_pipe_is_read_as_its_bytes_come(void **state)
{
	struct sample plain = {0}, packed = {0};

	(void)state;
	put_packets(&plain, 500);
	put_packed(&packed, sample_bytes(&plain));
	read_sample(&plain, LARGE_BUFFER, &expected);
	for (unsigned i = 0; i < 4; i++) {
		struct writer writer = {i % 2 ? &packed : &plain, -1, i / 2 ? 7 : 1000};
		struct source source;
		pthread_t thread;
		char path[64];
		int ends[2];

		assert_int_equal(pipe(ends), 0);
		writer.fd = ends[1];
		assert_int_equal(pthread_create(&thread, NULL, write_slowly, &writer), 0);
		snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
		assert_int_equal(source_open(&source, path, LARGE_BUFFER, NULL), SOURCE_OPEN);
		read_to_end(&source, &seen);
		assert_string_equal(seen.problem, "");
		assert_int_equal(seen.hash, expected.hash);
		pthread_join(thread, NULL);
		close(ends[0]);
	}
	sample_free(&plain);
	sample_free(&packed);
}

static void a_silent_pipe_lets_its_reader_go(void **state)
{
	struct frame batch[CAPTURE_BATCH];
	struct sample s = {0};
	struct source source;
	char path[64];
	size_t count;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	put_packets(&s, 10);
	assert_int_equal(write(ends[1], s.at, s.len - 5), s.len - 5);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(source_open(&source, path, LARGE_BUFFER, NULL), SOURCE_OPEN);
	assert_int_equal(source_batch(&source, batch, &count), CAPTURE_PACKETS);
	assert_int_equal(count, 9);
	assert_int_equal(source_batch(&source, batch, &count), CAPTURE_IDLE);
	assert_int_equal(source_batch(&source, batch, &count), CAPTURE_IDLE);
	assert_int_equal(write(ends[1], s.at + s.len - 5, 5), 5);
	assert_int_equal(source_batch(&source, batch, &count), CAPTURE_PACKETS);
	assert_int_equal(count, 1);
	close(ends[1]);
	assert_int_equal(source_batch(&source, batch, &count), CAPTURE_END);
	assert_string_equal(source.problem, "");
	source_close(&source);
	close(ends[0]);
	sample_free(&s);
}

static void on_signal(int number)
{
	(void)number;
}

static void a_signal_ends_the_wait_for_a_first_byte(void **state)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct source source;
	char path[64];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	ualarm(150000, 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(source_open(&source, path, LARGE_BUFFER, NULL), SOURCE_UNREADABLE);
	assert_string_equal(source.problem, "interrupted");
	source_close(&source);
	close(ends[0]);
	close(ends[1]);
}

static void the_bytes_read_are_counted_as_they_lie_in_the_file(void **state)
{
	struct sample plain = {0}, packed = {0};
	struct source source;
	uint64_t bytes_read = 0;
	char path[64];
	int fd = memfd_create("capture", 0);

	(void)state;
	put_packets(&plain, 500);
	put_packed(&packed, sample_bytes(&plain));
	assert_int_equal(write(fd, packed.at, packed.len), packed.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(source_open(&source, path, LARGE_BUFFER, &bytes_read), SOURCE_OPEN);
	assert_int_equal(source.input.file_size, packed.len);
	read_to_end(&source, &seen);
	assert_int_equal(bytes_read, packed.len);
	close(fd);
	sample_free(&plain);
	sample_free(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_gzip_file_reads_like_the_file_inside),
	        cmocka_unit_test(concatenated_gzip_members_are_one_file),
	        cmocka_unit_test(a_cut_gzip_file_is_read_as_far_as_it_goes),
	        cmocka_unit_test(damaged_gzip_data_is_said_so),
	        cmocka_unit_test(what_is_no_capture_is_said_so),
	        cmocka_unit_test(a_pipe_is_read_as_its_bytes_come),
	        cmocka_unit_test(a_silent_pipe_lets_its_reader_go),
	        cmocka_unit_test(a_signal_ends_the_wait_for_a_first_byte),
	        cmocka_unit_test(the_bytes_read_are_counted_as_they_lie_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
