/* Connection-oriented DCE/RPC: fragments, bindings and calls. */
#include "dissectors/dce_rpc.h"

void dce_rpc_data(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                  enum side from, struct bytes data)
{
	(void)d;
	(void)rpc;
	(void)carrier;
	(void)from;
	(void)data;
}

void dce_rpc_gap(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier,
                 enum side from)
{
	(void)d;
	(void)carrier;
	rpc->stopped[from] = rpc->lost = true;
}

void dce_rpc_end(struct dissection *d, struct dce_rpc *rpc, const struct dce_rpc_carrier *carrier)
{
	(void)d;
	(void)rpc;
	(void)carrier;
}
