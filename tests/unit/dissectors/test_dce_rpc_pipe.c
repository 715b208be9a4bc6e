/* DCE/RPC through the interface of pipes, with a workbench of its own. */
#include "dissectors/dce_rpc.h"

#include "tests/support/guard.h"
#include "tests/support/rpc_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void pipe_in_pieces(struct trial *t, struct dce_rpc *rpc, enum side from, struct bytes b,
                           size_t size)
{
	static const struct flow_facts flow = {.seen = {true, true}};
	struct dissection d = {.bench = &t->bench, .flow = &flow};
	const struct dce_rpc_carrier carrier = {.pipe = BYTES("svcctl")};

	for (size_t at = 0; at < b.len; at += size) {
		dce_rpc_data(&d, rpc, &carrier, from, guarded(bytes_slice(b, at, size)));
		arena_reset(&t->bench.scratch);
	}
}

static void pipes_may_cut_fragments_anywhere(void **state)
{
	(void)state;
	for (size_t size = 1; size < 300; size += 7) {
		struct dce_rpc rpc = {0};
		struct dissection d;
		struct trial t;

		rpc_begin(&t);
		d = (struct dissection){.bench = &t.bench};
		pipe_in_pieces(&t, &rpc, CLIENT, rpc_client_says(), size);
		pipe_in_pieces(&t, &rpc, SERVER, rpc_server_says(0), size);
		rpc_is_create_service(rpc_event(&t, EVENT_RPC, 0), 0);
		assert_string_equal(RPC(rpc_event(&t, EVENT_RPC, 0), ENDPOINT), "svcctl");
		dce_rpc_end(&d, &rpc, &(struct dce_rpc_carrier){0});
		assert_int_equal(t.bench.blocks.used, 0);
		trial_close(&t);
	}
}

static void a_broken_pipe_is_told_once_and_left(void **state)
{
	struct dce_rpc rpc = {0};
	struct trial t;

	(void)state;
	rpc_begin(&t);
	for (int i = 0; i < 100; i++)
		pipe_in_pieces(&t, &rpc, CLIENT, BYTES("no fragment at all, but long enough"), 40);
	assert_int_equal(t.events, 1);
	assert_int_equal(t.event[0].kind, EVENT_MALFORMED);
	assert_int_equal(t.bench.blocks.used, 0);
	trial_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pipes_may_cut_fragments_anywhere),
	        cmocka_unit_test(a_broken_pipe_is_told_once_and_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
