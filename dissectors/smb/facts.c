/* What is known of sessions, trees and files, as events. */
#include "dissectors/configmgr/share.h"
#include "dissectors/smb/smb.h"

static const struct {
	uint16_t dialect;
	struct bytes name;
} dialects[] = {
        {DIALECT_NT_LM_0_12, BYTES_INIT("NT LM 0.12")},
        {DIALECT_2_0_2, BYTES_INIT("2.0.2")},
        {DIALECT_2_1, BYTES_INIT("2.1")},
        {DIALECT_2_WILDCARD, BYTES_INIT("2.???")},
        {DIALECT_3_0, BYTES_INIT("3.0")},
        {DIALECT_3_0_2, BYTES_INIT("3.0.2")},
        {DIALECT_3_1_1, BYTES_INIT("3.1.1")},
};

#define DIALECTS (sizeof(dialects) / sizeof(*dialects))

/* MS-ERREF section 2.3.1: those that servers answer with to what is read here. */
static const struct {
	uint32_t status;
	struct bytes name;
} statuses[] = {
        {STATUS_SUCCESS, BYTES_INIT("STATUS_SUCCESS")},
        {STATUS_BUFFER_OVERFLOW, BYTES_INIT("STATUS_BUFFER_OVERFLOW")},
        {0xc0000008, BYTES_INIT("STATUS_INVALID_HANDLE")},
        {0xc000000d, BYTES_INIT("STATUS_INVALID_PARAMETER")},
        {0xc000000f, BYTES_INIT("STATUS_NO_SUCH_FILE")},
        {STATUS_MORE_PROCESSING_REQUIRED, BYTES_INIT("STATUS_MORE_PROCESSING_REQUIRED")},
        {0xc0000022, BYTES_INIT("STATUS_ACCESS_DENIED")},
        {0xc0000033, BYTES_INIT("STATUS_OBJECT_NAME_INVALID")},
        {0xc0000034, BYTES_INIT("STATUS_OBJECT_NAME_NOT_FOUND")},
        {0xc0000035, BYTES_INIT("STATUS_OBJECT_NAME_COLLISION")},
        {0xc000003a, BYTES_INIT("STATUS_OBJECT_PATH_NOT_FOUND")},
        {0xc0000043, BYTES_INIT("STATUS_SHARING_VIOLATION")},
        {0xc0000056, BYTES_INIT("STATUS_DELETE_PENDING")},
        {0xc0000064, BYTES_INIT("STATUS_NO_SUCH_USER")},
        {0xc000006a, BYTES_INIT("STATUS_WRONG_PASSWORD")},
        {0xc000006d, BYTES_INIT("STATUS_LOGON_FAILURE")},
        {0xc000006e, BYTES_INIT("STATUS_ACCOUNT_RESTRICTION")},
        {0xc0000070, BYTES_INIT("STATUS_INVALID_WORKSTATION")},
        {0xc0000071, BYTES_INIT("STATUS_PASSWORD_EXPIRED")},
        {0xc0000072, BYTES_INIT("STATUS_ACCOUNT_DISABLED")},
        {0xc000007f, BYTES_INIT("STATUS_DISK_FULL")},
        {0xc000009a, BYTES_INIT("STATUS_INSUFFICIENT_RESOURCES")},
        {0xc00000ac, BYTES_INIT("STATUS_PIPE_NOT_AVAILABLE")},
        {0xc00000ba, BYTES_INIT("STATUS_FILE_IS_A_DIRECTORY")},
        {0xc00000bb, BYTES_INIT("STATUS_NOT_SUPPORTED")},
        {0xc00000c9, BYTES_INIT("STATUS_NETWORK_NAME_DELETED")},
        {0xc00000ca, BYTES_INIT("STATUS_NETWORK_ACCESS_DENIED")},
        {0xc00000cc, BYTES_INIT("STATUS_BAD_NETWORK_NAME")},
        {0xc00000d0, BYTES_INIT("STATUS_REQUEST_NOT_ACCEPTED")},
        {0xc0000101, BYTES_INIT("STATUS_DIRECTORY_NOT_EMPTY")},
        {0xc0000103, BYTES_INIT("STATUS_NOT_A_DIRECTORY")},
        {0xc000015b, BYTES_INIT("STATUS_LOGON_TYPE_NOT_GRANTED")},
        {0xc0000203, BYTES_INIT("STATUS_USER_SESSION_DELETED")},
        {0xc0000234, BYTES_INIT("STATUS_ACCOUNT_LOCKED_OUT")},
        {0xc000035c, BYTES_INIT("STATUS_NETWORK_SESSION_EXPIRED")},
};

