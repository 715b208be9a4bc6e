/* Live capture on the loopback interface; without the permission to capture these tests are
 * skipped.
 */
#include "samples.h"

#include "core/clock.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 47654

static const struct capture_live_options usual = {.snap_length = 262144, .buffer_bytes = 4 << 20};

/* The loopback interface, or a skipped test. */
static struct capture *open_loopback(void)
{
	struct complaints complaints = {0};
	struct capture *c = capture_open_live("lo", usual, &complaints);

	if (c)
		return c;
	assert_true(complaints.errors > 0);
	print_message("%s\n", complaints.first->text);
	complaints_free(&complaints);
	skip();
	return NULL;
}

static void send_datagrams(unsigned count, size_t size)
{
	static const uint8_t bytes[1400] = "cmtap";
	struct sockaddr_in to = {
	        .sin_family = AF_INET,
	        .sin_port = htons(PORT),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	for (unsigned i = 0; i < count; i++)
		sendto(fd, bytes, size, 0, (const struct sockaddr *)&to, sizeof(to));
	close(fd);
}

/* Whether a frame is one of our datagrams: Ethernet, IPv4, UDP to our port. */
static bool is_ours(const struct frame *f)
{
	struct reader r = reader_over(f->data);

	reader_skip(&r, 14 + 9);
	if (reader_u8(&r) != 17)
		return false;
	reader_skip(&r, 10 + 2);
	return reader_u16be(&r) == PORT && reader_ok(&r);
}

static void frames_of_an_interface_are_seen_whole_and_in_time(void **state)
{
	struct capture *c = open_loopback();
	const struct frame *batch;
	unsigned ours = 0;
	size_t count;

	(void)state;
	send_datagrams(500, 1000);
	for (unsigned idle = 0; idle < 20 && ours < 500;) {
		enum capture_status status = capture_next(c, &batch, &count);

		assert_int_not_equal(status, CAPTURE_END);
		assert_int_equal(status == CAPTURE_PACKETS, count > 0);
		idle += status == CAPTURE_IDLE;
		for (size_t i = 0; i < count; i++) {
			if (!is_ours(&batch[i]))
				continue;
			ours++;
			assert_int_equal(batch[i].data.len, 14 + 20 + 8 + 1000);
			assert_int_equal(batch[i].wire_length, 14 + 20 + 8 + 1000);
			assert_int_equal(batch[i].link_type, LINK_ETHERNET);
			assert_true(wall_clock() - batch[i].time < 10 * SECOND);
			assert_true(batch[i].time - wall_clock() < SECOND);
		}
	}
	assert_int_equal(ours, 500);
	assert_int_equal(capture_problems(c)->errors, 0);
	capture_close(c);
}

static void a_quiet_interface_lets_its_reader_go(void **state)
{
	struct capture *c = open_loopback();
	const struct frame *batch;
	int64_t start = wall_clock();
	size_t count;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_not_equal(capture_next(c, &batch, &count), CAPTURE_END);
	assert_true(wall_clock() - start < 2 * SECOND);
	capture_close(c);
}

static void what_the_kernel_drops_is_counted(void **state)
{
	struct counters counters = {0};
	struct complaints complaints = {0};
	struct capture_live_options small = {.snap_length = 65536, .buffer_bytes = 1 << 20};
	struct capture *c = capture_open_live("lo", small, &complaints);
	const struct frame *batch;
	unsigned got = 0;
	size_t count;

	(void)state;
	complaints_free(&complaints);
	if (!c)
		skip();
	send_datagrams(20000, 1400); /* 28 MB into a ring of 1 MB */
	while (capture_next(c, &batch, &count) == CAPTURE_PACKETS)
		got += (unsigned)count;
	capture_count(c, &counters);
	assert_true(got > 0);
	assert_true(counter_read(&counters, COUNTER_CAPTURE_KERNEL_DROPPED) > 0);

	uint64_t told = counter_read(&counters, COUNTER_CAPTURE_KERNEL_DROPPED);

	capture_count(c, &counters);
	assert_int_equal(counter_read(&counters, COUNTER_CAPTURE_KERNEL_DROPPED), told);
	capture_close(c);
}

static void an_unknown_interface_is_a_complaint_that_names_what_exists(void **state)
{
	struct complaints complaints = {0};

	(void)state;
	assert_null(capture_open_live("l0", usual, &complaints));
	assert_int_equal(complaints.errors, 1);
	if (strstr(complaints.first->text, "permission"))
		print_message("not permitted to find out\n");
	else
		assert_non_null(strstr(complaints.first->text,
		                       "no such network interface, perhaps lo was meant"));
	complaints_free(&complaints);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(frames_of_an_interface_are_seen_whole_and_in_time),
	        cmocka_unit_test(a_quiet_interface_lets_its_reader_go),
	        cmocka_unit_test(what_the_kernel_drops_is_counted),
	        cmocka_unit_test(an_unknown_interface_is_a_complaint_that_names_what_exists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
