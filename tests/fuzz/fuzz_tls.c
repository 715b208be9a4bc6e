/* Fuzz target: any bytes as both sides of a TLS connection. The input is pieces: a byte whose top
 * bit says the side, its others the length, then so many bytes. */
#include "tests/support/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial t;
	size_t at = 0;

	trial_open(&t);
	t.server_port = 443;
	trial_handshake(&t);
	while (at + 1 < size) {
		size_t most = size - at - 1, n = (data[at] & 0x7fu) * 8 + 1u;
		enum side side = data[at] & 0x80 ? SERVER : CLIENT;

		n = n < most ? n : most;
		trial_send(&t, side, (struct bytes){data + at + 1, n});
		at += n + 1;
	}
	trial_close(&t);
	return 0;
}
