/* The site model and TLS: who is a site system, what changes, who comes in clear all the same. */
#include "core/clock.h"
#include "sensor/site/site_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct bench {
	struct site_model *model;
	struct counters counters;
	struct arena scratch;
	struct event ev;
	int64_t now;
};

static void begin(struct bench *b)
{
	struct site_limits limits = {
	        .servers = 64, .clients = 64, .certificates = 16, .pairs = 16, .logons = 16};

	*b = (struct bench){.now = 1790000000 * SECOND};
	assert_true(arena_open(&b->scratch, 1 << 20));
	b->model = site_model_open(NULL, limits, &b->counters);
	assert_non_null(b->model);
}

static void end(struct bench *b)
{
	site_model_close(b->model);
	arena_close(&b->scratch);
}

static struct address host(uint8_t number)
{
	uint8_t at[] = {192, 0, 2, number};

	return address_from((struct bytes){at, sizeof(at)});
}

static struct event *event_of(struct bench *b, enum event_kind kind, uint8_t client, uint8_t server,
                              int64_t port)
{
	b->now += SECOND;
	event_begin(&b->ev, kind, b->now);
	event_set_address(&b->ev, FIELD_CLIENT_IP, host(client));
	event_set_address(&b->ev, FIELD_SERVER_IP, host(server));
	event_set_integer(&b->ev, FIELD_SERVER_PORT, port);
	return &b->ev;
}

/* A handshake that was completed, with a client certificate. */
static struct event *mutual(struct bench *b, uint8_t client, uint8_t server, const char *name)
{
	struct event *ev = event_of(b, EVENT_TLS, client, server, 443);

	event_set_text(ev, FIELD_TLS_CLIENT_SERVER_NAME, bytes_of(name));
	event_set_boolean(ev, FIELD_TLS_ESTABLISHED, true);
	event_set_name(ev, FIELD_CONFIGMGR_TLS_CLIENT_AUTHENTICATION, "presented");
	site_model_enrich(b->model, ev, &b->scratch);
	return ev;
}

/* An answer of a management point by clear HTTP that names management points of PS1. */
static struct event *answer(struct bench *b, uint8_t client, uint8_t server, struct bytes named)
{
	struct event *ev = event_of(b, EVENT_HTTP, client, server, 80);

	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "mp_list");
	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "answered");
	event_set_name(ev, FIELD_CONFIGMGR_SERVER_ROLE, "management-point");
	event_set_name(ev, FIELD_CONFIGMGR_SITE_CODE, "PS1");
	if (named.len)
		event_set_texts(ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, &named, 1);
	site_model_enrich(b->model, ev, &b->scratch);
	return ev;
}

static bool is_site_system(const struct event *ev)
{
	return event_integer(ev, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM, false);
}

static void most_servers_are_no_site_systems(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	assert_false(is_site_system(mutual(&b, 11, 80, "www.example.com")));
	assert_false(event_has(&b.ev, FIELD_CONFIGMGR_SERVER_ROLES));
	end(&b);
}

static void a_port_of_configmgr_makes_a_site_system(void **state)
{
	struct bench b;
	struct event *ev;

	(void)state;
	begin(&b);
	ev = event_of(&b, EVENT_TLS, 11, 40, 8531);
	site_model_enrich(b.model, ev, &b.scratch);
	assert_true(is_site_system(ev));
	assert_true(event_text_is(ev, FIELD_CONFIGMGR_BASELINE_SOURCE, "learned"));
	end(&b);
}

/* Two clients are told of mp02, three show it their certificates, then it answers in clear. */
static void who_answers_in_clear_after_mutual_tls_is_found(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	answer(&b, 11, 20, BYTES("mp02.corp.example"));
	answer(&b, 12, 20, BYTES("mp02.corp.example"));
	assert_true(is_site_system(mutual(&b, 11, 21, "mp02.corp.example")));
	mutual(&b, 12, 21, "mp02.corp.example");
	assert_false(
	        event_has(answer(&b, 13, 20, (struct bytes){0}), FIELD_CONFIGMGR_SITE_HTTPS_ONLY));
	assert_true(event_integer(answer(&b, 13, 21, (struct bytes){0}),
	                          FIELD_CONFIGMGR_SITE_HTTPS_ONLY, false));
	assert_true(event_text_is(&b.ev, FIELD_CONFIGMGR_BASELINE_SOURCE, "learned"));
	end(&b);
}

static void a_client_that_fetches_a_crl_checks(void **state)
{
	struct bench b;
	struct event *ev;

	(void)state;
	begin(&b);
	for (uint8_t client = 11; client <= 12; client++) {
		ev = event_of(&b, EVENT_TLS, client, 40, 8531);
		event_set_boolean(ev, FIELD_TLS_ESTABLISHED, true);
		site_model_enrich(b.model, ev, &b.scratch);
	}
	ev = event_of(&b, EVENT_HTTP, 12, 10, 80);
	event_set_name(ev, FIELD_CONFIGMGR_REVOCATION_ANSWER, "crl");
	site_model_enrich(b.model, ev, &b.scratch);
	b.now += 25 * HOUR;
	ev = event_of(&b, EVENT_TLS, 11, 40, 8531);
	site_model_enrich(b.model, ev, &b.scratch);
	assert_false(event_integer(ev, FIELD_CONFIGMGR_CLIENT_REVOCATION_CHECKED, true));
	ev = event_of(&b, EVENT_TLS, 12, 40, 8531);
	site_model_enrich(b.model, ev, &b.scratch);
	assert_true(event_integer(ev, FIELD_CONFIGMGR_CLIENT_REVOCATION_CHECKED, false));
	ev = event_of(&b, EVENT_TLS, 13, 40, 8531);
	site_model_enrich(b.model, ev, &b.scratch);
	assert_false(event_has(ev, FIELD_CONFIGMGR_CLIENT_REVOCATION_CHECKED));
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(most_servers_are_no_site_systems),
	        cmocka_unit_test(a_port_of_configmgr_makes_a_site_system),
	        cmocka_unit_test(who_answers_in_clear_after_mutual_tls_is_found),
	        cmocka_unit_test(a_client_that_fetches_a_crl_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
