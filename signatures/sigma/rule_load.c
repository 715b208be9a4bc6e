/* Loading a rule set: files, documents, rules; then what refers to what; then compiling.
 *
 * Every mistake of every file is told in one go. A rule with a mistake is left out, the others
 * stand. One thread loads a set. */
#include "signatures/sigma/rule_load.h"

#include "signatures/sigma/correlation.h"

#include <malloc.h>
#include <stdlib.h>

/* Keywords touch every field of every event: only a few rules may. */
#define KEYWORD_RULES_MAX 20

struct reading reading_start(struct loader *l, const char *file)
{
	return (struct reading){
	        .memory = &l->set->memory,
	        .complaints = l->complaints,
	        .options = l->options,
	        .regexes = &l->set->regexes,
	        .regex_count = &l->set->regex_count,
	        .file = file,
	};
}

struct reading reading_again(struct loader *l, const struct rule *rule)
{
	struct reading r = reading_start(l, rule->about.file);

	r.title = rule->about.title;
	r.id = rule->about.id;
	return r;
}

static bool is_condition(struct bytes name)
{
	return bytes_equal(name, BYTES("condition"));
}

bool condition_fits(struct loader *l, struct reading *r, struct rule *rule)
{
	rule->nodes = node_size(rule->condition, CONDITION_NODES_MAX);
	l->nodes += rule->nodes;
	if (rule->nodes <= CONDITION_NODES_MAX && l->nodes <= SET_NODES_MAX)
		return true;
	reading_blame(r, rule->place, "the condition is too large, or the whole set of rules");
	return false;
}

static void detection_rule_read(struct loader *l, struct reading *r, struct rule *rule,
                                const struct yaml_node *document)
{
	const struct yaml_node *detection = yaml_get(document, "detection");

	rule->kinds = r->kinds = logsource_read(r, document);
	if (!detection) {
		reading_blame(r, document, "there is no 'detection'");
		return;
	}
	rule->condition = detection_read(r, detection, &rule->searches, is_condition, "detection");
	if (rule->condition)
		condition_fits(l, r, rule);
	if (!r->has_keywords)
		return;
	reading_remark(r, detection,
	               "keywords are looked for in every field: name one where you can");
	if (++l->keyword_rules > KEYWORD_RULES_MAX)
		reading_blame(r, detection, "more than %d rules with keywords", KEYWORD_RULES_MAX);
}

static void rule_add(struct loader *l, struct rule *rule)
{
	l->rule = memory_room(&l->set->memory, l->rule, l->rules, sizeof(struct rule *));
	l->rule[l->rules++] = rule;
}

void load_document(struct loader *l, const char *file, const struct yaml_node *document)
{
	struct reading r = reading_start(l, file);
	struct rule *rule;

	if (document->kind != YAML_MAPPING) {
		reading_blame(&r, document, "a rule must be a mapping, not %s",
		              yaml_what(document));
		return;
	}
	if (yaml_get(document, "action")) {
		reading_blame(&r, yaml_get(document, "action"),
		              "'action' documents are no longer Sigma: write the rules out");
		return;
	}
	if (yaml_get(document, "filter")) {
		filter_read(l, &r, document);
		return;
	}
	rule = memory_alloc(r.memory, sizeof(*rule));
	rule->place = document;
	rule_read_about(&r, document, rule);
	if (!rule->about.id && !rule->about.name)
		reading_remark(&r, document,
		               "the rule has neither id nor name: nothing can refer to it");
	if (yaml_get(document, "correlation"))
		correlation_read(&r, document, rule);
	else
		detection_rule_read(l, &r, rule, document);
	rule->bad = r.errors;
	rule_add(l, rule);
}

