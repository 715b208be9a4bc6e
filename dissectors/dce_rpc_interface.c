/* The table of RPC interfaces: dce_rpc_interfaces.def as C. */
#include "dissectors/dce_rpc_interface.h"

#define INTERFACE(id, name, uuid) [RPC_##id] = {name, uuid},
#define OPERATION(id, opnum, name)
static const struct {
	const char *name, *uuid;
} interfaces[] = {
#include "dissectors/dce_rpc_interfaces.def"
};
#undef INTERFACE
#undef OPERATION

#define INTERFACE(id, name, uuid)
#define OPERATION(id, opnum, name) {RPC_##id, opnum, name},
static const struct {
	int16_t interface;
	uint16_t opnum;
	const char *name;
} operations[] = {
#include "dissectors/dce_rpc_interfaces.def"
};
#undef INTERFACE
#undef OPERATION

void uuid_print(const uint8_t uuid[16], char text[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	size_t n = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		text[n++] = digits[uuid[order[i]] >> 4];
		text[n++] = digits[uuid[order[i]] & 15];
	}
}

int rpc_interface_by_uuid(const char text[UUID_TEXT])
{
	for (int i = 0; i < RPC_INTERFACE_COUNT; i++)
		if (!memcmp(text, interfaces[i].uuid, UUID_TEXT))
			return i;
	return RPC_INTERFACE_UNKNOWN;
}

const char *rpc_interface_name(int known)
{
	return known < 0 || known >= RPC_INTERFACE_COUNT ? NULL : interfaces[known].name;
}

const char *rpc_operation_name(int known, uint16_t opnum)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (operations[i].interface == known && operations[i].opnum == opnum)
			return operations[i].name;
	return NULL;
}
