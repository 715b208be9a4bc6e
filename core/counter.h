/* Counters: one table, filled by one thread each and read by anyone.
 *
 * Every thread that counts owns a `struct counters`; sums over all of them are what users see. */
#ifndef CMTAP_CORE_COUNTER_H
#define CMTAP_CORE_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#define COUNTER(id, name, group, meaning) COUNTER_##id,
enum counter {
#include "core/counters.def"
	COUNTER_COUNT
};
#undef COUNTER

enum counter_group {
	GROUP_DISSECTED,
	GROUP_NO_INTEREST,
	GROUP_MALFORMED,
	GROUP_OVER_CAP,
	GROUP_OTHER,
};

struct counter_info {
	const char *name;
	enum counter_group group;
	const char *meaning;
};

extern const struct counter_info counter_info[COUNTER_COUNT];

struct counters {
	uint64_t value[COUNTER_COUNT];
};

/* Only the owning thread adds, so a plain load and a plain store do. */
static inline void counter_add(struct counters *c, enum counter which, uint64_t n)
{
	__atomic_store_n(&c->value[which], c->value[which] + n, __ATOMIC_RELAXED);
}

static inline void count(struct counters *c, enum counter which)
{
	counter_add(c, which, 1);
}

static inline uint64_t counter_read(const struct counters *c, enum counter which)
{
	return __atomic_load_n(&c->value[which], __ATOMIC_RELAXED);
}

/* Makes the ledger, the counters of every group but OTHER, what it is in `from`. */
void counters_copy_ledger(struct counters *to, const struct counters *from);

/* Adds every counter of `from` to `sum`, which only the caller uses. */
void counters_sum(struct counters *sum, const struct counters *from);

/* The sum of one group. */
uint64_t counters_group(const struct counters *c, enum counter_group group);

#endif
