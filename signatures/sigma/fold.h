/* Case folding as Sigma needs it: ASCII always, Unicode simple folding for valid UTF-8; bytes that
 * are no UTF-8 stay as they are. Both sides of every comparison without `cased` go through it, and
 * it agrees with what PCRE2 calls caseless. */
#ifndef CMTAP_SIGNATURES_SIGMA_FOLD_H
#define CMTAP_SIGNATURES_SIGMA_FOLD_H

#include "core/bytes.h"

/* What a text of `len` bytes may need when it is folded: two bytes can become three. */
#define FOLD_ROOM(len) ((len) + (len) / 2 + 4)

/* Folds into `to`, which has FOLD_ROOM bytes, and returns a view of the result. */
struct bytes fold(struct bytes text, uint8_t *to);

/* The length of the character at `at` (which is before the end): of a code point in valid UTF-8,
 * else one byte. */
size_t fold_unit(struct bytes text, size_t at);

/* Valid UTF-8 from start to end? Then folding it alone or as part of a longer text is the same. */
bool fold_is_whole(struct bytes text);

#endif
