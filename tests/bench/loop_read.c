/* Bench contender: a bare read() loop, the physical limit of reading a file through the page cache.
 * loop_read FILE [BUFFER_KIB] */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t size = (argc > 2 ? strtoul(argv[2], NULL, 10) : 512) << 10;
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	uint8_t *buffer = aligned_alloc(4096, size);
	uint64_t bytes = 0, touched = 0;

	if (fd < 0 || !buffer) {
		perror(argc > 1 ? argv[1] : "usage: loop_read FILE [BUFFER_KIB]");
		return 2;
	}
	for (ssize_t n = read(fd, buffer, size); n > 0; n = read(fd, buffer, size)) {
		bytes += (uint64_t)n;
		touched += buffer[n - 1];
	}
	printf("%llu bytes (%llu)\n", (unsigned long long)bytes, (unsigned long long)touched);
	free(buffer);
	close(fd);
	return 0;
}
