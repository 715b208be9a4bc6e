/* YAML trees: nodes put together from libyaml's events, with places and caps.
 *
 * All nodes of a file live in one pool of chunks. An alias is the anchored node itself, not a copy,
 * so the caps count what a walk over the tree would see: each part knows how many nodes it stands
 * for and how deep it goes. Used at start and on reload, by one thread at a time. */
#include "core/yaml_tree.h"

#include "core/yaml_scalar.h"

#include <stdlib.h>

#define NODES_MAX   500000
/* Most rule files fit into one; what needs more gets larger ones. */
#define CHUNK_LEAST (8u << 10)
#define CHUNK_MOST  (256u << 10)

#define TOO_MANY_NODES "too many nodes: the cap is 500,000, with aliases written out"

struct chunk {
	struct chunk *next;
	size_t size, used;
	max_align_t at[];
};

static void *pool_alloc(struct building *b, size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (!b->chunks || b->chunks->size - b->chunks->used < n) {
		size_t usual = !b->chunks                         ? CHUNK_LEAST
		               : b->chunks->size < CHUNK_MOST / 2 ? b->chunks->size * 2
		                                                  : CHUNK_MOST;
		size_t size = n > usual ? n : usual;
		struct chunk *c = malloc(sizeof(*c) + size);

		if (!c) {
			complain(b->complaints, b->file, 0, 0, "out of memory");
			b->failed = true;
			return NULL;
		}
		*c = (struct chunk){b->chunks, size, 0};
		b->chunks = c;
	}

	void *at = (uint8_t *)b->chunks->at + b->chunks->used;

	b->chunks->used += n;
	return memset(at, 0, n);
}

void yaml_pool_free(void *memory)
{
	for (struct chunk *c = memory, *next; c; c = next) {
		next = c->next;
		free(c);
	}
}

/* An error after which the rest of the file cannot be understood. */
static void fail(struct building *b, yaml_mark_t at, const char *what)
{
	complain(b->complaints, b->file, (unsigned)at.line + 1, (unsigned)at.column + 1, "%s",
	         what);
	b->failed = true;
}

/* An error that spoils the document it is in. */
static void damage(struct building *b, const struct yaml_node *at, const char *what,
                   const char *word)
{
	complain(b->complaints, b->file, at->line, at->column, "%s%s%.200s%s", what,
	         word ? " '" : "", word ? word : "", word ? "'" : "");
	b->damaged = true;
}

static struct part *part_new(struct building *b, enum yaml_kind kind, yaml_mark_t at)
{
	struct part *p = pool_alloc(b, sizeof(*p));

	if (!p)
		return NULL;
	p->node.kind = kind;
	p->node.line = (unsigned)at.line + 1;
	p->node.column = (unsigned)at.column + 1;
	p->nodes = 1;
	return p;
}

/* Gives the next finished or opened part to the collection it stands in. */
static void part_place(struct building *b, struct part *p, yaml_mark_t at)
{
	if (b->nodes > NODES_MAX) {
		fail(b, at, TOO_MANY_NODES);
		return;
	}
	if (!b->depth) {
		b->document->root = &p->node;
		return;
	}
	if (b->children == b->child_room) {
		size_t room = b->child_room ? b->child_room * 2 : 256;
		struct part **grown = realloc(b->child, room * sizeof(struct part *));

		if (!grown) {
			fail(b, at, "out of memory");
			return;
		}
		b->child = grown;
		b->child_room = room;
	}
	b->child[b->children++] = p;
}

static void anchor_add(struct building *b, const yaml_char_t *name, struct part *p, yaml_mark_t at)
{
	if (!name || b->failed)
		return;
	if (b->anchors == ANCHORS_MAX) {
		fail(b, at, "too many anchors: the cap is 1,000");
		return;
	}

	char *copy = strdup((const char *)name);

	if (!copy) {
		fail(b, at, "out of memory");
		return;
	}
	b->anchor[b->anchors].name = copy;
	b->anchor[b->anchors++].part = p;
}

void yaml_anchors_forget(struct building *b)
{
	while (b->anchors)
		free(b->anchor[--b->anchors].name);
}

