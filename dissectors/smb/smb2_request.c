/* Requests of SMB 2 and 3: what a client asks is kept until the server answers. */
#include "dissectors/smb/smb2.h"

#define SESSION_FLAG_BINDING 0x1

#define FSCTL_PIPE_TRANSCEIVE 0x0011c017u

#define SMB2_0_INFO_FILE                1
#define FILE_RENAME_INFORMATION         10
#define FILE_DISPOSITION_INFORMATION    13
#define FILE_DISPOSITION_INFORMATION_EX 64

#define FILE_DELETE_ON_CLOSE 0x1000u

static struct smb_side *client(struct dissection *d)
{
	return &((struct smb_state *)d->state)->side[CLIENT];
}

/* What the header's ids stand for; a related message takes those of the one before it. */
struct target {
	struct smb_session *session;
	struct smb_tree *tree;
};

static struct target target_of(struct dissection *d, const struct smb2_header *h)
{
	struct smb_side *side = client(d);
	struct target t;

	if (h->flags & SMB2_FLAGS_RELATED_OPERATIONS) {
		t.session = smb_session_at(d, side->related_session);
		t.tree = smb_tree_at(d, side->related_tree);
		return t;
	}
	t.session = smb_session_by_id(d, h->session_id);
	t.tree = h->flags & SMB2_FLAGS_ASYNC_COMMAND ? NULL : smb_tree_by_id(d, h->tree_id);
	side->related_session = record_reference(t.session ? &t.session->record : NULL);
	side->related_tree = record_reference(t.tree ? &t.tree->record : NULL);
	side->related_file = (struct record_reference){0};
	return t;
}

/* The file that a request names, or that the compound is about. */
static struct smb_file *file_of(struct dissection *d, struct bytes id)
{
	static const struct bytes related =
	        BYTES_INIT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
	struct smb_side *side = client(d);
	struct smb_file *file;

	if (bytes_equal(id, related))
		return smb_file_at(d, side->related_file);
	file = id.len == 16 ? smb_file_by_id(d, id.at) : NULL;
	side->related_file = record_reference(file ? &file->record : NULL);
	return file;
}

static struct smb_request *keep(struct dissection *d, const struct smb2_header *h,
                                const struct target *t, const struct smb_file *file)
{
	struct smb_request *request = smb_request_new(d, h->message_id, h->command);

	if (!request)
		return NULL;
	request->session = record_reference(t->session ? &t->session->record : NULL);
	request->tree = record_reference(t->tree ? &t->tree->record : NULL);
	request->file = record_reference(file ? &file->record : NULL);
	return request;
}

/* A request about an open file. */
static struct smb_request *keep_about(struct dissection *d, const struct smb2_header *h,
                                      const struct target *t, struct smb_file *file)
{
	if (!file)
		return NULL;
	smb_file_signing(file, h->is_signed);
	return keep(d, h, t, file);
}

static void session_setup(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = {.session = smb_session_by_id(d, h->session_id)};

	reader_skip(&r, 2);

	uint8_t flags = reader_u8(&r), mode = reader_u8(&r);

	reader_skip(&r, 8);

	uint16_t at = reader_u16le(&r), length = reader_u16le(&r);

	if (!reader_ok(&r)) {
		m->wrong = "session setup request cut short";
		return;
	}
	if (!t.session && (t.session = smb_session_new(d)))
		t.session->id = h->session_id;
	if (!t.session)
		return;
	t.session->mode = mode;
	if (!(flags & SESSION_FLAG_BINDING))
		smb_session_token(d, t.session, CLIENT, smb_part(d, m, at, length));
	keep(d, h, &t, NULL);
}

static void tree_connect(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);

	reader_skip(&r, 4);

	uint16_t at = reader_u16le(&r), length = reader_u16le(&r);
	struct bytes path = smb_part(d, m, at, length);

	if (!reader_ok(&r))
		m->wrong = "tree connect request cut short";
	if (m->wrong)
		return;
	t.tree = smb_tree_new(d, t.session);
	if (!t.tree)
		return;
	smb_tree_path(t.tree, smb_utf16(d, path));
	client(d)->related_tree = record_reference(&t.tree->record);
	keep(d, h, &t, NULL);
}

static void create(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);
	struct smb_file *file;

	reader_skip(&r, 24);

	uint32_t access = reader_u32le(&r);

	reader_skip(&r, 8);

	uint32_t disposition = reader_u32le(&r), options = reader_u32le(&r);
	uint16_t at = reader_u16le(&r), length = reader_u16le(&r);

	if (!reader_ok(&r)) {
		m->wrong = "create request cut short";
		return;
	}
	file = smb_file_new(d, t.session, t.tree, "open");
	client(d)->related_file = record_reference(file ? &file->record : NULL);
	if (!file)
		return;
	file->access = access;
	file->disposition = disposition;
	file->options = options;
	file->facts |= FILE_ACCESS | FILE_DISPOSITION;
	if (options & FILE_DELETE_ON_CLOSE)
		file->facts |= FILE_DELETED;

	struct bytes name = smb_part(d, m, at, length);

	if (length && !name.len)
		file->facts |= FILE_CUT;
	else
		smb_file_name(file, smb_utf16(d, name));
	smb_file_signing(file, h->is_signed);
	keep(d, h, &t, file);
}

