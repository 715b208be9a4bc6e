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

/* Where a site does not want to hear of a rule: all that is given must fit. */
struct sigma_suppression {
	bool has_client, has_server, has_network;
	struct network client, server;
	struct network network; /* of either side */
	int64_t until;          /* the first moment when it no longer holds; INT64_MAX for ever */
	const char *reason;
};

/* What a site changed about a rule, and what it was before. */
struct sigma_override {
	const char *file;
	unsigned line;
	bool has_threshold, has_level, has_enable;
	int64_t threshold, own_threshold;
	enum sigma_level own_level;
	bool enable;
	const struct sigma_suppression *suppression;
	size_t suppressions;
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
	const char *reports_as; /* custom.reports_as: the name that its alerts carry, where several
	                         * rules are one detection; NULL: its own */
	const enum field *evidence; /* custom.evidence: the fields to show first */
	size_t evidence_count;
	const struct sigma_override *override; /* in force, or NULL */
	bool is_correlation;
	bool silent;   /* raises no alert of its own: a correlation uses it, without `generate` */
	bool disabled; /* switched off by an override or by its status */
};

struct sigma_set;

/* For rules written for other names than ours. */
struct sigma_name {
	const char *name; /* as in such rules */
	enum field field;
};

/* A log source: rules whose every attribute is here apply to events of this kind. */
struct sigma_source {
	const char *product, *category, *service;
	enum event_kind kind;
};

/* A list for `expand`: what %name% stands for. */
struct sigma_placeholder {
	const char *name;
	struct sigma_list values;
};

/* How to read rules. All zero is what sigma_load() uses. */
struct sigma_options {
	const struct sigma_name *names; /* before our own, which always work too */
	size_t name_count;
	const struct sigma_source *sources; /* beside our own */
	size_t source_count;
	const struct sigma_placeholder *placeholders;
	size_t placeholder_count;
	const char *taxonomy;  /* whose names these are, accepted beside `sigma` */
	bool experimental;     /* use rules whose status is experimental */
	bool compatible;       /* a null in a list is a warning, not an error */
	const char *overrides; /* a file of overrides (docs/overrides.md), or NULL */
	bool is_part;          /* overrides may name rules that are not there: a warning */
};

/* What a file says of other taxonomies: fields, log sources, placeholders (docs/rules.md). */
struct sigma_mapping;

/* NULL, with complaints, when the file cannot be read; a wrong entry is told and left out. */
struct sigma_mapping *sigma_mapping_read(const char *file, struct complaints *complaints);
void sigma_mapping_free(struct sigma_mapping *mapping);
/* Puts it into options, which may be used as long as the mapping lives. */
void sigma_mapping_use(const struct sigma_mapping *mapping, struct sigma_options *options);

/* Reads every .yml file in `paths` (files, or folders searched recursively, in name order) and
 * compiles what is right. What is wrong becomes complaints; a rule with an error is left out, the
 * others stand. NULL only when memory ran out. */
struct sigma_set *sigma_load(const char *const *paths, size_t count, struct complaints *complaints);
/* The same from one text, for tests and fuzzing; `name` stands for the file. */
struct sigma_set *sigma_load_text(const char *name, struct bytes text,
                                  struct complaints *complaints);
/* Both with options; NULL for the usual ones. */
struct sigma_set *sigma_load_with(const struct sigma_options *options, const char *const *paths,
                                  size_t count, struct complaints *complaints);
struct sigma_set *sigma_load_text_with(const struct sigma_options *options, const char *name,
                                       struct bytes text, struct complaints *complaints);
void sigma_free(struct sigma_set *set);

size_t sigma_rule_count(const struct sigma_set *set);
const struct sigma_rule *sigma_rule_at(const struct sigma_set *set, size_t index);
const struct sigma_rule *sigma_rule_by_name(const struct sigma_set *set, const char *name);
const char *sigma_level_name(enum sigma_level level);

/* The fields that a rule looks at: those of its conditions, or of what it counts. */
const struct field_set *sigma_rule_fields(const struct sigma_rule *rule);
/* The kinds of events to which a detection rule applies: a bit each. */
uint64_t sigma_rule_kinds(const struct sigma_rule *rule);
/* The rules that a correlation counts: at most `most` of them into `to`. Returns how many. */
size_t sigma_rule_counts(const struct sigma_rule *rule, const struct sigma_rule **to, size_t most);
/* What a correlation counts, in words; empty for other rules. Returns `text`. */
const char *sigma_rule_counting(const struct sigma_rule *rule, char *text, size_t size);

/* Whether an event of this kind with these fields could satisfy any rule, now or after the site
 * model has added its facts (fields whose setter is SETTER_SITE or later may yet come). Cheap: a
 * worker asks it for every event and drops what nobody wants. */
