/* Fuzz target: a pattern and a text, parted by a line feed; and the same as a regular expression. A
 * pattern that fits must hold its key, and so must a text in which an expression is found. */
#include "signatures/sigma/fold.h"
#include "signatures/sigma/pattern.h"
#include "signatures/sigma/regex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct bytes folded(struct memory *m, struct bytes text)
{
	return fold(text, memory_alloc(m, FOLD_ROOM(text.len)));
}

static void check_pattern(struct memory *m, struct bytes source, struct bytes text)
{
	struct symbols s = symbols_parse(m, source);
	struct pattern *plain, *cased;

	symbols_windash(s);
	plain = pattern_make(m, s, false);
	cased = pattern_make(m, s, true);
	if (pattern_matches(plain, folded(m, text)) && bytes_find(folded(m, text), plain->key) < 0)
		abort();
	if (pattern_matches(cased, text) && bytes_find(folded(m, text), cased->key) < 0)
		abort();
}

static void check_regex(struct memory *m, struct bytes source, struct bytes text)
{
	struct regex_scratch scratch;
	char error[200];
	unsigned flags = source.len ? source.at[0] % 32u : 0;
	struct regex *r;

	source = bytes_slice(source, 1, source.len);
	r = regex_make(m, source, flags, error, sizeof(error));
	if (!r)
		return;
	if (!regex_scratch_open(&scratch))
		abort();
	if (regex_found(r, text, &scratch) && r->key.len && bytes_find(folded(m, text), r->key) < 0)
		abort();
	regex_scratch_close(&scratch);
	regex_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
	size_t at = line ? (size_t)(line - data) : size;
	struct bytes all = {data, size}, source = bytes_slice(all, 0, at);
	struct bytes text = bytes_slice(all, at + 1, size);
	struct memory memory = {0};

	if (setjmp(memory.out))
		abort();
	check_pattern(&memory, source, text);
	check_regex(&memory, source, text);
	memory_free(&memory);
	return 0;
}
