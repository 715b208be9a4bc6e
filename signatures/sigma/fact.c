/* The values of an event as rules see them. No state. */
#include "signatures/sigma/fact.h"

#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define DECIMAL_MAX 40

int number_compare(struct number a, struct number b)
{
	if (!a.is_real && !b.is_real)
		return (a.integer > b.integer) - (a.integer < b.integer);

	/* A long double holds every int64_t and every double exactly on the machines we build for.
	 */
	long double x = a.is_real ? (long double)a.real : (long double)a.integer;
	long double y = b.is_real ? (long double)b.real : (long double)b.integer;

	return (x > y) - (x < y);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_decimal(struct bytes text)
{
	size_t i = text.len && text.at[0] == '-', start = i, dot;

	while (i < text.len && is_digit(text.at[i]))
		i++;
	if (i == start)
		return false;
	if (i == text.len)
		return true;
	dot = i++;
	while (i < text.len && is_digit(text.at[i]))
		i++;
	return text.at[dot] == '.' && i == text.len && i > dot + 1;
}

bool number_parse(struct bytes text, struct number *n)
{
	char copy[DECIMAL_MAX + 1];

	*n = (struct number){0};
	if (bytes_to_i64(text, &n->integer))
		return true;
	if (text.len > DECIMAL_MAX || !is_decimal(text))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = 0;
	n->is_real = true;
	n->real = strtod(copy, NULL);
	return true;
}

static struct bytes integer_print(int64_t value, char buffer[FACT_TEXT_MAX])
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t at = FACT_TEXT_MAX;

	do
		buffer[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		buffer[--at] = '-';
	return (struct bytes){(const uint8_t *)&buffer[at], FACT_TEXT_MAX - at};
}

struct bytes number_print(struct number n, char buffer[FACT_TEXT_MAX])
{
	int len = 0;

	if (!n.is_real)
		return integer_print(n.integer, buffer);
	for (int digits = 15; digits <= 17; digits++) {
		len = snprintf(buffer, FACT_TEXT_MAX, "%.*g", digits, n.real);
		if (strtod(buffer, NULL) == n.real)
			break;
	}
	return (struct bytes){(const uint8_t *)buffer, (size_t)len};
}

size_t fact_count(const struct event *ev, enum field f)
{
	const union value *v = &ev->value[f];

	if (!event_has(ev, f))
		return 0;
	switch (field_info[f].type) {
	case TYPE_TEXT:
		return v->text.at != NULL;
	case TYPE_TEXTS:
		return v->texts.count;
	case TYPE_INTEGERS:
		return v->integers.count;
	case TYPE_ADDRESSES:
		return v->addresses.count;
	case TYPE_INTEGER:
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_TIME:
		break;
	}
	return 1;
}

bool fact_text(const struct event *ev, enum field f, size_t i, char buffer[FACT_TEXT_MAX],
               struct bytes *text)
{
	const union value *v = &ev->value[f];

	switch (field_info[f].type) {
	case TYPE_TEXT:
		*text = v->text;
		return true;
	case TYPE_TEXTS:
		*text = v->texts.at[i];
		return true;
	case TYPE_INTEGER:
		*text = integer_print(v->integer, buffer);
		return true;
	case TYPE_INTEGERS:
		*text = integer_print(v->integers.at[i], buffer);
		return true;
	case TYPE_ADDRESS:
		*text = bytes_of(address_print(v->address, buffer));
		return true;
	case TYPE_ADDRESSES:
		*text = bytes_of(address_print(v->addresses.at[i], buffer));
		return true;
	case TYPE_TIME:
		*text = bytes_of(time_print(v->integer, buffer));
		return true;
	case TYPE_BOOLEAN:
		break;
	}
	return false;
}

bool fact_number(const struct event *ev, enum field f, size_t i, struct number *n)
{
	const union value *v = &ev->value[f];

	switch (field_info[f].type) {
	case TYPE_INTEGER:
		*n = number_of(v->integer);
		return true;
	case TYPE_INTEGERS:
		*n = number_of(v->integers.at[i]);
		return true;
	case TYPE_TEXT:
		return number_parse(v->text, n);
	case TYPE_TEXTS:
		return number_parse(v->texts.at[i], n);
	case TYPE_BOOLEAN:
	case TYPE_ADDRESS:
	case TYPE_ADDRESSES:
	case TYPE_TIME:
		break;
	}
	return false;
}

bool fact_address(const struct event *ev, enum field f, size_t i, struct address *a)
{
	const union value *v = &ev->value[f];

	switch (field_info[f].type) {
	case TYPE_ADDRESS:
		*a = v->address;
		return true;
	case TYPE_ADDRESSES:
		*a = v->addresses.at[i];
		return true;
	case TYPE_TEXT:
		return address_parse(v->text, a);
	case TYPE_TEXTS:
		return address_parse(v->texts.at[i], a);
	case TYPE_INTEGER:
	case TYPE_INTEGERS:
	case TYPE_BOOLEAN:
	case TYPE_TIME:
		break;
	}
	return false;
}
