/* Fuzz target: any bytes as a YAML file; every node of the tree is visited. */
#include "core/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t visit(const struct yaml_node *n, unsigned depth)
{
	size_t sum = 1;

	if (depth > 64)
		abort();
	if (n->kind == YAML_SCALAR)
		return n->text.at[n->text.len] ? 0 : n->text.len;
	for (size_t i = 0; i < n->count; i++) {
		if (n->kind == YAML_MAPPING)
			sum += visit(n->key[i], depth + 1);
		sum += visit(n->item[i], depth + 1);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints complaints = {0};
	struct yaml_document *first =
	        yaml_read_text("fuzz", (struct bytes){data, size}, &complaints);

	if (!first && !complaints.errors)
		abort();
	for (struct yaml_document *d = first; d; d = d->next)
		if (d->root)
			visit(d->root, 0);
	yaml_document_free(first);
	complaints_free(&complaints);
	return 0;
}
