/* Modifiers that rewrite text: encodings and placeholders. */
#ifndef CMTAP_SIGNATURES_SIGMA_ENCODE_H
#define CMTAP_SIGNATURES_SIGMA_ENCODE_H

#include "signatures/sigma/item.h"

enum encoding {
	ENCODE_BASE64,
	ENCODE_BASE64_OFFSET, /* three alternatives: what stands 0, 1 or 2 bytes into a triple */
	ENCODE_UTF16LE,
	ENCODE_UTF16BE,
	ENCODE_UTF16, /* little endian, behind a byte order mark */
};

/* Alternatives that one value may become. */
#define ALTERNATIVES_MAX 1000

/* Encodes every alternative of a text value. NULL, or what is wrong with it. */
const char *encode_operand(struct memory *m, struct operand *v, enum encoding how);

/* Puts the values of the options' lists in place of %name%. NULL, or what is wrong. */
const char *placeholders_expand(struct reading *r, struct operand *v);

#endif
