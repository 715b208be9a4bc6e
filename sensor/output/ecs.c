/* Documents from the list of fields: whatever an event has is printed under its own name, then
 * comes what ECS wants besides. Nothing here knows a protocol. */

/* The function that OpenSSL 3 prefers looks its digest up and allocates each time. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sensor/output/ecs.h"

#include "core/clock.h"
#include "sensor/output/rule_text.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <unistd.h>

#define ECS_VERSION   "9.4.0"
#define LINE_MOST     16383 /* with its end 16 KiB, which every receiver takes */
#define EVIDENCE_MOST 300
/* Whatever needs more is printed to memory of its own. */
#define LINE_BUFFER   (20u << 10)
#define MEMORY_BYTES  (1u << 20)

/* How much of what comes from the wire is shown: bytes of a text, of a URL and of a line of
 * evidence, and items of a list. */
struct caps {
	size_t text, url, evidence, list;
};

/* A document that is too long is written anew with the next ones. */
static const struct caps caps[] = {
        {1024, 2048, EVIDENCE_MOST, 256},
        {512, 1024, 200, 64},
        {256, 512, 100, 16},
        {128, 128, 64, 8},
        {32, 32, 32, 2},
};

#define CAPS (sizeof(caps) / sizeof(*caps))

struct ecs {
	bool created;
	char *observer;      /* the value of `observer`, the same in all documents */
	struct arena memory; /* of the document that is being made */
	char line[LINE_BUFFER];
	char *long_line;
	struct rule_texts rules;
	int64_t sequence;
	const struct caps *caps;
};

/* Empties the memory of the last document. */
static void forget_line(struct ecs *w)
{
	json_use_memory(&w->memory);
	cJSON_free(w->long_line);
	json_use_memory(NULL);
	w->long_line = NULL;
	arena_reset(&w->memory);
	w->memory.refused = 0;
}

static char *print_observer(void)
{
	cJSON *observer = cJSON_CreateObject();
	char host[256] = "";
	char *text;

	if (gethostname(host, sizeof(host) - 1) != 0)
		snprintf(host, sizeof(host), "unknown");
	json_add_text(observer, "vendor", "cmtap");
	json_add_text(observer, "product", "cmtap");
	json_add_text(observer, "type", "ids");
	json_add_text(observer, "version", CMTAP_VERSION);
	json_add_text(observer, "hostname", host);
	text = cJSON_PrintUnformatted(observer);
	cJSON_Delete(observer);
	return text;
}

struct ecs *ecs_open(bool created)
{
	struct ecs *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	json_hooks();
	w->created = created;
	w->observer = print_observer();
	if (w->observer && arena_open(&w->memory, MEMORY_BYTES))
		return w;
	ecs_close(w);
	return NULL;
}

void ecs_close(struct ecs *w)
{
	if (!w)
		return;
	forget_line(w);
	rule_texts_forget(&w->rules);
	arena_close(&w->memory);
	cJSON_free(w->observer);
	free(w);
}

void ecs_forget_rules(struct ecs *w)
{
	rule_texts_forget(&w->rules);
}

enum sigma_level alert_level(const struct sigma_hit *hit)
{
	enum sigma_level level = hit->rule->level;
	bool learned = event_text_is(hit->event, FIELD_CONFIGMGR_BASELINE_SOURCE, "learned");

	if (!learned || level == SIGMA_INFORMATIONAL)
		return level;
	FOR_EACH_PRESENT (f, hit->tested)
		if (field_info[f].setter == SETTER_BASELINE)
			return (enum sigma_level)(level - 1);
	return level;
}

static cJSON *text_value(const struct caps *most, enum field f, struct bytes text, bool *cut)
{
	return json_wire_text(text, f == FIELD_URL_ORIGINAL ? most->url : most->text, cut);
}

static cJSON *address_value(struct address a)
{
	char text[ADDRESS_TEXT_MAX];

	return cJSON_CreateString(address_print(a, text));
}

static cJSON *list_item(const struct caps *most, const struct event *ev, enum field f, size_t i,
                        bool *cut)
{
	const union value *v = &ev->value[f];

	switch (field_info[f].type) {
	case TYPE_TEXTS:
		return text_value(most, f, v->texts.at[i], cut);
	case TYPE_INTEGERS:
		return json_integer(v->integers.at[i]);
	case TYPE_ADDRESSES:
		return address_value(v->addresses.at[i]);
	default:
		return NULL;
	}
}

