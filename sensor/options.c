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
        {{"config", required_argument, NULL, 'c'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"site", required_argument, NULL, 'S'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"signatures", required_argument, NULL, 's'}, OPTIONS_DOCUMENTS | OPTIONS_SIGNATURES},
        {{"overrides", required_argument, NULL, 'O'}, OPTIONS_DOCUMENTS | OPTIONS_SIGNATURES},
        {{"mapping", required_argument, NULL, 'm'}, OPTIONS_DOCUMENTS | OPTIONS_SIGNATURES},
        {{"output", required_argument, NULL, 'o'}, OPTIONS_DOCUMENTS},
        {{"format", required_argument, NULL, 'f'}, OPTIONS_DOCUMENTS},
        {{"events", no_argument, NULL, 'e'}, OPTIONS_DOCUMENTS},
        {{"workers", required_argument, NULL, 'w'}, OPTIONS_ANALYSIS},
        {{"keylog", required_argument, NULL, 'K'}, OPTIONS_FILES},
        {{"interface", required_argument, NULL, 'i'}, OPTIONS_INTERFACE},
        {{"json", no_argument, NULL, 'J'}, OPTIONS_SIGNATURES},
        {{"quiet", no_argument, NULL, 'q'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"verbose", no_argument, NULL, 'v'}, OPTIONS_ANALYSIS | OPTIONS_SIGNATURES},
        {{"help", no_argument, NULL, 'h'}, OPTIONS_EVERYWHERE},
};

#define KNOWN (sizeof(known) / sizeof(*known))

static bool add(struct option_list *list, const char *value, const char *what,
                struct complaints *complaints)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!strcmp(list->at[i], value)) {
			complain(complaints, NULL, 0, 0, "%s %s: given twice", what, value);
			return false;
		}
	}
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

static bool take_interface(struct options *o, const char *value, struct complaints *complaints)
{
	if (o->interface) {
		complain(complaints, NULL, 0, 0,
		         "--interface %s: this version listens on one interface, %s already", value,
		         o->interface);
		return false;
	}
	o->interface = value;
	return true;
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
	case 'O':
		o->overrides = optarg;
		return true;
	case 'm':
		o->mapping = optarg;
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
		return take_interface(o, optarg, complaints);
	case 'K':
		o->keylog = optarg;
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
	case 'h':
		o->help = true;
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
	complain(complaints, NULL, 0, 0, "%s: unknown option%s%s%s; try cmtap --help", argument,
	         nearest ? ", did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* What getopt_long() answered with ':' or '?'. Of letters behind one dash only the wrong one is
 * named. */
static void complain_refused(int answer, const char *argument, unsigned sets,
                             struct complaints *complaints)
{
	char letter[3] = {'-', (char)optopt, 0};
	bool is_long = !strncmp(argument, "--", 2);

	if (answer == ':')
		complain(complaints, NULL, 0, 0, "%s: expected a value behind it",
		         is_long ? argument : letter);
	else if (is_long && optopt)
		complain(complaints, NULL, 0, 0, "%s: expected no value", argument);
	else
		complain_unknown(optopt ? letter : argument, sets, complaints);
}

bool options_read(int argc, char **argv, unsigned sets, struct options *o,
                  struct complaints *complaints)
{
	struct option options[KNOWN + 1] = {{0}};
	char letters[3 * KNOWN + 2] = ":";
	size_t n = 0, at = 1;
	int option;

	*o = (struct options){0};
	sets |= OPTIONS_EVERYWHERE;
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
			complain_refused(option, argv[optind - 1], sets, complaints);
			return false;
		}
		if (!take(o, option, complaints))
			return false;
	}
	o->arguments = (const char *const *)argv + optind;
	o->argument_count = (size_t)(argc - optind);
	return true;
}

const char *config_file(const struct options *o)
{
	if (o->config)
		return o->config;
	return access(DEFAULT_CONFIG, R_OK) == 0 ? DEFAULT_CONFIG : NULL;
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
