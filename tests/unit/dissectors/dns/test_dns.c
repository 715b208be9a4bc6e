/* DNS: questions with their answers, what stays unanswered, and what is broken. */
#include "core/clock.h"
#include "dissectors/dns/message.h"
#include "tests/support/guard.h"
#include "tests/support/trial.h"
#include "tests/unit/sensor/packet/allocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define QUERY     "\x01\x00"
#define RESPONSE  "\x81\x80"
#define NXDOMAIN  "\x85\x83"
#define TRUNCATED "\x83\x80"
#define MP                                                                                         \
	"\x04mp01\x04"                                                                             \
	"corp\x07"                                                                                 \
	"example\0"
#define OF_MP "\xc0\x0c"
#define CORP  "\xc0\x11"
#define A_IN  "\0\x01\0\x01"
#define TTL   "\0\0\x0e\x10"

/* Octal and hexadecimal escapes run on: pieces are put together here. */
#define MESSAGE(id, flags, counts, rest) BYTES(id flags counts rest)
#define ASK(id)                          MESSAGE(id, QUERY, "\0\x01\0\0\0\0\0\0", MP A_IN)
#define ANSWERED(id, last)                                                                         \
	MESSAGE(id, RESPONSE, "\0\x01\0\x01\0\0\0\0",                                              \
	        MP A_IN OF_MP A_IN TTL "\0\x04\xc0\0\x02" last)

static int open_trial(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	trial_open(t);
	t->server_port = 53;
	*state = t;
	return 0;
}

static int close_trial(void **state)
{
	struct trial *t = *state;

	trial_close(t);
	free(t);
	return 0;
}

static void one_event_of(const struct trial *t, enum event_kind kind)
{
	assert_int_equal(t->events, 1);
	assert_int_equal(t->event[0].kind, kind);
}

static void says(const struct event *ev, enum field f, const char *text)
{
	assert_string_equal(
	        field_info[f].type == TYPE_TEXTS ? texts_of_event(ev, f) : text_of(ev, f), text);
}

static bool is_unanswered(const struct event *ev)
{
	return event_text_is(ev, FIELD_DNS_TYPE, "query") && is_degraded(ev);
}

/* A response with one record of that type and data to a question for mp01.corp.example. */
static void answer_with(struct trial *t, uint8_t type, struct bytes data)
{
	uint8_t message[512];
	struct bytes head = MESSAGE("\0\x07", RESPONSE, "\0\x01\0\x01\0\0\0\0", MP A_IN OF_MP);
	uint8_t record[] = {
	        0, type, 0, 1, 0, 0, 0, 60, (uint8_t)(data.len >> 8), (uint8_t)data.len};

	memcpy(message, head.at, head.len);
	memcpy(message + head.len, record, sizeof(record));
	memcpy(message + head.len + sizeof(record), data.at, data.len);
	trial_datagram(t, SERVER,
	               guarded((struct bytes){message, head.len + sizeof(record) + data.len}));
}

static void a_question_and_its_answer_are_one_event(void **state)
{
	struct trial *t = *state;
	const struct event *ev = &t->event[0];

	trial_datagram(t, CLIENT, ASK("\x30\x39"));
	assert_int_equal(t->events, 0);
	trial_wait(t, MILLISECOND);
	trial_datagram(t, SERVER, ANSWERED("\x30\x39", "\x0a"));
	one_event_of(t, EVENT_DNS);
	says(ev, FIELD_DNS_ID, "12345");
	says(ev, FIELD_DNS_TYPE, "answer");
	says(ev, FIELD_DNS_OP_CODE, "QUERY");
	says(ev, FIELD_DNS_HEADER_FLAGS, "RD RA");
	says(ev, FIELD_DNS_QUESTION_NAME, "mp01.corp.example");
	says(ev, FIELD_DNS_QUESTION_TYPE, "A");
	says(ev, FIELD_DNS_QUESTION_CLASS, "IN");
	says(ev, FIELD_DNS_RESPONSE_CODE, "NOERROR");
	says(ev, FIELD_DNS_ANSWERS_NAME, "mp01.corp.example");
	says(ev, FIELD_DNS_ANSWERS_TYPE, "A");
	says(ev, FIELD_DNS_ANSWERS_DATA, "192.0.2.10");
	assert_int_equal(ev->value[FIELD_DNS_RESOLVED_IP].addresses.count, 1);
	assert_int_equal(event_integer(ev, FIELD_EVENT_END, 0) -
	                         event_integer(ev, FIELD_EVENT_START, 0),
	                 2 * MILLISECOND); /* one is that of a datagram */
	assert_false(is_degraded(ev));
	trial_end(t);
	one_event_of(t, EVENT_DNS);
}

