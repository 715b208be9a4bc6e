/* Overrides: what a site changes about rules without touching their files (docs/overrides.md).
 *
 * A mapping from names or ids of rules to what is changed: threshold, level, enable, suppress. Read
 * once at start, by the thread that loads the set. */
#include "core/clock.h"
#include "signatures/sigma/correlation.h"
#include "signatures/sigma/rule_load.h"

#include <time.h>

static const char *const keys[] = {"threshold", "level", "enable", "suppress"};
static const char *const suppression_keys[] = {"client", "server", "network", "until", "reason"};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static void keys_check(struct reading *r, const struct yaml_node *map, const char *const *known,
                       size_t count)
{
	char buffer[HINT_MAX];

	for (size_t i = 0; i < map->count; i++) {
		const char *key = yaml_text(map->key[i]);
		size_t k = 0;

		while (k < count && strcmp(key, known[k]) != 0)
			k++;
		if (k == count)
			reading_blame(r, map->key[i], "there is no key '%.60s' here%s", key,
			              reading_hint(buffer, reading_nearest(r, key, known, count)));
	}
}

static void threshold_take(struct reading *r, const struct yaml_node *n, struct rule *rule,
                           struct sigma_override *o)
{
	struct correlation *c = rule->correlation;

	if (!n)
		return;
	if (n->kind != YAML_SCALAR || n->type != YAML_INTEGER || n->integer < 0) {
		reading_blame(r, n, "'threshold' must be a whole number, not %s", yaml_what(n));
		return;
	}
	if (!c || c->bounds != 1) {
		reading_blame(r, n, "the rule has no threshold: its condition %s",
		              c ? "has no single number" : "counts nothing");
		return;
	}
	o->has_threshold = true;
	o->own_threshold = c->bound[0].value;
	o->threshold = c->bound[0].value = n->integer;
}

static void level_take(struct reading *r, const struct yaml_node *n, struct rule *rule,
                       struct sigma_override *o)
{
	const char *names[SIGMA_CRITICAL + 1], *text = yaml_text(n);
	char buffer[HINT_MAX];

	if (!n)
		return;
	for (int i = 0; i <= SIGMA_CRITICAL; i++) {
		names[i] = sigma_level_name((enum sigma_level)i);
		if (!text || strcmp(text, names[i]) != 0)
			continue;
		o->has_level = true;
		o->own_level = rule->about.level;
		rule->about.level = (enum sigma_level)i;
		return;
	}
	reading_blame(r, n, "there is no level '%.60s'%s", text ? text : yaml_what(n),
	              reading_hint(buffer,
	                           text ? reading_nearest(r, text, names, COUNT_OF(names)) : NULL));
}

static void enable_take(struct reading *r, const struct yaml_node *n, struct rule *rule,
                        struct sigma_override *o)
{
	if (!n)
		return;
	if (n->kind != YAML_SCALAR || n->type != YAML_BOOLEAN) {
		reading_blame(r, n, "'enable' must be true or false, not %s", yaml_what(n));
		return;
	}
	if (n->integer && rule->about.status && !strcmp(rule->about.status, "unsupported")) {
		reading_blame(r, n, "a rule whose status is unsupported cannot be switched on");
		return;
	}
	o->has_enable = true;
	o->enable = n->integer;
	rule->about.disabled = !n->integer;
}

/* The last day on which the suppression holds, in UTC. */
static void until_take(struct reading *r, const struct yaml_node *n, struct sigma_suppression *s)
{
	const char *text = yaml_text(n);
	struct tm tm = {0};

	s->until = INT64_MAX;
	if (!n)
		return;

	const char *end = text ? strptime(text, "%Y-%m-%d", &tm) : NULL;

	if (!end || *end || n->text.len != 10) {
		reading_blame(r, n, "'until' must be a date, YYYY-MM-DD");
		return;
	}

	int64_t first = timegm(&tm);

	if (first < 0) /* before any packet; a slip of the hand, since it suppresses nothing */
		reading_blame(r, n, "'until' must be a date from 1970 on");
	else if (first < (INT64_MAX - DAY) / SECOND) /* later than packets can be: for ever */
		s->until = first * SECOND + DAY;
}

static bool network_take(struct reading *r, const struct yaml_node *n, struct network *network)
{
	const char *wrong;

	if (!n)
		return false;
	wrong = n->kind == YAML_SCALAR ? network_parse(n->text, network)
	                               : "expected an address or a network";
	if (wrong)
		reading_blame(r, n, "%s", wrong);
	return !wrong;
}

static void suppression_take(struct reading *r, const struct yaml_node *n,
                             struct sigma_suppression *s)
{
	unsigned errors = r->errors;