static const struct bytes dispositions[] = {BYTES_INIT("supersede"), BYTES_INIT("open"),
                                            BYTES_INIT("create"),    BYTES_INIT("open-if"),
                                            BYTES_INIT("overwrite"), BYTES_INIT("overwrite-if")};
static const struct bytes actions[] = {BYTES_INIT("superseded"), BYTES_INIT("opened"),
                                       BYTES_INIT("created"), BYTES_INIT("overwritten")};

/* MS-SMB2 section 2.2.13.1.1: what an access mask asks, in words. */
static const struct {
	uint32_t mask;
	struct bytes name;
} accesses[] = {
        {0x80000000 | 0x20000000 | 0x10000000 | 0x02000000 | 0x1, BYTES_INIT("read")},
        {0x40000000 | 0x10000000 | 0x2, BYTES_INIT("write")},
        {0x10000000 | 0x4, BYTES_INIT("append")},
        {0x10000000 | 0x10000, BYTES_INIT("delete")},
        {0x10000000 | 0x40000, BYTES_INIT("write-permissions")},
        {0x10000000 | 0x80000, BYTES_INIT("write-owner")},
};

#define ACCESSES (sizeof(accesses) / sizeof(*accesses))

void smb_offered(struct smb_state *st, unsigned dialect)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (dialects[i].dialect == dialect)
			st->offered |= (uint16_t)(1u << i);
}

static void set_text(struct event *ev, enum field f, struct bytes text)
{
	if (text.len)
		event_set_text(ev, f, text);
}

void smb_negotiated_facts(const void *context, struct event *ev)
{
	const struct smb_state *st = context;
	bool required = (st->mode[CLIENT] | st->mode[SERVER]) & SIGNING_REQUIRED;

	for (size_t i = 0; i < DIALECTS; i++)
		if (dialects[i].dialect == st->dialect)
			event_set_text(ev, FIELD_CONFIGMGR_SMB_DIALECT, dialects[i].name);
	if (required || (st->mode_seen[CLIENT] && st->mode_seen[SERVER]))
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_SIGNING_REQUIRED, required);
	event_set_name(ev, FIELD_CONFIGMGR_SMB_SIGNING_ALGORITHM, st->signing);
	event_set_name(ev, FIELD_CONFIGMGR_SMB_CIPHER, st->cipher);
	set_text(ev, FIELD_CONFIGMGR_SMB_NETNAME, smb_text_view(&st->netname));
}

static void state_connection(struct dissection *d, struct event *ev)
{
	const struct smb_state *st = d->state;
	struct bytes *names = arena_alloc(&d->bench->scratch, DIALECTS * sizeof(*names));
	size_t n = 0;

	smb_negotiated_facts(st, ev);
	for (size_t i = 0; names && i < DIALECTS; i++)
		if (st->offered >> i & 1)
			names[n++] = dialects[i].name;
	if (names)
		event_set_texts(ev, FIELD_CONFIGMGR_SMB_DIALECTS_OFFERED, names, n);
}

const char *smb_session_state(const struct smb_session *session)
{
	if (!session->open)
		return NULL;
	if (session->guest)
		return "guest";
	if (session->null || session->account.anonymous)
		return "anonymous";
	return session->proved ? "authenticated" : NULL;
}

void smb_session_facts(const struct smb_session *session, struct event *ev)
{
	logon_account_facts(&session->account, ev);
	event_set_name(ev, FIELD_CONFIGMGR_AUTH_STATE, smb_session_state(session));
	if (session->open) {
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_GUEST, session->guest);
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_ENCRYPTED, session->encrypted);
	}
}

