/* The state of one SMB connection: what was negotiated, who is logged on, which shares and files
 * are open, which requests wait for their reply.
 *
 * Sessions, trees, files and requests are records in blocks, each kind capped by the config; when a
 * cap is reached the oldest goes, and is told as far as it is known. Versions 1 and 2 share all of
 * it: a UID, TID or FID of version 1 is a short id. The worker that owns the flow owns the state.
 */
#ifndef CMTAP_DISSECTORS_SMB_SMB_H
#define CMTAP_DISSECTORS_SMB_SMB_H

#include "core/reader.h"
#include "dissectors/auth/logon.h"
#include "dissectors/dissector.h"
#include "dissectors/smb/records.h"

#define STATUS_SUCCESS                  0u
#define STATUS_PENDING                  0x00000103u
#define STATUS_BUFFER_OVERFLOW          0x80000005u
#define STATUS_MORE_PROCESSING_REQUIRED 0xc0000016u

/* Dialects as MS-SMB2 numbers them; 1 stands for NT LM 0.12. */
enum smb_dialect {
	DIALECT_UNKNOWN = 0,
	DIALECT_NT_LM_0_12 = 1,
	DIALECT_2_0_2 = 0x0202,
	DIALECT_2_1 = 0x0210,
	DIALECT_2_WILDCARD = 0x02ff, /* the answer to a version 1 negotiate; another follows */
	DIALECT_3_0 = 0x0300,
	DIALECT_3_0_2 = 0x0302,
	DIALECT_3_1_1 = 0x0311,
};

#define SIGNING_ENABLED  0x1
#define SIGNING_REQUIRED 0x2

/* A text of at most 64 bytes, kept whole or not at all. */
#define SMB_TEXT_MAX 64

struct smb_text {
	uint8_t len;
	char text[SMB_TEXT_MAX];
};

struct smb_session {
	struct record record;
	uint64_t id;        /* 0: not given yet */
	struct logon logon; /* the one in progress, or the last */
	struct logon_account account;
	bool proved;   /* a proof of it was seen and accepted */
	bool answered; /* the server said something to the proof */
	bool open;     /* it let it in, and said so */
	bool guest, null, encrypted;
	bool transformed[2]; /* encrypted messages were seen, by side */
	uint8_t mode;        /* SecurityMode of its setup */
};

#define TREE_PATH_MAX 320

struct smb_tree {
	struct record record;
	struct record_reference session;
	uint32_t id;
	bool open;
	const char *type; /* disk, pipe, print; NULL: not known */
	bool encrypted;   /* the share demands encryption */
	bool path_cut;
	uint16_t path_len;
	char path[TREE_PATH_MAX]; /* \\host\share as UTF-8 */
};

#define FILE_NAME_MAX    400
#define FILE_RENAME_MAX  256
#define FILE_PATTERN_MAX 64

/* Which facts of a file are known. */
enum file_fact {
	FILE_NAMED = 1,
	FILE_ACCESS = 2,      /* `access` */
	FILE_DISPOSITION = 4, /* `disposition`, `options` */
	FILE_ACTION = 8,
	FILE_SIZE = 16,
	FILE_STATUS = 32, /* the outcome of opening it, or of what was asked by name */
	FILE_CUT = 64,    /* its name is longer than what is kept */
	FILE_RENAMED = 128,
	FILE_DELETED = 256,
	FILE_DIRECTORY = 512,
	FILE_SIGNED = 1024,
	FILE_NOT_SIGNED = 2048,
	FILE_IS_PIPE = 4096,
	FILE_LISTED = 8192,
	FILE_RENAME_CUT = 16384,
	FILE_EVICTED = 32768, /* given up for a newer one */
};

