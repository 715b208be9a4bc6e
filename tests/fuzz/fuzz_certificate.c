/* Fuzz target: any bytes as a certificate that somebody sent. */
#include "core/clock.h"
#include "sensor/site/certificates.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct counters counters;
	static struct certificates *all;
	uint8_t *list = malloc(size + 3);

	if (!all)
		all = certificates_open(16, &counters);
	list[0] = (uint8_t)(size >> 16);
	list[1] = (uint8_t)(size >> 8);
	list[2] = (uint8_t)size;
	if (size)
		memcpy(list + 3, data, size);

	const struct certificate *c =
	        certificates_find(all, (struct bytes){list, size + 3}, SECOND);

	if (c)
		certificate_has_name(c, c->subject);
	free(list);
	return 0;
}