bool sigma_wants(const struct sigma_set *set, enum event_kind kind,
                 const struct field_set *present);
/* The same by the values of the event so far, when the fields in `open` may still be set or
 * changed. Never false for an event that a rule could match. */
bool sigma_wants_event(const struct sigma_set *set, const struct event *ev,
                       const struct field_set *open);

struct sigma_detector;

#define SIGMA_SAMPLES_MAX 8

struct sigma_hit {
	const struct sigma_rule *rule;
	const struct event *event; /* the event that satisfied the rule, or completed the window */
	const struct field_set *tested; /* fields that the rule looks at */
	/* of a correlation: */
	uint64_t count;      /* events, or distinct values, in the window */
	int64_t first, last; /* packet times of the window's first and last event */
	bool approximate; /* counted beyond the exact capacity: more likely too low than too high */
	int64_t sample[SIGMA_SAMPLES_MAX]; /* packet times of some of the events that counted */
	unsigned samples;
	struct bytes group; /* the values it groups by, for people; until the call returns */
};

typedef void sigma_on_hit(void *context, const struct sigma_hit *hit);

/* What the windows of correlations may take, in total; 0 is 64 MiB. */
struct sigma_limits {
	size_t correlation_bytes;
};

/* What happened inside a detector since it was opened. */
struct sigma_counts {
	uint64_t groups;     /* of correlations, now */
	uint64_t evicted;    /* groups given up for newer ones while they still counted */
	uint64_t ungrouped;  /* events that did not count: a field to group by, or to count, was
	                        absent */
	uint64_t late;       /* events that did not count: older than the window of their group */
	uint64_t suppressed; /* hits that an override keeps back */
	uint64_t roughened;  /* windows that went on with less resolution, for want of memory */
	uint64_t regex_given_up; /* searches that ran into a limit, and count as no match */
};

struct sigma_detector *sigma_detector_open(const struct sigma_set *set, struct sigma_limits limits);
void sigma_detector_close(struct sigma_detector *d);
/* After opening a detector in place of another: windows of correlations go on whose rule is the
 * same in both sets, with all that it counts, its filters, threshold and mapping. Others begin
 * anew. */
void sigma_detector_inherit(struct sigma_detector *d, struct sigma_detector *before);

void sigma_detector_counts(const struct sigma_detector *d, struct sigma_counts *counts);

/* Matches one event; calls `on_hit` for every detection rule that it satisfies, in the order of the
 * set, then for every correlation whose window it completes or ends, inner ones first. A window
 * that ended by time alone has an event made of its group-by fields. Never allocates. */
void sigma_detect(struct sigma_detector *d, const struct event *ev, sigma_on_hit *on_hit,
                  void *context);

/* Tells the time when no events come, so that windows which are judged at their end are. */
void sigma_advance(struct sigma_detector *d, int64_t now, sigma_on_hit *on_hit, void *context);

/* One line of an explanation. */
struct sigma_reason {
	unsigned depth;   /* 0: the rule; then searches, their alternatives, their entries */
	const char *what; /* the name of a search, or a field with its modifiers; NULL: a list */
	const char *how;  /* "all of", "any of", "not" or "" */
	unsigned line;
	bool held;
	bool is_absent;   /* the event does not have the field */
	bool is_decisive; /* an entry that would have to be otherwise for the rule to match: all of
	                   * these together, and there is no set of fewer */
	enum field field; /* of an entry; FIELD_COUNT: any */
};

typedef void sigma_on_reason(void *context, const struct sigma_reason *reason);

/* Says of an event which parts of a detection rule hold: first whether the rule's log source fits,
 * then its searches as the condition combines them. Returns whether the rule matches. Slower than
 * matching; changes no windows. */
bool sigma_explain(struct sigma_detector *d, const struct sigma_rule *rule, const struct event *ev,
                   sigma_on_reason *on_reason, void *context);

/* How far an event is from matching a detection rule: entries that would have to be otherwise. */
#define SIGMA_NEVER UINT32_MAX
struct sigma_distance {
	uint32_t
	        missing; /* 0: it matches; SIGMA_NEVER: another log source, or a rule that cannot */
	uint32_t of;     /* the same for an event without any fact */
};

struct sigma_distance sigma_distance(struct sigma_detector *d, const struct sigma_rule *rule,
                                     const struct event *ev);

/* How far a group of a correlation has come. */
struct sigma_progress {
	const struct sigma_rule *rule;
	const char *group; /* its values, one behind the other */
	int64_t time;
	uint64_t reached, wanted; /* wanted is 0 where no number alone is enough */
};

typedef void sigma_on_progress(void *context, const struct sigma_progress *progress);

/* Tells of every event that counts in a correlation, from now on. For rule authors: it is slow. */
void sigma_watch(struct sigma_detector *d, sigma_on_progress *on_progress, void *context);

#endif
