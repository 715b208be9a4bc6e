/* The type that YAML 1.1 gives a plain scalar, resolved as PyYAML does.
 *
 * libyaml delivers text only, and the reference of Sigma is PyYAML: what it takes for an integer, a
 * date or a boolean decides what a rule means. The forms below are those of its resolver, in its
 * order; where it then fails to make a value ("0x_"), so do we. No state. */
#include "core/yaml_scalar.h"

#include <math.h>
#include <stdlib.h>

#define DIGITS "0123456789"

/* Each steps over one form and returns the place behind it, or NULL when it is not there. NULL goes
 * in, NULL comes out, so that forms can be written one after the other. */
static const char *many(const char *at, const char *set)
{
	return at ? at + strspn(at, set) : NULL;
}

static const char *one(const char *at, const char *set)
{
	return at && *at && strchr(set, *at) ? at + 1 : NULL;
}

static const char *some(const char *at, const char *set)
{
	return many(one(at, set), set);
}

static const char *maybe(const char *at, const char *set)
{
	const char *next = one(at, set);

	return next ? next : at;
}

static const char *digits(const char *at, unsigned least, unsigned most)
{
	unsigned n = 0;

	while (at && n < most && one(at, DIGITS)) {
		at++;
		n++;
	}
	return n >= least ? at : NULL;
}

/* One or more `:ss`, as in 12:30:45. */
static const char *sixties(const char *at)
{
	const char *end = NULL;

	while (at && one(at, ":") && one(at + 1, DIGITS)) {
		bool two = one(at + 1, "012345") && one(at + 2, DIGITS);

		at = end = at + (two ? 3 : 2);
	}
	return end;
}

static const char *exponent(const char *at)
{
	const char *end = some(one(one(at, "eE"), "-+"), DIGITS);

	return end ? end : at;
}

static bool is_all(const struct yaml_node *n, const char *end)
{
	return end && (size_t)(end - yaml_text(n)) == n->text.len;
}

static bool is_one_of(const struct yaml_node *n, const char *const *words)
{
	for (; *words; words++)
		if (bytes_equal(n->text, bytes_of(*words)))
			return true;
	return false;
}

static bool is_null(const struct yaml_node *n)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};

	return is_one_of(n, words);
}

static bool is_boolean(const struct yaml_node *n, bool *value)
{
	static const char *const yes[] = {"yes",  "Yes", "YES", "true", "True",
	                                  "TRUE", "on",  "On",  "ON",   NULL};
	static const char *const no[] = {"no",    "No",  "NO",  "false", "False",
	                                 "FALSE", "off", "Off", "OFF",   NULL};

	*value = is_one_of(n, yes);
	return *value || is_one_of(n, no);
}

static bool is_not_finite(const struct yaml_node *n)
{
	static const char *const words[] = {".inf",  ".Inf",  ".INF",  "-.inf", "-.Inf",
	                                    "-.INF", "+.inf", "+.Inf", "+.INF", ".nan",
	                                    ".NaN",  ".NAN",  NULL};

	return is_one_of(n, words);
}

static bool is_float(const struct yaml_node *n)
{
	const char *text = yaml_text(n), *whole = some(maybe(text, "-+"), DIGITS);

	/* An underscore may follow the first digit, never come before it. */
	whole = whole ? many(whole, DIGITS "_") : NULL;
	return is_all(n, exponent(many(one(whole, "."), DIGITS "_"))) ||
	       is_all(n, exponent(many(one(one(text, "."), DIGITS), DIGITS "_"))) ||
	       is_all(n, many(one(sixties(whole), "."), DIGITS "_"));
}

/* The base in which the text is an integer, or 0. */
static unsigned integer_base(const struct yaml_node *n)
{
	const char *start = maybe(yaml_text(n), "-+"), *zero = one(start, "0");
	const char *decimal = many(one(start, "123456789"), DIGITS "_");

	if (is_all(n, some(one(zero, "b"), "01_")))
		return 2;
	if (is_all(n, some(zero, "01234567_")))
		return 8;
	if (is_all(n, zero) || is_all(n, decimal))
		return 10;
	if (is_all(n, some(one(zero, "x"), DIGITS "abcdefABCDEF_")))
		return 16;
	return is_all(n, sixties(decimal)) ? 60 : 0;
}

static const char *one_of_two(const char *at, char first, char second)
{
	return at && (*at == first || *at == second) ? at + 1 : NULL;
}