static cJSON *list_value(const struct caps *most, const struct event *ev, enum field f, bool *cut)
{
	cJSON *list = cJSON_CreateArray();
	size_t count = ev->value[f].texts.count; /* the same place in all three lists */

	*cut |= count > most->list;
	for (size_t i = 0; i < count && i < most->list; i++)
		cJSON_AddItemToArray(list, list_item(most, ev, f, i, cut));
	return list;
}

static cJSON *field_value(const struct caps *most, const struct event *ev, enum field f, bool *cut)
{
	char text[TIME_TEXT_MAX];

	switch (field_info[f].type) {
	case TYPE_TEXT:
		return ev->value[f].text.len ? text_value(most, f, ev->value[f].text, cut) : NULL;
	case TYPE_INTEGER:
		return json_integer(ev->value[f].integer);
	case TYPE_BOOLEAN:
		return cJSON_CreateBool(ev->value[f].integer != 0);
	case TYPE_ADDRESS:
		return address_value(ev->value[f].address);
	case TYPE_TIME:
		return cJSON_CreateString(time_print(ev->value[f].integer, text));
	case TYPE_TEXTS:
	case TYPE_INTEGERS:
	case TYPE_ADDRESSES:
		return list_value(most, ev, f, cut);
	}
	return NULL;
}

cJSON *ecs_value(const struct event *ev, enum field f)
{
	bool cut = false;

	return event_has(ev, f) ? field_value(&caps[2], ev, f, &cut) : NULL;
}

static void add_fields(const struct ecs *w, cJSON *document, const struct event *ev)
{
	FOR_EACH_PRESENT (f, &ev->present) {
		bool cut = field_set_has(&ev->truncated, f);

		json_add(document, field_info[f].name, field_value(w->caps, ev, f, &cut));
		if (cut)
			json_append(document, "configmgr.truncated", field_info[f].name);
	}
}

static void add_related(const struct ecs *w, cJSON *document, const struct event *ev)
{
	static const struct {
		enum field field;
		const char *name;
	} related[] = {
	        {FIELD_SOURCE_IP, "related.ip"},
	        {FIELD_DESTINATION_IP, "related.ip"},
	        {FIELD_CONFIGMGR_TRAFFIC_TOP_SOURCES, "related.ip"},
	        {FIELD_CONFIGMGR_AUTH_RELAY_HOST, "related.ip"},
	        {FIELD_CONFIGMGR_AUTH_RELAY_VICTIM, "related.ip"},
	        {FIELD_CONFIGMGR_AUTH_RELAY_TARGET, "related.ip"},
	        {FIELD_DNS_RESOLVED_IP, "related.ip"},
	        {FIELD_DNS_QUESTION_NAME, "related.hosts"},
	        {FIELD_SERVER_DOMAIN, "related.hosts"},
	        {FIELD_URL_DOMAIN, "related.hosts"},
	        {FIELD_CONFIGMGR_CLIENT_NAME, "related.hosts"},
	        {FIELD_CONFIGMGR_CLIENT_FQDN, "related.hosts"},
	        {FIELD_CONFIGMGR_NAMED_UNAUTHORIZED, "related.hosts"},
	        {FIELD_USER_NAME, "related.user"},
	        {FIELD_FILE_HASH_SHA256, "related.hash"},
	};

	for (size_t i = 0; i < sizeof(related) / sizeof(*related); i++) {
		bool cut = false;
		cJSON *value = event_has(ev, related[i].field)
		                       ? field_value(w->caps, ev, related[i].field, &cut)
		                       : NULL;

		if (value && cJSON_IsString(value))
			json_append(document, related[i].name, value->valuestring);
		for (cJSON *item = value && cJSON_IsArray(value) ? value->child : NULL; item;
		     item = item->next)
			json_append(document, related[i].name, item->valuestring);
		cJSON_Delete(value);
	}
}

/* The id of a document is the packet time and a digest of what it is about, as a ULID: sortable,
 * and the same whenever the same packets are read. */
static void add_id(cJSON *document, int64_t time, const char *about)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t milliseconds = (uint64_t)(time / MILLISECOND);
	uint8_t digest[SHA_DIGEST_LENGTH];
	char text[27] = "";
	SHA_CTX sha;

	SHA1_Init(&sha);
	SHA1_Update(&sha, about, strlen(about));
	SHA1_Final(digest, &sha);
	for (int i = 0; i < 10; i++)
		text[i] = digits[milliseconds >> (45 - 5 * i) & 31];
	/* Five bits of each of sixteen bytes. */
	for (int i = 0; i < 16; i++)
		text[10 + i] = digits[digest[i] & 31];
	json_add_text(document, "event.id", text);
}

