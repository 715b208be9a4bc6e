/* What is open on a connection: sessions, trees, files, and requests without reply.
 *
 * Each kind is a list in the order of opening. Where a cap is reached the oldest goes: a file is
 * told as far as it was read, with what it lacks marked. */
#include "dissectors/dce_rpc.h"
#include "dissectors/smb/smb.h"

_Static_assert(sizeof(struct smb_session) <= SESSION_RECORD, "a session fits its record");
_Static_assert(sizeof(struct smb_tree) <= TREE_RECORD, "a tree fits its record");
_Static_assert(sizeof(struct smb_file) <= FILE_RECORD, "a file fits its record");
_Static_assert(sizeof(struct smb_request) <= REQUEST_RECORD, "a request fits its record");
_Static_assert(sizeof(struct dce_rpc) <= BLOCK_SIZE, "what reads a pipe fits a block");

static struct smb_state *state_of(struct dissection *d)
{
	return d->state;
}

struct smb_session *smb_session_new(struct dissection *d)
{
	struct smb_state *st = state_of(d);

	if (st->session.count >= d->bench->limits.smb_sessions) {
		count(d->bench->counters, COUNTER_SMB_SESSIONS_OVER_CAP);
		smb_session_end(d, record_first(&d->bench->blocks, SESSION_RECORD, &st->session));
	}
	return record_take(&d->bench->blocks, &st->sessions, SESSION_RECORD, &st->session,
	                   &st->serial);
}

struct smb_tree *smb_tree_new(struct dissection *d, const struct smb_session *session)
{
	struct smb_state *st = state_of(d);
	struct smb_tree *tree;

	if (st->tree.count >= d->bench->limits.smb_trees) {
		count(d->bench->counters, COUNTER_SMB_TREES_OVER_CAP);
		smb_tree_end(d, record_first(&d->bench->blocks, TREE_RECORD, &st->tree));
	}
	tree = record_take(&d->bench->blocks, &st->trees, TREE_RECORD, &st->tree, &st->serial);
	if (tree && session)
		tree->session = record_reference(&session->record);
	return tree;
}

struct smb_file *smb_file_new(struct dissection *d, const struct smb_session *session,
                              const struct smb_tree *tree, const char *operation)
{
	struct smb_state *st = state_of(d);
	struct smb_file *file;

	if (st->file.count >= d->bench->limits.smb_files) {
		count(d->bench->counters, COUNTER_SMB_FILES_OVER_CAP);
		file = record_first(&d->bench->blocks, FILE_RECORD, &st->file);
		file->facts |= FILE_EVICTED;
		smb_file_end(d, file);
	}
	file = record_take(&d->bench->blocks, &st->files, FILE_RECORD, &st->file, &st->serial);
	if (!file)
		return NULL;
	if (session)
		file->session = record_reference(&session->record);
	else if (tree)
		file->session = tree->session;
	if (tree) {
		file->tree = record_reference(&tree->record);
		if (tree->type && !strcmp(tree->type, "pipe"))
			file->facts |= FILE_IS_PIPE;
	}
	file->operation = operation;
	file->opened_at = d->bench->now;
	return file;
}

struct smb_request *smb_request_new(struct dissection *d, uint64_t message_id, unsigned command)
{
	struct smb_state *st = state_of(d);
	struct smb_request *request = smb_request_by_id(d, message_id);

	if (request)
		smb_request_done(d, request);
	if (st->request.count >= d->bench->limits.smb_requests) {
		count(d->bench->counters, COUNTER_SMB_REQUESTS_OVER_CAP);
		smb_request_done(d, record_first(&d->bench->blocks, REQUEST_RECORD, &st->request));
	}
	request = record_take(&d->bench->blocks, &st->requests, REQUEST_RECORD, &st->request,
	                      &st->serial);
	if (!request)
		return NULL;
	request->message_id = message_id;
	request->command = (uint16_t)command;
	return request;
}

