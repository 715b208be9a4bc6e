/* Version 1: TRANSACTION (pipes), TRANSACTION2 (searching, renaming), NT_TRANSACT (creating).
 *
 *    words: total parameters(2) total data(2) most parameters(2) most data(2) most setup(1) 0(1)
 *           flags(2) timeout(4) 0(2) parameters: count(2) place(2); data: count(2) place(2);
 *           setup: count(1) 0(1) words
 *    reply: total parameters(2) total data(2) 0(2) parameters: count(2) place(2) displacement(2);
 *           data: count(2) place(2) displacement(2); setup: count(1) 0(1) words
 *
 * MS-CIFS sections 2.2.4.33, 2.2.4.46, 2.2.4.62; NT_TRANSACT has four bytes where the others have
 * two. Places count from the header. Only what fits one message is read. */
#include "dissectors/smb/smb1.h"

#define TRANS_TRANSACT_NMPIPE 0x26

#define TRANS2_FIND_FIRST2            1
#define TRANS2_QUERY_PATH_INFORMATION 5
#define TRANS2_SET_FILE_INFORMATION   8

#define SMB_SET_FILE_DISPOSITION_INFO 0x102
/* Information levels of NT, 1000 above their numbers there (MS-SMB section 2.2.2.3.5). */
#define PASS_THROUGH_RENAME           (1000 + 10)
#define PASS_THROUGH_DISPOSITION      (1000 + 13)

#define NT_TRANSACT_CREATE 1

/* What a transaction carries, and where. */
struct parts {
	struct bytes parameters;
	uint32_t data_at, data_length;
	struct reader setup;
	uint32_t parameters_at;
};

static struct parts request_parts(struct dissection *d, struct smb_message *m,
                                  const struct smb1_block *b)
{
	struct reader r = smb1_words(b, 18);
	struct parts p = {0};
	uint16_t count = reader_u16le(&r);

	p.parameters_at = reader_u16le(&r);
	p.data_length = reader_u16le(&r);
	p.data_at = reader_u16le(&r);

	uint8_t setup = reader_u8(&r);

	reader_skip(&r, 1);
	p.setup = reader_inside(&r, 2u * setup);
	p.parameters = smb_part(d, m, p.parameters_at, count);
	if (!reader_ok(&r))
		m->wrong = "transaction cut short";
	return p;
}

/* \PIPE\ with a FID: DCE/RPC. */
static void pipe_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                         const struct smb1_block *b, struct parts *p)
{
	uint16_t function = reader_u16le(&p->setup), fid = reader_u16le(&p->setup);
	struct smb_file *file;

	if (!reader_ok(&p->setup) || function != TRANS_TRANSACT_NMPIPE)
		return;
	file = smb1_file(d, h, fid);
	if (!file)
		return;
	m->data_at = p->data_at;
	m->data_length = p->data_length;
	m->file = record_reference(&file->record);
	smb1_keep(d, h, b->command, file);
}

/* The name at the end of the parameters. */
static struct bytes name_of(struct dissection *d, const struct smb1_header *h,
                            const struct parts *p, struct reader r)
{
	return smb1_text(d, h, &r, p->parameters_at, p->parameters);
}

/* `folder\pattern` */
static void find_first(struct dissection *d, const struct smb1_header *h, struct parts *p,
                       struct reader r)
{
	struct bytes path;
	struct smb_file *file;
	size_t at;

	reader_skip(&r, 12);
	path = name_of(d, h, p, r);
	at = path.len;
	while (at && path.at[at - 1] != '\\')
		at--;
	file = smb1_named(d, h, "search", bytes_slice(path, 0, at ? at - 1 : 0));
	if (!file)
		return;
	smb_file_pattern(file, bytes_slice(path, at, path.len));
	smb1_keep(d, h, SMB_COM_TRANSACTION2, file);
}

/* replace(4) root(4) length(4) name */
static void set_file(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                     struct parts *p, struct reader r)
{
	uint16_t fid = reader_u16le(&r), level = reader_u16le(&r);
	struct bytes info = smb_part(d, m, p->data_at, p->data_length);
	struct reader data = reader_over(info);
	struct smb_file *file = reader_ok(&r) ? smb1_file(d, h, fid) : NULL;
	struct smb_request *request;
	bool disposition =
	        level == SMB_SET_FILE_DISPOSITION_INFO || level == PASS_THROUGH_DISPOSITION;

	if (!file)
		return;
	request = smb1_keep(d, h, SMB_COM_TRANSACTION2, file);
	if (request && disposition && reader_u8(&data) & 1)
		request->detail = FILE_DELETED;
	if (!request || level != PASS_THROUGH_RENAME)
		return;
	reader_skip(&data, 8);

	struct reader name = reader_inside(&data, reader_u32le(&data));

	if (!reader_ok(&data))
		return;
	smb_file_rename(file, smb1_text(d, h, &name, 0, reader_rest(&name)));
	request->detail = FILE_RENAMED;
}

static void transaction2_request(struct dissection *d, const struct smb1_header *h,
                                 struct smb_message *m, struct parts *p)
{
	struct reader r = reader_over(p->parameters);
	struct smb_file *file;

