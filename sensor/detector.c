/* From events to documents. */
#include "sensor/detector.h"

#include "core/log.h"
#include "sensor/handover.h"
#include "sensor/output/ecs.h"
#include "sensor/packet/flow_event.h"

#include <stdlib.h>

#define SCRATCH_BYTES (16u << 20)
/* Documents are handed to the outputs at the latest after so many events without a pause. */
#define FLUSH_EVENTS  1024
/* Looking for events more often would take processor time from the worker and gain nothing: alerts
 * are for people. In nanoseconds. */
#define REST          2000000

/* How often a signature was heard of in this run. */
struct tally {
	const struct sigma_rule *rule; /* NULL: a reload took it away */
	enum sigma_level level;
	char *name;
	uint64_t alerts; /* repeated ones included */
};

struct detector {
	struct detector_options options;
	struct sink **sinks;
	size_t sink_count;
	struct ring *ring;
	const struct sigma_set *signatures;
	struct sigma_detector *matcher;
	struct sigma_counts counted; /* of the matcher, and in the counters already */
	struct site_model *model;
	struct throttle *throttle;
	struct ecs *ecs;
	struct tally *tally;
	size_t tally_count;
	struct event event;
	struct arena scratch;
	struct counters counters;
	_Atomic bool reopen;
	/* What detector_exchange() asks for: written while `exchange` is false, read while it is
	 * true. */
	_Atomic bool exchange;
	const struct sigma_set *next_signatures;
	const struct site_file *next_listed;
};

static void count_documents(struct detector *d, struct sink *s)
{
	struct sink_tally tally = sink_take_tally(s);

	counter_add(&d->counters, COUNTER_DOCUMENTS_WRITTEN, tally.written);
	counter_add(&d->counters, COUNTER_DOCUMENTS_LOST, tally.lost);
}

static void write_document(struct detector *d, struct bytes document)
{
	for (size_t i = 0; i < d->sink_count; i++) {
		sink_write(d->sinks[i], document);
		count_documents(d, d->sinks[i]);
	}
}

/* What the matcher has counted since the last time. */
static void count_matching(struct detector *d)
{
	struct sigma_counts now;

	if (!d->matcher)
		return;
	sigma_detector_counts(d->matcher, &now);
	counter_add(&d->counters, COUNTER_ALERTS_SUPPRESSED,
	            now.suppressed - d->counted.suppressed);
	counter_add(&d->counters, COUNTER_CORRELATION_UNGROUPED,
	            now.ungrouped - d->counted.ungrouped);
	counter_add(&d->counters, COUNTER_CORRELATION_LATE, now.late - d->counted.late);
	counter_add(&d->counters, COUNTER_CORRELATION_ROUGHENED,
	            now.roughened - d->counted.roughened);
	counter_add(&d->counters, COUNTER_CORRELATION_EVICTED, now.evicted - d->counted.evicted);
	counter_add(&d->counters, COUNTER_REGEX_GIVEN_UP,
	            now.regex_given_up - d->counted.regex_given_up);
	d->counted = now;
}

static void flush(struct detector *d)
{
	count_matching(d);
	for (size_t i = 0; i < d->sink_count; i++) {
		sink_flush(d->sinks[i]);
		count_documents(d, d->sinks[i]);
	}
}

static void tell_repeated(void *context, const struct throttled *entry)
{
	struct detector *d = context;

	write_document(d, ecs_repeated(d->ecs, entry));
}

static const char *name_of(const struct sigma_rule *rule)
{
	return rule->name ? rule->name : rule->title;
}

