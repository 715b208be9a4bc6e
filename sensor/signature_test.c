/* cmtap signatures test: shows a rule's author which events of captures it matches, and of those
 * that come close what kept them from it.
 *
 * An event comes close when one condition alone is missing, or more than half of what the rule asks
 * holds. The detector's thread sees
 * the events; the main thread waits for the end, then prints the sums. */
#include "sensor/commands.h"
#include "sensor/output/ecs.h"
#include "sensor/output/json.h"
#include "sensor/pipeline.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_MOST   100 /* matches told in full, without -v */
#define SHOWN_ALIKE  3   /* events that the same conditions kept from matching */
#define HURDLES_MAX  256
#define GROUPS_MAX   32
#define GROUPS_SHOWN 10
#define GROUP_TEXT   160

/* What kept events from matching: one condition. */
struct hurdle {
	unsigned line;
	uint64_t events;
};

/* A group of a correlation, and how far it came. */
struct reached {
	char group[GROUP_TEXT];
	uint64_t most, wanted;
	int64_t time;
};

struct trial {
	struct event_watcher watcher; /* first: a pointer to it is a pointer to the trial */
	const struct sigma_rule *rule;
	struct sigma_detector *detector;
	bool json, all;
	bool kept_back; /* the rule matched, and raised no alert */
	bool is_match;  /* the event that is told matches */
	uint64_t events, of_kind, matched, alerts, close;
	uint64_t alike[HURDLES_MAX]; /* close events by what kept them: a hash */
	struct hurdle hurdle[HURDLES_MAX];
	unsigned hurdles;
	struct reached reached[GROUPS_MAX];
	unsigned groups;
	/* The event that is told, and what is known of it so far. */
	const struct event *event;
	cJSON *reasons;
	uint64_t hash;
	char **line; /* of the rule file */
	size_t lines;
};

/* The line of the rule file, without what indents it. */
static const char *line_text(const struct trial *t, unsigned line)
{
	const char *text = line && line <= t->lines ? t->line[line - 1] : "";

	return text + strspn(text, " \t-");
}

static void read_lines(struct trial *t)
{
	FILE *f = fopen(t->rule->file, "r");
	char text[512];

	while (f && fgets(text, sizeof(text), f)) {
		char **line = realloc(t->line, (t->lines + 1) * sizeof(*line));

		if (!line)
			break;
		t->line = line;
		text[strcspn(text, "\n")] = 0;
		t->line[t->lines] = strdup(text);
		t->lines += t->line[t->lines] != NULL;
	}
	if (f)
		fclose(f);
}

static void count_hurdle(struct trial *t, unsigned line)
{
	unsigned i = 0;

	while (i < t->hurdles && t->hurdle[i].line != line)
		i++;
	if (i == HURDLES_MAX)
		return;
	if (i == t->hurdles)
		t->hurdle[t->hurdles++].line = line;
	t->hurdle[i].events++;
}

/* Of a match, what held; of a near miss, what would have to be otherwise. */
static void on_reason(void *context, const struct sigma_reason *reason)
{
	struct trial *t = context;
	cJSON *object;

	if (t->is_match ? !reason->held || reason->field == FIELD_COUNT : !reason->is_decisive)
		return;
	if (!t->is_match) {
		t->hash = (t->hash ^ reason->line) * UINT64_C(0x9e3779b97f4a7c15);
		count_hurdle(t, reason->line);
	}
	object = cJSON_CreateObject();
	json_add_number(object, "line", reason->line);
	cJSON_AddStringToObject(object, "entry", reason->what ? reason->what : "");
	cJSON_AddStringToObject(object, "rule", line_text(t, reason->line));
	cJSON_AddBoolToObject(object, "holds", reason->held);
	if (reason->field != FIELD_COUNT && event_has(t->event, reason->field))
		cJSON_AddItemToObject(object, "value", ecs_value(t->event, reason->field));
	cJSON_AddItemToArray(t->reasons, object);
}

