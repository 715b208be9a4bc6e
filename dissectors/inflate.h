/* Inflating what the wire compressed: zlib, gzip and raw deflate, into an arena, under caps. */
#ifndef CMTAP_DISSECTORS_INFLATE_H
#define CMTAP_DISSECTORS_INFLATE_H

#include "core/arena.h"

enum inflate_form { INFLATE_ZLIB, INFLATE_GZIP, INFLATE_RAW };

enum inflate_result {
	INFLATED,         /* whole */
	INFLATE_CUT,      /* the input ended too early; what there was is inflated */
	INFLATE_BROKEN,   /* the input is not of that form */
	INFLATE_OVER_CAP, /* the output reached a cap; what fits is there */
};

struct inflate_caps {
	size_t bytes; /* of output */
	size_t ratio; /* output to input, above a first 64 KiB */
};

struct inflater;

/* An inflater with its working memory; NULL when memory ran out. One thread owns it. */
struct inflater *inflater_open(void);
void inflater_close(struct inflater *i);

/* Inflates `in`; `*out` is a view into `arena`, also when the result is not INFLATED. `*used` (may
 * be NULL) tells how many bytes of `in` the compressed data took. Does not allocate. */
enum inflate_result inflate_bytes(struct inflater *i, enum inflate_form form, struct bytes in,
                                  struct inflate_caps caps, struct arena *arena, struct bytes *out,
                                  size_t *used);

/* The data begins with a zlib header (RFC 1950 section 2.2: method 8, window at most 32 KiB, check
 * bits right). */
bool looks_like_zlib(struct bytes b);

#endif
