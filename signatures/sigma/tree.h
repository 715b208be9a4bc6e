/* What a rule asks of an event, as a tree: tests below all, any and not.
 *
 * Search identifiers and field items carry labels, so that a rule author can be told which of them
 * held. The trees of identifiers are shared by every place of a condition that names them. */
#ifndef CMTAP_SIGNATURES_SIGMA_TREE_H
#define CMTAP_SIGNATURES_SIGMA_TREE_H

#include "signatures/sigma/test.h"

enum node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_TEST, NODE_CONSTANT };

struct node {
	enum node_kind kind;
	bool constant; /* of NODE_CONSTANT */
	const struct test *test;
	uint32_t predicate; /* the number of the test, when compiled */
	struct node **child;
	size_t count;
	uint8_t rank;      /* how dear it is to ask, + 1; 0 when not known yet */
	bool is_search;    /* the tree of a search identifier */
	const char *label; /* its name; of an item, the field with its modifiers; else NULL */
	unsigned line;
};

struct node *node_constant(struct memory *m, bool truth);
struct node *node_test(struct memory *m, const struct test *test);
struct node *node_not(struct memory *m, struct node *child);
/* NODE_ALL or NODE_ANY, without children yet. */
struct node *node_group(struct memory *m, enum node_kind kind);
void node_add(struct memory *m, struct node *group, struct node *child);

/* How many nodes a walk would see, shared ones each time; at most `limit` + 1. */
size_t node_size(const struct node *n, size_t limit);

#endif
