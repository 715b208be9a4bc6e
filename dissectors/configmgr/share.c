/* Shares of site systems, and the names in them (network.md sections 1.1 and 1.2).
 *
 * A share tells which role its server is addressed in; a path tells what a file is for: contents of
 * packages, the content library, packages on their way between sites, inboxes, keys of sites, the
 * client that is pushed, media for the deployment of systems. Names are compared without regard to
 * case. Nothing is kept between events. */
#include "dissectors/configmgr/share.h"

#include "core/reader.h"

/* A name, or its beginning and end; `code` where three characters of a site code stand between
 * them, `letter` where one letter of a drive does. */
enum between { NOTHING, CODE, LETTER, ANYTHING };

static const struct share {
	const char *begins, *ends;
	enum between between;
	const char *kind, *role;
} shares[] = {
        {"SMS_SITE", "", NOTHING, "site-to-site", "site-server"},
        {"SMS_DP$", "", NOTHING, "distribution-point", "distribution-point"},
        {"SMS_CPSC$", "", NOTHING, "package-store", "site-server"},
        {"SMS_SUIAgent", "", NOTHING, "update-agent", "site-server"},
        {"SMS_OCM_DATACACHE", "", NOTHING, "site", "site-server"},
        {"AdminUIContentPayload", "", NOTHING, "site-payload", "site-server"},
        {"EasySetupPayload", "", NOTHING, "site-payload", "site-server"},
        {"SMS_", "", CODE, "site", "site-server"},
        {"SMSClient", "", NOTHING, "client-source", NULL},
        {"SMSPKG", "$", LETTER, "content", "distribution-point"},
        {"SMSPKG", "", NOTHING, "content", NULL},
        {"SMSSIG$", "", NOTHING, "signatures", "distribution-point"},
        {"SCCMContentLib$", "", NOTHING, "content-library", "distribution-point"},
        {"REMINST", "", NOTHING, "boot", "pxe-point"},
        {"SMSPXEIMAGES$", "", NOTHING, "boot", "pxe-point"},
        {"SMPSTORE", "", ANYTHING, "state-migration", "state-migration-point"},
        {"UpdateServicesPackages", "", NOTHING, "updates", "software-update-point"},
        {"WsusContent", "", NOTHING, "updates", "software-update-point"},
        {"WSUSTemp", "", NOTHING, "updates", "software-update-point"},
        {"ConfigMgr_MPReplica", "", NOTHING, "database-replica", NULL},
        {"CAP_", "", CODE, "client-access-point", NULL},
        {"SMSLOGON", "", NOTHING, "logon-point", NULL},
        {"ADMIN$", "", NOTHING, "admin", NULL},
        {"", "$", LETTER, "admin", NULL},
        {"IPC$", "", NOTHING, "pipes", NULL},
};

#define SHARES (sizeof(shares) / sizeof(*shares))

/* Which of them can have a name with that first byte, a bit each: of most names none can. Made
 * before main(). */
static uint32_t shares_with[256];

_Static_assert(SHARES <= 32, "each share has a bit");

__attribute__((constructor)) static void sort_shares(void)
{
	for (size_t i = 0; i < SHARES; i++)
		for (unsigned c = 0; c < 256; c++)
			if (!shares[i].begins[0] ||
			    ascii_lower((uint8_t)shares[i].begins[0]) == ascii_lower((uint8_t)c))
				shares_with[c] |= UINT32_C(1) << i;
}

static bool is_letter(uint8_t c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_code(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_letter(text.at[i]) && !is_digit(text.at[i]))
			return false;
	return text.len == 3;
}

static bool fits(const struct share *s, struct bytes name, struct bytes *between)
{
	struct bytes begins = bytes_of(s->begins), ends = bytes_of(s->ends);

	if (name.len < begins.len + ends.len || !bytes_starts_with_fold(name, begins) ||
	    !bytes_ends_with_fold(name, ends))
		return false;
	*between = bytes_slice(name, begins.len, name.len - begins.len - ends.len);
	switch (s->between) {
	case CODE:
		return is_code(*between);
	case LETTER:
		return between->len == 1 && is_letter(between->at[0]);
	case ANYTHING:
		return true;
	default:
		return !between->len;
	}
}

