/* SMB 2 and 3: what is told of sessions, shares and files; pieces, compounds, losses and lies. */
#include "dissectors/smb/smb2.h"

#include "tests/support/smb_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NONE     ((struct bytes){0})
#define COMPOUND UINT64_MAX /* the file that the compound is about */

static struct bytes said(enum side side, uint16_t command, uint64_t message, uint32_t flags,
                         struct bytes body)
{
	return smb2_said(side,
	                 (struct smb2){.command = command,
	                               .message = message,
	                               .flags = flags,
	                               .session = 1,
	                               .tree = 1},
	                 body);
}

/* A file is opened, read and closed, in pieces of that size. */
static void read_a_file(struct trial *t, size_t size)
{
	const struct {
		uint16_t command;
		struct bytes asked, given;
	} steps[] = {
	        {OPEN, smb2_open("PS100001\\a.msi"), smb2_opened(9, 70000)},
	        {READ, smb2_read(9, 65536), smb2_data(repeated(1, 65536))},
	        {CLOSE, smb2_close(9), smb2_closed()},
	};

	for (uint64_t i = 0; i < 3; i++) {
		uint16_t command = steps[i].command;

		trial_send_in_pieces(
		        t, CLIENT, smb_frame(said(CLIENT, command, 40 + i, SIGNED, steps[i].asked)),
		        size);
		trial_send_in_pieces(
		        t, SERVER, smb_frame(said(SERVER, command, 40 + i, SIGNED, steps[i].given)),
		        size);
	}
}

static void is_that_file(const struct event *ev)
{
	assert_non_null(ev);
	assert_string_equal(text_of(ev, FIELD_FILE_PATH), "PS100001\\a.msi");
	assert_string_equal(text_of(ev, FIELD_FILE_NAME), "a.msi");
	assert_int_equal(event_integer(ev, FIELD_FILE_SIZE, 0), 70000);
	assert_int_equal(SMB_BYTES(ev, READ), 65536);
	assert_int_equal(SMB_BYTES(ev, WRITTEN), 0);
	assert_string_equal(SMB(ev, SHARE), "SMSPKGD$");
	assert_string_equal(SMB(ev, HOST), "dp01");
	assert_string_equal(SMB(ev, STATUS), "STATUS_SUCCESS");
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "svc_naa");
	assert_true(event_integer(ev, FIELD_CONFIGMGR_SMB_SIGNED, false));
}

