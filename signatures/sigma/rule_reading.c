/* What is wrong with a rule, said so that its author finds it. */
#include "signatures/sigma/rule_reading.h"

#include "core/field.h"

#include <stdarg.h>

#define SAID_MAX 50 /* mistakes that are told of one rule */
#define HINTS_MAX                                                                                  \
	500 /* mistakes after which nobody reads hints any more; finding them takes time */

static void say(struct reading *r, bool mild, const struct yaml_node *at, const char *what)
{
	char who[700] = "";
	size_t n = 0;

	if (r->title)
		n += (size_t)snprintf(who, sizeof(who), "rule \"%.120s\"%s%.40s%s: ", r->title,
		                      r->id ? " (" : "", r->id ? r->id : "", r->id ? ")" : "");
	if (r->search)
		n += (size_t)snprintf(who + n, sizeof(who) - n, "search identifier '%.120s'%s",
		                      r->search, r->item ? ", " : ": ");
	if (r->item)
		snprintf(who + n, sizeof(who) - n, "field '%.120s': ", r->item);
	(mild ? complain_mildly : complain)(r->complaints, r->file, at ? at->line : 0,
	                                    at ? at->column : 0, "%s%s", who, what);
}

void reading_blame(struct reading *r, const struct yaml_node *at, const char *format, ...)
{
	char what[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (r->errors++ < SAID_MAX)
		say(r, false, at, what);
}

void reading_remark(struct reading *r, const struct yaml_node *at, const char *format, ...)
{
	char what[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (r->remarks++ < SAID_MAX)
		say(r, true, at, what);
}

const char *reading_nearest(const struct reading *r, const char *word, const char *const *names,
                            size_t count)
{
	return r->complaints->errors < HINTS_MAX ? nearest_name(word, names, count) : NULL;
}

const char *reading_hint(char buffer[HINT_MAX], const char *near)
{
	buffer[0] = 0;
	if (near)
		snprintf(buffer, HINT_MAX, " (did you mean '%.200s'?)", near);
	return buffer;
}

/* The field of that name; FIELD_COUNT when there is none. */
static enum field field_called(const struct sigma_options *o, struct bytes name)
{
	for (size_t i = 0; i < o->name_count; i++)
		if (bytes_equal(name, bytes_of(o->names[i].name)))
			return o->names[i].field;
	return field_by_name(name);
}

enum field field_find(struct reading *r, const struct yaml_node *at, struct bytes name)
{
	char text[128], buffer[HINT_MAX];
	enum field f = field_called(r->options, name);

	if (f != FIELD_COUNT && r->kinds && !field_is_of(f, r->kinds))
		reading_remark(r, at, "no event of this log source has the field '%s'",
		               field_info[f].name);
	if (f != FIELD_COUNT)
		return f;
	snprintf(text, sizeof(text), "%.*s", (int)(name.len < 120 ? name.len : 120),
	         (const char *)name.at);
	reading_blame(r, at, "there is no field '%s'%s", text,
	              reading_hint(buffer, r->complaints->errors < HINTS_MAX
	                                           ? field_nearest_name(text)
	                                           : NULL));
	return FIELD_COUNT;
}

const char *reading_text(struct reading *r, const struct yaml_node *mapping, const char *key)
{
	const struct yaml_node *n = yaml_get(mapping, key);

	if (!n || (n->kind == YAML_SCALAR && n->type == YAML_NULL))
		return NULL;
	if (n->kind != YAML_SCALAR || n->type == YAML_BOOLEAN) {
		reading_blame(r, n, "'%s' must be text, not %s", key, yaml_what(n));
		return NULL;
	}
	if (memchr(n->text.at, 0, n->text.len)) {
		reading_blame(r, n, "'%s' must not hold a NUL character", key);
		return NULL;
	}
	return memory_text(r->memory, yaml_text(n));
}
