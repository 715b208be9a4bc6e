/* One entry of a search: `field|modifier|modifier: value`, while it is read. */
#ifndef CMTAP_SIGNATURES_SIGMA_ITEM_H
#define CMTAP_SIGNATURES_SIGMA_ITEM_H

#include "signatures/sigma/rule_reading.h"
#include "signatures/sigma/tree.h"

enum operand_kind {
	OPERAND_TEXT,
	OPERAND_INTEGER,
	OPERAND_REAL,
	OPERAND_BOOLEAN,
	OPERAND_NULL,
	OPERAND_REGEX,
	OPERAND_NETWORK,
	OPERAND_FIELD,
};

struct operand {
	enum operand_kind kind;
	const struct yaml_node *node;
	struct symbols *alternative; /* of OPERAND_TEXT: one of them */
	size_t alternatives;
	struct number number;     /* of OPERAND_INTEGER and OPERAND_REAL */
	bool boolean;             /* of OPERAND_BOOLEAN */
	struct bytes *expression; /* of OPERAND_REGEX: one of them */
	size_t expressions;
	unsigned flags; /* of OPERAND_REGEX */
	struct network network;
	enum field other; /* of OPERAND_FIELD */
};

enum item_flag {
	ITEM_ALL = 1, /* every value, not any of them */
	ITEM_NEQ = 2, /* the opposite of it all */
	ITEM_CASED = 4,
	ITEM_EXISTS = 8,
	ITEM_REGEX = 16,
};

struct item {
	const char *key;    /* as written: the field with its modifiers */
	enum field field;   /* FIELD_ANY for a keyword */
	unsigned modifiers; /* how many were applied so far */
	unsigned flags;
	enum pattern_shape shape; /* of a field reference */
	enum comparison comparison;
	enum time_part part;
	struct operand *value;
	size_t count;
	const struct yaml_node *place; /* of the key */
};

/* Reads one entry; NULL when it is wrong, which has been said. `key` is NULL for a plain keyword or
 * a list of them. */
struct node *item_read(struct reading *r, const struct yaml_node *key,
                       const struct yaml_node *value);

/* Applies one modifier to an item and its values; false when it is wrong, which has been said. */
bool modifier_apply(struct reading *r, struct item *it, struct bytes name);

/* The tree that asks what the item says; NULL when it is wrong. */
struct node *item_compile(struct reading *r, const struct item *it);

#endif
