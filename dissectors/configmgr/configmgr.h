/* What ConfigMgr says inside HTTP.
 *
 * The HTTP dissector asks here, once a head is read, what a transaction is about and how much of
 * its bodies is worth keeping, and hands bodies and replies over. Facts go into the event of the
 * transaction; between request and reply only `struct configmgr_request` is kept.
 *
 * The comments name the section of the protocol reference (http.md) that a fact comes from;
 * docs/configmgr.md says which words come out. */
#ifndef CMTAP_DISSECTORS_CONFIGMGR_CONFIGMGR_H
#define CMTAP_DISSECTORS_CONFIGMGR_CONFIGMGR_H

#include "dissectors/dissector.h"
#include "dissectors/http_head.h"

struct configmgr_endpoint;

/* What is kept of a request until its reply. All zero: not ConfigMgr's. */
struct configmgr_request {
	const struct configmgr_endpoint *endpoint;
	bool token_path; /* clients of this path prove themselves by a token that cannot be seen */
	uint32_t request_wanted, reply_wanted; /* bytes of the bodies to keep; 0: none */
};

struct configmgr_body {
	struct bytes bytes; /* decoded: no chunks, no content encoding */
	bool whole;         /* nothing is missing at its end */
};

struct configmgr_reply {
	unsigned status;
	bool body_known; /* the body was kept, or is known to be empty */
	uint64_t length; /* bytes of the body as transferred, as far as known */
	struct configmgr_body body;
};

/* Classifies a request by its head. `path` is percent-decoded, `query` raw; both are views that
 * live as long as `ev`. False, and nothing stated, when it is not ConfigMgr's. */
bool configmgr_request(struct dissection *d, const struct http_head *head, struct bytes path,
                       struct bytes query, struct event *ev, struct configmgr_request *request);

/* Reads the body of a request that `request_wanted` asked for. */
void configmgr_request_body(struct dissection *d, struct event *ev,
                            struct configmgr_request *request, struct configmgr_body body);

/* Reads the reply; `ev` holds the facts of the request. */
void configmgr_reply(struct dissection *d, struct event *ev,
                     const struct configmgr_request *request, const struct configmgr_reply *reply);

#endif