static void add_id_of_event(cJSON *document, const struct event *ev, const char *what)
{
	struct bytes flow = event_text(ev, FIELD_NETWORK_COMMUNITY_ID);
	int64_t call = event_integer(ev, FIELD_CONFIGMGR_RPC_CALL, 0);
	int64_t place = event_integer(ev, FIELD_CONFIGMGR_HTTP_TRANSACTION, call);
	char about[512], client[ADDRESS_TEXT_MAX] = "", server[ADDRESS_TEXT_MAX] = "";

	/* What is not about one connection is told apart by its addresses. */
	if (!flow.len && event_has(ev, FIELD_CLIENT_IP))
		address_print(ev->value[FIELD_CLIENT_IP].address, client);
	if (!flow.len && event_has(ev, FIELD_SERVER_IP))
		address_print(ev->value[FIELD_SERVER_IP].address, server);
	/* Questions that are told together when their flow ends have an id of their own. */
	if (!place)
		bytes_to_i64(event_text(ev, FIELD_DNS_ID), &place);
	snprintf(about, sizeof(about), "%s %.*s%s%s%s %lld %lld", what, (int)flow.len,
	         (const char *)flow.at, client, *client ? " " : "", server, (long long)place,
	         (long long)ev->time);
	add_id(document, ev->time, about);
}

static void add_id_of_count(cJSON *document, const struct throttled *entry, const char *what)
{
	char about[512], client[ADDRESS_TEXT_MAX], server[ADDRESS_TEXT_MAX];

	snprintf(about, sizeof(about), "%s %s %s %lld %llu", what,
	         address_print(entry->client, client), address_print(entry->server, server),
	         (long long)entry->first, (unsigned long long)entry->repeated);
	add_id(document, entry->now, about);
}

static cJSON *begin(struct ecs *w, int64_t time, const char *kind, const char *dataset)
{
	cJSON *document;

	forget_line(w);
	json_use_memory(&w->memory);
	document = cJSON_CreateObject();
	json_add_time(document, "@timestamp", time);
	json_add_text(document, "ecs.version", ECS_VERSION);
	json_append(document, "tags", "configmgr");
	json_add_text(document, "event.kind", kind);
	json_append(document, "event.category", "network");
	json_add_text(document, "event.module", "configmgr");
	json_add_text(document, "event.dataset", dataset);
	json_add_integer(document, "event.sequence", w->sequence);
	if (w->created)
		json_add_time(document, "event.created", wall_clock());
	return document;
}

static struct bytes finish(struct ecs *w, cJSON *document)
{
	const char *line = w->line;

	json_add(document, "observer", cJSON_CreateRaw(w->observer));
	if (!cJSON_PrintPreallocated(document, w->line, sizeof(w->line), false))
		line = w->long_line = cJSON_PrintUnformatted(document);
	if (w->memory.refused)
		cJSON_Delete(document);
	json_use_memory(NULL);
	return bytes_of(line);
}

/* One fact in words: `name: value`. */
static void add_evidence(const struct ecs *w, cJSON *document, const struct event *ev, enum field f)
{
	char text[EVIDENCE_MOST + 128];
	bool cut = false;
	cJSON *value = event_has(ev, f) ? field_value(w->caps, ev, f, &cut) : NULL;
	char *printed = value && !cJSON_IsString(value) ? cJSON_PrintUnformatted(value) : NULL;
	const char *whole = value && cJSON_IsString(value) ? value->valuestring : printed;
	cJSON *shown = whole ? json_wire_text(bytes_of(whole), w->caps->evidence, &cut) : NULL;

	if (shown) {
		snprintf(text, sizeof(text), "%s: %s", field_info[f].name, shown->valuestring);
		json_append(document, "configmgr.evidence", text);
	}
	cJSON_Delete(shown);
	cJSON_free(printed);
	cJSON_Delete(value);
}

static const char *outcome_of(const struct event *ev)
{
	struct bytes outcome = event_text(ev, FIELD_CONFIGMGR_MESSAGE_OUTCOME);

	if (bytes_equal(outcome, BYTES("answered")))
		return "success";
	return outcome.len ? "failure" : "unknown";
}