struct smb_session *smb_session_by_id(struct dissection *d, uint64_t id)
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_session *s = record_first(pool, SESSION_RECORD, &state_of(d)->session);

	while (s && s->id != id)
		s = record_next(pool, SESSION_RECORD, &s->record);
	return id ? s : NULL;
}

struct smb_session *smb_session_adopt(struct dissection *d, uint64_t id)
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_session *s = record_first(pool, SESSION_RECORD, &state_of(d)->session);
	struct smb_session *found = NULL;

	for (; s && id; s = record_next(pool, SESSION_RECORD, &s->record)) {
		if (s->id || s->answered || s->logon.step != LOGON_PROVED)
			continue;
		if (found)
			return NULL;
		found = s;
	}
	if (found)
		found->id = id;
	return found;
}

struct smb_tree *smb_tree_by_id(struct dissection *d, uint32_t id)
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_tree *t = record_first(pool, TREE_RECORD, &state_of(d)->tree);

	while (t && !(t->open && t->id == id))
		t = record_next(pool, TREE_RECORD, &t->record);
	return t;
}

struct smb_file *smb_file_by_id(struct dissection *d, const uint8_t id[16])
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_file *f = record_first(pool, FILE_RECORD, &state_of(d)->file);

	while (f && !(f->open && !memcmp(f->id, id, sizeof(f->id))))
		f = record_next(pool, FILE_RECORD, &f->record);
	return f;
}

struct smb_request *smb_request_by_id(struct dissection *d, uint64_t message_id)
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_request *r = record_first(pool, REQUEST_RECORD, &state_of(d)->request);

	while (r && r->message_id != message_id)
		r = record_next(pool, REQUEST_RECORD, &r->record);
	return r;
}

struct smb_session *smb_session_at(struct dissection *d, struct record_reference reference)
{
	return record_find(&d->bench->blocks, SESSION_RECORD, reference);
}

struct smb_tree *smb_tree_at(struct dissection *d, struct record_reference reference)
{
	return record_find(&d->bench->blocks, TREE_RECORD, reference);
}

struct smb_file *smb_file_at(struct dissection *d, struct record_reference reference)
{
	return record_find(&d->bench->blocks, FILE_RECORD, reference);
}

void smb_request_done(struct dissection *d, struct smb_request *request)
{
	struct smb_state *st = state_of(d);

	record_give(&d->bench->blocks, &st->requests, REQUEST_RECORD, &st->request,
	            &request->record);
}

/* What a call through a pipe is told with. */
static void pipe_facts(const void *context, struct event *ev)
{
	const struct smb_session *session = context;

	if (session)
		smb_session_facts(session, ev);
}

static struct dce_rpc_carrier carrier_of(struct dissection *d, const struct smb_file *file)
{
	return (struct dce_rpc_carrier){
	        .pipe = {(const uint8_t *)file->name, file->name_len},
	        .facts = pipe_facts,
	        .context = smb_session_at(d, file->session),
	};
}

static struct dce_rpc *rpc_of(struct dissection *d, const struct smb_file *file)
{
	return file->pipe ? (struct dce_rpc *)(void *)block_at(&d->bench->blocks, file->pipe)
	                  : NULL;
}

void smb_pipe_data(struct dissection *d, enum side from, struct smb_file *file, struct bytes data)
{
	struct dce_rpc_carrier carrier = carrier_of(d, file);

	if (!file->pipe)
		file->pipe = block_take(&d->bench->blocks, 0);
	if (file->pipe)
		dce_rpc_data(d, rpc_of(d, file), &carrier, from, data);
}

void smb_pipes_lost(struct dissection *d, enum side from)
{
	struct blocks *pool = &d->bench->blocks;
	struct smb_file *f = record_first(pool, FILE_RECORD, &state_of(d)->file);

	for (; f; f = record_next(pool, FILE_RECORD, &f->record)) {
		struct dce_rpc_carrier carrier = carrier_of(d, f);

		if (f->pipe)
			dce_rpc_gap(d, rpc_of(d, f), &carrier, from);
	}
}

