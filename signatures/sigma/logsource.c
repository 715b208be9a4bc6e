/* Reading `logsource`: to which kinds of events a rule applies. No state. */
#include "core/field.h"
#include "signatures/sigma/rule.h"

_Static_assert(EVENT_KIND_COUNT <= 64, "rule.kinds has a bit for each kind");

#define PRODUCT  "configmgr"
#define CATEGORY "network"

/* What a rule names; NULL where it leaves all open. */
struct logsource {
	const char *product, *category, *service;
};

static bool allows(const char *asked, const char *given)
{
	return !asked || (given && !strcmp(asked, given));
}

static bool source_fits(const struct logsource *asked, struct sigma_source given)
{
	return allows(asked->product, given.product) && allows(asked->category, given.category) &&
	       allows(asked->service, given.service);
}

static uint64_t kinds_of(const struct reading *r, const struct logsource *asked)
{
	uint64_t kinds = 0;

	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		if (source_fits(asked,
		                (struct sigma_source){PRODUCT, CATEGORY, event_kind_info[k].service,
		                                      (enum event_kind)k}))
			kinds |= UINT64_C(1) << k;
	for (size_t i = 0; i < r->options->source_count; i++)
		if (source_fits(asked, r->options->sources[i]))
			kinds |= UINT64_C(1) << r->options->sources[i].kind;
	return kinds;
}

/* Which attribute it is that nothing here has: said at its place. */
static void blame_logsource(struct reading *r, const struct yaml_node *n,
                            const struct logsource *asked)
{
	const char *services[EVENT_KIND_COUNT];
	char buffer[HINT_MAX];

	for (int k = 0; k < EVENT_KIND_COUNT; k++)
		services[k] = event_kind_info[k].service;
	if (asked->product && strcmp(asked->product, PRODUCT) != 0)
		reading_blame(r, yaml_get(n, "product"),
		              "no events here are of product '%s': expected '" PRODUCT "'",
		              asked->product);
	else if (asked->category && strcmp(asked->category, CATEGORY) != 0)
		reading_blame(r, yaml_get(n, "category"),
		              "no events here are of category '%s': expected '" CATEGORY "'",
		              asked->category);
	else
		reading_blame(r, yaml_get(n, "service"), "there is no service '%s'%s",
		              asked->service,
		              reading_hint(buffer, reading_nearest(r, asked->service, services,
		                                                   EVENT_KIND_COUNT)));
}

uint64_t logsource_read(struct reading *r, const struct yaml_node *document)
{
	const struct yaml_node *n = yaml_get(document, "logsource");
	unsigned errors = r->errors;
	uint64_t kinds;

	if (!n || n->kind != YAML_MAPPING) {
		reading_blame(r, n ? n : document, "'logsource' must be a mapping%s",
		              n ? "" : ", and is missing");
		return 0;
	}

	struct logsource asked = {reading_text(r, n, "product"), reading_text(r, n, "category"),
	                          reading_text(r, n, "service")};

	if (r->errors != errors)
		return 0;
	if (!asked.product && !asked.category && !asked.service) {
		reading_blame(
		        r, n,
		        "'logsource' must name at least one of product, category and service");
		return 0;
	}
	kinds = kinds_of(r, &asked);
	if (!kinds)
		blame_logsource(r, n, &asked);
	return kinds;
}
