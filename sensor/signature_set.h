/* The signatures of a run: rule files, what the site changes about them, names of other products.
 */
#ifndef CMTAP_SENSOR_SIGNATURE_SET_H
#define CMTAP_SENSOR_SIGNATURE_SET_H

#include "sensor/config.h"
#include "sensor/options.h"
#include "signatures/sigma/sigma.h"

/* Where they come from. Nothing here is owned. */
struct signature_sources {
	const char *const *paths; /* files, and folders searched recursively; none: no signatures */
	size_t path_count;
	const char *overrides, *mapping; /* files, or NULL */
	bool is_part;                    /* `overrides` may name rules that are not among these */
	bool experimental;               /* use rules of that status too */
};

struct signatures {
	struct sigma_set *set; /* NULL: none were asked for, or memory ran out */
	struct sigma_mapping *mapping;
	unsigned left_out; /* mistakes in files that were found in folders */
	unsigned errors;   /* all others: in files that the user named, or that are not there */
};

/* What options and config ask for. `overrides` stands in /etc/cmtap where nobody names another. */
struct signature_sources signature_sources(const struct options *options,
                                           const struct config *config);

/* Loads them. A rule with a mistake is left out, the others stand. */
void signatures_load(const struct signature_sources *sources, struct signatures *to,
                     struct complaints *complaints);
/* Whether a run may go on with what is left: a mistake in a rule file that was found in a folder
 * costs that rule only, unless no other is there; one in a file that the user named is final. */
bool signatures_are_usable(const struct signatures *s);
void signatures_free(struct signatures *s);

#endif
