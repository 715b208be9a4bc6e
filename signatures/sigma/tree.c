/* Making the trees of rules. */
#include "signatures/sigma/tree.h"

static struct node *node_new(struct memory *m, enum node_kind kind)
{
	struct node *n = memory_alloc(m, sizeof(*n));

	n->kind = kind;
	return n;
}

struct node *node_constant(struct memory *m, bool truth)
{
	struct node *n = node_new(m, NODE_CONSTANT);

	n->constant = truth;
	return n;
}

struct node *node_test(struct memory *m, const struct test *test)
{
	struct node *n = node_new(m, NODE_TEST);

	n->test = test;
	return n;
}

struct node *node_not(struct memory *m, struct node *child)
{
	struct node *n = node_new(m, NODE_NOT);

	node_add(m, n, child);
	return n;
}

struct node *node_group(struct memory *m, enum node_kind kind)
{
	return node_new(m, kind);
}

void node_add(struct memory *m, struct node *group, struct node *child)
{
	group->child = memory_room(m, group->child, group->count, sizeof(struct node *));
	group->child[group->count++] = child;
}

size_t node_size(const struct node *n, size_t limit)
{
	size_t size = 1;

	for (size_t i = 0; i < n->count && size <= limit; i++)
		size += node_size(n->child[i], limit - size);
	return size;
}
