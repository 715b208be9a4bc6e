/* Tests of the worker's idea of the site model: what it was taught is in reach, what it was not is
 * not, and when it can remember no more, everything is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sensor/site/site_reach.h"

#include <stdlib.h>
#include <unistd.h>

struct bench {
	struct site_reach reach;
	struct site_file *listed; /* NULL: there is no site file */
	struct counters counters;
	struct event *ev;
};

static void open_bench(struct bench *b, uint32_t most)
{
	*b = (struct bench){.ev = calloc(1, sizeof(*b->ev))};
	assert_non_null(b->ev);
	assert_true(site_reach_open(&b->reach, most, &b->counters));
}

static void close_bench(struct bench *b)
{
	site_reach_close(&b->reach);
	site_file_free(b->listed);
	free(b->ev);
}

static struct address address(const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_of(text), &a));
	return a;
}

static void begin(struct bench *b, enum event_kind kind, const char *client, const char *server)
{
	event_begin(b->ev, kind, 1);
	event_set_address(b->ev, FIELD_CLIENT_IP, address(client));
	event_set_address(b->ev, FIELD_SERVER_IP, address(server));
}

static bool may_state(const struct bench *b, enum field f)
{
	struct field_set open = {{0}};

	site_reach_fields(&b->reach, b->listed, b->ev, &open);
	return field_set_has(&open, f);
}

static bool teaches(const struct bench *b)
{
	return site_reach_teaches(&b->reach, b->listed, b->ev);
}

static void connection(struct bench *b, const char *client, const char *server)
{
	begin(b, EVENT_CONNECTION, client, server);
	event_set_name(b->ev, FIELD_NETWORK_PROTOCOL, "smb");
}

static void answer_of(struct bench *b, const char *server)
{
	begin(b, EVENT_HTTP, "192.0.2.200", server);
	event_set_name(b->ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "policy_body");
	event_set_name(b->ev, FIELD_CONFIGMGR_SERVER_ROLE, "management-point");
	assert_true(teaches(b));
	site_reach_learn(&b->reach, b->ev);
}

static void pairs_need_both_ends(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, 100);
	connection(&b, "192.0.2.1", "192.0.2.2");
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	assert_false(may_state(&b, FIELD_CONFIGMGR_SERVER_ROLES));
	answer_of(&b, "192.0.2.2");
	connection(&b, "192.0.2.1", "192.0.2.2");
	assert_true(may_state(&b, FIELD_CONFIGMGR_SERVER_ROLES));
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	answer_of(&b, "192.0.2.1");
	connection(&b, "192.0.2.1", "192.0.2.2");
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	assert_false(may_state(&b, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED)); /* nobody listed it */
	close_bench(&b);
}

/* IKE between two hosts, answered or not, may be followed by traffic in clear. */
static void ike_makes_pairs(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, 100);
	begin(&b, EVENT_IPSEC, "192.0.2.1", "2001:db8::1");
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_IPSEC_FALLBACK));
	site_reach_learn(&b.reach, b.ev);
	connection(&b, "2001:db8::1", "192.0.2.1");
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_IPSEC_FALLBACK));
	close_bench(&b);
}

static void tls(struct bench *b, int64_t port, const char *name)
{
	begin(b, EVENT_TLS, "192.0.2.1", "192.0.2.9");
	event_set_integer(b->ev, FIELD_SERVER_PORT, port);
	event_set_name(b->ev, FIELD_TLS_CLIENT_SERVER_NAME, name);
}

static bool is_site_system(const struct bench *b)
{
	assert_int_equal(teaches(b), may_state(b, FIELD_CONFIGMGR_SERVER_SITE_SYSTEM));
	return teaches(b);
}

static void tls_of_site_systems(void **state)
{
	static const char wide[] = "\0S\0M\0S\0 \0I\0s\0s\0u\0i\0n\0g";
	struct bench b;
	struct bytes names[] = {BYTES("mp01.CORP.example"), BYTES("mp02.corp.example")};

	(void)state;
	open_bench(&b, 100);
	tls(&b, 443, "mp02.corp.Example");
	assert_false(is_site_system(&b));
	assert_true(may_state(&b, FIELD_TLS_SERVER_X509_SUBJECT));
	tls(&b, 8531, NULL);
	assert_true(is_site_system(&b));
	tls(&b, 443, NULL);
	b.ev->attached[ATTACHED_SERVER_CERTIFICATES] = BYTES("0.0.U...SMS Issuing0...");
	assert_true(is_site_system(&b));
	b.ev->attached[ATTACHED_SERVER_CERTIFICATES] =
	        (struct bytes){(const void *)wide, sizeof(wide)};
	assert_true(is_site_system(&b));
	begin(&b, EVENT_HTTP, "192.0.2.1", "192.0.2.3");
	event_set_name(b.ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "mp_list");
	event_set_texts(b.ev, FIELD_CONFIGMGR_NAMED_MANAGEMENT_POINTS, names, 2);
	site_reach_learn(&b.reach, b.ev);
	tls(&b, 443, "mp02.corp.Example");
	assert_true(is_site_system(&b));
	tls(&b, 443, "mp03.corp.example");
	assert_false(is_site_system(&b));
	answer_of(&b, "192.0.2.9");
	tls(&b, 443, NULL);
	assert_true(is_site_system(&b));
	close_bench(&b);
}

