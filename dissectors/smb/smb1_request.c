/* Requests of version 1, besides transactions: what a client asks is kept until the server
 * answers. */
#include "dissectors/smb/smb1.h"

#define FILE_DELETE_ON_CLOSE 0x1000u

struct smb_request *smb1_keep(struct dissection *d, const struct smb1_header *h, uint8_t command,
                              struct smb_file *file)
{
	struct smb_request *request = smb_request_new(d, smb1_message_id(h, command), command);

	if (request && file)
		request->file = record_reference(&file->record);
	return request;
}

struct smb_file *smb1_file(struct dissection *d, const struct smb1_header *h, uint16_t fid)
{
	struct smb_file *file;
	uint8_t id[16];

	smb1_file_id(fid, id);
	file = smb_file_by_id(d, id);
	if (file)
		smb_file_signing(file, h->is_signed);
	return file;
}

static struct smb_file *new_file(struct dissection *d, const struct smb1_header *h,
                                 const char *operation)
{
	struct smb_file *file =
	        smb_file_new(d, smb_session_by_id(d, h->uid), smb_tree_by_id(d, h->tid), operation);

	if (file)
		smb_file_signing(file, h->is_signed);
	return file;
}

struct smb_file *smb1_named(struct dissection *d, const struct smb1_header *h,
                            const char *operation, struct bytes name)
{
	struct smb_file *file = new_file(d, h, operation);

	if (file)
		smb_file_name(file, name);
	return file;
}

/* Names that follow each other in the bytes, each behind a format byte of 4. */
static struct bytes formatted_text(struct dissection *d, const struct smb1_header *h,
                                   struct reader *r, const struct smb1_block *b)
{
	if (reader_u8(r) != 4)
		r->short_read = true;
	return smb1_text(d, h, r, b->bytes_at, b->bytes);
}

static void about_name(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                       const struct smb1_block *b)
{
	static const struct {
		uint8_t command;
		const char *operation;
		unsigned fact;
	} operations[] = {
	        {SMB_COM_CREATE_DIRECTORY, "create-directory", FILE_DIRECTORY},
	        {SMB_COM_DELETE_DIRECTORY, "delete-directory", FILE_DELETED},
	        {SMB_COM_DELETE, "delete", FILE_DELETED},
	        {SMB_COM_RENAME, "rename", FILE_RENAMED},
	        {SMB_COM_NT_RENAME, "rename", FILE_RENAMED},
	        {SMB_COM_QUERY_INFORMATION, "query", 0},
	        {SMB_COM_CHECK_DIRECTORY, "check", 0},
	};
	struct reader r = reader_over(b->bytes);
	struct bytes name = formatted_text(d, h, &r, b), to = {0};
	struct smb_request *request;
	struct smb_file *file;
	size_t i = 0;

	while (operations[i].command != b->command)
		i++;
	if (operations[i].fact == FILE_RENAMED)
		to = formatted_text(d, h, &r, b);
	if (!reader_ok(&r)) {
		m->wrong = "name without its format byte";
		return;
	}
	file = smb1_named(d, h, operations[i].operation, name);
	if (!file)
		return;
	if (to.len)
		smb_file_rename(file, to);
	request = smb1_keep(d, h, b->command, file);
	if (request)
		request->detail = (uint16_t)operations[i].fact;
}

static void tree_connect(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                         const struct smb1_block *b)
{
	struct reader words = smb1_words(b, 6), r = reader_over(b->bytes);
	struct smb_session *session;
	struct smb_tree *tree;
	struct smb_request *request;
	struct bytes path;

	if (b->command == SMB_COM_TREE_CONNECT) {
		path = formatted_text(d, h, &r, b);
	} else {
		reader_skip(&r, reader_u16le(&words)); /* password */
		path = smb1_text(d, h, &r, b->bytes_at, b->bytes);
	}
	if (!reader_ok(&r) || !reader_ok(&words)) {
		m->wrong = "tree connect request cut short";
		return;
	}
	session = smb_session_by_id(d, h->uid);
	if (!session)
		session = smb_session_adopt(d, h->uid);
	tree = smb_tree_new(d, session);
	if (!tree)
		return;
	smb_tree_path(tree, path);
	request = smb1_keep(d, h, b->command, NULL);
	if (request)
		request->tree = record_reference(&tree->record);
}

/* words: AndX(4) 0(1) length(2) flags(4) root(4) access(4) size(8) attributes(4) sharing(4)
 * disposition(4) options(4) */
