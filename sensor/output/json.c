/* Dotted names into nested objects, and wire text into valid UTF-8. */
#include "sensor/output/json.h"

#include "core/clock.h"

#include <stdlib.h>

#define PART_MAX     64
#define OWN_TEXT_MAX 2000
/* Integers with more digits are printed by cJSON, which rounds. */
#define EXACT_BELOW  INT64_C(1000000000000000)

/* cJSON's hooks have no context: this is where documents of this thread lie; NULL: on the heap. */
static _Thread_local struct arena *at_work;

/* What does not fit into the arena any more lies on the heap. */
static void *take(size_t n)
{
	void *at = at_work ? arena_alloc(at_work, n) : NULL;

	return at ? at : malloc(n);
}

static void give(void *at)
{
	if (!at_work || (uintptr_t)at - (uintptr_t)at_work->base >= at_work->size)
		free(at);
}

void json_hooks(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){take, give});
}

struct arena *json_use_memory(struct arena *memory)
{
	struct arena *before = at_work;

	at_work = memory;
	return before;
}

static cJSON *member(const cJSON *object, const char *name, size_t len)
{
	cJSON *item = object ? object->child : NULL;

	while (item && (*item->string != *name || strncmp(item->string, name, len) != 0 ||
	                item->string[len]))
		item = item->next;
	return item;
}

/* The object that holds the last part of a dotted name, and that part. */
static cJSON *holder(cJSON *object, const char *name, const char **last)
{
	const char *dot;

	while ((dot = strchr(name, '.'))) {
		size_t n = (size_t)(dot - name);
		cJSON *next = member(object, name, n);

		if (!next && n < PART_MAX) {
			char part[PART_MAX];

			memcpy(part, name, n);
			part[n] = 0;
			next = cJSON_AddObjectToObject(object, part);
		}
		if (!cJSON_IsObject(next))
			return NULL;
		object = next;
		name = dot + 1;
	}
	*last = name;
	return object;
}

void json_add(cJSON *object, const char *name, cJSON *value)
{
	const char *last;
	cJSON *inner = holder(object, name, &last);

	if (!value)
		return;
	if (!inner || member(inner, last, strlen(last)))
		cJSON_Delete(value);
	else
		cJSON_AddItemToObjectCS(inner, last, value);
}

void json_add_text(cJSON *object, const char *name, const char *text)
{
	bool cut = false;

	if (text)
		json_add(object, name,
		         json_wire_text(bytes_trim(bytes_of(text)), OWN_TEXT_MAX, &cut));
}

cJSON *json_integer(int64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);
	int64_t left;

	if (n >= EXACT_BELOW || n <= -EXACT_BELOW)
		return cJSON_CreateNumber((double)n);
	left = n < 0 ? -n : n;
	digits[--at] = 0;
	do
		digits[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (n < 0)
		digits[--at] = '-';
	return cJSON_CreateRaw(&digits[at]);
}

void json_add_integer(cJSON *object, const char *name, int64_t n)
{
	json_add(object, name, json_integer(n));
}

void json_add_number(cJSON *object, const char *name, double number)
{
	json_add(object, name, cJSON_CreateNumber(number));
}

void json_add_boolean(cJSON *object, const char *name, bool value)
{
	json_add(object, name, cJSON_CreateBool(value));
}

void json_add_time(cJSON *object, const char *name, int64_t time)
{
	char text[TIME_TEXT_MAX];

	json_add_text(object, name, time_print(time, text));
}

void json_append(cJSON *object, const char *name, const char *text)
{
	const char *last;
	cJSON *inner = holder(object, name, &last);
	cJSON *list = inner ? member(inner, last, strlen(last)) : NULL;
	const cJSON *item;

	if (!inner || !text || !*text)
		return;
	if (!list) {
		list = cJSON_CreateArray();
		cJSON_AddItemToObjectCS(inner, last, list);
	}
	cJSON_ArrayForEach(item, list)
	{
		if (!strcmp(item->valuestring, text))
			return;
	}
	cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

/* The length of the valid UTF-8 sequence at the start of `text`, or 0 (RFC 3629 section 4). */
static size_t utf8_length(struct bytes text)
{
	uint8_t c = text.at[0];
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (!n || n > text.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((text.at[i] & 0xc0) != 0x80)
			return 0;
	if ((c == 0xe0 && text.at[1] < 0xa0) || (c == 0xed && text.at[1] > 0x9f) ||
	    (c == 0xf0 && text.at[1] < 0x90) || (c == 0xf4 && text.at[1] > 0x8f))
		return 0;
	return n;
}

/* How many bytes at the start are ASCII and no NUL: eight are looked at together. */
static size_t plain_length(struct bytes text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	size_t n = 0;
	uint64_t eight;

	for (; text.len - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, &text.at[n], sizeof(eight));
		if ((eight | (eight - ones)) & tops)
			break;
	}
	while (n < text.len && text.at[n] && text.at[n] < 0x80)
		n++;
	return n;
}

cJSON *json_wire_text(struct bytes text, size_t most, bool *cut)
{
	static const char replacement[] = "\xef\xbf\xbd", ellipsis[] = "\xe2\x80\xa6";
	char valid[8192 + 8];
	size_t n = 0;

	if (most > sizeof(valid) - 8)
		most = sizeof(valid) - 8;
	while (text.len) {
		size_t plain = plain_length(text);

		plain = plain < most - n ? plain : most - n;
		memcpy(valid + n, text.at, plain);
		n += plain;
		text = bytes_slice(text, plain, text.len);
		if (!text.len)
			break;

		size_t length = utf8_length(text);
		struct bytes c = length && text.at[0]
		                         ? bytes_slice(text, 0, length)
		                         : (struct bytes){(const uint8_t *)replacement, 3};

		if (n + c.len > most) {
			memcpy(valid + n, ellipsis, 3);
			n += 3;
			*cut = true;
			break;
		}
		memcpy(valid + n, c.at, c.len);
		n += c.len;
		text = bytes_slice(text, length ? length : 1, text.len);
	}
	valid[n] = 0;
	return cJSON_CreateString(valid);
}