static void data_is_written_as_in_master_files(void **state)
{
	static const struct {
		uint8_t type;
		struct bytes data;
		const char *name, *text;
	} records[] = {
	        {2, BYTES_INIT("\x02ns" CORP), "NS", "ns.corp.example"},
	        {5, BYTES_INIT("\x03Web\xc0\x16"), "CNAME", "web.example"},
	        {6,
	         BYTES_INIT("\x02ns" CORP "\x04root" CORP
	                    "\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05"),
	         "SOA", "ns.corp.example root.corp.example 1 2 3 4 5"},
	        {12, BYTES_INIT("\0"), "PTR", "."},
	        {15, BYTES_INIT("\0\x0a\x04mail" CORP), "MX", "10 mail.corp.example"},
	        {16, BYTES_INIT("\x03I E\x04X \\\x01"), "TXT", "I EX \\\\\\001"},
	        {16, BYTES_INIT("\0"), "TXT", "\"\""},
	        {28, BYTES_INIT("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"), "AAAA",
	         "2001:db8::1"},
	        {33, BYTES_INIT("\0\x01\0\x02\0\x50" OF_MP), "SRV", "1 2 80 mp01.corp.example"},
	        {65, BYTES_INIT("\0\x01\0\0\x01\0\x03\x02h2"), "HTTPS", "1 ."},
	        {13, BYTES_INIT("\x01\x61"), "HINFO", "\\# 2 0161"},
	        {200, BYTES_INIT("\xab"), "TYPE200", "\\# 1 ab"},
	};
	struct trial *t = *state;

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		answer_with(t, records[i].type, records[i].data);
		assert_int_equal(t->events, i + 1);
		assert_int_equal(t->event[i].kind, EVENT_DNS);
		says(&t->event[i], FIELD_DNS_ANSWERS_TYPE, records[i].name);
		says(&t->event[i], FIELD_DNS_ANSWERS_DATA, records[i].text);
	}
}

static void names_are_lower_case_and_escaped(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT,
	               MESSAGE("\0\1", QUERY, "\0\x01\0\0\0\0\0\0",
	                       "\x07"
	                       "A.b\\\0 \xff\0"
	                       "\0\x10\0\x03"));
	trial_end(t);
	one_event_of(t, EVENT_DNS);
	says(&t->event[0], FIELD_DNS_QUESTION_NAME, "a\\.b\\\\\\000\\032\\255");
	says(&t->event[0], FIELD_DNS_QUESTION_TYPE, "TXT");
	says(&t->event[0], FIELD_DNS_QUESTION_CLASS, "CH");
}

static void answers_in_another_order_find_their_questions(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, ASK("\0\1"));
	trial_datagram(t, CLIENT, ASK("\0\2"));
	trial_datagram(t, CLIENT, ASK("\0\2")); /* sent again */
	trial_datagram(t, SERVER, ANSWERED("\0\2", "\x02"));
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x01"));
	trial_end(t);
	assert_int_equal(t->events, 2);
	says(&t->event[0], FIELD_DNS_ID, "2");
	says(&t->event[0], FIELD_DNS_ANSWERS_DATA, "192.0.2.2");
	says(&t->event[1], FIELD_DNS_ANSWERS_DATA, "192.0.2.1");
	assert_false(is_degraded(&t->event[0]));
	assert_false(is_degraded(&t->event[1]));
}

