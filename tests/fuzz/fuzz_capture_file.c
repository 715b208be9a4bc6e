/* Fuzzing of capture files: whatever the bytes, reading them ends, harms nothing, and gives the
 * same frames whether they come through a tiny buffer or a large one. */
#include "sensor/capture/source.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum source_opened opened;
	uint64_t frames, hash;
};

static uint64_t hash_more(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static uint64_t hash_frame(uint64_t hash, const struct frame *f)
{
	hash = hash_more(hash, (uint64_t)f->time);
	hash = hash_more(hash, f->wire_length);
	hash = hash_more(hash, f->link_type);
	hash = hash_more(hash, f->data.len);
	for (size_t i = 0; i < f->data.len; i++)
		hash = hash_more(hash, f->data.at[i]);
	return hash;
}

static struct outcome read_all(struct bytes file, size_t buffer)
{
	struct frame batch[CAPTURE_BATCH];
	struct source source;
	struct outcome outcome = {source_open_memory(&source, file, buffer), 0, 0};
	size_t count;

	if (outcome.opened == SOURCE_OPEN) {
		while (source_batch(&source, batch, &count) == CAPTURE_PACKETS) {
			if (!count || count > CAPTURE_BATCH)
				abort();
			outcome.frames += count;
			for (size_t i = 0; i < count; i++) {
				if (batch[i].time < 0 || batch[i].data.len > batch[i].wire_length)
					abort();
				outcome.hash = hash_frame(outcome.hash, &batch[i]);
			}
		}
	} else if (!source.problem[0]) {
		abort();
	}
	source_close(&source);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = {data, size};
	struct outcome large = read_all(file, 65536), small = read_all(file, 40);

	if (large.opened != small.opened || large.frames != small.frames ||
	    large.hash != small.hash)
		abort();
	return 0;
}