/* READ, WRITE and CLOSE have the file at 16, 16 and 8. */
static struct smb_file *file_at(struct dissection *d, struct reader *r, size_t at)
{
	reader_skip(r, at);
	return file_of(d, reader_take(r, 16));
}

static void write_request(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);

	reader_skip(&r, 2);
	m->data_at = reader_u16le(&r);
	m->data_length = reader_u32le(&r);

	struct smb_file *file = file_at(d, &r, 8);

	if (!reader_ok(&r))
		m->wrong = "write request cut short";
	if (!file || m->wrong)
		return;
	m->file = record_reference(&file->record);
	keep_about(d, h, &t, file);
}

static void ioctl(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);
	struct smb_request *request;

	reader_skip(&r, 4);

	uint32_t code = reader_u32le(&r);
	struct smb_file *file = file_at(d, &r, 0);
	uint32_t at = reader_u32le(&r), length = reader_u32le(&r);

	if (!reader_ok(&r))
		m->wrong = "ioctl request cut short";
	if (!file || m->wrong || code != FSCTL_PIPE_TRANSCEIVE)
		return;
	m->data_at = at;
	m->data_length = length;
	m->file = record_reference(&file->record);
	request = keep_about(d, h, &t, file);
	if (request)
		request->detail = 1;
}

static void query_directory(struct dissection *d, const struct smb2_header *h,
                            struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);
	struct smb_file *file = file_at(d, &r, 8);
	uint16_t at = reader_u16le(&r), length = reader_u16le(&r);
	struct bytes pattern;

	if (!reader_ok(&r))
		m->wrong = "query directory request cut short";
	if (!file || m->wrong)
		return;
	pattern = length ? smb_part(d, m, at, length) : (struct bytes){0};
	smb_file_pattern(file, smb_utf16(d, pattern));
	keep_about(d, h, &t, file);
}

/* FileRenameInformation (MS-FSCC section 2.4.42.2): replace(1) reserved(7) root(8) length(4) name.
 */
static void read_rename(struct dissection *d, struct smb_file *file, struct bytes info)
{
	struct reader r = reader_over(info);

	reader_skip(&r, 16);

	struct bytes name = reader_take(&r, reader_u32le(&r));

	if (reader_ok(&r))
		smb_file_rename(file, smb_utf16(d, name));
}

static void set_info(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t = target_of(d, h);
	struct smb_request *request;

	reader_skip(&r, 2);

	uint8_t type = reader_u8(&r), class = reader_u8(&r);
	uint32_t length = reader_u32le(&r);
	uint16_t at = reader_u16le(&r);
	struct smb_file *file = file_at(d, &r, 6);
	bool disposition =
	        class == FILE_DISPOSITION_INFORMATION || class == FILE_DISPOSITION_INFORMATION_EX;

	if (!reader_ok(&r))
		m->wrong = "set info request cut short";
	if (!file || m->wrong || type != SMB2_0_INFO_FILE)
		return;

	struct bytes info = smb_part(d, m, at, length);

	if (class == FILE_RENAME_INFORMATION)
		read_rename(d, file, info);
	request = keep_about(d, h, &t, file);
	if (request && class == FILE_RENAME_INFORMATION)
		request->detail = FILE_RENAMED;
	if (request && disposition && info.len && info.at[0] & 1)
		request->detail = FILE_DELETED;
}

void smb2_request(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct reader r = smb2_body(m);
	struct target t;

	switch (h->command) {
	case SMB2_NEGOTIATE:
		smb2_negotiate_request(d, m);
		return;
	case SMB2_SESSION_SETUP:
		session_setup(d, h, m);
		return;
	case SMB2_LOGOFF:
	case SMB2_TREE_DISCONNECT:
		t = target_of(d, h);
		keep(d, h, &t, NULL);
		return;
	case SMB2_TREE_CONNECT:
		tree_connect(d, h, m);
		return;
	case SMB2_CREATE:
		create(d, h, m);
		return;
	case SMB2_CLOSE:
		t = target_of(d, h);
		keep_about(d, h, &t, file_at(d, &r, 8));
		return;
	case SMB2_READ:
		t = target_of(d, h);
		keep_about(d, h, &t, file_at(d, &r, 16));
		return;
	case SMB2_WRITE:
		write_request(d, h, m);
		return;
	case SMB2_IOCTL:
		ioctl(d, h, m);
		return;
	case SMB2_QUERY_DIRECTORY:
		query_directory(d, h, m);
		return;
	case SMB2_SET_INFO:
		set_info(d, h, m);
		return;
	default:
		return;
	}
}