void configmgr_share_facts(struct event *ev)
{
	struct bytes name = event_text(ev, FIELD_CONFIGMGR_SMB_SHARE), between;
	uint32_t rest = name.len ? shares_with[name.at[0]] : 0;

	for (; rest; rest &= rest - 1) {
		const struct share *s = &shares[__builtin_ctz(rest)];

		if (!fits(s, name, &between))
			continue;
		event_set_name(ev, FIELD_CONFIGMGR_SHARE_KIND, s->kind);
		event_set_name(ev, FIELD_CONFIGMGR_SERVER_ROLE, s->role);
		if (s->between == CODE)
			event_set_text(ev, FIELD_CONFIGMGR_SITE_CODE, between);
		return;
	}
}

/* The part of a path up to the next backslash, which is consumed. */
static struct bytes next_part(struct reader *r)
{
	struct reader ahead = *r;
	struct bytes part = reader_until(&ahead, '\\');

	if (reader_ok(&ahead)) {
		*r = ahead;
		return part;
	}
	return reader_take(r, reader_left(r));
}

/* Site code and five hexadecimal digits, with a version behind a dot in some places. */
static bool is_package(struct bytes id)
{
	bool digit = false;

	if (id.len != 8)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		bool hex = hex_digit(id.at[i]) >= 0;

		if (i < 3 ? !is_letter(id.at[i]) && !is_digit(id.at[i]) : !hex)
			return false;
		digit |= is_digit(id.at[i]);
	}
	return digit;
}

static bool is_hexadecimal(struct bytes text, size_t len)
{
	for (size_t i = 0; i < text.len; i++)
		if (hex_digit(text.at[i]) < 0)
			return false;
	return text.len == len;
}

static bool ends_like(struct bytes name, const char *ending)
{
	return bytes_ends_with_fold(name, bytes_of(ending));
}

static void set_file(struct event *ev, const char *meaning)
{
	event_set_name(ev, FIELD_CONFIGMGR_SHARE_FILE, meaning);
}

/* `<request id>.PCK`, and `.TMP` that becomes `.SNI` when all is there: the id is of eight
 * characters, the last three of them the code of the sending site. */
static void replication_file(struct event *ev, struct bytes name)
{
	struct bytes to = event_text(ev, FIELD_CONFIGMGR_SMB_RENAMED_TO);

	if (ends_like(name, ".pck"))
		set_file(ev, "replication-package");
	else if (ends_like(to, ".sni"))
		set_file(ev, "replication-commit");
	else if (ends_like(name, ".tmp") || ends_like(name, ".sni"))
		set_file(ev, "replication-instruction");
	if (event_has(ev, FIELD_CONFIGMGR_SHARE_FILE) && name.len == 12 &&
	    is_code(bytes_slice(name, 5, 3)))
		event_set_text(ev, FIELD_CONFIGMGR_REPLICATION_SITE, bytes_slice(name, 5, 3));
}

/* Whether a part of a path begins with `inboxes`: a quick look at the first letters of parts. */
static bool may_have_inbox(struct bytes path)
{
	struct reader r = reader_over(path);

	while (reader_left(&r)) {
		if (ascii_lower(reader_rest(&r).at[0]) == 'i' &&
		    bytes_starts_with_fold(reader_rest(&r), BYTES("inboxes\\")))
			return true;
		reader_until(&r, '\\');
	}
	return false;
}

/* `inboxes\<box>\...`, below the share of a site or below a drive; boxes below `auth` have two
 * parts. */
static bool inbox_file(struct event *ev, struct bytes path)
{
	struct reader r = reader_over(path);
	ptrdiff_t at = may_have_inbox(path) ? bytes_find_fold(path, BYTES("inboxes\\")) : -1;

	if (at < 0 || (at > 0 && path.at[at - 1] != '\\'))
		return false;
	reader_skip(&r, (size_t)at + 8);

	struct reader box = r;
	struct bytes part = next_part(&r);

	if (bytes_equal_fold(part, BYTES("auth")))
		part = (struct bytes){part.at, part.len + 1 + next_part(&r).len};
	event_set_text(ev, FIELD_CONFIGMGR_SHARE_INBOX,
	               bytes_slice(reader_rest(&box), 0, part.len));
	set_file(ev, "inbox");
	return true;
}

/* `<code>.CT4` to `.CT7`: keys on their way; `.PKC`, `.PKP`: keys as a site keeps them. */
static bool key_file(struct event *ev, struct bytes name)
{
	static const char *const endings[] = {".ct4", ".ct5", ".ct6", ".ct7", ".pkc", ".pkp"};

	if (name.len != 7 || !is_code(bytes_slice(name, 0, 3)))
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (!ends_like(name, endings[i]))
			continue;
		set_file(ev, "public-key");
		return true;
	}
	return false;
}

