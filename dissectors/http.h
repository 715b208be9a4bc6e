/* The state of one HTTP connection: two messages being read, and the requests that wait for a
 * reply. */
#ifndef CMTAP_DISSECTORS_HTTP_H
#define CMTAP_DISSECTORS_HTTP_H

#include "dissectors/configmgr/configmgr.h"
#include "dissectors/http_auth.h"

/* The most that limits.http_pipeline can be. */
#define HTTP_PIPELINE_MAX 16

/* What the next bytes of a side are. */
enum http_step {
	STEP_HEAD,
	STEP_BODY,        /* `remaining` bytes of a body with a length */
	STEP_UNTIL_CLOSE, /* a body that ends with the stream */
	STEP_CHUNK_SIZE,
	STEP_CHUNK,     /* `remaining` bytes of a chunk */
	STEP_CHUNK_END, /* the line end behind a chunk */
	STEP_TRAILERS,
	STEP_LOST, /* bytes were missed: look for the next head at the start of a segment */
};

enum http_coding { CODING_NONE, CODING_GZIP, CODING_DEFLATE, CODING_OTHER };

/* The message that one side is sending. */
struct http_message {
	enum http_step step;
	enum http_coding coding;
	uint32_t scanned;    /* bytes of an unfinished head that were searched already */
	uint32_t wanted;     /* bytes of the body still to be kept */
	bool owned;          /* somebody waits for the end of this body */
	bool prefix;         /* only the beginning of it is asked for */
	bool over_cap;       /* more of the body was wanted than could be kept */
	bool lost;           /* bytes of it were missed */
	bool counted_length; /* `length` is declared, not counted */
	uint64_t remaining;  /* of the body or chunk */
	uint64_t length;     /* of the body: declared, or seen so far */
	struct chain body;
};

/* A request that waits for its reply. */
struct http_pending {
	struct chain facts; /* its event, packed; empty when nobody could want it */
	uint64_t answered;  /* where in the server's stream its reply can begin at the earliest */
	struct configmgr_request configmgr;
	struct auth_attempt attempt;
	unsigned degraded;
	bool passed_over;       /* nobody will want it: no facts are kept */
	bool head_only, tunnel; /* HEAD: its reply has no body. CONNECT: what follows is not HTTP */
};

struct http_state {
	struct http_message message[2];
	struct http_pending pending[HTTP_PIPELINE_MAX];
	uint8_t first, count; /* of pending, in the order of the requests */
	uint32_t unpaired;    /* replies still to come for requests that were not kept */
	bool request_open;    /* the last pending request's body is still being read */
	bool resync;     /* bytes of the server were missed: the next reply may be of any request */
	bool begun[2];   /* bytes of that side were shown */
	bool reply_open; /* a reply's body is being read */
	bool reply_paired; /* and it belongs to the first pending request */
	bool reply_held;   /* whose event is on the workbench, and no longer packed */
	unsigned reply_status;
	uint32_t transactions;
	struct http_auth auth;
};

/* http_transaction.c: requests, replies and their events */

/* A request's head was read. May set message[CLIENT].wanted. */
void http_request_begin(struct dissection *d, const struct http_head *head);
/* Its body has ended, whole or not. */
void http_request_end(struct dissection *d, struct configmgr_body body);
/* A reply's head was read. False for interim replies (1xx), which end with their head. */
bool http_reply_begin(struct dissection *d, const struct http_head *head, uint64_t offset);
/* The workbench is wanted for something else, or its views end: packs the event of a reply whose
 * body goes on. */
void http_reply_pause(struct dissection *d);
/* Its body has ended, whole or not. */
void http_reply_end(struct dissection *d, bool body_known, struct configmgr_body body);
/* Nothing more will come: tells of all requests that wait. */
void http_requests_unanswered(struct dissection *d);

/* http_target.c: request targets */

struct http_target {
	struct bytes path, query, host;
	const char *form; /* origin, absolute, authority, asterisk */
};

/* Takes a request target apart (RFC 9112 section 3.2); the path is percent-decoded in `scratch`. */
struct http_target http_target_read(struct bytes target, struct arena *scratch);

/* The host of a Host header or of a target's authority: lower case, without its port. */
struct bytes http_host(struct bytes authority, struct arena *scratch);

/* The type of a Content-Type value: lower case, without parameters, in `scratch`. */
struct bytes http_mime_type(struct bytes value, struct arena *scratch);

/* A Content-Range value, `bytes a-b/total` (RFC 9110 section 14.4). False when it is none. */
bool http_content_range(struct bytes value, uint64_t *first, uint64_t *total, bool *has_total);

#endif