	s->until = INT64_MIN;
	if (n->kind != YAML_MAPPING) {
		reading_blame(r, n,
		              "expected a mapping of client, server, network, until and reason");
		return;
	}
	keys_check(r, n, suppression_keys, COUNT_OF(suppression_keys));
	s->has_client = network_take(r, yaml_get(n, "client"), &s->client);
	s->has_server = network_take(r, yaml_get(n, "server"), &s->server);
	s->has_network = network_take(r, yaml_get(n, "network"), &s->network);
	s->reason = reading_text(r, n, "reason");
	until_take(r, yaml_get(n, "until"), s);
	if (!yaml_get(n, "client") && !yaml_get(n, "server") && !yaml_get(n, "network") &&
	    !yaml_get(n, "until"))
		reading_blame(r, n,
		              "this keeps every hit back: say for whom, or until when; to "
		              "switch a rule off write 'enable: false'");
	if (r->errors != errors) /* with a part missing it would keep back too much */
		s->until = INT64_MIN;
}

static void suppressions_take(struct reading *r, const struct yaml_node *n,
                              struct sigma_override *o)
{
	struct sigma_suppression *s;

	if (!n)
		return;
	if (n->kind != YAML_SEQUENCE || !n->count) {
		reading_blame(r, n, "'suppress' must be a list, not %s", yaml_what(n));
		return;
	}
	s = memory_alloc(r->memory, n->count * sizeof(*s));
	for (size_t i = 0; i < n->count; i++)
		suppression_take(r, n->item[i], &s[i]);
	o->suppression = s;
	o->suppressions = n->count;
}

static void override_take(struct loader *l, const struct yaml_document *d,
                          const struct yaml_node *key, const struct yaml_node *n)
{
	struct reading r = reading_start(l, d->file);
	struct rule *rule = rule_find(l, yaml_text(key));
	struct sigma_override *o;
	char buffer[HINT_MAX];

	if (!rule) {
		(l->options->is_part || l->unread ? reading_remark : reading_blame)(
		        &r, key, "there is no rule '%.100s'%s", yaml_text(key),
		        reading_hint(buffer, rule_nearest(l, yaml_text(key))));
		return;
	}
	if (n->kind != YAML_MAPPING) {
		reading_blame(&r, n, "expected a mapping of threshold, level, enable and suppress");
		return;
	}
	if (rule->about.override) {
		reading_blame(&r, key, "rule \"%.100s\" has an override already, at line %u",
		              rule->about.title ? rule->about.title : "?",
		              rule->about.override->line);
		return;
	}
	o = memory_alloc(r.memory, sizeof(*o));
	o->file = memory_text(r.memory, d->file);
	o->line = key->line;
	rule->about.override = o;
	keys_check(&r, n, keys, COUNT_OF(keys));
	threshold_take(&r, yaml_get(n, "threshold"), rule, o);
	level_take(&r, yaml_get(n, "level"), rule, o);
	enable_take(&r, yaml_get(n, "enable"), rule, o);
	suppressions_take(&r, yaml_get(n, "suppress"), o);
}

void overrides_apply(struct loader *l)
{
	struct yaml_document *d;

	if (!l->options->overrides)
		return;
	d = yaml_read_file(l->options->overrides, l->complaints);
	if (!d)
		return;
	l->document = memory_room(&l->set->memory, l->document, l->documents,
	                          sizeof(struct yaml_document *));
	l->document[l->documents++] = d;
	for (; d; d = d->next) {
		if (!d->root)
			continue;
		if (d->root->kind != YAML_MAPPING)
			complain(l->complaints, d->file, d->root->line, d->root->column,
			         "overrides must be a mapping from names of rules, not %s",
			         yaml_what(d->root));
		for (size_t i = 0; i < d->root->count && d->root->kind == YAML_MAPPING; i++)
			override_take(l, d, d->root->key[i], d->root->item[i]);
	}
}

static bool side_is_in(const struct event *ev, enum field field, enum field otherwise,
                       const struct network *n)
{
	enum field f = event_has(ev, field) ? field : otherwise;

	return event_has(ev, f) && network_contains(*n, ev->value[f].address);
}

static bool is_client_in(const struct event *ev, const struct network *n)
{
	return side_is_in(ev, FIELD_CLIENT_IP, FIELD_SOURCE_IP, n);
}

static bool is_server_in(const struct event *ev, const struct network *n)
{
	return side_is_in(ev, FIELD_SERVER_IP, FIELD_DESTINATION_IP, n);
}

bool rule_is_suppressed(const struct rule *rule, const struct event *ev)
{
	const struct sigma_override *o = rule->about.override;

	for (size_t i = 0; o && i < o->suppressions; i++) {
		const struct sigma_suppression *s = &o->suppression[i];

		if (ev->time < s->until && (!s->has_client || is_client_in(ev, &s->client)) &&
		    (!s->has_server || is_server_in(ev, &s->server)) &&
		    (!s->has_network || is_client_in(ev, &s->network) ||
		     is_server_in(ev, &s->network)))
			return true;
	}
	return false;
}
