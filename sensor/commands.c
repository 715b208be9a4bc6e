/* Printing the lists the sensor is made of: fields and signatures. */
#include "sensor/commands.h"

#include "core/field.h"
#include "signatures/sigma/sigma.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int command_fields(void)
{
	printf("%-42s %-10s %-10s %s\n", "name", "type", "set by", "meaning");
	for (int f = 0; f < FIELD_COUNT; f++)
		printf("%-42s %-10s %-10s %s\n", field_info[f].name,
		       field_type_name(field_info[f].type), field_setter_name(field_info[f].setter),
		       field_info[f].meaning);
	return 0;
}

static struct sigma_set *load(const struct option_list *paths, struct complaints *complaints)
{
	const char *shipped = shipped_signatures();

	return paths->count ? sigma_load(paths->at, paths->count, complaints)
	                    : sigma_load(&shipped, 1, complaints);
}

static void list_as_json(const struct sigma_set *set)
{
	for (size_t i = 0; i < sigma_rule_count(set); i++) {
		const struct sigma_rule *rule = sigma_rule_at(set, i);
		cJSON *object = rule->silent ? NULL : cJSON_CreateObject();

		if (!object)
			continue;
		cJSON_AddStringToObject(object, "name", rule->name ? rule->name : "");
		cJSON_AddStringToObject(object, "title", rule->title);
		cJSON_AddStringToObject(object, "level", sigma_level_name(rule->level));
		cJSON_AddStringToObject(object, "control", rule->control ? rule->control : "");
		cJSON_AddStringToObject(object, "id", rule->id ? rule->id : "");
		cJSON_AddStringToObject(object, "file", rule->file);

		char *text = cJSON_PrintUnformatted(object);

		puts(text);
		cJSON_free(text);
		cJSON_Delete(object);
	}
}

static int list(const struct sigma_set *set, bool json)
{
	if (json) {
		list_as_json(set);
		return 0;
	}
	printf("%-28s %-13s %-24s %s\n", "name", "level", "control", "title");
	for (size_t i = 0; i < sigma_rule_count(set); i++) {
		const struct sigma_rule *rule = sigma_rule_at(set, i);

		if (!rule->silent)
			printf("%-28s %-13s %-24s %s\n", rule->name ? rule->name : "",
			       sigma_level_name(rule->level), rule->control ? rule->control : "",
			       rule->title);
	}
	return 0;
}

static void print_list(const char *name, const struct sigma_list *items)
{
	for (size_t i = 0; i < items->count; i++)
		printf("%-16s %s\n", i ? "" : name, items->at[i]);
}

static void print_file(const char *file)
{
	char line[4096];
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f))
		fputs(line, stdout);
	if (f)
		fclose(f);
}

static int show(const struct sigma_set *set, const char *name, struct complaints *complaints)
{
	const struct sigma_rule *rule = sigma_rule_by_name(set, name);
	const char **names = calloc(sigma_rule_count(set) + 1, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < sigma_rule_count(set); i++)
		if (sigma_rule_at(set, i)->name)
			names[n++] = sigma_rule_at(set, i)->name;

	const char *nearest = rule || !names ? NULL : nearest_name(name, names, n);

	free(names);
	if (!rule) {
		complain(complaints, NULL, 0, 0, "no signature '%s'%s%s%s", name,
		         nearest ? ", did you mean '" : "", nearest ? nearest : "",
		         nearest ? "'?" : "");
		return 2;
	}
	printf("%-16s %s\n%-16s %s\n%-16s %s\n%-16s %s\n", "name", rule->name, "title", rule->title,
	       "level", sigma_level_name(rule->level), "id", rule->id ? rule->id : "");
	printf("%-16s %s\n%-16s %s\n", "control", rule->control ? rule->control : "", "remedy",
	       rule->remedy ? rule->remedy : "");
	for (size_t i = 0; i < rule->evidence_count; i++)
		printf("%-16s %s\n", i ? "" : "evidence", field_info[rule->evidence[i]].name);
	print_list("false positives", &rule->falsepositives);
	print_list("references", &rule->references);
	print_list("tags", &rule->tags);
	printf("%-16s %s:%u\n\n", "file", rule->file, rule->line);
	print_file(rule->file);
	return 0;
}

static int check(const struct options *options, struct complaints *complaints)
{
	struct option_list paths = {.count = options->argument_count - 1};
	struct sigma_set *set;

	if (paths.count > OPTION_LIST_MAX) {
		complain(complaints, NULL, 0, 0, "more than %d files or folders", OPTION_LIST_MAX);
		return 2;
	}
	for (size_t i = 0; i < paths.count; i++)
		paths.at[i] = options->arguments[i + 1];
	set = load(paths.count ? &paths : &options->signatures, complaints);
	if (!complaints->errors && options->verbosity >= 0)
		fprintf(stderr, "%zu signatures are right, %u warnings\n",
		        set ? sigma_rule_count(set) : 0, complaints->warnings);
	sigma_free(set);
	return complaints->errors ? 2 : 0;
}

int command_signatures(const struct options *options)
{
	const char *what = options->argument_count ? options->arguments[0] : "";
	struct complaints complaints = {0};
	struct sigma_set *set = NULL;
	int status = 2;

	if (!strcmp(what, "check")) {
		status = check(options, &complaints);
	} else if (!strcmp(what, "list") && options->argument_count == 1) {
		set = load(&options->signatures, &complaints);
		status = complaints.errors ? 2 : list(set, options->json);
	} else if (!strcmp(what, "show") && options->argument_count == 2) {
		set = load(&options->signatures, &complaints);
		status = complaints.errors ? 2 : show(set, options->arguments[1], &complaints);
	} else {
		complain(&complaints, NULL, 0, 0,
		         "signatures: expected list, show NAME, or check [FILE|DIR...]");
	}
	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	sigma_free(set);
	return status;
}
