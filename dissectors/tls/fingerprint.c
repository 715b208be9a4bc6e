/* JA3, JA3S and JA4.
 *
 *    JA3  = MD5 of  version,suites,extensions,groups,point formats   (decimal, "-" between numbers)
 *    JA3S = MD5 of  version,suite,extensions
 *    JA4  = t vv s cc ee aa _ b _ c
 *           vv version, s d with SNI or i without, cc and ee how many suites and extensions, aa
 * first and last letter of the first ALPN protocol; b and c the first twelve digits of the SHA-256
 * of the sorted suites, and of the sorted extensions (without SNI and ALPN), "_" and the signature
 * algorithms as sent; all as four hexadecimal digits, "," between
 *
 * Numbers of RFC 8701 (GREASE) count nowhere. JA3: github.com/salesforce/ja3. JA4: FoxIO, the one
 * method of its family that is free to use; JA4S and the others are not and stay out. */
#include "dissectors/tls/fingerprint.h"

#define DIGITS   5  /* of a 16-bit number */
#define JA4_ROOM 36 /* ten letters and digits, and two times twelve behind underscores */

/* Text that grows in a piece of the arena that was made large enough. */
struct text {
	uint8_t *at;
	size_t len;
};

static void put(struct text *t, char what)
{
	t->at[t->len++] = (uint8_t)what;
}

/* By hand: a hello has a hundred numbers, and snprintf() takes longer than the digest of them. */
static void put_number(struct text *t, uint16_t number)
{
	unsigned digits =
	        1 + (number >= 10) + (number >= 100) + (number >= 1000) + (number >= 10000);

	t->len += digits;
	for (size_t at = t->len; digits--; number /= 10)
		t->at[--at] = (uint8_t)('0' + number % 10);
}

static void put_text(struct text *t, struct bytes text)
{
	memcpy(&t->at[t->len], text.at, text.len);
	t->len += text.len;
}

static void put_list(struct text *t, struct bytes numbers, size_t each)
{
	struct reader r = reader_over(numbers);
	bool first = true;

	while (reader_left(&r) >= each) {
		uint16_t number = each == 1 ? reader_u8(&r) : reader_u16be(&r);

		if (each == 2 && tls_is_grease(number))
			continue;
		if (!first)
			put(t, '-');
		put_number(t, number);
		first = false;
	}
}

static void put_extensions(struct text *t, struct bytes extensions)
{
	struct reader r = reader_over(extensions);
	struct bytes data;
	uint16_t type;
	bool first = true;

	while (tls_next_extension(&r, &type, &data)) {
		if (tls_is_grease(type))
			continue;
		if (!first)
			put(t, '-');
		put_number(t, type);
		first = false;
	}
}

static struct bytes md5_of(struct text text, struct arena *arena)
{
	return md5_hex((struct bytes){text.at, text.len}, arena);
}

/* Room for every number that a hello can hold: a byte may become three digits and a hyphen. */
static struct text text_for(const struct tls_hello *h, struct arena *arena)
{
	size_t bytes = h->suites.len + h->extensions.len + h->groups.len + h->point_formats.len;

	return (struct text){arena_alloc(arena, bytes * 4 + 64), 0};
}

struct bytes tls_ja3(const struct tls_hello *h, struct arena *arena)
{
	struct text t = text_for(h, arena);

	if (!t.at || h->of_sslv2)
		return (struct bytes){0};
	put_number(&t, h->version);
	put(&t, ',');
	put_list(&t, h->suites, 2);
	put(&t, ',');
	put_extensions(&t, h->extensions);
	put(&t, ',');
	put_list(&t, h->groups, 2);
	put(&t, ',');
	put_list(&t, h->point_formats, 1);
	return md5_of(t, arena);
}

struct bytes tls_ja3s(const struct tls_hello *h, struct arena *arena)
{
	struct text t = text_for(h, arena);

	if (!t.at)
		return (struct bytes){0};
	put_number(&t, h->version);
	put(&t, ',');
	put_list(&t, h->suites, 2);
	put(&t, ',');
	put_extensions(&t, h->extensions);
	return md5_of(t, arena);
}

/* 16-bit numbers, gathered to be counted and sorted. */
struct numbers {
	uint16_t *at;
	size_t count;
};

static struct numbers numbers_of(struct bytes list, struct arena *arena)
{
	struct numbers n = {arena_alloc(arena, list.len + 2), 0};
	struct reader r = reader_over(list);

	while (n.at && reader_left(&r) >= 2) {
		uint16_t number = reader_u16be(&r);

		if (!tls_is_grease(number))
			n.at[n.count++] = number;
	}
	return n;
}

static struct numbers extension_types(struct bytes extensions, struct arena *arena)
{
	struct numbers n = {arena_alloc(arena, extensions.len + 2), 0};
	struct reader r = reader_over(extensions);
	struct bytes data;
	uint16_t type;

	while (n.at && tls_next_extension(&r, &type, &data))
		if (!tls_is_grease(type))
			n.at[n.count++] = type;
	return n;
}