/* Who forges answers is faster, or right behind. */
static void a_second_answer_is_told_by_itself(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, ASK("\0\1"));
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x42"));
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x01"));
	assert_int_equal(t->events, 2);
	says(&t->event[0], FIELD_DNS_ANSWERS_DATA, "192.0.2.66");
	says(&t->event[1], FIELD_DNS_ANSWERS_DATA, "192.0.2.1");
	assert_true(is_degraded(&t->event[1]));
}

static void an_answer_to_another_question_is_none(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, MESSAGE("\0\1", QUERY, "\0\x01\0\0\0\0\0\0", MP "\0\x1c\0\x01"));
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x42"));
	trial_end(t);
	assert_int_equal(t->events, 2);
	assert_true(is_degraded(&t->event[0]));
	says(&t->event[1], FIELD_DNS_QUESTION_TYPE, "AAAA");
	assert_true(is_unanswered(&t->event[1]));
}

static void questions_are_told_when_nobody_answers(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, ASK("\0\1"));
	trial_end(t);
	one_event_of(t, EVENT_DNS);
	says(&t->event[0], FIELD_DNS_TYPE, "query");
	assert_true(is_unanswered(&t->event[0]));
	assert_false(event_has(&t->event[0], FIELD_DNS_RESPONSE_CODE));
}

static void the_oldest_question_makes_room(void **state)
{
	struct trial *t = *state;

	for (uint8_t i = 0; i < 6; i++) {
		uint8_t message[64];
		struct bytes ask = ASK("\0\0");

		memcpy(message, ask.at, ask.len);
		message[1] = i;
		trial_datagram(t, CLIENT, (struct bytes){message, ask.len});
	}
	assert_int_equal(t->events, 2);
	says(&t->event[0], FIELD_DNS_ID, "0");
	says(&t->event[1], FIELD_DNS_ID, "1");
	assert_true(is_unanswered(&t->event[0]));
	assert_int_equal(t->counters.value[COUNTER_DNS_QUESTIONS_OVER_CAP], 2);
	trial_end(t);
	assert_int_equal(t->events, 6);
	says(&t->event[5], FIELD_DNS_ID, "5");
}

static void codes_of_edns_have_more_bits(void **state)
{
	struct trial *t = *state;

	/* Two records of authority and additional: SOA of no data, and OPT with BADVERS and DO. */
	trial_datagram(t, SERVER,
	               MESSAGE("\0\1", "\x84\x00", "\0\x01\0\0\0\x01\0\x01",
	                       MP A_IN "\0\0\x06\0\x01" TTL "\0\0"
	                               "\0\0\x29\x10\0\x01\0\x80\0\0\0"));
	trial_datagram(t, SERVER, MESSAGE("\0\2", NXDOMAIN, "\0\x01\0\0\0\0\0\0", MP A_IN));
	trial_datagram(t, SERVER, MESSAGE("\0\3", "\xb8\x0f", "\0\0\0\0\0\0\0\0", ""));
	assert_int_equal(t->events, 3);
	says(&t->event[0], FIELD_DNS_RESPONSE_CODE, "BADVERS");
	says(&t->event[0], FIELD_DNS_HEADER_FLAGS, "AA DO");
	says(&t->event[1], FIELD_DNS_RESPONSE_CODE, "NXDOMAIN");
	says(&t->event[2], FIELD_DNS_RESPONSE_CODE, "RCODE15");
	says(&t->event[2], FIELD_DNS_OP_CODE, "OPCODE7");
}

