/* How calls, refused interfaces and logons of DCE/RPC are told. */
#ifndef CMTAP_DISSECTORS_DCE_RPC_EVENT_H
#define CMTAP_DISSECTORS_DCE_RPC_EVENT_H

#include "dissectors/dce_rpc.h"

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
