/* Reading conditions, loosest first:
 *
 *     or    = and { "or" and }
 *     and   = not { "and" not }
 *     not   = { "not" } term
 *     term  = "(" or ")" | ( "1" | "any" | "all" ) "of" ( "them" | pattern ) | name
 *
 * No state. */
#include "signatures/sigma/condition.h"

#define CONDITION_MAX  8192
#define DEPTH_MAX      64
#define REFERENCES_MAX 4096

struct parser {
	struct reading *r;
	const struct yaml_node *place;
	const struct searches *searches;
	struct bytes text;
	size_t next;       /* of the text: what follows the word */
	struct bytes word; /* the one to be looked at; empty at the end */
	unsigned depth;
	unsigned references; /* to searches, those behind `of` included */
	bool failed;
};

static bool is_name_character(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-' || c == '*';
}

static struct bytes word_at(const struct parser *p, size_t at, size_t *end)
{
	size_t from = at;

	while (from < p->text.len && strchr(" \t\r\n", p->text.at[from]) && p->text.at[from])
		from++;
	*end = from;
	while (*end < p->text.len && is_name_character(p->text.at[*end]))
		++*end;
	if (*end == from && from < p->text.len)
		++*end;
	return bytes_slice(p->text, from, *end - from);
}

static void advance(struct parser *p)
{
	p->word = word_at(p, p->next, &p->next);
}

static bool word_is(const struct parser *p, const char *word)
{
	return bytes_equal(p->word, bytes_of(word));
}

static bool followed_by_of(const struct parser *p)
{
	size_t end;

	return bytes_equal(word_at(p, p->next, &end), BYTES("of"));
}

static struct node *wrong(struct parser *p, const char *what)
{
	size_t at = p->next - p->word.len;

	if (!p->failed)
		reading_blame(p->r, p->place, "the condition, at character %zu%s%.*s%s: %s", at + 1,
		              p->word.len ? ", '" : "", (int)(p->word.len < 80 ? p->word.len : 80),
		              p->word.len ? (const char *)p->word.at : "", p->word.len ? "'" : "",
		              what);
	p->failed = true;
	return NULL;
}

/* Whether a name fits a pattern with `*`. */
static bool name_fits(struct bytes pattern, struct bytes name)
{
	size_t i = 0, at = 0, star = SIZE_MAX, mark = 0;

	while (at < name.len) {
		if (i < pattern.len && pattern.at[i] == '*') {
			star = ++i;
			mark = at;
		} else if (i < pattern.len && pattern.at[i] == name.at[at]) {
			i++;
			at++;
		} else if (star != SIZE_MAX) {
			i = star;
			at = ++mark;
		} else {
			return false;
		}
	}
	while (i < pattern.len && pattern.at[i] == '*')
		i++;
	return i == pattern.len;
}

static bool is_meant(struct bytes pattern, const char *name)
{
	if (bytes_equal(pattern, BYTES("them")))
		return name[0] != '_';
	if (name[0] == '_' && pattern.at[0] != '_')
		return false;
	return name_fits(pattern, bytes_of(name));
}

static struct node *quantified(struct parser *p, enum node_kind kind)
{
	struct node *group = node_group(p->r->memory, kind);

	advance(p); /* of */
	advance(p);
	if (!p->word.len || !is_name_character(p->word.at[0]))
		return wrong(p, "expected 'them' or a name with '*' after 'of'");
	if (memchr(p->word.at, '-', p->word.len))
		return wrong(p, "a pattern must not hold '-'");
	for (size_t i = 0; i < p->searches->count; i++) {
		if (!is_meant(p->word, p->searches->at[i].name))
			continue;
		p->searches->at[i].used = true;
		if (++p->references > REFERENCES_MAX)
			return wrong(p, "the condition names too many searches");
		node_add(p->r->memory, group, p->searches->at[i].tree);
	}
	if (!group->count)
		return wrong(p, "no search identifier fits this");
	advance(p);
	return group;
}