static void too_many_records_are_cut_and_marked(void **state)
{
	struct trial *t = *state;

	t->bench.limits.dns_answers = 1;
	trial_datagram(t, SERVER,
	               MESSAGE("\0\1", RESPONSE, "\0\x01\0\x02\0\0\0\0",
	                       MP A_IN OF_MP A_IN TTL "\0\x04\x01\x01\x01\x01" OF_MP A_IN TTL
	                                              "\0\x04\x02\x02\x02\x02"));
	one_event_of(t, EVENT_DNS);
	says(&t->event[0], FIELD_DNS_ANSWERS_DATA, "1.1.1.1");
	assert_int_equal(t->counters.value[COUNTER_DNS_ANSWERS_OVER_CAP], 1);
	assert_true(is_degraded(&t->event[0]));
}

static void what_was_not_captured_is_not_malformed(void **state)
{
	struct trial *t = *state;
	struct bytes whole = ANSWERED("\0\1", "\x01");

	trial_datagram(t, CLIENT, ASK("\0\1"));
	for (size_t captured = 1; captured < whole.len; captured++)
		trial_datagram_cut(t, SERVER, whole, captured);
	assert_int_equal(t->event[0].kind, EVENT_DNS);
	for (size_t i = 0; i < t->events; i++)
		assert_int_equal(t->event[i].kind, EVENT_DNS);
	assert_true(is_degraded(&t->event[0]));
}

static void a_server_may_truncate(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, SERVER, MESSAGE("\0\1", TRUNCATED, "\0\x01\0\x09\0\0\0\0", MP A_IN));
	one_event_of(t, EVENT_DNS);
	says(&t->event[0], FIELD_DNS_HEADER_FLAGS, "TC RD RA");
}

static void what_is_broken_is_told_once_a_side(void **state)
{
	static const struct bytes broken[] = {
	        /* a pointer to itself, forwards, into the header; labels of other kinds */
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0"
	                   "\xc0\x0c" A_IN),
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0"
	                   "\xc0\x20" A_IN),
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0"
	                   "\xc0\x02" A_IN),
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0"
	                   "\x41"
	                   "a\0" A_IN),
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0"
	                   "\x04mp"),
	        BYTES_INIT("\0\1" QUERY "\0\x02\0\0\0\0\0\0" MP A_IN),
	        BYTES_INIT("\0\1" QUERY "\0\x01\0\0\0\0\0\0" MP "\0\x01\0"),
	        BYTES_INIT("\0"),
	};
	struct trial *t = *state;

	trial_datagram(t, CLIENT, ASK("\0\1"));
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		trial_datagram(t, CLIENT, guarded(broken[i]));
		one_event_of(t, EVENT_MALFORMED);
		says(&t->event[0], FIELD_CONFIGMGR_MALFORMED_PROTOCOL, "dns");
	}
	/* It does not blind for what comes behind it. */
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x01"));
	assert_int_equal(t->events, 2);
	assert_int_equal(t->event[1].kind, EVENT_DNS);
	assert_false(is_degraded(&t->event[1]));
}

static void broken_records_are_malformed(void **state)
{
	static const struct {
		uint8_t type;
		struct bytes data;
	} records[] = {
	        {1, BYTES_INIT("\1\2\3")},
	        {28, BYTES_INIT("\1\2\3\4")},
	        {5, BYTES_INIT("\x03www")},
	        {15, BYTES_INIT("\0")},
	        {16, BYTES_INIT("\x05"
	                        "abc")},
	        {33, BYTES_INIT("\0\1\0\1\0\1")},
	        {12, BYTES_INIT("\x01"
	                        "a\xc0")},
	        {6, BYTES_INIT("\0\0\0\0\0\1")},
	};

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		struct trial t;

		trial_open(&t);
		t.server_port = 53;
		answer_with(&t, records[i].type, records[i].data);
		one_event_of(&t, EVENT_MALFORMED);
		trial_close(&t);
	}
	(void)state;
}

