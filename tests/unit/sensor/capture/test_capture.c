/* Captures as the pipeline uses them: files, folders and pipes as one run in packet-time order. */
#include "samples.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct seen seen;
static char folder[] = "/tmp/cmtap-capture-XXXXXX";
static char path_room[8][256];

/* A path in the test's folder; at most eight at a time. */
static const char *in_folder(const char *name)
{
	static size_t turn;
	char *path = path_room[turn++ % 8];

	snprintf(path, sizeof(path_room[0]), "%s/%s", folder, name);
	return path;
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *walk)
{
	(void)about;
	(void)type;
	(void)walk;
	return remove(path);
}

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *path, struct bytes content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.at, content.len), content.len);
	close(fd);
}

/* A file of `count` packets from `first` on, `step` seconds apart, all of `fill`. */
static void write_capture(const char *path, uint32_t first, uint32_t step, uint32_t count,
                          uint8_t fill)
{
	struct sample s = {0};

	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; i < count; i++)
		put_pcap_packet(&s, first + i * step, 0, 20, fill);
	write_file(path, sample_bytes(&s));
	sample_free(&s);
}

static void write_text(const char *path)
{
	write_file(path, BYTES("this is only text"));
}

struct run {
	struct complaints complaints;
	struct counters counters;
	uint64_t done, total;
	unsigned problems, warnings;
	char text[4096]; /* of all problems */
	bool in_order;
};

/* Reads captures to their end; false when they do not open. */
static bool read_paths(struct run *run, const char *const *paths, size_t count)
{
	const struct frame *batch;
	int64_t last = 0;
	size_t got;

	seen = (struct seen){0};
	*run = (struct run){.in_order = true};

	struct capture *c = capture_open_files(paths, count, &run->complaints);

	if (!c)
		return false;
	assert_int_equal(run->complaints.errors, 0);
	for (enum capture_status status; (status = capture_next(c, &batch, &got)) != CAPTURE_END;) {
		assert_int_equal(status == CAPTURE_PACKETS, got > 0);
		for (size_t i = 0; i < got; i++) {
			see(&seen, &batch[i]);
			run->in_order = run->in_order && batch[i].time >= last;
			last = batch[i].time;
		}
		capture_count(c, &run->counters);
	}
	assert_int_equal(got, 0);
	assert_int_equal(capture_next(c, &batch, &got), CAPTURE_END);
	capture_count(c, &run->counters);
	capture_progress(c, &run->done, &run->total);

	const struct complaints *problems = capture_problems(c);

	run->problems = problems->errors;
	run->warnings = problems->warnings;
	for (const struct complaint *p = problems->first; p; p = p->next) {
		size_t used = strlen(run->text);

		snprintf(run->text + used, sizeof(run->text) - used, "%s\n", p->text);
	}
	capture_close(c);
	complaints_free(&run->complaints);
	return true;
}

static bool read_path(struct run *run, const char *path)
{
	return read_paths(run, &path, 1);
}

/* Opens captures that must not open; returns whether the complaint says `text`. */
static bool complains(const char *path, const char *text)
{
	struct run run;
	bool found = false;

	assert_false(read_path(&run, path));
	assert_true(run.complaints.errors > 0);
	for (const struct complaint *c = run.complaints.first; c; c = c->next)
		found = found || (strstr(c->text, text) && strstr(c->text, path));
	complaints_free(&run.complaints);
	return found;
}

static void one_file_is_read_from_start_to_end(void **state)
{
	struct run run;

	(void)state;
	write_capture(in_folder("a.pcap"), 100, 1, 1000, 7);
	assert_true(read_path(&run, in_folder("a.pcap")));
	assert_int_equal(seen.count, 1000);
	assert_int_equal(seen.frame[999].time, 1099 * SECOND);
	assert_int_equal(run.problems, 0);
	assert_int_equal(run.total, 24 + 1000 * 36);
	assert_int_equal(run.done, run.total);
	assert_int_equal(counter_read(&run.counters, COUNTER_CAPTURE_FILES), 1);
	assert_int_equal(counter_read(&run.counters, COUNTER_CAPTURE_FILES_FAILED), 0);
}

