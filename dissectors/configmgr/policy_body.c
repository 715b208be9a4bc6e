/* Policy bodies (http.md section 3.7): clear, enveloped to one client, or refused.
 *
 * A clear body is XML; policies may lie inside policies as hexadecimal zlib. Secrets in it are
 *
 *    <instance class="CCM_NetworkAccessAccount">
 *      <property name="NetworkAccessUsername" secret="1"><value>89130000...</value></property>
 *
 * where the hexadecimal blob carries the key it is obfuscated with: whoever reads the body reads
 * the secret. Nothing of the value is kept here but how it is wrapped. */
#include "dissectors/configmgr/policy.h"

#include "dissectors/configmgr/reading.h"
#include "dissectors/digest.h"
#include "dissectors/inflate.h"

#define NESTED_MAX   16 /* policies inside one body that are looked into */
#define NESTED_DEPTH 3

/* Content type envelopedData, 1.2.840.113549.1.7.3, in DER. */
static const uint8_t enveloped_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x07, 0x03};

bool is_enveloped(struct bytes b)
{
	/* A sequence with a length of one to five bytes, then the object identifier. */
	return b.len > 2 && b.at[0] == 0x30 &&
	       bytes_find(bytes_slice(b, 0, 6 + sizeof(enveloped_data)),
	                  (struct bytes){enveloped_data, sizeof(enveloped_data)}) >= 2;
}

static bool is_refusal(struct bytes body)
{
	return body.len < 256 && bytes_find_fold(body, BYTES("<TITLE>ERROR</TITLE>")) >= 0;
}

struct secrets {
	struct dissection *d;
	struct text_list kind, cipher;
	struct bytes nested[NESTED_MAX];
	size_t nested_count;
	size_t budget; /* bytes that all nested policies together may still become */
	enum { CLASS_OTHER, CLASS_ACCOUNT, CLASS_VARIABLE, CLASS_SEQUENCE } class;
	bool secret_property;
};

static void add_name(struct secrets *s, struct text_list *list, const char *name)
{
	struct reading r = {.d = s->d};

	text_list_add(&r, list, bytes_of(name), true);
}

/* Names of task sequence variables that hold passwords. */
static bool holds_password_variable(struct bytes text)
{
	static const char *const names[] = {"OSDJoinPassword", "OSDLocalAdminPassword", "_OSDOAF",
	                                    "SMSTSRunCommandLinePassword",
	                                    "OSDJoinAccountPassword"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (bytes_find_fold(text, bytes_of(names[i])) >= 0)
			return true;
	return false;
}

static void found_password_variable(struct secrets *s)
{
	add_name(s, &s->kind, "task-sequence");
	add_name(s, &s->cipher, "none");
}

static void secrets_start(void *context, const char *element, const char *const *attributes,
                          unsigned depth)
{
	static const struct {
		const char *name;
		int class;
	} classes[] = {
	        {"CCM_NetworkAccessAccount", CLASS_ACCOUNT},
	        {"CCM_CollectionVariable", CLASS_VARIABLE},
	        {"CCM_TaskSequence", CLASS_SEQUENCE},
	};
	struct secrets *s = context;

	(void)depth;
	if (!strcmp(element, "instance")) {
		struct bytes name = xml_attribute(attributes, "class");

		s->class = CLASS_OTHER;
		for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
			if (bytes_equal_fold(name, bytes_of(classes[i].name)))
				s->class = classes[i].class;
	} else if (!strcmp(element, "property")) {
		s->secret_property = bytes_equal(xml_attribute(attributes, "secret"), BYTES("1"));
	} else if (!strcmp(element, "variable") &&
	           holds_password_variable(xml_attribute(attributes, "name"))) {
		found_password_variable(s);
	}
}

/* The first four bytes of an obfuscated value name its scheme (http.md section 3.7). */
static const char *cipher_of(struct bytes value)
{
	if (bytes_starts_with_fold(value, BYTES("89130000")))
		return "3des";
	if (bytes_starts_with_fold(value, BYTES("8a130000")))
		return "aes-256";
	return "none";
}

static void found_secret(struct secrets *s, struct bytes value)
{
	static const char *const kinds[] = {
	        [CLASS_OTHER] = "secret-property",
	        [CLASS_ACCOUNT] = "network-access-account",
	        [CLASS_VARIABLE] = "collection-variable",
	        [CLASS_SEQUENCE] = "task-sequence",
	};

	add_name(s, &s->kind, kinds[s->class]);
	add_name(s, &s->cipher, cipher_of(value));
}

/* Hexadecimal zlib, where policies hide inside policies: kept for a second look. */
static void maybe_nested(struct secrets *s, struct bytes text)
{
	static const char *const starts[] = {"7801", "785e", "789c", "78da"};

	if (s->nested_count == NESTED_MAX || text.len < 16)
		return;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		if (!bytes_starts_with_fold(text, bytes_of(starts[i])))
			continue;
		s->nested[s->nested_count++] = arena_copy(&s->d->bench->scratch, text);
		return;
	}
}

