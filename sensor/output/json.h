/* Building JSON documents with dotted names, by cJSON.
 *
 * Names must outlive the document. */
#ifndef CMTAP_SENSOR_OUTPUT_JSON_H
#define CMTAP_SENSOR_OUTPUT_JSON_H

#include "core/arena.h"
#include "core/event.h"

#include <cjson/cJSON.h>

/* Once, before any thread makes documents: they may lie in an arena from then on. */
void json_hooks(void);

/* Where documents of this thread lie from now on; NULL: on the heap, as before. Returns where they
 * lay until now. What lies in an
 * arena need not be deleted, unless the arena has refused something since it was empty: the rest is
 * on the heap then. */
struct arena *json_use_memory(struct arena *memory);

/* Sets the member `a.b.c` of an object, making what is missing on the way; an existing one stays.
 */
void json_add(cJSON *object, const char *name, cJSON *value);
/* A text of the project's own, without blanks and line ends around it. NULL adds nothing. */
void json_add_text(cJSON *object, const char *name, const char *text);
void json_add_number(cJSON *object, const char *name, double number);
void json_add_integer(cJSON *object, const char *name, int64_t n);
void json_add_boolean(cJSON *object, const char *name, bool value);
void json_add_time(cJSON *object, const char *name, int64_t time);

/* Appends a text to the list `name`, which is made when missing; never the same text twice. */
void json_append(cJSON *object, const char *name, const char *text);

/* An integer; all digits of it up to fifteen. */
cJSON *json_integer(int64_t n);

/* Text from the wire as JSON text: invalid UTF-8 becomes U+FFFD, what is longer than `most` bytes
 * is cut before a character and marked with an ellipsis. */
cJSON *json_wire_text(struct bytes text, size_t most, bool *cut);

#endif
