/* One HTTP transaction as ConfigMgr means it: what it asks, and how it was answered. */
#include "core/reader.h"
#include "dissectors/configmgr/configmgr.h"
#include "dissectors/configmgr/content.h"
#include "dissectors/configmgr/endpoint.h"
#include "dissectors/configmgr/message.h"
#include "dissectors/configmgr/policy.h"
#include "dissectors/configmgr/reading.h"
#include "dissectors/http.h"
#include "dissectors/inflate.h"

/* The queries of .sms_aut (http.md section 1.1), longest first where one begins another. */
static const struct {
	const char *query, *type, *generation;
} auth_queries[] = {
        {"MPLIST2", "mp_list", NULL},
        {"MPLIST1", "mp_list", NULL},
        {"MPLIST", "mp_list", NULL},
        {"MPCERT1", "mp_certificate", "2003"},
        {"MPCERT2", "mp_certificate", NULL},
        {"MPCERT", "mp_certificate", NULL},
        {"MPKEYINFORMATIONMEDIA", "mp_key_information", NULL},
        {"MPKEYINFORMATIONEX", "mp_key_information", NULL},
        {"MPKEYINFORMATION", "mp_key_information", NULL},
        {"MPTRK", "trusted_root_key", NULL},
        {"SITESIGNCERT", "site_signing_certificate", NULL},
        {"MPLOCATION", "mp_location", NULL},
        {"GETCLIENTAFFINITY", "client_affinity", NULL},
        {"SMSTRC", "mp_trace", NULL},
};

static void read_auth_query(struct reading *r, struct bytes query)
{
	ptrdiff_t ampersand = bytes_find(query, BYTES("&"));
	size_t end = ampersand < 0 ? query.len : (size_t)ampersand;
	struct bytes operation = bytes_slice(query, 0, end);
	struct bytes argument = bytes_slice(query, end + 1, query.len);

	for (size_t i = 0; i < sizeof(auth_queries) / sizeof(*auth_queries); i++) {
		if (!bytes_equal_fold(operation, bytes_of(auth_queries[i].query)))
			continue;
		event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_TYPE, auth_queries[i].type);
		event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_OPERATION, auth_queries[i].query);
		event_set_name(r->ev, FIELD_CONFIGMGR_GENERATION, auth_queries[i].generation);
		/* MPLIST1&<site>: three characters that name a site. */
		if (argument.len == 3)
			keep_field(r, FIELD_CONFIGMGR_SITE_CODE, argument);
		return;
	}
}

/* Who asks, as the headers say (http.md section 2.2). */
static void read_identity(struct reading *r, const struct http_head *head)
{
	bool id = http_head_has(head, HTTP_CCM_CLIENT_ID);
	bool is_signed = http_head_has(head, HTTP_CCM_CLIENT_ID_SIGNATURE) ||
	                 http_head_has(head, HTTP_CLIENT_TOKEN_SIGNATURE);

	keep_guid(r, head->header[id ? HTTP_CCM_CLIENT_ID : HTTP_CLIENT_TOKEN]);
	if (is_signed)
		event_set_boolean(r->ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, true);
}

/* The operation of a SOAP action is its last part. */
static void read_soap_action(struct reading *r, const struct http_head *head)
{
	struct bytes action = bytes_trim(head->header[HTTP_SOAP_ACTION]);
	size_t at;

	if (action.len && action.at[action.len - 1] == '"')
		action.len--;
	for (at = action.len; at && action.at[at - 1] != '/' && action.at[at - 1] != '"';)
		at--;
	keep_field(r, FIELD_CONFIGMGR_MESSAGE_OPERATION, bytes_slice(action, at, action.len));
}

static void read_upload_head(struct reading *r, const struct http_head *head)
{
	uint64_t first, total;
	bool has_total = false;

	keep_field(r, FIELD_CONFIGMGR_BITS_PACKET, head->header[HTTP_BITS_PACKET_TYPE]);
	keep_field(r, FIELD_CONFIGMGR_BITS_SESSION, head->header[HTTP_BITS_SESSION_ID]);
	if (!http_content_range(head->header[HTTP_CONTENT_RANGE], &first, &total, &has_total))
		return;
	event_set_integer(r->ev, FIELD_CONFIGMGR_HTTP_RANGE_FIRST, (int64_t)first);
	if (has_total)
		event_set_integer(r->ev, FIELD_CONFIGMGR_HTTP_RANGE_TOTAL, (int64_t)total);
}

/* How much of the bodies is worth keeping, by the kind of endpoint. */
static void read_head(struct reading *r, const struct http_head *head,
                      const struct endpoint_path *path, struct bytes query,
                      struct configmgr_request *request)
{
	uint32_t all = r->d->bench->limits.body;

	switch (path->endpoint->reader) {
	case READ_AUTH:
		read_auth_query(r, query);
		request->reply_wanted = all;
		break;
	case READ_POLICY:
		policy_query(r->d, r->ev, query);
		request->reply_wanted = all;
		break;
	case READ_MESSAGE:
		request->request_wanted = request->reply_wanted = all;
		break;
	case READ_UPLOAD:
		read_upload_head(r, head);
		request->request_wanted = all;
		break;
	case READ_FALLBACK:
		request->request_wanted = all;
		break;
	case READ_CONTENT:
		if (content_path(r->d, r->ev, path, query, head->method))
			request->reply_wanted = LISTING_PREFIX;
		break;
	case READ_UPDATE:
		read_soap_action(r, head);
		break;
	case READ_NOTHING:
		break;
	}
}

bool configmgr_request(struct dissection *d, const struct http_head *head, struct bytes path,
                       struct bytes query, struct event *ev, struct configmgr_request *request)
{
	struct endpoint_path found = endpoint_find(path);
	struct reading r = {.d = d, .ev = ev, .sender = CLIENT};