static void secrets_end(void *context, const char *element, struct bytes text, unsigned depth)
{
	struct secrets *s = context;
	struct bytes value = bytes_trim(text);

	(void)depth;
	if (!strcmp(element, "property")) {
		/* Some hold their value directly, without a value element. */
		if (s->secret_property && value.len)
			found_secret(s, value);
		s->secret_property = false;
		return;
	}
	if (s->secret_property && !strcmp(element, "value") && value.len)
		found_secret(s, value);
	else if (holds_password_variable(value))
		found_password_variable(s);
	else
		maybe_nested(s, value);
}

static struct bytes nested_text(struct dissection *d, struct secrets *s, struct bytes hex)
{
	struct inflate_caps caps = {s->budget, d->bench->limits.inflate_ratio};
	struct bytes zlib = hex_decode(hex, &d->bench->scratch), text = {0};

	if (!s->budget || inflate_bytes(d->bench->inflater, INFLATE_ZLIB, zlib, caps,
	                                &d->bench->scratch, &text, NULL) == INFLATE_OVER_CAP) {
		count(d->bench->counters, COUNTER_INFLATE_OVER_CAP);
		d->bench->degraded |= DEGRADED_OVER_CAP;
	}
	s->budget -= text.len;
	return text;
}

static void look_for_secrets(struct dissection *d, struct secrets *s, struct bytes xml,
                             unsigned depth)
{
	static const struct xml_handler handler = {secrets_start, secrets_end};
	size_t first = s->nested_count;

	s->secret_property = false;
	if (xml_read(d->bench->xml, xml, &handler, s) == XML_OVER_CAP) {
		count(d->bench->counters, COUNTER_XML_OVER_CAP);
		d->bench->degraded |= DEGRADED_OVER_CAP;
	}

	size_t last = s->nested_count;

	for (size_t i = first; i < last && depth < NESTED_DEPTH; i++) {
		struct bytes inner = nested_text(d, s, s->nested[i]);

		if (payload_is_text(inner))
			look_for_secrets(d, s, inner, depth + 1);
	}
}

void policy_body(struct dissection *d, struct event *ev, struct configmgr_body body)
{
	struct secrets *s;

	if (is_refusal(body.bytes)) {
		event_set_name(ev, FIELD_CONFIGMGR_POLICY_BODY, "refused");
		event_set_name(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME, "refused");
		return;
	}
	if (body.whole && body.bytes.len)
		event_set_text(ev, FIELD_FILE_HASH_SHA256,
		               sha256_hex(body.bytes, &d->bench->scratch));
	if (is_enveloped(body.bytes)) {
		event_set_name(ev, FIELD_CONFIGMGR_POLICY_BODY, "enveloped");
		return;
	}
	if (!payload_is_text(body.bytes))
		return;
	event_set_name(ev, FIELD_CONFIGMGR_POLICY_BODY, "clear");
	s = arena_alloc(&d->bench->scratch, sizeof(*s));
	if (!s)
		return;
	memset(s, 0, sizeof(*s));
	s->d = d;
	s->budget = d->bench->limits.inflate_bytes;
	look_for_secrets(d, s, body.bytes, 0);
	event_set_texts(ev, FIELD_CONFIGMGR_POLICY_SECRET_KIND, s->kind.at, s->kind.count);
	event_set_texts(ev, FIELD_CONFIGMGR_POLICY_SECRET_CIPHER, s->cipher.at, s->cipher.count);
	if (s->kind.count || body.whole)
		event_set_boolean(ev, FIELD_CONFIGMGR_POLICY_SECRET, s->kind.count > 0);
}

void policy_query(struct dissection *d, struct event *ev, struct bytes query)
{
	struct reading r = {.d = d, .ev = ev};
	struct text_list id = {0}, version = {0}, hash = {0};
	ptrdiff_t digest;
	size_t end;

	/* Native clients send braces as they are, others encode them. */
	query = percent_decode(query, &d->bench->scratch);
	digest = bytes_find_fold(query, BYTES(".SHA256:"));
	end = query.len;
	if (digest >= 0) {
		end = (size_t)digest;
		text_list_add(&r, &hash, bytes_slice(query, end + 1, query.len), true);
	} else {
		/* The version follows the last dot; ids hold none. */
		while (end && query.at[end - 1] != '.')
			end--;
		if (end) {
			text_list_add(&r, &version, bytes_slice(query, end, query.len), true);
			end--;
		} else {
			end = query.len;
		}
	}
	text_list_add(&r, &id, bytes_slice(query, 0, end), true);
	text_list_set(&r, FIELD_CONFIGMGR_POLICY_ID, &id);
	text_list_set(&r, FIELD_CONFIGMGR_POLICY_VERSION, &version);
	text_list_set(&r, FIELD_CONFIGMGR_POLICY_HASH, &hash);
}
