/* The command line, taken apart. */
#ifndef CMTAP_SENSOR_OPTIONS_H
#define CMTAP_SENSOR_OPTIONS_H

#include "core/complaint.h"

#define OPTION_LIST_MAX 64

struct option_list {
	const char *at[OPTION_LIST_MAX];
	size_t count;
};

struct options {
	const char *config, *site, *overrides, *mapping, *keylog;
	struct option_list signatures, outputs;
	const char *interface;
	bool every_event;
	int verbosity; /* -v adds one, -q takes one away */
	bool json, help;
	const char *const *arguments; /* what is no option, ended by NULL */
	size_t argument_count;
};

/* What an option belongs to. */
enum option_set {
	OPTIONS_ANALYSIS = 1,   /* read, watch, learn */
	OPTIONS_DOCUMENTS = 2,  /* read, watch */
	OPTIONS_INTERFACE = 4,  /* watch */
	OPTIONS_SIGNATURES = 8, /* signatures */
	OPTIONS_EVERYWHERE = 16,
	OPTIONS_FILES = 32, /* read, learn: what only makes sense for captures that are files */
};

/* Reads the options of a command. False with a complaint when one is unknown, misplaced or wrong.
 */
bool options_read(int argc, char **argv, unsigned sets, struct options *options,
                  struct complaints *complaints);

#define DEFAULT_CONFIG "/etc/cmtap/cmtap.yml"

/* The config file: the one that was named, the usual one where present, or NULL. */
const char *config_file(const struct options *options);

/* Where the shipped signatures are: beside the build, or where they are installed. */
const char *shipped_signatures(void);

#endif
