/* What decides whether two rules of different sets are the same: windows of the one then go on in
 * the other. Titles, levels and exceptions do not matter; names, conditions, filters, thresholds
 * and the mapping of fields do. One thread loads a set. */
#include "signatures/sigma/correlation.h"
#include "signatures/sigma/rule_load.h"

#include "core/hash.h"

static uint64_t add_number(uint64_t hash, uint64_t number)
{
	uint64_t both[2] = {hash, number};

	return hash_bytes((struct bytes){(const uint8_t *)both, sizeof(both)});
}

static uint64_t add_bytes(uint64_t hash, struct bytes b)
{
	return add_number(hash, hash_bytes(b));
}

static uint64_t add_text(uint64_t hash, const char *text)
{
	return text ? add_bytes(hash, bytes_of(text)) : add_number(hash, 0);
}

/* Nesting is bounded by the reader of YAML. */
static uint64_t add_tree(uint64_t hash, const struct yaml_node *n)
{
	if (!n)
		return add_number(hash, 0);
	hash = add_number(hash, (uint64_t)n->kind << 8 | (uint64_t)n->type);
	if (n->kind == YAML_SCALAR)
		return add_bytes(hash, n->text);
	hash = add_number(hash, n->count);
	for (size_t i = 0; i < n->count; i++) {
		if (n->kind == YAML_MAPPING)
			hash = add_bytes(hash, n->key[i]->text);
		hash = add_tree(hash, n->item[i]);
	}
	return hash;
}

uint64_t identity_mix(uint64_t identity, const struct yaml_node *document)
{
	return add_tree(identity, document);
}

/* What names, log sources and placeholders stand for. */
static uint64_t of_options(const struct sigma_options *o)
{
	uint64_t hash = add_text(o->compatible, o->taxonomy);

	for (size_t i = 0; i < o->name_count; i++)
		hash = add_number(add_text(hash, o->names[i].name), o->names[i].field);
	for (size_t i = 0; i < o->source_count; i++) {
		const struct sigma_source *s = &o->sources[i];

		hash = add_text(add_text(add_text(hash, s->product), s->category), s->service);
		hash = add_number(hash, s->kind);
	}
	for (size_t i = 0; i < o->placeholder_count; i++) {
		const struct sigma_placeholder *p = &o->placeholders[i];

		hash = add_text(hash, p->name);
		for (size_t k = 0; k < p->values.count; k++)
			hash = add_text(hash, p->values.at[k]);
	}
	return hash;
}

/* A rule without name and id is told from others by its place in the set. */
static uint64_t of_rule(const struct rule *rule, uint64_t hash, size_t place)
{
	const struct yaml_node *document = rule->place;

	hash = add_text(add_text(hash, rule->about.name), rule->about.id);
	if (!rule->about.name && !rule->about.id)
		hash = add_number(hash, place);
	hash = add_number(hash, rule->identity); /* of its filters */
	hash = add_tree(hash, yaml_get(document, "taxonomy"));
	hash = add_tree(hash, yaml_get(document, "logsource"));
	return add_tree(hash, yaml_get(document, "detection"));
}

static uint64_t of_correlation(const struct rule *rule, uint64_t hash, size_t place)
{
	const struct correlation *c = rule->correlation;

	hash = add_tree(of_rule(rule, hash, place), yaml_get(rule->place, "correlation"));
	for (unsigned i = 0; i < c->members; i++)
		hash = add_number(hash, c->member[i].rule->identity);
	for (unsigned i = 0; i < c->bounds; i++) /* an override may have changed it */
		hash = add_number(add_number(hash, (uint64_t)c->bound[i].how),
		                  (uint64_t)c->bound[i].value);
	return hash;
}

void identities_find(struct loader *l)
{
	struct sigma_set *set = l->set;
	uint64_t options = of_options(l->options);

	for (size_t i = 0; i < set->rules; i++)
		if (!set->rule[i]->correlation)
			set->rule[i]->identity = of_rule(set->rule[i], options, i);
	for (size_t i = 0; i < set->correlations; i++)
		set->correlation[i]->identity = of_correlation(set->correlation[i], options, i);
}
