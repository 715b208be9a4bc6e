/* IKE, AuthIP and NAT traversal: exchanges as events, offers and choices, what is repeated,
 * refused, unanswered, out of order, or broken. */
#include "core/clock.h"
#include "dissectors/ipsec/ike_message.h"
#include "tests/support/guard.h"
#include "tests/support/ike_bytes.h"
#include "tests/support/ipsec_bytes.h"
#include "tests/support/message.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define US   0x1122334455667788u
#define THEM 0x99aabbccddeeff00u

static const uint16_t triple_des[] = {1, 5, 2, 1, 3, 1, 4, 2, 11, 1, 12, 28800, 0};
static const uint16_t aes[] = {1, 7, 14, 256, 2, 4, 3, 3, 4, 14, 0};
static const uint16_t group_0[] = {1, 7, 14, 128, 2, 2, 4, 0, 0};
static const uint16_t weak_2[][3] = {{1, 3, 0}, {2, 1, 0}, {3, 1, 0}, {4, 2, 0}};
static const uint16_t both_2[][3] = {{1, 3, 0}, {1, 20, 256}, {2, 1, 0}, {2, 6, 0},
                                     {3, 1, 0}, {4, 2, 0},    {4, 20, 0}};
static const uint16_t strong_2[][3] = {{1, 20, 256}, {2, 6, 0}, {4, 20, 0}};

static int open_trial(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));

	trial_open(t);
	t->client_port = t->server_port = 500;
	*state = t;
	return 0;
}

static int close_trial(void **state)
{
	struct trial *t = *state;

	trial_end(t);
	assert_int_equal(t->bench.blocks.used, 0);
	trial_close(t);
	free(t);
	return 0;
}

static struct bytes main_mode(uint64_t responder, const uint16_t *const *transforms, size_t count)
{
	return ike_message_of(
	        (struct ike){.initiator = US,
	                     .responder = responder,
	                     .version = 1,
	                     .exchange = IKE_MAIN_MODE,
	                     .first = 1,
	                     .payloads = ike_payload(0, ike1_offer(transforms, count))});
}

static struct bytes sa_init(bool reply, const uint16_t (*transforms)[3], size_t count)
{
	return ike_message_of(
	        (struct ike){.initiator = US,
	                     .responder = reply ? THEM : 0,
	                     .version = 2,
	                     .exchange = IKE_SA_INIT,
	                     .flags = reply ? 0x20 : 0x08,
	                     .first = 33,
	                     .payloads = ike_payload(0, ike2_offer(transforms, count))});
}

static struct bytes notify_2(uint16_t type)
{
	const uint8_t body[] = {0, 0, (uint8_t)(type >> 8), (uint8_t)type};

	return ike_message_of(
	        (struct ike){.initiator = US,
	                     .version = 2,
	                     .exchange = IKE_SA_INIT,
	                     .flags = 0x20,
	                     .first = 41,
	                     .payloads = ike_payload(0, (struct bytes){body, sizeof(body)})});
}

static const struct event *only_event(const struct trial *t)
{
	assert_int_equal(t->events, 1);
	assert_int_equal(t->event[0].kind, EVENT_IPSEC);
	return &t->event[0];
}

