/* Fuzz target: any bytes as a key log file. */
#include "sensor/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints complaints = {0};
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

	if (!file)
		return 0;
	tls_secrets_close(keylog_take(file, "keys.log", 4, &complaints));
	fclose(file);
	complaints_free(&complaints);
	return 0;
}
