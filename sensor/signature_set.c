/* Finding and loading the signatures of a run. The thread that starts or reloads a run owns them.
 */
#include "sensor/signature_set.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_OVERRIDES "/etc/cmtap/overrides.yml"

struct signature_sources signature_sources(const struct options *o, const struct config *config)
{
	static const char *shipped;
	struct signature_sources sources = {
	        .paths = o->signatures.at,
	        .path_count = o->signatures.count,
	        .overrides = o->overrides,
	        .mapping = o->mapping,
	        .experimental = config->signatures.experimental,
	};

	if (!sources.path_count) {
		shipped = shipped_signatures();
		sources.paths = &shipped;
		sources.path_count = 1;
	}
	if (!sources.mapping && *config->signatures.mapping)
		sources.mapping = config->signatures.mapping;
	if (sources.overrides)
		return sources;
	/* These were written for the usual rules; with others, some will not be there. */
	sources.is_part = o->signatures.count;
	if (*config->signatures.overrides)
		sources.overrides = config->signatures.overrides;
	else if (access(DEFAULT_OVERRIDES, R_OK) == 0)
		sources.overrides = DEFAULT_OVERRIDES;
	return sources;
}

static bool is_file(const struct complaint *c, const char *name)
{
	return name && c->file == strlen(name) && !strncmp(c->text, name, c->file);
}

/* Whether a complaint is about a file that nobody named. */
static bool is_found(const struct complaint *c, const struct signature_sources *sources)
{
	if (!c->file || is_file(c, sources->overrides) || is_file(c, sources->mapping))
		return false;
	for (size_t i = 0; i < sources->path_count; i++)
		if (is_file(c, sources->paths[i]))
			return false;
	return true;
}

/* Hands complaints over and counts them. */
static void tell(const struct signature_sources *sources, struct signatures *to,
                 struct complaints *complaints, struct complaints *found)
{
	for (const struct complaint *c = found->first; c; c = c->next)
		if (!c->warning && is_found(c, sources))
			to->left_out++;
	to->errors = found->errors - to->left_out;
	complaints_move(complaints, found);
}

void signatures_load(const struct signature_sources *sources, struct signatures *to,
                     struct complaints *complaints)
{
	struct sigma_options options = {
	        .experimental = sources->experimental,
	        .overrides = sources->overrides,
	        .is_part = sources->is_part,
	};
	struct complaints found = {0};

	*to = (struct signatures){0};
	if (!sources->path_count)
		return;
	if (sources->mapping)
		to->mapping = sigma_mapping_read(sources->mapping, &found);
	if (to->mapping)
		sigma_mapping_use(to->mapping, &options);
	to->set = sigma_load_with(&options, sources->paths, sources->path_count, &found);
	tell(sources, to, complaints, &found);
}

bool signatures_are_usable(const struct signatures *s)
{
	return !s->errors && (!s->left_out || (s->set && sigma_rule_count(s->set)));
}

void signatures_free(struct signatures *s)
{
	sigma_free(s->set);
	sigma_mapping_free(s->mapping);
	*s = (struct signatures){0};
}