static void a_main_mode_is_one_event_with_offer_and_choice(void **state)
{
	struct trial *t = *state;
	const uint16_t *const offered[] = {aes, triple_des}, *const chosen[] = {triple_des};
	const struct event *ev;

	trial_datagram(t, CLIENT, main_mode(0, offered, 2));
	assert_int_equal(t->events, 0);
	trial_datagram(t, SERVER, main_mode(THEM, chosen, 1));
	ev = only_event(t);
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_VERSION), "1.0");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_EXCHANGE), "main-mode");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_OUTCOME), "chosen");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_INITIATOR_SPI), "1122334455667788");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_RESPONDER_SPI), "99aabbccddeeff00");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_ENCRYPTION),
	                    "aes-cbc-256 3des-cbc");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_INTEGRITY),
	                    "sha2-256 md5");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_GROUP),
	                    "modp-2048 modp-1024");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_AUTHENTICATION),
	                    "rsa-signature psk");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_ENCRYPTION), "3des-cbc");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_INTEGRITY), "md5");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_GROUP), "modp-1024");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_AUTHENTICATION), "psk");
	assert_int_equal(event_integer(ev, FIELD_CONFIGMGR_IKE_CHOSEN_LIFETIME, 0), 28800);
	assert_false(is_degraded(ev));
	/* What follows belongs to it. */
	for (int i = 0; i < 2; i++) {
		trial_datagram(t, CLIENT,
		               ike_message_of((struct ike){.initiator = US,
		                                           .responder = THEM,
		                                           .version = 1,
		                                           .exchange = IKE_MAIN_MODE}));
		trial_datagram(t, SERVER,
		               ike_message_of((struct ike){.initiator = US,
		                                           .responder = THEM,
		                                           .version = 1,
		                                           .exchange = IKE_MAIN_MODE}));
	}
	assert_int_equal(t->events, 1);
	assert_int_equal(counter_read(&t->counters, COUNTER_IKE_INITIATED), 1);
	assert_int_equal(counter_read(&t->counters, COUNTER_IKE_ANSWERED), 1);
	assert_int_equal(counter_read(&t->counters, COUNTER_IKE_CONTINUED), 1);
}

static void version_2_offers_choices_of_each_type(void **state)
{
	struct trial *t = *state;
	const struct event *ev;

	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	trial_datagram(t, SERVER, sa_init(true, strong_2, 3));
	ev = only_event(t);
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_EXCHANGE), "ike-sa-init");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_ENCRYPTION),
	                    "3des-cbc aes-gcm-16-256");
	assert_string_equal(texts_of_event(ev, FIELD_CONFIGMGR_IKE_OFFERED_PRF),
	                    "hmac-md5 hmac-sha2-384");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_ENCRYPTION), "aes-gcm-16-256");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_PRF), "hmac-sha2-384");
	assert_string_equal(text_of(ev, FIELD_CONFIGMGR_IKE_CHOSEN_GROUP), "ecp-384");
	assert_false(event_has(ev, FIELD_CONFIGMGR_IKE_CHOSEN_INTEGRITY));
}

static void an_answer_that_lists_several_has_chosen_nothing(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	trial_datagram(t, SERVER, sa_init(true, both_2, 7));
	assert_false(event_has(only_event(t), FIELD_CONFIGMGR_IKE_CHOSEN_ENCRYPTION));
}

static void a_refusal_is_told(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, sa_init(false, weak_2, 4));
	trial_datagram(t, SERVER, notify_2(14));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_OUTCOME), "refused");
	assert_string_equal(texts_of_event(only_event(t), FIELD_CONFIGMGR_IKE_NOTIFY),
	                    "no-proposal-chosen");
}

static void version_1_refuses_in_a_message_of_its_own(void **state)
{
	struct trial *t = *state;
	const uint16_t *const offered[] = {triple_des};
	const uint8_t body[] = {0, 0, 0, 1, 1, 0, 0, 14};

	trial_datagram(t, CLIENT, main_mode(0, offered, 1));
	trial_datagram(t, SERVER,
	               ike_message_of((struct ike){
	                       .initiator = US,
	                       .responder = THEM,
	                       .version = 1,
	                       .exchange = IKE_INFORMATIONAL_1,
	                       .message_id = 77,
	                       .first = 11,
	                       .payloads = ike_payload(0, (struct bytes){body, sizeof(body)})}));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_OUTCOME), "refused");
	/* Told of what it refuses. */
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_EXCHANGE), "main-mode");
	assert_int_equal(event_integer(only_event(t), FIELD_CONFIGMGR_IKE_MESSAGE_ID, 1), 0);
	assert_string_equal(texts_of_event(only_event(t), FIELD_CONFIGMGR_IKE_OFFERED_GROUP),
	                    "modp-1024");
}