static void pipe_end(struct dissection *d, struct smb_file *file)
{
	struct dce_rpc_carrier carrier = carrier_of(d, file);

	if (!file->pipe)
		return;
	dce_rpc_end(d, rpc_of(d, file), &carrier);
	block_give(&d->bench->blocks, file->pipe);
	file->pipe = 0;
}

void smb_file_end(struct dissection *d, struct smb_file *file)
{
	struct smb_state *st = state_of(d);

	pipe_end(d, file);
	smb_tell_file(d, file);
	record_give(&d->bench->blocks, &st->files, FILE_RECORD, &st->file, &file->record);
}

static bool is_same(struct record_reference a, const struct record *b)
{
	return a.number == b->number && a.serial == b->serial;
}

void smb_tree_end(struct dissection *d, struct smb_tree *tree)
{
	struct smb_state *st = state_of(d);
	struct blocks *pool = &d->bench->blocks;

	for (struct smb_file *f = record_first(pool, FILE_RECORD, &st->file), *next; f; f = next) {
		next = record_next(pool, FILE_RECORD, &f->record);
		if (is_same(f->tree, &tree->record))
			smb_file_end(d, f);
	}
	record_give(pool, &st->trees, TREE_RECORD, &st->tree, &tree->record);
}

/* Whoever asked to be let in and got no answer. */
static void tell_unanswered(struct dissection *d, struct smb_session *session)
{
	if (session->open || session->answered || session->logon.step != LOGON_PROVED)
		return;
	logon_emit(d, &session->logon, "smb", smb_negotiated_facts, d->state);
	smb_tell_session(d, session, false, 0);
}

void smb_session_end(struct dissection *d, struct smb_session *session)
{
	struct smb_state *st = state_of(d);
	struct blocks *pool = &d->bench->blocks;

	for (struct smb_tree *t = record_first(pool, TREE_RECORD, &st->tree), *next; t; t = next) {
		next = record_next(pool, TREE_RECORD, &t->record);
		if (is_same(t->session, &session->record))
			smb_tree_end(d, t);
	}
	for (struct smb_file *f = record_first(pool, FILE_RECORD, &st->file), *next; f; f = next) {
		next = record_next(pool, FILE_RECORD, &f->record);
		if (is_same(f->session, &session->record))
			smb_file_end(d, f);
	}
	tell_unanswered(d, session);
	record_give(pool, &st->sessions, SESSION_RECORD, &st->session, &session->record);
}

void smb_forget(struct dissection *d)
{
	struct smb_state *st = state_of(d);
	struct blocks *pool = &d->bench->blocks;

	while (st->file.count)
		smb_file_end(d, record_first(pool, FILE_RECORD, &st->file));
	while (st->tree.count)
		smb_tree_end(d, record_first(pool, TREE_RECORD, &st->tree));
	while (st->session.count)
		smb_session_end(d, record_first(pool, SESSION_RECORD, &st->session));
	while (st->request.count)
		smb_request_done(d, record_first(pool, REQUEST_RECORD, &st->request));
}

void smb_connection_end(struct dissection *d)
{
	struct smb_state *st = state_of(d);
	struct blocks *pool = &d->bench->blocks;

	smb_forget(d);
	records_free(pool, &st->sessions);
	records_free(pool, &st->trees);
	records_free(pool, &st->files);
	records_free(pool, &st->requests);
}

void smb_session_answered(struct dissection *d, struct smb_session *session, uint32_t status)
{
	struct logon *logon = &session->logon;

	session->answered = true;
	session->open |= smb_succeeded(status);
	logon_answered(logon, smb_succeeded(status));
	logon_emit(d, logon, "smb", smb_negotiated_facts, d->state);
	if (smb_succeeded(status) && logon->step == LOGON_PROVED) {
		session->account = logon->account;
		session->proved = true;
	}
	smb_tell_session(d, session, true, status);
	if (!session->open)
		smb_session_end(d, session);
}

