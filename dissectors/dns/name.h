/* Domain names: read from a message, compressed or not, and written as text. */
#ifndef CMTAP_DISSECTORS_DNS_NAME_H
#define CMTAP_DISSECTORS_DNS_NAME_H

#include "core/arena.h"
#include "core/reader.h"

#define DNS_HEADER    12
#define DNS_NAME_MOST 255

/* Labels as on the wire, each behind its length, the root at the end; without compression, and in
 * lower case: names that differ in case only are one name (RFC 4343). */
struct dns_name {
	uint8_t len; /* 0: none */
	uint8_t at[DNS_NAME_MOST];
};

/* The name at which `r` stands, a reader over the whole of `message`. NULL, or what is wrong with
 * it; a short read of `r` says that it runs over the end (RFC 1035, 3.1 and 4.1.4). */
const char *dns_name_read(struct bytes message, struct reader *r, struct dns_name *name);
/* The same without looking where it points. */
const char *dns_name_skip(struct reader *r);

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* As in master files, without the dot at the end; the root is one dot. Dots and backslashes in a
 * label stand behind a backslash, what cannot be printed is \DDD (RFC 4343, 2.1). The text is in
 * `arena`; empty when that is full. */
struct bytes dns_name_print(const struct dns_name *name, struct arena *arena);

/* Writes one byte of a text that way: as itself from `least` to tilde, `special` behind a
 * backslash. Returns how many were written. */
size_t dns_escape(uint8_t byte, uint8_t least, bool special, uint8_t to[4]);

#endif