static void overlapping_files_are_merged_by_packet_time(void **state)
{
	const char *paths[] = {in_folder("c"), in_folder("a"), in_folder("b")};
	struct run run;

	(void)state;
	write_capture(paths[0], 1000, 3, 700, 1);
	write_capture(paths[1], 1001, 3, 700, 2);
	write_capture(paths[2], 2000, 1, 100, 3);
	assert_true(read_paths(&run, paths, 3));
	assert_int_equal(seen.count, 1500);
	assert_true(run.in_order);
	assert_int_equal(run.problems, 0);
	assert_int_equal(seen.frame[0].first, 1);
	assert_int_equal(seen.frame[1].first, 2);
	assert_int_equal(run.done, run.total);
	assert_int_equal(counter_read(&run.counters, COUNTER_CAPTURE_FILES), 3);
}

static void files_that_follow_one_another_are_read_in_time_order_not_name_order(void **state)
{
	struct run run;
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%03u.pcap", i);
		write_capture(in_folder(name), 100000 - 100 * i, 1, 10, (uint8_t)i);
	}
	assert_true(read_path(&run, folder));
	assert_int_equal(seen.count, 3000);
	assert_true(run.in_order);
	assert_int_equal(run.warnings, 0);
	assert_int_equal(run.done, run.total);
	assert_int_equal(counter_read(&run.counters, COUNTER_CAPTURE_FILES), 300);
}

static void packets_of_the_same_time_keep_the_order_of_names(void **state)
{
	struct run run;

	(void)state;
	write_capture(in_folder("b"), 5, 0, 100, 2);
	write_capture(in_folder("a"), 5, 0, 100, 1);
	assert_int_equal(mkdir(in_folder("aa"), 0700), 0);
	write_capture(in_folder("aa/z"), 5, 0, 100, 3);
	assert_true(read_path(&run, folder));
	assert_int_equal(seen.count, 300);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(seen.frame[i].first, 1);
		assert_int_equal(seen.frame[100 + i].first, 3);
		assert_int_equal(seen.frame[200 + i].first, 2);
	}
}

static void more_overlapping_files_than_may_be_open_come_late_but_whole(void **state)
{
	struct run run;
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < 140; i++) {
		snprintf(name, sizeof(name), "%03u.pcap", i);
		write_capture(in_folder(name), 100 + i, 1, 200, (uint8_t)i);
	}
	assert_true(read_path(&run, folder));
	assert_int_equal(seen.count, 140 * 200);
	assert_int_equal(run.problems, 0);
	assert_int_equal(run.warnings, 1);
	assert_non_null(strstr(run.text, "more than 128 files overlap"));
	assert_false(run.in_order);
}

static void few_open_files_are_enough_where_the_system_allows_no_more(void **state)
{
	struct rlimit usual, few;
	struct run run;
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%03u.pcap", i);
		write_capture(in_folder(name), 100, 1, 200, (uint8_t)i);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	few = usual;
	few.rlim_cur = 32;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_true(read_path(&run, folder));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_int_equal(seen.count, 40 * 200);
	assert_int_equal(run.problems, 0);
}

static void a_bad_file_never_stops_a_folder(void **state)
{
	struct run run;
	struct stat about;

	(void)state;
	write_capture(in_folder("a.pcap"), 100, 1, 10, 1);
	write_capture(in_folder("cut.pcap"), 105, 1, 10, 2);
	assert_int_equal(truncate(in_folder("cut.pcap"), 24 + 36 * 9 + 20), 0);
	write_capture(in_folder("header.pcap"), 105, 1, 10, 3);
	assert_int_equal(truncate(in_folder("header.pcap"), 20), 0);
	write_capture(in_folder("first.pcap"), 105, 1, 10, 4);
	assert_int_equal(truncate(in_folder("first.pcap"), 24 + 17), 0);
	write_capture(in_folder("none.pcap"), 105, 1, 0, 5);
	write_text(in_folder("notes.txt"));
	write_file(in_folder("empty"), (struct bytes){0});
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_int_equal(symlink("nowhere", in_folder("broken-link")), 0);
	assert_int_equal(symlink("..", in_folder("circle")), 0);
	assert_int_equal(stat(in_folder("notes.txt"), &about), 0);

	assert_true(read_path(&run, folder));
	assert_int_equal(seen.count, 19);
	assert_true(run.in_order);
	/* cut, header, first; and notes, empty, fifo, broken-link, circle */
	assert_int_equal(run.problems, 3);
	assert_int_equal(run.warnings, 5);
	assert_non_null(strstr(run.text, "cut.pcap: byte 348: cut off"));
	assert_non_null(strstr(run.text, "header.pcap: cut off"));
	assert_non_null(strstr(run.text, "first.pcap: byte 24: cut off"));
	assert_non_null(strstr(run.text, "notes.txt: warning: this is no capture file"));
	assert_int_equal(counter_read(&run.counters, COUNTER_CAPTURE_FILES_FAILED), 3);
}