void smb_tree_answered(struct dissection *d, struct smb_tree *tree, uint32_t status)
{
	struct smb_session *session = smb_session_at(d, tree->session);

	/* The answer to its proof was lost. The logon is told before what came of it, as it
	 * happened. */
	if (session && !session->answered)
		logon_emit(d, &session->logon, "smb", smb_negotiated_facts, d->state);
	smb_tell_tree(d, tree, status);
	if (!smb_succeeded(status)) {
		smb_tree_end(d, tree);
		return;
	}

	/* The id may have been another tree's whose end was missed. */
	struct smb_tree *former = smb_tree_by_id(d, tree->id);

	tree->open = true;
	if (former && former != tree)
		smb_tree_end(d, former);
}

void smb_file_answered(struct dissection *d, struct smb_file *file, uint32_t status,
                       const uint8_t id[16])
{
	struct smb_file *former;

	file->facts |= FILE_STATUS;
	file->status = status;
	if (!id || !smb_succeeded(status)) {
		smb_file_end(d, file);
		return;
	}
	former = smb_file_by_id(d, id);
	if (former)
		smb_file_end(d, former);
	memcpy(file->id, id, sizeof(file->id));
	file->open = true;
}

/* Keeps as much of a text as fits; false when that is not all. */
static bool keep(char *to, uint16_t *len, size_t most, struct bytes utf8)
{
	struct bytes part = bytes_slice(utf8, 0, most);

	if (part.len)
		memcpy(to, part.at, part.len);
	*len = (uint16_t)part.len;
	return part.len == utf8.len;
}

static struct bytes without_backslashes(struct bytes path)
{
	while (path.len && path.at[0] == '\\')
		path = bytes_slice(path, 1, path.len);
	return path;
}

void smb_file_name(struct smb_file *file, struct bytes utf8)
{
	struct bytes name = without_backslashes(utf8);

	file->facts |= FILE_NAMED;
	if (file->facts & FILE_IS_PIPE && bytes_starts_with_fold(name, BYTES("pipe\\")))
		name = bytes_slice(name, 5, name.len);
	if (!keep(file->name, &file->name_len, sizeof(file->name), name))
		file->facts |= FILE_CUT;
}

void smb_file_rename(struct smb_file *file, struct bytes utf8)
{
	if (file->facts & FILE_IS_PIPE)
		return;
	if (!keep(file->rename, &file->rename_len, sizeof(file->rename), without_backslashes(utf8)))
		file->facts |= FILE_RENAME_CUT;
}

void smb_file_pattern(struct smb_file *file, struct bytes utf8)
{
	/* The first one tells most; those of later calls repeat it. */
	if (!file->pattern_len && utf8.len <= sizeof(file->pattern))
		keep(file->pattern, &file->pattern_len, sizeof(file->pattern), utf8);
}

void smb_tree_path(struct smb_tree *tree, struct bytes utf8)
{
	tree->path_cut = !keep(tree->path, &tree->path_len, sizeof(tree->path), utf8);
}

void smb_text_set(struct smb_text *to, struct bytes utf8)
{
	to->len = utf8.len <= sizeof(to->text) ? (uint8_t)utf8.len : 0;
	if (to->len)
		memcpy(to->text, utf8.at, to->len);
}

void smb_file_signing(struct smb_file *file, bool is_signed)
{
	file->facts |= is_signed ? FILE_SIGNED : FILE_NOT_SIGNED;
}

void smb_session_proved(struct dissection *d, struct smb_session *session)
{
	if (logon_is_due(d, &session->logon))
		logon_emit(d, &session->logon, "smb", smb_negotiated_facts, d->state);
}

void smb_session_token(struct dissection *d, struct smb_session *session, enum side from,
                       struct bytes token)
{
	logon_token(d, &session->logon, from, token);
	smb_session_proved(d, session);
}