static void add_side(const struct event *ev, enum field address, enum field port, char *to,
                     size_t size)
{
	char text[ADDRESS_TEXT_MAX];

	if (event_has(ev, address)) {
		address_print(ev->value[address].address, text);
		snprintf(to, size, strchr(text, ':') ? "[%s]:%lld" : "%s:%lld", text,
		         (long long)event_integer(ev, port, 0));
	} else {
		snprintf(to, size, "?");
	}
}

/* What the event is about: time, flow, and the first words of what was said. */
static cJSON *describe(const struct event *ev)
{
	static const enum field words[] = {FIELD_HTTP_REQUEST_METHOD, FIELD_URL_ORIGINAL,
	                                   FIELD_HTTP_RESPONSE_STATUS_CODE};
	cJSON *object = cJSON_CreateObject();
	char source[80], destination[80], flow[200];

	json_add_time(object, "@timestamp", ev->time);
	json_add_text(object, "service", event_kind_info[ev->kind].service);
	add_side(ev, FIELD_SOURCE_IP, FIELD_SOURCE_PORT, source, sizeof(source));
	add_side(ev, FIELD_DESTINATION_IP, FIELD_DESTINATION_PORT, destination,
	         sizeof(destination));
	snprintf(flow, sizeof(flow), "%.*s %s > %s",
	         (int)event_text(ev, FIELD_NETWORK_TRANSPORT).len,
	         (const char *)event_text(ev, FIELD_NETWORK_TRANSPORT).at, source, destination);
	json_add_text(object, "flow", flow);
	json_add(object, "network.community_id", ecs_value(ev, FIELD_NETWORK_COMMUNITY_ID));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		json_add(object, field_info[words[i]].name, ecs_value(ev, words[i]));
	return object;
}

static const cJSON *member(const cJSON *object, const char *a, const char *b, const char *c)
{
	object = cJSON_GetObjectItem(object, a);
	object = b ? cJSON_GetObjectItem(object, b) : object;
	return c ? cJSON_GetObjectItem(object, c) : object;
}

static void print_member(const cJSON *value)
{
	if (cJSON_IsString(value) || cJSON_IsRaw(value))
		printf(" %s", value->valuestring);
}

static void print_reason(const cJSON *reason, bool is_match)
{
	cJSON *value = cJSON_GetObjectItem(reason, "value");
	char *text = value ? cJSON_PrintUnformatted(value) : NULL;
	bool held = cJSON_IsTrue(cJSON_GetObjectItem(reason, "holds"));

	printf("    %s line %-4.0f %s\n",
	       is_match ? "held    "
	       : held   ? "held, must not"
	                : "did not hold",
	       cJSON_GetObjectItem(reason, "line")->valuedouble,
	       cJSON_GetObjectItem(reason, "rule")->valuestring);
	if (text)
		printf("             the event has %s\n", text);
	else if (!held)
		printf("             the event does not have the field\n");
	cJSON_free(text);
}

static void print_block(const char *what, const cJSON *object)
{
	const cJSON *reasons = cJSON_GetObjectItem(object, "reasons");

	printf("%s %s %s %s", what, member(object, "@timestamp", NULL, NULL)->valuestring,
	       member(object, "service", NULL, NULL)->valuestring,
	       member(object, "flow", NULL, NULL)->valuestring);
	print_member(member(object, "http", "request", "method"));
	print_member(member(object, "url", "original", NULL));
	print_member(member(object, "http", "response", "status_code"));
	printf("\n");
	for (const cJSON *r = reasons ? reasons->child : NULL; r; r = r->next)
		print_reason(r, !strcmp(what, "match"));
}

static void print(const struct trial *t, const char *what, cJSON *object)
{
	char *text = NULL;

	if (t->json) {
		json_add_text(object, "result", what);
		text = cJSON_PrintUnformatted(object);
		puts(text ? text : "");
	} else {
		print_block(what, object);
	}
	cJSON_free(text);
}

