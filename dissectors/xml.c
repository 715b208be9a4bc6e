/* Expat inside an arena.
 *
 * Expat allocates while it parses; here it allocates from an arena that is emptied before each
 * document, so a document can neither leak nor take more than the arena, and the packet path never
 * calls malloc. Expat's allocation functions have no context, so the arena in use is the thread's.
 */
#include "dissectors/xml.h"

#include "core/hash.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>

#define XML_MEMORY            (24u << 20) /* expat doubles its buffers: some five times the largest token */
#define XML_TEXT_MEMORY       (4u << 20)
#define XML_TRANSCODED_MEMORY (64u << 20)

struct xml_parser {
	struct arena memory, text, transcoded;
	unsigned depth_cap, elements_cap;
	/* of the document being read */
	const struct xml_handler *handler;
	void *context;
	XML_Parser expat;
	unsigned depth, elements;
	bool root_closed, over_cap, forbidden, enough;
	struct bytes document; /* as expat reads it */
	char root[64];
};

static _Thread_local struct arena *current;

/* In front of each allocation, for realloc. */
struct header {
	_Alignas(16) size_t size;
};

static void *expat_malloc(size_t n)
{
	struct header *h = arena_alloc(current, n + sizeof(*h));

	if (!h)
		return NULL;
	h->size = n;
	return h + 1;
}

static void *expat_realloc(void *old, size_t n)
{
	void *new = expat_malloc(n);
	size_t had = old ? ((struct header *)old - 1)->size : 0;

	if (new &&old)
		memcpy(new, old, had < n ? had : n);
	return new;
}

static void expat_free(void *old)
{
	(void)old;
}

struct xml_parser *xml_open(unsigned depth, unsigned elements)
{
	struct xml_parser *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->depth_cap = depth;
	p->elements_cap = elements;
	if (arena_open(&p->memory, XML_MEMORY) && arena_open(&p->text, XML_TEXT_MEMORY) &&
	    arena_open(&p->transcoded, XML_TRANSCODED_MEMORY))
		return p;
	xml_close(p);
	return NULL;
}

void xml_close(struct xml_parser *p)
{
	if (!p)
		return;
	arena_close(&p->memory);
	arena_close(&p->text);
	arena_close(&p->transcoded);
	free(p);
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_parser *p = data;

	if (p->depth >= p->depth_cap || ++p->elements > p->elements_cap) {
		p->over_cap = true;
		XML_StopParser(p->expat, XML_FALSE);
		return;
	}
	if (!p->depth)
		snprintf(p->root, sizeof(p->root), "%s", name);
	arena_reset(&p->text);
	p->handler->start(p->context, local_name(name), (const char *const *)attributes,
	                  p->depth++);
}

static void on_end(void *data, const XML_Char *name)
{
	struct xml_parser *p = data;

	/* Expat still tells the end of an empty element whose start stopped it. */
	if (p->over_cap)
		return;
	p->depth--;
	if (p->handler->end)
		p->handler->end(p->context, local_name(name),
		                (struct bytes){p->text.base, p->text.used}, p->depth);
	arena_reset(&p->text);
	if (!p->depth) {
		p->root_closed = true;
		XML_StopParser(p->expat, XML_FALSE);
	}
}

static void on_text(void *data, const XML_Char *text, int length)
{
	struct xml_parser *p = data;
	size_t n = (size_t)length;

	/* Not through arena_alloc(): pieces must follow each other without alignment between them.
	 */
	if (n > p->text.size - p->text.used)
		n = p->text.size - p->text.used;
	memcpy(p->text.base + p->text.used, text, n);
	p->text.used += n;
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
	struct xml_parser *p = data;

	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	p->forbidden = true;
	XML_StopParser(p->expat, XML_FALSE);
}

/* With an encoding, what the document declares does not count. */
static XML_Parser make_expat(struct xml_parser *p, const char *encoding)
{
	static const XML_Memory_Handling_Suite suite = {expat_malloc, expat_realloc, expat_free};
	XML_Parser expat = XML_ParserCreate_MM(encoding, &suite, NULL);

	if (!expat)
		return NULL;
	/* Without a salt of ours expat asks the kernel for randomness with every document. */
	XML_SetHashSalt(expat, (unsigned long)hash_bytes(BYTES("xml")) | 1);
	XML_SetUserData(expat, p);
	XML_SetElementHandler(expat, on_start, on_end);
	XML_SetCharacterDataHandler(expat, on_text);
	XML_SetStartDoctypeDeclHandler(expat, on_doctype);
	return expat;
}

