/* Fuzz target: any bytes inside TLS records that the keys of a connection open. The input is
 * pieces: a byte whose top bits say the side, the type and whether the keys become those of
 * application data, its others the length, then so many bytes. */
#include "tests/support/tls_sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t types[4] = {23, 22, 21, 20};
	bool traffic[2] = {false, false};
	struct sealer sealer[2];
	struct trial t;
	size_t at = 0;

	sealed_trial_open(&t, sealer);
	while (at + 2 < size) {
		enum side side = data[at] & 0x80 ? SERVER : CLIENT;
		uint8_t type = types[data[at] >> 5 & 3];
		size_t most = size - at - 2, n = data[at + 1] * 4u + 1;

		if (data[at] & 0x10 && !traffic[side]) {
			traffic[side] = true;
			sealer_begin(&sealer[side], side == CLIENT ? SECRET_CLIENT_TRAFFIC
			                                           : SECRET_SERVER_TRAFFIC);
		}
		n = n < most ? n : most;
		trial_send(&t, side,
		           sealed(&sealer[side], type, (struct bytes){data + at + 2, n},
		                  data[at] & 15));
		at += n + 2;
	}
	sealed_trial_close(&t);
	return 0;
}