/* How often the same conditions kept an event from matching: the table forgets what collides. */
static bool is_news(struct trial *t, uint64_t hash)
{
	uint64_t *place = &t->alike[hash % HURDLES_MAX];
	uint64_t name = hash & ~UINT64_C(0xff), seen = *place & 0xff;

	if ((*place & ~UINT64_C(0xff)) != name)
		seen = 0;
	if (seen < SHOWN_ALIKE)
		*place = name | (seen + 1);
	return seen < SHOWN_ALIKE;
}

static void tell_match(struct trial *t, const struct event *ev)
{
	cJSON *object;

	if (++t->matched > SHOWN_MOST && !t->all && !t->json)
		return;
	t->is_match = true;
	object = describe(ev);
	t->reasons = cJSON_AddArrayToObject(object, "reasons");
	sigma_explain(t->detector, t->rule, ev, on_reason, t);
	if (t->kept_back)
		json_add_boolean(object, "suppressed", true);
	print(t, "match", object);
	if (t->kept_back && !t->json)
		printf("    kept back by %s:%u\n", t->rule->override->file,
		       t->rule->override->line);
	cJSON_Delete(object);
}

static void tell_close(struct trial *t, const struct event *ev)
{
	cJSON *object = describe(ev);

	t->close++;
	t->is_match = false;
	t->hash = 1;
	t->reasons = cJSON_AddArrayToObject(object, "reasons");
	sigma_explain(t->detector, t->rule, ev, on_reason, t);
	if (is_news(t, t->hash) || t->all || t->json)
		print(t, "close", object);
	cJSON_Delete(object);
}

/* Of a correlation: its alerts. */
static void tell_alert(struct trial *t, const struct sigma_hit *hit)
{
	cJSON *object = describe(hit->event);
	char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];

	json_add_number(object, "count", (double)hit->count);
	json_add_time(object, "first_seen", hit->first);
	json_add_time(object, "last_seen", hit->last);
	if (hit->approximate)
		json_add_boolean(object, "approximate", true);
	print(t, "alert", object);
	if (!t->json)
		printf("    %llu%s from %s to %s\n", (unsigned long long)hit->count,
		       hit->approximate ? " (or more)" : "", time_print(hit->first, first),
		       time_print(hit->last, last));
	cJSON_Delete(object);
}

static void on_hit(void *context, const struct sigma_hit *hit)
{
	struct trial *t = context;

	if (hit->rule != t->rule)
		return;
	t->alerts++;
	t->kept_back = false;
	if (hit->rule->is_correlation && (t->alerts <= SHOWN_MOST || t->all || t->json))
		tell_alert(t, hit);
}

/* Keeps the groups that came farthest. */
static void on_progress(void *context, const struct sigma_progress *p)
{
	struct trial *t = context;
	struct reached *least = &t->reached[0], *r = NULL;

	if (p->rule != t->rule)
		return;
	t->matched++;
	for (unsigned i = 0; i < t->groups && !r; i++) {
		if (!strncmp(t->reached[i].group, p->group, GROUP_TEXT - 1))
			r = &t->reached[i];
		least = t->reached[i].most < least->most ? &t->reached[i] : least;
	}
	if (!r && t->groups == GROUPS_MAX && least->most >= p->reached)
		return;
	if (!r) {
		r = t->groups < GROUPS_MAX ? &t->reached[t->groups++] : least;
		*r = (struct reached){0};
		snprintf(r->group, GROUP_TEXT, "%s", p->group);
	}
	if (p->reached <= r->most)
		return;
	r->most = p->reached;
	r->wanted = p->wanted;
	r->time = p->time;
}

static void see(struct event_watcher *watcher, const struct event *ev)
{
	struct trial *t = (struct trial *)watcher;
	struct sigma_distance d = sigma_distance(t->detector, t->rule, ev);

	t->events++;
	t->of_kind += sigma_rule_kinds(t->rule) >> ev->kind & 1;
	t->event = ev;
	t->kept_back = t->rule->override && t->rule->override->suppressions && !t->rule->disabled &&
	               !t->rule->silent;
	sigma_detect(t->detector, ev, on_hit, t);
	if (t->rule->is_correlation)
		return;
	if (!d.missing)
		tell_match(t, ev);
	else if (d.missing < d.of && (d.missing == 1 || d.missing * UINT64_C(2) < d.of))
		tell_close(t, ev);
}

