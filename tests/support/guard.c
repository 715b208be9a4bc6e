/* One mapping for all: its last page is PROT_NONE, and copies end where that page begins. */
#include "tests/support/guard.h"

#include <stdlib.h>
#include <sys/mman.h>

#define ROOM  ((size_t)1 << 20)
#define GUARD ((size_t)4096)

struct bytes guarded(struct bytes b)
{
	static uint8_t *room;

	if (!room) {
		room = mmap(NULL, ROOM + GUARD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		            -1, 0);
		if (room == MAP_FAILED || mprotect(room + ROOM, GUARD, PROT_NONE) != 0)
			abort();
	}
	if (b.len > ROOM)
		abort();
	if (b.len)
		memcpy(room + ROOM - b.len, b.at, b.len);
	return (struct bytes){room + ROOM - b.len, b.len};
}
