/* Ids and names of rules: unique, and how rules refer to each other. One thread loads a set. */
#include "signatures/sigma/rule_load.h"

#include <stdlib.h>

/* By text, and of equal ones in the order of reading. */
static int by_text(const void *left, const void *right)
{
	const struct called *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order
	             : (a->rule->number > b->rule->number) - (a->rule->number < b->rule->number);
}

static void check_unique(struct loader *l, const struct called *at, size_t count, const char *what)
{
	for (size_t i = 1; i < count; i++) {
		const struct rule *first = at[i - 1].rule;
		struct reading r = reading_again(l, at[i].rule);

		if (strcmp(at[i].text, at[i - 1].text) != 0)
			continue;
		reading_blame(&r, yaml_get(at[i].rule->place, what),
		              "the %s is that of rule \"%.120s\" "
		              "too, %s:%u",
		              what, first->about.title ? first->about.title : "?",
		              first->about.file, first->about.line);
		at[i].rule->bad = true;
	}
}

void names_check(struct loader *l)
{
	struct memory *m = &l->set->memory;

	l->id = memory_alloc(m, (l->rules + 1) * sizeof(*l->id));
	l->name = memory_alloc(m, (l->rules + 1) * sizeof(*l->name));
	for (size_t i = 0; i < l->rules; i++) {
		struct rule *rule = l->rule[i];

		rule->number = (uint32_t)i;
		if (rule->about.id)
			l->id[l->ids++] = (struct called){rule->about.id, rule};
		if (rule->about.name)
			l->name[l->names++] = (struct called){rule->about.name, rule};
	}
	qsort(l->id, l->ids, sizeof(*l->id), by_text);
	qsort(l->name, l->names, sizeof(*l->name), by_text);
	check_unique(l, l->id, l->ids, "id");
	check_unique(l, l->name, l->names, "name");
}

/* The first of that text in the order of reading: a second one is bad already. */
static struct rule *find(const struct called *at, size_t count, const char *text)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(at[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && !strcmp(at[low].text, text) ? at[low].rule : NULL;
}

struct rule *rule_find(const struct loader *l, const char *reference)
{
	struct rule *rule = find(l->name, l->names, reference);

	return rule ? rule : find(l->id, l->ids, reference);
}

const char *rule_nearest(const struct loader *l, const char *reference)
{
	const char **names = calloc(l->names + l->ids + 1, sizeof(*names));
	const char *found = NULL;

	for (size_t i = 0; names && i < l->names + l->ids; i++)
		names[i] = i < l->names ? l->name[i].text : l->id[i - l->names].text;
	if (names && l->complaints->errors < 100)
		found = nearest_name(reference, names, l->names + l->ids);
	free(names);
	return found;
}