static void a_link_is_followed_where_it_is_named_and_only_there(void **state)
{
	struct run run;

	(void)state;
	assert_int_equal(mkdir(in_folder("real"), 0700), 0);
	write_capture(in_folder("real/a.pcap"), 100, 1, 10, 1);
	assert_int_equal(symlink("a.pcap", in_folder("real/latest")), 0);
	assert_int_equal(symlink("real", in_folder("linked")), 0);
	assert_true(read_path(&run, in_folder("linked")));
	assert_int_equal(seen.count, 10);
	assert_non_null(strstr(run.text, "latest: warning: a symbolic link"));
	assert_true(read_path(&run, in_folder("real/latest")));
	assert_int_equal(seen.count, 10);
}

static void a_file_that_vanishes_is_a_problem(void **state)
{
	const char *paths[] = {in_folder("a"), in_folder("b")};
	struct complaints complaints = {0};
	const struct frame *batch;
	size_t count, all = 0;

	(void)state;
	write_capture(paths[0], 100, 1, 10, 1);
	write_capture(paths[1], 200, 1, 10, 1);

	struct capture *c = capture_open_files(paths, 2, &complaints);

	assert_non_null(c);
	assert_int_equal(unlink(paths[1]), 0);
	while (capture_next(c, &batch, &count) != CAPTURE_END)
		all += count;
	assert_int_equal(all, 10);
	assert_int_equal(capture_problems(c)->errors, 1);
	capture_close(c);
}

static void a_named_file_that_is_no_capture_is_a_complaint(void **state)
{
	(void)state;
	write_text(in_folder("notes.txt"));
	assert_true(complains(in_folder("notes.txt"), "this is no capture file; expected pcap"));
	write_file(in_folder("empty"), (struct bytes){0});
	assert_true(complains(in_folder("empty"), "the file is empty"));
	assert_true(complains(in_folder("missing"), "No such file"));
	assert_int_equal(mkdir(in_folder("hollow"), 0700), 0);
	assert_true(complains(in_folder("hollow"), "no capture file in it"));
	assert_int_equal(rename(in_folder("notes.txt"), in_folder("hollow/notes.txt")), 0);
	assert_true(complains(in_folder("hollow"), "no capture file in it"));
}

static void all_mistakes_are_told_at_once(void **state)
{
	const char *paths[] = {in_folder("missing"), in_folder("good"), in_folder("text")};
	struct run run;

	(void)state;
	write_capture(paths[1], 1, 1, 1, 1);
	write_text(paths[2]);
	assert_false(read_paths(&run, paths, 3));
	assert_int_equal(run.complaints.errors, 2);
	complaints_free(&run.complaints);
}

static void a_named_file_cut_in_its_header_is_a_problem_not_a_complaint(void **state)
{
	struct run run;

	(void)state;
	write_capture(in_folder("cut"), 1, 1, 1, 1);
	assert_int_equal(truncate(in_folder("cut"), 20), 0);
	assert_true(read_path(&run, in_folder("cut")));
	assert_int_equal(seen.count, 0);
	assert_int_equal(run.problems, 1);
}