static bool is_date(const struct yaml_node *n)
{
	const char *text = yaml_text(n);
	const char *blank = " \t";

	if (is_all(n, digits(one(digits(one(digits(text, 4, 4), "-"), 2, 2), "-"), 2, 2)))
		return true;

	const char *day = digits(one(digits(one(digits(text, 4, 4), "-"), 1, 2), "-"), 1, 2);
	const char *hour = one_of_two(day, 'T', 't');

	hour = hour ? hour : some(day, blank);

	const char *second = digits(one(digits(one(digits(hour, 1, 2), ":"), 2, 2), ":"), 2, 2);
	const char *fraction = many(one(second, "."), DIGITS);
	const char *clock = fraction ? fraction : second;
	const char *zone = digits(one(many(clock, blank), "-+"), 1, 2);

	return is_all(n, clock) || is_all(n, one(many(clock, blank), "Z")) || is_all(n, zone) ||
	       is_all(n, digits(one(zone, ":"), 2, 2));
}

/* The digits of an integer that has the form of `base`. */
static const char *integer_read(struct yaml_node *n, unsigned base)
{
	bool negative = *yaml_text(n) == '-', any = false;
	const char *at = yaml_text(n) + (negative || *yaml_text(n) == '+');
	uint64_t sum = 0, place = 0;

	if (base == 2 || base == 16)
		at += 2;
	for (; *at; at++) {
		bool over;

		if (*at == '_')
			continue;
		if (*at == ':') { /* what stands before it counts sixtyfold */
			over = __builtin_add_overflow(sum, place, &sum) ||
			       __builtin_mul_overflow(sum, 60, &sum);
			place = 0;
		} else {
			over = __builtin_mul_overflow(place, base == 60 ? 10 : base, &place) ||
			       __builtin_add_overflow(place, (uint64_t)hex_digit((uint8_t)*at),
			                              &place);
			any = true;
		}
		if (over)
			return "the number does not fit into 64 bits; quote it if it is text";
	}
	if (!any)
		return "a number without digits; quote it if it is text";
	if (__builtin_add_overflow(sum, place, &sum) || sum > (uint64_t)INT64_MAX + negative)
		return "the number does not fit into 64 bits; quote it if it is text";
	n->type = YAML_INTEGER;
	n->integer = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	n->real = (double)n->integer;
	return NULL;
}

static const char *float_read(struct yaml_node *n)
{
	char copy[128];
	size_t len = 0;
	double sum = 0;

	if (n->text.len >= sizeof(copy))
		return "the number is too long; quote it if it is text";
	for (const char *at = yaml_text(n); *at; at++)
		if (*at != '_')
			copy[len++] = *at;
	copy[len] = 0;

	const char *at = copy + (*copy == '-' || *copy == '+');

	for (const char *colon; (colon = strchr(at, ':')); at = colon + 1)
		sum = (sum + strtod(at, NULL)) * 60;
	sum += strtod(at, NULL);
	n->type = YAML_FLOAT;
	n->real = *copy == '-' ? -sum : sum;
	return isfinite(sum) ? NULL : "the number is too large; quote it if it is text";
}

/* Most scalars are text, and their beginning says so: nothing else begins as they do, and of what
 * begins with a letter nothing is longer than "false". */
static bool begins_as_text(const struct yaml_node *n)
{
	const char *text = yaml_text(n);

	return !strchr("-+.~=" DIGITS "nNyYtTfFoO", *text) ||
	       (n->text.len > sizeof("false") - 1 && ascii_lower((uint8_t)*text) >= 'a' &&
	        ascii_lower((uint8_t)*text) <= 'z');
}

const char *yaml_scalar_resolve(struct yaml_node *n)
{
	bool truth;
	unsigned base;

	n->type = YAML_TEXT;
	if (begins_as_text(n))
		return NULL;
	if (is_null(n)) {
		n->type = YAML_NULL;
	} else if (is_boolean(n, &truth)) {
		n->type = YAML_BOOLEAN;
		n->integer = truth;
	} else if (is_not_finite(n)) {
		n->type = YAML_FLOAT;
		n->real = ascii_lower(n->text.at[n->text.len - 1]) == 'f' ? HUGE_VAL : (double)NAN;
		if (*yaml_text(n) == '-')
			n->real = -n->real;
	} else if (is_float(n)) {
		return float_read(n);
	} else if ((base = integer_base(n))) {
		return integer_read(n, base);
	} else if (is_date(n)) {
		n->type = YAML_DATE;
	} else if (bytes_equal(n->text, BYTES("="))) {
		return "an unquoted = has a meaning of its own in YAML 1.1; quote it";
	}
	return NULL;
}