void yaml_on_alias(struct building *b, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	struct part *p = NULL;

	for (size_t i = b->anchors; i-- && !p;)
		if (!strcmp(b->anchor[i].name, name))
			p = b->anchor[i].part;
	if (!p)
		fail(b, e->start_mark, "an alias to an anchor that was not set before");
	else if (p->open)
		fail(b, e->start_mark, "an alias inside of what it stands for");
	else if (b->depth + p->height >= DEPTH_MAX)
		fail(b, e->start_mark, "nested too deeply: the cap is 64 levels");
	if (b->failed)
		return;
	b->nodes += p->nodes;
	part_place(b, p, e->start_mark);
}

/* The tags that say no more than the resolver does: what is left of `tag:yaml.org,2002:`. */
static const char *standard_tag(const yaml_char_t *tag)
{
	static const char prefix[] = "tag:yaml.org,2002:";
	const char *text = (const char *)tag;

	return !strncmp(text, prefix, sizeof(prefix) - 1) ? text + sizeof(prefix) - 1 : text;
}

static void scalar_type(struct building *b, struct yaml_node *n, const yaml_event_t *e)
{
	static const char *const tag_of[] = {
	        [YAML_TEXT] = "str",     [YAML_INTEGER] = "int", [YAML_FLOAT] = "float",
	        [YAML_BOOLEAN] = "bool", [YAML_NULL] = "null",   [YAML_DATE] = "timestamp",
	};
	const char *tag = e->data.scalar.tag ? standard_tag(e->data.scalar.tag) : NULL;

	n->type = YAML_TEXT;
	if (tag ? !strcmp(tag, "str") || !strcmp(tag, "!") : !e->data.scalar.plain_implicit)
		return;

	const char *wrong = yaml_scalar_resolve(n);

	if (wrong)
		damage(b, n, wrong, NULL);
	else if (tag && strcmp(tag, tag_of[n->type]) != 0)
		damage(b, n, "a tag that is unknown or does not fit its value:", tag);
}

void yaml_on_scalar(struct building *b, const yaml_event_t *e)
{
	struct part *p = part_new(b, YAML_SCALAR, e->start_mark);
	uint8_t *text = p ? pool_alloc(b, e->data.scalar.length + 1) : NULL;

	if (!text)
		return;
	memcpy(text, e->data.scalar.value, e->data.scalar.length);
	p->node.text = (struct bytes){text, e->data.scalar.length};
	scalar_type(b, &p->node, e);
	b->nodes++;
	part_place(b, p, e->start_mark);
	anchor_add(b, e->data.scalar.anchor, p, e->start_mark);
}

void yaml_on_start(struct building *b, enum yaml_kind kind, const yaml_event_t *e)
{
	bool map = kind == YAML_MAPPING;
	const yaml_char_t *tag = map ? e->data.mapping_start.tag : e->data.sequence_start.tag;
	struct part *p;

	if (b->depth == DEPTH_MAX) {
		fail(b, e->start_mark, "nested too deeply: the cap is 64 levels");
		return;
	}
	p = part_new(b, kind, e->start_mark);
	if (!p)
		return;
	if (tag && strcmp(standard_tag(tag), map ? "map" : "seq") != 0)
		damage(b, &p->node,
		       "a tag that is unknown or does not fit its value:", (const char *)tag);
	p->open = true;
	b->nodes++;
	part_place(b, p, e->start_mark);
	anchor_add(b, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor, p,
	           e->start_mark);
	if (!b->failed)
		b->open[b->depth++] = (struct collection){p, b->children};
}

/* In the order of their values, and of equal ones in the order of the file. */
static int key_order(const void *left, const void *right)
{
	const struct yaml_node *a = *(const struct yaml_node *const *)left;
	const struct yaml_node *b = *(const struct yaml_node *const *)right;
	size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
	int order = a->type != b->type ? (a->type < b->type ? -1 : 1) : 0;

	if (!order && (a->type == YAML_INTEGER || a->type == YAML_BOOLEAN))
		order = (a->integer > b->integer) - (a->integer < b->integer);
	else if (!order) {
		order = memcmp(a->text.at, b->text.at, len);
		if (!order)
			order = (a->text.len > b->text.len) - (a->text.len < b->text.len);
	}
	return order;
}

