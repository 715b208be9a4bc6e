/* From events to documents. */
#include "sensor/detector.h"

#include "sensor/output/ecs.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#define SCRATCH_BYTES (16u << 20)
/* Documents are handed to the outputs at the latest after so many events without a pause. */
#define FLUSH_EVENTS  1024

/* How often a signature was heard of in this run. */
struct tally {
	const struct sigma_rule *rule;
	uint64_t alerts; /* repeated ones included */
};

struct detector {
	struct detector_options options;
	struct sink **sinks;
	size_t sink_count;
	struct ring *ring;
	const struct sigma_set *signatures;
	struct sigma_detector *matcher;
	struct site_model *model;
	struct throttle *throttle;
	struct ecs *ecs;
	struct tally *tally;
	size_t tally_count;
	struct event event;
	struct arena scratch;
	struct counters counters;
	/* What detector_exchange() asks for. */
	pthread_mutex_t lock;
	_Atomic bool exchange;
	const struct sigma_set *next_signatures;
	const struct site_file *next_listed;
};

static void write_document(struct detector *d, struct bytes document)
{
	for (size_t i = 0; i < d->sink_count; i++)
		count(&d->counters, sink_write(d->sinks[i], document) ? COUNTER_DOCUMENTS_WRITTEN
		                                                      : COUNTER_DOCUMENTS_LOST);
}

static void flush(struct detector *d)
{
	for (size_t i = 0; i < d->sink_count; i++)
		if (!sink_flush(d->sinks[i]))
			count(&d->counters, COUNTER_DOCUMENTS_LOST);
}

static void tell_repeated(void *context, const struct throttled *entry)
{
	struct detector *d = context;

	write_document(d, ecs_repeated(d->ecs, entry));
}

/* Room to count the alerts of every rule; counts of rules that stay are kept. */
static bool make_tally(struct detector *d)
{
	size_t n = d->signatures ? sigma_rule_count(d->signatures) : 0;
	struct tally *tally = calloc(n + 1, sizeof(*tally));

	if (!tally)
		return false;
	for (size_t i = 0; i < n; i++)
		tally[i].rule = sigma_rule_at(d->signatures, i);
	free(d->tally);
	d->tally = tally;
	d->tally_count = n;
	return true;
}

static bool take_signatures(struct detector *d, const struct sigma_set *signatures)
{
	struct sigma_limits limits = {(size_t)d->options.config->limits.correlations};

	sigma_detector_close(d->matcher);
	d->matcher = NULL;
	d->signatures = signatures;
	if (signatures)
		d->matcher = sigma_detector_open(signatures, limits);
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
	pthread_mutex_init(&d->lock, NULL);
	d->model = site_model_open(options.listed, (uint32_t)c->limits.site_servers,
	                           (uint32_t)c->limits.site_clients, &d->counters);
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
	pthread_mutex_destroy(&d->lock);
	free(d->tally);
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
	site_model_enrich(d->model, &d->event, &d->scratch);
	if (d->options.every_event)
		write_document(d, ecs_event(d->ecs, &d->event));
	if (d->matcher)
		sigma_detect(d->matcher, &d->event, on_hit, d);
	arena_reset(&d->scratch);
}

/* Between two events: other rules, another site file. Windows begin anew, repetitions are told. */
static void exchange(struct detector *d)
{
	pthread_mutex_lock(&d->lock);
	throttle_end(d->throttle);
	take_signatures(d, d->next_signatures);
	site_model_relist(d->model, d->next_listed);
	atomic_store(&d->exchange, false);
	pthread_mutex_unlock(&d->lock);
}

void detector_exchange(struct detector *d, const struct sigma_set *signatures,
                       const struct site_file *listed)
{
	static const struct timespec pause = {.tv_nsec = 1000 * 1000};

	pthread_mutex_lock(&d->lock);
	d->next_signatures = signatures;
	d->next_listed = listed;
	atomic_store(&d->exchange, true);
	pthread_mutex_unlock(&d->lock);
	/* The old ones may go when this returns. A detector that has ended needs neither. */
	while (atomic_load(&d->exchange) && !ring_finished(d->ring))
		nanosleep(&pause, NULL);
}

/* Waits a little for events: first by giving the processor away, then by sleeping longer and
 * longer. */
static void rest(unsigned rounds)
{
	struct timespec pause = {.tv_nsec = 20 * 1000};

	if (rounds < 32) {
		sched_yield();
		return;
	}
	if (rounds > 100)
		pause.tv_nsec = 1000 * 1000;
	nanosleep(&pause, NULL);
}

void detector_run(struct detector *d)
{
	unsigned idle = 0, unflushed = 0;
	void *record;
	size_t size;

	for (;;) {
		bool last = ring_finished(d->ring);

		if (atomic_load_explicit(&d->exchange, memory_order_relaxed))
			exchange(d);
		record = ring_peek(d->ring, &size);
		if (!record && last)
			break;
		if (!record) {
			if (unflushed)
				flush(d);
			unflushed = 0;
			rest(idle++);
			continue;
		}
		idle = 0;
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

	if (x->rule->level != y->rule->level)
		return x->rule->level < y->rule->level ? 1 : -1;
	return strcmp(x->rule->name ? x->rule->name : "", y->rule->name ? y->rule->name : "");
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
		fprintf(to, "  %-13s %-28s %10llu\n", sigma_level_name(d->tally[i].rule->level),
		        d->tally[i].rule->name, (unsigned long long)d->tally[i].alerts);
	}
	if (!any)
		fprintf(to, "  none\n");
}