/* As "0x%llx" would print it: every event about a file has one. */
static struct bytes hexadecimal(struct arena *scratch, uint64_t number)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *text = arena_alloc(scratch, 18);
	size_t len = 2;

	if (!text)
		return (struct bytes){0};
	for (uint64_t rest = number; rest; rest >>= 4)
		len++;
	text[0] = '0';
	text[1] = 'x';
	for (size_t at = len; at > 2; number >>= 4)
		text[--at] = (uint8_t)digits[number & 15];
	return (struct bytes){text, len};
}

static void state_session(struct dissection *d, struct event *ev, const struct smb_session *session)
{
	if (!session)
		return;
	if (session->id)
		event_set_text(ev, FIELD_CONFIGMGR_SMB_SESSION_ID,
		               hexadecimal(&d->bench->scratch, session->id));
	smb_session_facts(session, ev);
}

/* The share of `\\host\share`, the host, and both. */
static void state_tree(struct event *ev, const struct smb_tree *tree)
{
	if (!tree)
		return;

	struct bytes path = {(const uint8_t *)tree->path, tree->path_len};
	struct reader r = reader_over(path);

	event_set_name(ev, FIELD_CONFIGMGR_SMB_SHARE_TYPE, tree->type);
	if (tree->encrypted)
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_ENCRYPTED, true);
	if (bytes_starts_with_fold(path, BYTES("\\\\"))) {
		reader_skip(&r, 2);
		set_text(ev, FIELD_CONFIGMGR_SMB_HOST, reader_until(&r, '\\'));
	}
	if (!reader_ok(&r) || tree->path_cut)
		return;
	set_text(ev, FIELD_CONFIGMGR_SMB_SHARE, reader_rest(&r));
	set_text(ev, FIELD_CONFIGMGR_SMB_TREE, path);
}

static void state_status(struct dissection *d, struct event *ev, uint32_t status)
{
	event_set_text(ev, FIELD_EVENT_OUTCOME,
	               smb_succeeded(status) ? BYTES("success") : BYTES("failure"));
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].status == status) {
			event_set_text(ev, FIELD_CONFIGMGR_SMB_STATUS, statuses[i].name);
			return;
		}
	event_set_text(ev, FIELD_CONFIGMGR_SMB_STATUS,
	               status >> 28 == 0xe ? arena_print(&d->bench->scratch, "DOS %u/%u",
	                                                 status >> 16 & 0xff, status & 0xffff)
	                                   : arena_print(&d->bench->scratch, "0x%08x", status));
}

/* Where encryption is demanded it is what carries everything that follows, unless what is below
 * encrypts already. Files that can be told at all were not encrypted. */
static void state_security(struct dissection *d, struct event *ev)
{
	if (event_integer(ev, FIELD_CONFIGMGR_SMB_ENCRYPTED, false) && d->flow->security &&
	    !strcmp(d->flow->security, "cleartext"))
		event_set_name(ev, FIELD_CONFIGMGR_TRANSPORT_SECURITY, "smb");
}

void smb_tell_session(struct dissection *d, const struct smb_session *session, bool answered,
                      uint32_t status)
{
	struct event *ev = dissection_event(d, EVENT_SMB_SESSION);

	state_connection(d, ev);
	state_session(d, ev, session);
	logon_facts(&session->logon, ev);
	if (answered)
		state_status(d, ev, status);
	else
		d->bench->degraded |= DEGRADED_UNANSWERED;
	state_security(d, ev);
	count(d->bench->counters, COUNTER_SMB_SESSIONS);
	dissection_emit(d);
}

void smb_tell_tree(struct dissection *d, const struct smb_tree *tree, uint32_t status)
{
	struct event *ev = dissection_event(d, EVENT_SMB_TREE);

	state_connection(d, ev);
	state_session(d, ev, smb_session_at(d, tree->session));
	state_tree(ev, tree);
	configmgr_share_facts(ev);
	state_status(d, ev, status);
	state_security(d, ev);
	if (tree->path_cut)
		d->bench->degraded |= DEGRADED_OVER_CAP;
	dissection_emit(d);
}

