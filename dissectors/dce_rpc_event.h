/* How calls, refused interfaces and logons of DCE/RPC are told. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_EVENT_H
#define CMTAP_DISSECTORS_DCE_RPC_EVENT_H

#include "dissectors/dce_rpc.h"

/* Authentication levels (MS-RPCE section 2.2.1.1.8). */
#define RPC_LEVEL_NONE    1
#define RPC_LEVEL_CONNECT 2 /* without verifiers of calls */
#define RPC_LEVEL_PRIVACY 6
#define RPC_LEVEL_UNKNOWN 0xff /* the bind that said it was not seen */

enum rpc_outcome { RPC_ANSWERED, RPC_FAULT, RPC_REFUSED, RPC_ONE_WAY, RPC_UNANSWERED };

struct rpc_reply {
	bool has_status;
	uint32_t status;
	struct bytes stub;
};

/* `reply` is NULL where none was seen. */
void dce_rpc_tell(struct dissection *d, const struct dce_rpc *rpc,
                  const struct dce_rpc_carrier *carrier, const struct dce_rpc_call *call,
                  enum rpc_outcome outcome, const struct rpc_reply *reply);

/* The server does not offer this interface. */
void dce_rpc_tell_refused(struct dissection *d, const struct dce_rpc *rpc,
                          const struct dce_rpc_carrier *carrier,
                          const struct dce_rpc_context *context);

/* The logon of the connection, unless it was told already. */
void dce_rpc_tell_logon(struct dissection *d, struct dce_rpc *rpc,
                        const struct dce_rpc_carrier *carrier);

#endif