static void a_cookie_is_no_outcome(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	trial_datagram(t, SERVER, notify_2(16390));
	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	trial_datagram(t, SERVER, notify_2(17));
	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	assert_int_equal(t->events, 0);
	trial_datagram(t, SERVER, sa_init(true, strong_2, 3));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_OUTCOME), "chosen");
	assert_int_equal(event_integer(only_event(t), FIELD_CONFIGMGR_IKE_REPEATS, 9), 0);
	assert_int_equal(counter_read(&t->counters, COUNTER_IKE_INITIATED), 1);
}

static void nobody_answers(void **state)
{
	struct trial *t = *state;

	trial_datagram(t, CLIENT, sa_init(false, both_2, 7));
	trial_end(t);
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_OUTCOME), "unanswered");
	assert_true(is_degraded(only_event(t)));
	assert_string_equal(texts_of_event(only_event(t), FIELD_CONFIGMGR_IKE_OFFERED_GROUP),
	                    "modp-1024 ecp-384");
}

static void repeating_tells_early_that_nobody_answers(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 4; i++)
		trial_datagram(t, CLIENT, sa_init(false, weak_2, 4));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_OUTCOME), "unanswered");
	trial_datagram(t, SERVER, sa_init(true, weak_2, 4));
	assert_int_equal(t->events, 2);
	assert_string_equal(text_of(&t->event[1], FIELD_CONFIGMGR_IKE_OUTCOME), "chosen");
	assert_int_equal(event_integer(&t->event[1], FIELD_CONFIGMGR_IKE_REPEATS, 0), 3);
}

static void an_answer_seen_first_turns_the_flow_around(void **state)
{
	struct trial *t = *state;
	struct address client = ipsec_address(CLIENT);

	trial_datagram(t, SERVER, sa_init(true, weak_2, 4));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_CHOSEN_GROUP), "modp-1024");
	assert_true(is_degraded(only_event(t)));
	assert_true(address_equal(only_event(t)->value[FIELD_CLIENT_IP].address, client));
	/* The request came late, and is none without answer. */
	trial_datagram(t, CLIENT, sa_init(false, weak_2, 4));
	trial_end(t);
	assert_int_equal(t->events, 1);
}

static void later_exchanges_are_told_by_their_headers(void **state)
{
	struct trial *t = *state;
	const uint8_t type[] = {IKE_QUICK_MODE, IKE_AUTH, IKE_CREATE_CHILD_SA};
	const char *const name[] = {"quick-mode", "ike-auth", "create-child-sa"};

	for (size_t i = 0; i < 3; i++) {
		struct ike m = {.initiator = US,
		                .responder = THEM,
		                .version = i ? 2 : 1,
		                .exchange = type[i],
		                .flags = i ? 0x08 : 1,
		                .message_id = 1 + (uint32_t)i,
		                .first = 46,
		                .payloads = ike_payload(0, repeated(0xa5, 60))};

		trial_datagram(t, CLIENT, ike_message_of(m));
		m.flags = i ? 0x20 : 1;
		trial_datagram(t, SERVER, ike_message_of(m));
		m.flags = i ? 0x08 : 1;
		trial_datagram(t, CLIENT, ike_message_of(m));
		assert_int_equal(t->events, i + 1);
		assert_string_equal(text_of(&t->event[i], FIELD_CONFIGMGR_IKE_EXCHANGE), name[i]);
		assert_string_equal(text_of(&t->event[i], FIELD_CONFIGMGR_IKE_OUTCOME), "answered");
	}
}

