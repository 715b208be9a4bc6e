/* Replies of SMB 2 and 3: what a server answers makes facts of what was asked.
 *
 * A reply belongs to the request with its MessageId. An interim reply (STATUS_PENDING) is none. */
#include "dissectors/smb/smb2.h"

#define SMB2_SESSION_FLAG_IS_GUEST     0x1
#define SMB2_SESSION_FLAG_IS_NULL      0x2
#define SMB2_SESSION_FLAG_ENCRYPT_DATA 0x4

#define SMB2_SHAREFLAG_ENCRYPT_DATA 0x8000u

#define FILE_ATTRIBUTE_DIRECTORY 0x10u

static void session_setup(struct dissection *d, const struct smb2_header *h, struct smb_message *m,
                          const struct smb_request *request)
{
	struct reader r = smb2_body(m);
	struct smb_session *session =
	        request ? smb_session_at(d, request->session) : smb_session_by_id(d, h->session_id);
	bool more = h->status == STATUS_MORE_PROCESSING_REQUIRED;

	reader_skip(&r, 2);

	uint16_t flags = reader_u16le(&r), at = reader_u16le(&r), length = reader_u16le(&r);

	if ((more || smb_succeeded(h->status)) && !reader_ok(&r)) {
		m->wrong = "session setup reply cut short";
		return;
	}
	if (!session && (session = smb_session_new(d)))
		session->id = h->session_id;
	if (!session)
		return;
	if (!session->id)
		session->id = h->session_id;
	if (more || smb_succeeded(h->status))
		smb_session_token(d, session, SERVER, smb_part(d, m, at, length));
	if (more)
		return;
	if (smb_succeeded(h->status)) {
		session->guest = flags & SMB2_SESSION_FLAG_IS_GUEST;
		session->null = flags & SMB2_SESSION_FLAG_IS_NULL;
		session->encrypted = flags & SMB2_SESSION_FLAG_ENCRYPT_DATA;
	}
	smb_session_answered(d, session, h->status);
}

static void tree_connect(struct dissection *d, const struct smb2_header *h, struct smb_message *m,
                         const struct smb_request *request)
{
	static const char *const types[] = {NULL, "disk", "pipe", "print"};
	struct reader r = smb2_body(m);
	struct smb_tree *tree = request ? smb_tree_at(d, request->tree) : NULL;

	reader_skip(&r, 2);

	uint8_t type = reader_u8(&r);

	reader_skip(&r, 1);

	uint32_t flags = reader_u32le(&r);

	if (smb_succeeded(h->status) && !reader_ok(&r)) {
		m->wrong = "tree connect reply cut short";
		return;
	}
	if (!tree && smb_succeeded(h->status))
		tree = smb_tree_new(d, smb_session_by_id(d, h->session_id));
	if (!tree)
		return;
	tree->id = h->tree_id;
	if (smb_succeeded(h->status)) {
		tree->type = type < sizeof(types) / sizeof(*types) ? types[type] : NULL;
		tree->encrypted = flags & SMB2_SHAREFLAG_ENCRYPT_DATA;
	}
	smb_tree_answered(d, tree, h->status);
}

static void create(struct dissection *d, const struct smb2_header *h, struct smb_message *m,
                   struct smb_file *file)
{
	struct reader r = smb2_body(m);

	reader_skip(&r, 4);

	uint32_t action = reader_u32le(&r);

	reader_skip(&r, 40);

	uint64_t size = reader_u64le(&r);
	uint32_t attributes = reader_u32le(&r);

	reader_skip(&r, 4);

	struct bytes id = reader_take(&r, 16);

	if (smb_succeeded(h->status) && !reader_ok(&r)) {
		m->wrong = "create reply cut short";
		return;
	}
	if (!file && smb_succeeded(h->status))
		file = smb_file_new(d, smb_session_by_id(d, h->session_id),
		                    smb_tree_by_id(d, h->tree_id), "open");
	if (!file)
		return;
	if (smb_succeeded(h->status)) {
		file->action = action;
		file->size = size;
		file->facts |= FILE_ACTION | FILE_SIZE;
		if (attributes & FILE_ATTRIBUTE_DIRECTORY)
			file->facts |= FILE_DIRECTORY;
	}
	smb_file_answered(d, file, h->status, id.len == 16 ? id.at : NULL);
}

