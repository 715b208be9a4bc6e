/* Fuzz target: security tokens of one logon: { side(1) length(2, little endian) token }. */
#include "dissectors/auth/logon.h"
#include "tests/fuzz/conversation.h"
#include "tests/support/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow_facts flow;
	struct reader r = reader_over((struct bytes){data, size});
	struct logon logon = {0};
	struct trial *t = conversation_begin();
	struct dissection d = {.bench = &t->bench, .flow = &flow};

	while (reader_left(&r)) {
		uint8_t from = reader_u8(&r);
		uint16_t len = reader_u16le(&r);
		struct bytes token = reader_peek(&r, len);

		reader_skip(&r, token.len);
		logon_token(&d, &logon, from & 1 ? SERVER : CLIENT, guarded(token));
		if (from >= 0xf0)
			logon_lost(&logon);
		logon_emit(&d, &logon, "smb", NULL, NULL);
		arena_reset(&t->bench.scratch);
	}
	conversation_end(t);
	return 0;
}
