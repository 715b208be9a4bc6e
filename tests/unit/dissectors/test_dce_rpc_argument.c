/* What is found among the arguments of calls, and interfaces by their UUID. */
#include "dissectors/dce_rpc_argument.h"

#include "dissectors/dce_rpc.h"
#include "dissectors/dce_rpc_interface.h"
#include "tests/support/guard.h"
#include "tests/support/rpc_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void texts_are_found_among_other_arguments(void **state)
{
	struct arena arena;
	struct bytes handle = joined(le(0, 4), repeated(0xa7, 16));
	struct bytes wide = joined(le(6, 8), joined(le(0, 8), le(6, 8)));

	(void)state;
	rpc_big = false;
	assert_true(arena_open(&arena, 1 << 20));
	assert_true(
	        bytes_equal(rpc_argument(guarded(joined(handle, rpc_text("name"))), false, &arena),
	                    BYTES("name")));
	assert_true(bytes_equal(
	        rpc_argument(guarded(joined(rpc_text("names"), rpc_text("\\\\host\\x"))), false,
	                     &arena),
	        BYTES("\\\\host\\x")));
	wide = joined(le(0, 8), joined(wide, utf16le(BYTES("wide1\0"))));
	assert_true(bytes_equal(rpc_argument(guarded(wide), false, &arena), BYTES("wide1")));
	assert_int_equal(rpc_argument(guarded(repeated(0, 300)), false, &arena).len, 0);
	assert_int_equal(rpc_argument(guarded(repeated(0xff, 300)), false, &arena).len, 0);
	assert_int_equal(rpc_argument(guarded(handle), false, &arena).len, 0);
	assert_int_equal(rpc_argument(guarded(rpc_text("     ")), false, &arena).len, 0);
	arena_close(&arena);
}

static void hosts_of_paths_are_found(void **state)
{
	static const char *const cases[][2] = {
	        {"\\\\192.0.2.66\\share\\file", "192.0.2.66"},
	        {"\\\\rogue01", "rogue01"},
	        {"\\\\rogue01@80\\x", "rogue01"},
	        {"\\\\rogue01@SSL@443\\x", "rogue01"},
	        {"C:\\file", ""},
	        {"\\\\", ""},
	        {"", ""},
	        {"\\x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(bytes_equal(unc_host(bytes_of(cases[i][0])), bytes_of(cases[i][1])));
}

static void every_interface_is_found_by_its_uuid(void **state)
{
	uint8_t wire[16] = {0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35,
	                    0xad, 0x32, 0x98, 0xf0, 0x38, 0x00, 0x10, 0x03};
	char text[UUID_TEXT];

	(void)state;
	uuid_print(wire, text);
	assert_memory_equal(text, SVCCTL, UUID_TEXT);
	assert_int_equal(rpc_interface_by_uuid(text), RPC_SVCCTL);
	assert_string_equal(rpc_operation_name(RPC_SVCCTL, 12), "RCreateServiceW");
	assert_string_equal(rpc_operation_name(RPC_SPOOLSS, 65),
	                    "RpcRemoteFindFirstPrinterChangeNotificationEx");
	assert_string_equal(rpc_operation_name(RPC_NETDFS, 12), "NetrDfsAddStdRoot");
	assert_string_equal(rpc_operation_name(RPC_FSRVP, 8), "IsPathSupported");
	assert_string_equal(rpc_operation_name(RPC_WBEM_SERVICES, 24), "ExecMethod");
	assert_null(rpc_operation_name(RPC_SVCCTL, 9999));
	assert_null(rpc_operation_name(RPC_INTERFACE_UNKNOWN, 0));
	assert_null(rpc_interface_name(RPC_INTERFACE_UNKNOWN));
	assert_true(sizeof(struct dce_rpc) <= BLOCK_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(texts_are_found_among_other_arguments),
	        cmocka_unit_test(hosts_of_paths_are_found),
	        cmocka_unit_test(every_interface_is_found_by_its_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
