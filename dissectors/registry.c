/* All protocols in one place: those that are dissected, and those that are only recognised. */
#include "core/reader.h"
#include "dissectors/dissector.h"

extern const struct dissector http;

const struct dissector *const dissectors[] = {
        &http,
        NULL,
};

/* The first bytes of protocols that nothing here reads: knowing them ends the search at once. `-`
 * in a pattern stands for any byte. */
static const struct {
	const char *name;
	const char *pattern;
	uint8_t length;
} first_bytes[] = {
        {"tls", "\x16\x03-", 3},
        {"smb", "\x00---\xffSMB", 8},
        {"smb", "\x00---\xfeSMB", 8},
        {"smb", "\x00---\xfdSMB", 8},
        {"ssh", "SSH-", 4},
        {"dce_rpc", "\x05\x00", 2},
        {"rdp", "\x03\x00--", 4},
        {"tds", "\x12\x01--\x00\x00", 6},
        {"ldap", "\x30\x84\x00\x00", 4},
        {"ftp", "220 ", 4},
        {"ftp", "220-", 4},
};

static bool fits(struct bytes first, const char *pattern, uint8_t length)
{
	struct reader r = reader_over(first);

	for (uint8_t i = 0; i < length; i++) {
		uint8_t byte = reader_u8(&r);

		if (pattern[i] != '-' && byte != (uint8_t)pattern[i])
			return false;
	}
	return reader_ok(&r);
}

const char *protocol_by_first_bytes(struct bytes first, enum side from)
{
	(void)from;
	for (size_t i = 0; i < sizeof(first_bytes) / sizeof(*first_bytes); i++)
		if (fits(first, first_bytes[i].pattern, first_bytes[i].length))
			return first_bytes[i].name;
	return NULL;
}