static void state_access(struct dissection *d, struct event *ev, uint32_t access)
{
	struct bytes *names = arena_alloc(&d->bench->scratch, ACCESSES * sizeof(*names));
	size_t n = 0;

	for (size_t i = 0; names && i < ACCESSES; i++)
		if (access & accesses[i].mask)
			names[n++] = accesses[i].name;
	if (names)
		event_set_texts(ev, FIELD_CONFIGMGR_SMB_ACCESS, names, n);
	event_set_integer(ev, FIELD_CONFIGMGR_SMB_ACCESS_MASK, access);
}

static struct bytes last_part(struct bytes path)
{
	size_t at = path.len;

	while (at && path.at[at - 1] != '\\')
		at--;
	return bytes_slice(path, at, path.len);
}

static void state_names(struct event *ev, const struct smb_file *file)
{
	struct bytes path = {(const uint8_t *)file->name, file->name_len};
	struct bytes renamed = {(const uint8_t *)file->rename, file->rename_len};

	set_text(ev, FIELD_FILE_PATH, path);
	if (!(file->facts & FILE_CUT))
		set_text(ev, FIELD_FILE_NAME, last_part(path));
	set_text(ev, FIELD_CONFIGMGR_SMB_PATTERN,
	         (struct bytes){(const uint8_t *)file->pattern, file->pattern_len});
	if (file->facts & FILE_RENAMED)
		set_text(ev, FIELD_CONFIGMGR_SMB_RENAMED_TO, renamed);
}

static void state_opening(struct dissection *d, struct event *ev, const struct smb_file *file)
{
	if (file->facts & FILE_ACCESS)
		state_access(d, ev, file->access);
	if (file->facts & FILE_DISPOSITION &&
	    file->disposition < sizeof(dispositions) / sizeof(*dispositions))
		event_set_text(ev, FIELD_CONFIGMGR_SMB_DISPOSITION,
		               dispositions[file->disposition]);
	if (file->facts & FILE_ACTION && file->action < sizeof(actions) / sizeof(*actions))
		event_set_text(ev, FIELD_CONFIGMGR_SMB_ACTION, actions[file->action]);
	if (file->facts & FILE_SIZE)
		event_set_integer(ev, FIELD_FILE_SIZE, (int64_t)(file->size & INT64_MAX));
	if (file->facts & FILE_STATUS)
		state_status(d, ev, file->status);
	else
		d->bench->degraded |= DEGRADED_UNANSWERED;
	if (file->facts & FILE_ACTION)
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_DIRECTORY, file->facts & FILE_DIRECTORY);
}

void smb_tell_file(struct dissection *d, const struct smb_file *file)
{
	struct event *ev = dissection_event(d, EVENT_SMB_FILE);

	/* What can be told was not encrypted. */
	((struct smb_state *)d->state)->clear = true;
	d->carriage = CARRIED_CLEAR;
	event_set_time(ev, FIELD_EVENT_START, file->opened_at);
	state_session(d, ev, smb_session_at(d, file->session));
	state_tree(ev, smb_tree_at(d, file->tree));
	event_set_name(ev, FIELD_CONFIGMGR_SMB_OPERATION, file->operation);
	state_names(ev, file);
	configmgr_share_file_facts(ev);
	count(d->bench->counters, COUNTER_SMB_FILES);
	if (!dissection_matters(d, 1u << SETTER_SMB)) {
		dissection_pass_over(d);
		return;
	}
	state_connection(d, ev);
	state_opening(d, ev, file);
	event_set_integer(ev, FIELD_CONFIGMGR_SMB_BYTES_READ, (int64_t)file->bytes_read);
	event_set_integer(ev, FIELD_CONFIGMGR_SMB_BYTES_WRITTEN, (int64_t)file->bytes_written);
	event_set_integer(ev, FIELD_CONFIGMGR_SMB_LISTINGS, file->listings);
	if (file->facts & (FILE_SIGNED | FILE_NOT_SIGNED))
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_SIGNED, !(file->facts & FILE_NOT_SIGNED));
	if (file->facts & FILE_STATUS && smb_succeeded(file->status))
		event_set_boolean(ev, FIELD_CONFIGMGR_SMB_DELETED, file->facts & FILE_DELETED);
	if (file->facts & (FILE_CUT | FILE_RENAME_CUT | FILE_EVICTED))
		d->bench->degraded |= DEGRADED_OVER_CAP;
	dissection_emit(d);
}
