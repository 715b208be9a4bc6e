/* Replies of version 1, besides transactions. */
#include "dissectors/smb/smb1.h"

static void tree_connect(struct dissection *d, const struct smb1_header *h,
                         const struct smb1_block *b, const struct smb_request *request)
{
	struct smb_tree *tree = request ? smb_tree_at(d, request->tree) : NULL;
	struct reader r = reader_over(b->bytes);

	if (!tree && smb_succeeded(h->status))
		tree = smb_tree_new(d, smb_session_by_id(d, h->uid));
	if (!tree)
		return;
	tree->id = h->tid;
	if (b->command == SMB_COM_TREE_CONNECT_ANDX && smb_succeeded(h->status)) {
		/* The kind of service is never Unicode. */
		struct bytes service = reader_until(&r, 0);

		tree->type = bytes_equal(service, BYTES("IPC"))     ? "pipe"
		             : bytes_equal(service, BYTES("A:"))    ? "disk"
		             : bytes_equal(service, BYTES("LPT1:")) ? "print"
		                                                    : NULL;
	}
	smb_tree_answered(d, tree, h->status);
}

/* The record of what was opened; one without a name when the request was not seen. */
static struct smb_file *opened(struct dissection *d, const struct smb1_header *h,
                               const struct smb_request *request)
{
	struct smb_file *file = request ? smb_file_at(d, request->file) : NULL;

	if (!file && smb_succeeded(h->status))
		file = smb_file_new(d, smb_session_by_id(d, h->uid), smb_tree_by_id(d, h->tid),
		                    "open");
	return file;
}

/* words: AndX(4) oplock(1) FID(2) action(4) times(32) attributes(4) allocated(8) size(8) type(2)
 * state(2) directory(1) */
static void nt_create(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                      const struct smb1_block *b, const struct smb_request *request)
{
	struct smb_file *file = opened(d, h, request);
	struct reader r = smb1_words(b, 5);
	uint16_t fid = reader_u16le(&r);
	uint32_t action = reader_u32le(&r);

	reader_skip(&r, 44);

	uint64_t size = reader_u64le(&r);

	reader_skip(&r, 4);

	uint8_t directory = reader_u8(&r), id[16];

	if (!file)
		return;
	if (!smb_succeeded(h->status)) {
		smb_file_answered(d, file, h->status, NULL);
		return;
	}
	if (!reader_ok(&r)) {
		m->wrong = "create reply cut short";
		return;
	}
	smb1_file_id(fid, id);
	file->action = action;
	file->size = size;
	file->facts |= FILE_ACTION | FILE_SIZE;
	if (directory)
		file->facts |= FILE_DIRECTORY;
	smb_file_answered(d, file, h->status, id);
}

/* words: AndX(4) FID(2) attributes(2) time(4) size(4) */
static void open_andx(struct dissection *d, const struct smb1_header *h, const struct smb1_block *b,
                      const struct smb_request *request)
{
	struct smb_file *file = opened(d, h, request);
	struct reader r = smb1_words(b, 4);
	uint16_t fid = reader_u16le(&r);
	uint8_t id[16];

	reader_skip(&r, 6);

	uint32_t size = reader_u32le(&r);

	if (!file)
		return;
	if (reader_ok(&r)) {
		file->size = size;
		file->facts |= FILE_SIZE;
	}
	smb1_file_id(fid, id);
	smb_file_answered(d, file, h->status, reader_ok(&r) ? id : NULL);
}

/* words: AndX(4) available(2) compaction(2) 0(2) length(2) offset(2) high length(2) */
static void read_andx(const struct smb1_header *h, struct smb_message *m,
                      const struct smb1_block *b, struct smb_file *file)
{
	struct reader r = smb1_words(b, 10);
	uint32_t low = reader_u16le(&r);
	uint16_t at = reader_u16le(&r);
	uint32_t length = (uint32_t)reader_u16le(&r) << 16 | low;

	if (!file || !reader_ok(&r) ||
	    (!smb_succeeded(h->status) && h->status != STATUS_BUFFER_OVERFLOW))
		return;
	if (length > m->length) {
		m->wrong = "data beyond the message";
		return;
	}
	file->bytes_read += length;
	file->reads++;
	if (h->command != SMB_COM_READ_ANDX)
		return;
	m->data_at = at;
	m->data_length = length;
	m->file = record_reference(&file->record);
}

/* words: AndX(4) count(2) available(2) high count(2) */
static void write_andx(const struct smb1_header *h, const struct smb1_block *b,
                       struct smb_file *file)
{
	struct reader r = smb1_words(b, 4);
	uint32_t low = reader_u16le(&r);

	reader_skip(&r, 2);

	uint32_t high = reader_u16le(&r);

	if (!file || !reader_ok(&r) || !smb_succeeded(h->status))
		return;
	file->bytes_written += high << 16 | low;
	file->writes++;
}

static void about_file(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                       const struct smb1_block *b, const struct smb_request *request)
{
	struct smb_file *file = request ? smb_file_at(d, request->file) : NULL;

	switch (b->command) {
	case SMB_COM_NT_CREATE_ANDX:
		nt_create(d, h, m, b, request);
		return;
	case SMB_COM_OPEN_ANDX:
		open_andx(d, h, b, request);
		return;
	case SMB_COM_READ_ANDX:
		read_andx(h, m, b, file);
		return;
	case SMB_COM_WRITE_ANDX:
		write_andx(h, b, file);
		return;
	case SMB_COM_CLOSE:
		if (file && smb_succeeded(h->status))
			smb_file_end(d, file);
		return;
	case SMB_COM_TRANSACTION:
	case SMB_COM_TRANSACTION2:
	case SMB_COM_NT_TRANSACT:
		smb1_transaction_reply(d, h, m, b, request);
		return;
	default:
		if (!file)
			return;
		if (smb_succeeded(h->status))
			file->facts |= request->detail;
		smb_file_answered(d, file, h->status, NULL);
		return;
	}
}

void smb1_reply(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                const struct smb1_block *b)
{
	struct smb_request *request = smb_request_by_id(d, smb1_message_id(h, b->command));
	struct smb_session *session;
	struct smb_tree *tree;

	switch (b->command) {
	case SMB_COM_NEGOTIATE:
		smb1_negotiate_reply(d, m, b);
		break;
	case SMB_COM_SESSION_SETUP_ANDX:
		smb1_session_reply(d, h, m, b, request);
		break;
	case SMB_COM_LOGOFF_ANDX:
		session = smb_session_by_id(d, h->uid);
		if (session && smb_succeeded(h->status))
			smb_session_end(d, session);
		break;
	case SMB_COM_TREE_CONNECT:
	case SMB_COM_TREE_CONNECT_ANDX:
		tree_connect(d, h, b, request);
		break;
	case SMB_COM_TREE_DISCONNECT:
		tree = smb_tree_by_id(d, h->tid);
		if (tree && smb_succeeded(h->status))
			smb_tree_end(d, tree);
		break;
	default:
		about_file(d, h, m, b, request);
		break;
	}
	if (request)
		smb_request_done(d, request);
}