	switch (reader_u16le(&p->setup)) {
	case TRANS2_FIND_FIRST2:
		find_first(d, h, p, r);
		return;
	case TRANS2_QUERY_PATH_INFORMATION:
		reader_skip(&r, 6);
		file = smb1_named(d, h, "query", name_of(d, h, p, r));
		if (file)
			smb1_keep(d, h, SMB_COM_TRANSACTION2, file);
		return;
	case TRANS2_SET_FILE_INFORMATION:
		set_file(d, h, m, p, r);
		return;
	default:
		return;
	}
}

/* words: most setup(1) 0(2) six counts(24), place of parameters among them; function(2) */
static void nt_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                       const struct smb1_block *b)
{
	struct reader words = smb1_words(b, 19);
	uint32_t count = reader_u32le(&words), at = reader_u32le(&words);

	reader_skip(&words, 9);

	uint16_t function = reader_u16le(&words);

	if (!reader_ok(&words) || function != NT_TRANSACT_CREATE)
		return;

	struct bytes parameters = smb_part(d, m, at, count);
	struct reader r = reader_over(parameters);

	/* flags(4) root(4) access(4) size(8) attributes(4) sharing(4) disposition(4) options(4)
	 * descriptor(4) attributes(4) length of the name(4) impersonation(4) security(1) name */
	reader_skip(&r, 8);

	uint32_t access = reader_u32le(&r);

	reader_skip(&r, 16);

	uint32_t disposition = reader_u32le(&r), options = reader_u32le(&r);

	reader_skip(&r, 17);
	if (m->wrong || !reader_ok(&r))
		return;

	struct smb_file *file = smb1_named(d, h, "open", smb1_text(d, h, &r, at, parameters));

	if (!file)
		return;
	file->access = access;
	file->disposition = disposition;
	file->options = options;
	file->facts |= FILE_ACCESS | FILE_DISPOSITION;
	smb1_keep(d, h, b->command, file);
}

void smb1_transaction_request(struct dissection *d, const struct smb1_header *h,
                              struct smb_message *m, const struct smb1_block *b)
{
	struct parts p;

	if (b->command == SMB_COM_NT_TRANSACT) {
		nt_request(d, h, m, b);
		return;
	}
	p = request_parts(d, m, b);
	if (m->wrong)
		return;
	if (b->command == SMB_COM_TRANSACTION)
		pipe_request(d, h, m, b, &p);
	else
		transaction2_request(d, h, m, &p);
}

/* What came out of a pipe. */
static void pipe_reply(struct smb_message *m, const struct smb1_block *b,
                       const struct smb_file *file)
{
	struct reader r = smb1_words(b, 12);
	uint16_t count = reader_u16le(&r), at = reader_u16le(&r);

	if (!reader_ok(&r))
		return;
	m->data_at = at;
	m->data_length = count;
	m->file = record_reference(&file->record);
}

/* words: 0(3) totals(8) parameters: count(4) place(4) displacement(4) ...; the parameters:
 * oplock(1) 0(1) FID(2) action(4) error(4) times(32) attributes(4) allocated(8) size(8) type(2)
 * state(2) directory(1) */
static void nt_create_reply(struct dissection *d, const struct smb1_header *h,
                            struct smb_message *m, const struct smb1_block *b,
                            struct smb_file *file)
{
	struct reader words = smb1_words(b, 11);
	uint32_t count = reader_u32le(&words), at = reader_u32le(&words);
	uint8_t id[16];

	if (!smb_succeeded(h->status) || !reader_ok(&words)) {
		smb_file_answered(d, file, h->status, NULL);
		return;
	}

	struct bytes parameters = smb_part(d, m, at, count);
	struct reader r = reader_over(parameters);

	reader_skip(&r, 2);
	smb1_file_id(reader_u16le(&r), id);
	file->action = reader_u32le(&r);
	reader_skip(&r, 48);
	file->size = reader_u64le(&r);
	reader_skip(&r, 4);
	if (reader_u8(&r))
		file->facts |= FILE_DIRECTORY;
	if (reader_ok(&r))
		file->facts |= FILE_ACTION | FILE_SIZE;
	smb_file_answered(d, file, h->status, reader_ok(&r) ? id : NULL);
}

void smb1_transaction_reply(struct dissection *d, const struct smb1_header *h,
                            struct smb_message *m, const struct smb1_block *b,
                            const struct smb_request *request)
{
	struct smb_file *file = request ? smb_file_at(d, request->file) : NULL;

	if (!file)
		return;
	if (b->command == SMB_COM_NT_TRANSACT) {
		nt_create_reply(d, h, m, b, file);
		return;
	}
	if (b->command == SMB_COM_TRANSACTION) {
		if (smb_succeeded(h->status) || h->status == STATUS_BUFFER_OVERFLOW)
			pipe_reply(m, b, file);
		return;
	}
	if (smb_succeeded(h->status))
		file->facts |= request->detail;
	if (file->open)
		return;
	/* It was only named: searched, or asked about. */
	if (smb_succeeded(h->status) && file->pattern_len)
		file->listings++;
	smb_file_answered(d, file, h->status, NULL);
}
