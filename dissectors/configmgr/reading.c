/* Choosing the reader of a payload, and the small tools that readers share. */
#include "dissectors/configmgr/reading.h"

#include "core/hash.h"
#include "core/reader.h"

#define GUID_TEXT 36 /* 8-4-4-4-12 */

static const struct payload_reader *const families[] = {
        registration_readers, policy_readers, location_readers, report_readers, key_readers,
};

static const struct payload_reader *find_reader(const char *root)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		for (const struct payload_reader *r = families[i]; r->root; r++)
			if (!strcmp(r->root, root))
				return r;
	return NULL;
}

static void choose_reader(struct reading *r, const char *root)
{
	r->reader = find_reader(root);
	r->root_seen = true;
	if (!event_has(r->ev, FIELD_CONFIGMGR_MESSAGE_OPERATION))
		keep_field(r, FIELD_CONFIGMGR_MESSAGE_OPERATION, bytes_of(root));
	if (!r->reader)
		return;
	event_set_name(r->ev, FIELD_CONFIGMGR_MESSAGE_TYPE,
	               r->reader->type ? r->reader->type : NULL);
	if (r->reader->state_size) {
		r->state = arena_alloc(&r->d->bench->scratch, r->reader->state_size);
		if (r->state)
			memset(r->state, 0, r->reader->state_size);
		else
			r->reader = NULL;
	}
}

static void on_start(void *context, const char *element, const char *const *attributes,
                     unsigned depth)
{
	struct reading *r = context;

	if (!depth)
		choose_reader(r, element);
	if (r->reader && r->reader->start)
		r->reader->start(r, element, attributes, depth);
}

static void on_end(void *context, const char *element, struct bytes text, unsigned depth)
{
	struct reading *r = context;

	if (r->reader && r->reader->end)
		r->reader->end(r, element, text, depth);
}

void payload_malformed(struct dissection *d, struct event *ev, enum side sender, const char *what)
{
	if (event_has(ev, FIELD_CONFIGMGR_MALFORMED_REASON))
		return;
	count(d->bench->counters, COUNTER_CONFIGMGR_MALFORMED);
	event_set_name(ev, FIELD_CONFIGMGR_MALFORMED_PROTOCOL, "configmgr");
	event_set_address(ev, FIELD_CONFIGMGR_MALFORMED_SOURCE, d->flow->address[sender]);
	event_set_name(ev, FIELD_CONFIGMGR_MALFORMED_REASON, what);
}

bool payload_is_text(struct bytes payload)
{
	struct bytes text;
	enum text_encoding encoding = text_encoding(payload, &text);
	size_t at = encoding == TEXT_UTF16BE;

	if (encoding == TEXT_8BIT)
		text = bytes_trim(text);
	return at < text.len && text.at[at] == '<';
}

bool payload_read(struct dissection *d, struct event *ev, enum side sender, struct bytes payload,
                  bool whole)
{
	static const struct xml_handler handler = {on_start, on_end};
	struct reading r = {.d = d, .ev = ev, .sender = sender};
	enum xml_result result = xml_read(d->bench->xml, payload, &handler, &r);

	if (r.reader && r.reader->finish)
		r.reader->finish(&r);
	if (result == XML_OVER_CAP) {
		count(d->bench->counters, COUNTER_XML_OVER_CAP);
		d->bench->degraded |= DEGRADED_OVER_CAP;
	}
	if (result == XML_CUT)
		d->bench->degraded |= DEGRADED_CUT;
	if (result == XML_BROKEN)
		payload_malformed(d, ev, sender, "XML that is not well-formed");
	else if (result == XML_CUT && whole)
		payload_malformed(d, ev, sender, "XML that ends before its root element does");
	return r.root_seen;
}

struct bytes keep_text(struct reading *r, struct bytes text)
{
	return arena_copy(&r->d->bench->scratch, text);
}

void keep_field(struct reading *r, enum field f, struct bytes text)
{
	text = keep_text(r, bytes_trim(text));
	if (text.len)
		event_set_text(r->ev, f, text);
}

void keep_attribute(struct reading *r, enum field f, const char *const *attributes,
                    const char *name)
{
	keep_field(r, f, xml_attribute(attributes, name));
}

/* The hash of a text, whatever the case of its letters. */
static uint32_t fold_hash(struct bytes text)
{
	uint8_t lower[256];
	uint64_t sum = 0;

	while (text.len) {
		struct bytes piece = bytes_slice(text, 0, sizeof(lower));

		for (size_t i = 0; i < piece.len; i++)
			lower[i] = ascii_lower(piece.at[i]);
		sum = hash_fold(sum ^ hash_bytes((struct bytes){lower, piece.len}), hash_secret[0]);
		text = bytes_slice(text, piece.len, text.len);
	}
	return (uint32_t)sum;
}

/* Whether a list of distinct texts lacks this one. Whoever repeats names without end must not cost
 * a comparison with all others each time, so hashes are compared first. */