static void authip_has_its_own_exchange_and_may_need_no_group(void **state)
{
	struct trial *t = *state;
	const uint16_t *const offered[] = {group_0};
	struct ike m = {.initiator = US,
	                .version = 1,
	                .exchange = AUTHIP_MAIN_MODE,
	                .first = 0x85,
	                .payloads = joined(ike_payload(1, BYTES("\0\0\0\1")),
	                                   ike_payload(0, ike1_offer(offered, 1)))};

	trial_datagram(t, CLIENT, ike_message_of(m));
	m.responder = THEM;
	trial_datagram(t, SERVER, ike_message_of(m));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IPSEC_PROTOCOL), "authip");
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_EXCHANGE),
	                    "authip-main-mode");
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_CHOSEN_GROUP), "none");
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_CHOSEN_ENCRYPTION),
	                    "aes-cbc-128");
}

static void identities_and_vendors_are_told(void **state)
{
	struct trial *t = *state;
	const uint16_t *const offered[] = {triple_des};
	struct bytes vendor = BYTES("\x1e\x2b\x51\x69\x05\x99\x1c\x7d\x7c\x96\xfc\xbf\xb5\x87\xe4"
	                            "\x61\0\0\0\4");
	struct ike m = {.initiator = US,
	                .version = 1,
	                .exchange = IKE_AGGRESSIVE_MODE,
	                .first = 1,
	                .payloads =
	                        joined(ike_payload(5, ike1_offer(offered, 1)),
	                               joined(ike_payload(13, BYTES("\2\0\0\0ws1.corp.example")),
	                                      joined(ike_payload(13, vendor),
	                                             ike_payload(0, BYTES("\xab\xcd")))))};

	trial_datagram(t, CLIENT, ike_message_of(m));
	m.responder = THEM;
	m.payloads = joined(ike_payload(5, ike1_offer(offered, 1)),
	                    ike_payload(0, BYTES("\1\0\0\0\xc0\0\2\x14")));
	trial_datagram(t, SERVER, ike_message_of(m));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_IDENTITY_INITIATOR),
	                    "ws1.corp.example");
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_IDENTITY_RESPONDER),
	                    "192.0.2.20");
	assert_string_equal(texts_of_event(only_event(t), FIELD_CONFIGMGR_IKE_VENDORS),
	                    "MS NT5 ISAKMPOAKLEY abcd");
}

static void behind_a_translation_messages_have_a_marker_and_esp_has_none(void **state)
{
	struct trial *t = *state;

	t->client_port = t->server_port = 4500;
	trial_datagram(t, CLIENT, BYTES("\xff"));
	trial_datagram(t, CLIENT, ike_marked(sa_init(false, weak_2, 4)));
	trial_datagram(t, SERVER, ike_marked(sa_init(true, weak_2, 4)));
	assert_string_equal(text_of(only_event(t), FIELD_CONFIGMGR_IKE_CHOSEN_GROUP), "modp-1024");
	for (uint32_t i = 1; i < 4; i++)
		trial_datagram(t, CLIENT,
		               esp_null(0xc0001234, i, 6, tcp_segment(CLIENT, i, 0x10, ""), 0, 16));
	assert_int_equal(t->bench.wrapped_count, 1);
	trial_datagram(t, CLIENT,
	               joined(BYTES("\0\0\0\2"),
	                      wesp_packet_of(6, 0,
	                                     esp_null(0xc0001235, 1, 6,
	                                              tcp_segment(CLIENT, 9, 0x10, ""), 0, 16),
	                                     0, 16)));
	assert_int_equal(t->bench.wrapped_count, 1);
	assert_int_equal(t->bench.wrapped[0].wrapping, WRAPPED_IN_WESP);
}

static void more_exchanges_than_there_is_room_for_are_told_in_order(void **state)
{
	struct trial *t = *state;

	for (uint64_t i = 1; i < 11; i++)
		trial_datagram(t, CLIENT,
		               ike_message_of((struct ike){
		                       .initiator = i,
		                       .version = 2,
		                       .exchange = IKE_SA_INIT,
		                       .flags = 8,
		                       .first = 33,
		                       .payloads = ike_payload(0, ike2_offer(weak_2, 4))}));
	assert_int_equal(t->events, 6);
	assert_string_equal(text_of(&t->event[0], FIELD_CONFIGMGR_IKE_INITIATOR_SPI),
	                    "0000000000000001");
	trial_end(t);
	assert_int_equal(t->events, 10);
	assert_int_equal(counter_read(&t->counters, COUNTER_IKE_INITIATED), 10);
}