static void sift(struct numbers *n, size_t root, size_t end)
{
	for (size_t child; (child = 2 * root + 1) < end; root = child) {
		uint16_t number = n->at[root];

		child += child + 1 < end && n->at[child] < n->at[child + 1];
		if (number >= n->at[child])
			return;
		n->at[root] = n->at[child];
		n->at[child] = number;
	}
}

#define FEW 40

/* Few numbers by insertion, more in a heap: qsort() may allocate, and whoever sends the hello says
 * how many there are. */
static void sort(struct numbers *n)
{
	if (n->count <= FEW) {
		for (size_t i = 1; i < n->count; i++) {
			uint16_t number = n->at[i];
			size_t at = i;

			for (; at && n->at[at - 1] > number; at--)
				n->at[at] = n->at[at - 1];
			n->at[at] = number;
		}
		return;
	}
	for (size_t root = n->count / 2; root-- > 0;)
		sift(n, root, n->count);
	for (size_t end = n->count; end-- > 1;) {
		uint16_t last = n->at[end];

		n->at[end] = n->at[0];
		n->at[0] = last;
		sift(n, 0, end);
	}
}

static void put_hex(struct text *t, const struct numbers *n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n->count; i++) {
		if (i)
			put(t, ',');
		for (int shift = 12; shift >= 0; shift -= 4)
			put(t, digits[n->at[i] >> shift & 15]);
	}
}

/* The first twelve digits of the SHA-256; twelve zeros for an empty text. */
static struct bytes short_hash(struct text t, struct arena *arena)
{
	if (!t.len)
		return BYTES("000000000000");
	return bytes_slice(sha256_hex((struct bytes){t.at, t.len}, arena), 0, 12);
}

static struct bytes hash_of_suites(struct numbers suites, struct arena *arena)
{
	struct text t = {arena_alloc(arena, suites.count * DIGITS + 8), 0};

	if (!t.at)
		return (struct bytes){0};
	sort(&suites);
	put_hex(&t, &suites);
	return short_hash(t, arena);
}

static struct bytes hash_of_extensions(struct numbers types, struct numbers algorithms,
                                       struct arena *arena)
{
	struct text t = {arena_alloc(arena, (types.count + algorithms.count) * DIGITS + 16), 0};
	size_t kept = 0;

	if (!t.at)
		return (struct bytes){0};
	for (size_t i = 0; i < types.count; i++)
		if (types.at[i] != EXTENSION_SERVER_NAME && types.at[i] != EXTENSION_ALPN)
			types.at[kept++] = types.at[i];
	types.count = kept;
	sort(&types);
	put_hex(&t, &types);
	if (algorithms.count)
		put(&t, '_');
	put_hex(&t, &algorithms);
	return short_hash(t, arena);
}

/* The highest version that is offered, in JA4's letters. */
static const char *version_letters(const struct tls_hello *h, struct arena *arena)
{
	struct numbers offered = numbers_of(h->versions, arena);
	uint16_t highest = offered.count ? 0 : h->version;

	for (size_t i = 0; i < offered.count; i++)
		if (offered.at[i] > highest)
			highest = offered.at[i];
	switch (highest) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	default:
		return "00";
	}
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

static void protocol_letters(const struct tls_hello *h, char letters[3])
{
	static const char digits[] = "0123456789abcdef";
	struct reader r = reader_over(h->protocols);
	struct bytes first = reader_take(&r, reader_u8(&r));

	letters[0] = letters[1] = '0';
	letters[2] = 0;
	if (!first.len)
		return;

	uint8_t begins = first.at[0], ends = first.at[first.len - 1];
	bool readable = is_alphanumeric(begins) && is_alphanumeric(ends);

	letters[0] = (char)(readable ? begins : digits[begins >> 4]);
	letters[1] = (char)(readable ? ends : digits[ends & 15]);
}

/* Two digits, and 99 for more. */
static void put_count(struct text *t, size_t count)
{
	count = count < 99 ? count : 99;
	put(t, (char)('0' + count / 10));
	put(t, (char)('0' + count % 10));
}

struct bytes tls_ja4(const struct tls_hello *h, struct arena *arena)
{
	struct numbers suites = numbers_of(h->suites, arena);
	struct numbers types = extension_types(h->extensions, arena);
	struct numbers algorithms = numbers_of(h->signature_algorithms, arena);
	struct text t = {arena_alloc(arena, JA4_ROOM), 0};
	char protocol[3];

	if (!suites.at || !types.at || !algorithms.at || !t.at || h->of_sslv2)
		return (struct bytes){0};
	protocol_letters(h, protocol);
	put(&t, 't');
	put_text(&t, bytes_of(version_letters(h, arena)));
	put(&t, h->has_server_name ? 'd' : 'i');
	put_count(&t, suites.count);
	put_count(&t, types.count);
	put_text(&t, bytes_of(protocol));

	struct bytes b = hash_of_suites(suites, arena);
	struct bytes c = hash_of_extensions(types, algorithms, arena);

	if (!b.len || !c.len)
		return (struct bytes){0};
	put(&t, '_');
	put_text(&t, b);
	put(&t, '_');
	put_text(&t, c);
	return (struct bytes){t.at, t.len};
}
