/* YAML files that users write: libyaml reads them, its events become trees.
 *
 * Used at start and on reload, by one thread at a time. */
#include "core/yaml.h"

#include "core/yaml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (4u << 20)

static void take_event(struct building *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		yaml_on_document(b);
		break;
	case YAML_DOCUMENT_END_EVENT:
		yaml_on_document_end(b);
		break;
	case YAML_ALIAS_EVENT:
		yaml_on_alias(b, e);
		break;
	case YAML_SCALAR_EVENT:
		yaml_on_scalar(b, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		yaml_on_start(b, YAML_SEQUENCE, e);
		break;
	case YAML_MAPPING_START_EVENT:
		yaml_on_start(b, YAML_MAPPING, e);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		yaml_on_end(b);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
		break;
	}
}

/* What libyaml found wrong. Errors of the reader (no UTF-8) have an offset in place of a line. */
static void syntax_error(struct building *b, struct bytes text)
{
	const yaml_parser_t *p = &b->parser;
	const char *problem = p->problem ? p->problem : "not understood";
	size_t line = p->problem_mark.line, column = p->problem_mark.column;

	if (p->error == YAML_READER_ERROR) {
		line = column = 0;
		for (size_t i = 0; i < p->problem_offset && i < text.len; i++) {
			column = text.at[i] == '\n' ? 0 : column + 1;
			line += text.at[i] == '\n';
		}
	}
	complain(b->complaints, b->file, (unsigned)line + 1, (unsigned)column + 1,
	         "not valid YAML: %s%s%s", problem, p->context ? ", " : "",
	         p->context ? p->context : "");
	b->failed = true;
}

static void build(struct building *b, struct bytes text)
{
	bool ended = false;

	yaml_parser_set_input_string(&b->parser, text.at, text.len);
	while (!ended && !b->failed) {
		yaml_event_t e;

		if (!yaml_parser_parse(&b->parser, &e)) {
			syntax_error(b, text);
			return;
		}
		ended = e.type == YAML_STREAM_END_EVENT;
		take_event(b, &e);
		yaml_event_delete(&e);
	}
}

static struct yaml_document *read_text(const char *name, struct bytes text, bool may_be_empty,
                                       struct complaints *complaints)
{
	struct building *b = malloc(sizeof(*b));
	struct yaml_document *first = NULL;
	unsigned errors = complaints->errors;

	if (b)
		memset(b, 0, offsetof(struct building, anchor));
	if (!b || !yaml_parser_initialize(&b->parser)) {
		free(b);
		complain(complaints, name, 0, 0, "out of memory");
		return NULL;
	}
	b->file = name;
	b->last = &b->first;
	b->complaints = complaints;
	if (text.len > FILE_MAX)
		complain(complaints, name, 0, 0, "too large: the cap is 4 MiB");
	else
		build(b, text);
	if (!b->failed && !b->holds_something && !may_be_empty && complaints->errors == errors)
		complain(complaints, name, 0, 0, "holds nothing");
	if (!b->failed && b->holds_something) {
		first = b->first;
		first->memory = b->chunks;
	} else {
		yaml_pool_free(b->chunks);
	}
	yaml_anchors_forget(b);
	yaml_parser_delete(&b->parser);
	free(b->child);
	free(b);
	return first;
}

struct yaml_document *yaml_read_text(const char *name, struct bytes text,
                                     struct complaints *complaints)
{
	return read_text(name, text, false, complaints);
}

/* The size of a regular file, with the cap as its limit; the cap for what has no size, such as a
 * pipe. */
static size_t size_of(int f)
{
	struct stat st;

	if (fstat(f, &st) || !S_ISREG(st.st_mode) || st.st_size > (off_t)FILE_MAX)
		return FILE_MAX;
	return (size_t)st.st_size;
}

/* Reads up to `room` bytes; false, with errno, when that fails. */
static bool read_all(int f, uint8_t *to, size_t room, size_t *len)
{
	ssize_t n = 1;

	for (*len = 0; *len < room && n > 0; *len += n > 0 ? (size_t)n : 0)
		do
			n = read(f, to + *len, room - *len);
		while (n < 0 && errno == EINTR);
	return n >= 0;
}

static struct yaml_document *read_file(const char *file, bool may_be_empty,
                                       struct complaints *complaints)
{
	int f = open(file, O_RDONLY | O_CLOEXEC);
	size_t room = f < 0 ? 1 : size_of(f) + 1, len = 0;
	uint8_t *text = malloc(room);
	struct yaml_document *first = NULL;

	if (!text)
		complain(complaints, file, 0, 0, "cannot be read: out of memory");
	else if (f < 0 || !read_all(f, text, room, &len))
		complain(complaints, file, 0, 0, "cannot be read: %s", strerror(errno));
	else
		first = read_text(file, (struct bytes){text, len}, may_be_empty, complaints);
	if (f >= 0)
		close(f);
	free(text);
	return first;
}

struct yaml_document *yaml_read_file(const char *file, struct complaints *complaints)
{
	return read_file(file, false, complaints);
}

struct yaml_document *yaml_read_settings(const char *file, struct complaints *complaints)
{
	return read_file(file, true, complaints);
}

void yaml_document_free(struct yaml_document *first)
{
	if (first)
		yaml_pool_free(first->memory);
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	if (!mapping || mapping->kind != YAML_MAPPING)
		return NULL;
	for (size_t i = 0; i < mapping->count; i++)
		if (bytes_equal(mapping->key[i]->text, bytes_of(key)))
			return mapping->item[i];
	return NULL;
}

const char *yaml_text(const struct yaml_node *node)
{
	return node && node->kind == YAML_SCALAR ? (const char *)node->text.at : NULL;
}

const char *yaml_what(const struct yaml_node *node)
{
	static const char *const kinds[] = {
	        [YAML_SEQUENCE] = "a list", [YAML_MAPPING] = "a mapping"};
	static const char *const types[] = {
	        [YAML_TEXT] = "text",      [YAML_INTEGER] = "an integer",
	        [YAML_FLOAT] = "a number", [YAML_BOOLEAN] = "a boolean",
	        [YAML_NULL] = "null",      [YAML_DATE] = "a date",
	};

	if (!node)
		return "nothing";
	return node->kind == YAML_SCALAR ? types[node->type] : kinds[node->kind];
}