static void list_names(const struct searches *s, char *to, size_t size)
{
	size_t n = 0;

	to[0] = 0;
	for (size_t i = 0; i < s->count && n < size; i++)
		n += (size_t)snprintf(to + n, size - n, "%s%.60s", i ? ", " : "", s->at[i].name);
}

static struct node *name(struct parser *p)
{
	char names[400], what[500];

	for (size_t i = 0; i < p->searches->count; i++)
		if (bytes_equal(p->word, bytes_of(p->searches->at[i].name))) {
			p->searches->at[i].used = true;
			if (++p->references > REFERENCES_MAX)
				return wrong(p, "the condition names too many searches");
			advance(p);
			return p->searches->at[i].tree;
		}
	list_names(p->searches, names, sizeof(names));
	snprintf(what, sizeof(what), "there is no search identifier of this name; there %s %s",
	         p->searches->count == 1 ? "is" : "are", names);
	return wrong(p, what);
}

static struct node *either(struct parser *p);

static struct node *term(struct parser *p)
{
	if (!p->word.len)
		return wrong(p, "expected a search identifier");
	if (word_is(p, "(")) {
		advance(p);

		struct node *inside = either(p);

		if (!inside)
			return NULL;
		if (!word_is(p, ")"))
			return wrong(p, "expected ')'");
		advance(p);
		return inside;
	}
	if (word_is(p, "|"))
		return wrong(p, "aggregations behind '|' are no longer Sigma: write a correlation "
		                "rule");
	if (!is_name_character(p->word.at[0]))
		return wrong(p, "expected a search identifier");
	if (followed_by_of(p)) {
		if (word_is(p, "1") || word_is(p, "any"))
			return quantified(p, NODE_ANY);
		if (word_is(p, "all"))
			return quantified(p, NODE_ALL);
		return wrong(p, "only '1 of', 'any of' and 'all of' exist");
	}
	if (word_is(p, "and") || word_is(p, "or") || word_is(p, "of"))
		return wrong(p, "expected a search identifier");
	return name(p);
}

static struct node *negated(struct parser *p)
{
	bool odd = false;

	while (word_is(p, "not")) {
		odd = !odd;
		advance(p);
	}

	struct node *n = term(p);

	return n && odd ? node_not(p->r->memory, n) : n;
}

/* Operands of one operator, left to right. */
static struct node *chain(struct parser *p, enum node_kind kind, const char *operator,
                          struct node * (*operand)(struct parser *p))
{
	struct node *first = operand(p), *group;

	if (!first || !word_is(p, operator))
		return first;
	group = node_group(p->r->memory, kind);
	node_add(p->r->memory, group, first);
	while (word_is(p, operator)) {
		advance(p);

		struct node *next = operand(p);

		if (!next)
			return NULL;
		node_add(p->r->memory, group, next);
	}
	return group;
}

static struct node *both(struct parser *p)
{
	return chain(p, NODE_ALL, "and", negated);
}

static struct node *either(struct parser *p)
{
	if (++p->depth > DEPTH_MAX)
		return wrong(p, "parentheses are nested too deeply: the cap is 64");

	struct node *n = chain(p, NODE_ANY, "or", both);

	p->depth--;
	return n;
}

struct node *condition_read(struct reading *r, const struct yaml_node *place, struct bytes text,
                            const struct searches *searches)
{
	struct parser p = {.r = r, .place = place, .searches = searches, .text = text};

	if (text.len > CONDITION_MAX) {
		reading_blame(r, place, "the condition is longer than %d characters",
		              CONDITION_MAX);
		return NULL;
	}
	advance(&p);

	struct node *n = either(&p);

	if (!n)
		return NULL;
	if (word_is(&p, "|"))
		return wrong(&p, "aggregations behind '|' are no longer Sigma: write a "
		                 "correlation rule");
	if (p.word.len)
		return wrong(&p, "expected 'and', 'or' or the end (operators are written in lower "
		                 "case)");
	return n;
}
