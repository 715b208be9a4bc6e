/* Fuzz target: any text as a file of overrides for a few rules, and as a mapping of foreign names;
 * both are read from a file in memory. What an override leaves is asked of an event. */
#include "core/clock.h"
#include "signatures/sigma/sigma.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define RULES                                                                                      \
	"title: A\nname: a\nlevel: high\nlogsource: {service: http}\n"                             \
	"detection: {s: {http.request.method: GET}, condition: s}\n---\n"                          \
	"title: E\nname: e\nstatus: experimental\nlogsource: {service: http}\n"                    \
	"detection: {s: {http.request.method: GET}, condition: s}\n---\n"                          \
	"title: F\nname: f\ncorrelation: {type: event_count, rules: [a], group-by: [client.ip], "  \
	"timespan: 10s, condition: {gte: 5}}\n---\n"                                               \
	"title: V\nname: v\ncorrelation: {type: value_sum, rules: [a], group-by: [client.ip], "    \
	"timespan: 10s, condition: {field: server.port, gte: 100}}\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_hit(void *context, const struct sigma_hit *hit)
{
	(void)context;
	if (hit->rule->disabled || hit->rule->level > SIGMA_CRITICAL)
		abort();
}

static void ask(struct sigma_set *set)
{
	struct sigma_detector *d = sigma_detector_open(set, (struct sigma_limits){1u << 20});
	struct event *ev = calloc(1, sizeof(*ev));

	if (!d || !ev)
		abort();
	for (int i = 0; i < 6; i++) {
		event_begin(ev, EVENT_HTTP, (1767225600 + i) * SECOND);
		event_set_name(ev, FIELD_HTTP_REQUEST_METHOD, "GET");
		event_set_integer(ev, FIELD_SERVER_PORT, 80);
		event_set_address(ev, FIELD_CLIENT_IP,
		                  address_from((struct bytes){(const uint8_t *)"\x0a\1\2\3", 4}));
		sigma_detect(d, ev, on_hit, NULL);
	}
	sigma_detector_close(d);
	free(ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = -1;
	char path[64];
	struct complaints complaints = {0};
	struct sigma_options options = {.overrides = path}, mapped = {0};
	struct sigma_mapping *mapping;
	struct sigma_set *set;

	if (file < 0)
		file = memfd_create("fuzz", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	set = sigma_load_text_with(&options, "fuzz", BYTES(RULES), &complaints);
	ask(set);
	sigma_free(set);
	mapping = sigma_mapping_read(path, &complaints);
	if (mapping)
		sigma_mapping_use(mapping, &mapped);
	set = sigma_load_text_with(&mapped, "fuzz", BYTES(RULES), &complaints);
	sigma_free(set);
	sigma_mapping_free(mapping);
	complaints_free(&complaints);
	return 0;
}