/* Only rules that are right get a number in the set. */
static void take_good_rules(struct loader *l)
{
	struct sigma_set *set = l->set;

	set->rule = memory_alloc(&set->memory, (l->rules + 1) * sizeof(struct rule *));
	for (size_t i = 0; i < l->rules; i++)
		if (!l->rule[i]->bad)
			set->rule[set->rules++] = l->rule[i];
	set->correlation = memory_alloc(&set->memory, (set->rules + 1) * sizeof(struct rule *));
	for (size_t i = 0; i < set->rules; i++) {
		struct rule *rule = set->rule[i];

		if (!rule->correlation)
			continue;
		set->correlation[rule->correlation->number] = rule;
		set->correlations++;
	}
}

/* Inside, memory may run out at any place: setjmp() is here and nowhere else. */
static bool load_all(struct loader *l)
{
	if (setjmp(l->set->memory.out))
		return false;
	load_files(l);
	names_check(l);
	filters_apply(l);
	overrides_apply(l);
	correlations_resolve(l);
	take_good_rules(l);
	identities_find(l);
	set_compile(l->set, l->complaints);
	return true;
}

/* Thousands of small files are read into trees that live until all are there. While that lasts the
 * heap grows in large steps and is not given back in between: page faults were half of the time.
 * Then what was not needed is: calloc() would clear what it takes from there, the system's pages
 * are clear already. */
static void heap_grow(bool in_large_steps)
{
	mallopt(M_TOP_PAD, in_large_steps ? 8 << 20 : 128 << 10);
	mallopt(M_TRIM_THRESHOLD, in_large_steps ? 256 << 20 : 128 << 10);
	if (!in_large_steps)
		malloc_trim(128 << 10);
}

static struct sigma_set *load(const struct sigma_options *options, const char *const *paths,
                              size_t count, struct bytes text, struct complaints *complaints)
{
	static const struct sigma_options usual;
	struct loader *l = calloc(1, sizeof(*l));
	struct sigma_set *set = calloc(1, sizeof(*set));
	bool loaded = false;

	if (l && set) {
		*l = (struct loader){.set = set,
		                     .complaints = complaints,
		                     .options = options ? options : &usual,
		                     .paths = paths,
		                     .path_count = count,
		                     .text = text};
		if (!text.at)
			heap_grow(true);
		loaded = load_all(l);
		for (size_t i = 0; i < l->documents; i++)
			yaml_document_free(l->document[i]);
	}
	free(l);
	if (!text.at)
		heap_grow(false);
	if (loaded)
		return set;
	complain(complaints, NULL, 0, 0, "out of memory while reading rules");
	sigma_free(set);
	return NULL;
}

struct sigma_set *sigma_load_with(const struct sigma_options *options, const char *const *paths,
                                  size_t count, struct complaints *complaints)
{
	return load(options, paths, count, (struct bytes){0}, complaints);
}

struct sigma_set *sigma_load(const char *const *paths, size_t count, struct complaints *complaints)
{
	return sigma_load_with(NULL, paths, count, complaints);
}

struct sigma_set *sigma_load_text_with(const struct sigma_options *options, const char *name,
                                       struct bytes text, struct complaints *complaints)
{
	if (!text.at)
		text = BYTES("");
	return load(options, &name, 1, text, complaints);
}

struct sigma_set *sigma_load_text(const char *name, struct bytes text,
                                  struct complaints *complaints)
{
	return sigma_load_text_with(NULL, name, text, complaints);
}

void sigma_free(struct sigma_set *set)
{
	if (!set)
		return;
	regex_free(set->regexes);
	memory_free(&set->memory);
	free(set);
}

size_t sigma_rule_count(const struct sigma_set *set)
{
	return set->rules;
}

const struct sigma_rule *sigma_rule_at(const struct sigma_set *set, size_t index)
{
	return &set->rule[index]->about;
}

const struct sigma_rule *sigma_rule_by_name(const struct sigma_set *set, const char *name)
{
	for (size_t i = 0; i < set->rules; i++)
		if (set->rule[i]->about.name && !strcmp(set->rule[i]->about.name, name))
			return &set->rule[i]->about;
	return NULL;
}
