/* What is wrong with something a user wrote: config, site file, rules.
 *
 * Readers of user input collect everything they find in one list and go on as long as that makes
 * sense, so that a user sees all mistakes at once. Each reads
 * `file:line:column: what is wrong, what was expected`. */
#ifndef CMTAP_CORE_COMPLAINT_H
#define CMTAP_CORE_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct complaint {
	struct complaint *next;
	bool warning; /* worth saying, but nothing stops because of it */
	size_t file;  /* so many bytes of the text are the name of the file; 0: none is named */
	char text[];
};

struct complaints {
	struct complaint *first, **last;
	unsigned errors, warnings;
};

/* Adds an error or a warning. `file` may be NULL; line and column count from 1, 0 leaves them out.
 */
void complain(struct complaints *list, const char *file, unsigned line, unsigned column,
              const char *format, ...) __attribute__((format(printf, 5, 6)));
void complain_mildly(struct complaints *list, const char *file, unsigned line, unsigned column,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Writes all of them, one a line, warnings marked as such, in the order they were found. */
void complaints_print(const struct complaints *list, FILE *to);
/* Moves all of `more` behind those of `list`. */
void complaints_move(struct complaints *list, struct complaints *more);
void complaints_free(struct complaints *list);

/* The one of `count` names that `name` most likely meant, or NULL when none is near. */
const char *nearest_name(const char *name, const char *const *names, size_t count);

#endif
