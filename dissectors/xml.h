/* Reading XML from the wire, by expat: every encoding ConfigMgr uses, in fixed memory, under caps.
 */
#ifndef CMTAP_DISSECTORS_XML_H
#define CMTAP_DISSECTORS_XML_H

#include "core/arena.h"

enum xml_result {
	XML_WHOLE,    /* from the root element's start to its end; what follows is not looked at */
	XML_ENOUGH,   /* the handler had seen enough, and the document ends as its root element must
	               */
	XML_CUT,      /* well-formed as far as it goes, but it ends before the root element does */
	XML_BROKEN,   /* not well-formed, or with a document type declaration */
	XML_OVER_CAP, /* too deep, too many elements, or too much memory needed */
};

struct xml_handler {
	/* An element starts. `depth` is 0 for the root; names come without namespace prefix. */
	void (*start)(void *context, const char *element, const char *const *attributes,
	              unsigned depth);
	/* It ends; `text` is the character data directly inside it, cut at the parser's cap. May be
	 * NULL. */
	void (*end)(void *context, const char *element, struct bytes text, unsigned depth);
};

struct xml_parser;

/* A parser with memory for one document at a time; NULL when memory ran out. One thread owns it. */
struct xml_parser *xml_open(unsigned depth, unsigned elements);
void xml_close(struct xml_parser *p);

/* Reads one document: UTF-8 or UTF-16 of either byte order, with or without byte order mark. All
 * that is handed to the handler lives until the call it is handed to returns. Handlers must not
 * read another document with the same parser. Allocates only from the parser's own memory. */
enum xml_result xml_read(struct xml_parser *p, struct bytes document,
                         const struct xml_handler *handler, void *context);

/* For handlers: how far the document was read, in bytes of UTF-8. */
size_t xml_position(const struct xml_parser *p);
/* For handlers: nothing further is wanted. The rest is not read; only its end is looked at. */
void xml_enough(struct xml_parser *p);

/* The value of an attribute, empty when it is not there. */
struct bytes xml_attribute(const char *const *attributes, const char *name);
bool xml_has_attribute(const char *const *attributes, const char *name);

/* How the text is encoded: by its byte order mark, or by where the zero bytes of its first
 * character stand. The mark is not part of `*text`. */
enum text_encoding { TEXT_8BIT, TEXT_UTF16LE, TEXT_UTF16BE };
enum text_encoding text_encoding(struct bytes raw, struct bytes *text);

/* UTF-16 as UTF-8 in the arena; unpaired surrogates become U+FFFD. Empty when it does not fit. */
struct bytes utf16_to_utf8(struct bytes raw, enum text_encoding encoding, struct arena *arena);

#endif
