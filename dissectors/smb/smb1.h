/* The parts of SMB version 1: header, blocks of words and bytes, requests, replies. */
#ifndef CMTAP_DISSECTORS_SMB_SMB1_H
#define CMTAP_DISSECTORS_SMB_SMB1_H

#include "dissectors/smb/smb.h"

#define SMB1_HEADER 32

/* MS-CIFS section 2.2.2.1 */
enum smb1_command {
	SMB_COM_CREATE_DIRECTORY = 0x00,
	SMB_COM_DELETE_DIRECTORY = 0x01,
	SMB_COM_CLOSE = 0x04,
	SMB_COM_DELETE = 0x06,
	SMB_COM_RENAME = 0x07,
	SMB_COM_QUERY_INFORMATION = 0x08,
	SMB_COM_CHECK_DIRECTORY = 0x10,
	SMB_COM_TRANSACTION = 0x25,
	SMB_COM_OPEN_ANDX = 0x2d,
	SMB_COM_READ_ANDX = 0x2e,
	SMB_COM_WRITE_ANDX = 0x2f,
	SMB_COM_TRANSACTION2 = 0x32,
	SMB_COM_TREE_CONNECT = 0x70,
	SMB_COM_TREE_DISCONNECT = 0x71,
	SMB_COM_NEGOTIATE = 0x72,
	SMB_COM_SESSION_SETUP_ANDX = 0x73,
	SMB_COM_LOGOFF_ANDX = 0x74,
	SMB_COM_TREE_CONNECT_ANDX = 0x75,
	SMB_COM_NT_TRANSACT = 0xa0,
	SMB_COM_NT_CREATE_ANDX = 0xa2,
	SMB_COM_NT_RENAME = 0xa5,
	SMB_COM_NO_ANDX_COMMAND = 0xff,
};

#define SMB_FLAGS2_SIGNATURE          0x0004u
#define SMB_FLAGS2_SIGNATURE_REQUIRED 0x0010u
#define SMB_FLAGS2_NT_STATUS          0x4000u
#define SMB_FLAGS2_UNICODE            0x8000u

struct smb1_header {
	uint8_t command, flags;
	uint16_t flags2, tid, uid, mid;
	uint32_t pid, status; /* status: DOS errors as 0xe0000000 | class << 16 | code */
	bool is_signed, unicode;
};

/* One command of a message: its words, and the bytes behind them. */
struct smb1_block {
	uint8_t command;
	struct bytes words, bytes;
	uint32_t bytes_at; /* where they stand in the message */
};

static inline struct reader smb1_words(const struct smb1_block *b, size_t at)
{
	return reader_over(bytes_slice(b->words, at, b->words.len));
}

/* Requests wait by MID, PID and command: the commands of a chain share the first two. */
static inline uint64_t smb1_message_id(const struct smb1_header *h, uint8_t command)
{
	return (uint64_t)command << 48 | (uint64_t)h->pid << 16 | h->mid;
}

/* A FID as an id of a file. */
static inline void smb1_file_id(uint16_t fid, uint8_t id[16])
{
	memset(id, 0, 16);
	id[0] = (uint8_t)fid;
	id[1] = (uint8_t)(fid >> 8);
}

/* A text up to its NUL or the end, consumed; `at` is its place in the message: UTF-16 stands at
 * even ones. As UTF-8 in scratch. */
struct bytes smb1_text(struct dissection *d, const struct smb1_header *h, struct reader *r,
                       uint32_t bytes_at, struct bytes bytes);

void smb1_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                  const struct smb1_block *b);
void smb1_reply(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                const struct smb1_block *b);

/* smb1_session.c: NEGOTIATE, SESSION_SETUP_ANDX */
void smb1_negotiate_request(struct dissection *d, const struct smb1_header *h,
                            struct smb_message *m, const struct smb1_block *b);
void smb1_negotiate_reply(struct dissection *d, struct smb_message *m, const struct smb1_block *b);
void smb1_session_request(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                          const struct smb1_block *b);
void smb1_session_reply(struct dissection *d, const struct smb1_header *h, struct smb_message *m,
                        const struct smb1_block *b, const struct smb_request *request);

/* smb1_transaction.c: TRANSACTION, TRANSACTION2, NT_TRANSACT */
void smb1_transaction_request(struct dissection *d, const struct smb1_header *h,
                              struct smb_message *m, const struct smb1_block *b);
void smb1_transaction_reply(struct dissection *d, const struct smb1_header *h,
                            struct smb_message *m, const struct smb1_block *b,
                            const struct smb_request *request);

/* What every request about a file keeps. */
struct smb_request *smb1_keep(struct dissection *d, const struct smb1_header *h, uint8_t command,
                              struct smb_file *file);
/* A file that is only named: what was asked of it is told with the answer. */
struct smb_file *smb1_named(struct dissection *d, const struct smb1_header *h,
                            const char *operation, struct bytes name);
/* The open file of that FID, or NULL. */
struct smb_file *smb1_file(struct dissection *d, const struct smb1_header *h, uint16_t fid);

#endif