static void add_correlation(const struct ecs *w, cJSON *document, const struct sigma_hit *hit)
{
	char text[TIME_TEXT_MAX];
	bool cut = false;

	if (!hit->rule->is_correlation)
		return;
	json_add_integer(document, "configmgr.correlation.count", (int64_t)hit->count);
	if (hit->group.len)
		json_add(document, "configmgr.correlation.group",
		         json_wire_text(hit->group, w->caps->text, &cut));
	json_add_time(document, "configmgr.correlation.first_seen", hit->first);
	json_add_time(document, "configmgr.correlation.last_seen", hit->last);
	if (hit->approximate)
		json_add_boolean(document, "configmgr.correlation.approximate", true);
	for (unsigned i = 0; i < hit->samples; i++)
		json_append(document, "configmgr.correlation.samples",
		            time_print(hit->sample[i], text));
}

static int64_t severity_of(enum sigma_level level)
{
	static const int64_t severity[] = {
	        [SIGMA_INFORMATIONAL] = 21, [SIGMA_LOW] = 21,      [SIGMA_MEDIUM] = 47,
	        [SIGMA_HIGH] = 73,          [SIGMA_CRITICAL] = 99,
	};

	return severity[level];
}

static struct bytes write_alert(struct ecs *w, const struct sigma_hit *hit)
{
	const struct sigma_rule *rule = hit->rule;
	const struct event *ev = hit->event;
	enum sigma_level level = alert_level(hit);
	cJSON *document = begin(w, ev->time, "alert", "configmgr.alert");

	json_add_text(document, "message", rule->title);
	json_append(document, "event.category", "intrusion_detection");
	json_append(document, "event.type", "info");
	json_add_text(document, "event.code", rule_code(rule));
	json_add_text(document, "event.action", rule_code(rule));
	json_add_text(document, "event.outcome", outcome_of(ev));
	json_add_integer(document, "event.severity", severity_of(level));
	json_add_text(document, "log.level", sigma_level_name(level));
	add_id_of_event(document, ev, rule->id ? rule->id : rule_code(rule));
	rule_text_add(&w->rules, document, rule);
	for (size_t i = 0; i < rule->evidence_count; i++)
		add_evidence(w, document, ev, rule->evidence[i]);
	add_fields(w, document, ev);
	add_correlation(w, document, hit);
	add_related(w, document, ev);
	return finish(w, document);
}

static struct bytes write_event(struct ecs *w, const struct event *ev)
{
	char dataset[64], what[64];
	cJSON *document;

	snprintf(dataset, sizeof(dataset), "configmgr.%s", event_kind_info[ev->kind].service);
	document = begin(w, ev->time, "event", dataset);
	json_append(document, "event.type", "info");
	/* A packet may say several things of one flow: their order tells them apart. */
	snprintf(what, sizeof(what), "%s %llu", event_kind_info[ev->kind].service,
	         (unsigned long long)w->sequence);
	add_id_of_event(document, ev, what);
	add_fields(w, document, ev);
	add_related(w, document, ev);
	return finish(w, document);
}

struct bytes ecs_alert(struct ecs *w, const struct sigma_hit *hit)
{
	struct bytes line;

	w->sequence++;
	w->caps = caps;
	for (line = write_alert(w, hit); line.len > LINE_MOST && w->caps < caps + CAPS - 1;
	     line = write_alert(w, hit))
		w->caps++;
	return line;
}

struct bytes ecs_event(struct ecs *w, const struct event *ev)
{
	struct bytes line;

	w->sequence++;
	w->caps = caps;
	for (line = write_event(w, ev); line.len > LINE_MOST && w->caps < caps + CAPS - 1;
	     line = write_event(w, ev))
		w->caps++;
	return line;
}

struct bytes ecs_repeated(struct ecs *w, const struct throttled *entry)
{
	const struct sigma_rule *rule = entry->rule;
	cJSON *document;
	char text[ADDRESS_TEXT_MAX];

	w->sequence++;
	document = begin(w, entry->now, "metric", "configmgr.alert_count");
	json_append(document, "event.type", "info");
	json_add_text(document, "message", rule->title);
	json_add_text(document, "event.code", rule_code(rule));
	add_id_of_count(document, entry, rule->id ? rule->id : rule_code(rule));
	json_add_time(document, "event.start", entry->first);
	json_add_time(document, "event.end", entry->last);
	json_add_text(document, "rule.id", rule_code(rule));
	json_add_text(document, "rule.uuid", rule->id);
	json_add_text(document, "rule.name", rule->title);
	if (entry->has_client)
		json_add_text(document, "client.ip", address_print(entry->client, text));
	if (entry->has_server)
		json_add_text(document, "server.ip", address_print(entry->server, text));
	json_add_integer(document, "configmgr.throttled.count", (int64_t)entry->repeated);
	return finish(w, document);
}
