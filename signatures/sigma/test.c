/* Asking one comparison of an event. No state but the scratch that is passed in. */
#include "signatures/sigma/test.h"

#include "core/clock.h"
#include "signatures/sigma/fold.h"

#include <stdlib.h>
#include <time.h>

bool test_scratch_open(struct test_scratch *s)
{
	*s = (struct test_scratch){.folded = malloc(FOLD_ROOM(EVENT_TEXT_MAX)),
	                           .other = malloc(FOLD_ROOM(EVENT_TEXT_MAX))};
	if (s->folded && s->other && regex_scratch_open(&s->regex))
		return true;
	test_scratch_close(s);
	return false;
}

void test_scratch_close(struct test_scratch *s)
{
	free(s->folded);
	free(s->other);
	regex_scratch_close(&s->regex);
	*s = (struct test_scratch){0};
}

struct bytes test_fold(struct bytes text, uint8_t *to)
{
	return fold(bytes_slice(text, 0, EVENT_TEXT_MAX), to);
}

bool comparison_holds(enum comparison how, int order)
{
	switch (how) {
	case COMPARE_EQUAL:
		return order == 0;
	case COMPARE_LESS:
		return order < 0;
	case COMPARE_LESS_EQUAL:
		return order <= 0;
	case COMPARE_GREATER:
		return order > 0;
	case COMPARE_GREATER_EQUAL:
		return order >= 0;
	case COMPARE_NOT_EQUAL:
		return order != 0;
	}
	return false;
}

static bool text_fits(const struct test *t, struct bytes text, struct test_scratch *s)
{
	struct bytes folded;

	if (t->kind == TEST_REGEX)
		return regex_found(t->regex, text, &s->regex);
	folded = test_fold(text, s->folded);
	for (size_t i = 0; i < t->count; i++)
		if (pattern_matches(t->pattern[i], t->pattern[i]->cased ? text : folded))
			return true;
	return false;
}

static bool any_text(const struct test *t, enum field f, const struct event *ev,
                     struct test_scratch *s)
{
	size_t count = fact_count(ev, f);
	char buffer[FACT_TEXT_MAX];
	struct bytes text;

	for (size_t i = 0; i < count; i++)
		if (fact_text(ev, f, i, buffer, &text) && text_fits(t, text, s))
			return true;
	return false;
}

static bool any_integer(const struct test *t, enum field f, const struct event *ev)
{
	bool is_integer = field_info[f].type == TYPE_INTEGER || field_info[f].type == TYPE_INTEGERS;
	size_t count = is_integer ? fact_count(ev, f) : 0;
	struct number n;

	for (size_t i = 0; i < count; i++) {
		fact_number(ev, f, i, &n);
		for (size_t k = 0; k < t->count; k++)
			if (t->integer[k] == n.integer)
				return true;
	}
	return false;
}

static bool any_number(const struct test *t, const struct event *ev)
{
	size_t count = fact_count(ev, t->field);
	struct number n;

	for (size_t i = 0; i < count; i++)
		if (fact_number(ev, t->field, i, &n) &&
		    comparison_holds(t->comparison, number_compare(n, t->number)))
			return true;
	return false;
}

static bool any_address(const struct test *t, const struct event *ev)
{
	size_t count = fact_count(ev, t->field);
	struct address a;

	for (size_t i = 0; i < count; i++) {
		if (!fact_address(ev, t->field, i, &a))
			continue;
		for (size_t k = 0; k < t->count; k++)
			if (network_contains(t->network[k], a) &&
			    address_is_v4(t->network[k].base) == address_is_v4(a))
				return true;
	}
	return false;
}

static bool like(enum pattern_shape shape, struct bytes text, struct bytes other)
{
	struct element e[] = {{ELEMENT_TEXT, other}, {ELEMENT_TEXT, other}};
	struct pattern p = {.shape = shape, .element = e, .count = 2};

	return pattern_matches(&p, text);
}

static bool any_like_other(const struct test *t, const struct event *ev, struct test_scratch *s)
{
	size_t count = fact_count(ev, t->field), others = fact_count(ev, t->other);
	char buffer[FACT_TEXT_MAX], other_buffer[FACT_TEXT_MAX];
	struct bytes text, other;

	if (field_info[t->field].type == TYPE_BOOLEAN || field_info[t->other].type == TYPE_BOOLEAN)
		return count && others && field_info[t->field].type == field_info[t->other].type &&
		       ev->value[t->field].integer == ev->value[t->other].integer;
	for (size_t i = 0; i < count; i++) {
		fact_text(ev, t->field, i, buffer, &text);
		text = test_fold(text, s->folded);
		for (size_t k = 0; k < others; k++) {
			fact_text(ev, t->other, k, other_buffer, &other);
			if (like(t->shape, text, test_fold(other, s->other)))
				return true;
		}
	}
	return false;
}

/* ISO 8601: the week that holds the year's first Thursday is week 1. */
static int iso_week(const struct tm *tm)
{
	char text[8];

	strftime(text, sizeof(text), "%V", tm);
	return (text[0] - '0') * 10 + text[1] - '0';
}

static bool time_part_fits(const struct test *t, const struct event *ev)
{
	int64_t value = ev->value[t->field].integer;
	time_t seconds = (time_t)(value / SECOND - (value % SECOND < 0));
	int part = 0;
	struct tm tm;

	if (!fact_count(ev, t->field) || !gmtime_r(&seconds, &tm))
		return false;
	switch (t->part) {
	case PART_NONE:
		return false;
	case PART_MINUTE:
		part = tm.tm_min;
		break;
	case PART_HOUR:
		part = tm.tm_hour;
		break;
	case PART_DAY:
		part = tm.tm_mday;
		break;
	case PART_WEEK:
		part = iso_week(&tm);
		break;
	case PART_MONTH:
		part = tm.tm_mon + 1;
		break;
	case PART_YEAR:
		part = tm.tm_year + 1900;
		break;
	}
	return comparison_holds(t->comparison, number_compare(number_of(part), t->number));
}

/* A keyword: looked for in every field of the event. */
static bool anywhere(const struct test *t, const struct event *ev, struct test_scratch *s)
{
	FOR_EACH_PRESENT (f, &ev->present)
		if (t->kind == TEST_INTEGER ? any_integer(t, f, ev) : any_text(t, f, ev, s))
			return true;
	return false;
}

bool test_holds(const struct test *t, const struct event *ev, struct test_scratch *s)
{
	if (t->field == FIELD_ANY)
		return anywhere(t, ev, s);
	switch (t->kind) {
	case TEST_PRESENT:
		return event_has(ev, t->field);
	case TEST_NULL:
		return !fact_count(ev, t->field);
	case TEST_TEXT:
	case TEST_REGEX:
		return any_text(t, t->field, ev, s);
	case TEST_INTEGER:
		return any_integer(t, t->field, ev);
	case TEST_BOOLEAN:
		return event_has(ev, t->field) && ev->value[t->field].integer == t->boolean;
	case TEST_COMPARE:
		return any_number(t, ev);
	case TEST_NETWORK:
		return any_address(t, ev);
	case TEST_FIELD:
		return any_like_other(t, ev, s);
	case TEST_TIME:
		return time_part_fits(t, ev);
	}
	return false;
}
