/* A YAML tree while it is put together: what core/yaml.c and core/yaml_tree.c share. */
#ifndef CMTAP_CORE_YAML_TREE_H
#define CMTAP_CORE_YAML_TREE_H

#include "core/yaml.h"

#include <yaml.h>

#define DEPTH_MAX   64
#define ANCHORS_MAX 1000

struct chunk;

/* A node, and what stands below it. */
struct part {
	struct yaml_node node;
	uint32_t nodes; /* of the tree that starts here, aliases counted where they are used */
	unsigned height;
	bool open; /* a collection whose end has not come */
};

struct anchor {
	char *name;
	struct part *part;
};

struct collection {
	struct part *part;
	size_t first; /* of its children in `child` */
};

struct building {
	const char *file;
	struct complaints *complaints;
	yaml_parser_t parser;
	struct chunk *chunks;
	struct yaml_document *first, **last, *document;
	struct collection open[DEPTH_MAX];
	unsigned depth;
	struct part **child; /* parts whose collection is still open */
	size_t children, child_room;
	size_t anchors;
	size_t nodes; /* in the file */
	bool holds_something;
	bool damaged;                      /* the document has an error that leaves it readable */
	bool failed;                       /* no use in reading on */
	struct anchor anchor[ANCHORS_MAX]; /* the last: not cleared */
};

/* Each takes one event of libyaml. What is wrong becomes a complaint, and sets `damaged` or
 * `failed`.
 */
void yaml_on_document(struct building *b);
void yaml_on_document_end(struct building *b);
void yaml_on_alias(struct building *b, const yaml_event_t *e);
void yaml_on_scalar(struct building *b, const yaml_event_t *e);
void yaml_on_start(struct building *b, enum yaml_kind kind, const yaml_event_t *e);
void yaml_on_end(struct building *b);

void yaml_anchors_forget(struct building *b);
/* Frees the nodes and documents of a file: its chunks. */
void yaml_pool_free(void *chunks);

#endif
