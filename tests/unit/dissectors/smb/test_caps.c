/* What a connection may keep open: beyond the caps the oldest goes, memory stays bounded, counters
 * tell. Replies and requests come by the hundred in compounds, to be quick. */
#include "dissectors/smb/smb2.h"

#include "tests/support/smb_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define AT_ONCE 100

static struct bytes said(enum side side, uint16_t command, uint64_t message, uint64_t session,
                         uint32_t tree, struct bytes body)
{
	return smb2_said(
	        side,
	        (struct smb2){
	                .command = command, .message = message, .session = session, .tree = tree},
	        body);
}

/* A compound whose ids are put in anew, so that it is made once. */
struct round {
	struct bytes frame;
	size_t step; /* from one message to the next */
};

static struct round round_of(struct bytes message)
{
	struct bytes messages[AT_ONCE];

	for (size_t i = 0; i < AT_ONCE; i++)
		messages[i] = message;
	return (struct round){smb2_compound(messages, AT_ONCE), (message.len + 7) & ~(size_t)7};
}

static void put(struct round r, size_t index, size_t at, uint64_t value, size_t len)
{
	uint8_t *to = (uint8_t *)(uintptr_t)r.frame.at + 4 + index * r.step + at;

	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void send(struct trial *t, enum side side, struct round r)
{
	/* Segments are taken over whole, so what is sent may change afterwards. */
	trial_send_in_pieces(t, side, r.frame, 30000);
}

#define FILES 1000000

static void files_without_end_take_no_more_than_their_cap(void **state)
{
	struct round ask = round_of(said(CLIENT, OPEN, 0, 1, 1, smb2_open("PS100001\\some.msi")));
	struct round give = round_of(said(SERVER, OPEN, 0, 1, 1, smb2_opened(1, 10)));
	struct trial t;
	uint32_t most = 0;

	(void)state;
	smb_begin(&t);
	for (uint64_t file = 0; file < FILES; file += AT_ONCE) {
		for (size_t i = 0; i < AT_ONCE; i++) {
			put(ask, i, 24, 10 + file + i, 8);
			put(give, i, 24, 10 + file + i, 8);
			put(give, i, 64 + 64, 10 + file + i, 8);
			put(give, i, 64 + 72, 10 + file + i, 8);
		}
		send(&t, CLIENT, ask);
		send(&t, SERVER, give);
		if (file == 10 * AT_ONCE)
			most = t.bench.blocks.used;
	}
	assert_int_equal(t.counters.value[COUNTER_SMB_FILES_OVER_CAP],
	                 FILES - t.bench.limits.smb_files);
	assert_int_equal(t.counters.value[COUNTER_SMB_FILES], FILES - t.bench.limits.smb_files);
	assert_int_equal(t.bench.blocks.used, most);
	assert_true(is_degraded(smb_event(&t, EVENT_SMB_FILE, 0)));
	trial_end(&t);
	assert_int_equal(t.counters.value[COUNTER_SMB_FILES], FILES);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

#define SESSIONS 10000

/* Each logs on and opens a tree, which goes with it. */
static void sessions_without_end_take_no_more_than_their_cap(void **state)
{
	struct bytes proof = smb2_setup(smb_proof()), done = smb2_setup_done(0, (struct bytes){0});
	struct round ask = round_of(said(CLIENT, SETUP, 0, 0, 0, proof));
	struct round give = round_of(said(SERVER, SETUP, 0, 0, 0, done));
	struct round tree = round_of(said(CLIENT, TREE, 0, 0, 0, smb2_tree("\\\\dp01\\pkgs$")));
	struct round treed = round_of(said(SERVER, TREE, 0, 0, 0, smb2_tree_done(1)));
	struct trial t;
	uint32_t most = 0;

	(void)state;
	smb_begin(&t);
	for (uint64_t session = 10; session < 10 + SESSIONS; session += AT_ONCE) {
		for (size_t i = 0; i < AT_ONCE; i++) {
			struct round all[] = {ask, give, tree, treed};

			for (size_t j = 0; j < 4; j++) {
				put(all[j], i, 24, 2 * (session + i) + j / 2, 8);
				put(all[j], i, 40, session + i, 8);
			}
			put(treed, i, 36, session + i, 4);
		}
		send(&t, CLIENT, ask);
		send(&t, SERVER, give);
		send(&t, CLIENT, tree);
		send(&t, SERVER, treed);
		if (session == 10 + 10 * AT_ONCE)
			most = t.bench.blocks.used;
	}
	assert_true(t.counters.value[COUNTER_SMB_SESSIONS_OVER_CAP] >=
	            SESSIONS - t.bench.limits.smb_sessions);
	assert_true(t.bench.blocks.used <= most);
	assert_int_equal(t.counters.value[COUNTER_LOGONS], SESSIONS + 1);
	trial_end(&t);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

#define MESSAGES 10000

/* A compound of opens, related to one another, that nobody answers; then one of their replies. */
static void a_compound_of_ten_thousand_is_bounded(void **state)
{
	struct bytes open = smb2_open("PS100001\\some.msi"), *messages;
	struct trial t;

	(void)state;
	messages = calloc(MESSAGES, sizeof(*messages));
	assert_non_null(messages);
	for (uint64_t i = 0; i < MESSAGES; i++)
		messages[i] = smb2_said(CLIENT,
		                        (struct smb2){.command = OPEN,
		                                      .message = 10 + i,
		                                      .session = 1,
		                                      .tree = 1,
		                                      .flags = i ? RELATED : 0},
		                        open);
	smb_begin(&t);
	trial_send_in_pieces(&t, CLIENT, smb2_compound(messages, MESSAGES), 1460);
	assert_int_equal(t.counters.value[COUNTER_SMB_FILES_OVER_CAP],
	                 MESSAGES - t.bench.limits.smb_files);
	assert_int_equal(t.counters.value[COUNTER_SMB_REQUESTS_OVER_CAP],
	                 MESSAGES - t.bench.limits.smb_requests);
	assert_true(t.bench.blocks.used < 400);
	for (uint64_t i = 0; i < MESSAGES; i++)
		messages[i] = said(SERVER, OPEN, 10 + i, 1, 1, smb2_opened(10 + i, 0));
	trial_send_in_pieces(&t, SERVER, smb2_compound(messages, MESSAGES), 1460);
	assert_true(t.bench.blocks.used < 400);
	smb_says(&t, CLIENT, CLOSE, 99999, smb2_close(10 + MESSAGES - 1));
	smb_says(&t, SERVER, CLOSE, 99999, smb2_closed());
	trial_end(&t);
	assert_int_equal(smb_count(&t, EVENT_MALFORMED), 0);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
	free(messages);
}

/* The smallest caps work as well. */
static void one_of_each_is_enough_to_go_on(void **state)
{
	struct trial t;

	(void)state;
	smb_begin(&t);
	t.bench.limits.smb_sessions = t.bench.limits.smb_trees = 1;
	t.bench.limits.smb_files = t.bench.limits.smb_requests = 1;
	for (uint64_t file = 10; file < 20; file++) {
		smb_says(&t, CLIENT, OPEN, file, smb2_open("name"));
		smb_says(&t, SERVER, OPEN, file, smb2_opened(file, 1));
	}
	assert_int_equal(smb_count(&t, EVENT_SMB_FILE), 9);
	trial_end(&t);
	assert_int_equal(smb_count(&t, EVENT_SMB_FILE), 10);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(files_without_end_take_no_more_than_their_cap),
	        cmocka_unit_test(sessions_without_end_take_no_more_than_their_cap),
	        cmocka_unit_test(a_compound_of_ten_thousand_is_bounded),
	        cmocka_unit_test(one_of_each_is_enough_to_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