static bool media_file(struct event *ev, struct bytes name)
{
	if (ends_like(name, ".boot.var") || bytes_equal_fold(name, BYTES("variables.dat")))
		set_file(ev, "media-variables");
	else if (ends_like(name, ".boot.bcd"))
		set_file(ev, "boot-configuration");
	else if (bytes_starts_with_fold(name, BYTES("boot.")) && ends_like(name, ".wim"))
		set_file(ev, "boot-image");
	else
		return false;
	return true;
}

/* What is copied to a computer that shall become a client. */
static bool push_file(struct event *ev, struct bytes path, struct bytes name)
{
	static const char *const names[] = {"ccmsetup.exe", "ccmsetup.msi", "ccmsetup.cab",
	                                    "client.msi", "MobileClient.tcf"};

	if (bytes_find_fold(path, BYTES("ccmsetup\\")) < 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (bytes_equal_fold(name, bytes_of(names[i])))
			set_file(ev, "client-push");
	return event_has(ev, FIELD_CONFIGMGR_SHARE_FILE);
}

/* `PkgLib\<package>.INI`, `DataLib\<content>[\...\<file>.INI]`, `FileLib\<4 hex>\<64 hex>` */
static void library_file(struct event *ev, struct bytes path, struct bytes name)
{
	static const char *const parts[] = {"pkglib", "datalib", "filelib"};
	struct reader r = reader_over(path);
	struct bytes first = next_part(&r);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (bytes_equal_fold(first, bytes_of(parts[i])))
			event_set_name(ev, FIELD_CONFIGMGR_CONTENT_LIBRARY, parts[i]);
	set_file(ev, "content-library");
	if (bytes_equal_fold(first, BYTES("FileLib")) && name.len && !ends_like(name, ".ini") &&
	    !ends_like(name, ".sig") && name.len > 4)
		set_file(ev, "content");
	if (bytes_equal_fold(first, BYTES("FileLib")) && is_hexadecimal(name, 64))
		event_set_text(ev, FIELD_CONFIGMGR_CONTENT_HASH, name);
}

/* `<package>\...` */
static void package_file(struct event *ev, struct bytes path, bool anywhere)
{
	struct reader r = reader_over(path);
	struct bytes id = next_part(&r);

	if (is_package(id))
		event_set_text(ev, FIELD_CONFIGMGR_CONTENT_ID, id);
	if (reader_left(&r) && (is_package(id) || anywhere))
		set_file(ev, "content");
}

/* `<64 hex>-<content>.temp` */
static void transfer_file(struct event *ev, struct bytes name)
{
	if (name.len <= 70 || !is_hexadecimal(bytes_slice(name, 0, 64), 64) || name.at[64] != '-' ||
	    !ends_like(name, ".temp"))
		return;
	event_set_text(ev, FIELD_CONFIGMGR_CONTENT_ID, bytes_slice(name, 65, name.len - 70));
	set_file(ev, "content-transfer");
}

void configmgr_share_file_facts(struct event *ev)
{
	struct bytes path = event_text(ev, FIELD_FILE_PATH), name = event_text(ev, FIELD_FILE_NAME);
	struct bytes kind;

	configmgr_share_facts(ev);
	kind = event_text(ev, FIELD_CONFIGMGR_SHARE_KIND);
	if (!path.len || event_text_is(ev, FIELD_CONFIGMGR_SMB_SHARE_TYPE, "pipe"))
		return;
	/* A key says more than the inbox it is put into. */
	if (inbox_file(ev, path)) {
		key_file(ev, name);
		return;
	}
	if (key_file(ev, name) || media_file(ev, name))
		return;
	if (bytes_equal(kind, BYTES("site-to-site")))
		replication_file(ev, name);
	else if (bytes_equal(kind, BYTES("content-library")))
		library_file(ev, path, name);
	else if (bytes_equal(kind, BYTES("distribution-point")))
		transfer_file(ev, name);
	else if (bytes_equal(kind, BYTES("signatures")))
		set_file(ev, "content-signature");
	else if (bytes_equal(kind, BYTES("state-migration")))
		set_file(ev, "state-store");
	else if (bytes_equal(kind, BYTES("client-source")) ||
	         (bytes_equal(kind, BYTES("site")) &&
	          bytes_starts_with_fold(path, BYTES("Client\\"))))
		set_file(ev, "client-source");
	else if (bytes_equal(kind, BYTES("admin")))
		push_file(ev, path, name);
	else if (!kind.len || bytes_equal(kind, BYTES("content")))
		package_file(ev, path, bytes_equal(kind, BYTES("content")));
}
