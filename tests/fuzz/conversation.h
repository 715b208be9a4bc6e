/* For fuzz targets that talk: one trial that is used again and again, and must be empty between. */
#ifndef CMTAP_TESTS_FUZZ_CONVERSATION_H
#define CMTAP_TESTS_FUZZ_CONVERSATION_H

#include "core/reader.h"
#include "dissectors/dissector.h"
#include "tests/support/trial.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The trial, as after trial_open(). */
static inline struct trial *conversation_begin(void)
{
	static struct trial t;
	static bool is_open;

	if (!is_open)
		trial_open(&t);
	is_open = true;
	t.now = INT64_C(1790000000000000000);
	t.sent[CLIENT] = t.sent[SERVER] = 0;
	t.server_port = 80;
	t.protocol = 17;
	return &t;
}

/* Everything ends, as after a long silence: trial_end() would leave a table of flows that takes no
 * more. Nothing may be left behind. */
static inline void conversation_end(struct trial *t)
{
	flow_sweep(&t->flows, INT64_MAX, TRIAL_FLOWS);
	arena_reset(&t->bench.scratch);
	if (t->bench.blocks.used)
		abort();
	for (size_t i = 0; i < t->events; i++)
		free(t->record[i]);
	t->events = 0;
	memset(&t->counters, 0, sizeof(t->counters));
}

#endif
