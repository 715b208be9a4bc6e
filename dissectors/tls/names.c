/* Tables of names, and what the name of a suite gives away about its strength. */
#include "dissectors/tls/names.h"

#include "core/reader.h"

#define SUITE_PAGES 16 /* more than there are first bytes of suites; page 0 has none */

struct numbered {
	uint16_t number;
	const char *name;
};

#define SUITE(number, name) {number, BYTES_INIT(name)},
static const struct {
	uint16_t number;
	struct bytes name;
} suites[] = {
#include "dissectors/tls/cipher_suites.def"
};
#undef SUITE

#define SUITES (sizeof(suites) / sizeof(*suites))

/* Where a suite is in the table, plus one: by its first byte, then by its second. Every hello has
 * some twenty suites. */
static uint8_t suite_page[256];
static uint16_t suite_places[SUITE_PAGES][256];

__attribute__((constructor)) static void find_suites(void)
{
	uint8_t pages = 0;

	for (size_t i = 0; i < SUITES; i++) {
		uint8_t *page = &suite_page[suites[i].number >> 8];

		if (!*page && pages < SUITE_PAGES - 1)
			*page = ++pages;
		if (*page)
			suite_places[*page][suites[i].number & 255] = (uint16_t)(i + 1);
	}
}

/* TLS Supported Groups. */
static const struct numbered groups[] = {
        {0x0001, "sect163k1"},
        {0x0002, "sect163r1"},
        {0x0003, "sect163r2"},
        {0x0004, "sect193r1"},
        {0x0005, "sect193r2"},
        {0x0006, "sect233k1"},
        {0x0007, "sect233r1"},
        {0x0008, "sect239k1"},
        {0x0009, "sect283k1"},
        {0x000a, "sect283r1"},
        {0x000b, "sect409k1"},
        {0x000c, "sect409r1"},
        {0x000d, "sect571k1"},
        {0x000e, "sect571r1"},
        {0x000f, "secp160k1"},
        {0x0010, "secp160r1"},
        {0x0011, "secp160r2"},
        {0x0012, "secp192k1"},
        {0x0013, "secp192r1"},
        {0x0014, "secp224k1"},
        {0x0015, "secp224r1"},
        {0x0016, "secp256k1"},
        {0x0017, "secp256r1"},
        {0x0018, "secp384r1"},
        {0x0019, "secp521r1"},
        {0x001a, "brainpoolP256r1"},
        {0x001b, "brainpoolP384r1"},
        {0x001c, "brainpoolP512r1"},
        {0x001d, "x25519"},
        {0x001e, "x448"},
        {0x001f, "brainpoolP256r1tls13"},
        {0x0020, "brainpoolP384r1tls13"},
        {0x0021, "brainpoolP512r1tls13"},
        {0x0029, "curveSM2"},
        {0x0100, "ffdhe2048"},
        {0x0101, "ffdhe3072"},
        {0x0102, "ffdhe4096"},
        {0x0103, "ffdhe6144"},
        {0x0104, "ffdhe8192"},
        {0x0200, "MLKEM512"},
        {0x0201, "MLKEM768"},
        {0x0202, "MLKEM1024"},
        {0x11eb, "SecP256r1MLKEM768"},
        {0x11ec, "X25519MLKEM768"},
        {0x11ed, "SecP384r1MLKEM1024"},
        {0x6399, "X25519Kyber768Draft00"},
        {0xff01, "arbitrary_explicit_prime_curves"},
        {0xff02, "arbitrary_explicit_char2_curves"},
};

/* RFC 8446 section 6, RFC 5246 section 7.2, RFC 6101 section 5.4. */
static const struct numbered alerts[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {21, "decryption_failed"},
        {22, "record_overflow"},
        {30, "decompression_failure"},
        {40, "handshake_failure"},
        {41, "no_certificate"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {60, "export_restriction"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {100, "no_renegotiation"},
        {109, "missing_extension"},
        {110, "unsupported_extension"},
        {111, "certificate_unobtainable"},
        {112, "unrecognized_name"},
        {113, "bad_certificate_status_response"},
        {114, "bad_certificate_hash_value"},
        {115, "unknown_psk_identity"},
        {116, "certificate_required"},
        {120, "no_application_protocol"},
        {121, "ech_required"},
};

static const struct numbered versions[] = {
        {0x0002, "2.0"}, {0x0300, "3.0"}, {0x0301, "1.0"},
        {0x0302, "1.1"}, {0x0303, "1.2"}, {0x0304, "1.3"},
};

static const char *name_of(const struct numbered *table, size_t count, uint16_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table[middle].number == number)
			return table[middle].name;
		if (table[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

#define NAME_OF(table, number) name_of(table, sizeof(table) / sizeof(*(table)), number)

static struct bytes name_or_number(const char *name, uint16_t number, struct arena *arena)
{
	return name ? bytes_of(name) : arena_print(arena, "0x%04x", number);
}

struct bytes tls_suite_name(uint16_t suite, struct arena *arena)
{
	uint16_t place = suite_places[suite_page[suite >> 8]][suite & 255];

	return place ? suites[place - 1].name : arena_print(arena, "0x%04x", suite);
}

struct bytes tls_group_name(uint16_t group, struct arena *arena)
{
	return name_or_number(NAME_OF(groups, group), group, arena);
}

const char *tls_version_name(uint16_t version)
{
	return NAME_OF(versions, version);
}

const char *tls_alert_name(uint8_t description)
{
	return NAME_OF(alerts, description);
}

/* Parts of suites' names, between underscores. A suite without encryption says NULL, or, in TLS
 * 1.3, only names two hashes (RFC 9150). */
static const struct {
	struct bytes part;
	struct bytes word;
} weak_parts[] = {
        {BYTES_INIT("NULL"), BYTES_INIT("null")},      {BYTES_INIT("EXPORT"), BYTES_INIT("export")},
        {BYTES_INIT("anon"), BYTES_INIT("anonymous")}, {BYTES_INIT("RC4"), BYTES_INIT("rc4")},
        {BYTES_INIT("RC2"), BYTES_INIT("rc2")},        {BYTES_INIT("DES"), BYTES_INIT("des")},
        {BYTES_INIT("DES40"), BYTES_INIT("des")},      {BYTES_INIT("3DES"), BYTES_INIT("3des")},
        {BYTES_INIT("IDEA"), BYTES_INIT("idea")},      {BYTES_INIT("MD5"), BYTES_INIT("md5")},
};

static size_t add_word(struct bytes words[TLS_WEAKNESSES], size_t n, struct bytes word)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_equal(words[i], word))
			return n;
	if (n < TLS_WEAKNESSES)
		words[n++] = word;
	return n;
}

size_t tls_suite_weaknesses(struct bytes name, struct bytes words[TLS_WEAKNESSES])
{
	size_t n = 0;

	if (bytes_starts_with_fold(name, BYTES("TLS_SHA")))
		n = add_word(words, n, BYTES("null"));
	for (struct reader r = reader_over(name); reader_left(&r);) {
		struct reader ahead = r;
		struct bytes part = reader_until(&ahead, '_');

		if (!reader_ok(&ahead))
			part = reader_rest(&r);
		r = ahead;
		for (size_t i = 0; i < sizeof(weak_parts) / sizeof(*weak_parts); i++)
			if (bytes_equal(part, weak_parts[i].part))
				n = add_word(words, n, weak_parts[i].word);
	}
	return n;
}
