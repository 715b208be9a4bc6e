/* Options by getopt_long(), with complaints that say what was expected. */
#include "sensor/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	struct option option;
	unsigned sets;
} known[] = {
        {{"config", required_argument, NULL, 'c'}, OPTIONS_ANALYSIS},
        {{"site", required_argument, NULL, 'S'}, OPTIONS_ANALYSIS},
        {{"signatures", required_argument, NULL, 's'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"output", required_argument, NULL, 'o'}, OPTIONS_ANALYSIS},
        {{"format", required_argument, NULL, 'f'}, OPTIONS_ANALYSIS},
        {{"events", no_argument, NULL, 'e'}, OPTIONS_ANALYSIS},
        {{"workers", required_argument, NULL, 'w'}, OPTIONS_ANALYSIS},
        {{"interface", required_argument, NULL, 'i'}, OPTIONS_INTERFACE},
        {{"json", no_argument, NULL, 'J'}, OPTIONS_SIGNATURES},
        {{"quiet", no_argument, NULL, 'q'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"verbose", no_argument, NULL, 'v'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
};

#define KNOWN (sizeof(known) / sizeof(*known))

static bool add(struct option_list *list, const char *value, const char *what,
                struct complaints *complaints)
{
	if (list->count == OPTION_LIST_MAX) {
		complain(complaints, NULL, 0, 0, "more than %d %s", OPTION_LIST_MAX, what);
		return false;
	}
	list->at[list->count++] = value;
	return true;
}

static bool check_workers(const char *value, struct complaints *complaints)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!*value || *end || n < 1 || n > 1024) {
		complain(complaints, NULL, 0, 0,
		         "--workers %s: expected a number of threads from 1 to 1024", value);
		return false;
	}
	return true;
}

static bool check_format(const char *value, struct complaints *complaints)
{
	if (!strcmp(value, "ecs"))
		return true;
	complain(complaints, NULL, 0, 0, "--format %s: this version writes ecs; expected ecs",
	         value);
	return false;
}

static bool take(struct options *o, int option, struct complaints *complaints)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		return true;
	case 'S':
		o->site = optarg;
		return true;
	case 's':
		return add(&o->signatures, optarg, "--signatures", complaints);
	case 'o':
		return add(&o->outputs, optarg, "--output", complaints);
	case 'f':
		return check_format(optarg, complaints);
	case 'e':
		o->every_event = true;
		return true;
	case 'w':
		return check_workers(optarg, complaints);
	case 'i':
		o->interface = optarg;
		return true;
	case 'J':
		o->json = true;
		return true;
	case 'q':
		o->verbosity--;
		return true;
	case 'v':
		o->verbosity++;
		return true;
	default:
		return false;
	}
}

static void complain_unknown(const char *argument, unsigned sets, struct complaints *complaints)
{
	const char *names[KNOWN], *nearest = NULL;
	char name[64];
	size_t n = 0;

	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].sets & sets)
			names[n++] = known[i].option.name;
	if (!strncmp(argument, "--", 2)) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(argument + 2, "="), argument + 2);
		nearest = nearest_name(name, names, n);
	}
	complain(complaints, NULL, 0, 0, "%s: unknown option, or its value is missing%s%s%s",
	         argument, nearest ? "; did you mean --" : "", nearest ? nearest : "",
	         nearest ? "?" : "");
}

bool options_read(int argc, char **argv, unsigned sets, struct options *o,
                  struct complaints *complaints)
{
	struct option options[KNOWN + 1] = {{0}};
	char letters[3 * KNOWN + 2] = ":";
	size_t n = 0, at = 1;
	int option;

	*o = (struct options){0};
	for (size_t i = 0; i < KNOWN; i++) {
		if (!(known[i].sets & sets))
			continue;
		options[n++] = known[i].option;
		letters[at++] = (char)known[i].option.val;
		if (known[i].option.has_arg == required_argument)
			letters[at++] = ':';
	}
	letters[at] = 0;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			complain_unknown(argv[optind - 1], sets, complaints);
			return false;
		}
		if (!take(o, option, complaints))
			return false;
	}
	o->arguments = (const char *const *)argv + optind;
	o->argument_count = (size_t)(argc - optind);
	return true;
}

const char *shipped_signatures(void)
{
	static char path[PATH_MAX + sizeof("/../signatures")];
	struct stat status;
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n > 0) {
		path[n] = 0;
		/* build/cmtap, and build/debug/cmtap: one or two folders up. */
		for (int up = 0; up < 3 && (slash = strrchr(path, '/')); up++) {
			*slash = 0;
			memcpy(slash, "/signatures", sizeof("/signatures"));
			if (up && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
				return path;
			*slash = 0;
		}
	}
	return CMTAP_DATADIR "/signatures";
}
