/* CCM message framing (http.md sections 3.1 to 3.4).
 *
 *    --B CRLF part header CRLF CRLF  FF FE <Msg>...</Msg> in UTF-16LE  CRLF
 *    --B CRLF part header CRLF CRLF  payload: zlib, plain or encrypted  CRLF
 *    --B--
 *
 * The payload, inflated, is a buffer into which <Body Offset Length> and <Attachment Offset Length>
 * point. Hooks say how it is wrapped: zlib-compress, compress (Xpress), clientauth (signed),
 * encrypt (CMS). Real senders are lax about lengths and about the tail of the text; what counts as
 * broken is only what a receiver could not read either. */
#include "dissectors/configmgr/message.h"

#include "core/reader.h"
#include "dissectors/configmgr/policy.h"
#include "dissectors/configmgr/reading.h"
#include "dissectors/inflate.h"

#define PARTS_MAX     8
#define PART_HEAD_MAX 1024

/* What the <Msg> part says about its payload. */
struct envelope {
	struct reading r;
	bool seen, zlib, xpress, encrypted, is_signed, in_body;
	int64_t body_offset, body_length; /* -1: not said */
};

static bool is_hook(const char *element)
{
	return !strncmp(element, "Hook", 4) && strcmp(element, "Hooks") != 0;
}

static void envelope_start(void *context, const char *element, const char *const *attributes,
                           unsigned depth)
{
	struct envelope *e = context;
	struct bytes name = xml_attribute(attributes, "Name");

	if (!depth)
		e->seen = !strcmp(element, "Msg");
	if (!strcmp(element, "Body")) {
		e->body_offset = integer_attribute(attributes, "Offset", 0);
		e->body_length = integer_attribute(attributes, "Length", -1);
	} else if (is_hook(element)) {
		e->zlib |= bytes_equal_fold(name, BYTES("zlib-compress"));
		e->xpress |= bytes_equal_fold(name, BYTES("compress"));
		e->encrypted |= bytes_equal_fold(name, BYTES("encrypt"));
		e->is_signed |= bytes_equal_fold(name, BYTES("clientauth"));
	}
}

static void envelope_end(void *context, const char *element, struct bytes text, unsigned depth)
{
	static const struct {
		const char *element;
		enum field field;
	} texts[] = {
	        {"TargetEndpoint", FIELD_CONFIGMGR_MESSAGE_ENDPOINT},
	        {"ID", FIELD_CONFIGMGR_MESSAGE_ID},
	        {"ReplyTo", FIELD_CONFIGMGR_MESSAGE_REPLY_TO},
	        {"ReplyMode", FIELD_CONFIGMGR_MESSAGE_MODE},
	        {"SourceID", FIELD_CONFIGMGR_MESSAGE_SOURCE_ID},
	        {"SourceHost", FIELD_CONFIGMGR_CLIENT_NAME},
	};
	struct envelope *e = context;

	if (depth != 1 || e->r.sender != CLIENT)
		return;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(element, texts[i].element))
			keep_field(&e->r, texts[i].field, text);
	if (!strcmp(element, "SourceID"))
		keep_guid(&e->r, text);
}

/* Types that the endpoint alone tells, for payloads that cannot be read (http.md section 3.4). */
static const struct {
	const char *endpoint, *type;
} endpoint_types[] = {
        {"MP_ClientRegistration", "registration"},      {"MP_PolicyManager", "policy_assignment"},
        {"MP_LocationManager", "location_request"},     {"MP_DdrEndpoint", "discovery"},
        {"MP_HinvEndpoint", "hardware_inventory"},      {"MP_SinvEndpoint", "software_inventory"},
        {"MP_SinvCollFileEndpoint", "file_collection"}, {"MP_RelayEndpoint", "state_message"},
        {"MP_StatusManager", "status_message"},         {"StatusReceiver", "status_message"},
        {"MP_AppStateManager", "application_state"},    {"MP_DriverManager", "driver_catalog"},
        {"MP_TokenManager", "token_request"},
};

static void type_by_endpoint(struct event *ev)
{
	struct bytes endpoint = event_text(ev, FIELD_CONFIGMGR_MESSAGE_ENDPOINT);

	for (size_t i = 0; i < sizeof(endpoint_types) / sizeof(*endpoint_types); i++)
		if (bytes_equal_fold(endpoint, bytes_of(endpoint_types[i].endpoint)))
			event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_TYPE, endpoint_types[i].type);
}

/* The contents of the parts, without their heads. Returns how many there are; 0 when the body is
 * not multipart. The boundary is what stands on the first line: senders choose it freely. */
static size_t split_parts(struct bytes body, struct bytes part[PARTS_MAX], bool *closed)
{
	struct reader r = reader_over(body);
	struct bytes line = reader_until(&r, '\n');
	struct bytes boundary = bytes_trim(line);
	size_t n = 0;

	*closed = false;
	if (!reader_ok(&r) || boundary.len < 3 || boundary.at[0] != '-' || boundary.at[1] != '-')
		return 0;
	while (n < PARTS_MAX && reader_left(&r)) {
		ptrdiff_t end = bytes_find(reader_rest(&r), boundary);
		bool last = end < 0;
		struct reader inside = reader_inside(&r, last ? reader_left(&r) : (size_t)end);
		struct bytes head = reader_peek(&inside, PART_HEAD_MAX);
		ptrdiff_t blank = bytes_find(head, BYTES("\r\n\r\n"));

		if (blank < 0)
			break;
		reader_skip(&inside, (size_t)blank + 4);
		part[n] = reader_rest(&inside);
		/* The line end before the boundary belongs to the boundary. */
		if (!last && part[n].len >= 2)
			part[n].len -= 2;
		n++;
		reader_skip(&r, boundary.len);

		struct bytes behind = reader_peek(&r, 2);

		*closed = !last && bytes_equal(behind, BYTES("--"));
		if (last || *closed)
			break;
		reader_until(&r, '\n');
	}
	return n;
}

