/* Base64 and UTF-16 of pattern texts. No state. */
#include "signatures/sigma/encode.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Base64 of `shift` zero bytes and the text, with padding. */
static struct bytes base64_print(struct memory *m, struct bytes text, size_t shift)
{
	size_t len = text.len + shift, out = 0;
	uint8_t *to = memory_alloc(m, (len + 2) / 3 * 4 + 1);

	for (size_t i = 0; i < len; i += 3) {
		uint32_t triple = 0;

		for (size_t k = i; k < i + 3; k++)
			triple = triple << 8 | (k >= shift && k < len ? text.at[k - shift] : 0u);
		for (size_t k = 0; k < 4; k++)
			to[out++] =
			        i + k > len ? '=' : (uint8_t)alphabet[triple >> (18 - 6 * k) & 63];
	}
	return (struct bytes){to, out};
}

/* The characters that depend on the text alone, wherever in a triple it starts. */
static struct bytes base64_inside(struct memory *m, struct bytes text, size_t shift)
{
	static const size_t leading[] = {0, 2, 3}, trailing[] = {0, 3, 2};
	struct bytes whole = base64_print(m, text, shift);
	size_t end = whole.len - trailing[(text.len + shift) % 3];

	return bytes_slice(whole, leading[shift], end > leading[shift] ? end - leading[shift] : 0);
}

static struct bytes utf16(struct memory *m, struct bytes text, enum encoding how)
{
	uint8_t *to = memory_alloc(m, text.len * 2 + 3);
	size_t out = 0;

	if (how == ENCODE_UTF16) {
		to[out++] = 0xff;
		to[out++] = 0xfe;
	}
	for (size_t i = 0; i < text.len; i++) {
		to[out + (how == ENCODE_UTF16BE)] = text.at[i];
		out += 2;
	}
	return (struct bytes){to, out};
}

static bool is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] & 0x80)
			return false;
	return true;
}

static void alternative_add(struct memory *m, struct operand *to, struct symbols s)
{
	to->alternative = memory_room(m, to->alternative, to->alternatives, sizeof(s));
	to->alternative[to->alternatives++] = s;
}

static const char *encode_text(struct memory *m, struct operand *to, struct bytes text,
                               enum encoding how)
{
	switch (how) {
	case ENCODE_BASE64:
		alternative_add(m, to, symbols_literal(m, base64_print(m, text, 0)));
		break;
	case ENCODE_BASE64_OFFSET:
		if (text.len < 2)
			return "too short: one byte leaves nothing certain in base64";
		for (size_t shift = 0; shift < 3; shift++)
			alternative_add(m, to, symbols_literal(m, base64_inside(m, text, shift)));
		break;
	case ENCODE_UTF16LE:
	case ENCODE_UTF16BE:
	case ENCODE_UTF16:
		if (!is_ascii(text))
			return "UTF-16 of text beyond ASCII is not portable: converters refuse it";
		alternative_add(m, to, symbols_literal(m, utf16(m, text, how)));
		break;
	}
	return NULL;
}

/* Writes the look-alikes of the first varied dash out, each as an alternative of its own. */
static void dash_expand(struct memory *m, struct operand *to, struct symbols s, size_t at)
{
	static const char *const dashes[] = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94",
	                                     "\xe2\x80\x95"};

	for (size_t d = 0; d < sizeof(dashes) / sizeof(*dashes); d++) {
		struct symbols out = {0};

		for (size_t i = 0; i < s.count; i++) {
			if (i != at) {
				symbols_add(m, &out, s.at[i]);
				continue;
			}
			for (const char *c = dashes[d]; *c; c++)
				symbols_add(m, &out, (uint8_t)*c);
		}
		alternative_add(m, to, out);
	}
}

/* Leaves no varied dash in a value: what follows needs plain text. */
static const char *dashes_expand(struct memory *m, struct operand *v)
{
	struct operand work = {0}, done = {0};

	for (size_t i = 0; i < v->alternatives; i++)
		alternative_add(m, &work, v->alternative[i]);
	for (size_t i = 0; i < work.alternatives; i++) {
		struct symbols s = work.alternative[i];
		size_t at = 0;

		while (at < s.count && s.at[at] != SYMBOL_DASH)
			at++;
		if (at == s.count)
			alternative_add(m, &done, s);
		else if (work.alternatives > ALTERNATIVES_MAX)
			return "too many variants: the cap is 1,000";
		else
			dash_expand(m, &work, s, at);
	}
	v->alternative = done.alternative;
	v->alternatives = done.alternatives;
	return NULL;
}

const char *encode_operand(struct memory *m, struct operand *v, enum encoding how)
{
	struct operand encoded = {0};
	const char *wrong = dashes_expand(m, v);

	for (size_t i = 0; i < v->alternatives && !wrong; i++) {
		struct bytes text;

		if (!symbols_to_text(m, v->alternative[i], &text))
			wrong = "text to encode must not hold wildcards: escape * and ?, and let "
			        "'contains' follow";
		else if (encoded.alternatives > ALTERNATIVES_MAX)
			wrong = "too many variants: the cap is 1,000";
		else
			wrong = encode_text(m, &encoded, text, how);
	}
	v->alternative = encoded.alternative;
	v->alternatives = encoded.alternatives;
	return wrong;
}
