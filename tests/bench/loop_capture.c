/* Bench contender: the sensor's own capture files, counting packets and bytes and nothing else.
 * loop_capture FILE... */
#include "sensor/capture/capture.h"

#include <inttypes.h>

int main(int argc, char **argv)
{
	struct complaints complaints = {0};
	const struct frame *batch;
	uint64_t packets = 0, bytes = 0;
	size_t count;
	struct capture *c =
	        capture_open_files((const char *const *)argv + 1, (size_t)argc - 1, &complaints);

	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	if (!c)
		return 2;
	while (capture_next(c, &batch, &count) != CAPTURE_END) {
		packets += count;
		for (size_t i = 0; i < count; i++)
			bytes += batch[i].wire_length;
	}
	complaints_print(capture_problems(c), stderr);
	printf("%" PRIu64 " packets, %" PRIu64 " bytes\n", packets, bytes);
	capture_close(c);
	return 0;
}
