/* The table of counters, made from counters.def. */
#include "core/counter.h"

#define COUNTER(id, name, group, meaning) [COUNTER_##id] = {name, GROUP_##group, meaning},
const struct counter_info counter_info[COUNTER_COUNT] = {
#include "core/counters.def"
};
#undef COUNTER

void counters_copy_ledger(struct counters *to, const struct counters *from)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		if (counter_info[i].group != GROUP_OTHER)
			__atomic_store_n(&to->value[i], counter_read(from, (enum counter)i),
			                 __ATOMIC_RELAXED);
}

void counters_sum(struct counters *sum, const struct counters *from)
{
	for (int i = 0; i < COUNTER_COUNT; i++)
		sum->value[i] += counter_read(from, (enum counter)i);
}

uint64_t counters_group(const struct counters *c, enum counter_group group)
{
	uint64_t sum = 0;

	for (int i = 0; i < COUNTER_COUNT; i++)
		if (counter_info[i].group == group)
			sum += counter_read(c, (enum counter)i);
	return sum;
}