static void read_reply(const struct smb2_header *h, struct smb_message *m, struct smb_file *file)
{
	struct reader r = smb2_body(m);

	reader_skip(&r, 2);

	uint8_t at = reader_u8(&r);

	reader_skip(&r, 1);

	uint32_t length = reader_u32le(&r);

	if (h->status != STATUS_SUCCESS && h->status != STATUS_BUFFER_OVERFLOW)
		return;
	if (!reader_ok(&r))
		m->wrong = "read reply cut short";
	if (m->wrong)
		return;
	m->data_at = at;
	m->data_length = length;
	if (!file || length > m->length)
		return;
	m->file = record_reference(&file->record);
	file->bytes_read += length;
	file->reads++;
}

static void write_reply(const struct smb2_header *h, struct smb_message *m, struct smb_file *file)
{
	struct reader r = smb2_body(m);

	reader_skip(&r, 4);

	uint32_t length = reader_u32le(&r);

	if (!smb_succeeded(h->status) || !file)
		return;
	if (!reader_ok(&r))
		m->wrong = "write reply cut short";
	if (m->wrong)
		return;
	file->bytes_written += length;
	file->writes++;
}

/* The answer to FSCTL_PIPE_TRANSCEIVE. */
static void ioctl(const struct smb2_header *h, struct smb_message *m, struct smb_file *file)
{
	struct reader r = smb2_body(m);

	reader_skip(&r, 32);

	uint32_t at = reader_u32le(&r), length = reader_u32le(&r);

	if (!file || (h->status != STATUS_SUCCESS && h->status != STATUS_BUFFER_OVERFLOW))
		return;
	if (!reader_ok(&r))
		m->wrong = "ioctl reply cut short";
	if (m->wrong)
		return;
	m->data_at = at;
	m->data_length = length;
	m->file = record_reference(&file->record);
}

static void set_info(const struct smb2_header *h, const struct smb_request *request,
                     struct smb_file *file)
{
	if (file && smb_succeeded(h->status))
		file->facts |= request->detail;
}

static void about_file(struct dissection *d, const struct smb2_header *h, struct smb_message *m,
                       const struct smb_request *request)
{
	struct smb_file *file = request ? smb_file_at(d, request->file) : NULL;

	switch (h->command) {
	case SMB2_CREATE:
		create(d, h, m, file);
		return;
	case SMB2_CLOSE:
		if (file && smb_succeeded(h->status))
			smb_file_end(d, file);
		return;
	case SMB2_READ:
		read_reply(h, m, file);
		return;
	case SMB2_WRITE:
		write_reply(h, m, file);
		return;
	case SMB2_IOCTL:
		ioctl(h, m, file);
		return;
	case SMB2_QUERY_DIRECTORY:
		if (file && smb_succeeded(h->status))
			file->listings++;
		return;
	case SMB2_SET_INFO:
		set_info(h, request, file);
		return;
	default:
		return;
	}
}

void smb2_reply(struct dissection *d, const struct smb2_header *h, struct smb_message *m)
{
	struct smb_request *request = smb_request_by_id(d, h->message_id);
	struct smb_session *session;
	struct smb_tree *tree;

	if (h->status == STATUS_PENDING || h->command == SMB2_OPLOCK_BREAK)
		return;
	if (request && request->command != h->command)
		request = NULL;
	switch (h->command) {
	case SMB2_NEGOTIATE:
		if (smb_succeeded(h->status))
			smb2_negotiate_reply(d, m);
		break;
	case SMB2_SESSION_SETUP:
		session_setup(d, h, m, request);
		break;
	case SMB2_LOGOFF:
		session = smb_session_by_id(d, h->session_id);
		if (session && smb_succeeded(h->status))
			smb_session_end(d, session);
		break;
	case SMB2_TREE_CONNECT:
		tree_connect(d, h, m, request);
		break;
	case SMB2_TREE_DISCONNECT:
		tree = smb_tree_by_id(d, h->tree_id);
		if (tree && smb_succeeded(h->status))
			smb_tree_end(d, tree);
		break;
	default:
		about_file(d, h, m, request);
		break;
	}
	if (request)
		smb_request_done(d, request);
}