/* Without blanks, line ends and NULs at its end. */
static struct bytes without_tail(struct bytes text)
{
	while (text.len && strchr(" \t\r\n", text.at[text.len - 1]))
		text.len--;
	return text;
}

/* The last element that closes is the root, as far as the last bytes tell. */
static bool ends_with_root(const struct xml_parser *p)
{
	/* Behind it real senders put a NUL and a line end. */
	struct bytes end = without_tail(p->document), name = bytes_of(p->root);

	if (!end.len || end.at[end.len - 1] != '>')
		return false;
	end.len--;
	end = without_tail(end);
	if (end.len < name.len + 2)
		return false;
	end = bytes_slice(end, end.len - name.len - 2, end.len);
	return end.at[0] == '<' && end.at[1] == '/' &&
	       bytes_equal(bytes_slice(end, 2, name.len), name);
}

static enum xml_result outcome(const struct xml_parser *p, enum XML_Error error)
{
	if (p->root_closed || error == XML_ERROR_NONE)
		return XML_WHOLE;
	if (p->enough)
		return ends_with_root(p) ? XML_ENOUGH : XML_CUT;
	if (p->over_cap || error == XML_ERROR_NO_MEMORY)
		return XML_OVER_CAP;
	if (p->forbidden)
		return XML_BROKEN;
	switch (error) {
	case XML_ERROR_NO_ELEMENTS:
	case XML_ERROR_UNCLOSED_TOKEN:
	case XML_ERROR_PARTIAL_CHAR:
	case XML_ERROR_UNCLOSED_CDATA_SECTION:
		return XML_CUT;
	default:
		return XML_BROKEN;
	}
}

static enum XML_Error parse(struct xml_parser *p, const char *encoding, struct bytes text)
{
	p->expat = make_expat(p, encoding);
	if (!p->expat)
		return XML_ERROR_NO_MEMORY;
	XML_Parse(p->expat, (const char *)text.at, (int)text.len, 1);
	return XML_GetErrorCode(p->expat);
}

enum xml_result xml_read(struct xml_parser *p, struct bytes document,
                         const struct xml_handler *handler, void *context)
{
	struct bytes text;
	enum text_encoding encoding = text_encoding(document, &text);
	bool fits = text.len <= INT32_MAX;

	/* Expat reads UTF-16 at half the speed of this detour. */
	arena_reset(&p->transcoded);
	if (encoding != TEXT_8BIT) {
		struct bytes raw = text;

		text = utf16_to_utf8(raw, encoding, &p->transcoded);
		fits = fits && !(raw.len > 1 && !text.len);
	}
	arena_reset(&p->memory);
	arena_reset(&p->text);
	current = &p->memory;
	p->handler = handler;
	p->context = context;
	p->depth = p->elements = 0;
	p->root_closed = p->over_cap = p->forbidden = p->enough = false;
	p->document = text;
	if (!fits)
		return XML_OVER_CAP;
	if (!text.len)
		return XML_CUT;

	enum XML_Error error = parse(p, encoding != TEXT_8BIT ? "UTF-8" : NULL, text);

	/* Writers declare what they had in memory, or a code page that expat does not know. Names
	 * and numbers are ASCII in all of them. */
	if (error == XML_ERROR_INCORRECT_ENCODING)
		error = parse(p, "UTF-8", text);
	else if (error == XML_ERROR_UNKNOWN_ENCODING)
		error = parse(p, "ISO-8859-1", text);
	return outcome(p, error);
}

size_t xml_position(const struct xml_parser *p)
{
	return (size_t)XML_GetCurrentByteIndex(p->expat);
}

void xml_enough(struct xml_parser *p)
{
	p->enough = true;
	XML_StopParser(p->expat, XML_FALSE);
}

struct bytes xml_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(local_name(attributes[0]), name))
			return bytes_of(attributes[1]);
	return (struct bytes){0};
}

bool xml_has_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(local_name(attributes[0]), name))
			return true;
	return false;
}
