/* What tests of signatures share: loading texts, feeding events, noting hits. */
#ifndef CMTAP_TESTS_UNIT_SIGNATURES_RULES_H
#define CMTAP_TESTS_UNIT_SIGNATURES_RULES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"
#include "signatures/sigma/sigma.h"

#include <stdlib.h>

#define HITS_MAX 64

/* A rule that matches HTTP events whose method is its name. */
#define BASE_RULE(name)                                                                            \
	"title: " name "\nname: " name "\nlogsource: {service: http}\n"                            \
	"detection: {s: {http.request.method: " name "}, condition: s}\n---\n"

struct noted {
	char name[24];
	int64_t at, first, last; /* seconds */
	uint64_t count;
	bool approximate;
	char client[ADDRESS_TEXT_MAX];
	int64_t sample[SIGMA_SAMPLES_MAX]; /* seconds */
	unsigned samples;
};

struct bench {
	struct complaints complaints;
	struct sigma_set *set;
	struct sigma_detector *detector;
	struct event *event;
	struct noted hit[HITS_MAX];
	unsigned hits;
};

static inline void bench_close(struct bench *b)
{
	sigma_detector_close(b->detector);
	sigma_free(b->set);
	complaints_free(&b->complaints);
	free(b->event);
	*b = (struct bench){0};
}

/* Loads rules that must be right. */
static inline void bench_open(struct bench *b, const char *text, size_t bytes)
{
	*b = (struct bench){.event = calloc(1, sizeof(*b->event))};
	b->set = sigma_load_text("t.yml", bytes_of(text), &b->complaints);
	if (b->complaints.errors)
		complaints_print(&b->complaints, stderr);
	assert_int_equal(b->complaints.errors, 0);
	b->detector = sigma_detector_open(b->set, (struct sigma_limits){bytes});
	assert_non_null(b->detector);
}

static inline void bench_on_hit(void *context, const struct sigma_hit *hit)
{
	struct bench *b = context;
	struct noted *n = &b->hit[b->hits < HITS_MAX ? b->hits : HITS_MAX - 1];

	b->hits++;
	*n = (struct noted){.at = hit->event->time / SECOND,
	                    .first = hit->first / SECOND,
	                    .last = hit->last / SECOND,
	                    .count = hit->count,
	                    .approximate = hit->approximate,
	                    .samples = hit->samples};
	for (unsigned i = 0; i < hit->samples; i++)
		n->sample[i] = hit->sample[i] / SECOND;
	snprintf(n->name, sizeof(n->name), "%s", hit->rule->name);
	if (event_has(hit->event, FIELD_CLIENT_IP))
		address_print(hit->event->value[FIELD_CLIENT_IP].address, n->client);
}

/* An HTTP event of a client, with a method that says which base rule it is for. */
static inline struct event *bench_event(struct bench *b, double seconds, const char *method,
                                        uint32_t client)
{
	uint8_t address[4] = {10, (uint8_t)(client >> 16), (uint8_t)(client >> 8), (uint8_t)client};

	event_begin(b->event, EVENT_HTTP, (int64_t)(seconds * (double)SECOND));
	event_set_name(b->event, FIELD_HTTP_REQUEST_METHOD, method);
	event_set_address(b->event, FIELD_CLIENT_IP, address_from((struct bytes){address, 4}));
	return b->event;
}

static inline void bench_send(struct bench *b)
{
	sigma_detect(b->detector, b->event, bench_on_hit, b);
}

static inline void bench_feed(struct bench *b, double seconds, const char *method, uint32_t client)
{
	bench_event(b, seconds, method, client);
	bench_send(b);
}

#endif
