/* Names of RPC interfaces and operations. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_INTERFACE_H
#define CMTAP_DISSECTORS_DCE_RPC_INTERFACE_H

#include "core/bytes.h"

#define RPC_INTERFACE_UNKNOWN (-1)

#define INTERFACE(id, name, uuid) RPC_##id,
#define OPERATION(id, opnum, name)
enum rpc_interface {
#include "dissectors/dce_rpc_interfaces.def"
	RPC_INTERFACE_COUNT
};
#undef INTERFACE
#undef OPERATION

#define UUID_TEXT 36

/* A UUID as text, not NUL-terminated; its first three parts lie little endian in `uuid`. */
void uuid_print(const uint8_t uuid[16], char text[UUID_TEXT]);

/* The interface with that UUID (as text), or RPC_INTERFACE_UNKNOWN. */
int rpc_interface_by_uuid(const char text[UUID_TEXT]);

/* NULL for RPC_INTERFACE_UNKNOWN, and where an operation has no name. */
const char *rpc_interface_name(int known);
const char *rpc_operation_name(int known, uint16_t opnum);

#endif