/* The payload without its compression; false when it cannot be read (encrypted, unknown or broken).
 */
static bool unwrap(struct dissection *d, struct event *ev, const struct envelope *e,
                   struct bytes payload, bool whole, struct bytes *text)
{
	const struct dissector_limits *limits = &d->bench->limits;
	struct inflate_caps caps = {limits->inflate_bytes, limits->inflate_ratio};

	*text = payload;
	if (e->encrypted || is_enveloped(payload)) {
		if (e->r.sender == CLIENT)
			event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_ENCRYPTED, true);
		return false;
	}
	if (!looks_like_zlib(payload)) {
		if (e->zlib && whole && payload.len && !payload_is_text(payload))
			payload_malformed(d, ev, e->r.sender,
			                  "payload that its hook calls zlib, and is not");
		return payload_is_text(payload);
	}
	switch (inflate_bytes(d->bench->inflater, INFLATE_ZLIB, payload, caps, &d->bench->scratch,
	                      text, NULL)) {
	case INFLATE_OVER_CAP:
		count(d->bench->counters, COUNTER_INFLATE_OVER_CAP);
		d->bench->degraded |= DEGRADED_OVER_CAP;
		break;
	case INFLATE_BROKEN:
		payload_malformed(d, ev, e->r.sender, "zlib data that cannot be inflated");
		break;
	case INFLATE_CUT:
		if (whole)
			payload_malformed(d, ev, e->r.sender, "zlib data that ends too early");
		d->bench->degraded |= DEGRADED_CUT;
		break;
	case INFLATED:
		break;
	}
	return text->len > 0;
}

/* The part of the inflated buffer that <Body> points to, and what follows it: real senders write
 * lengths that are too short, and the reader stops where the root element does. */
static struct bytes body_part(struct dissection *d, struct event *ev, const struct envelope *e,
                              struct bytes text, bool whole)
{
	uint64_t end;

	if (e->body_length <= 0 || e->body_offset < 0)
		return text;
	end = (uint64_t)e->body_offset + (uint64_t)e->body_length;
	/* The closing NUL may be counted and not sent. */
	if (end > text.len + 2 && whole)
		payload_malformed(d, ev, e->r.sender, "Body Length that runs past the payload");
	if ((uint64_t)e->body_offset >= text.len)
		return text;
	return bytes_slice(text, (size_t)e->body_offset, text.len);
}

/* The declared or the seen size of the payload, whichever is larger: a cap that stops inflating
 * must not hide an oversized upload. */
static void keep_size(struct event *ev, const struct envelope *e, struct bytes text)
{
	int64_t size = (int64_t)text.len;

	if (e->body_length > size)
		size = e->body_length;
	event_set_integer(ev, FIELD_CONFIGMGR_MESSAGE_BYTES, size);
}

static void read_payload(struct dissection *d, struct event *ev, const struct envelope *e,
                         struct bytes payload, bool whole)
{
	struct bytes text;
	bool inflated_whole;

	if (!unwrap(d, ev, e, payload, whole, &text)) {
		if (e->r.sender == CLIENT && payload.len)
			keep_size(ev, e, payload);
		return;
	}
	inflated_whole = whole && !(d->bench->degraded & DEGRADED_OVER_CAP) &&
	                 !event_has(ev, FIELD_CONFIGMGR_MALFORMED_REASON);

	bool xml = payload_read(d, ev, e->r.sender, body_part(d, ev, e, text, inflated_whole),
	                        inflated_whole);

	if (e->r.sender != CLIENT)
		return;
	event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_READABLE, xml);
	keep_size(ev, e, text);
}

void message_read(struct dissection *d, struct event *ev, enum side sender,
                  struct configmgr_body body)
{
	static const struct xml_handler handler = {envelope_start, envelope_end};
	struct envelope e = {.r = {.d = d, .ev = ev, .sender = sender}, .body_length = -1};
	struct bytes part[PARTS_MAX];
	bool closed;
	size_t parts = split_parts(body.bytes, part, &closed);

	if (!parts) {
		if (body.whole && sender == CLIENT)
			payload_malformed(d, ev, sender, "message that is not multipart");
		return;
	}
	if (body.whole && !closed)
		payload_malformed(d, ev, sender, "multipart body without its closing boundary");

	/* A reply may be bare text: an asynchronous upload is answered `NoReply`. */
	if (sender == SERVER && !payload_is_text(part[0]))
		return;
	/* The first part is missing nothing when another follows it. */
	bool whole = body.whole || parts > 1;
	enum xml_result result = xml_read(d->bench->xml, part[0], &handler, &e);

	if (whole && (result == XML_BROKEN || result == XML_CUT))
		payload_malformed(d, ev, sender, "Msg part that is not well-formed XML");
	if (sender == CLIENT) {
		type_by_endpoint(ev);
		event_set_boolean(ev, FIELD_CONFIGMGR_MESSAGE_SIGNED, e.is_signed);
	}
	if (parts > 1 && !e.xpress)
		read_payload(d, ev, &e, part[1], body.whole || parts > 2);
}
