/* Fuzz target: a conversation over TCP that may be TDS: { side(1) length(2, little endian) bytes }.
 */
#include "core/reader.h"
#include "tests/support/trial.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes){data, size});
	struct trial t;

	trial_open(&t);
	t.server_port = 1433;
	trial_handshake(&t);
	while (reader_left(&r)) {
		uint8_t from = reader_u8(&r);
		uint16_t len = reader_u16le(&r);
		struct bytes part = reader_peek(&r, len);

		reader_skip(&r, part.len);
		/* A large value is a loss before these bytes. */
		if (from >= 0xf0)
			t.sent[from & 1] += 100;
		if (part.len)
			trial_send(&t, from & 1 ? SERVER : CLIENT, part);
	}
	trial_end(&t);
	if (t.bench.blocks.used)
		abort();
	trial_close(&t);
	return 0;
}