static struct tally *tally_of(struct tally *all, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

/* Room to count the alerts of every rule. Counts of the rules before are kept. */
static bool make_tally(struct detector *d)
{
	size_t rules = d->signatures ? sigma_rule_count(d->signatures) : 0;
	struct tally *all = realloc(d->tally, (d->tally_count + rules + 1) * sizeof(*all));

	if (!all)
		return false;
	d->tally = all;
	for (size_t i = 0; i < d->tally_count; i++)
		all[i].rule = NULL;
	for (size_t i = 0; i < rules; i++) {
		const struct sigma_rule *rule = sigma_rule_at(d->signatures, i);
		struct tally *t = tally_of(all, d->tally_count, name_of(rule));

		if (!t) {
			t = &all[d->tally_count];
			*t = (struct tally){.name = strdup(name_of(rule))};
			if (!t->name)
				return false;
			d->tally_count++;
		}
		t->rule = rule;
		t->level = rule->level;
	}
	return true;
}

static void free_tally(struct detector *d)
{
	for (size_t i = 0; i < d->tally_count; i++)
		free(d->tally[i].name);
	free(d->tally);
}

static bool take_signatures(struct detector *d, const struct sigma_set *signatures)
{
	struct sigma_limits limits = {(size_t)d->options.config->limits.correlations};

	struct sigma_detector *before = d->matcher;

	count_matching(d);
	ecs_forget_rules(d->ecs);
	d->counted = (struct sigma_counts){0};
	d->signatures = signatures;
	d->matcher = signatures ? sigma_detector_open(signatures, limits) : NULL;
	if (d->matcher && before)
		sigma_detector_inherit(d->matcher, before);
	sigma_detector_close(before);
	return make_tally(d) && (d->matcher || !signatures);
}

struct detector *detector_open(struct ring *ring, const struct sigma_set *signatures,
                               struct detector_options options)
{
	const struct config *c = options.config;
	struct detector *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->options = options;
	d->ring = ring;
	d->model = site_model_open(options.listed,
	                           (struct site_limits){
	                                   .servers = (uint32_t)c->limits.site_servers,
	                                   .clients = (uint32_t)c->limits.site_clients,
	                                   .certificates = (uint32_t)c->limits.certificates,
	                                   .pairs = (uint32_t)c->limits.site_pairs,
	                                   .logons = (uint32_t)c->limits.site_logons,
	                           },
	                           &d->counters);
	d->throttle = throttle_open((uint32_t)c->limits.throttle_entries, c->alerts.throttle,
	                            &d->counters, tell_repeated, d);
	d->ecs = ecs_open(options.live);
	if (d->model && d->throttle && d->ecs && arena_open(&d->scratch, SCRATCH_BYTES) &&
	    take_signatures(d, signatures))
		return d;
	detector_close(d);
	return NULL;
}

void detector_close(struct detector *d)
{
	if (!d)
		return;
	sigma_detector_close(d->matcher);
	site_model_close(d->model);
	throttle_close(d->throttle);
	ecs_close(d->ecs);
	arena_close(&d->scratch);
	free_tally(d);
	free(d);
}

void detector_set_sinks(struct detector *d, struct sink **sinks, size_t count)
{
	d->sinks = sinks;
	d->sink_count = count;
}

static void on_hit(void *context, const struct sigma_hit *hit)
{
	struct detector *d = context;

	if (hit->rule->silent)
		return;
	count(&d->counters, COUNTER_ALERTS);
	for (size_t i = 0; i < d->tally_count; i++)
		if (d->tally[i].rule == hit->rule)
			d->tally[i].alerts++;
	if (throttle_pass(d->throttle, hit))
		write_document(d, ecs_alert(d->ecs, hit));
}

static void one_event(struct detector *d, void *record)
{
	event_unpack(&d->event, record);
	throttle_advance(d->throttle, d->event.time);
	flow_event_community_id(&d->event, &d->scratch);
	site_model_enrich(d->model, &d->event, &d->scratch);
	if (d->options.watcher)
		d->options.watcher->see(d->options.watcher, &d->event);
	if (d->options.every_event)
		write_document(d, ecs_event(d->ecs, &d->event));
	if (d->matcher)
		sigma_detect(d->matcher, &d->event, on_hit, d);
	arena_reset(&d->scratch);
}

/* An event that could not matter: only windows end. */
static void one_moment(struct detector *d, const int64_t *time)
{
	throttle_advance(d->throttle, *time);
	if (d->matcher)
		sigma_advance(d->matcher, *time, on_hit, d);
}

/* Between two events: other rules, another site file. Windows of unchanged rules go on, repetitions
 * are told. */
static void exchange(struct detector *d)
{
	throttle_end(d->throttle);
	if (take_signatures(d, d->next_signatures))
		log_line(LOG_NOTICE, "reloaded signatures and site file");
	else
		log_line(LOG_ERROR, "reload: out of memory; nothing is detected any more");
	site_model_relist(d->model, d->next_listed);
	atomic_store_explicit(&d->exchange, false, memory_order_release);
}

bool detector_exchange(struct detector *d, const struct sigma_set *signatures,
                       const struct site_file *listed)
{
	if (atomic_load_explicit(&d->exchange, memory_order_acquire))
		return false;
	d->next_signatures = signatures;
	d->next_listed = listed;
	atomic_store_explicit(&d->exchange, true, memory_order_release);
	return true;
}

void detector_reopen(struct detector *d)
{
	atomic_store(&d->reopen, true);
}

/* What other threads asked for, between two events. */
static void serve(struct detector *d)
{
	if (atomic_load_explicit(&d->exchange, memory_order_acquire))
		exchange(d);
	if (!atomic_load_explicit(&d->reopen, memory_order_relaxed))
		return;
	atomic_store(&d->reopen, false);
	for (size_t i = 0; i < d->sink_count; i++) {
		sink_reopen(d->sinks[i]);
		count_documents(d, d->sinks[i]);
	}
}

void detector_run(struct detector *d)
{
	unsigned unflushed = 0;
	void *record;
	size_t size;

	for (;;) {
		bool last = ring_finished(d->ring);

		serve(d);
		record = ring_peek(d->ring, &size);
		if (!record && last)
			break;
		if (!record) {
			if (unflushed)
				flush(d);
			unflushed = 0;
			ring_rest(d->ring, REST);
			continue;
		}
		if (size == MOMENT_BYTES)
			one_moment(d, record);
		else
			one_event(d, record);
		ring_release(d->ring);
		if (++unflushed >= FLUSH_EVENTS) {
			flush(d);
			unflushed = 0;
		}
	}
	throttle_end(d->throttle);
	flush(d);
}

const struct counters *detector_counters(const struct detector *d)
{
	return &d->counters;
}

const struct site_model *detector_site_model(const struct detector *d)
{
	return d->model;
}

static int by_level_then_name(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? 1 : -1;
	return strcmp(x->name, y->name);
}

void detector_summary(const struct detector *d, FILE *to)
{
	bool any = false;

	fprintf(to, "sites and servers seen\n");
	site_model_summary(d->model, to);
	if (!d->signatures)
		return;
	fprintf(to, "alerts\n");
	qsort(d->tally, d->tally_count, sizeof(*d->tally), by_level_then_name);
	for (size_t i = 0; i < d->tally_count; i++) {
		if (!d->tally[i].alerts)
			continue;
		any = true;
		fprintf(to, "  %-13s %-28s %10llu\n", sigma_level_name(d->tally[i].level),
		        d->tally[i].name, (unsigned long long)d->tally[i].alerts);
	}
	if (!any)
		fprintf(to, "  none\n");
}
