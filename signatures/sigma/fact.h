/* The values of an event as rules see them: each element of a field as text, as number, as address.
 */
#ifndef CMTAP_SIGNATURES_SIGMA_FACT_H
#define CMTAP_SIGNATURES_SIGMA_FACT_H

#include "core/event.h"

/* Room for a number, an address or a time as text. */
#define FACT_TEXT_MAX 64

/* Exact where it is whole: 64-bit integers do not go through a double. */
struct number {
	bool is_real;
	int64_t integer;
	double real;
};

static inline struct number number_of(int64_t integer)
{
	return (struct number){.integer = integer};
}

/* Below, equal, above zero, as with memcmp(). */
int number_compare(struct number a, struct number b);
/* The value of a plain decimal number (`-12`, `0.5`); false for any other text. */
bool number_parse(struct bytes text, struct number *n);
/* The decimal rendering: of a whole number its digits, else the shortest that reads back the same.
 */
struct bytes number_print(struct number n, char buffer[FACT_TEXT_MAX]);

/* How many elements the field has: 0 when absent or an explicit null, 1 for what is no list. */
size_t fact_count(const struct event *ev, enum field f);

/* Element `i` as text: of texts the text itself, of the others their canonical form in `buffer`.
 * False for booleans, which are no text. */
bool fact_text(const struct event *ev, enum field f, size_t i, char buffer[FACT_TEXT_MAX],
               struct bytes *text);
/* Element `i` as a number: an integer, or a text that is a plain decimal number. */
bool fact_number(const struct event *ev, enum field f, size_t i, struct number *n);
/* Element `i` as an address, or as a text that is one. */
bool fact_address(const struct event *ev, enum field f, size_t i, struct address *a);

#endif
