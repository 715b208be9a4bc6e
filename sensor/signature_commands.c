/* cmtap signatures: which subcommand, what it loads, and list and check. */
#include "sensor/commands.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_WRONG 2

const struct sigma_rule *signature_find(const struct sigma_set *set, const char *name,
                                        struct complaints *complaints)
{
	const struct sigma_rule *rule = sigma_rule_by_name(set, name);
	const char **names = calloc(sigma_rule_count(set) + 1, sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < sigma_rule_count(set); i++) {
		const struct sigma_rule *other = sigma_rule_at(set, i);

		if (!rule && other->id && !strcmp(other->id, name))
			rule = other;
		if (other->name)
			names[n++] = other->name;
	}

	const char *nearest = rule || !names ? NULL : nearest_name(name, names, n);

	if (!rule)
		complain(complaints, NULL, 0, 0, "no signature '%s'%s%s%s", name,
		         nearest ? ", did you mean '" : "", nearest ? nearest : "",
		         nearest ? "'?" : "");
	free(names);
	return rule;
}

static void list_as_json(const struct sigma_set *set)
{
	for (size_t i = 0; i < sigma_rule_count(set); i++) {
		const struct sigma_rule *rule = sigma_rule_at(set, i);
		cJSON *object = rule->silent ? NULL : signature_json(rule);
		char *text = object ? cJSON_PrintUnformatted(object) : NULL;

		if (text)
			puts(text);
		cJSON_free(text);
		cJSON_Delete(object);
	}
}

/* What is counted by others and raises no alerts is no signature of its own. */
static int list(const struct options *o, const struct signatures *signatures)
{
	const struct sigma_set *set = signatures->set;

	if (!set || (!sigma_rule_count(set) && (signatures->errors || signatures->left_out)))
		return STATUS_WRONG;
	if (o->json) {
		list_as_json(set);
		return 0;
	}
	printf("%-32s %-13s %-24s %s\n", "name", "level", "control", "title");
	for (size_t i = 0; i < sigma_rule_count(set); i++) {
		const struct sigma_rule *rule = sigma_rule_at(set, i);

		if (!rule->silent)
			printf("%-32s %-13s %-24s %s%s\n", rule->name ? rule->name : "",
			       rule->disabled ? "off" : sigma_level_name(rule->level),
			       rule->control ? rule->control : "", rule->title,
			       rule->override ? " (overridden)" : "");
	}
	return 0;
}

/* Rules that raise alerts, and those that only count. */
static void say_right(const struct signatures *signatures, unsigned warnings)
{
	size_t all = signatures->set ? sigma_rule_count(signatures->set) : 0, silent = 0;

	for (size_t i = 0; i < all; i++)
		silent += sigma_rule_at(signatures->set, i)->silent;
	fprintf(stderr, "%zu signatures are right, %u warnings", all - silent, warnings);
	if (silent)
		fprintf(stderr, "; they count what %zu more rules find", silent);
	fprintf(stderr, "\n");
}

static int check(const struct options *o, const struct signatures *signatures,
                 const struct complaints *complaints)
{
	if (signatures->errors || signatures->left_out)
		return STATUS_WRONG;
	if (o->verbosity >= 0)
		say_right(signatures, complaints->warnings);
	return 0;
}

enum what { LIST, SHOW, CHECK, TEST, CONVERT, UNKNOWN };

/* Which subcommand, if it has the arguments it needs. */
static enum what what_of(const struct options *o)
{
	static const struct {
		const char *name;
		size_t least, most; /* arguments behind it */
	} known[] = {
	        [LIST] = {"list", 0, 0},
	        [SHOW] = {"show", 1, 1},
	        [CHECK] = {"check", 0, SIZE_MAX},
	        [TEST] = {"test", 2, SIZE_MAX},
	        [CONVERT] = {"convert-fields", 0, 0},
	};

	for (int i = 0; i < UNKNOWN && o->argument_count; i++)
		if (!strcmp(o->arguments[0], known[i].name) &&
		    o->argument_count - 1 >= known[i].least &&
		    o->argument_count - 1 <= known[i].most)
			return (enum what)i;
	return UNKNOWN;
}

static struct signature_sources sources_of(enum what what, const struct options *o,
                                           const struct config *config)
{
	struct signature_sources sources = signature_sources(o, config);

	if (what != CHECK || o->argument_count == 1)
		return sources;
	sources.paths = o->arguments + 1;
	sources.path_count = o->argument_count - 1;
	sources.is_part = !o->overrides;
	return sources;
}

static int obey(enum what what, const struct options *o, const struct config *config,
                struct complaints *complaints)
{
	const struct signature_sources sources = sources_of(what, o, config);
	struct signatures signatures;
	int status = STATUS_WRONG;

	signatures_load(&sources, &signatures, complaints);
	if (!signatures.set)
		return STATUS_WRONG;
	if (what == LIST)
		status = list(o, &signatures);
	else if (what == SHOW)
		status = signature_show(o, &signatures, complaints);
	else if (what == CHECK)
		status = check(o, &signatures, complaints);
	else
		status = signature_test(o, config, &signatures, complaints);
	/* A mistake in another rule is told, too. */
	if (!status && (signatures.errors || signatures.left_out))
		status = STATUS_WRONG;
	signatures_free(&signatures);
	return status;
}

int command_signatures(const struct options *o)
{
	enum what what = what_of(o);
	struct complaints complaints = {0};
	struct config config;
	int status = STATUS_WRONG;

	if (what == UNKNOWN)
		complain(&complaints, NULL, 0, 0,
		         "signatures: expected list, show NAME, check [FILE|DIR...], "
		         "test NAME FILE... or convert-fields");
	else if (what == CONVERT)
		status = signature_convert(o);
	else
		config_read(&config, config_file(o), &complaints);
	if (what != CONVERT && !complaints.errors)
		status = obey(what, o, &config, &complaints);
	fflush(stdout);
	complaints_print(&complaints, stderr);
	complaints_free(&complaints);
	return status;
}