struct smb_file {
	struct record record;
	struct record_reference session, tree;
	uint8_t id[16];
	bool open;
	const char *operation; /* open, rename, delete, ...: what the first request was */
	unsigned facts;        /* enum file_fact */
	uint32_t access, disposition, options, action, status;
	uint64_t size, bytes_read, bytes_written;
	uint32_t reads, writes, listings;
	int64_t opened_at;
	uint16_t name_len, rename_len, pattern_len;
	char name[FILE_NAME_MAX];
	char pattern[FILE_PATTERN_MAX];
	char rename[FILE_RENAME_MAX];
	uint32_t pipe; /* block of the struct dce_rpc that reads a pipe, or 0 */
};

/* A request that waits for its reply. */
struct smb_request {
	struct record record;
	uint64_t message_id; /* of version 1: MID and PID */
	struct record_reference session, tree, file;
	uint16_t command, detail; /* detail: what more the command was about */
};

#define SESSION_RECORD 1024
#define TREE_RECORD    416
#define FILE_RECORD    1024
#define REQUEST_RECORD 80

/* What the next bytes of a side are. */
enum smb_step {
	STEP_FRAME,   /* the four bytes before a message */
	STEP_MESSAGE, /* a message, or the next of a compound */
	STEP_DATA,    /* bytes of a pipe inside a message */
	STEP_RESYNC,  /* bytes were missed: look for a frame at the start of a segment */
};

struct smb_side {
	enum smb_step step;
	bool begun;
	uint32_t left; /* bytes of the frame that were not read yet */
	/* STEP_DATA: bytes of the message before, of and behind the data */
	uint32_t before, data, behind;
	struct record_reference file; /* whose data it is */
	/* of the compound: what a related message leaves out */
	struct record_reference related_session, related_tree, related_file;
};

struct smb_state {
	struct smb_side side[2];
	struct records sessions, trees, files, requests;
	struct record_list session, tree, file, request;
	uint32_t serial;
	uint16_t dialect;   /* enum smb_dialect, once chosen */
	uint16_t offered;   /* bits in the order of the table of dialects */
	uint16_t nt_places; /* version 1: where NT LM 0.12 stands in the list of dialects, a bit
	                       each */
	uint8_t mode[2];    /* SecurityMode, by side */
	bool mode_seen[2];
	bool malformed;               /* it was told that a message breaks its format */
	bool clear;                   /* a file was opened that everyone on the way can read */
	const char *cipher, *signing; /* chosen by 3.1.1 contexts */
	struct smb_text netname;
	bool challenged; /* version 1: the challenge of a server without extended security */
	uint8_t challenge[8];
};

/* The beginning of a message, as far as it is needed and there. */
struct smb_message {
	struct bytes in;  /* from its header on; no further than the message */
	uint32_t length;  /* of the whole message */
	uint32_t data_at; /* where bytes of a file stand in it, and how many */
	uint32_t data_length;
	struct record_reference file; /* whose they are */
	const char *wrong;            /* how it breaks its format, or NULL */
};

/* smb2.c, smb1.c: read the message at the beginning of m->in, of which `left` bytes belong to the
 * frame. MORE when not enough of it is there. */
enum verdict smb2_message(struct dissection *d, enum side from, uint32_t left,
                          struct smb_message *m);
enum verdict smb1_message(struct dissection *d, enum side from, uint32_t left,
                          struct smb_message *m);

/* compressed.c: the same, as far as it is not compressed. */
enum verdict smb_compressed_message(struct dissection *d, enum side from, uint32_t left,
                                    struct smb_message *m);

/* A part of a message, by its place and length. Where it lies beyond what is kept of a long
 * message, the part is empty and the event degraded; where it lies beyond the message, m->wrong is
 * set. */
struct bytes smb_part(struct dissection *d, struct smb_message *m, uint64_t at, uint64_t length);

/* connection.c: sessions, trees, files, requests */

/* A new one, the oldest going where the cap is reached; NULL when there is no memory. */
struct smb_session *smb_session_new(struct dissection *d);
struct smb_tree *smb_tree_new(struct dissection *d, const struct smb_session *session);
struct smb_file *smb_file_new(struct dissection *d, const struct smb_session *session,
                              const struct smb_tree *tree, const char *operation);
