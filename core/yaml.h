/* YAML files that users write (rules, config, site file) as a tree with places, by libyaml.
 *
 * The tree keeps every scalar's text with the type that YAML 1.1 gives it, resolved as PyYAML does
 * (the reference of Sigma): unquoted yes/no/on/off are booleans, 0x17 is 23, ~ is null. Duplicate
 * keys, too deep nesting, too large files and alias bombs are complaints. */
#ifndef CMTAP_CORE_YAML_H
#define CMTAP_CORE_YAML_H

#include "core/bytes.h"
#include "core/complaint.h"

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

enum yaml_type { YAML_TEXT, YAML_INTEGER, YAML_FLOAT, YAML_BOOLEAN, YAML_NULL, YAML_DATE };

struct yaml_node {
	enum yaml_kind kind;
	enum yaml_type type; /* of a scalar */
	unsigned line, column;
	struct bytes
	        text;    /* of a scalar: as written, NUL-terminated behind its end; may hold NULs */
	int64_t integer; /* of YAML_INTEGER and YAML_BOOLEAN */
	double real;     /* of YAML_FLOAT, and of YAML_INTEGER */
	size_t count;    /* of items, or of pairs */
	struct yaml_node *const *item;      /* of a sequence; of a mapping: its values */
	const struct yaml_node *const *key; /* of a mapping: scalars */
};

struct yaml_document {
	const char *file;           /* as given */
	struct yaml_node *root;     /* NULL for an empty document */
	struct yaml_document *next; /* the next of the same file */
	void *memory;               /* of the first document: all of them */
};

/* Reads all documents of a file; NULL with complaints when it cannot be read or is no valid YAML,
 * or when it holds nothing. Free the first document, which frees all. */
struct yaml_document *yaml_read_file(const char *file, struct complaints *complaints);

/* The same for a file of settings, all of which may be left out: one that holds nothing is NULL
 * without a complaint. */
struct yaml_document *yaml_read_settings(const char *file, struct complaints *complaints);
/* The same from memory; `name` stands for the file in complaints and must outlive the tree. */
struct yaml_document *yaml_read_text(const char *name, struct bytes text,
                                     struct complaints *complaints);
/* (Not yaml_free: libyaml has one of its own.) */
void yaml_document_free(struct yaml_document *first);

/* The value of a key of a mapping, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);
/* The text of a scalar, or NULL when the node is NULL or no scalar. */
const char *yaml_text(const struct yaml_node *node);
/* "a mapping", "a list", "text", "an integer", ...: for complaints. */
const char *yaml_what(const struct yaml_node *node);

#endif
