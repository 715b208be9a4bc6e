/* SMB version 1: chained commands, names, responses without NTLMSSP, and lies. */
#include "dissectors/smb/smb1.h"

#include "tests/support/smb_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NONE ((struct bytes){0})

/* A message: header, then blocks of words and bytes as they are given. */
static struct bytes said1(enum side side, uint8_t command, uint16_t mid, struct bytes blocks)
{
	struct bytes b = joined(BYTES("\xffSMB"), joined(le(command, 1), le(0, 4)));

	b = joined(b, joined(le(side == SERVER ? 0x80 : 0, 1), le(SMB_FLAGS2_NT_STATUS, 2)));
	b = joined(b, joined(repeated(0, 12), joined(le(7, 2), le(99, 2))));
	return joined(b, joined(joined(le(5, 2), le(mid, 2)), blocks));
}

static struct bytes block(struct bytes words, struct bytes bytes)
{
	return joined(joined(le(words.len / 2, 1), words), joined(le(bytes.len, 2), bytes));
}

static void say(struct trial *t, enum side side, uint8_t command, uint16_t mid, struct bytes words,
                struct bytes bytes)
{
	trial_send(t, side, smb_frame(said1(side, command, mid, block(words, bytes))));
}

/* No other command follows. */
static struct bytes alone(struct bytes words)
{
	return joined(BYTES("\xff\0\0\0"), words);
}

/* The server's negotiate: mode 3 (users, encrypted passwords), an 8-byte challenge. */
static void negotiate(struct trial *t)
{
	struct bytes words = joined(joined(le(0, 2), le(3, 1)), repeated(0, 30));

	say(t, CLIENT, SMB_COM_NEGOTIATE, 1, NONE, BYTES("\x02NT LM 0.12\0"));
	say(t, SERVER, SMB_COM_NEGOTIATE, 1, joined(words, le(8, 1)),
	    joined(repeated(0x11, 8), BYTES("CORP\0")));
}

/* A session setup of version 1 responses: words and bytes of it. */
static struct bytes setup_words(uint8_t next, uint16_t at)
{
	struct bytes w = joined(joined(le(next, 1), le(0, 1)), joined(le(at, 2), repeated(0, 10)));

	return joined(w, joined(joined(le(24, 2), le(24, 2)), repeated(0, 8)));
}

static struct bytes setup_bytes(void)
{
	return joined(joined(repeated(1, 24), repeated(2, 24)),
	              BYTES("svc_naa\0CORP\0Unix\0Samba\0"));
}

static void a_chain_logs_on_and_opens_a_share(void **state)
{
	struct bytes first = setup_bytes();
	uint16_t second_at = (uint16_t)(32 + 3 + 26 + first.len);
	struct bytes tree = block(alone(joined(le(0, 2), le(1, 2))),
	                          joined(le(0, 1), BYTES("\\\\dp01\\SMSPKGD$\0?????\0")));
	const struct event *ev;
	struct trial t;

	(void)state;
	smb_connect(&t);
	negotiate(&t);
	trial_send(&t, CLIENT,
	           smb_frame(said1(
	                   CLIENT, SMB_COM_SESSION_SETUP_ANDX, 2,
	                   joined(block(setup_words(SMB_COM_TREE_CONNECT_ANDX, second_at), first),
	                          tree))));
	trial_send(&t, SERVER,
	           smb_frame(said1(SERVER, SMB_COM_SESSION_SETUP_ANDX, 2,
	                           joined(block(joined(BYTES("\x75\0\x29\0"), le(0, 2)), NONE),
	                                  block(alone(le(0, 2)), BYTES("A:\0NTFS\0"))))));
	ev = smb_event(&t, EVENT_AUTHENTICATION, 0);
	assert_non_null(ev);
	assert_string_equal(text_of(ev, FIELD_USER_NAME), "svc_naa");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_AUTH_NTLM_VERSION), "v1");
	assert_true(event_has(ev, FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE));
	ev = smb_event(&t, EVENT_SMB_TREE, 0);
	assert_non_null(ev);
	assert_string_equal(SMB(ev, SHARE), "SMSPKGD$");
	assert_string_equal(SMB(ev, DIALECT), "NT LM 0.12");
	trial_close(&t);
}