static void nt_create(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                      const struct smb1_block *b)
{
	struct reader words = smb1_words(b, 15), r = reader_over(b->bytes);
	uint32_t access = reader_u32le(&words);

	reader_skip(&words, 16);

	uint32_t disposition = reader_u32le(&words), options = reader_u32le(&words);
	struct smb_file *file;

	if (!reader_ok(&words)) {
		m->wrong = "create request cut short";
		return;
	}
	file = smb1_named(d, h, "open", smb1_text(d, h, &r, b->bytes_at, b->bytes));
	if (!file)
		return;
	file->access = access;
	file->disposition = disposition;
	file->options = options;
	file->facts |= FILE_ACCESS | FILE_DISPOSITION;
	if (options & FILE_DELETE_ON_CLOSE)
		file->facts |= FILE_DELETED;
	smb1_keep(d, h, b->command, file);
}

/* words: AndX(4) flags(2) access(2) ...: the low bits say read, write, both or execute. */
static void open_andx(struct dissection *d, const struct smb1_header *h, const struct smb1_block *b)
{
	static const uint32_t accesses[] = {0x80000000, 0x40000000, 0xc0000000, 0x20000000};
	struct reader words = smb1_words(b, 6), r = reader_over(b->bytes);
	uint16_t access = reader_u16le(&words);
	struct smb_file *file =
	        smb1_named(d, h, "open", smb1_text(d, h, &r, b->bytes_at, b->bytes));

	if (!file)
		return;
	if (reader_ok(&words)) {
		file->access = accesses[access & 3];
		file->facts |= FILE_ACCESS;
	}
	smb1_keep(d, h, b->command, file);
}

static void about_file(struct dissection *d, const struct smb1_header *h,
                       const struct smb1_block *b, size_t at)
{
	struct reader words = smb1_words(b, at);
	uint16_t fid = reader_u16le(&words);
	struct smb_file *file = reader_ok(&words) ? smb1_file(d, h, fid) : NULL;

	if (file)
		smb1_keep(d, h, b->command, file);
}

static void write_andx(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                       const struct smb1_block *b)
{
	struct reader words = smb1_words(b, 4);
	uint16_t fid = reader_u16le(&words);

	reader_skip(&words, 12);

	uint32_t high = reader_u16le(&words), low = reader_u16le(&words);
	uint16_t at = reader_u16le(&words);
	struct smb_file *file = reader_ok(&words) ? smb1_file(d, h, fid) : NULL;

	if (!file)
		return;
	smb1_keep(d, h, b->command, file);
	/* Behind another command its data is read with that. */
	if (h->command != SMB_COM_WRITE_ANDX)
		return;
	m->data_at = at;
	m->data_length = high << 16 | low;
	m->file = record_reference(&file->record);
}

void smb1_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                  const struct smb1_block *b)
{
	switch (b->command) {
	case SMB_COM_NEGOTIATE:
		smb1_negotiate_request(d, h, m, b);
		return;
	case SMB_COM_SESSION_SETUP_ANDX:
		smb1_session_request(d, h, m, b);
		return;
	case SMB_COM_TREE_CONNECT:
	case SMB_COM_TREE_CONNECT_ANDX:
		tree_connect(d, h, m, b);
		return;
	case SMB_COM_NT_CREATE_ANDX:
		nt_create(d, h, m, b);
		return;
	case SMB_COM_OPEN_ANDX:
		open_andx(d, h, b);
		return;
	case SMB_COM_READ_ANDX:
		about_file(d, h, b, 4);
		return;
	case SMB_COM_WRITE_ANDX:
		write_andx(d, h, m, b);
		return;
	case SMB_COM_CLOSE:
		about_file(d, h, b, 0);
		return;
	case SMB_COM_TRANSACTION:
	case SMB_COM_TRANSACTION2:
	case SMB_COM_NT_TRANSACT:
		smb1_transaction_request(d, h, m, b);
		return;
	case SMB_COM_CREATE_DIRECTORY:
	case SMB_COM_DELETE_DIRECTORY:
	case SMB_COM_DELETE:
	case SMB_COM_RENAME:
	case SMB_COM_NT_RENAME:
	case SMB_COM_QUERY_INFORMATION:
	case SMB_COM_CHECK_DIRECTORY:
		about_name(d, h, m, b);
		return;
	default:
		return;
	}
}
