/* Fuzz target: a conversation over TCP that may be DCE/RPC: { side(1) length(2, little endian)
 * bytes }. */
#include "tests/fuzz/conversation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over((struct bytes){data, size});
	struct trial *t = conversation_begin();

	t->server_port = 135;
	trial_handshake(t);
	while (reader_left(&r)) {
		uint8_t from = reader_u8(&r);
		uint16_t len = reader_u16le(&r);
		struct bytes part = reader_peek(&r, len);

		reader_skip(&r, part.len);
		/* A large value is a loss before these bytes. */
		if (from >= 0xf0)
			t->sent[from & 1] += 100;
		if (part.len)
			trial_send(t, from & 1 ? SERVER : CLIENT, part);
	}
	conversation_end(t);
	return 0;
}
