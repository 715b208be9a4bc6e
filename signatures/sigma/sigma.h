/* The signature engine: Sigma rules in, hits out.
 *
 * A rule set is read and compiled once and is read-only from then on; threads share it. What
 * changes while matching (predicate bits, correlation windows) lives in a detector, which one
 * thread owns. The engine knows the fields of core/fields.def and nothing of protocols; it raises
 * no alerts and writes no documents: it tells its caller which rule an event satisfied. */
#ifndef CMTAP_SIGNATURES_SIGMA_SIGMA_H
#define CMTAP_SIGNATURES_SIGMA_SIGMA_H

#include "core/complaint.h"
#include "core/event.h"

enum sigma_level {
	SIGMA_INFORMATIONAL,
	SIGMA_LOW,
	SIGMA_MEDIUM,
	SIGMA_HIGH,
	SIGMA_CRITICAL,
};

struct sigma_list {
	const char *const *at;
	size_t count;
};

/* A rule as its author wrote it: what outputs and `cmtap signatures` show of it. Absent texts are
 * NULL. Lives as long as its set. */
struct sigma_rule {
	const char *file;
	unsigned line;
	const char *title, *id, *name, *description, *author, *date, *modified, *status, *license;
	enum sigma_level level;
	struct sigma_list references, tags, falsepositives;
	const char *control, *remedy; /* custom.control, custom.remedy */
	const enum field *evidence;   /* custom.evidence: the fields to show first */
	size_t evidence_count;
	bool is_correlation;
	bool silent;   /* raises no alert of its own: a correlation uses it, without `generate` */
	bool disabled; /* switched off by an override or by its status */
};

struct sigma_set;

/* Reads every .yml file in `paths` (files, or folders searched recursively, in name order) and
 * compiles what is right. What is wrong becomes complaints; a rule with an error is left out, the
 * others stand. NULL only when memory ran out. */
struct sigma_set *sigma_load(const char *const *paths, size_t count, struct complaints *complaints);
/* The same from one text, for tests and fuzzing; `name` stands for the file. */
struct sigma_set *sigma_load_text(const char *name, struct bytes text,
                                  struct complaints *complaints);
void sigma_free(struct sigma_set *set);

size_t sigma_rule_count(const struct sigma_set *set);
const struct sigma_rule *sigma_rule_at(const struct sigma_set *set, size_t index);
const struct sigma_rule *sigma_rule_by_name(const struct sigma_set *set, const char *name);
const char *sigma_level_name(enum sigma_level level);

/* Whether an event of this kind with these fields could satisfy any rule, now or after the site
 * model has added its facts (fields whose setter is SETTER_SITE or later may yet come). Cheap: a
 * worker asks it for every event and drops what nobody wants. */
bool sigma_wants(const struct sigma_set *set, enum event_kind kind,
                 const struct field_set *present);

struct sigma_detector;

struct sigma_hit {
	const struct sigma_rule *rule;
	const struct event *event; /* the event that satisfied the rule, or completed the window */
	const struct field_set *tested; /* fields that the rule looks at */
	/* of a correlation: */
	uint64_t count;      /* events, or distinct values, in the window */
	int64_t first, last; /* packet times of the window's first and last event */
	bool approximate;    /* counted beyond the exact capacity */
};

typedef void sigma_on_hit(void *context, const struct sigma_hit *hit);

/* What the windows of correlations may take, in total. */
struct sigma_limits {
	size_t correlation_bytes;
};

struct sigma_detector *sigma_detector_open(const struct sigma_set *set, struct sigma_limits limits);
void sigma_detector_close(struct sigma_detector *d);

/* Matches one event; calls `on_hit` for every rule that it satisfies, in the order of the set.
 * Never allocates. */
void sigma_detect(struct sigma_detector *d, const struct event *ev, sigma_on_hit *on_hit,
                  void *context);

#endif