/* A request of that id; one that waits under the same id is forgotten. */
struct smb_request *smb_request_new(struct dissection *d, uint64_t message_id, unsigned command);

/* By what the wire calls them; NULL when not known. */
struct smb_session *smb_session_by_id(struct dissection *d, uint64_t id);
/* The only session whose proof waits for an answer, which was lost when the client uses an id that
 * nobody was seen to give: it gets that id. NULL when there is none, or more than one. */
struct smb_session *smb_session_adopt(struct dissection *d, uint64_t id);
struct smb_tree *smb_tree_by_id(struct dissection *d, uint32_t id);
struct smb_file *smb_file_by_id(struct dissection *d, const uint8_t id[16]);
struct smb_request *smb_request_by_id(struct dissection *d, uint64_t message_id);

/* By reference; NULL when it is gone. */
struct smb_session *smb_session_at(struct dissection *d, struct record_reference reference);
struct smb_tree *smb_tree_at(struct dissection *d, struct record_reference reference);
struct smb_file *smb_file_at(struct dissection *d, struct record_reference reference);

void smb_request_done(struct dissection *d, struct smb_request *request);
/* Each ends what hangs on it as well, and tells of files. */
void smb_file_end(struct dissection *d, struct smb_file *file);
void smb_tree_end(struct dissection *d, struct smb_tree *tree);
void smb_session_end(struct dissection *d, struct smb_session *session);
/* Bytes of both sides were lost: ids may mean other things by now. */
void smb_forget(struct dissection *d);
/* The connection is over. */
void smb_connection_end(struct dissection *d);

/* Answers that mean the same in both versions. */

/* The server's word on a session setup that is not to be continued. */
void smb_session_answered(struct dissection *d, struct smb_session *session, uint32_t status);
void smb_tree_answered(struct dissection *d, struct smb_tree *tree, uint32_t status);
/* A file is open under `id`, or was refused: then it is told and gone. */
void smb_file_answered(struct dissection *d, struct smb_file *file, uint32_t status,
                       const uint8_t id[16]);

/* Keeps a name of a file, or what it is renamed to, without leading backslashes. */
void smb_file_name(struct smb_file *file, struct bytes utf8);
void smb_file_rename(struct smb_file *file, struct bytes utf8);
void smb_file_pattern(struct smb_file *file, struct bytes utf8);
void smb_tree_path(struct smb_tree *tree, struct bytes utf8);
void smb_text_set(struct smb_text *to, struct bytes utf8);
/* Whether a request about the file was signed. */
void smb_file_signing(struct smb_file *file, bool is_signed);

/* The account of a session, from a security token of a session setup. */
void smb_session_token(struct dissection *d, struct smb_session *session, enum side from,
                       struct bytes token);

/* The client has said who it is: tells of it where no answer is to be expected. */
void smb_session_proved(struct dissection *d, struct smb_session *session);

/* Bytes of a pipe. */
void smb_pipe_data(struct dissection *d, enum side from, struct smb_file *file, struct bytes data);
/* Bytes of a side were lost, perhaps of pipes. */
void smb_pipes_lost(struct dissection *d, enum side from);

/* facts.c: events */

void smb_tell_session(struct dissection *d, const struct smb_session *session, bool answered,
                      uint32_t status);
void smb_tell_tree(struct dissection *d, const struct smb_tree *tree, uint32_t status);
void smb_tell_file(struct dissection *d, const struct smb_file *file);
/* What was negotiated (context: the state), in any event. */
void smb_negotiated_facts(const void *context, struct event *ev);
/* Who is logged on, in any event. */
void smb_session_facts(const struct smb_session *session, struct event *ev);
/* anonymous, guest, authenticated; NULL: not known. */
const char *smb_session_state(const struct smb_session *session);
void smb_offered(struct smb_state *st, unsigned dialect);

static inline bool smb_succeeded(uint32_t status)
{
	return !(status & 0x80000000u);
}

static inline struct bytes smb_text_view(const struct smb_text *text)
{
	return (struct bytes){(const uint8_t *)text->text, text->len};
}

#endif