static bool is_new(struct reading *r, struct text_list *list, struct bytes text)
{
	uint32_t hash = fold_hash(text);

	if (!list->hash)
		list->hash =
		        arena_alloc(&r->d->bench->scratch, EVENT_LIST_MAX * sizeof(*list->hash));
	if (!list->hash)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (list->hash[i] == hash && bytes_equal_fold(list->at[i], text))
			return false;
	list->hash[list->count] = hash;
	return true;
}

void text_list_add(struct reading *r, struct text_list *list, struct bytes text, bool once)
{
	if (once && !text.len)
		return;
	if (!list->at)
		list->at = arena_alloc(&r->d->bench->scratch, EVENT_LIST_MAX * sizeof(*list->at));
	if (!list->at || list->count >= EVENT_LIST_MAX) {
		list->cut = true;
		return;
	}
	if (once && !is_new(r, list, text))
		return;
	list->at[list->count++] = keep_text(r, text);
}

void integer_list_add(struct reading *r, struct integer_list *list, int64_t value)
{
	if (!list->at)
		list->at = arena_alloc(&r->d->bench->scratch, EVENT_LIST_MAX * sizeof(*list->at));
	if (list->at && list->count < EVENT_LIST_MAX)
		list->at[list->count++] = value;
	else
		list->cut = true;
}

void text_list_set(struct reading *r, enum field f, const struct text_list *list)
{
	event_set_texts(r->ev, f, list->at, list->count);
	if (list->count && list->cut)
		field_set_add(&r->ev->truncated, f);
}

void integer_list_set(struct reading *r, enum field f, const struct integer_list *list)
{
	event_set_integers(r->ev, f, list->at, list->count);
	if (list->count && list->cut)
		field_set_add(&r->ev->truncated, f);
}

struct bytes url_host(struct bytes url)
{
	ptrdiff_t scheme = bytes_find(url, BYTES("://"));

	if (scheme >= 0)
		url = bytes_slice(url, (size_t)scheme + 3, url.len);

	ptrdiff_t slash = bytes_find(url, BYTES("/"));

	if (slash >= 0)
		url.len = (size_t)slash;
	if (url.len && url.at[0] == '[')
		return bytes_slice(url, 1, (size_t)(bytes_find(url, BYTES("]")) - 1));

	ptrdiff_t colon = bytes_find(url, BYTES(":"));

	return colon < 0 ? url : bytes_slice(url, 0, (size_t)colon);
}

static bool is_guid(struct bytes text)
{
	if (text.len != GUID_TEXT)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text.at[i] != '-' : hex_digit(text.at[i]) < 0)
			return false;
	}
	return true;
}

struct bytes client_guid(struct bytes text, struct arena *scratch)
{
	text = bytes_trim(text);
	if (bytes_starts_with_fold(text, BYTES("GUID:")))
		text = bytes_slice(text, 5, text.len);
	if (text.len && text.at[0] == '{')
		text = bytes_slice(text, 1, text.len);

	/* Behind it stands nothing, its brace, or the time of a token. */
	struct bytes behind = bytes_slice(text, GUID_TEXT, text.len);

	if (behind.len && behind.at[0] == '}')
		behind = bytes_slice(behind, 1, behind.len);
	text = bytes_slice(text, 0, GUID_TEXT);
	if (!is_guid(text) || (behind.len && behind.at[0] != ';'))
		return (struct bytes){0};

	uint8_t *to = arena_alloc(scratch, 5 + GUID_TEXT);

	if (!to)
		return (struct bytes){0};
	memcpy(to, "GUID:", 5);
	for (size_t i = 0; i < GUID_TEXT; i++) {
		uint8_t c = text.at[i];

		to[5 + i] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
	}
	return (struct bytes){to, 5 + GUID_TEXT};
}

void keep_guid(struct reading *r, struct bytes text)
{
	struct bytes guid = client_guid(text, &r->d->bench->scratch);

	if (guid.len)
		event_set_text(r->ev, FIELD_CONFIGMGR_CLIENT_GUID, guid);
}

int64_t integer_attribute(const char *const *attributes, const char *name, int64_t otherwise)
{
	int64_t value;

	return bytes_to_i64(xml_attribute(attributes, name), &value) ? value : otherwise;
}

/* Major and minor tell 2003 from 2007; from 5.00 on the build does (http.md section 0). */
const char *generation_of(struct bytes version)
{
	struct reader r = reader_over(version);
	uint64_t major, minor, build;
	bool known = bytes_to_u64(reader_until(&r, '.'), &major);

	known = bytes_to_u64(reader_until(&r, '.'), &minor) && known;

	struct bytes rest = reader_rest(&r);
	ptrdiff_t dot = bytes_find(rest, BYTES("."));

	known = bytes_to_u64(bytes_slice(rest, 0, dot < 0 ? rest.len : (size_t)dot), &build) &&
	        known;
	if (!known || !reader_ok(&r))
		return NULL;
	if (major == 2)
		return "2003";
	if (major == 4)
		return "2007";
	if (major != 5)
		return NULL;
	return build < 8325 ? "2012" : "current";
}