static void standard_input_is_merged_with_files(void **state)
{
	const char *paths[] = {in_folder("a"), "-", in_folder("b")};
	struct sample s = {0};
	struct run run;
	int usual = dup(STDIN_FILENO), ends[2];

	(void)state;
	write_capture(paths[0], 1000, 2, 100, 1);
	write_capture(paths[2], 1100, 2, 100, 2);
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	for (uint32_t i = 0; i < 100; i++)
		put_pcap_packet(&s, 1001 + 3 * i, 0, 20, 3);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], s.at, s.len), s.len);
	close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_true(read_paths(&run, paths, 3));
	assert_int_equal(dup2(usual, STDIN_FILENO), STDIN_FILENO);
	close(usual);
	assert_int_equal(seen.count, 300);
	assert_true(run.in_order);
	assert_int_equal(run.total, 0); /* unknown */
	assert_true(run.done > 0);
	sample_free(&s);
}

static void standard_input_alone_may_be_a_file(void **state)
{
	struct run run;
	int usual = dup(STDIN_FILENO), fd;

	(void)state;
	write_capture(in_folder("a"), 1, 1, 500, 1);
	fd = open(in_folder("a"), O_RDONLY);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	assert_true(read_path(&run, "-"));
	assert_int_equal(dup2(usual, STDIN_FILENO), STDIN_FILENO);
	close(usual);
	assert_int_equal(seen.count, 500);
	assert_int_equal(run.done, run.total);
}

static void a_silent_pipe_holds_the_merge_without_blocking(void **state)
{
	const char *paths[] = {in_folder("a"), in_folder("pipe")};
	struct complaints complaints = {0};
	const struct frame *batch;
	struct sample s = {0};
	size_t count;
	int fd;

	(void)state;
	write_capture(paths[0], 100, 1, 10, 1);
	assert_int_equal(mkfifo(paths[1], 0600), 0);
	fd = open(paths[1], O_RDWR);
	assert_true(fd >= 0);
	put_pcap_header(&s, 0xa1b2c3d4, 262144);
	assert_int_equal(write(fd, s.at, s.len), s.len);

	struct capture *c = capture_open_files(paths, 2, &complaints);

	assert_non_null(c);
	assert_int_equal(capture_next(c, &batch, &count), CAPTURE_IDLE);
	assert_int_equal(count, 0);
	s.len = 0;
	put_pcap_packet(&s, 105, 0, 1, 2);
	assert_int_equal(write(fd, s.at, s.len), s.len);
	assert_int_equal(capture_next(c, &batch, &count), CAPTURE_PACKETS);
	assert_int_equal(count, 7); /* 100 to 105 of the file, then 105 of the pipe */
	assert_int_equal(batch[6].data.at[0], 2);
	assert_int_equal(capture_next(c, &batch, &count), CAPTURE_IDLE);
	capture_close(c);
	close(fd);
	sample_free(&s);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        WITH_FOLDER(one_file_is_read_from_start_to_end),
	        WITH_FOLDER(overlapping_files_are_merged_by_packet_time),
	        WITH_FOLDER(files_that_follow_one_another_are_read_in_time_order_not_name_order),
	        WITH_FOLDER(packets_of_the_same_time_keep_the_order_of_names),
	        WITH_FOLDER(more_overlapping_files_than_may_be_open_come_late_but_whole),
	        WITH_FOLDER(few_open_files_are_enough_where_the_system_allows_no_more),
	        WITH_FOLDER(a_bad_file_never_stops_a_folder),
	        WITH_FOLDER(a_link_is_followed_where_it_is_named_and_only_there),
	        WITH_FOLDER(a_file_that_vanishes_is_a_problem),
	        WITH_FOLDER(a_named_file_that_is_no_capture_is_a_complaint),
	        WITH_FOLDER(all_mistakes_are_told_at_once),
	        WITH_FOLDER(a_named_file_cut_in_its_header_is_a_problem_not_a_complaint),
	        WITH_FOLDER(standard_input_is_merged_with_files),
	        WITH_FOLDER(a_silent_pipe_holds_the_merge_without_blocking),
	        WITH_FOLDER(standard_input_alone_may_be_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