static int place_order(const void *left, const void *right)
{
	const struct yaml_node *a = *(const struct yaml_node *const *)left;
	const struct yaml_node *b = *(const struct yaml_node *const *)right;
	int order = key_order(left, right);

	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : (a->column > b->column) - (a->column < b->column);
}

static void check_keys(struct building *b, const struct yaml_node *map)
{
	const struct yaml_node **sorted = malloc((map->count + 1) * sizeof(struct yaml_node *));

	if (!sorted) {
		complain(b->complaints, b->file, 0, 0, "out of memory");
		b->failed = true;
		return;
	}
	for (size_t i = 0; i < map->count; i++)
		sorted[i] = map->key[i];
	qsort(sorted, map->count, sizeof(struct yaml_node *), place_order);
	for (size_t i = 1; i < map->count; i++)
		if (!key_order(&sorted[i - 1], &sorted[i]))
			damage(b, sorted[i], "duplicate key", yaml_text(sorted[i]));
	free(sorted);
}

/* Turns the children of a mapping, key and value by turns, into its two arrays. */
static void map_fill(struct building *b, struct part *map, struct part *const *child, size_t count)
{
	const struct yaml_node **key = pool_alloc(b, (count + 1) * sizeof(struct yaml_node *));
	struct yaml_node **value =
	        key ? pool_alloc(b, (count + 1) * sizeof(struct yaml_node *)) : NULL;
	size_t n = 0;

	if (!value)
		return;
	for (size_t i = 0; i < count; i += 2) {
		const struct yaml_node *k = &child[i]->node;

		if (k->kind != YAML_SCALAR)
			damage(b, k, "a key must be a word or a text, not a mapping or a list",
			       NULL);
		else if (bytes_equal(k->text, BYTES("<<")) && k->type == YAML_TEXT)
			damage(b, k, "merge keys are not supported: write the keys out", NULL);
		else {
			key[n] = k;
			value[n++] = &child[i + 1]->node;
		}
	}
	map->node.key = key;
	map->node.item = value;
	map->node.count = n;
	check_keys(b, &map->node);
}

static void list_fill(struct building *b, struct part *list, struct part *const *child,
                      size_t count)
{
	struct yaml_node **item = pool_alloc(b, (count + 1) * sizeof(struct yaml_node *));

	if (!item)
		return;
	for (size_t i = 0; i < count; i++)
		item[i] = &child[i]->node;
	list->node.item = item;
	list->node.count = count;
}

void yaml_on_end(struct building *b)
{
	struct collection *c = &b->open[--b->depth];
	struct part *const *child = b->child ? b->child + c->first : NULL;
	size_t count = child ? b->children - c->first : 0;

	c->part->open = false;
	for (size_t i = 0; i < count; i++) {
		c->part->nodes += child[i]->nodes;
		if (child[i]->height >= c->part->height)
			c->part->height = child[i]->height + 1;
	}
	if (c->part->node.kind == YAML_MAPPING)
		map_fill(b, c->part, child, count);
	else
		list_fill(b, c->part, child, count);
	b->children = c->first;
}

void yaml_on_document(struct building *b)
{
	b->document = pool_alloc(b, sizeof(*b->document));
	if (++b->nodes > NODES_MAX && !b->failed) {
		complain(b->complaints, b->file, 0, 0, TOO_MANY_NODES);
		b->failed = true;
	}
	b->damaged = false;
}

/* Appends the document to those of the file, unless it has errors. */
void yaml_on_document_end(struct building *b)
{
	yaml_anchors_forget(b);
	if (b->damaged)
		return;
	b->document->file = b->file;
	if (b->document->root && b->document->root->kind == YAML_SCALAR &&
	    b->document->root->type == YAML_NULL)
		b->document->root = NULL;
	*b->last = b->document;
	b->last = &b->document->next;
	b->holds_something |= b->document->root != NULL;
}