static void nothing_is_said_of_plain_http(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, 100);
	begin(&b, EVENT_HTTP, "192.0.2.1", "192.0.2.9");
	event_set_name(b.ev, FIELD_URL_PATH, "/");
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_KEY_CHANGED));
	event_set_name(b.ev, FIELD_CONFIGMGR_REVOCATION_ANSWER, "crl");
	assert_true(teaches(&b));
	close_bench(&b);
}

static void full_is_everything(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, 2);
	answer_of(&b, "192.0.2.1");
	answer_of(&b, "192.0.2.2");
	answer_of(&b, "192.0.2.2");
	connection(&b, "192.0.2.8", "192.0.2.9");
	assert_false(teaches(&b));
	assert_int_equal(counter_read(&b.counters, COUNTER_EVENTS_UNJUDGED), 0);
	answer_of(&b, "192.0.2.3");
	assert_int_equal(counter_read(&b.counters, COUNTER_EVENTS_UNJUDGED), 1);
	connection(&b, "192.0.2.8", "192.0.2.9");
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	close_bench(&b);
}

/* A site file as an operator writes it. */
static struct site_file *site_file(const char *text)
{
	char path[] = "/tmp/cmtap-reach-XXXXXX";
	struct complaints complaints = {0};
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);

	struct site_file *sites = site_file_read(path, &complaints);

	unlink(path);
	assert_non_null(sites);
	complaints_free(&complaints);
	return sites;
}

#define LISTED                                                                                     \
	"sites:\n"                                                                                 \
	"  - code: PS1\n"                                                                          \
	"    servers:\n"                                                                           \
	"      - {name: mp02, addresses: [192.0.2.22, 192.0.2.21], roles: [management-point]}\n"   \
	"      - {name: dp01, addresses: [192.0.2.30, 192.0.2.21], roles: [distribution-point]}\n" \
	"ipsec: {required-between: [[192.0.2.64/28, 192.0.2.80/28]]}\n"

static void a_site_file_says_which_pairs_matter(void **state)
{
	struct bench b;

	(void)state;
	open_bench(&b, 100);
	b.listed = site_file(LISTED);
	connection(&b, "192.0.2.1", "192.0.2.2");
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	assert_false(may_state(&b, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED));
	assert_false(may_state(&b, FIELD_CONFIGMGR_PAIR_ENCRYPTION_LISTED));
	connection(&b, "192.0.2.1", "192.0.2.30");
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	assert_true(may_state(&b, FIELD_CONFIGMGR_PAIR_ENCRYPTION_LISTED));
	connection(&b, "192.0.2.22", "192.0.2.30");
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_PAIR_SITE_SYSTEMS));
	connection(&b, "192.0.2.85", "192.0.2.70"); /* either way round */
	assert_true(teaches(&b) && may_state(&b, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED));
	connection(&b, "192.0.2.65", "192.0.2.70");
	assert_false(teaches(&b) || may_state(&b, FIELD_CONFIGMGR_PAIR_IPSEC_REQUIRED));
	close_bench(&b);
}

static void of_two_servers_with_one_address_the_first_counts(void **state)
{
	struct site_file *sites = site_file(LISTED);

	(void)state;
	assert_string_equal(site_file_by_address(sites, address("192.0.2.21"))->name, "mp02");
	assert_string_equal(site_file_by_address(sites, address("192.0.2.22"))->name, "mp02");
	assert_string_equal(site_file_by_address(sites, address("192.0.2.30"))->name, "dp01");
	assert_null(site_file_by_address(sites, address("192.0.2.31")));
	assert_null(site_file_by_address(sites, address("::")));
	assert_null(site_file_by_address(sites, address("ffff::")));
	site_file_free(sites);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pairs_need_both_ends),
	        cmocka_unit_test(ike_makes_pairs),
	        cmocka_unit_test(tls_of_site_systems),
	        cmocka_unit_test(nothing_is_said_of_plain_http),
	        cmocka_unit_test(full_is_everything),
	        cmocka_unit_test(a_site_file_says_which_pairs_matter),
	        cmocka_unit_test(of_two_servers_with_one_address_the_first_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
