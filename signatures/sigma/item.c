/* Reading `field|modifier: value` entries and keywords. No state. */
#include "signatures/sigma/item.h"

#include <math.h>

/* A whole number is an integer however it was written. */
static void number_take(struct operand *v, const struct yaml_node *n)
{
	bool is_whole =
	        n->type == YAML_INTEGER || (n->real == floor(n->real) && fabs(n->real) < 9.2e18);

	v->kind = is_whole ? OPERAND_INTEGER : OPERAND_REAL;
	if (n->type == YAML_INTEGER)
		v->number = number_of(n->integer);
	else if (is_whole)
		v->number = number_of((int64_t)n->real);
	else
		v->number = (struct number){.is_real = true, .real = n->real};
}

static bool operand_take(struct reading *r, struct operand *v, const struct yaml_node *n)
{
	v->node = n;
	if (n->kind != YAML_SCALAR) {
		reading_blame(r, n,
		              "expected a text, a number, true, false or null, or a list of them; "
		              "not %s",
		              yaml_what(n));
		return false;
	}
	switch (n->type) {
	case YAML_TEXT:
		v->kind = OPERAND_TEXT;
		v->alternative = memory_alloc(r->memory, sizeof(*v->alternative));
		v->alternative[0] = symbols_parse(r->memory, n->text);
		v->alternatives = 1;
		return true;
	case YAML_INTEGER:
	case YAML_FLOAT:
		if (!isfinite(n->real))
			break;
		number_take(v, n);
		return true;
	case YAML_BOOLEAN:
		v->kind = OPERAND_BOOLEAN;
		v->boolean = n->integer;
		return true;
	case YAML_NULL:
		v->kind = OPERAND_NULL;
		return true;
	case YAML_DATE:
		break;
	}
	reading_blame(r, n, "'%s' is %s for YAML: put it in quotes if it is text", yaml_text(n),
	              n->type == YAML_DATE ? "a date" : "no finite number");
	return false;
}

static bool list_is_right(struct reading *r, const struct yaml_node *list)
{
	unsigned errors = r->errors;

	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_node *n = list->item[i];

		if (n->kind != YAML_SCALAR || n->type != YAML_NULL)
			continue;
		if (!r->options->compatible)
			reading_blame(r, n,
			              "null must not be in a list: ask for it in an entry of its "
			              "own");
		else
			reading_remark(r, n, "null in a list is not portable");
	}
	return r->errors == errors;
}

static bool operands_take(struct reading *r, struct item *it, const struct yaml_node *value)
{
	bool right = true;

	if (value->kind == YAML_SEQUENCE && !value->count) {
		it->value = memory_alloc(r->memory, sizeof(*it->value));
		*it->value = (struct operand){.kind = OPERAND_NULL, .node = value};
		it->count = 1;
		return true;
	}
	if (value->kind == YAML_SEQUENCE && !list_is_right(r, value))
		return false;
	it->count = value->kind == YAML_SEQUENCE ? value->count : 1;
	it->value = memory_alloc(r->memory, it->count * sizeof(*it->value));
	for (size_t i = 0; i < it->count; i++)
		right &= operand_take(r, &it->value[i],
		                      value->kind == YAML_SEQUENCE ? value->item[i] : value);
	return right;
}

/* Splits off what stands before the next `|`. */
static struct bytes next_word(struct bytes *key)
{
	const uint8_t *bar = key->len ? memchr(key->at, '|', key->len) : NULL;
	size_t len = bar ? (size_t)(bar - key->at) : key->len;
	struct bytes word = bytes_slice(*key, 0, len);

	*key = bytes_slice(*key, len + 1, key->len);
	return word;
}

static struct node *item_make(struct reading *r, const struct yaml_node *key,
                              const struct yaml_node *value)
{
	struct item it = {.field = FIELD_ANY, .place = key ? key : value};
	struct bytes rest = key ? key->text : (struct bytes){0};
	struct bytes field = next_word(&rest);
	unsigned errors = r->errors;

	it.key = r->item;
	r->has_keywords |= !field.len;
	if (field.len)
		it.field = field_find(r, key, field);
	if (!operands_take(r, &it, value) || r->errors != errors)
		return NULL;
	for (size_t i = field.len; key && i < key->text.len; i++)
		if (key->text.at[i] == '|' && !modifier_apply(r, &it, next_word(&rest)))
			return NULL;

	struct node *n = item_compile(r, &it);

	if (n && it.flags & ITEM_NEQ)
		n = node_not(r->memory, n);
	if (!n || r->errors != errors)
		return NULL;
	n->label = r->item;
	n->line = it.place->line;
	return n;
}

struct node *item_read(struct reading *r, const struct yaml_node *key,
                       const struct yaml_node *value)
{
	r->item = key && key->text.len ? memory_text(r->memory, yaml_text(key)) : "(keywords)";

	struct node *n = item_make(r, key, value);

	r->item = NULL;
	return n;
}
