/* SMB 2 and 3 as its parties say it (MS-SMB2 section 2.2). Everything that is made lives until the
 * program ends. */
#ifndef CMTAP_TESTS_SUPPORT_SMB_BYTES_H
#define CMTAP_TESTS_SUPPORT_SMB_BYTES_H

#include "tests/support/message.h"
#include "tests/support/token.h"
#include "tests/support/trial.h"

enum smb2_said { NEGOTIATE, SETUP, LOGOFF, TREE, UNTREE, OPEN, CLOSE, FLUSH, READ, WRITE };

#define RELATED 0x4u
#define SIGNED  0x8u

/* What a message's header says besides; what is zero is usual. */
struct smb2 {
	uint16_t command;
	uint32_t status, flags, tree, next;
	uint64_t message, session;
};

/* A message of a side: header and body. A signed one has a signature. */
struct bytes smb2_said(enum side side, struct smb2 head, struct bytes body);
/* A message in a frame of its own. */
struct bytes smb_frame(struct bytes message);
/* Messages of one frame: each but the last is filled up to a multiple of eight, and says where the
 * next begins. */
struct bytes smb2_compound(const struct bytes *messages, size_t count);

/* Bodies. Requests: */
struct bytes smb2_setup(struct bytes token);
struct bytes smb2_tree(const char *path);
struct bytes smb2_open(const char *name);
/* The file's id is one number, twice; UINT64_MAX is that of the compound. */
struct bytes smb2_close(uint64_t file);
struct bytes smb2_read(uint64_t file, uint32_t length);
struct bytes smb2_write(uint64_t file, struct bytes data);
/* Replies: */
struct bytes smb2_setup_done(uint16_t flags, struct bytes token);
struct bytes smb2_tree_done(uint8_t type);
struct bytes smb2_opened(uint64_t file, uint64_t size);
struct bytes smb2_closed(void);
struct bytes smb2_data(struct bytes data);
struct bytes smb2_written(uint32_t length);

/* A connection to port 445 on which session 1 of CORP\svc_naa has tree 1, \\dp01\SMSPKGD$. */
void smb_begin(struct trial *t);
/* Only the opening of the connection. */
void smb_connect(struct trial *t);
/* Session 1 logs on; its proof. */
struct bytes smb_proof(void);
/* A request, or reply, in session 1 and tree 1. */
void smb_says(struct trial *t, enum side side, uint16_t command, uint64_t message,
              struct bytes body);
/* The event of a kind by its place among them, or NULL. */
const struct event *smb_event(const struct trial *t, enum event_kind kind, size_t index);
size_t smb_count(const struct trial *t, enum event_kind kind);

#define SMB(ev, f)       text_of(ev, FIELD_CONFIGMGR_SMB_##f)
#define SMB_BYTES(ev, f) event_integer(ev, FIELD_CONFIGMGR_SMB_BYTES_##f, -1)

#endif