	*request = (struct configmgr_request){.endpoint = found.endpoint};
	if (!found.endpoint)
		return false;
	request->token_path = found.token_auth;
	event_set_name(ev, FIELD_CONFIGMGR_SERVER_ROLE, found.endpoint->role);
	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, found.endpoint->type);
	read_identity(&r, head);
	read_head(&r, head, &found, query, request);
	return true;
}

/* An upload by BITS carries a report as it is, or as a CCM message would wrap it. */
static void read_upload(struct dissection *d, struct event *ev, struct configmgr_body body)
{
	const struct dissector_limits *limits = &d->bench->limits;
	struct inflate_caps caps = {limits->inflate_bytes, limits->inflate_ratio};
	bool first_part = event_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_FIRST, 0) == 0;
	struct bytes text = body.bytes;

	if (!text.len || !first_part)
		return;
	if (is_enveloped(text)) {
		event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_ENCRYPTED, true);
		return;
	}
	if (looks_like_zlib(text) &&
	    inflate_bytes(d->bench->inflater, INFLATE_ZLIB, body.bytes, caps, &d->bench->scratch,
	                  &text, NULL) == INFLATE_OVER_CAP)
		d->bench->degraded |= DEGRADED_OVER_CAP;
	event_set_integer(ev, FIELD_CONFIGMGR_MESSAGE_BYTES, (int64_t)text.len);
	/* A fragment may end anywhere: its end says nothing about the report. */
	if (payload_is_text(text))
		event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_READABLE,
		                  payload_read(d, ev, CLIENT, text, false));
}

/* The largest of the sizes that a message claims or has: a cap that ends reading must not hide an
 * oversized upload. */
static void keep_size(struct event *ev)
{
	static const enum field sizes[] = {FIELD_CONFIGMGR_MESSAGE_BYTES,
	                                   FIELD_HTTP_REQUEST_BODY_BYTES,
	                                   FIELD_CONFIGMGR_HTTP_RANGE_TOTAL};
	int64_t largest = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int64_t size = event_integer(ev, sizes[i], 0);

		if (size > largest)
			largest = size;
	}
	event_set_integer(ev, FIELD_CONFIGMGR_MESSAGE_BYTES, largest);
}

void configmgr_request_body(struct dissection *d, struct event *ev,
                            struct configmgr_request *request, struct configmgr_body body)
{
	switch (request->endpoint->reader) {
	case READ_MESSAGE:
		if (body.bytes.len)
			message_read(d, ev, CLIENT, body);
		keep_size(ev);
		break;
	case READ_UPLOAD:
		read_upload(d, ev, body);
		keep_size(ev);
		break;
	case READ_FALLBACK:
		if (payload_is_text(body.bytes))
			payload_read(d, ev, CLIENT, body.bytes, body.whole);
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, "fallback_status");
		break;
	case READ_AUTH:
	case READ_POLICY:
	case READ_CONTENT:
	case READ_UPDATE:
	case READ_NOTHING:
		break;
	}
}

static const char *outcome_of(const struct configmgr_reply *reply)
{
	switch (reply->status) {
	case 304:
		return "unchanged";
	case 401:
	case 407:
		return "challenged";
	case 403:
		return "refused";
	default:
		return reply->status < 300 ? "answered" : "failed";
	}
}

/* The body of a reply; a range that leaves something out is not whole. */
static struct configmgr_body ranged_body(const struct event *ev,
                                         const struct configmgr_reply *reply)
{
	struct configmgr_body body = reply->body;
	int64_t total = event_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_TOTAL, -1);

	if (reply->status == 206 && total != (int64_t)reply->length)
		body.whole = false;
	return body;
}

static void read_reply_body(struct dissection *d, struct event *ev,
                            const struct configmgr_request *request,
                            const struct configmgr_reply *reply)
{
	bool empty = reply->body_known && reply->body.whole && !reply->body.bytes.len;

	switch (request->endpoint->reader) {
	case READ_MESSAGE:
		if (empty)
			event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "refused");
		else
			message_read(d, ev, SERVER, reply->body);
		if (event_integer(ev, FIELD_CONFIGMGR_POLICY_COUNT, 1) == 0)
			event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "empty");
		break;
	case READ_AUTH:
		if (empty)
			event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "empty");
		else if (payload_is_text(reply->body.bytes))
			payload_read(d, ev, SERVER, reply->body.bytes, reply->body.whole);
		break;
	case READ_POLICY:
		if (event_integer(ev, FIELD_CONFIGMGR_HTTP_RANGE_FIRST, 0) == 0 && !empty)
			policy_body(d, ev, ranged_body(ev, reply));
		break;
	case READ_CONTENT:
		content_reply(ev, reply->body);
		break;
	case READ_UPLOAD:
	case READ_FALLBACK:
	case READ_UPDATE:
	case READ_NOTHING:
		break;
	}
}

void configmgr_reply(struct dissection *d, struct event *ev,
                     const struct configmgr_request *request, const struct configmgr_reply *reply)
{
	bool has_body = !bytes_equal(event_text(ev, FIELD_HTTP_REQUEST_METHOD), BYTES("HEAD"));

	event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, outcome_of(reply));
	/* A path whose tokens travel in headers of unknown name: who asked cannot be told. */
	if (request->token_path && event_text_is(ev, FIELD_CONFIGMGR_AUTH_STATE, "anonymous"))
		event_clear(ev, FIELD_CONFIGMGR_AUTH_STATE);
	if (reply->status >= 200 && reply->status < 300 && reply->body_known && has_body)
		read_reply_body(d, ev, request, reply);
}