static int by_events(const void *a, const void *b)
{
	const struct hurdle *x = a, *y = b;

	return x->events == y->events ? 0 : x->events < y->events ? 1 : -1;
}

static int by_reached(const void *a, const void *b)
{
	const struct reached *x = a, *y = b;

	if (x->most != y->most)
		return x->most < y->most ? 1 : -1;
	return strcmp(x->group, y->group);
}

static void sum_up_correlation(struct trial *t)
{
	char time[TIME_TEXT_MAX];

	printf("%llu events counted, %llu alerts\n", (unsigned long long)t->matched,
	       (unsigned long long)t->alerts);
	qsort(t->reached, t->groups, sizeof(*t->reached), by_reached);
	if (t->groups)
		printf("farthest came\n");
	for (unsigned i = 0; i < t->groups && i < GROUPS_SHOWN; i++) {
		const struct reached *r = &t->reached[i];

		printf("  %10llu", (unsigned long long)r->most);
		if (r->wanted)
			printf(" of %llu", (unsigned long long)r->wanted);
		printf(" at %s by %s\n", time_print(r->time, time), *r->group ? r->group : "all");
	}
}

static void sum_up_rule(struct trial *t)
{
	printf("%llu of %llu events of its log source matched, %llu came close; "
	       "%llu other events\n",
	       (unsigned long long)t->matched, (unsigned long long)t->of_kind,
	       (unsigned long long)t->close, (unsigned long long)(t->events - t->of_kind));
	qsort(t->hurdle, t->hurdles, sizeof(*t->hurdle), by_events);
	if (t->hurdles)
		printf("what kept those that came close\n");
	for (unsigned i = 0; i < t->hurdles; i++)
		printf("  %10llu line %-4u %s\n", (unsigned long long)t->hurdle[i].events,
		       t->hurdle[i].line, line_text(t, t->hurdle[i].line));
	if (t->rule->disabled)
		printf("it raises no alerts: it is switched off\n");
	else if (t->rule->silent)
		printf("it raises no alerts of its own: other rules count what it matches\n");
}

static bool run(struct trial *t, const struct options *o, const struct config *config,
                struct complaints *complaints, bool *done)
{
	struct pipeline_options options = {
	        .config = *config,
	        .site_path = o->site,
	        .watcher = &t->watcher,
	        .quiet = true,
	};
	struct capture *capture =
	        capture_open_files(o->arguments + 2, o->argument_count - 2, complaints);
	struct pipeline *p = capture ? pipeline_open(capture, options, complaints) : NULL;

	if (p)
		*done = pipeline_run(p);
	pipeline_close(p);
	capture_close(capture);
	return p != NULL;
}

int signature_test(const struct options *o, const struct config *config,
                   const struct signatures *signatures, struct complaints *complaints)
{
	const struct sigma_rule *rule =
	        signature_find(signatures->set, o->arguments[1], complaints);
	struct sigma_limits limits = {(size_t)config->limits.correlations};
	struct trial *t = rule ? calloc(1, sizeof(*t)) : NULL;
	bool ran = false, done = false;

	if (!t)
		return 2;
	*t = (struct trial){.watcher = {see},
	                    .rule = rule,
	                    .detector = sigma_detector_open(signatures->set, limits),
	                    .json = o->json,
	                    .all = o->verbosity > 0};
	read_lines(t);
	if (t->detector) {
		sigma_watch(t->detector, on_progress, t);
		ran = run(t, o, config, complaints, &done);
	}
	if (ran && !t->json)
		(rule->is_correlation ? sum_up_correlation : sum_up_rule)(t);
	sigma_detector_close(t->detector);
	for (size_t i = 0; i < t->lines; i++)
		free(t->line[i]);
	free(t->line);
	free(t);
	return !ran ? 2 : done ? 0 : 1;
}
