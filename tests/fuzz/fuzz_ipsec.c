/* Fuzz target: any datagrams on UDP 500 or 4500, or as ESP, AH or WESP. The first byte says which;
 * then each datagram is a byte (side, and whether its end was not captured), a length and bytes. */
#include "core/reader.h"
#include "tests/support/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		uint8_t protocol;
		uint16_t port;
	} way[] = {{IP_PROTOCOL_UDP, 500},
	           {IP_PROTOCOL_UDP, 4500},
	           {IP_PROTOCOL_ESP, 0},
	           {IP_PROTOCOL_AH, 0},
	           {IP_PROTOCOL_WESP, 0}};
	struct reader r = reader_over((struct bytes){data, size});
	size_t which = reader_u8(&r) % (sizeof(way) / sizeof(*way));
	struct trial t;

	trial_open(&t);
	t.protocol = way[which].protocol;
	t.client_port = t.server_port = way[which].port;
	while (reader_left(&r)) {
		uint8_t how = reader_u8(&r);
		size_t length = reader_u8(&r) * 4u;
		struct bytes b = reader_peek(&r, length);

		reader_skip(&r, b.len);
		trial_datagram_cut(&t, how & 1 ? SERVER : CLIENT, b, how & 2 ? b.len / 2 : b.len);
	}
	trial_close(&t);
	return 0;
}
