/* The list of complaints, and the search for the name a user may have meant. */
#include "core/complaint.h"

#include "core/bytes.h"

#include <stdarg.h>
#include <stdlib.h>

static void add(struct complaints *list, bool warning, const char *file, unsigned line,
                unsigned column, const char *format, va_list args)
{
	char place[1024] = "", what[2048];

	if (file && line)
		snprintf(place, sizeof(place), "%s:%u:%u: ", file, line, column ? column : 1);
	else if (file)
		snprintf(place, sizeof(place), "%s: ", file);
	vsnprintf(what, sizeof(what), format, args);

	size_t size = strlen(place) + strlen(what) + sizeof("warning: ");
	struct complaint *c = malloc(sizeof(*c) + size);

	if (warning)
		list->warnings++;
	else
		list->errors++;
	if (!c)
		return;
	c->next = NULL;
	c->warning = warning;
	c->file = file && strlen(file) + 2 < sizeof(place) ? strlen(file) : 0;
	snprintf(c->text, size, "%s%s%s", place, warning ? "warning: " : "", what);
	*(list->last ? list->last : &list->first) = c;
	list->last = &c->next;
}

void complain(struct complaints *list, const char *file, unsigned line, unsigned column,
              const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(list, false, file, line, column, format, args);
	va_end(args);
}

void complain_mildly(struct complaints *list, const char *file, unsigned line, unsigned column,
                     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(list, true, file, line, column, format, args);
	va_end(args);
}

void complaints_print(const struct complaints *list, FILE *to)
{
	for (const struct complaint *c = list->first; c; c = c->next)
		fprintf(to, "%s\n", c->text);
}

void complaints_move(struct complaints *list, struct complaints *more)
{
	list->errors += more->errors;
	list->warnings += more->warnings;
	if (more->first) {
		*(list->last ? list->last : &list->first) = more->first;
		list->last = more->last;
	}
	*more = (struct complaints){0};
}

void complaints_free(struct complaints *list)
{
	for (struct complaint *c = list->first, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	*list = (struct complaints){0};
}

#define NAME_MAX_COMPARED 80

/* Letters to insert, drop or change to turn one name into the other; case counts for nothing. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_COMPARED + 1], a_len = strlen(a), b_len = strlen(b);

	if (a_len > NAME_MAX_COMPARED || b_len > NAME_MAX_COMPARED)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			bool same =
			        ascii_lower((uint8_t)a[i - 1]) == ascii_lower((uint8_t)b[j - 1]);
			size_t best = diagonal + !same;

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[b_len];
}

const char *nearest_name(const char *name, const char *const *names, size_t count)
{
	size_t best = strlen(name) / 2 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		size_t d = distance(name, names[i]);

		if (d < best) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}
