/* The window of one correlation, and all of them: what correlator.c runs and the types of
 * correlations fill. One thread owns them. */
#ifndef CMTAP_SIGNATURES_SIGMA_WINDOW_H
#define CMTAP_SIGNATURES_SIGMA_WINDOW_H

#include "core/clock.h"
#include "signatures/sigma/correlator.h"
#include "signatures/sigma/group.h"
#include "signatures/sigma/keys.h"
#include "signatures/sigma/sketch.h"

/* Entries of one group; with more, neighbours are merged. */
#define WINDOW_ENTRIES_MAX 4096
/* Distinct values of one group; with more, they are estimated. */
#define WINDOW_VALUES_MAX  2048

/* What a window fired for in this round: correlations that count it look here. */
struct window_hit {
	struct keys keys;
	const struct event *event;
	int64_t time;
	uint8_t packed[GROUP_KEYS_MAX];
};

struct window {
	const struct rule *rule;
	const struct correlation *correlation;
	struct sketch *sketch; /* of groups that were given up; of event_count alone */
	bool has_evicted;
	uint32_t pending; /* members that matched in this round: a bit each */
	struct window_hit hit[KEYS_COMBINATIONS_MAX];
	unsigned hits;
};

/* Who counts the hits of a rule. */
struct subscription {
	uint32_t window;
	uint32_t member;
};

struct correlator {
	const struct sigma_set *set;
	struct window *window;
	uint32_t windows;
	uint32_t *timed; /* those that are judged when they end */
	uint32_t timed_windows;
	struct groups groups;
	struct arena sketches;
	struct subscription *subscription; /* of all rules, side by side */
	uint32_t *subscribed;              /* of each rule: where its subscriptions begin */
	uint64_t *pending;                 /* windows with something to count: a bit each */
	bool any_pending;
	uint32_t stamp; /* of the event */
	struct packet_clock clock;
	uint64_t ungrouped, late, roughened, suppressed;
	const struct event *event;
	sigma_on_hit *on_hit;
	void *context;
	sigma_on_progress *on_progress; /* NULL: nobody wants to know */
	void *progress_context;
	/* The event of a window that ended by time alone. */
	struct event made;
	uint8_t packed[GROUP_KEYS_MAX];
	struct keys made_keys;
	struct bytes text_item[CORRELATION_KEYS_MAX];
};

/* What a window fires with. */
struct firing {
	const struct keys *keys;
	const struct event *event;
	uint64_t count;
	int64_t first;
};

/* Raises the hit, unless the group has had one within its span; marks who counts it. */
void window_fire(struct correlator *c, struct window *w, struct group *g,
                 const struct firing *firing);

/* Counts one event of a member in a group. `values` are what the correlation counts, where it does.
 */
struct occurrence {
	struct window *window;
	unsigned member;
	const struct event *event;
	int64_t time;
	const struct keys *keys;
	const struct keys *values; /* combinations of them */
	unsigned combinations;
	bool is_chained; /* the member is a correlation itself */
};

void window_count(struct correlator *c, struct group *g, const struct occurrence *o);
void window_count_values(struct correlator *c, struct group *g, const struct occurrence *o);
void window_together(struct correlator *c, struct group *g, const struct occurrence *o);
void window_in_order(struct correlator *c, struct group *g, const struct occurrence *o);

/* The same for windows that are judged when they end. */
void window_gather(struct correlator *c, struct group *g, const struct occurrence *o);
/* Whether what was gathered meets the condition, and how much it is. */
bool window_judge(struct correlator *c, struct group *g, uint64_t *count);

/* Fills `made` and `made_keys` from what the group keeps of its keys. */
void window_make_event(struct correlator *c, const struct window *w, const struct group *g);

/* Adds a distinct value to a group: entries older than `limit` are forgotten. Returns how many
 * there are. */
uint64_t window_values_add(struct correlator *c, const struct window *w, struct group *g,
                           uint64_t hash, int64_t time, int64_t limit);

#endif