/* Else all logons whose challenge was not seen would have the same one, and look relayed. */
static void a_challenge_that_was_not_seen_is_not_told(void **state)
{
	struct trial t;

	(void)state;
	smb_connect(&t);
	say(&t, CLIENT, SMB_COM_SESSION_SETUP_ANDX, 2, setup_words(0xff, 0), setup_bytes());
	trial_end(&t);
	assert_string_equal(text_of(smb_event(&t, EVENT_AUTHENTICATION, 0), FIELD_USER_NAME),
	                    "svc_naa");
	assert_false(event_has(smb_event(&t, EVENT_AUTHENTICATION, 0),
	                       FIELD_CONFIGMGR_AUTH_NTLM_CHALLENGE));
	trial_close(&t);
}

static void a_rename_tells_both_names(void **state)
{
	const struct event *ev;
	struct trial t;

	(void)state;
	smb_connect(&t);
	say(&t, CLIENT, SMB_COM_RENAME, 3, le(0, 2),
	    BYTES("\x04\\receive\\a.TMP\0\x04\\receive\\a.SNI\0"));
	say(&t, SERVER, SMB_COM_RENAME, 3, NONE, NONE);
	ev = smb_event(&t, EVENT_SMB_FILE, 0);
	assert_non_null(ev);
	assert_string_equal(SMB(ev, OPERATION), "rename");
	assert_string_equal(text_of(ev, FIELD_FILE_PATH), "receive\\a.TMP");
	assert_string_equal(SMB(ev, RENAMED_TO), "receive\\a.SNI");
	trial_close(&t);
}

static void lies_about_lengths_and_places_are_told_once(void **state)
{
	struct bytes tree = alone(joined(le(0, 2), le(0xffff, 2)));
	struct bytes lies[] = {
	        /* more words than there are */
	        joined(le(200, 1), repeated(0, 20)),
	        /* a chain that goes back */
	        block(joined(BYTES("\x73\0\x01\0"), repeated(0, 22)), setup_bytes()),
	        block(joined(BYTES("\x73\0\x20\0"), repeated(0, 22)), setup_bytes()),
	        /* a chain beyond the end */
	        block(joined(BYTES("\x73\0\xf0\xff"), repeated(0, 22)), setup_bytes()),
	        /* a password longer than the bytes */
	        block(tree, BYTES("\\\\dp01\\x\0")),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		uint8_t command = i == 4 ? SMB_COM_TREE_CONNECT_ANDX : SMB_COM_SESSION_SETUP_ANDX;
		struct trial t;

		smb_connect(&t);
		negotiate(&t);
		for (uint16_t mid = 2; mid < 5; mid++)
			trial_send(&t, CLIENT, smb_frame(said1(CLIENT, command, mid, lies[i])));
		assert_int_equal(smb_count(&t, EVENT_MALFORMED), 1);
		say(&t, CLIENT, SMB_COM_RENAME, 9, le(0, 2), BYTES("\x04\\a\0\x04\\b\0"));
		say(&t, SERVER, SMB_COM_RENAME, 9, NONE, NONE);
		assert_int_equal(smb_count(&t, EVENT_SMB_FILE), 1);
		trial_end(&t);
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

/* Every command with words and bytes of every small length, from both sides. */
static void commands_cut_short_are_survived(void **state)
{
	(void)state;
	for (unsigned command = 0; command < 256; command++) {
		struct trial t;

		smb_connect(&t);
		negotiate(&t);
		for (unsigned words = 0; words < 24; words += 3)
			for (unsigned bytes = 0; bytes < 12; bytes += 5) {
				uint16_t mid = (uint16_t)(100 * words + bytes);

				say(&t, CLIENT, (uint8_t)command, mid, repeated(0x04, 2UL * words),
				    repeated(0x04, bytes));
				say(&t, SERVER, (uint8_t)command, mid, repeated(0x04, 2UL * words),
				    repeated(0x04, bytes));
			}
		trial_end(&t);
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_chain_logs_on_and_opens_a_share),
	        cmocka_unit_test(a_challenge_that_was_not_seen_is_not_told),
	        cmocka_unit_test(a_rename_tells_both_names),
	        cmocka_unit_test(lies_about_lengths_and_places_are_told_once),
	        cmocka_unit_test(commands_cut_short_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