static void a_file_tells_names_bytes_and_who_read_it(void **state)
{
	struct trial t;

	(void)state;
	smb_begin(&t);
	read_a_file(&t, 30000);
	is_that_file(smb_event(&t, EVENT_SMB_FILE, 0));
	assert_string_equal(text_of(smb_event(&t, EVENT_AUTHENTICATION, 0), FIELD_EVENT_OUTCOME),
	                    "success");
	assert_int_equal(smb_count(&t, EVENT_SMB_TREE), 1);
	trial_end(&t);
	assert_int_equal(smb_count(&t, EVENT_SMB_FILE), 1);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

static void pieces_of_any_size_tell_the_same(void **state)
{
	(void)state;
	for (size_t size = 1; size < 70000; size = size * 3 + 1) {
		struct trial t;

		smb_begin(&t);
		read_a_file(&t, size);
		is_that_file(smb_event(&t, EVENT_SMB_FILE, 0));
		trial_close(&t);
	}
}

static void a_related_compound_is_about_the_file_it_opens(void **state)
{
	struct bytes asked[] = {said(CLIENT, OPEN, 4, SIGNED, smb2_open("PS100001\\a.msi")),
	                        said(CLIENT, READ, 5, SIGNED | RELATED, smb2_read(COMPOUND, 65536)),
	                        said(CLIENT, CLOSE, 6, SIGNED | RELATED, smb2_close(COMPOUND))};
	struct bytes given[] = {
	        said(SERVER, OPEN, 4, SIGNED, smb2_opened(9, 70000)),
	        said(SERVER, READ, 5, SIGNED | RELATED, smb2_data(repeated(1, 65536))),
	        said(SERVER, CLOSE, 6, SIGNED | RELATED, smb2_closed())};
	struct trial t;

	(void)state;
	smb_begin(&t);
	trial_send(&t, CLIENT, smb2_compound(asked, 3));
	trial_send(&t, SERVER, smb2_compound(given, 3));
	is_that_file(smb_event(&t, EVENT_SMB_FILE, 0));
	trial_close(&t);
}

static void an_unrelated_compound_is_so_many_requests(void **state)
{
	struct bytes asked[] = {said(CLIENT, OPEN, 4, 0, smb2_open("one")),
	                        said(CLIENT, OPEN, 5, 0, smb2_open("two")),
	                        said(CLIENT, READ, 6, 0, smb2_read(COMPOUND, 10))};
	struct trial t;

	(void)state;
	smb_begin(&t);
	trial_send(&t, CLIENT, smb2_compound(asked, 3));
	smb_says(&t, SERVER, OPEN, 5, smb2_opened(2, 0));
	smb_says(&t, SERVER, OPEN, 4, smb2_opened(1, 0));
	smb_says(&t, CLIENT, CLOSE, 7, smb2_close(1));
	smb_says(&t, SERVER, CLOSE, 7, smb2_closed());
	assert_string_equal(text_of(smb_event(&t, EVENT_SMB_FILE, 0), FIELD_FILE_NAME), "one");
	trial_end(&t);
	assert_string_equal(text_of(smb_event(&t, EVENT_SMB_FILE, 1), FIELD_FILE_NAME), "two");
	assert_int_equal(smb_count(&t, EVENT_SMB_FILE), 2);
	trial_close(&t);
}

static void refused_opens_are_told_as_failures(void **state)
{
	struct trial t;

	(void)state;
	smb_begin(&t);
	smb_says(&t, CLIENT, OPEN, 4, smb2_open("secret"));
	trial_send(&t, SERVER,
	           smb_frame(smb2_said(SERVER,
	                               (struct smb2){.command = OPEN,
	                                             .message = 4,
	                                             .session = 1,
	                                             .tree = 1,
	                                             .status = 0xc0000022},
	                               joined(le(9, 2), le(0, 7)))));
	assert_string_equal(SMB(smb_event(&t, EVENT_SMB_FILE, 0), STATUS), "STATUS_ACCESS_DENIED");
	assert_string_equal(text_of(smb_event(&t, EVENT_SMB_FILE, 0), FIELD_EVENT_OUTCOME),
	                    "failure");
	trial_close(&t);
}

static void an_interim_reply_is_no_answer(void **state)
{
	struct trial t;
	struct smb2 pending = {.command = OPEN, .message = 4, .status = 0x103, .flags = 2};

	(void)state;
	smb_begin(&t);
	smb_says(&t, CLIENT, OPEN, 4, smb2_open("slow"));
	trial_send(&t, SERVER, smb_frame(smb2_said(SERVER, pending, joined(le(9, 2), le(0, 7)))));
	assert_null(smb_event(&t, EVENT_SMB_FILE, 0));
	smb_says(&t, SERVER, OPEN, 4, smb2_opened(3, 5));
	trial_end(&t);
	assert_string_equal(text_of(smb_event(&t, EVENT_SMB_FILE, 0), FIELD_EVENT_OUTCOME),
	                    "success");
	trial_close(&t);
}

/* Each breaks a place or length; all else is right. */
static void what_lies_about_lengths_is_told_and_the_next_frame_read(void **state)
{
	static const struct {
		uint16_t command;
		uint16_t at; /* in the message */
		uint32_t value;
		uint8_t len;
	} lies[] = {
	        {OPEN, 4, 63, 2},               /* size of the header */
	        {OPEN, 20, 8, 4},               /* next message inside this one's header */
	        {OPEN, 20, 68, 4},              /* not at a multiple of eight */
	        {OPEN, 20, 0xfffffff8, 4},      /* beyond the frame */
	        {OPEN, 16, 1, 4},               /* a reply, it says */
	        {OPEN, 64 + 44, 0xffff, 2},     /* place of the name */
	        {OPEN, 64 + 46, 0xffff, 2},     /* its length */
	        {WRITE, 64 + 2, 0xffff, 2},     /* place of the data */
	        {WRITE, 64 + 4, 0xffffffff, 4}, /* its length */
	        {SETUP, 64 + 12, 0xfff0, 2},    /* place of the token */
	        {SETUP, 64 + 14, 0xfff0, 2},    /* its length */
	        {TREE, 64 + 6, 0xfffe, 2},      /* length of the path */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		uint16_t command = lies[i].command;
		struct bytes body = command == OPEN    ? smb2_open("name")
		                    : command == WRITE ? smb2_write(9, repeated(1, 40))
		                    : command == SETUP ? smb2_setup(smb_proof())
		                                       : smb2_tree("\\\\dp01\\x");
		struct bytes message = said(CLIENT, command, 20, 0, body);
		uint8_t *bytes = (uint8_t *)(uintptr_t)message.at;
		struct trial t;

		for (uint8_t byte = 0; byte < lies[i].len; byte++)
			bytes[lies[i].at + byte] = (uint8_t)(lies[i].value >> 8 * byte);
		smb_begin(&t);
		smb_says(&t, CLIENT, OPEN, 4, smb2_open("open"));
		smb_says(&t, SERVER, OPEN, 4, smb2_opened(9, 70000));
		trial_send(&t, CLIENT, smb_frame(message));
		trial_send(&t, CLIENT, smb_frame(message));
		assert_int_equal(smb_count(&t, EVENT_MALFORMED), 1);
		read_a_file(&t, 30000);
		trial_end(&t);
		is_that_file(smb_event(&t, EVENT_SMB_FILE, 1));
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

static void every_cut_of_a_message_is_survived(void **state)
{
	static const uint16_t commands[] = {NEGOTIATE, SETUP, TREE, OPEN, CLOSE,
	                                    READ,      WRITE, 11,   14,   17};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		for (size_t len = 0; len < 60; len += 3)
			for (enum side side = CLIENT; side <= SERVER; side++) {
				struct trial t;

				smb_begin(&t);
				smb_says(&t, CLIENT, commands[i], 9, repeated(0x41, 60));
				smb_says(&t, side, commands[i], 9, repeated(0x41, len));
				trial_end(&t);
				assert_int_equal(t.bench.blocks.used, 0);
				trial_close(&t);
			}
}

static void a_loss_inside_a_read_costs_nothing_but_its_bytes(void **state)
{
	struct bytes data = smb_frame(said(SERVER, READ, 5, 0, smb2_data(repeated(1, 65536))));
	struct trial t;

	(void)state;
	smb_begin(&t);
	smb_says(&t, CLIENT, OPEN, 4, smb2_open("name"));
	smb_says(&t, SERVER, OPEN, 4, smb2_opened(9, 70000));
	smb_says(&t, CLIENT, READ, 5, smb2_read(9, 65536));
	trial_send(&t, SERVER, bytes_slice(data, 0, 8000));
	t.sent[SERVER] += 40000; /* lost */
	trial_send_in_pieces(&t, SERVER, bytes_slice(data, 48000, data.len), 1460);
	smb_says(&t, CLIENT, CLOSE, 6, smb2_close(9));
	smb_says(&t, SERVER, CLOSE, 6, smb2_closed());
	trial_end(&t);
	assert_int_equal(SMB_BYTES(smb_event(&t, EVENT_SMB_FILE, 0), READ), 65536);
	trial_close(&t);
}

/* A message whose head is left as it is: offset not chained, length of the first part when chained.
 */
static struct bytes compressed(uint32_t size, uint16_t algorithm, uint16_t flags, uint32_t plain,
                               struct bytes head)
{
	struct bytes b = joined(BYTES("\xfcSMB"), joined(le(size, 4), le(algorithm, 2)));

	b = joined(b, joined(le(flags, 2), le(plain, 4)));
	return smb_frame(joined(joined(b, head), repeated(0xcc, 40)));
}

static void the_heads_of_compressed_messages_are_read(void **state)
{
	(void)state;
	for (uint16_t chained = 0; chained < 2; chained++) {
		struct bytes whole = said(SERVER, READ, 5, 0, smb2_data(repeated(1, 65536)));
		struct trial t;

		smb_begin(&t);
		smb_says(&t, CLIENT, OPEN, 4, smb2_open("name"));
		smb_says(&t, SERVER, OPEN, 4, smb2_opened(9, 70000));
		smb_says(&t, CLIENT, READ, 5, smb2_read(9, 65536));
		trial_send_in_pieces(&t, SERVER,
		                     compressed(chained ? (uint32_t)whole.len : 65536,
		                                chained ? 0 : 2, chained, 80,
		                                bytes_slice(whole, 0, 80)),
		                     13);
		smb_says(&t, CLIENT, CLOSE, 6, smb2_close(9));
		smb_says(&t, SERVER, CLOSE, 6, smb2_closed());
		assert_int_equal(SMB_BYTES(smb_event(&t, EVENT_SMB_FILE, 0), READ), 65536);
		assert_int_equal(smb_count(&t, EVENT_MALFORMED), 0);
		trial_close(&t);
	}
}

static void what_compressed_messages_say_of_sizes_is_not_believed(void **state)
{
	static const struct {
		uint32_t size, plain;
	} lies[] = {{65536, 0xffffffff}, {65536, 1000}, {0xffffffff, 80},
	            {0xfffffff0, 32},    {0, 40},       {0, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		for (uint16_t chained = 0; chained < 2; chained++) {
			struct trial t;

			smb_begin(&t);
			for (int again = 0; again < 2; again++)
				trial_send(&t, SERVER,
				           compressed(lies[i].size, 0, chained, lies[i].plain,
				                      repeated(0xfe, 80)));
			assert_int_equal(smb_count(&t, EVENT_MALFORMED), 1);
			read_a_file(&t, 30000);
			is_that_file(smb_event(&t, EVENT_SMB_FILE, 0));
			trial_close(&t);
		}
}

static void a_proof_without_answer_is_told_at_the_end(void **state)
{
	struct trial t;

	(void)state;
	smb_connect(&t);
	smb_says(&t, CLIENT, SETUP, 2, smb2_setup(smb_proof()));
	assert_null(smb_event(&t, EVENT_AUTHENTICATION, 0));
	trial_end(&t);
	assert_string_equal(text_of(smb_event(&t, EVENT_AUTHENTICATION, 0), FIELD_USER_NAME),
	                    "svc_naa");
	assert_false(event_has(smb_event(&t, EVENT_AUTHENTICATION, 0), FIELD_EVENT_OUTCOME));
	assert_int_equal(smb_count(&t, EVENT_SMB_SESSION), 1);
	assert_int_equal(smb_count(&t, EVENT_AUTHENTICATION), 1);
	trial_close(&t);
}

static void a_logon_whose_answer_was_lost_is_told_before_its_shares(void **state)
{
	struct trial t;

	(void)state;
	smb_connect(&t);
	smb_says(&t, CLIENT, SETUP, 2, smb2_setup(smb_proof()));
	t.sent[SERVER] += 77; /* lost */
	smb_says(&t, CLIENT, TREE, 3, smb2_tree("\\\\dp01\\SMSPKGD$"));
	smb_says(&t, SERVER, TREE, 3, smb2_tree_done(1));
	trial_end(&t);
	for (size_t i = 0; i < t.events; i++)
		if (t.event[i].kind == EVENT_SMB_TREE)
			assert_int_equal(t.event[i - 1].kind, EVENT_AUTHENTICATION);
	assert_int_equal(smb_count(&t, EVENT_SMB_TREE), 1);
	assert_int_equal(smb_count(&t, EVENT_AUTHENTICATION), 1);
	trial_close(&t);
}

/* Nothing of the server is captured: the time of a logon is that of its proof. */
static void a_proof_that_nobody_can_answer_is_told_at_once(void **state)
{
	struct trial t;

	(void)state;
	trial_open(&t);
	t.server_port = 445;
	smb_says(&t, CLIENT, SETUP, 2, smb2_setup(smb_proof()));
	assert_int_equal(smb_count(&t, EVENT_AUTHENTICATION), 1);
	trial_end(&t);
	assert_int_equal(smb_count(&t, EVENT_AUTHENTICATION), 1);
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_file_tells_names_bytes_and_who_read_it),
	        cmocka_unit_test(pieces_of_any_size_tell_the_same),
	        cmocka_unit_test(a_related_compound_is_about_the_file_it_opens),
	        cmocka_unit_test(an_unrelated_compound_is_so_many_requests),
	        cmocka_unit_test(refused_opens_are_told_as_failures),
	        cmocka_unit_test(an_interim_reply_is_no_answer),
	        cmocka_unit_test(what_lies_about_lengths_is_told_and_the_next_frame_read),
	        cmocka_unit_test(every_cut_of_a_message_is_survived),
	        cmocka_unit_test(a_loss_inside_a_read_costs_nothing_but_its_bytes),
	        cmocka_unit_test(the_heads_of_compressed_messages_are_read),
	        cmocka_unit_test(what_compressed_messages_say_of_sizes_is_not_believed),
	        cmocka_unit_test(a_proof_without_answer_is_told_at_the_end),
	        cmocka_unit_test(a_logon_whose_answer_was_lost_is_told_before_its_shares),
	        cmocka_unit_test(a_proof_that_nobody_can_answer_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
