/* Code points from UTF-8 and back (RFC 3629). */
#ifndef CMTAP_CORE_UTF8_H
#define CMTAP_CORE_UTF8_H

#include "core/bytes.h"

/* The longest code point, in bytes. */
#define UTF8_MOST 4

/* The code point that begins at `at` of the text, and its length in bytes; 0 where there is none:
 * longer forms than needed, surrogates and what is above U+10FFFF are no UTF-8. */
size_t utf8_get(struct bytes text, size_t at, uint32_t *code_point);

/* Writes a code point of at most U+10FFFF to `to`, which has room for UTF8_MOST bytes; returns its
 * length. */
size_t utf8_put(uint32_t code_point, uint8_t *to);

#endif
