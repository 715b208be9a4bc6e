/* Regular expressions: compiling, matching within limits. */
#include "signatures/sigma/regex.h"

#include <stdio.h>

#define MATCH_LIMIT     100000
#define DEPTH_LIMIT     1000
#define HEAP_LIMIT      1024 /* KiB, for machines without JIT */
#define JIT_STACK_START (32u << 10)
#define JIT_STACK_MAX   (512u << 10)

/* The expression with the anchors that `startswith` and `endswith` ask for. */
static struct bytes anchored(struct memory *m, struct bytes source, unsigned flags)
{
	const char *start = flags & REGEX_AT_START ? "\\A" : "";
	const char *end = flags & REGEX_AT_END ? "\\z" : "";
	uint8_t *text;
	size_t len = 0;

	text = memory_alloc(m, source.len + 16);
	len += (size_t)snprintf((char *)text, 16, "%s(?:", start);
	memcpy(text + len, source.at, source.len);
	len += source.len;
	text[len++] = ')';
	for (; *end; end++)
		text[len++] = (uint8_t)*end;
	return (struct bytes){text, len};
}

static pcre2_code *compile(struct bytes text, unsigned flags, char *error, size_t size)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	char message[160];
	size_t offset;
	int number;

	options |= flags & REGEX_CASELESS ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	options |= flags & REGEX_DOTALL ? PCRE2_DOTALL : 0;

	pcre2_code *code = pcre2_compile(text.at, text.len, options, &number, &offset, NULL);

	if (code)
		return code;
	pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof(message));
	snprintf(error, size, "bad regular expression at character %zu: %s", offset, message);
	return NULL;
}

struct regex *regex_make(struct memory *m, struct bytes source, unsigned flags, char *error,
                         size_t size)
{
	struct regex *r = memory_alloc(m, sizeof(*r));

	if (source.len > REGEX_SOURCE_MAX) {
		snprintf(error, size, "the regular expression is longer than %d bytes",
		         REGEX_SOURCE_MAX);
		return NULL;
	}
	r->code = compile(source, flags, error, size);
	if (r->code && flags & (REGEX_AT_START | REGEX_AT_END)) {
		/* Right by itself: only then may something be put around it. */
		pcre2_code_free(r->code);
		r->code = compile(anchored(m, source, flags), flags, error, size);
	}
	if (!r->code)
		return NULL;
	/* Without JIT, matching is slower but the same. */
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	r->source = memory_copy(m, source);
	r->flags = flags;
	r->key = regex_key(m, source);
	return r;
}

void regex_free(struct regex *first)
{
	for (; first; first = first->next)
		pcre2_code_free(first->code);
}

bool regex_scratch_open(struct regex_scratch *s)
{
	*s = (struct regex_scratch){.match = pcre2_match_data_create(1, NULL),
	                            .context = pcre2_match_context_create(NULL)};
	s->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	if (!s->match || !s->context) {
		regex_scratch_close(s);
		return false;
	}
	pcre2_set_match_limit(s->context, MATCH_LIMIT);
	pcre2_set_depth_limit(s->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT);
	if (s->stack)
		pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return true;
}

void regex_scratch_close(struct regex_scratch *s)
{
	pcre2_match_data_free(s->match);
	pcre2_match_context_free(s->context);
	pcre2_jit_stack_free(s->stack);
	*s = (struct regex_scratch){0};
}

bool regex_found(const struct regex *r, struct bytes text, struct regex_scratch *s)
{
	size_t len = text.len < REGEX_SUBJECT_MAX ? text.len : REGEX_SUBJECT_MAX;
	PCRE2_SPTR at = text.at ? text.at : (PCRE2_SPTR) "";
	int found = pcre2_match(r->code, at, len, 0, 0, s->match, s->context);

	if (found < 0 && found != PCRE2_ERROR_NOMATCH)
		s->given_up++;
	return found >= 0;
}