static void what_was_cut_off_is_no_mistake_of_the_sender(void **state)
{
	struct trial *t = *state;
	struct bytes whole = sa_init(false, both_2, 7);

	for (size_t captured = 1; captured < whole.len; captured++) {
		t->client_port = (uint16_t)(captured + 1000);
		trial_datagram_cut(t, CLIENT, whole, captured);
	}
	for (size_t i = 0; i < t->events; i++)
		assert_int_equal(t->event[i].kind, EVENT_IPSEC);
}

static void what_breaks_the_protocol_is_told_once_and_blinds_nobody(void **state)
{
	struct trial *t = *state;

	for (int i = 0; i < 3; i++)
		trial_datagram(t, CLIENT, BYTES("this is no IKE message at all, is it"));
	assert_int_equal(t->events, 1);
	assert_int_equal(t->event[0].kind, EVENT_MALFORMED);
	trial_datagram(t, CLIENT, sa_init(false, weak_2, 4));
	trial_datagram(t, SERVER, sa_init(true, weak_2, 4));
	assert_int_equal(t->events, 2);
	assert_string_equal(text_of(&t->event[1], FIELD_CONFIGMGR_IKE_OUTCOME), "chosen");
}

/* Every byte of a message set to 0, 1, 127, 255, and every prefix, at a guard page. */
static void any_damage_is_survived(void **state)
{
	const uint16_t *const offered[] = {aes, triple_des};
	struct bytes message[] = {main_mode(0, offered, 2), sa_init(true, both_2, 7), notify_2(14)};
	static const uint8_t values[] = {0, 1, 127, 255};
	struct arena scratch;
	struct ike_message m;

	(void)state;
	assert_true(arena_open(&scratch, 1 << 20));
	for (size_t i = 0; i < 3; i++) {
		for (size_t at = 0; at <= message[i].len; at++) {
			ike_message_read(guarded(bytes_slice(message[i], 0, at)), 0, &scratch, &m);
			ike_message_read(guarded(bytes_slice(message[i], 0, at)), 9, &scratch, &m);
			arena_reset(&scratch);
		}
		for (size_t at = 0; at < 4 * message[i].len; at++) {
			struct bytes copy = joined(message[i], (struct bytes){0});

			((uint8_t *)(uintptr_t)copy.at)[at / 4] = values[at % 4];
			ike_message_read(guarded(copy), 0, &scratch, &m);
			arena_reset(&scratch);
		}
	}
	arena_close(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_trial, close_trial)
	        TEST(a_main_mode_is_one_event_with_offer_and_choice),
	        TEST(version_2_offers_choices_of_each_type),
	        TEST(an_answer_that_lists_several_has_chosen_nothing),
	        TEST(a_refusal_is_told),
	        TEST(version_1_refuses_in_a_message_of_its_own),
	        TEST(a_cookie_is_no_outcome),
	        TEST(nobody_answers),
	        TEST(repeating_tells_early_that_nobody_answers),
	        TEST(an_answer_seen_first_turns_the_flow_around),
	        TEST(later_exchanges_are_told_by_their_headers),
	        TEST(authip_has_its_own_exchange_and_may_need_no_group),
	        TEST(identities_and_vendors_are_told),
	        TEST(behind_a_translation_messages_have_a_marker_and_esp_has_none),
	        TEST(more_exchanges_than_there_is_room_for_are_told_in_order),
	        TEST(what_was_cut_off_is_no_mistake_of_the_sender),
	        TEST(what_breaks_the_protocol_is_told_once_and_blinds_nobody),
	        cmocka_unit_test(any_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
