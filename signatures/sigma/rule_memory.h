/* Memory of a rule set: many pieces that all end together.
 *
 * For loading only. Running out of memory leaves by one door: a jump to `out`, which the loader
 * sets before anything else; so nothing that reads rules checks for NULL. */
#ifndef CMTAP_SIGNATURES_SIGMA_RULE_MEMORY_H
#define CMTAP_SIGNATURES_SIGMA_RULE_MEMORY_H

#include "core/bytes.h"

#include <setjmp.h>

struct memory_chunk;

struct memory {
	struct memory_chunk *chunks;
	jmp_buf out;
};

/* `n` zeroed bytes, aligned for any type. */
void *memory_alloc(struct memory *m, size_t n);

/* The array with room for one more than its `count` elements of `size` bytes. It grows by doubling
 * and may move. */
void *memory_room(struct memory *m, void *array, size_t count, size_t size);

/* A copy with a NUL behind its end. */
struct bytes memory_copy(struct memory *m, struct bytes b);
const char *memory_text(struct memory *m, const char *text);

void memory_free(struct memory *m);

#endif
