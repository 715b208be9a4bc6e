/* Fuzz target: any text as the condition of a rule with a few searches. */
#include "signatures/sigma/condition.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"s", "sel_a", "sel_b", "filter_x", "_hidden", "a-b"};
	struct memory memory = {0};
	struct complaints complaints = {0};
	const struct sigma_options options = {0};
	struct yaml_node place = {.line = 1, .column = 1};
	struct reading r = {
	        .memory = &memory, .complaints = &complaints, .options = &options, .file = "fuzz"};
	struct search searches[6];
	struct searches all = {searches, 6};

	if (setjmp(memory.out))
		abort();
	for (size_t i = 0; i < 6; i++)
		searches[i] =
		        (struct search){.name = names[i], .tree = node_constant(&memory, i % 2)};

	struct node *n = condition_read(&r, &place, (struct bytes){data, size}, &all);

	if (!n == !r.errors)
		abort();
	if (n && node_size(n, 1u << 20) > 1u << 20)
		abort();
	memory_free(&memory);
	complaints_free(&complaints);
	return 0;
}