/* A name has 255 bytes at most, however it is put together; and its pointers end. */
static void long_names_and_chains_of_pointers_end(void **state)
{
	uint8_t message[1024] = "\0\1" QUERY "\0\x01\0\0\0\0\0\0";
	struct dns_name name;
	struct reader r;
	size_t len = DNS_HEADER;

	(void)state;
	for (size_t i = 0; i < 4; i++, len += 64)
		message[len] = 63;
	r = reader_over(guarded((struct bytes){message, len + 1}));
	reader_skip(&r, DNS_HEADER);
	assert_string_equal(dns_name_read((struct bytes){message, len + 1}, &r, &name),
	                    "name of more than 255 bytes");
	message[DNS_HEADER + 3 * 64] = 61; /* 255 with the root */
	message[DNS_HEADER + 3 * 64 + 62] = 0;
	r = reader_over((struct bytes){message, len});
	reader_skip(&r, DNS_HEADER);
	assert_null(dns_name_read((struct bytes){message, len}, &r, &name));
	assert_int_equal(name.len, 255);

	/* The root, and pointers each to the one before. */
	message[DNS_HEADER] = 0;
	len = DNS_HEADER + 1;
	for (size_t before = DNS_HEADER, i = 0; i < 200; i++, len += 2) {
		message[len] = (uint8_t)(0xc0 | before >> 8);
		message[len + 1] = (uint8_t)before;
		before = len;
	}
	r = reader_over((struct bytes){message, len});
	reader_skip(&r, len - 2);
	assert_string_equal(dns_name_read((struct bytes){message, len}, &r, &name),
	                    "name with too many pointers");
	r = reader_over((struct bytes){message, len});
	reader_skip(&r, DNS_HEADER + 1 + 200);
	assert_null(dns_name_read((struct bytes){message, len}, &r, &name));
}

static bool nobody_wants(void *context, enum event_kind kind, const struct field_set *present)
{
	(void)context;
	(void)present;
	return kind != EVENT_DNS;
}

static void what_nobody_wants_is_not_read(void **state)
{
	struct trial *t = *state;

	t->bench.wants = nobody_wants;
	trial_datagram(t, CLIENT, ASK("\0\1"));
	assert_int_equal(trial_datagram(t, SERVER, BYTES("\0\1")), STREAM_NOT_WANTED);
	trial_end(t);
	assert_int_equal(t->events, 0);
}

static void drop(void *context, const struct flow_facts *flow, struct event *ev, unsigned degraded)
{
	(void)context;
	(void)flow;
	(void)ev;
	(void)degraded;
}

static void reading_allocates_nothing(void **state)
{
	struct trial *t = *state;
	unsigned before;

	t->bench.emit = drop;
	trial_datagram(t, CLIENT, ASK("\0\1"));
	before = allocations;
	trial_datagram(t, SERVER, ANSWERED("\0\1", "\x01"));
	trial_datagram(t, CLIENT, ASK("\0\2"));
	trial_end(t);
	assert_int_equal(allocations, before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trial, close_trial)
	const struct CMUnitTest tests[] = {
	        TEST(a_question_and_its_answer_are_one_event),
	        TEST(data_is_written_as_in_master_files),
	        TEST(names_are_lower_case_and_escaped),
	        TEST(answers_in_another_order_find_their_questions),
	        TEST(a_second_answer_is_told_by_itself),
	        TEST(an_answer_to_another_question_is_none),
	        TEST(questions_are_told_when_nobody_answers),
	        TEST(the_oldest_question_makes_room),
	        TEST(codes_of_edns_have_more_bits),
	        TEST(too_many_records_are_cut_and_marked),
	        TEST(what_was_not_captured_is_not_malformed),
	        TEST(a_server_may_truncate),
	        TEST(what_is_broken_is_told_once_a_side),
	        TEST(broken_records_are_malformed),
	        TEST(long_names_and_chains_of_pointers_end),
	        TEST(what_nobody_wants_is_not_read),
	        TEST(reading_allocates_nothing),
	};

	allocations_watch();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
